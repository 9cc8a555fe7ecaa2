"""Ink on a photograph: what stands out from the paper, also where the light on it is uneven.

Reads gray levels, and gives a picture of the kind `drawing.prepare_like_mnist` takes.
"""

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from mnist_core.arrays import ByteArray

FloatImage = NDArray[np.float32]

_COARSE: Final = 120  # pixels of the longer side where only large things are looked for
_WINDOW: Final = 3  # a stroke is thinner than this part of the picture, and the light under it changes slowly
_LEAST_CONTRAST: Final = 24.0  # gray levels between ink and paper; the noise of a camera stays below
_LEAST_AREA: Final = 0.002  # of the picture: what is smaller and lies alone may be dirt
_LEAST_SHARE: Final = 0.05  # of the largest piece of ink: what is smaller is not a part of the digit


def find_ink(gray: ByteArray) -> tuple[ByteArray, bool] | None:
    """The ink of a picture, made bright on black.

    Ink is the minority of the pixels, so the differences from the surroundings are skewed towards it. The
    paper is what is left when everything narrower than a third of the picture has been removed (a
    morphological opening); the threshold above it is Otsu's.

    Args:
        gray: uint8, shape (h, w), 0 is black.

    Returns:
        uint8 of the same shape, 0 is paper and 255 is ink, and whether the ink was darker than the paper;
        None if nothing stands out.
    """
    is_dark = _skew(gray) < 0
    bright = 255 - gray if is_dark else gray
    above = np.clip(bright.astype(np.float32) - _paper(bright), 0, 255)
    threshold = otsu(above.astype(np.uint8))
    is_ink = above > threshold
    if not is_ink.any() or above[is_ink].mean() - above[~is_ink].mean() < _LEAST_CONTRAST:
        return None
    strength = np.clip((above - threshold / 2) / max(float(threshold), 1.0), 0, 1)  # soft edges, as in MNIST
    return (255 * strength * _belongs(is_ink)).astype(np.uint8), is_dark


def otsu(gray: ByteArray) -> int:
    """The gray level that parts the pixels best: the variance between both classes is largest (Otsu, 1979).

    Returns:
        The highest level of the darker class.
    """
    counts = np.bincount(gray.ravel(), minlength=256).astype(np.float64)
    below, total = np.cumsum(counts), counts.sum()
    mass = np.cumsum(counts * np.arange(256))
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (mass[-1] * below / total - mass) ** 2 / (below * (total - below))
    return int(np.nanargmax(np.where(np.isfinite(between), between, -1)))


def _skew(gray: ByteArray) -> float:
    """Below 0 where what stands out from the surroundings is darker than they are."""
    small = _small(gray)
    surroundings = small.filter(ImageFilter.GaussianBlur(max(small.size) / 4))
    difference = np.asarray(small, np.float32) - np.asarray(surroundings, np.float32)
    return float(((difference - difference.mean()) ** 3).mean())


def _paper(bright: ByteArray) -> FloatImage:
    """How bright the paper is at each pixel, the ink being brighter."""
    small = _small(bright).filter(ImageFilter.MedianFilter(3))
    window = max(small.size) // _WINDOW | 1
    opened = 255 - _eroded(255 - _eroded(np.asarray(small), window), window)
    smooth = Image.fromarray(opened).filter(ImageFilter.GaussianBlur(window / 4))
    height, width = bright.shape
    return np.asarray(smooth.resize((width, height), Image.Resampling.BILINEAR), np.float32)


def _small(gray: ByteArray) -> Image.Image:
    picture = Image.fromarray(gray)
    picture.thumbnail((_COARSE, _COARSE))
    return picture


def _eroded(gray: ByteArray, window: int) -> ByteArray:
    """The smallest level in a square around each pixel."""
    for axis in (0, 1):
        reach = [(window // 2, window // 2) if a == axis else (0, 0) for a in (0, 1)]
        padded = np.pad(gray, reach, mode="edge")
        gray = sliding_window_view(padded, window, axis=axis).min(axis=-1)
    return gray


def _belongs(is_ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where the digit is: without dirt, and without what comes in from the edge, such as a table.

    Where all ink touches the edge, it is the digit after all.
    """
    height, width = is_ink.shape
    coarse = Image.fromarray(is_ink.astype(np.uint8) * 255)
    coarse.thumbnail((_COARSE, _COARSE), Image.Resampling.BOX)
    pieces = _pieces(np.asarray(coarse) > 0)
    last = (coarse.height - 1, coarse.width - 1)
    inner = [
        piece
        for piece in pieces
        if len(piece) >= _LEAST_AREA * coarse.height * coarse.width
        and not any(row in (0, last[0]) or column in (0, last[1]) for row, column in piece)
    ]
    kept = inner or pieces
    largest = max(map(len, kept))
    mask = np.zeros((coarse.height, coarse.width), np.uint8)
    for piece in kept:
        if len(piece) >= _LEAST_SHARE * largest:
            mask[tuple(np.array(piece).T)] = 255
    grown = Image.fromarray(mask).filter(ImageFilter.MaxFilter(3))  # the soft edge belongs to it too
    return np.asarray(grown.resize((width, height), Image.Resampling.NEAREST)) > 0


def _pieces(is_ink: NDArray[np.bool_]) -> list[list[tuple[int, int]]]:
    """The pixels of each connected piece, diagonal neighbours connected too."""
    left = {(int(row), int(column)) for row, column in np.argwhere(is_ink)}
    pieces = []
    while left:
        piece = [left.pop()]
        for row, column in piece:  # grows while it is walked
            around = {(row + i, column + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left
            left -= around
            piece.extend(around)
        pieces.append(piece)
    return pieces
