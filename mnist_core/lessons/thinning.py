"""One image on its way through a network from which dropout has left out some hidden neurons.

What is left is called a thinned network (Srivastava et al., 2014). Which neurons an update leaves out is
drawn where training draws it, in `mnist_core/training/dropout.py`.
"""

from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from mnist_core.analysis.network_trace import Signal, trace_signal
from mnist_core.arrays import Float32Array
from mnist_core.config import RunConfig
from mnist_core.network.parameters import ACTIVATION_FUNCTIONS, Parameters, softmax
from mnist_core.training.dropout import kept_neurons, thinned

_Scalar = TypeVar("_Scalar", bound=np.generic)

N_MASKS: Final = 200
"""Thinned networks that are counted."""


@dataclass(frozen=True, eq=False)
class ThinnedSignal:
    """One image on its way through a thinned network.

    Attributes:
        signal: With the connections as they are then; activations are those before dropout.
        left_out: For each hidden layer, whether each of its drawn neurons is left out.
        factor: What the activations of all others are multiplied by, 1 / (1 − p).
    """

    signal: Signal
    left_out: tuple[NDArray[np.bool_], ...]
    factor: float


@dataclass(frozen=True)
class Readings:
    """What a network and many thinned ones say of one image.

    Attributes:
        whole: Probability of its true digit with all neurons, 0 to 1.
        thinned: The same of each thinned network.
        n_right: How many thinned networks read it correctly.
    """

    whole: float
    thinned: tuple[float, ...]
    n_right: int


def masks_of(config: RunConfig, dropout: float, first: int, n: int) -> NDArray[np.bool_]:
    """Which hidden neurons take part in updates with a batch of one image, in epoch 1 of a run.

    Args:
        config: Of the run, for its seed and its neurons.
        dropout: The probability p with which each neuron is left out.
        first: Updates before these.
        n: How many updates.

    Returns:
        Shape (n, units), the neurons of all hidden layers side by side.
    """
    one_at_a_time = config.in_epoch(1).with_changes(dropout=dropout, batch_size=1)
    return kept_neurons(one_at_a_time, 1, first, n)[:, 0]


def trace_thinned(
    parameters: Parameters, inputs: Float32Array, kept: NDArray[np.bool_], dropout: float
) -> ThinnedSignal:
    """Send one image through a thinned network.

    Args:
        parameters: Of the whole network.
        inputs: Shape (784,), the prepared image.
        kept: Shape (units,), which neurons of all hidden layers take part.
        dropout: The probability p with which each was left out.
    """
    signal = trace_signal(thinned(parameters, kept, dropout), inputs)
    hidden = zip(signal.layers, _by_layer(~kept, parameters), strict=False)
    return ThinnedSignal(signal, tuple(out[layer.drawn] for layer, out in hidden), 1 / (1 - dropout))


def read_thinned(
    parameters: Parameters, inputs: Float32Array, label: int, masks: NDArray[np.bool_], dropout: float
) -> Readings:
    """What the whole network and a thinned one for each mask say of one image.

    Args:
        parameters: Of the whole network.
        inputs: Shape (784,), the prepared image.
        label: Its true digit.
        masks: Shape (n, units), from `masks_of`.
        dropout: The probability p they were drawn with.
    """
    activate = ACTIVATION_FUNCTIONS[parameters.activation]
    factors = (masks / (1 - dropout)).astype(np.float32)
    received = np.broadcast_to(inputs, (len(masks), len(inputs)))
    layers = zip(parameters.weights[:-1], parameters.biases[:-1], strict=True)
    for (weights, biases), factor in zip(layers, _by_layer(factors, parameters), strict=True):
        received = activate(received @ weights + biases) * factor
    outputs = softmax(received @ parameters.weights[-1] + parameters.biases[-1])
    return Readings(
        whole=float(parameters.probabilities(inputs[None])[0, label]),
        thinned=tuple(map(float, outputs[:, label])),
        n_right=int((outputs.argmax(axis=1) == label).sum()),
    )


def _by_layer(values: NDArray[_Scalar], parameters: Parameters) -> list[NDArray[_Scalar]]:
    """Values of all hidden neurons, side by side along the last axis, for each hidden layer."""
    return np.split(values, np.cumsum(parameters.network.hidden_units)[:-1], axis=-1)
