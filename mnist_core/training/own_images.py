"""Where own images stand among the training images, and which of them an epoch takes.

They stand behind the images of the dataset, in a fixed number of rows, so that nothing is compiled anew for
another number of them. An epoch keeps its length: at a share of its places, drawn at random, own images take
the places of others.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import ByteArray
from mnist_core.bounds import MAX_DRAWINGS, MAX_OWN_DIGITS
from mnist_core.images.mixture import Mixture

OWN_STREAM: Final = 104
"""Of a seed: see the others in `training_set`."""
ROWS: Final = (MAX_OWN_DIGITS, MAX_DRAWINGS)
"""Rows for own images: those of a visit, or of a class."""


def n_rows(mixture: Mixture | None) -> int:
    """Rows behind the images of the dataset; the last ones are empty, and nothing takes them."""
    return 0 if mixture is None else next(rows for rows in ROWS if rows >= len(mixture.labels))


def with_rows(array: NDArray[Any], own: NDArray[Any], mixture: Mixture) -> NDArray[Any]:
    """Images or labels of a dataset, shape (n, …), with the own ones and empty rows behind them."""
    empty = np.zeros((n_rows(mixture) - len(own), *own.shape[1:]), own.dtype)
    return np.concatenate([array, own, empty])


def pictures(images: ByteArray, mixture: Mixture | None, numbers: NDArray[np.integer[Any]]) -> ByteArray:
    """Images by their numbers, uint8 (k, 28, 28).

    Args:
        images: Of the dataset, uint8 (n, 28, 28).
        mixture: Has the images with the numbers from n on.
        numbers: Shape (k,).
    """
    is_own = numbers >= len(images)
    chosen: ByteArray = images[np.where(is_own, 0, numbers)]
    if mixture is not None:
        chosen[is_own] = mixture.images[numbers[is_own] - len(images)]
    return chosen


def mix(
    order: NDArray[np.int32], mixture: Mixture, n_images: int, epoch: int, seed: int
) -> NDArray[np.int32]:
    """The order of an epoch with own images at a share of its places, at least at one.

    All own images come about the same number of times: one after the other in a random order, then again.

    Args:
        order: Numbers of MNIST's images, shape (n,).
        mixture: The own images.
        n_images: Of the dataset; the first own image has this number.
        epoch: From 1.
        seed: Of the run.

    Returns:
        A new array of the same shape.
    """
    random = np.random.default_rng([seed, OWN_STREAM, epoch])
    n_places, n_own = max(1, round(mixture.share * len(order))), len(mixture.labels)
    places = random.permutation(len(order))[:n_places]
    rounds = [random.permutation(n_own) for _ in range(-(-n_places // n_own))]
    mixed = order.copy()
    mixed[places] = n_images + np.concatenate(rounds)[:n_places]
    return mixed
