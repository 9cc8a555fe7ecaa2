"""What the neurons of a hidden layer have learned: measures to sort them by, and what excites each.

Reads a network and its activations on labelled images; the page "Inside" shows what is found. All of it is
NumPy. Neurons of the first hidden layer see the pixels, so their weights make images; those of later layers
see the neurons before them, and their weights make no image.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import Float32Array, ReadOnlyArrays, in_chunks, read_only
from mnist_core.config import N_DIGITS, Preparation
from mnist_core.images.preparation import in_image_order, network_inputs
from mnist_core.network.parameters import Parameters

Measure = Literal["norm", "mean", "zero", "outgoing"]
MEASURES: Final[tuple[Measure, ...]] = get_args(Measure)
MEASURE_NAMES: Final[Mapping[Measure, str]] = {
    "norm": "size of its weights",
    "mean": "mean activation",
    "zero": "share of images at 0",
    "outgoing": "strongest outgoing weight",
}
"""In words, as a control or a table needs them."""


@dataclass(frozen=True, eq=False)
class NeuronMeasures(ReadOnlyArrays):
    """What the neurons of one hidden layer can be sorted by; read-only float64 arrays, one value a neuron.

    Attributes:
        norm: Euclidean norm of the incoming weights, √Σ w², without the bias.
        mean: Mean activation over the images.
        zero: Share of the images on which the activation is exactly 0, from 0 to 1. Only ReLU makes many
            zeros; tanh, sigmoid and no activation make hardly any.
        outgoing: Of the weights that lead to the next layer, the one farthest from 0, with its sign.
    """

    norm: NDArray[np.float64]
    mean: NDArray[np.float64]
    zero: NDArray[np.float64]
    outgoing: NDArray[np.float64]

    def order(self, measure: Measure) -> NDArray[np.int64]:
        """The neurons' numbers, largest value first, of equals the lower number first; outgoing by size.

        Args:
            measure: What to sort by; the sign of outgoing weights does not count.
        """
        values = getattr(self, measure)
        return np.argsort(-(np.abs(values) if measure == "outgoing" else values), kind="stable")


def layer_activations(
    parameters: Parameters,
    images: NDArray[np.uint8],
    layer: int,
    preparation: Preparation = "usual",
) -> Float32Array:
    """The activations of one hidden layer, some images at a time.

    Args:
        parameters: Of the network.
        images: uint8, shape (n, 28, 28).
        layer: 0 is the first hidden layer.
        preparation: What the network was trained with.

    Returns:
        Float32, shape (n, units), read-only; not finite where the weights are not.

    Raises:
        ValueError: There is no such hidden layer.
    """
    check_layer(parameters, layer)
    with np.errstate(all="ignore"):  # a network that diverged
        chunks = [
            parameters.hidden_activations(network_inputs(chunk, preparation))[layer]
            for chunk in in_chunks(images)
        ]
    return read_only(np.concatenate(chunks))


def measure_neurons(parameters: Parameters, layer: int, activations: Float32Array) -> NeuronMeasures:
    """All measures of a hidden layer.

    Args:
        parameters: Of the network.
        layer: 0 is the first hidden layer.
        activations: Of that layer on some images, shape (n, units).

    Raises:
        ValueError: There is no such hidden layer.
    """
    check_layer(parameters, layer)
    outgoing = parameters.weights[layer + 1].astype(np.float64)
    farthest = np.abs(outgoing).argmax(axis=1)
    return NeuronMeasures(
        norm=np.linalg.norm(parameters.weights[layer].astype(np.float64), axis=0),
        mean=activations.mean(axis=0, dtype=np.float64),
        zero=(activations == 0).mean(axis=0),
        outgoing=np.take_along_axis(outgoing, farthest[:, None], axis=1)[:, 0],
    )


def strongest_images(activations: Float32Array, unit: int, n_images: int) -> NDArray[np.int64]:
    """The images on which a neuron's activation is largest, strongest first; none where it is at its lowest.

    So a ReLU neuron has no images here on which it is 0, and a neuron that is the same on every image none
    at all.

    Args:
        activations: Shape (n, units).
        unit: Which neuron.
        n_images: How many to give at most.
    """
    values = activations[:, unit]
    strongest = np.argsort(-values, kind="stable")[:n_images]
    chosen: NDArray[np.int64] = strongest[values[strongest] > values.min()]
    return chosen


def mean_by_digit(
    activations: Float32Array, labels: NDArray[np.integer[Any]], unit: int
) -> NDArray[np.float64]:
    """A neuron's mean activation on the images of each digit.

    Args:
        activations: Shape (n, units).
        labels: Shape (n,), 0 to 9.
        unit: Which neuron.

    Returns:
        Shape (10,); not a number for a digit of which there is no image.
    """
    totals = np.bincount(labels, weights=activations[:, unit], minlength=N_DIGITS)
    counts = np.bincount(labels, minlength=N_DIGITS)
    means: NDArray[np.float64] = np.where(counts > 0, totals / np.maximum(counts, 1), np.nan)
    return means


def weight_images(parameters: Parameters, preparation: Preparation = "usual") -> Float32Array:
    """The incoming weights of each neuron of the first hidden layer, each at the place of its pixel.

    Args:
        parameters: Of the network.
        preparation: What it was trained with; shuffled pixels are put back where they came from.

    Returns:
        Shape (units, 28, 28).
    """
    return in_image_order(parameters.weights[0].T, preparation)


def largest_weight(parameters: Parameters, layer: int) -> float:
    """The size of the weight farthest from 0 in a layer."""
    return float(np.abs(parameters.weights[layer]).max())


def full_color_weight(parameters: Parameters, layer: int) -> float:
    """The size from which on a weight has the full colour: one scale for all neurons of a layer.

    995 of 1,000 weights are closer to 0; a scale up to the very largest would leave all others pale.
    """
    return float(np.quantile(np.abs(parameters.weights[layer]), 0.995, method="higher"))


def check_layer(parameters: Parameters, layer: int) -> None:
    """Raise `ValueError` unless the network has such a hidden layer; 0 is the first."""
    n_hidden = len(parameters.weights) - 1
    if not 0 <= layer < n_hidden:
        raise ValueError(f"layer must be from 0 to {n_hidden - 1}, not {layer}.")
