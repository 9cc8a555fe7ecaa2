"""One neuron taken apart: made up by hand, or one of a network, if its numbers can be shown."""

from collections.abc import Sequence

import numpy as np

from mnist_core.arrays import Float32Array
from mnist_core.config import N_DIGITS
from mnist_core.network.parameters import Parameters
from mnist_core.network.passes import NeuronTerms, neuron_terms


def neuron_by_hand(pairs: Sequence[tuple[float, float]], bias: float) -> NeuronTerms:
    """The terms of a ReLU neuron with a few inputs.

    Args:
        pairs: Each input with its weight.
        bias: Of the neuron.
    """
    inputs, weights = np.array(pairs, np.float32).T
    output_layer = np.zeros((1, N_DIGITS), np.float32), np.zeros(N_DIGITS, np.float32)  # as a network has it
    biases = np.array([bias], np.float32), output_layer[1]
    neuron = Parameters((weights[:, None], output_layer[0]), biases, "relu")
    return neuron_terms(neuron, inputs, layer=0, unit=0)


def finite_terms(parameters: Parameters, inputs: Float32Array, layer: int, unit: int) -> NeuronTerms | None:
    """A network's neuron for one image, shape (784,); None if its weights are too large to be added up.

    Args:
        parameters: Of the network.
        inputs: Of the image.
        layer: 0 is the first hidden layer.
        unit: Of the layer.
    """
    with np.errstate(all="ignore"):  # weights that are finite, but hardly so
        terms = neuron_terms(parameters, inputs, layer, unit)
    return terms if np.isfinite([terms.weighted_sum, terms.activation]).all() else None
