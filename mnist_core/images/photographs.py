"""A photograph of a digit as somebody uploads it: where the digits are, and each as if drawn on the canvas.

Reads the bytes of a file that nobody has checked, gives pictures of the kind that
`drawing.prepare_like_mnist` takes, and says in one sentence what is wrong with a file that cannot be read.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_core.arrays import BoolArray, ByteArray, ReadOnlyArrays
from mnist_core.bounds import MAX_FOUND_DIGITS
from mnist_core.images.contrast import LUMA, contrast_of
from mnist_core.images.ink import Ink, find_ink
from mnist_core.images.level_lines import turn_of
from mnist_core.images.pen_width import with_usual_width
from mnist_core.images.photograph_files import PhotographError, decode

Frame = tuple[float, float, float, float]
"""Top, left, bottom and right, as shares of a picture's height and width."""
SIDE: Final = 560
"""Pixels of the sides of a digit's own picture, as on the canvas."""
SHOWN_SIDE: Final = 640
"""Pixels of the longer side of the picture that is shown."""
_DIGIT: Final = 400  # of a digit's own picture, those that its longer side takes
_EDGE: Final = 4  # pixels around a piece of ink in which it fades


@dataclass(frozen=True, eq=False)
class FoundDigit(ReadOnlyArrays):
    """A digit in a photograph.

    Attributes:
        frame: Around its ink.
        ink: uint8 (560, 560), read-only, as if it had been drawn on the canvas: 0 is paper, 255 is ink, and
            its lines are about as wide as the canvas's.
        turn: Degrees by which printed lines around it go down to the right; the ink is turned back by them.
    """

    frame: Frame
    ink: ByteArray
    turn: float


@dataclass(frozen=True, eq=False)
class Photograph(ReadOnlyArrays):
    """A photograph and what was found in it; arrays are read-only, of one size of at most 640 pixels a side.

    Attributes:
        picture: uint8 (h, w, 3), upright.
        ink: bool (h, w), the pixels of all digits.
        lines: bool (h, w), printed lines that were taken out.
        digits: At most `MAX_FOUND_DIGITS`, from left to right.
        best: The place in `digits` of the one that is clearest and largest.
        n_found: How many things of a digit's size there are.
        is_dark_on_light: Whether it was turned round, because MNIST's ink is bright.
    """

    picture: ByteArray
    ink: BoolArray
    lines: BoolArray
    digits: tuple[FoundDigit, ...]
    best: int
    n_found: int
    is_dark_on_light: bool

    @property
    def gray(self) -> ByteArray:
        """The picture's gray levels, uint8 (h, w)."""
        return (self.picture @ LUMA).astype(np.uint8)


def read_photograph(content: bytes, frame: Frame | None = None) -> Photograph:
    """The digits in an uploaded file.

    Args:
        content: The file.
        frame: Where to look for one digit; everywhere, and for several, without one.

    Raises:
        PhotographError: It is too large, damaged, animated, of another kind, or shows nothing.
    """
    picture = decode(content)
    height, width = picture.shape[:2]
    top, left, bottom, right = (0, 0, height, width) if frame is None else _in_pixels(frame, height, width)
    ink_found = find_ink(contrast_of(picture[top:bottom, left:right]))
    if ink_found is None:
        where = "on this picture" if frame is None else "inside this frame"
        raise PhotographError(
            f"There is nothing {where} that stands out like ink from paper. "
            "Write larger or with a darker pen, or come closer with the camera."
        )
    if frame is not None:
        ink_found = ink_found.as_one()
    windows = np.array([group.window for group in ink_found.groups[:MAX_FOUND_DIGITS]]) + np.array(
        (top, left, top, left)
    )
    order = np.argsort(windows[:, 1], kind="stable")
    turns = [turn_of(ink_found.lines, group.window) for group in ink_found.groups[:MAX_FOUND_DIGITS]]
    digits = tuple(
        FoundDigit(
            _share(windows[n], height, width), _as_drawn(ink_found, n, turns[n]), math.degrees(turns[n])
        )
        for n in order.tolist()
    )
    ink, lines = np.zeros((2, height, width), bool)
    ink[top:bottom, left:right] = np.isin(ink_found.labels, [n for g in ink_found.groups for n in g.labels])
    lines[top:bottom, left:right] = ink_found.lines
    shown = Image.fromarray(picture)
    shown.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    return Photograph(
        np.array(shown),
        _resized(ink, shown.size),
        _resized(lines, shown.size),
        digits,
        order.tolist().index(0),
        len(ink_found.groups),
        ink_found.is_dark,
    )


def _in_pixels(frame: Frame, height: int, width: int) -> tuple[int, int, int, int]:
    top, left, bottom, right = frame
    return int(top * height), int(left * width), int(np.ceil(bottom * height)), int(np.ceil(right * width))


def _share(window: NDArray[np.integer], height: int, width: int) -> Frame:
    top, left, bottom, right = window.tolist()
    return top / height, left / width, bottom / height, right / width


def _resized(mask: BoolArray, size: tuple[int, int]) -> BoolArray:
    return np.asarray(Image.fromarray(mask.astype(np.uint8) * 255).resize(size, Image.Resampling.BOX)) > 60  # noqa: PLR2004


def _as_drawn(found: Ink, number: int, turn: float) -> ByteArray:
    """A group's ink at the canvas's size: turned back, enlarged, parted from the paper at half strength."""
    from scipy import ndimage

    group = found.groups[number]
    top, left, bottom, right = group.window
    here = (slice(max(0, top - _EDGE), bottom + _EDGE), slice(max(0, left - _EDGE), right + _EDGE))
    mask = found.mask(group)[here]
    strength = found.strength[here]
    level = float(np.quantile(strength[mask], 0.75))
    near = ndimage.binary_dilation(mask, iterations=2)
    strength = np.where(near, np.minimum(strength, level), 0).astype(np.float32)
    y, x = (top + bottom) / 2 - here[0].start, (left + right) / 2 - here[1].start
    scale = group.size / _DIGIT
    cos, sin, middle = scale * math.cos(turn), scale * math.sin(turn), SIDE / 2
    large = Image.fromarray(strength).transform(
        (SIDE, SIDE),
        Image.Transform.AFFINE,
        (cos, -sin, x - (cos - sin) * middle, sin, cos, y - (sin + cos) * middle),
        Image.Resampling.BICUBIC,
    )
    return with_usual_width(np.asarray(large) > level / 2)
