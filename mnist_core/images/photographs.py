"""A photograph of a digit as somebody uploads it: unpacked safely, upright, and the digits in it.

Reads the bytes of a file that nobody has checked, gives pictures of the kind that
`drawing.prepare_like_mnist` takes, and says in one sentence what is wrong with a file that cannot be read.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from mnist_core.arrays import ByteArray, ReadOnlyArrays
from mnist_core.images.contrast import contrast_of
from mnist_core.images.ink import Ink, find_ink
from mnist_core.images.pen_width import with_usual_width
from mnist_core.images.photograph_files import PhotographError, decode
from mnist_core.images.pieces import Group, Window

SIDE: Final = 560
"""Pixels of the sides of a digit's own picture, as on the canvas."""
_DIGIT: Final = 400  # of them, those that the digit's longer side takes
_SHOWN: Final = 640  # pixels of the longer side of the picture that is shown


@dataclass(frozen=True, eq=False)
class FoundDigit(ReadOnlyArrays):
    """A digit in a photograph; arrays are uint8 (560, 560) and read-only.

    Attributes:
        window: Of its ink in the photograph: top, left, bottom and right, as shares of its sides.
        ink: As if it had been drawn on the canvas: 0 is paper, 255 is ink, its lines as wide as the canvas's.
    """

    window: tuple[float, float, float, float]
    ink: ByteArray


@dataclass(frozen=True, eq=False)
class Photograph(ReadOnlyArrays):
    """A photograph and the digits in it.

    Attributes:
        picture: uint8 (h, w, 3), upright.
        digits: The likeliest first.
        is_dark_on_light: Whether it was turned round, because MNIST's ink is bright.
    """

    picture: ByteArray
    digits: tuple[FoundDigit, ...]
    is_dark_on_light: bool


def read_photograph(content: bytes) -> Photograph:
    """The digits in an uploaded file.

    Raises:
        PhotographError: It is too large, damaged, animated, of another kind, or shows nothing.
    """
    picture = decode(content)
    ink = find_ink(contrast_of(picture))
    if ink is None:
        raise PhotographError("There is nothing on this picture that stands out like ink from paper.")
    digits = tuple(_digit(ink, group) for group in ink.groups)
    return Photograph(picture, digits, ink.is_dark)


def _digit(ink: Ink, group: Group) -> FoundDigit:
    """The group's ink at the canvas's size: enlarged, parted from the paper at half its strength, widened."""
    top, left, bottom, right = group.window
    height, width = ink.labels.shape
    window = (top / height, left / width, bottom / height, right / width)
    scale = _DIGIT / group.size
    around = int(np.ceil((SIDE - _DIGIT) / 2 / scale))
    middle = ((top + bottom) / 2, (left + right) / 2)
    half = group.size / 2 + around
    box = (middle[1] - half, middle[0] - half, middle[1] + half, middle[0] + half)
    mask = ink.mask(group)
    from scipy import ndimage

    near = ndimage.binary_dilation(mask[max(0, top - 4) : bottom + 4, max(0, left - 4) : right + 4], iterations=2)
    strength = np.zeros_like(ink.strength)
    strength[max(0, top - 4) : bottom + 4, max(0, left - 4) : right + 4] = np.where(
        near, ink.strength[max(0, top - 4) : bottom + 4, max(0, left - 4) : right + 4], 0
    )
    level = float(np.quantile(strength[mask], 0.75))
    small = Image.fromarray(np.minimum(strength, level)).transform(
        (SIDE, SIDE), Image.Transform.EXTENT, box, Image.Resampling.BICUBIC
    )
    large = np.asarray(small)
    return FoundDigit(window, with_usual_width(large > level / 2))
