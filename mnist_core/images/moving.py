"""Images moved by whole pixels; what is moved in is black."""

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import ByteArray
from mnist_core.images.preparation import IMAGE_SHAPE


def places_of(images: ByteArray, most: int) -> ByteArray:
    """Images at every place that is up to so many pixels away.

    Args:
        images: uint8, shape (n, 28, 28).
        most: Pixels up or down and to either side.

    Returns:
        A view of shape (n, 2 most + 1, 2 most + 1, 28, 28), for `move`.
    """
    padded = np.pad(images, ((0, 0), (most, most), (most, most)))
    return np.lib.stride_tricks.sliding_window_view(padded, IMAGE_SHAPE, axis=(1, 2))


def move(places: ByteArray, right: NDArray[np.integer], down: NDArray[np.integer]) -> ByteArray:
    """Each image moved to the right and down, by numbers of pixels of shape (n,), which may be negative.

    Args:
        places: Of the images, from `places_of`.
        right: To the right.
        down: Down.

    Returns:
        uint8, shape (n, 28, 28).
    """
    most = places.shape[1] // 2
    moved: ByteArray = places[np.arange(len(places)), most - down, most - right]
    return moved
