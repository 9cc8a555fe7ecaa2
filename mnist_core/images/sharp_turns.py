"""How often the pen turns sharply: in a scribble it does so more often than in any digit."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.images.drawing import Stroke

MOST_OF_A_DIGIT: Final = 4
"""Of 600 digits of 30 people one has more, a 4."""
_STEP: Final = 0.02  # of the drawing's longer side: at such distances the direction is looked at
_REACH: Final = 3  # steps before and after a place, between which the direction is compared
_SHARP: Final = 60.0  # degrees


def count_sharp_turns(strokes: Sequence[Stroke]) -> int:
    """Places at which the pen changes its direction by more than 60° while it is down.

    Args:
        strokes: Of one drawing. From one stroke to the next there is no turn.
    """
    if not strokes:
        return 0
    points = np.concatenate([np.array(stroke.points, np.float64) for stroke in strokes])
    size = float(np.ptp(points, axis=0).max())
    return sum(_turns(np.array(stroke.points, np.float64), _STEP * size) for stroke in strokes) if size else 0


def _turns(points: NDArray[np.float64], step: float) -> int:
    """The sharp turns of one stroke; those that are closer together than the reach are one."""
    lengths = np.hypot(*np.diff(points, axis=0).T)
    moved = np.concatenate([[True], lengths > 0])
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    places = np.arange(0, along[-1], step)
    if len(places) <= 2 * _REACH:
        return 0
    x, y = (np.interp(places, along[moved], points[moved, axis]) for axis in (0, 1))
    way = x + 1j * y
    before, after = way[_REACH:-_REACH] - way[: -2 * _REACH], way[2 * _REACH :] - way[_REACH:-_REACH]
    sharp = np.flatnonzero(np.abs(np.degrees(np.angle(after * before.conj()))) > _SHARP)
    return int((np.diff(sharp) > _REACH // 2 + 1).sum()) + 1 if len(sharp) else 0
