"""The moments of the two passes of one image, each with the numbers that a sentence about it names.

Reads what `network_trace` and `backward_trace` found. The moments are those of the player in the browser:
the start, a layer forward each, the errors at the outputs, for each hidden layer what arrives and what its
slopes leave of it, then the gradients of each layer's weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mnist_core.analysis.backward_trace import BackwardSignal
from mnist_core.analysis.network_trace import Signal


@dataclass(frozen=True)
class PassMoment:
    """One moment of the two passes.

    Attributes:
        name: Which kind of moment it is.
        numbers: The numbers that a sentence about it may name: whole ones are counts and numbers of neurons,
            digits and layers, the others what they have, send or receive.
    """

    name: str
    numbers: Mapping[str, float | int]


def moments_of(signal: Signal, back: BackwardSignal, label: int) -> tuple[PassMoment, ...]:
    """All moments in order, of one image whose true digit is `label`."""
    n_hidden = len(back.arriving)
    forward = [_forward(signal, layer) for layer in range(n_hidden)]
    backward = [part for layer in reversed(range(n_hidden)) for part in _backward(signal, back, layer)]
    weights = [_gradient(signal, back, layer) for layer in reversed(range(n_hidden))]
    probability = float(signal.probabilities[label])
    truth = {"label": label, "probability": probability}
    wrong = _rival(signal, label)
    rival = {"wrong": wrong, "rival": float(signal.probabilities[wrong])}
    errors = {"error": float(back.errors[-1][label]), "rival_error": float(back.errors[-1][wrong])}
    return (
        PassMoment("start", {"label": label}),
        *forward,
        PassMoment("outputs", truth | {"loss": back.loss}),
        PassMoment("errors", truth | rival | errors),
        *backward,
        *weights,
        _pixels(signal, back),
    )


def _rival(signal: Signal, label: int) -> int:
    """The wrong digit with the largest probability."""
    is_label = np.arange(len(signal.probabilities)) == label
    return int(np.where(is_label, -1, signal.probabilities).argmax())


def _forward(signal: Signal, layer: int) -> PassMoment:
    activations = signal.layers[layer].activations
    i = int(np.abs(activations).argmax())
    numbers = {"n": signal.layers[layer].n_units, "unit": int(signal.layers[layer].drawn[i])}
    return PassMoment("hidden" if layer else "first", numbers | {"activation": float(activations[i])})


def _backward(signal: Signal, back: BackwardSignal, layer: int) -> tuple[PassMoment, PassMoment]:
    """What arrives at a hidden layer and what its slopes leave, told of the neuron with the largest error."""
    i = _largest(back, layer)
    sender = int(np.abs(back.sent[layer][i]).argmax())
    slope, unit = float(back.slopes[layer][i]), int(signal.layers[layer].drawn[i])
    shared = {"unit": unit, "arriving": float(back.arriving[layer][i])}
    arriving = shared | {
        "n": signal.layers[layer + 1].n_units,
        "sender": int(signal.layers[layer + 1].drawn[sender]),
        "error": float(back.errors[layer + 1][sender]),
        "sent": float(back.sent[layer][i, sender]),
    }
    scaled = shared | {
        "n_units": signal.layers[layer].n_units,
        "n_silent": back.n_silent[layer],
        "slope": slope,
        "error": float(back.errors[layer][i]),
    }
    is_last = layer == len(back.arriving) - 1
    return PassMoment("arriving" if is_last else "arriving from hidden", arriving), PassMoment(
        "slope", scaled
    )


def _gradient(signal: Signal, back: BackwardSignal, layer: int) -> PassMoment:
    """The gradients between a hidden layer and the next, told of the largest."""
    gradients = back.gradients[layer]
    i, k = (int(place) for place in np.unravel_index(int(np.abs(gradients).argmax()), gradients.shape))
    numbers = {
        "unit": int(signal.layers[layer].drawn[i]),
        "receiver": int(signal.layers[layer + 1].drawn[k]),
        "activation": float(signal.layers[layer].activations[i]),
        "error": float(back.errors[layer + 1][k]),
        "gradient": float(gradients[i, k]),
    }
    return PassMoment("gradient" if layer == len(back.arriving) - 1 else "gradient between hidden", numbers)


def _pixels(signal: Signal, back: BackwardSignal) -> PassMoment:
    i = _largest(back, 0)
    error = float(back.errors[0][i])
    return PassMoment("pixels", {"unit": int(signal.layers[0].drawn[i]), "error": error})


def _largest(back: BackwardSignal, layer: int) -> int:
    """The drawn neuron with the largest error by size; where all are 0, the one at which most arrives."""
    errors = np.abs(back.errors[layer])
    return int((errors if errors.any() else np.abs(back.arriving[layer])).argmax())
