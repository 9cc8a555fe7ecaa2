"""Ink on a photograph: narrow lines that stand out from the paper beside them, whatever the light.

A closing fills whatever is narrower than its window with the brightness around it (Serra, 1982), so the
difference from the picture, the black top-hat, is ink: the edge of a shadow or of a table has paper on one
side only, and gives nothing. How wide the pen is, and whether it is darker than the paper, is not known
before, so each is tried; the digit that is clearest and largest wins.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_core.arrays import BoolArray, ReadOnlyArrays
from mnist_core.images.boxes import box_sides
from mnist_core.images.contrast import FloatImage
from mnist_core.images.level_lines import line_below
from mnist_core.images.pieces import (
    Group,
    Window,
    coarse,
    group_pieces,
    label_pieces,
    window_around,
    without_frames,
)
from mnist_core.images.ruling import ends_of_lines, without_lines

WINDOWS: Final = (0.05, 0.15, 0.45, 0.9)
"""Of the longer side: a line of the pen is narrower than one of them."""
_LEAST_CONTRAST: Final = 8.0  # gray levels that ink differs from paper by; the noise of a camera stays below
_FINE: Final = 120  # pixels of a group's longer side in which a sheet's shape is seen
_COARSE: Final = 320  # pixels of the longer side in which the widest windows are moved
_THIN_END: Final = 0.05  # of an edge; wider is where a line of the pen ends, not one of the paper
_QUANTILES: Final = 0.757  # standard deviations between the tenth and the thirtieth percentile
_ELONGATED: Final = 2.5  # times as long as wide is no sheet but the line of a pen
_TOUCHES: Final = 0.01  # of a side of the picture
_WIDE: Final = 3.0  # times as wide as high is no digit but a line that underlines one
_THICK: Final = 2.0  # times as long as thick is no line; a triangle has 1.3, a marker's 1 has 4
_LINE: Final = 0.3  # of the picture's width, a line of a form has
_PART_OF_LINE: Final = 0.05  # of the width, where the line is too faint to be whole
_ALONG: Final = 0.7  # of its length, a strip lies along the edge
_NARROW: Final = 0.25  # times as wide as long, a strip is
_INNER: Final = 0.6  # of the best score, another candidate needs that lies within its digit
_FULLER: Final = 0.75  # of that one's, another needs that has more ink
_MUCH_LARGER: Final = 1.5  # times as large as the fragments of a digit is something else
_AT_EDGE: Final = 0.5  # of its score, a group has that touches one side or two
_FULL: Final = 0.88  # of a rectangle; an ellipse fills 0.785, a sheet that was tilted a little more than 0.9
_SIMILAR: Final = 0.5  # of the largest digit's height: as tall is another digit


@dataclass(frozen=True, eq=False)
class Ink(ReadOnlyArrays):
    """What was found in a picture.

    Attributes:
        strength: How much each pixel stands out, float32 (h, w) from 0; printed lines are 0.
        labels: int32 (h, w), the number of the piece of ink that a pixel belongs to; 0 for none.
        lines: bool (h, w), printed lines.
        groups: Pieces that make a digit, the likeliest first.
        is_dark: Whether the ink is darker than the paper.
        score: How clear and large the first digit is.
    """

    strength: FloatImage
    labels: NDArray[np.int32]
    lines: BoolArray
    groups: tuple[Group, ...]
    is_dark: bool
    score: float

    def as_one(self) -> "Ink":
        """The same with all digits as one, for a place in which there is only one."""
        window = window_around(group.window for group in self.groups)
        labels = tuple(n for group in self.groups for n in group.labels)
        return replace(self, groups=(Group(labels, window, self.groups[0].contact),))

    def mask(self, group: Group) -> BoolArray:
        """Which pixels are of a group, (h, w)."""
        return np.isin(self.labels, group.labels)


def find_ink(contrast: FloatImage) -> Ink | None:
    """The ink of a picture; None if nothing stands out.

    Args:
        contrast: float32 (h, w) from 0, black, to 255.
    """
    from scipy import ndimage

    smooth = ndimage.gaussian_filter(contrast, 0.8)
    candidates: list[Ink] = []
    for ink in filter(None, _candidates(smooth)):
        candidates.append(ink)
        least = _AT_EDGE * _FULLER * max(candidate.score for candidate in candidates)
        candidates = [candidate for candidate in candidates if candidate.score >= least]
    if not candidates:
        return None
    best = max(candidates, key=lambda ink: ink.score)
    # What reaches the edge and has a digit in it is that digit and a line of the paper.
    inner = [ink for ink in candidates if ink.score > _INNER * best.score and _is_inside(ink, best)]
    best = max(inner, key=lambda ink: ink.score) if inner else best
    # A window that is narrower than a marker's line makes it hollow.
    fuller = [ink for ink in candidates if _is_fuller(ink, best)]
    return max(fuller, key=lambda ink: ink.score) if fuller else best


def _is_inside(ink: Ink, best: Ink) -> bool:
    """Whether its digit keeps clear of the edges and lies within one that does not."""
    (top, left, bottom, right), (t, l, b, r) = ink.groups[0].window, best.groups[0].window  # noqa: E741
    is_clear = max(best.groups[0].contact) > 0 and max(ink.groups[0].contact) == 0
    return is_clear and ink.is_dark == best.is_dark and t <= top and l <= left and bottom <= b and right <= r


def _is_fuller(ink: Ink, best: Ink) -> bool:
    """Whether it has the same digit, also a broken one, with a good deal more ink, or ink up to the edge."""
    group, other = ink.groups[0], best.groups[0]
    is_only_at_edge = max(group.contact) > _TOUCHES >= max(other.contact)
    if ink.score <= _FULLER * best.score * (_AT_EDGE if is_only_at_edge else 1):
        return False
    apart = np.abs(np.subtract(group.window, other.window)).max()
    is_same = apart < 0.1 * other.size or _is_whole(group, other)
    return bool(
        is_same and ink.is_dark == best.is_dark and ink.mask(group).sum() > 1.15 * best.mask(other).sum()
    )


def _is_whole(group: Group, other: Group) -> bool:
    """Whether it is one piece, away from the edges, of a digit of which the other has but some fragments."""
    (top, left, bottom, right), (t, l, b, r) = group.window, other.window  # noqa: E741
    is_around = top <= t and left <= l and bottom >= b and right >= r
    is_one = len(group.labels) < len(other.labels) and max(group.contact) == 0
    return is_one and is_around and group.size < _MUCH_LARGER * other.size


def _candidates(smooth: FloatImage) -> Iterator[Ink | None]:
    for is_dark in (True, False):
        bright = smooth if is_dark else 255 - smooth
        for window in WINDOWS:
            yield _ink(bright, _closed(bright, window), is_dark)


def _closed(bright: FloatImage, window: float) -> FloatImage:
    """The paper: the picture without what is narrower than a window, given as a share of the longer side."""
    from scipy import ndimage

    height, width = bright.shape
    step = max(1, int(window * max(bright.shape) / (0.05 * 2 * _COARSE)))
    picture = Image.fromarray(bright)
    small = np.asarray(picture.reduce(step)) if step > 1 else bright
    side = max(3, round(window * max(small.shape)) | 1)
    paper = ndimage.grey_closing(small, (side, side), mode="nearest")
    if step == 1:
        return np.asarray(paper)
    paper = ndimage.uniform_filter(paper, 3)
    box = (0, 0, width / step, height / step)
    return np.asarray(Image.fromarray(paper).resize((width, height), Image.Resampling.BILINEAR, box))


def _ink(bright: FloatImage, paper: FloatImage, is_dark: bool) -> Ink | None:
    # As if the light were the same everywhere.
    strength: FloatImage = np.float32(200) * (paper - bright) / (paper + 24)
    low, high = np.quantile(strength[::3, ::3], [0.1, 0.3])  # of the paper, unless 70% of it is ink
    noise = float(high - low) / _QUANTILES
    # A closing takes the brightest of the noise.
    strength = np.maximum(strength - float(high) - 0.52 * noise, 0)
    least = max(_LEAST_CONTRAST, 6 * noise)
    strong = strength[strength > least]
    if len(strong) < 10:  # noqa: PLR2004, a digit has more pixels
        return None
    level = max(least, 0.3 * float(np.quantile(strong, 0.9)))
    is_faint = strength > max(0.5 * level, 0.7 * least)
    is_faint, faint_frames = without_frames(is_faint)  # in it, thin frames have fewer gaps
    is_ink, frames = without_frames((strength > level) & ~faint_frames)
    frames |= faint_frames
    is_ink, lines = without_lines(is_ink, is_faint & ~frames, strength)
    labels, windows = label_pieces(is_ink)
    if not lines.any() and _may_have_line(windows, labels.shape[1]):
        line = line_below(is_ink, is_faint & ~frames)
        if line is not None:
            is_ink, lines = is_ink & ~line, is_ink & line
            labels, windows = label_pieces(is_ink)
    sides = box_sides(labels, windows)
    if lines.any():
        sides |= ends_of_lines(labels, windows, lines)
    if sides.any():
        is_ink, lines = is_ink & ~sides, lines | sides
        labels, windows = label_pieces(is_ink)
    groups = group_pieces(labels, windows)[:12]
    if not groups:
        return None
    scores = np.array([_score(group, labels, bright, paper, strength) for group in groups])
    if not scores.any():
        return None
    order = np.argsort(-scores, kind="stable")
    best = groups[order[0]]
    others = [groups[n] for n in order[1:] if _is_another(groups[n], best, scores[n], scores[order[0]])]
    return Ink(strength, labels, lines | frames, (best, *others), is_dark, float(scores[order[0]]))


def _may_have_line(windows: list[Window], width: int) -> bool:
    """Whether a piece is as wide as a line, or flat as a part of one; else no line is looked for."""
    return any(
        right - left >= _LINE * width
        or (right - left >= _PART_OF_LINE * width and bottom - top <= 0.3 * (right - left))
        for top, left, bottom, right in windows
    )


def _score(
    group: Group, labels: NDArray[np.int32], bright: FloatImage, paper: FloatImage, strength: FloatImage
) -> float:
    """How likely a group is to be the digit: clear, large, alone on its paper, and away from the edges."""
    top, left, bottom, right = group.window
    around = int(0.25 * group.size) + 4
    here = (slice(max(0, top - around), bottom + around), slice(max(0, left - around), right + around))
    inside = np.isin(labels[here], group.labels)
    contrast = float(strength[here][inside].mean()) / 255
    score = contrast * (group.size / max(labels.shape)) ** 0.75
    score *= (1 - _share_like_ink(inside, bright[here], paper[here])) ** 2
    touched = [share for share in group.contact if share > _TOUCHES]
    if max(group.contact) > 0.9:  # noqa: PLR2004, a table, or where light falls off
        return 0.0
    if _is_strip(group, labels.shape):
        score *= 0.1
    above, below, before, behind = group.contact
    ends = min(above, below), min(before, behind)
    if len(touched) > 2:  # noqa: PLR2004
        score *= 0.05
    elif any(0 < end < _THIN_END for end in ends):  # a line from edge to edge, and what it crosses
        score *= 0.2
    elif len(touched) > 0:
        score *= _AT_EDGE
    largest = labels[here] == group.labels[0]
    if _is_sheet(largest) or _is_blob(largest):
        score *= 0.1
    if right - left > _WIDE * (bottom - top):
        score *= 0.3
    return float(score)


def _is_strip(group: Group, shape: tuple[int, ...]) -> bool:
    """Whether a group is narrow and lies along an edge, as what is seen of a table beside a sheet."""
    top, left, bottom, right = group.window
    across, down = max(group.contact[:2]) * shape[1], max(group.contact[2:]) * shape[0]
    is_upright = down > _ALONG * (bottom - top) and right - left < _NARROW * (bottom - top)
    return is_upright or (across > _ALONG * (right - left) and bottom - top < _NARROW * (right - left))


def _is_sheet(inside: BoolArray) -> bool:
    """Whether a group nearly fills a rectangle, upright or turned, as a sheet of paper does."""
    from scipy import ndimage

    rows, columns = np.nonzero(ndimage.binary_fill_holes(coarse(inside, max(inside.shape) // _FINE)))
    few = slice(None, None, max(1, len(rows) // 3000))
    for angle in np.radians(range(-12, 13, 3)):
        along = columns[few] * np.cos(angle) + rows[few] * np.sin(angle)
        across = rows[few] * np.cos(angle) - columns[few] * np.sin(angle)
        sides = sorted((float(np.ptp(along)) + 1, float(np.ptp(across)) + 1))
        if sides[1] < _ELONGATED * sides[0] and len(rows) > _FULL * sides[0] * sides[1]:
            return True
    return False


def _is_blob(inside: BoolArray) -> bool:
    """Whether a group has no line in it, as the reflection of a lamp: it is not much longer than thick."""
    from scipy import ndimage

    small = np.pad(coarse(inside, max(1, max(inside.shape) // _FINE)), 1)
    thickest = 2 * float(ndimage.distance_transform_edt(small).max())
    return float(small.sum()) < _THICK * thickest**2


def _share_like_ink(inside: BoolArray, bright: FloatImage, paper: FloatImage) -> float:
    """The share of the pixels beside the ink that look like it: large for what is really the paper."""
    from scipy import ndimage

    rows, columns = np.nonzero(inside)
    few = slice(None, None, max(1, len(rows) // 2000))
    ink = _plane(rows[few], columns[few], bright[rows[few], columns[few]])
    ground = _plane(rows[few], columns[few], paper[rows[few], columns[few]])
    beside = ~ndimage.maximum_filter(inside, 7)
    rows, columns = np.nonzero(beside)
    if not len(rows):
        return 1.0
    few = slice(None, None, max(1, len(rows) // 4000))
    place = np.stack([rows[few], columns[few], np.ones_like(rows[few])], axis=1)
    levels = bright[rows[few], columns[few]]
    return float(np.mean(levels < 0.5 * (place @ ink + place @ ground)))


def _plane(rows: NDArray[np.int64], columns: NDArray[np.int64], levels: FloatImage) -> NDArray[np.floating]:
    """Level by row and column, and the level at the corner: the least squares."""
    places = np.stack([rows, columns, np.ones_like(rows)], axis=1).astype(np.float64)
    # A little is added so that a straight line of ink gives no steep plane.
    normal = places.T @ places + np.diag([1e4, 1e4, 0]) * len(rows) / 100
    return np.asarray(np.linalg.solve(normal, places.T @ levels))


def _is_another(group: Group, best: Group, score: float, best_score: float) -> bool:
    return max(group.contact) == 0 and group.height >= _SIMILAR * best.height and score >= 0.3 * best_score
