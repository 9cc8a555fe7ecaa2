"""What one image sets off in a network: every number that the picture of the whole network shows.

Of a large layer only the most active neurons are drawn, and how many are not is said. Sums are always over
all neurons, drawn or not.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from mnist_core.arrays import Float32Array, IndexArray, ReadOnlyArrays
from mnist_core.network.parameters import Parameters, softmax
from mnist_core.network.passes import forward

MAX_DRAWN: Final = 64
"""Neurons of a layer that are drawn; of a larger layer those with the largest activations, by size."""


@dataclass(frozen=True, eq=False)
class LayerSignal(ReadOnlyArrays):
    """The drawn neurons of one layer, k of them; arrays are read-only.

    Attributes:
        n_units: Neurons of the whole layer.
        drawn: Shape (k,), their numbers, rising.
        biases: Shape (k,).
        positive: Shape (k,), sum of the positive products of input and weight, over all inputs.
        negative: Shape (k,), sum of the negative ones.
        weighted_sums: Shape (k,), positive + negative + bias.
        activations: Shape (k,), their outputs; the output layer's are its probabilities.
        connections: Shape (j, k), activation × weight from each drawn neuron of the previous layer; for the
            first hidden layer, which sees 784 pixels, their sum in one row, j = 1.
    """

    n_units: int
    drawn: IndexArray
    biases: Float32Array
    positive: Float32Array
    negative: Float32Array
    weighted_sums: Float32Array
    activations: Float32Array
    connections: Float32Array


@dataclass(frozen=True, eq=False)
class Signal:
    """One image on its way through a network.

    Attributes:
        inputs: Shape (784,), what the first layer sees.
        layers: Every hidden layer, then the output layer, whose ten neurons are all drawn.
        weight_images: Shape (k, 784), the incoming weights of the first hidden layer's drawn neurons.
    """

    inputs: Float32Array
    layers: tuple[LayerSignal, ...]
    weight_images: Float32Array

    @property
    def probabilities(self) -> Float32Array:
        """The network's softmax outputs, shape (10,)."""
        return self.layers[-1].activations

    @property
    def prediction(self) -> int:
        """The digit with the largest probability."""
        return int(self.probabilities.argmax())


def trace_signal(parameters: Parameters, inputs: Float32Array, max_drawn: int = MAX_DRAWN) -> Signal:
    """Send one image through a network and keep what is drawn of it.

    Args:
        parameters: The network.
        inputs: Shape (784,), as `preparation.network_inputs` prepares an image.
        max_drawn: Neurons of a hidden layer that are drawn at most.
    """
    with np.errstate(all="ignore"):  # a network that diverged has infinite weights, and is shown
        passed = forward(parameters, inputs[None])
        outputs = softmax(passed.logits)
        layers: list[LayerSignal] = []
        arriving, drawn_before = inputs, None
        for number, (weights, biases) in enumerate(zip(parameters.weights, parameters.biases, strict=True)):
            is_output = number == len(parameters.weights) - 1
            activations = (outputs if is_output else passed.activations[number])[0]
            drawn = np.arange(len(biases)) if is_output else most_active(activations, max_drawn)
            products = arriving[:, None] * weights[:, drawn]
            positive = np.maximum(products, 0).sum(axis=0)
            negative = np.minimum(products, 0).sum(axis=0)
            seen = products.sum(axis=0, keepdims=True) if drawn_before is None else products[drawn_before]
            layers.append(
                LayerSignal(
                    n_units=len(biases),
                    drawn=drawn,
                    biases=biases[drawn],
                    positive=positive,
                    negative=negative,
                    weighted_sums=passed.weighted_sums[number][0, drawn],
                    activations=activations[drawn],
                    connections=seen,
                )
            )
            arriving, drawn_before = activations, drawn
    return Signal(inputs, tuple(layers), parameters.weights[0][:, layers[0].drawn].T)


def most_active(activations: Float32Array, count: int) -> IndexArray:
    """The numbers of the neurons with the largest activations by size, rising; all, if there are no more."""
    chosen = np.argsort(-np.abs(activations), kind="stable")[:count]
    return np.sort(chosen).astype(np.int64)
