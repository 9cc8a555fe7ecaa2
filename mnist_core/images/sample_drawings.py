"""Ten drawings of digits to begin with, as strokes: who cannot or need not draw has something to look at."""

from typing import Final

import numpy as np

from mnist_core.images.drawing import Stroke

Polyline = tuple[tuple[float, float], ...]

WIDTH: Final = 18.0
_CORNERS: Final[tuple[tuple[Polyline, ...], ...]] = (
    (((150, 50), (95, 85), (85, 170), (130, 230), (185, 190), (195, 110), (150, 50)),),
    (((130, 70), (152, 50), (148, 140), (144, 230)),),
    (((90, 95), (130, 50), (185, 75), (165, 140), (90, 225), (135, 215), (200, 225)),),
    (((90, 70), (150, 45), (180, 90), (125, 135), (190, 165), (165, 225), (85, 220)),),
    (((105, 50), (90, 150), (190, 145)), ((180, 60), (172, 150), (165, 235))),
    (((185, 55), (105, 55), (95, 130), (165, 130), (185, 190), (140, 230), (85, 215)),),
    (((165, 50), (105, 110), (90, 190), (135, 230), (185, 195), (150, 150), (100, 180)),),
    (((85, 65), (140, 60), (195, 60), (165, 130), (135, 230)),),
    (
        (
            (180, 80),
            (135, 50),
            (100, 90),
            (140, 135),
            (185, 185),
            (140, 230),
            (95, 190),
            (140, 140),
            (180, 80),
        ),
    ),
    (((180, 90), (135, 55), (100, 100), (140, 135), (180, 90), (178, 150), (165, 235)),),
)
"""The corners of each digit's lines, 0 to 9, in the square of `drawing.CANVAS`."""


def sample(digit: int) -> tuple[Stroke, ...]:
    """A drawing of a digit, 0 to 9."""
    return tuple(Stroke(_rounded(corners), WIDTH) for corners in _CORNERS[digit])


def _rounded(corners: Polyline) -> Polyline:
    """The line with its corners cut off three times over (Chaikin, 1974); its ends stay where they are."""
    line = np.array(corners, float)
    for _ in range(3):
        near, far = 0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]
        cut = np.stack([near, far], axis=1).reshape(-1, 2)
        line = np.concatenate([line[:1], cut, line[-1:]])
    return tuple((float(x), float(y)) for x, y in line.round(1))
