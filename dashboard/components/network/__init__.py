"""The network at work on one image: weight images, activations, connections and outputs, in the browser.

The browser is sent everything that it draws, once for each image or network; `signal_message` says what. It
sends back the neuron that was clicked.
"""

import base64
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dashboard.components.loader import Component, sent_by
from mnist_core.analysis.backward_trace import BackwardSignal
from mnist_core.analysis.network_trace import Signal
from mnist_core.arrays import Float32Array
from mnist_core.config import Activation, NetworkConfig
from mnist_core.figures.style import MUTED, NEGATIVE, NEURON, POSITIVE, RIGHT, WRONG
from mnist_core.lessons.thinning import ThinnedSignal

ACTIVATION_WORDS: Final[dict[Activation, str]] = {
    "relu": "ReLU:",
    "tanh": "tanh:",
    "sigmoid": "Sigmoid:",
    "none": "Output as it is:",
}
COLORS: Final = {
    "positive": POSITIVE,
    "negative": NEGATIVE,
    "right": RIGHT,
    "wrong": WRONG,
    "muted": MUTED,
    "chosen": NEURON,
}
_component: Final = Component(
    "signal",
    "network/arrange",
    "network/paint",
    "network/describe",
    "network/backward",
    "network/stage",
    "player/player",
    "signal",
)
_DIGITS: Final = 6
"""Decimals of the numbers sent: rounded to four first, 98.849% would be shown as 98.9%."""


def network_view(
    signal: Signal,
    activation: Activation,
    label: int | None = None,
    *,
    key: str,
    height: float = 0.0,
    is_beside_chart: bool = False,
    backward: tuple[BackwardSignal, Sequence[str]] | None = None,
    thinned: ThinnedSignal | None = None,
) -> tuple[int, int] | None:
    """Draw the network at work.

    Args:
        signal: From `mnist_core.analysis.network_trace.trace_signal`.
        activation: Of the hidden layers.
        label: The true digit, if it is known.
        key: The element's key.
        height: Of the layers in a small picture without controls, as a share of the window's height; 0 for
            the large one, which on a phone has its layers one below the other.
        is_beside_chart: Whether a chart of the outputs stands beside it: then its own have no numbers, and
            with a `height`, too, it has its controls and stands upright on a phone.
        backward: The way back, which is played after the way forward, and a sentence for each moment of both,
            the start included; then the outputs have numbers in any case.
        thinned: What dropout has left out of the signal; such neurons are crossed out.

    Returns:
        Layer, 0 for the first hidden one, and number of the neuron that is selected; None without one.
    """
    network = NetworkConfig(tuple(layer.n_units for layer in signal.layers[:-1]))
    selected = checked_selection(sent_by(key, "selected"), network)
    place = {"selected": selected, "height": height, "isBesideChart": is_beside_chart}
    message = signal_message(signal, activation, label) | place
    if backward is not None:
        message["backward"] = backward_message(*backward)
    if thinned is not None:
        message["dropout"] = dropout_message(thinned)
    _component(key=key, data=message, on_selected_change=lambda: None, height="content")
    return selected


def checked_selection(sent: Any, network: NetworkConfig) -> tuple[int, int] | None:
    """What the browser says was selected, if there is such a neuron; anything else is nothing selected."""
    if not isinstance(sent, Sequence) or len(sent) != 2 or not all(type(n) is int for n in sent):  # noqa: PLR2004
        return None
    layer, unit = sent
    sizes = network.layer_sizes[1:]
    return (layer, unit) if 0 <= layer < len(sizes) and 0 <= unit < sizes[layer] else None


def signal_message(signal: Signal, activation: Activation, label: int | None) -> dict[str, Any]:
    """What the browser is sent; less than 300 kB for the largest network.

    Weights and gray levels are rounded to a byte each, because they are seen as colours; every number that is
    written out comes with its decimals.
    """
    names = layer_names(len(signal.layers))
    return {
        "label": label,
        "activation": ACTIVATION_WORDS[activation],
        "colors": COLORS,
        "levels": packed(gray_levels(signal.inputs)),
        "weights": _signed_bytes(signal.weight_images),
        "layers": [
            {
                "name": name,
                "n": layer.n_units,
                "drawn": layer.drawn.tolist(),
                "biases": _rounded(layer.biases),
                "positive": _rounded(layer.positive),
                "negative": _rounded(layer.negative),
                "sums": _rounded(layer.weighted_sums),
                "activations": _rounded(layer.activations),
                "links": packed(layer.connections.astype("<f4")),
            }
            for name, layer in zip(names, signal.layers, strict=True)
        ],
    }


def backward_message(back: BackwardSignal, told: Sequence[str]) -> dict[str, Any]:
    """What the browser is sent of a backward pass, beside `signal_message`.

    Args:
        back: From `mnist_core.analysis.backward_trace.trace_backward`.
        told: A sentence for each moment.
    """
    lists = {"errors": back.errors, "arriving": back.arriving, "slopes": back.slopes}
    links = {"sent": back.sent, "gradients": back.gradients}
    return {
        "told": list(told),
        **{name: [[float(f"{v:.4g}") for v in of] for of in layers] for name, layers in lists.items()},
        **{name: [packed(of.astype("<f4")) for of in layers] for name, layers in links.items()},
        "images": _signed_bytes(back.gradient_images),
    }


def dropout_message(thinned: ThinnedSignal) -> dict[str, Any]:
    """What the browser is sent of dropout, beside `signal_message`: a list for each hidden layer."""
    return {"leftOut": [layer.tolist() for layer in thinned.left_out], "factor": thinned.factor}


def gray_levels(inputs: Float32Array) -> NDArray[np.uint8]:
    """Inputs of a network, shape (784,), as they are seen: 0 black, 255 the brightest or an input of 1."""
    levels: NDArray[np.uint8] = np.rint(255 * inputs / max(1.0, float(inputs.max()))).astype(np.uint8)
    return levels


def layer_names(n_layers: int) -> list[str]:
    """What layers are called, the output layer included."""
    if n_layers == 2:  # noqa: PLR2004, one hidden layer needs no number
        return ["Hidden layer", "Output"]
    word = "Hidden layer" if n_layers == 3 else "Hidden"  # noqa: PLR2004, more columns are too narrow for both
    return [f"{word} {n}" for n in range(1, n_layers)] + ["Output"]


def packed(array: NDArray[Any]) -> str:
    """The bytes of an array as text for JSON."""
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def _signed_bytes(images: Float32Array) -> str:
    """Numbers of both signs as a byte each, 127 the largest of all by size."""
    largest = float(np.abs(images[np.isfinite(images)]).max(initial=0.0)) or 1.0
    scaled = np.nan_to_num(127 * images / largest, nan=0.0, posinf=127, neginf=-127)
    return packed(np.rint(scaled).astype(np.int8))


def _rounded(values: NDArray[np.floating]) -> list[float | None]:
    """Numbers for JSON, which has no infinity: None there."""
    return [round(float(v), _DIGITS) if np.isfinite(v) else None for v in values]
