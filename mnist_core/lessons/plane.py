"""A network with two hidden neurons: each image is a point on a plane, and each answer a region of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.analysis.intervals import Interval, wilson_interval
from mnist_core.arrays import ByteArray, Float32Array, IndexArray, ReadOnlyArrays, in_chunks
from mnist_core.config import NetworkConfig, RunConfig, TrainingConfig
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import Parameters

N_CELLS: Final = 100
"""Cells of the plane along each side."""
N_POINTS: Final = 300
"""Test images that are drawn."""
_SEEN: Final = 0.01
"""Share of the images beyond each end of the plane that are left out, so that most have room."""


@dataclass(frozen=True, eq=False)
class Plane(ReadOnlyArrays):
    """What a network with two hidden neurons does with the plane of their weighted sums.

    Attributes:
        first: Shape (N_CELLS,), the first neuron's sum in the middle of each cell.
        second: The same for the second neuron.
        regions: Shape (N_CELLS, N_CELLS), the digit that is read in each cell; a row has one second sum.
        points: Shape (m, 2), both sums of m test images, drawn at random once.
        labels: Shape (m,), their digits.
        accuracy: Share of all test images read correctly, 0 to 1.
        interval: Its 95% Wilson interval.
    """

    first: Float32Array
    second: Float32Array
    regions: IndexArray
    points: Float32Array
    labels: NDArray[np.integer]
    accuracy: float
    interval: Interval


def bend_pays(straight: Plane, bent: Plane) -> bool | None:
    """Whether a network with bends reads more test images than one without; None where intervals overlap."""
    if straight.interval.low <= bent.interval.high and bent.interval.low <= straight.interval.high:
        return None
    return bent.accuracy > straight.accuracy


def plane_configs(epochs: int) -> dict[str, RunConfig]:
    """Two networks with two hidden neurons, which differ in the activation function alone."""
    straight = RunConfig(NetworkConfig((2,), "none"), TrainingConfig(epochs=epochs))
    return {"No activation": straight, "ReLU": replace(straight, network=NetworkConfig((2,), "relu"))}


def weighted_sums(parameters: Parameters, images: ByteArray) -> Float32Array:
    """The sums of the first hidden layer for images, uint8 (n, 28, 28): shape (n, units)."""
    weights, biases = parameters.weights[0], parameters.biases[0]
    return np.concatenate([network_inputs(chunk) @ weights + biases for chunk in in_chunks(images)])


def plane_limits(sums: Float32Array) -> tuple[tuple[float, float], tuple[float, float]]:
    """The ends of the plane along each of two sums, (n, 2): it holds 0 and nearly all images."""
    low, high = np.quantile(sums, [_SEEN, 1 - _SEEN], axis=0)
    low, high = np.minimum(low, 0), np.maximum(high, 0)
    margin = 0.1 * (high - low) + 0.1
    first, second = np.stack([low - margin, high + margin], axis=1).tolist()
    return tuple(first), tuple(second)


def plane_of(parameters: Parameters, dataset: Dataset, limits: Sequence[Sequence[float]]) -> Plane:
    """The regions of the plane, some test images on it, and how many of all are read correctly.

    Args:
        parameters: Of a network whose first hidden layer has two neurons.
        dataset: Whose test images are drawn.
        limits: Ends of the first and of the second sum, as `plane_limits` gives them.
    """
    sums = weighted_sums(parameters, dataset.test_images)
    first, second = (np.linspace(low, high, N_CELLS, dtype=np.float32) for low, high in limits)
    cells = np.stack(np.meshgrid(first, second), axis=-1).reshape(-1, 2)
    regions = parameters.logits_from(0, cells).argmax(axis=1).reshape(N_CELLS, N_CELLS)
    is_right = parameters.logits_from(0, sums).argmax(axis=1) == dataset.test_labels
    some = np.random.default_rng(0).permutation(len(sums))[:N_POINTS]
    interval = wilson_interval(int(is_right.sum()), len(is_right))
    shown = sums[some], dataset.test_labels[some]
    return Plane(first, second, regions, *shown, float(is_right.mean()), interval)
