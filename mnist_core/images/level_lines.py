"""Straight lines that are nearly level: a form's line for an entry, and by how much printed lines are turned.

Of the slopes that a line may have, its pixels fall into the fewest rows at the right one (Hough, 1962). What
is written on printed lines stands upright on them, so they say how the paper was held.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import BoolArray
from mnist_core.images.pieces import Window, group_pieces, label_pieces
from mnist_core.images.ruling import THIN, bridged, runs_down

_SLOPES: Final = np.linspace(-0.22, 0.22, 111)  # of lines across, up to 12°
_LOOKED_AT: Final = 6000  # pixels of edges
_FEW: Final = 300  # columns in which a line is looked for
_AROUND: Final = 1.0  # times a digit's size: lines that are nearer say how it is turned
_SHARP: Final = 2.0  # times as many pixels on the same lines as at a usual slope
_ALONE: Final = 0.3  # of the picture's width has a line that stands alone, at least
_GAP: Final = 15  # pixels in which such a line may be too faint
_SOLID: Final = 0.8  # of its columns have ink
_OUT: Final = 0.04  # of its length, by which it goes further than the digit on either side
_WIDER: Final = 1.3  # times the digit's width, as the line of a form is


def turn_of(lines: BoolArray, window: Window) -> float:
    """The angle by which the printed lines around a digit are turned.

    Args:
        lines: Shape (h, w).
        window: Around the digit.

    Returns:
        Radians, clockwise in the picture; 0 where no lines say it.
    """
    top, left, bottom, right = window
    reach = int(_AROUND * max(bottom - top, right - left))
    here = lines[max(0, top - reach) : bottom + reach, max(0, left - reach) : right + reach]
    (level, n_level), (upright, n_upright) = _slope_of(here), _slope_of(here.T)
    # The steps of lines across are few upright edges.
    n_level, n_upright = n_level * (2 * n_level > n_upright), n_upright * (2 * n_upright > n_level)
    n = n_level + n_upright
    return float(np.arctan((n_level * level - n_upright * upright) / n)) if n else 0.0


def _slope_of(lines: BoolArray) -> tuple[float, int]:
    """The slope of lines across, and how many pixels of upper edges say so; 0 where they disagree."""
    rows, columns = np.nonzero(lines[1:] & ~lines[:-1])
    step = max(1, len(rows) // _LOOKED_AT)
    rows, columns = rows[::step], columns[::step]
    if len(rows) < lines.shape[1] // (3 * step) + 1:
        return 0.0, 0
    off = int(_SLOPES.max() * lines.shape[1]) + 2
    counts = _counts(rows, columns, off, len(lines) + 2 * off).astype(float)
    scores = ((counts[:, 1:] + counts[:, :-1]) ** 2).sum(axis=1)  # a line between two rows is in both
    best = int(scores.argmax())
    is_sharp = scores[best] > _SHARP * np.median(scores) and 0 < best < len(scores) - 1
    return (float(_SLOPES[best]), len(rows) * step) if is_sharp else (0.0, 0)


def line_below(is_ink: BoolArray, is_faint: BoolArray) -> BoolArray | None:
    """A printed line that does not reach the edges, as a form has it for an entry; lines across only.

    It is straight, longer than what stands on it is high, and goes further on both sides: neither the bar
    of a 7 nor the foot of a 2 does.

    Args:
        is_ink: Shape (h, w), without other lines.
        is_faint: The same with all that is fainter.

    Returns:
        The pixels of the line, shape (h, w); None if there is none.
    """
    height, width = is_ink.shape
    thin = is_faint & (runs_down(is_faint) <= max(3, THIN * max(is_ink.shape)))
    step = max(1, width // _FEW)
    rows, columns = np.nonzero(thin[:, ::step])
    columns = columns * step
    if len(rows) < _ALONE * _SOLID * width / step:
        return None
    off = int(_SLOPES.max() * width) + 2
    counts = _counts(rows, columns, off, height + 2 * off)
    pairs = counts[:, 1:] + counts[:, :-1]  # a line between two rows is in both
    n, level = np.unravel_index(int(pairs.argmax()), pairs.shape)
    middle = _SLOPES[n] * np.arange(width) + level - off + 0.5
    near = np.abs(np.arange(height)[:, None] - middle) <= max(2.0, 0.5 * THIN * max(is_ink.shape))
    covered = (near & is_faint).any(axis=0)  # also by what stands on the line
    begin, end = _longest_stretch(covered)
    length = end - begin
    if length < _ALONE * width or covered[begin:end].mean() < _SOLID:
        return None
    band = thin & near
    band[:, :begin] = band[:, end:] = False
    left = is_ink & ~band
    groups = group_pieces(*label_pieces(np.asarray(left | bridged(left, is_ink & band))))
    if not groups:
        return None
    top, before, bottom, behind = groups[0].window
    is_wide = length >= max(bottom - top, _WIDER * (behind - before))
    is_further = min(before - begin, end - behind) >= _OUT * length
    return np.asarray(band & ~bridged(left, is_ink & band)) if is_wide and is_further else None


def _longest_stretch(is_covered: BoolArray) -> tuple[int, int]:
    """Where the longest stretch of columns with no long gap begins and ends, the end excluded."""
    places = np.flatnonzero(is_covered)
    if not len(places):
        return 0, 0
    parts = np.split(places, np.flatnonzero(np.diff(places) > _GAP) + 1)
    longest = max(parts, key=np.ptp)
    return int(longest[0]), int(longest[-1]) + 1


def _counts(
    rows: NDArray[np.int64], columns: NDArray[np.int64], off: int, n_levels: int
) -> NDArray[np.int64]:
    """How many pixels each line goes through: by slope, and by its level at the left edge plus `off`."""
    levels = [np.rint(rows - slope * columns).astype(int) + off for slope in _SLOPES]
    return np.array([np.bincount(level, minlength=n_levels) for level in levels])
