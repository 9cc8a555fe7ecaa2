"""Between which values a share lies that was measured on n images."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

_Z: Final = NormalDist().inv_cdf(0.975)  # 1.96: so many standard deviations to each side hold 95%


@dataclass(frozen=True)
class Interval:
    """A 95% confidence interval of a share, both ends from 0 to 1."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """From the lower to the upper end."""
        return self.high - self.low


def wilson_interval(n_right: int, n: int) -> Interval:
    """The 95% interval of a share; unlike ± 1.96 σ it never leaves 0 to 1.

    Wilson (1927): (p + z²/2n ± z √(p (1 − p)/n + z²/4n²)) / (1 + z²/n). SciPy has it too, for 60 MB.
    """
    p, z_squared = n_right / n, _Z * _Z
    centre = p + z_squared / (2 * n)
    margin = _Z * math.sqrt(p * (1 - p) / n + z_squared / (4 * n * n))
    scale = 1 + z_squared / n
    return Interval(max(0.0, (centre - margin) / scale), min(1.0, (centre + margin) / scale))
