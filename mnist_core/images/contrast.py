"""The contrast of a photograph: one number a pixel, in which ink and paper differ most.

As a rule that is the gray level. Blue ink in yellow lamplight is as bright as the paper around it, and
differs in its colour alone.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import ByteArray

FloatImage = NDArray[np.float32]

LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)
"""How much red, green and blue count for the gray level (ITU-R BT.601)."""
_BETTER: Final = 1.5  # so much clearer must a mixture of colours be before it is taken instead of gray
_STRIDE: Final = 4  # of the pixels that the mixture is found from
_COARSER: Final = 4  # of those, to find what surrounds them


def contrast_of(rgb: ByteArray) -> FloatImage:
    """The mixture of red, green and blue in which what stands out is clearest.

    The difference of each pixel from its surroundings is divided by the noise: the mixture with the largest
    such difference is Fisher's linear discriminant between ink and paper, found without knowing either.

    Args:
        rgb: uint8, shape (h, w, 3).

    Returns:
        float32, shape (h, w), from 0 to 255; the gray level unless colours are half as clear again.
    """
    pixels = rgb.astype(np.float32)
    gray: FloatImage = pixels @ LUMA
    if _colourfulness(pixels) < 1:
        return gray
    from scipy import ndimage

    small = ndimage.uniform_filter(pixels, (_STRIDE, _STRIDE, 0))[::_STRIDE, ::_STRIDE]
    coarse = ndimage.median_filter(small[::_COARSER, ::_COARSER], (5, 5, 1))
    around = coarse.repeat(_COARSER, 0).repeat(_COARSER, 1)[: small.shape[0], : small.shape[1]]
    away = small - around
    away = away.reshape(-1, 3)
    size = np.abs(away).sum(axis=1)
    is_paper = size <= np.quantile(size, 0.7)
    noise = np.cov(away[is_paper].T) + 0.3 * np.eye(3)
    strong = away[size >= max(np.quantile(size, 0.985), 1e-3)]
    strong = strong * np.sign(strong @ LUMA + 1e-6)[:, None]
    mixture = np.linalg.solve(noise, strong.mean(axis=0))
    if _clarity(away, mixture, noise) < _BETTER * _clarity(away, LUMA, noise):
        return gray
    mixed = pixels @ (mixture / np.abs(mixture).sum()).astype(np.float32)
    low, high = np.quantile(mixed[::_STRIDE, ::_STRIDE], [0.001, 0.999])
    stretched: FloatImage = (
        ((mixed - low) * (255 / max(float(high - low), 1.0))).clip(0, 255).astype(np.float32)
    )
    return stretched


def _colourfulness(pixels: FloatImage) -> float:
    """How far red, green and blue are apart, in levels; 0 for a gray picture."""
    sample = pixels[::_STRIDE, ::_STRIDE]
    return float((sample.max(axis=-1) - sample.min(axis=-1)).mean())


def _clarity(away: FloatImage, mixture: NDArray[np.floating], noise: NDArray[np.floating]) -> float:
    """The largest differences in a mixture of colours, as a multiple of its noise."""
    return float(np.quantile(np.abs(away @ mixture), 0.99) / np.sqrt(mixture @ noise @ mixture))
