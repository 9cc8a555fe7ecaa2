"""Places of pixels, what a set of digits looks like, and trainings on pixels prepared in different ways."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.analysis.intervals import Interval
from mnist_core.arrays import ByteArray
from mnist_core.config import (
    N_DIGITS,
    OPTIMIZER_NAMES,
    USUAL_LEARNING_RATE,
    Optimizer,
    Preparation,
    RunConfig,
    TrainingConfig,
)
from mnist_core.images.preparation import IMAGE_SHAPE, pixel_order


def pixel_index(row: int, column: int) -> int:
    """Where `preparation.flatten` puts a pixel: row by row, so 28 · row + column, all counted from 0."""
    return IMAGE_SHAPE[1] * row + column


def pixel_place(index: int) -> tuple[int, int]:
    """Row and column of one of the 784 values: the whole part and the remainder of index / 28."""
    return divmod(index, IMAGE_SHAPE[1])


def shuffled_place(row: int, column: int) -> tuple[int, int]:
    """Row and column where `preparation.shuffle_pixels` puts a pixel."""
    return pixel_place(int(np.flatnonzero(pixel_order() == pixel_index(row, column))[0]))


def class_counts(labels: NDArray[np.integer]) -> NDArray[np.int64]:
    """How many of the labels, shape (n,), are a 0, a 1, … a 9: shape (10,)."""
    return np.bincount(labels, minlength=N_DIGITS).astype(np.int64)


def mean_digits(images: ByteArray, labels: NDArray[np.integer]) -> ByteArray:
    """The mean of all images of each digit, pixel by pixel.

    Args:
        images: uint8, shape (n, 28, 28).
        labels: Shape (n,), 0 to 9.

    Returns:
        uint8, shape (10, 28, 28): means rounded to whole gray levels, 0 for a digit without images.
    """
    means = np.zeros((N_DIGITS, *IMAGE_SHAPE))
    for digit in np.unique(labels):
        means[digit] = images[labels == digit].mean(axis=0)
    return means.round().astype(np.uint8)


def sample_digit(labels: NDArray[np.integer], digit: int, n: int, seed: int) -> NDArray[Any]:
    """Numbers of up to `n` different images of one digit, drawn at random; equal seeds draw the same."""
    numbers = np.flatnonzero(labels == digit)
    return np.random.default_rng([seed, digit]).permutation(numbers)[:n]


def do_all_overlap(intervals: Sequence[Interval]) -> bool:
    """Whether one accuracy lies within all the intervals, so that they do not tell the networks apart."""
    return max(interval.low for interval in intervals) <= min(interval.high for interval in intervals)


def shuffling_configs(epochs: int) -> dict[str, RunConfig]:
    """Trainings on usual and on shuffled pixels, each from two sets of starting weights."""
    return {
        f"{preparation}, start {seed + 1}": RunConfig(
            training=TrainingConfig(epochs=epochs, preparation=preparation, seed=seed)
        )
        for preparation in ("usual", "shuffled")
        for seed in (0, 1)
    }


def dividing_configs(epochs: int) -> dict[str, RunConfig]:
    """Trainings with and without the division by 255, with two optimisers at their usual learning rates."""
    inputs: dict[str, Preparation] = {"0 to 1": "usual", "0 to 255": "undivided"}
    optimizers: tuple[Optimizer, ...] = ("adam", "sgd")
    return {
        f"{OPTIMIZER_NAMES[optimizer]}, {words}": RunConfig(
            training=TrainingConfig(
                epochs=epochs,
                preparation=preparation,
                optimizer=optimizer,
                learning_rate=USUAL_LEARNING_RATE[optimizer],
            )
        )
        for optimizer in optimizers
        for words, preparation in inputs.items()
    }
