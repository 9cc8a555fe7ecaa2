"""Pieces of ink, and which of them make a digit together."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import BoolArray
from mnist_core.bounds import MAX_PIECES

Window = tuple[int, int, int, int]
"""Top, left, bottom and right in pixels; bottom and right excluded."""

_FRAMES: Final = 20  # of the largest, that may close around others
_LEAST: Final = 0.012  # of the picture's longer side: what is smaller is dirt
_DIRT: Final = 0.2  # of the largest piece's size: what is smaller may be a part, where it is near
_NEAR: Final = 0.12  # of the larger of two pieces: how near its parts are to each other
_INMATE: Final = 0.2  # of a frame's height; what it closes around and is lower, is dirt or a piece of a line
_BESIDE: Final = 0.08  # of the larger piece: nearer than that two digits do not stand, but the parts of a 4
_LOWER: Final = 0.3  # of the height of the rest of an open 4: two digits on a line do not differ so much
_NARROW: Final = 0.45  # times as wide as high, at most, is a stroke
_FLAT: Final = 0.3  # times as high as wide, at most, is what underlines
_ENCLOSED: Final = 0.4  # of an open frame's height, has what it stands around
_OVERLAP: Final = 0.35  # of the narrower of two pieces: then one stands above the other, as a 5's bar does


@dataclass(frozen=True)
class Group:
    """Pieces of ink that make one digit.

    Attributes:
        labels: Of its pieces.
        window: Around all of them.
        contact: The shares of the four sides of the picture that it touches, from 0 to 1: top, bottom, left
            and right.
    """

    labels: tuple[int, ...]
    window: Window
    contact: tuple[float, float, float, float]

    @property
    def size(self) -> int:
        """Pixels of the longer side."""
        top, left, bottom, right = self.window
        return max(bottom - top, right - left)

    @property
    def height(self) -> int:
        """Pixels from its top to its bottom."""
        return self.window[2] - self.window[0]


def label_pieces(is_ink: BoolArray) -> tuple[NDArray[np.int32], list[Window]]:
    """Number the connected pieces from 1; diagonal neighbours are connected.

    Returns:
        int32 (h, w), 0 where there is no ink, and the window of each piece.
    """
    from scipy import ndimage

    labels, _ = ndimage.label(is_ink, np.ones((3, 3), bool))
    windows = [(r.start, c.start, r.stop, c.stop) for r, c in ndimage.find_objects(labels)]
    return labels.astype(np.int32), windows


def without_frames(is_ink: BoolArray) -> tuple[BoolArray, BoolArray]:
    """Take out what closes around other ink, such as a printed box: no digit does.

    Args:
        is_ink: Shape (h, w).

    Returns:
        The ink that is left, and what was taken out, each of shape (h, w).
    """
    labels, windows = label_pieces(is_ink)
    order = _by_size(labels, windows)
    frames = np.isin(labels, [n + 1 for n in order[:_FRAMES] if _is_frame(n, labels, windows, order)])
    return is_ink & ~frames, frames


def _by_size(labels: NDArray[np.int32], windows: list[Window]) -> list[int]:
    """The places of the pieces that are no dirt, the largest first."""
    sizes = np.array([max(w[2] - w[0], w[3] - w[1]) for w in windows])
    least = _LEAST * max(labels.shape)
    return [int(n) for n in np.argsort(-sizes, kind="stable")[:MAX_PIECES] if sizes[n] >= least]


def group_pieces(labels: NDArray[np.int32], windows: list[Window]) -> list[Group]:
    """Put together what belongs to one digit; the largest group comes first."""
    order = _by_size(labels, windows)
    groups: list[list[int]] = []
    for n in order:
        home = next((g for g in groups if _belongs(windows[n], [windows[m] for m in g])), None)
        if home is None:
            groups.append([n])
        else:
            home.append(n)
    return sorted((_group(g, labels, windows) for g in groups), key=lambda group: -group.size)


def _group(pieces: list[int], labels: NDArray[np.int32], windows: list[Window]) -> Group:
    names = tuple(n + 1 for n in pieces)
    edges = (labels[0], labels[-1], labels[:, 0], labels[:, -1])
    top, bottom, left, right = (float(np.isin(edge, names).mean()) for edge in edges)
    return Group(names, window_around(windows[n] for n in pieces), (top, bottom, left, right))


def window_around(windows: Iterable[Window]) -> Window:
    """The smallest window with some others in it."""
    top, left, bottom, right = zip(*windows, strict=True)
    return min(top), min(left), max(bottom), max(right)


def coarse(inside: BoolArray, step: int) -> BoolArray:
    """One pixel for each square of a number of pixels a side, true if one of them is."""
    if step < 2:  # noqa: PLR2004
        return inside
    height, width = (-(-side // step) for side in inside.shape)
    padded = np.zeros((height * step, width * step), bool)
    padded[: inside.shape[0], : inside.shape[1]] = inside
    return np.asarray(padded.reshape(height, step, width, step).any(axis=(1, 3)))


def _belongs(window: Window, others: list[Window]) -> bool:
    """Whether a piece is a part of a digit: near, and not a digit of its own beside it."""
    top, left, bottom, right = window
    size = max(bottom - top, right - left)
    for t, l, b, r in others:  # noqa: E741
        larger = max(b - t, r - l, size)
        if _underlines(window, (t, l, b, r)) or _underlines((t, l, b, r), window):
            continue
        apart_x, apart_y = max(left - r, l - right, 0), max(top - b, t - bottom, 0)
        if max(apart_x, apart_y) > _NEAR * larger or size < _DIRT * larger:
            continue
        overlap = min(right, r) - max(left, l)
        is_above = overlap >= _OVERLAP * min(right - left, r - l)
        is_small = (bottom - top) < 0.5 * (b - t)
        is_beside = (
            apart_x <= _BESIDE * larger or _is_leg(window, (t, l, b, r)) or _is_leg((t, l, b, r), window)
        )
        if is_above or is_small or is_beside:
            return True
    return False


def _is_leg(leg: Window, other: Window) -> bool:
    """Whether a piece is the upright stroke of an open 4: narrow, at the right, and lower at both ends."""
    (top, left, bottom, right), (t, l, b, r) = leg, other  # noqa: E741
    lower = _LOWER * (b - t)
    is_narrow = right - left <= _NARROW * (bottom - top)
    return is_narrow and left >= (l + r) / 2 and top - t >= lower and bottom - b >= lower


def _underlines(flat: Window, other: Window) -> bool:
    """Whether a piece is a flat line that lies below another: no digit has one."""
    top, left, bottom, right = flat
    return bottom - top <= _FLAT * (right - left) and top >= other[2] and left < other[3] and other[1] < right


def _is_frame(n: int, labels: NDArray[np.int32], windows: list[Window], order: list[int]) -> bool:
    """Whether a piece closes around another that is no dirt, or stands around a large one on two sides.

    No digit does. A corner of a box or the shadow of a slip of paper is such an open frame.
    """
    top, left, bottom, right = windows[n]
    inside = []
    for m in order:
        t, l, b, r = windows[m]  # noqa: E741
        is_within = m != n and top <= t and left <= l and b <= bottom and r <= right
        if is_within and b - t >= _INMATE * (bottom - top):
            inside.append(m)
    if not inside:
        return False
    own = labels[top:bottom, left:right] == n + 1
    at_edge = (top == 0, bottom == labels.shape[0], left == 0, right == labels.shape[1])
    outside = _reached_from_outside(~own, at_edge)
    for m in inside:
        t, l, b, r = windows[m]  # noqa: E741
        part = labels[t:b, l:r] == m + 1
        if not (outside[t - top : b - top, l - left : r - left] & part).any():
            return True
        stands_around = b - t >= _ENCLOSED * (bottom - top) and r - l >= 0.5 * _ENCLOSED * (right - left)
        if stands_around and not own[t - top : b - top, l - left : r - left].any():
            return True
    return False


def _reached_from_outside(free: BoolArray, at_edge: tuple[bool, bool, bool, bool]) -> BoolArray:
    """What of a window can be reached without crossing ink, and not through the picture's own edges.

    Args:
        free: Shape (h, w), no ink.
        at_edge: Whether the window's top, bottom, left and right are the picture's.
    """
    from scipy import ndimage

    padded = np.pad(free, 1, constant_values=True)
    for side, is_closed in zip((padded[0], padded[-1], padded[:, 0], padded[:, -1]), at_edge, strict=True):
        if is_closed:
            side[:] = False
    regions, _ = ndimage.label(padded)
    edge = np.concatenate([regions[0], regions[-1], regions[:, 0], regions[:, -1]])
    reached: BoolArray = np.isin(regions, edge[edge > 0])[1:-1, 1:-1]
    return reached
