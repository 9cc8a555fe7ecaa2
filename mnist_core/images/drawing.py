"""A digit drawn or photographed, and what MNIST's own preparation makes of it, step by step.

A network reads only what looks like the images it was trained on. MNIST's digits were cropped to their ink,
scaled until the longer side took 20 pixels, and moved until the ink's centre of mass lay in the middle of
28 × 28 pixels (LeCun et al., 1998, "Gradient-based learning applied to document recognition", section III A).
`prepare_like_mnist` does the same, and brings the centre to the middle exactly, where MNIST's are up to half
a pixel off: rounded to whole pixels, a digit that is turned by a degree may jump by one, and be read as
another (docs/performance.md, "Photographs"). `shrink` is the plain way without it. Both give what
`preparation.network_inputs` takes.
"""

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw

from mnist_core.arrays import ByteArray, Float32Array, ReadOnlyArrays
from mnist_core.bounds import MAX_POINTS, MAX_STROKES
from mnist_core.images.preparation import IMAGE_SHAPE, flatten

CANVAS: Final = 280
"""Units from edge to edge of the square that strokes are drawn in: ten for each pixel of an image."""
BRUSH_WIDTHS: Final = (4.0, 60.0)
"""Thinnest and thickest brush, in units of the square."""
INKS: Final = (1, -1, 0)
"""What a stroke may leave behind: ink; where weights are painted also the opposite, and nothing."""
BOX: Final = 20
"""Pixels of the longer side of the ink in MNIST."""
MIDDLE: Final = 14
"""The row and the column that the ink's centre of mass comes to, counted from 0; in each of MNIST's images
they are the nearest ones to it."""

_DETAIL: Final = 2  # pixels of the drawn picture for each unit: smooth edges once it is made smaller


class DrawingError(ValueError):
    """What came is no drawing; the message says why, in one sentence."""


@dataclass(frozen=True)
class Stroke:
    """One line of the pen.

    Attributes:
        points: x to the right and y downwards, each from 0 to 280; a single point is a dot.
        width: Of the brush, in the same units.
        ink: One of `INKS`.
    """

    points: tuple[tuple[float, float], ...]
    width: float
    ink: int = 1

    def to_dict(self) -> dict[str, Any]:
        """The stroke as `parse_strokes` reads it."""
        return {"width": self.width, "ink": self.ink, "points": [list(point) for point in self.points]}


@dataclass(frozen=True, eq=False)
class Prepared(ReadOnlyArrays):
    """A picture on its way to the network; arrays are uint8 and read-only, 0 is paper and 255 is ink.

    Attributes:
        picture: Shape (h, w), as it came.
        window: Top, left, bottom and right of the ink in the picture, in pixels; bottom and right excluded.
        crop: The picture inside the window.
        box: The crop with its longer side scaled to 20 pixels.
        mass: Row and column of the box's centre of mass, pixels counted from 0.
        corner: Row and column of the image where the box's first pixel goes, also between two pixels.
        image: Shape (28, 28), the box with its centre of mass in the middle.
        shrunk: Shape (28, 28), the whole picture made smaller, and nothing else done to it.
    """

    picture: ByteArray
    window: tuple[int, int, int, int]
    crop: ByteArray
    box: ByteArray
    mass: tuple[float, float]
    corner: tuple[float, float]
    image: ByteArray
    shrunk: ByteArray


def parse_strokes(sent: Any) -> tuple[Stroke, ...]:
    """The strokes in what a browser sent: a list of ``{"width": 18, "points": [[x, y], …]}``.

    Each may also have an ``"ink"``, which is 1 where it is not said.

    Raises:
        DrawingError: It is anything else, or more than a drawing needs.
    """
    if not isinstance(sent, list) or not all(isinstance(stroke, dict) for stroke in sent):
        raise DrawingError("What the canvas sent is not a list of strokes.")
    if len(sent) > MAX_STROKES:
        raise DrawingError(f"A drawing has at most {MAX_STROKES} strokes, and this one has {len(sent)}.")
    lines = [stroke.get("points") for stroke in sent]
    if not all(isinstance(points, list) and points for points in lines):
        raise DrawingError("A stroke has no points.")
    n_points = sum(map(len, lines))
    if n_points > MAX_POINTS:
        raise DrawingError(f"A drawing has at most {MAX_POINTS:,} points, and this one has {n_points:,}.")
    return tuple(
        Stroke(
            tuple(map(_point, points)),
            _number(stroke.get("width"), *BRUSH_WIDTHS, "A brush's width"),
            int(_number(stroke.get("ink", 1), min(INKS), max(INKS), "A brush's ink")),
        )
        for stroke, points in zip(sent, lines, strict=True)
    )


def render(strokes: tuple[Stroke, ...]) -> ByteArray:
    """The strokes as a picture, uint8 of shape (560, 560): round brush, white ink on black."""
    return _painted(strokes, 0, 255)


def paint_weights(strokes: tuple[Stroke, ...]) -> Float32Array:
    """The strokes as the weights of a neuron, from −1 to 1 by their ink: shape (784,).

    A weight is the mean of its pixel's area, and a later stroke lies on top of the earlier ones.
    """
    zero = 127
    picture = _painted(strokes, zero, zero).astype(np.float32)
    rows, columns = IMAGE_SHAPE
    areas = picture.reshape(rows, CANVAS * _DETAIL // rows, columns, -1)
    weights: Float32Array = flatten(areas.mean(axis=(1, 3))[None])[0] / zero - 1
    return weights


def _painted(strokes: tuple[Stroke, ...], background: int, height: int) -> ByteArray:
    """A picture in which each stroke has the gray level of the background and so much more for its ink."""
    size = CANVAS * _DETAIL
    picture = Image.new("L", (size, size), background)
    pen = ImageDraw.Draw(picture)
    for stroke in strokes:
        # Pillow counts places from the middle of the first pixel, and a circle reaches half a pixel further.
        points = [(x * _DETAIL - 0.5, y * _DETAIL - 0.5) for x, y in stroke.points]
        width, fill = stroke.width * _DETAIL, max(0, background + height * stroke.ink)
        if len(points) > 1:
            pen.line(points, fill=fill, width=round(width))
        for x, y in points:
            pen.circle((x, y), (width - 1) / 2, fill=fill)
    return np.asarray(picture)


def prepare_like_mnist(picture: ByteArray) -> Prepared | None:
    """Every step from a picture to an image as MNIST has them; None if there is no ink.

    Args:
        picture: uint8, shape (h, w), 0 is paper and 255 is ink.
    """
    is_ink = picture > 0
    rows, columns = np.flatnonzero(is_ink.any(axis=1)), np.flatnonzero(is_ink.any(axis=0))
    if not len(rows):
        return None
    top, left, bottom, right = int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1
    crop = picture[top:bottom, left:right]
    scale = BOX / max(crop.shape)
    box = _resized(crop, *(max(1, math.floor(side * scale + 0.5)) for side in crop.shape))
    mass = centre_of_mass(box)
    places = zip(mass, box.shape, IMAGE_SHAPE, strict=True)
    row, column = (_corner(place, side, size) for place, side, size in places)
    image, window = _placed(box, row, column), (top, left, bottom, right)
    return Prepared(picture, window, crop, box, mass, (row, column), image, shrink(picture))


def shrink(picture: ByteArray) -> ByteArray:
    """A whole picture made into 28 × 28 pixels, with black beside or above it where it is not square."""
    side = max(picture.shape)
    square = np.zeros((side, side), np.uint8)
    top, left = (side - picture.shape[0]) // 2, (side - picture.shape[1]) // 2
    square[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return _resized(square, *IMAGE_SHAPE)


def centre_of_mass(image: ByteArray) -> tuple[float, float]:
    """The mean row and column of the ink, each pixel weighted by its gray level; there must be some."""
    weights = image.astype(np.float64)
    row = weights.sum(axis=1) @ np.arange(image.shape[0]) / weights.sum()
    column = weights.sum(axis=0) @ np.arange(image.shape[1]) / weights.sum()
    return float(row), float(column)


def _corner(mass: float, side: int, size: int) -> float:
    """Where the box begins so that its mass comes to the middle; it never loses ink over the edge."""
    return min(max(0.0, MIDDLE - mass), float(size - side))


def _placed(box: ByteArray, row: float, column: float) -> ByteArray:
    """An image with the box at a place: between two pixels each has the share of the ink that lies on it."""
    (height, width), (top, left) = box.shape, (math.floor(row), math.floor(column))
    image = np.zeros(IMAGE_SHAPE)
    for down, share_down in enumerate((1 - (row - top), row - top)):
        for right, share_right in enumerate((1 - (column - left), column - left)):
            if share := share_down * share_right:
                y, x = top + down, left + right
                image[y : y + height, x : x + width] += share * box
    return np.floor(image + 0.5).astype(np.uint8)


def _resized(picture: ByteArray, height: int, width: int) -> ByteArray:
    """Each new pixel is the mean of the area that it covers."""
    resized = Image.fromarray(np.ascontiguousarray(picture)).resize((width, height), Image.Resampling.BOX)
    return np.asarray(resized)


def _point(sent: Any) -> tuple[float, float]:
    if not isinstance(sent, list) or len(sent) != 2:  # noqa: PLR2004, x and y
        raise DrawingError("A point of a stroke is not a pair of numbers.")
    x, y = (_number(value, 0, CANVAS, "A point's place") for value in sent)
    return x, y


def _number(sent: Any, lowest: float, highest: float, subject: str) -> float:
    is_number = isinstance(sent, int | float) and not isinstance(sent, bool)
    if not is_number or not lowest <= sent <= highest:  # a comparison with nan is false
        raise DrawingError(f"{subject} must be a number from {lowest:g} to {highest:g}.")
    return float(sent)
