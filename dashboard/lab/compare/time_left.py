"""How long a sweep still takes, in steps that can be read, and without rising at each new estimate."""

import math
from typing import Final

_STEP, _MINUTE = 5, 60
"""Seconds: of a step below a minute, and above."""
_RISE: Final = 1.5
"""How many times what is shown an estimate has to be, so that what is shown rises."""


def steady(shown: int | None, seconds: float) -> int:
    """Seconds to show next: as the estimate falls, and higher only where it has clearly risen.

    Args:
        shown: What was shown before; None for nothing.
        seconds: The newest estimate.
    """
    step = _STEP if seconds <= _MINUTE else _MINUTE
    rounded = step * max(1, math.ceil(seconds / step))
    if shown is None or rounded < shown or seconds >= _RISE * shown:
        return rounded
    return shown
