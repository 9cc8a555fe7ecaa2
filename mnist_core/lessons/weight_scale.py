"""How large starting weights should be: activations and derivatives layer by layer, and the formulas.

Everything here is about a network before its first update.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from mnist_core.arrays import Float64Array, ReadOnlyArrays
from mnist_core.config import DEFAULT, Activation, Initializer, NetworkConfig
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import network_inputs
from mnist_core.lessons.starting_weights import STARTS, UNITS, is_flat
from mnist_core.network.initializers import glorot_limit
from mnist_core.network.parameters import initial_parameters
from mnist_core.network.passes import backward, forward

N_IMAGES: Final = 500
"""Training images that are measured."""
GIVEN_DEVIATIONS: Final[Mapping[Initializer, float]] = {"zeros": 0.0, "normal_0.01": 0.01, "normal_1": 1.0}
"""Standard deviations that do not depend on the layer."""
DEVIATIONS: Final = (0.003, 3.0)
"""Between which standard deviations of weights are drawn."""


@dataclass(frozen=True, eq=False)
class LayerSizes(ReadOnlyArrays):
    """How large the numbers of a network are before its first update.

    The size of many numbers is their root mean square.

    Attributes:
        activations: Shape (layers,): of the pixels, of each hidden layer's outputs, and of the logits.
        gradients: Shape (layers − 1,): of the derivatives of one image's loss with respect to the weighted
            sums of each hidden layer and of the output layer.
        flat: Shape (layers − 2,), the share of each hidden layer's activations where the slope is nearly 0.
        outputs: Of each hidden layer, shape (images, neurons).
    """

    activations: Float64Array
    gradients: Float64Array
    flat: Float64Array
    outputs: tuple[np.ndarray, ...]


def layer_sizes(
    initializer: Initializer, n_hidden: int, activation: Activation, dataset: Dataset
) -> LayerSizes:
    """Let the first training images pass through an untrained network, forwards and backwards."""
    network = NetworkConfig((UNITS,) * n_hidden, activation)
    parameters = initial_parameters(network, DEFAULT.training.seed, initializer)
    images, labels = dataset.train_images[:N_IMAGES], dataset.train_labels[:N_IMAGES]
    passed = forward(parameters, network_inputs(images))
    gradients = backward(parameters, passed, labels)
    layers = (passed.inputs, *passed.activations, passed.logits)
    hidden = zip(passed.weighted_sums[:-1], passed.activations, strict=True)
    return LayerSizes(
        np.array([size_of(layer) for layer in layers]),
        np.array([len(images) * size_of(layer) for layer in gradients.weighted_sums]),  # the loss is a mean
        np.array([is_flat(activation, z, a).mean() for z, a in hidden]),
        passed.activations,
    )


def size_of(values: np.ndarray) -> float:
    """The root mean square of any numbers."""
    return float(np.sqrt(np.square(values, dtype=np.float64).mean()))


def standard_deviation(initializer: Initializer, fan_in: int, fan_out: int) -> float:
    """σ of the starting weights of a layer of `fan_out` neurons with `fan_in` inputs each.

    Numbers that are spread evenly between −a and a have σ = a / √3. He et al. (2015), equation 10: √(2 / n).
    """
    if initializer == "glorot_uniform":
        return glorot_limit(fan_in, fan_out) / math.sqrt(3)
    if initializer == "he_normal":
        return math.sqrt(2 / fan_in)
    return GIVEN_DEVIATIONS[initializer]


def expected_growth(fan_in: int, deviation: float, has_relu: bool) -> float:
    """By how much a layer of random weights changes the size of what arrives at it.

    A sum of n products with independent weights of mean 0 has the mean square n σ² times that of the inputs.
    ReLU then sets the negative half to 0: half of the mean square is left.
    """
    return deviation * math.sqrt(fan_in / 2 if has_relu else fan_in)


@dataclass(frozen=True, eq=False)
class Growth(ReadOnlyArrays):
    """What one layer of the classic network does to the size of its inputs, by how large its weights are.

    Attributes:
        fan_in: n, the inputs of each neuron.
        fan_out: m, the neurons.
        has_relu: Whether ReLU follows, as after the hidden layer.
        deviations: Shape (2,), standard deviations of weights.
        expected: Shape (2,), what the formula gives for them.
        starts: The standard deviation of the weights of each start.
        by_formula: What the formula gives for each start.
        measured: Size of the outputs over that of the inputs of each start, on real images.
    """

    fan_in: int
    fan_out: int
    has_relu: bool
    deviations: Float64Array
    expected: Float64Array
    starts: Mapping[Initializer, float]
    by_formula: Mapping[Initializer, float]
    measured: Mapping[Initializer, float]


def growth_of(layer: int, dataset: Dataset) -> Growth:
    """The growth in the hidden layer (0) or the output layer (1) of the classic network."""
    network = DEFAULT.network
    fan_in, fan_out = network.layer_sizes[layer : layer + 2]
    has_relu = layer == 0
    deviations = {start: standard_deviation(start, fan_in, fan_out) for start in STARTS}
    sizes = {start: layer_sizes(start, 1, network.activation, dataset).activations for start in STARTS}
    pairs = {start: each[layer : layer + 2].tolist() for start, each in sizes.items()}
    measured = {start: after / before if before else 0.0 for start, (before, after) in pairs.items()}
    return Growth(
        fan_in,
        fan_out,
        has_relu,
        np.array(DEVIATIONS),
        np.array([expected_growth(fan_in, deviation, has_relu) for deviation in DEVIATIONS]),
        deviations,
        {start: expected_growth(fan_in, deviation, has_relu) for start, deviation in deviations.items()},
        measured,
    )
