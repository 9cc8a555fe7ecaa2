"""Whether a network is right as often as it is confident: the numbers of the reliability diagram."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.analysis.intervals import Interval, wilson_interval
from mnist_core.arrays import Float64Array, IndexArray

N_BINS: Final = 10
"""Bins of the reliability diagram, each a tenth of the confidence from 0 to 1."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """Whether the network is right as often as it is confident.

    Attributes:
        counts: Shape (10,), images whose confidence lies in the bin, which excludes its lower edge and
            includes its upper.
        mean_confidence: Shape (10,), nan for an empty bin.
        accuracy: Shape (10,), share of right answers, nan for an empty bin.
        intervals: Ten, each accuracy's Wilson interval, from nan to nan for an empty bin.
        expected_calibration_error: Mean distance of accuracy and confidence over the bins, weighted by
            their counts (Guo et al., 2017, equation 3).
    """

    counts: IndexArray
    mean_confidence: Float64Array
    accuracy: Float64Array
    intervals: tuple[Interval, ...]
    expected_calibration_error: float


def calibrate(confidence: NDArray[np.floating], is_right: NDArray[np.bool_]) -> Calibration:
    """The reliability diagram of n answers.

    Args:
        confidence: Shape (n,), 0 to 1.
        is_right: Shape (n,).
    """
    edges = np.linspace(0, 1, N_BINS + 1)
    bins = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, N_BINS - 1)
    counts = np.bincount(bins, minlength=N_BINS)
    right = np.bincount(bins, weights=is_right, minlength=N_BINS)
    total = np.bincount(bins, weights=confidence, minlength=N_BINS)
    with np.errstate(invalid="ignore"):
        accuracy, mean_confidence = right / counts, total / counts
    intervals = tuple(
        wilson_interval(int(r), int(n)) if n else Interval(np.nan, np.nan)
        for r, n in zip(right, counts, strict=True)
    )
    return Calibration(
        counts=counts,
        mean_confidence=mean_confidence,
        accuracy=accuracy,
        intervals=intervals,
        expected_calibration_error=float(np.abs(right - total).sum() / counts.sum()),
    )
