"""A printed box that the digit in it touches: its straight sides are taken out, and what crosses them stays.

A box around a digit that keeps clear of it is a piece of its own (`pieces.without_frames`). Here both are one
piece, whose outline is straight on all four sides. A row of boxes has lines between them too.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import BoolArray
from mnist_core.images.pieces import Window
from mnist_core.images.ruling import bridged

_SLOPES: Final = np.linspace(-0.2, 0.2, 81)  # of a side: up to 11°
_STRAIGHT: Final = 0.55  # of the columns in which the outline keeps to the side
_OFF: Final = 1.6  # pixels by which it may leave it
_THIN: Final = 0.09  # of the box: what is thicker is no printed line
_CELLS: Final = range(8, 1, -1)  # boxes in a row
_NARROW: Final = 0.5  # times as wide as high is a box in a row at least
_COVERED: Final = 0.85  # of the height of a line between two boxes, there is ink
_ASIDE: Final = 0.03  # of a row's width, by which that line may be off its place
_LEAST: Final = 0.04  # of the picture: what is smaller has no box
_FEWEST: Final = 12  # pixels from side to side: in fewer nothing is straight
_LOOKED_AT: Final = 3  # pieces
_LEFT: Final = 0.3  # of the box's height, what is left is at least: else the box was the digit


@dataclass(frozen=True, eq=False)
class _Side:
    """A line across.

    Attributes:
        rows: Of its outer edge in each column, shape (w,).
        thickness: Pixels.
    """

    rows: NDArray[np.float64]
    thickness: float

    def mask(self, height: int) -> BoolArray:
        """Its pixels, shape (height, w)."""
        below = np.arange(height)[:, None] - self.rows
        return np.asarray((below >= -_OFF) & (below <= self.thickness + 0.5))


def box_sides(labels: NDArray[np.int32], windows: list[Window]) -> BoolArray:
    """The sides of boxes that digits touch, in the largest pieces of ink.

    Args:
        labels: Shape (h, w), as of `pieces.label_pieces`.
        windows: Of the pieces.

    Returns:
        Shape (h, w).
    """
    sides = np.zeros(labels.shape, bool)
    sizes = np.array([min(bottom - top, right - left) for top, left, bottom, right in windows])
    least = _LEAST * max(labels.shape)
    for n in np.argsort(-sizes, kind="stable")[:_LOOKED_AT].tolist():
        top, left, bottom, right = windows[n]
        piece = labels[top:bottom, left:right] == n + 1
        if sizes[n] >= max(least, _FEWEST) and (digit := without_box(piece)) is not None:
            sides[top:bottom, left:right] |= piece & ~digit
    return sides


def without_box(piece: BoolArray) -> BoolArray | None:
    """What is left of a piece of ink when the sides of a box are taken out of it.

    Args:
        piece: Shape (h, w), cut out to its ink.

    Returns:
        Shape (h, w); None if there is no box in it, or nothing else.
    """
    height, width = piece.shape
    sides = []
    for seen in (piece, piece[::-1], piece.T, piece.T[::-1]):
        side = _outer_side(seen)
        if side is None:
            return None
        sides.append(side)
    top, bottom, left, right = sides
    across = top.mask(height) | bottom.mask(height)[::-1]
    down = left.mask(width) | right.mask(width)[::-1]
    thickness = float(np.mean([side.thickness for side in sides]))
    inside = slice(int(top.rows.mean() + thickness) + 1, int(height - bottom.rows.mean() - thickness))
    down |= _between(piece, left.rows, width - 1 - right.rows, inside, thickness)
    digit: BoolArray = piece & ~across & ~down.T
    digit |= bridged(digit, piece & across) | bridged(digit.T, piece.T & down).T
    rows = np.flatnonzero(_without_specks(digit, thickness).any(axis=1))
    is_digit = len(rows) and np.ptp(rows) >= _LEFT * (inside.stop - inside.start)
    return digit if is_digit else None


def _outer_side(piece: BoolArray) -> _Side | None:
    """The upper side of a piece, where its outline is straight for most of the width."""
    height, width = piece.shape
    first, columns = piece.argmax(axis=0), np.arange(width)
    reach = int(_SLOPES.max() * width) + 2
    levels = [np.rint(first - slope * columns).astype(int) + reach for slope in _SLOPES]
    counts = np.array([np.bincount(level, minlength=height + 2 * reach) for level in levels])
    pairs = counts[:, 1:] + counts[:, :-1]  # a line between two rows is in both
    n, at = np.unravel_index(int(pairs.argmax()), pairs.shape)
    if pairs[n, at] < _STRAIGHT * width:
        return None
    is_on = np.abs(first - _SLOPES[n] * columns - (at + 0.5 - reach)) <= 1.5 * _OFF
    curve = np.asarray(np.polyval(np.polyfit(columns[is_on], first[is_on], 2), columns), np.float64)
    is_on = np.abs(first - curve) <= _OFF
    ends = np.where(~piece & (np.arange(height)[:, None] > first), 1, 0).argmax(axis=0)
    runs = np.where(ends > 0, ends, height) - first
    thickness = float(np.quantile(runs[is_on], 0.4)) if is_on.any() else height
    is_side = is_on.mean() >= _STRAIGHT and thickness <= max(4.0, _THIN * min(piece.shape))
    return _Side(curve, thickness) if is_side else None


def _between(
    piece: BoolArray, left: NDArray[np.float64], right: NDArray[np.float64], inside: slice, thickness: float
) -> BoolArray:
    """The lines down between boxes in a row, as wide as each other, shape (w, h).

    Args:
        piece: Shape (h, w).
        left: The column of the outer left side in each row, shape (h,).
        right: Of the outer right side.
        inside: Rows between the upper and the lower side.
        thickness: Of the sides.
    """
    height, width = piece.shape
    lines = np.zeros((width, height), bool)
    if inside.stop - inside.start < 4:  # noqa: PLR2004, no room for anything
        return lines
    room = float((right - left)[inside].mean())
    share = (np.arange(width)[:, None] - left) / np.maximum(right - left, 1.0)
    for n_cells in _CELLS:
        if room / n_cells < _NARROW * (inside.stop - inside.start):
            continue
        bands = [
            _line_near(piece.T, room * (share - k / n_cells), inside, thickness) for k in range(1, n_cells)
        ]
        found = [band for band in bands if band is not None]
        if len(found) == len(bands):
            return np.asarray(np.any(found, axis=0))
    return lines


def _line_near(
    upright: BoolArray, away: NDArray[np.float64], inside: slice, thickness: float
) -> BoolArray | None:
    """The line down that is nearest to a place, if there is ink all along it; shape (w, h).

    Args:
        upright: The piece, shape (w, h).
        away: How many pixels each pixel is to the right of the place, shape (w, h).
        inside: Rows between the upper and the lower side.
        thickness: Of the sides.
    """
    room = float(np.ptp(away[:, inside.start]))
    for aside in np.arange(0, _ASIDE * room + 1):
        for place in (aside, -aside):
            near = np.abs(away - place) <= thickness / 2 + 1
            ink = (near & upright)[:, inside]
            if ink.any(axis=0).mean() >= _COVERED:
                middle = away[:, inside][ink].mean()
                return np.asarray(np.abs(away - middle) <= thickness / 2 + 1)
    return None


def _without_specks(ink: BoolArray, size: float) -> BoolArray:
    """The ink without pieces hardly larger than a line is thick, such as what is left of a corner."""
    from scipy import ndimage

    labels, _ = ndimage.label(ink, np.ones((3, 3), bool))
    small = [
        n + 1
        for n, (rows, columns) in enumerate(ndimage.find_objects(labels))
        if max(rows.stop - rows.start, columns.stop - columns.start) <= 2 * size
    ]
    return np.asarray(ink & ~np.isin(labels, small))
