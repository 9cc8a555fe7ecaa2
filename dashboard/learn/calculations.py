"""Calculations as lessons write them: rounded numbers that give the result which stands behind them."""

import math
from collections.abc import Callable, Sequence
from decimal import Context, Decimal, localcontext
from typing import Any, Final

_MOST_MORE: Final = 6
"""Digits more than usual that a number may have."""


def calculation(
    compute: Callable[..., Any], values: Sequence[float], decimals: Sequence[int], of_result: int
) -> list[str]:
    """Numbers and their result as text: with so many digits that the written numbers give the written result.

    Args:
        compute: What is calculated, of as many decimal numbers as there are values.
        values: The numbers, not rounded.
        decimals: How many each is written with, unless all of them need more.
        of_result: The same of the result.

    Returns:
        The numbers, and the result last.
    """
    with localcontext(Context(traps=[])):  # what is not finite gives NaN
        exact = f"{compute(*map(Decimal, values)):z.{of_result}f}"
        for more in range(_MOST_MORE + 1):
            written = [f"{value:z.{n + more}f}" for value, n in zip(values, decimals, strict=True)]
            if f"{compute(*map(Decimal, written)):z.{of_result}f}" == exact:
                break
    return [*written, exact]


def updated(start: float, rate: float, slope: float) -> list[str]:
    """A weight, its slope, and the weight after one update of gradient descent, so written."""
    of_slope = max(5, 4 + math.ceil(math.log10(rate)))
    return calculation(lambda w, s: w - Decimal(f"{rate:g}") * s, (start, slope), (3, of_slope), 3)


def in_brackets(written: str) -> str:
    """A number as it is written behind a sign of multiplication: a negative one in brackets."""
    return f"({written})" if written.startswith("-") else written
