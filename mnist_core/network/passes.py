"""The forward and the backward pass in NumPy, with every value between a pixel and a gradient.

Reads a network's parameters and labelled inputs, and gives what the lessons show: their pages print these
functions as source. Training does not come through here; Keras and TensorFlow do it, and the tests hold
the two against each other. The equations BP1 to BP4 are those of Nielsen, "Neural Networks and Deep
Learning" (2015), chapter 2.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import Float32Array, ReadOnlyArrays
from mnist_core.config import Activation
from mnist_core.network.parameters import (
    ACTIVATION_FUNCTIONS,
    Parameters,
    cross_entropy,
    flat_vector,
    softmax,
)

ACTIVATION_DERIVATIVES: Final[Mapping[Activation, Callable[[Float32Array, Float32Array], Float32Array]]] = {
    "relu": lambda z, _: (z > 0).astype(z.dtype),  # at 0, where there is none, 0 as in Keras
    "tanh": lambda _, a: 1 - a**2,
    "sigmoid": lambda _, a: a * (1 - a),
    "none": lambda z, _: np.ones_like(z),
}
"""da/dz, element by element, from the weighted sum z and the activation a = f(z)."""


@dataclass(frozen=True, eq=False)
class ForwardPass(ReadOnlyArrays):
    """Every value on the way from n images to their probabilities; arrays are read-only.

    Attributes:
        inputs: Shape (n, 784).
        weighted_sums: One (n, units) array a layer of neurons, the output layer's (n, 10) last.
        activations: One (n, units) array a hidden layer.
        probabilities: Shape (n, 10), each row positive and summing to 1.
    """

    inputs: Float32Array
    weighted_sums: tuple[Float32Array, ...]
    activations: tuple[Float32Array, ...]
    probabilities: Float32Array

    @property
    def logits(self) -> Float32Array:
        """The output layer's weighted sums, shape (n, 10)."""
        return self.weighted_sums[-1]


@dataclass(frozen=True, eq=False)
class Gradients(ReadOnlyArrays):
    """Derivatives of the mean loss of n images, first hidden layer first; arrays are read-only.

    Attributes:
        weights: One array a layer, of the shape of `Parameters.weights`.
        biases: One array a layer, of the shape of `Parameters.biases`.
        weighted_sums: One (n, units) array a layer: Nielsen's δ, divided by n for the mean.
        activations: One (n, units) array a hidden layer.
        loss: The mean cross-entropy in nats, plus the L2 term.
    """

    weights: tuple[Float32Array, ...]
    biases: tuple[Float32Array, ...]
    weighted_sums: tuple[Float32Array, ...]
    activations: tuple[Float32Array, ...]
    loss: float

    def flat(self) -> NDArray[np.float64]:
        """All of them as one vector, shape (n_parameters,): layer by layer, weights before biases."""
        return flat_vector(self.weights, self.biases)


class SummedProducts(ReadOnlyArrays):
    """For a frozen dataclass with `products`, any shape: what is above 0 among them, and what is below."""

    products: NDArray[Any]

    @property
    def sum_of_positive(self) -> float:
        """The sum of the products above 0."""
        return float(self.products.clip(min=0).sum())

    @property
    def sum_of_negative(self) -> float:
        """The sum of the products below 0."""
        return float(self.products.clip(max=0).sum())


@dataclass(frozen=True, eq=False)
class NeuronTerms(SummedProducts):
    """One neuron's sum on one image, term by term; arrays are read-only.

    Attributes:
        inputs: Shape (fan-in,), the pixels or the activations of the previous layer.
        weights: Shape (fan-in,).
        products: Shape (fan-in,), inputs × weights.
        bias: Added to the sum of the products.
        weighted_sum: That sum.
        activation: The neuron's output; for an output neuron its digit's probability.
    """

    inputs: Float32Array
    weights: Float32Array
    products: Float32Array
    bias: float
    weighted_sum: float
    activation: float


def forward(parameters: Parameters, inputs: Float32Array) -> ForwardPass:
    """The forward pass: z = a W + b and a = f(z), layer after layer (Goodfellow et al., algorithm 6.3).

    Args:
        parameters: L layers of neurons.
        inputs: Shape (n, 784), as training prepares them; float64 inputs make every value float64.
    """
    activate = ACTIVATION_FUNCTIONS[parameters.activation]
    weighted_sums = [inputs @ parameters.weights[0] + parameters.biases[0]]
    activations: list[Float32Array] = []
    for weights, biases in zip(parameters.weights[1:], parameters.biases[1:], strict=True):
        activations.append(activate(weighted_sums[-1]))  # a = f(z)
        weighted_sums.append(activations[-1] @ weights + biases)  # z = a W + b
    return ForwardPass(inputs, tuple(weighted_sums), tuple(activations), softmax(weighted_sums[-1]))


def backward(parameters: Parameters, passed: ForwardPass, labels: NDArray[Any], l2: float = 0.0) -> Gradients:
    """The backward pass: the chain rule from the loss back to every weight (Rumelhart et al., 1986).

    Softmax and cross-entropy together have the short derivative p − y (Nielsen, chapter 3, equation 81).
    From there each layer hands its gradient to the one before (Goodfellow et al., algorithm 6.4).

    Args:
        parameters: The ones `passed` was computed with.
        passed: Of n images.
        labels: Shape (n,), integers 0 to 9.
        l2: Weight of the sum of squared weights, not biases, in the loss, as in Keras.

    Raises:
        ValueError: There is no image, or not one label an image.
    """
    losses = losses_of_images(passed.logits, labels)
    one_hot = np.eye(passed.logits.shape[1], dtype=passed.logits.dtype)[labels]
    da_dz = ACTIVATION_DERIVATIVES[parameters.activation]
    deltas = [(passed.probabilities - one_hot) / len(labels)]  # BP1: δ = (p − y) / n
    activations: list[Float32Array] = []
    for layer in range(len(parameters.weights) - 1, 0, -1):
        activations.insert(0, deltas[0] @ parameters.weights[layer].T)  # ∂L/∂a = δ Wᵀ of the layer after
        z, a = passed.weighted_sums[layer - 1], passed.activations[layer - 1]
        deltas.insert(0, activations[0] * da_dz(z, a))  # BP2: δ = ∂L/∂a ⊙ f′(z)
    received = (passed.inputs, *passed.activations)
    return Gradients(
        weights=tuple(  # BP4: ∂L/∂W = aᵀ δ, with a of the previous layer; the L2 term adds 2 λ W
            a.T @ delta + 2 * l2 * w for a, delta, w in zip(received, deltas, parameters.weights, strict=True)
        ),
        biases=tuple(delta.sum(axis=0) for delta in deltas),  # BP3: ∂L/∂b = Σ δ over the images
        weighted_sums=tuple(deltas),
        activations=tuple(activations),
        loss=float(losses.mean(dtype=np.float64)) + l2 * parameters.sum_of_squares,
    )


def stepped(parameters: Parameters, gradients: Gradients, learning_rate: float) -> Parameters:
    """One update of plain gradient descent: w ← w − learning rate × ∂L/∂w, and the same for b."""
    return Parameters(
        tuple(w - learning_rate * g for w, g in zip(parameters.weights, gradients.weights, strict=True)),
        tuple(b - learning_rate * g for b, g in zip(parameters.biases, gradients.biases, strict=True)),
        parameters.activation,
    )


def collapsed(parameters: Parameters) -> tuple[Float32Array, Float32Array]:
    """The one layer that a network without activation is: (a W₁ + b₁) W₂ + b₂ = a (W₁ W₂) + (b₁ W₂ + b₂).

    Returns:
        W of shape (784, 10) and b of shape (10,), float32: ``inputs @ W + b`` are the logits.

    Raises:
        ValueError: The hidden layers have an activation, and no single layer does what they do.
    """
    if parameters.activation != "none":
        raise ValueError(f"Layers collapse into one only with activation none, not {parameters.activation}.")
    product, bias = parameters.weights[0], parameters.biases[0]
    for weights, biases in zip(parameters.weights[1:], parameters.biases[1:], strict=True):
        product, bias = product @ weights, bias @ weights + biases
    return product, bias


def neuron_terms(parameters: Parameters, inputs_row: Float32Array, layer: int, unit: int) -> NeuronTerms:
    """The sum of one neuron on one image: z = Σ wᵢ aᵢ + b, then f(z).

    Args:
        parameters: Of the network.
        inputs_row: Shape (784,), one prepared image.
        layer: 0 is the first hidden layer.
        unit: Which neuron of that layer.
    """
    passed = forward(parameters, inputs_row[np.newaxis])
    inputs = (passed.inputs, *passed.activations)[layer][0]
    weights = parameters.weights[layer][:, unit]
    return NeuronTerms(
        inputs=inputs,
        weights=weights,
        products=inputs * weights,
        bias=float(parameters.biases[layer][unit]),
        weighted_sum=float(passed.weighted_sums[layer][0, unit]),
        activation=float((*passed.activations, passed.probabilities)[layer][0, unit]),
    )


def losses_of_images(logits: Float32Array, labels: NDArray[Any]) -> Float32Array:
    """The cross-entropy of each image, once it is sure that each has its label."""
    if not len(logits) or labels.shape != (len(logits),):
        raise ValueError(f"Each image needs a label: {len(logits)} images, labels of shape {labels.shape}.")
    return cross_entropy(logits, labels)
