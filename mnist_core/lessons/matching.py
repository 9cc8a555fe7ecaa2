"""One neuron that tells two digits apart: its weighted sum measures how well an image matches a pattern."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from mnist_core.analysis.intervals import Interval, wilson_interval
from mnist_core.arrays import ByteArray, Float32Array, ReadOnlyArrays
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import network_inputs

PAIRS: Final = ((3, 8), (4, 9), (0, 1))
"""Two digits to tell apart; the neuron's sum is to be above 0 for the first one."""
Pattern = Literal["mean", "difference"]
PATTERNS: Final[tuple[Pattern, ...]] = get_args(Pattern)
"""What the weights are: the mean image of the first digit, or that minus the mean image of the second."""


@dataclass(frozen=True, eq=False)
class Match(ReadOnlyArrays):
    """A neuron with a pattern as its weights, on the test images of two digits; arrays are read-only.

    Attributes:
        weights: Shape (784,).
        bias: With which it gets most of the training images right.
        first_sums: Weighted sums of the test images of the first digit, bias included.
        second_sums: The same of the second digit.
        accuracy: Share of these test images told apart, by whether the sum is above 0: 0 to 1.
        interval: Its 95% Wilson interval.
    """

    weights: Float32Array
    bias: float
    first_sums: Float32Array
    second_sums: Float32Array
    accuracy: float
    interval: Interval


def pattern_weights(dataset: Dataset, pair: tuple[int, int], pattern: Pattern) -> Float32Array:
    """A pattern of two digits as the weights of a neuron, made of the training images: shape (784,)."""
    first, second = (_training_inputs(dataset, digit).mean(axis=0) for digit in pair)
    weights: Float32Array = first - second if pattern == "difference" else first
    return weights


def match(dataset: Dataset, pair: tuple[int, int], weights: Float32Array) -> Match:
    """Let one neuron tell two digits apart.

    Args:
        dataset: Its training images set the bias, its test images judge.
        pair: The digit whose sum is to be above 0, and the one whose sum is to be below.
        weights: Of the neuron, shape (784,).
    """
    bias = best_bias(*(_training_inputs(dataset, digit) @ weights for digit in pair))
    above, below = (
        _inputs(dataset.test_images, dataset.test_labels == digit) @ weights + bias for digit in pair
    )
    n_right, n = int((above > 0).sum() + (below <= 0).sum()), len(above) + len(below)
    return Match(weights, bias, above, below, n_right / n, wilson_interval(n_right, n))


def best_bias(first: Float32Array, second: Float32Array) -> float:
    """The bias with which most sums are on their side of 0: the first ones above, the second ones not.

    It lies in the middle between two neighbouring sums; where all sums are the same, it puts them on 0.

    Args:
        first: Sums without a bias, shape (n,).
        second: The same, shape (m,).
    """
    sums = np.concatenate([first, second]).astype(np.float64)
    is_first = np.arange(len(sums)) < len(first)
    order = np.argsort(sums, kind="stable")
    n_right = np.cumsum(~is_first[order]) + len(first) - np.cumsum(is_first[order])
    ordered = sums[order]
    is_gap = ordered[1:] > ordered[:-1]  # equal sums cannot be on both sides
    last_below = int(np.where(is_gap, n_right[:-1], -1).argmax())
    return float(-(ordered[last_below] + ordered[last_below + 1]) / 2)


def _training_inputs(dataset: Dataset, digit: int) -> Float32Array:
    return _inputs(dataset.train_images, dataset.train_labels == digit)


def _inputs(images: ByteArray, is_chosen: NDArray[np.bool_]) -> Float32Array:
    return network_inputs(images[is_chosen])
