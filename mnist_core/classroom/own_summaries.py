"""The numbers that a class has answered, in few words and as a histogram."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

N_BARS_AT_MOST: Final = 15


@dataclass(frozen=True)
class NumberSummary:
    """Numbers at a glance.

    Attributes:
        median: As many answers are below as above.
        lower: An answer; at most a quarter of the answers is below.
        upper: An answer; at most a quarter of the answers is above.
        edges: Of the bars of a histogram, one more than bars, rising.
        counts: How many answers each bar has; the upper edge counts in the last bar only.
    """

    median: float
    lower: float
    upper: float
    edges: tuple[float, ...]
    counts: tuple[int, ...]

    @property
    def middle_half(self) -> str:
        """Between which of two or more answers at least half of them are, in words."""
        low, high = number_in_words(self.lower), number_in_words(self.upper)
        answers = low if low == high else f"from {low} to {high}"
        return f"At least half of the {sum(self.counts):,} answers are {answers}"


def number_in_words(number: float) -> str:
    """A number as a class reads it: its first six digits, without an exponent, with commas."""
    return f"{float(f'{number:.6g}'):,.10g}"


def summarize_numbers(answers: Sequence[tuple[float, int]]) -> NumberSummary:
    """Sum up numbers.

    Whole numbers that lie close have a bar each; all others are put into bars as wide as Freedman and
    Diaconis's rule says (1981), at most `N_BARS_AT_MOST`.

    Args:
        answers: One or more numbers, each with how often it was given.
    """
    values = np.repeat([number for number, _ in answers], [count for _, count in answers]).astype(np.float64)
    lower, median, upper = np.quantile(values, (0.25, 0.5, 0.75))
    lowest, highest = values.min(), values.max()
    if np.all(values == np.rint(values)) and highest - lowest < N_BARS_AT_MOST:
        edges = np.arange(lowest - 0.5, highest + 1.0)
    else:
        width = 2 * (upper - lower) / np.cbrt(len(values))
        n_bars = (
            N_BARS_AT_MOST
            if width <= 0
            else int(np.clip(np.ceil((highest - lowest) / width), 1, N_BARS_AT_MOST))
        )
        edges = (
            np.linspace(lowest, highest, n_bars + 1) if highest > lowest else lowest + np.array([-0.5, 0.5])
        )
    counts, edges = np.histogram(values, edges)
    return NumberSummary(
        float(median),
        lower=float(np.quantile(values, 0.25, method="lower")),
        upper=float(np.quantile(values, 0.75, method="higher")),
        edges=tuple(map(float, edges)),
        counts=tuple(map(int, counts)),
    )
