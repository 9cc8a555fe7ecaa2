"""The ladder: ways to read digits, from one answer for all images to a trained network.

Each rung is judged on the same test images. What a rung without training knows, it has counted on the
training images; the last two rungs are trained.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from mnist_core.analysis.evaluation import Evaluation
from mnist_core.analysis.intervals import Interval, wilson_interval
from mnist_core.arrays import ByteArray, Float32Array, Float64Array, IndexArray, in_chunks, read_only
from mnist_core.config import CLASSIC, N_DIGITS, NetworkConfig, RunConfig
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import flatten, network_inputs

RungName = Literal["always", "ink", "means", "bias", "straight", "bent"]
RUNGS: Final[tuple[RungName, ...]] = get_args(RungName)
"""From the bottom up."""
TRAINED: Final[Mapping[RungName, RunConfig]] = {
    "straight": RunConfig(NetworkConfig(CLASSIC.network.hidden_units, "none"), CLASSIC.training),
    "bent": CLASSIC,
}
"""The rungs that are networks: the classic one, and the same without an activation function."""
INK_BINS: Final = read_only(np.linspace(0, 0.4, 81))
"""Edges of the bins in which images are counted by their ink."""


@dataclass(frozen=True)
class Rung:
    """One way to read digits, and how good it is.

    Attributes:
        accuracy: Share of the test images that it reads correctly, 0 to 1.
        interval: Its 95% Wilson interval.
    """

    accuracy: float
    interval: Interval


def counted_rungs(dataset: Dataset) -> dict[RungName, Rung]:
    """The rungs that need no training, by name, from the bottom up."""
    answer = most_frequent_digit(dataset.train_labels)
    ink = mean_inks(dataset.train_images, dataset.train_labels)
    weights = mean_images(dataset.train_images, dataset.train_labels)
    biases = biases_of_means(weights)
    labels = dataset.test_labels
    answers: dict[RungName, NDArray[np.integer]] = {
        "always": np.full(len(labels), answer),
        "ink": read_by_ink(dataset.test_images, ink),
        "means": read_by_sums(dataset.test_images, weights, np.zeros(N_DIGITS)),
        "bias": read_by_sums(dataset.test_images, weights, biases),
    }
    return {name: _judged(read == labels) for name, read in answers.items()}


def trained_rung(evaluation: Evaluation) -> Rung:
    """A rung that is a network, from what it reads on the test images."""
    return Rung(evaluation.accuracy, evaluation.interval)


def most_frequent_digit(labels: NDArray[np.integer]) -> int:
    """The digit that most labels, shape (n,), name; the smallest of those that are equally frequent."""
    return int(np.bincount(labels, minlength=N_DIGITS).argmax())


def ink_amounts(images: ByteArray) -> Float64Array:
    """The mean pixel of each image, (n, 28, 28) → (n,), from 0 for no ink to 1 for ink everywhere."""
    amounts: Float64Array = flatten(images).mean(axis=1, dtype=np.float64) / 255
    return amounts


def mean_inks(images: ByteArray, labels: NDArray[np.integer]) -> Float64Array:
    """The mean amount of ink of each digit, shape (10,); infinite for a digit without images."""
    amounts = ink_amounts(images)
    digits = range(N_DIGITS)
    return np.array([amounts[labels == d].mean() if (labels == d).any() else np.inf for d in digits])


def read_by_ink(images: ByteArray, inks: Float64Array) -> IndexArray:
    """For each image the digit whose mean amount of ink, shape (10,), is closest to its own: shape (n,)."""
    read: IndexArray = np.abs(ink_amounts(images)[:, None] - inks).argmin(axis=1)
    return read


def mean_images(images: ByteArray, labels: NDArray[np.integer]) -> Float64Array:
    """The mean of the images of each digit as a column: (784, 10), pixels from 0 to 1."""
    means = np.zeros((flatten(images).shape[1], N_DIGITS))
    for digit in np.unique(labels):
        means[:, digit] = flatten(images[labels == digit]).mean(axis=0) / 255
    return means


def biases_of_means(weights: Float64Array) -> Float64Array:
    """−|m|²/2 for each mean image m, a column of (784, 10): shape (10,).

    With them the largest sum x·m − |m|²/2 belongs to the mean that is closest to the image x, because
    |x − m|² = |x|² − 2 (x·m − |m|²/2), and |x|² is the same for all ten.
    """
    biases: Float64Array = -(weights**2).sum(axis=0) / 2
    return biases


def read_by_sums(images: ByteArray, weights: Float64Array, biases: Float64Array) -> IndexArray:
    """For each image the digit with the largest of ten weighted sums.

    Args:
        images: uint8, shape (n, 28, 28).
        weights: Shape (784, 10).
        biases: Shape (10,).

    Returns:
        Shape (n,).
    """
    single: Float32Array = weights.astype(np.float32)
    sums = [network_inputs(chunk) @ single + biases.astype(np.float32) for chunk in in_chunks(images)]
    read: IndexArray = np.concatenate(sums).argmax(axis=1)
    return read


@dataclass(frozen=True)
class InkRule:
    """What comes of the rule "an image with less ink than a limit is a certain digit".

    Attributes:
        n_called: Images that the rule calls this digit.
        n_right: Those of them that are.
        n_of_digit: All images of the digit.
    """

    n_called: int
    n_right: int
    n_of_digit: int

    @property
    def found(self) -> float:
        """Share of the digit's images that the rule finds, 0 to 1; 0 where there are none."""
        return self.n_right / self.n_of_digit if self.n_of_digit else 0.0

    @property
    def wrong(self) -> float:
        """Share of the images called this digit that are another one, 0 to 1; 0 where there are none."""
        return 1 - self.n_right / self.n_called if self.n_called else 0.0


def judge_ink_rule(amounts: Float64Array, is_digit: NDArray[np.bool_], limit: float) -> InkRule:
    """Judge the rule "less ink than the limit" on images.

    Args:
        amounts: Ink of each, shape (n,), 0 to 1.
        is_digit: Shape (n,), whether each is the digit.
        limit: 0 to 1.
    """
    is_called = amounts < limit
    return InkRule(int(is_called.sum()), int((is_called & is_digit).sum()), int(is_digit.sum()))


def ink_counts(
    amounts: Float64Array, is_digit: NDArray[np.bool_]
) -> tuple[IndexArray, IndexArray, Float64Array]:
    """How many images have how much ink: those of a digit, all others, and the edges of the bins.

    Args:
        amounts: Ink of each, shape (n,), 0 to 1.
        is_digit: Shape (n,), whether each is the digit.

    Returns:
        Twice shape (bins,), and shape (bins + 1,).
    """
    of_digit, edges = np.histogram(amounts[is_digit], INK_BINS)
    return of_digit, np.histogram(amounts[~is_digit], INK_BINS)[0], edges


def _judged(is_right: NDArray[np.bool_]) -> Rung:
    n_right, n = int(is_right.sum()), len(is_right)
    return Rung(n_right / n, wilson_interval(n_right, n))
