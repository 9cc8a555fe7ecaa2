"""A digit's lines made as wide as those of the canvas: neither a pencil's nor a marker's are MNIST's."""

from typing import Final

import numpy as np

from mnist_core.arrays import BoolArray, ByteArray

SHARE: Final = 0.09
"""Width of a line of the canvas: 18 of 200 units, as a share of the digit's longer side without the line."""
_MOST_OFF: Final = (
    0.25  # of the width, from either edge: more would cut a marker's lines where they are narrow
)
_HALF: Final = 0.5  # pixels from the middle of a pixel to its edge


def width_of(is_ink: BoolArray) -> float:
    """Pixels of the usual width of the lines: twice the distance from their middle to their edge."""
    from scipy import ndimage

    inside = ndimage.distance_transform_edt(np.pad(is_ink, 1))[1:-1, 1:-1]
    ridge = is_ink & (inside >= ndimage.maximum_filter(inside, 3))
    return float(2 * np.median(inside[ridge]) - 0.5) if ridge.any() else 0.0


def with_usual_width(is_ink: BoolArray) -> ByteArray:
    """The same lines with the canvas's width.

    Args:
        is_ink: Shape (h, w), with room around for what is added.

    Returns:
        uint8, shape (h, w): 0 is paper and 255 is ink. Nothing lies between, as on the canvas: a pixel of an
        edge that fades would count as ink where the image is cropped.
    """
    from scipy import ndimage

    rows, columns = np.flatnonzero(is_ink.any(axis=1)), np.flatnonzero(is_ink.any(axis=0))
    extent = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    width = width_of(is_ink)
    more = max((SHARE * (extent - width) - width) / 2, -_MOST_OFF * width)
    if more >= 0:
        is_usual = ndimage.distance_transform_edt(~is_ink) <= more + _HALF
    else:
        is_usual = ndimage.distance_transform_edt(is_ink) >= _HALF - more
    return np.where(is_usual, np.uint8(255), np.uint8(0))
