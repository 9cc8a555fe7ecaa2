"""Which pixels raise a digit's logit and which lower it, for one image.

With ReLU, and with no activation, a network is one weighted sum of the pixels as long as the same neurons are
on (Montufar et al., "On the number of linear regions of deep neural networks", 2014). So for each image there
are effective weights and an effective bias that give its logit exactly. With sigmoid and tanh the same
calculation gives the gradient, which holds only for small changes of the image (Baehrens et al., "How to
explain individual classification decisions", 2010).
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import ByteArray, Float64Array
from mnist_core.config import N_DIGITS, Activation, Preparation
from mnist_core.images.preparation import IMAGE_SHAPE, in_image_order, network_inputs
from mnist_core.network.parameters import Parameters
from mnist_core.network.passes import ACTIVATION_DERIVATIVES, SummedProducts, forward

EXACT: Final[tuple[Activation, ...]] = ("relu", "none")
"""The activations with which effective weights give the logit exactly."""


@dataclass(frozen=True, eq=False)
class Evidence(SummedProducts):
    """What each pixel of an image adds to a logit, or to the difference of two; arrays are read-only.

    Attributes:
        digit: Whose logit it is.
        rival: The digit whose logit is subtracted; None for the logit alone.
        weights: Shape (28, 28), by which an input is multiplied; the gradient for sigmoid and tanh.
        products: Shape (28, 28), weights × inputs.
        bias: The effective bias, which belongs to no pixel; without a meaning where the sum is not exact.
        logit: The logit or the difference, from the forward pass.
        is_exact: Whether the products and the bias add up to it.
        n_on: Hidden neurons whose activation is not 0.
        n_hidden: Hidden neurons.
        white: The input of a white pixel: 255 for a network that is given undivided pixels, else 1.
    """

    digit: int
    rival: int | None
    weights: Float64Array
    products: Float64Array
    bias: float
    logit: float
    is_exact: bool
    n_on: int
    n_hidden: int
    white: float


def exact_inputs(images: ByteArray, preparation: Preparation = "usual") -> NDArray[Any]:
    """Images as the network is given them, but in float64, so that every sum is exact: (n, 784)."""
    return network_inputs(images, preparation).astype(np.float64)


def effective_weights(
    parameters: Parameters, inputs: NDArray[Any], wanted: NDArray[Any]
) -> tuple[Float64Array, Float64Array]:
    """The one weighted sum that a network computes for an image: its logits are weights · inputs + bias.

    It is the backward pass of the logits, layer by layer: through a neuron's weights to what it received,
    times the slope of the activation there, which with ReLU is 1 where a neuron is on and 0 where it is off.

    Args:
        parameters: The network.
        inputs: Shape (n, 784), from `exact_inputs`.
        wanted: Shape (n, 10), how many times each logit is taken: 1 for one digit, −1 for what is subtracted.

    Returns:
        Weights of shape (n, 784), the gradient with respect to the inputs, and biases of shape (n,).
    """
    passed = forward(parameters, inputs)
    slope = ACTIVATION_DERIVATIVES[parameters.activation]
    weights, bias = wanted, np.zeros(len(inputs))
    for layer in reversed(range(len(parameters.weights))):
        bias = bias + weights @ parameters.biases[layer]
        weights = weights @ parameters.weights[layer].T
        if layer > 0:  # what this layer received were activations
            weights = weights * slope(passed.weighted_sums[layer - 1], passed.activations[layer - 1])
    return weights, bias


def explain(
    parameters: Parameters,
    image: ByteArray,
    digit: int,
    rival: int | None = None,
    preparation: Preparation = "usual",
) -> Evidence:
    """The evidence for a digit in an image, or for one digit rather than another.

    Args:
        parameters: The network, its numbers finite.
        image: uint8 (28, 28).
        digit: Whose logit is explained, 0 to 9.
        rival: The digit whose logit is subtracted.
        preparation: What the network was trained with.
    """
    inputs = exact_inputs(image[None], preparation)
    wanted = np.zeros((1, N_DIGITS))
    wanted[0, digit] += 1
    if rival is not None:
        wanted[0, rival] -= 1
    weights, bias = effective_weights(parameters, inputs, wanted)
    passed = forward(parameters, inputs)
    return Evidence(
        digit=digit,
        rival=rival,
        weights=in_image_order(weights, preparation)[0],
        products=in_image_order(weights * inputs, preparation)[0],
        bias=float(bias[0]),
        logit=float((wanted * passed.logits).sum()),
        is_exact=parameters.activation in EXACT,
        n_on=sum(int((layer != 0).sum()) for layer in passed.activations),
        n_hidden=sum(layer.shape[1] for layer in passed.activations),
        white=float(exact_inputs(np.full((1, *IMAGE_SHAPE), 255, np.uint8), preparation).max()),
    )


def digits_by_logit(
    parameters: Parameters, image: ByteArray, preparation: Preparation = "usual"
) -> tuple[int, ...]:
    """The ten digits, the one with the largest logit first: what an image is read as, and the runner-up."""
    logits = parameters.logits(network_inputs(image[None], preparation))[0]
    return tuple(int(digit) for digit in np.argsort(-logits, kind="stable"))


def full_color_of(parameters: Parameters, image: ByteArray, preparation: Preparation = "usual") -> float:
    """The size from which on an effective weight has the full colour: one scale for an image's ten digits.

    97 of 100 of them are closer to 0: the largest lie near the edge, and would leave the digit pale.
    """
    inputs = exact_inputs(image[None], preparation)
    weights, _ = effective_weights(parameters, inputs.repeat(N_DIGITS, axis=0), np.eye(N_DIGITS))
    return float(np.quantile(np.abs(weights), 0.97, method="higher"))
