"""Ink on a photograph: narrow lines that stand out from the paper beside them, whatever the light.

A closing fills whatever is narrower than its window with the brightness around it (Serra, 1982), so the
difference from the picture, the black top-hat, is ink: the edge of a shadow or of a table has paper on one side
only, and gives nothing. How wide the pen is, and whether it is darker than the paper, is not known before, so
each is tried; the digit that is clearest and largest wins.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import ByteArray, ReadOnlyArrays
from mnist_core.images.contrast import FloatImage
from mnist_core.images.pieces import Group, Window, group_pieces, label_pieces
from mnist_core.images.ruling import find_lines

BoolImage = NDArray[np.bool_]

WINDOWS: Final = (0.05, 0.15, 0.45)
"""Of the longer side: a line of the pen is narrower than one of them."""
_LEAST_CONTRAST: Final = 8.0  # gray levels that ink differs from paper by; the noise of a camera stays below
_COARSE: Final = 320  # pixels of the longer side in which the widest windows are moved
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
    lines: BoolImage
    groups: tuple[Group, ...]
    is_dark: bool
    score: float

    def mask(self, group: Group) -> BoolImage:
        """Which pixels are of a group, (h, w)."""
        return np.isin(self.labels, group.labels)


def find_ink(contrast: FloatImage) -> Ink | None:
    """The ink of a picture; None if nothing stands out.

    Args:
        contrast: float32 (h, w) from 0, black, to 255.
    """
    from scipy import ndimage

    smooth = ndimage.gaussian_filter(contrast, 0.8)
    found = [ink for ink in _candidates(smooth) if ink is not None]
    return max(found, key=lambda ink: ink.score) if found else None


def _candidates(smooth: FloatImage) -> Iterator[Ink | None]:
    for is_dark in (True, False):
        bright = smooth if is_dark else 255 - smooth
        for window in WINDOWS:
            strength = _top_hat(bright, window)
            yield _ink(strength, is_dark, window * max(smooth.shape))


def _top_hat(bright: FloatImage, window: float) -> FloatImage:
    """How much darker each pixel is than the paper around it, as if the light were the same everywhere."""
    paper = _closed(bright, window)
    strength = (paper - bright) * (200 / (paper + 24))
    strength -= np.median(strength[::3, ::3])
    return np.maximum(strength, 0)


def _closed(bright: FloatImage, window: float) -> FloatImage:
    from scipy import ndimage

    height, width = bright.shape
    step = max(1, int(window * max(bright.shape) / (0.05 * 2 * _COARSE)))
    small = ndimage.uniform_filter(bright, step)[::step, ::step] if step > 1 else bright
    side = max(3, round(window * max(small.shape)) | 1)
    paper = ndimage.grey_closing(small, (side, side), mode="nearest")
    if step == 1:
        return np.asarray(paper)
    paper = ndimage.uniform_filter(paper, 3).repeat(step, 0).repeat(step, 1)[:height, :width]
    return np.maximum(np.asarray(ndimage.uniform_filter(paper, 2 * step)), 0)


def _ink(strength: FloatImage, is_dark: bool, window: float) -> Ink | None:
    noise = 1.4826 * float(np.median(np.abs(strength[::3, ::3] - np.median(strength[::3, ::3]))))
    least = max(_LEAST_CONTRAST, 6 * noise)
    strong = strength[strength > least]
    if len(strong) < 10:  # noqa: PLR2004, a digit has more pixels
        return None
    level = max(least, 0.3 * float(np.quantile(strong, 0.9)))
    is_ink = strength > level
    lines = find_lines(is_ink)
    if lines.any():
        is_ink = _bridged(is_ink & ~lines, lines)
    labels, windows = label_pieces(is_ink)
    groups = group_pieces(labels, windows)
    if not groups:
        return None
    scores = [_score(group, labels, strength, window) for group in groups[:12]]
    order = np.argsort(-np.array(scores), kind="stable")
    best = groups[order[0]]
    digits = [best] + [groups[n] for n in order[1:] if _is_another(groups[n], best, scores[n], scores[order[0]])]
    return Ink(strength, labels, lines & ~is_ink, tuple(digits), is_dark, scores[order[0]])


def _bridged(is_ink: BoolImage, lines: BoolImage) -> BoolImage:
    """The ink with the gaps closed that a removed line has left in it."""
    from scipy import ndimage

    thick = 2 * int(np.ceil(lines.sum() / max(1, np.count_nonzero(np.diff(lines.astype(np.int8), axis=0) == 1))))
    closed = ndimage.binary_closing(np.pad(is_ink, 9), np.ones((3, 3), bool), iterations=min(4, max(1, thick // 2 + 1)))
    return is_ink | (closed[9:-9, 9:-9] & lines)


def _score(group: Group, labels: NDArray[np.int32], strength: FloatImage, window: float) -> float:
    top, left, bottom, right = group.window
    inside = np.isin(labels[top:bottom, left:right], group.labels)
    contrast = float(strength[top:bottom, left:right][inside].mean()) / 255
    size = group.size / max(labels.shape)
    fill = inside.mean()
    score = contrast * size**0.75
    if group.contact > 0.9:  # noqa: PLR2004, a table or a shadow
        score *= 0.05
    elif group.contact > 0:
        score *= 0.5
    if fill > 0.8 and min(bottom - top, right - left) > 0.5 * group.size:  # noqa: PLR2004, a blot
        score *= 0.2
    return score


def _is_another(group: Group, best: Group, score: float, best_score: float) -> bool:
    return group.contact == 0 and group.height >= _SIMILAR * best.height and score >= 0.3 * best_score
