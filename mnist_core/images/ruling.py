"""Printed lines on paper: ruled, squared, a margin. They are found as long paths and taken out of the ink."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import BoolArray
from mnist_core.images.contrast import FloatImage
from mnist_core.images.pieces import Window

_BLOCK: Final = 5  # pixels along a line for one pixel across it: a slope of up to 11°
_LONG: Final = 0.5  # of the picture: as long are lines of which there are several
_WHOLE: Final = 0.93  # as long is one that stands alone, such as a margin
_STRIP: Final = 0.55  # of the longer side: in a lower picture the strokes of digits are as long as half of it
_SEVERAL: Final = 3
_AS_THIN: Final = 2.6  # times the thickness of a line: some of them may cross
THIN: Final = 0.015
"""Of the picture's longer side; what is thicker is no printed line."""
_ON_END: Final = 7  # pixels along a line
_THICKNESS: Final = 5  # pixels across a line, and a little of the paper
_STRONGER: Final = 1.25  # times as much as a line stands out, ink on it does


def without_lines(
    is_ink: BoolArray, is_faint: BoolArray, strength: FloatImage
) -> tuple[BoolArray, BoolArray]:
    """Take printed lines out of the ink, and leave whole what crosses them.

    Lines run from edge to edge, or there are three or more of half that length, which does not count across a
    strip. Where the ink is much thicker than its line, or stands out more, something else is there; a gap
    with ink above and below it is closed again.

    Args:
        is_ink: Shape (h, w).
        is_faint: The same with all that is fainter, in which lines have fewer gaps.
        strength: How much each pixel stands out, shape (h, w).

    Returns:
        The ink that is left, and what was taken out, each of shape (h, w).
    """
    across, down = _across(is_faint) & is_ink, _across(is_faint.T).T & is_ink
    across[_is_written_over(across, strength)] = False
    down.T[_is_written_over(down.T, strength.T)] = False
    lines = across | down
    if not lines.any():
        return is_ink, lines
    left: BoolArray = is_ink & ~lines
    gaps = bridged(left, lines & across) | bridged(left.T, (lines & down).T).T
    kept = np.asarray(left | gaps)
    return kept, lines & ~kept


def _is_written_over(line: BoolArray, strength: FloatImage) -> BoolArray:
    """Where a line across stands out much more than it does elsewhere, for some pixels on end.

    It must do so in its whole thickness, too: a line that lies on one row of pixels stands out more there
    than one that is shared by two.
    """
    from scipy import ndimage

    if not line.any():
        return line
    rows, over = line.any(axis=1), np.ones_like(line)
    for stands_out in (strength, ndimage.uniform_filter1d(strength, _THICKNESS, axis=0)):
        usual = float(np.quantile(stands_out[line], 0.75))
        along = ndimage.uniform_filter1d(stands_out[rows], _ON_END, axis=1)
        over[rows] &= along > _STRONGER * usual
    over[~rows] = False
    return over


def ends_of_lines(labels: NDArray[np.int32], windows: list[Window], lines: BoolArray) -> BoolArray:
    """What is left of lines that the edge of the picture cuts too short to be found, as thin as the others.

    Args:
        labels: Shape (h, w), as of `pieces.label_pieces`.
        windows: Of the pieces.
        lines: Shape (h, w), those that were found; there must be some.

    Returns:
        Shape (h, w).
    """
    height, width = labels.shape
    begun = (lines[1:] & ~lines[:-1]).sum() + (lines[:, 1:] & ~lines[:, :-1]).sum()
    thickness = lines.sum() / max(1, begun)
    areas = np.bincount(labels.ravel(), minlength=len(windows) + 1)[1:]
    ends = [
        n + 1
        for n, (top, left, bottom, right) in enumerate(windows)
        if (top == 0 or left == 0 or bottom == height or right == width)
        and areas[n] <= _AS_THIN * thickness * (bottom - top + right - left)
    ]
    return np.asarray(np.isin(labels, ends))


def bridged(left: BoolArray, line: BoolArray) -> BoolArray:
    """Pixels of a line across that have ink right above and right below the line."""
    if not line.any():
        return line
    reach = int(runs_down(line).max()) + 1
    wide = left.copy()
    for shift in (1, 2):
        wide[:, shift:] |= left[:, :-shift]
        wide[:, :-shift] |= left[:, shift:]
    above, below = wide.copy(), wide.copy()
    for _ in range(min(reach, 12)):
        above[1:] |= above[:-1] & line[1:]
        below[:-1] |= below[1:] & line[:-1]
    return line & above & below


def _across(is_ink: BoolArray) -> BoolArray:
    """The pixels of lines from left to right, but for those where something crosses them."""
    height, width = is_ink.shape
    n_blocks = width // _BLOCK
    nothing = np.zeros_like(is_ink)
    if n_blocks < 10 or height < 10:  # noqa: PLR2004, too small to have lines
        return nothing
    least = (_LONG if width >= _STRIP * height else _WHOLE) * n_blocks
    blocks = _in_blocks(is_ink, n_blocks)
    if blocks.any(axis=0).sum() < least:
        return nothing
    length = _path_lengths(blocks)
    if length.max() < least:
        return nothing
    thickness = runs_down(is_ink)
    thin = is_ink & (thickness <= max(3, THIN * max(is_ink.shape)))
    thin_blocks = _in_blocks(thin, n_blocks)
    long = thin_blocks & (length >= least)
    n_lines = np.median(np.diff(np.pad(long, ((1, 0), (0, 0))).astype(np.int8), axis=0).clip(0).sum(axis=0))
    chosen = long if n_lines >= _SEVERAL else thin_blocks & (length >= _WHOLE * n_blocks)
    if not chosen.any():
        return nothing
    on_line = np.pad(chosen.repeat(_BLOCK, axis=1), ((0, 0), (0, width - n_blocks * _BLOCK)), mode="edge")
    on_line &= thin
    thicknesses = thickness[on_line]
    usual = float(np.median(thicknesses)) if len(thicknesses) else 0.0
    return np.asarray(on_line & (thickness <= 1.6 * usual + 1))


def _in_blocks(is_ink: BoolArray, n_blocks: int) -> BoolArray:
    return np.asarray(is_ink[:, : n_blocks * _BLOCK].reshape(len(is_ink), n_blocks, _BLOCK).any(axis=2))


def _path_lengths(blocks: BoolArray) -> NDArray[np.int16]:
    """Of the longest path from left to right through each block, one row up or down at a time.

    A path may jump over two blocks without ink: the noise of a camera breaks lines (a path opening:
    Heijmans, Buckley and Talbot, 2005).
    """
    columns = np.ascontiguousarray(blocks.T)
    through = _lengths_to_each(columns) + _lengths_to_each(columns[::-1])[::-1] - 1
    return np.where(columns, through, 0).T


def _lengths_to_each(columns: BoolArray) -> NDArray[np.int16]:
    """Of the longest path from the first column to each block, shape (columns, rows)."""
    lengths = np.zeros(columns.shape, np.int16)
    arriving, credit = np.zeros((2, columns.shape[1] + 2), np.int16)
    for column, is_on in enumerate(columns):
        best = np.maximum(np.maximum(arriving[:-2], arriving[2:]), arriving[1:-1])
        # Blocks without ink that the path may still cross.
        left = np.maximum(np.maximum(credit[:-2], credit[2:]), credit[1:-1])
        here = np.where(is_on, best + 1, best * (left > 0))
        lengths[column] = here * is_on
        arriving[1:-1] = here
        credit[1:-1] = np.where(is_on, 2, np.maximum(left - 1, 0))
    return lengths


def runs_down(is_ink: BoolArray) -> NDArray[np.int32]:
    """How many pixels of ink stand on each other in a column, for each pixel of ink."""
    height, width = is_ink.shape
    padded = np.zeros((height + 2, width), np.int8)
    padded[1:-1] = is_ink
    steps = np.diff(padded, axis=0).T
    columns, starts = np.nonzero(steps == 1)
    ends = np.nonzero(steps == -1)[1]
    runs = np.zeros((width, height), np.int32)
    lengths = ends - starts
    flat = np.repeat(columns * height + starts, lengths) + _ranges(lengths)
    runs.ravel()[flat] = np.repeat(lengths, lengths)
    return runs.T


def _ranges(lengths: NDArray[np.integer]) -> NDArray[np.int64]:
    """0, 1, … for each length, one after another."""
    ends = np.cumsum(lengths)
    return np.asarray(np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - lengths, lengths))
