"""Several runs in one picture: curves, accuracies, and the difference of two confusion matrices."""

import math
from collections.abc import Mapping, Sequence
from typing import Final, Literal

import numpy as np
import plotly.graph_objects as go

from mnist_core.analysis.comparison import SIGNIFICANCE
from mnist_core.analysis.reports import DigitReport
from mnist_core.arrays import IndexArray
from mnist_core.config import N_DIGITS
from mnist_core.figures.curves import FREE_CORNER, QUANTITY_NAMES, Quantity, values_of
from mnist_core.figures.layers import (
    add_line,
    add_marks,
    add_signed_map,
    confusion_layout,
    error_bars,
    leaves_out_zero,
)
from mnist_core.figures.line_names import name_lines
from mnist_core.figures.style import (
    BETTER_OR_WORSE,
    TEST,
    axis,
    legend_inside,
    n_of,
    series_look,
    styled,
    with_minus,
)
from mnist_core.training.history import History

Images = Literal["training", "validation"]
_FEW: Final = 5
"""Runs whose names have room beside their curves."""
_LEAST_HEIGHT: Final = 320
"""Pixels: the names of the axes would else take too much of it."""
_CURVES_HEIGHT: Final = 400


def curves_figure(histories: Mapping[str, History], quantity: Quantity, images: Images) -> go.Figure:
    """The figures of each run after each epoch, of all runs on the same kind of images.

    A run that has none, because it set no validation images aside, has a dash in a legend; else few runs have
    their names at their lines.

    Args:
        histories: By the name of the run.
        quantity: Which of the two.
        images: On which images.
    """
    figure, last = go.Figure(), []
    for number, (name, history) in enumerate(histories.items()):
        values = values_of(history, images, quantity)
        color, dash, symbol = series_look(number)
        has_any = len(values) > 0
        add_line(
            figure,
            list(range(1, len(values) + 1)) if has_any else [None],
            values if has_any else [None],
            color,
            2.5,
            dash=dash,
            marks={"size": 9, "color": color, "symbol": symbol},
            name=name if has_any else f"{name}: –",
            hover=f"epoch %{{x}}: %{{y:.4g}}<extra>{images}</extra>",
        )
        last.append(f"{name} {values[-1]:.3g}" if has_any else f"{name} none")
    title = f"{images.capitalize()} {quantity} after each epoch"
    span = _span([values_of(history, images, quantity) for history in histories.values()])
    legend = {"legend": legend_inside(FREE_CORNER[quantity])} if len(histories) <= _FEW else {}
    return styled(
        figure,
        title,
        f"{title}; after the last one: {'; '.join(last)}.",
        height=_CURVES_HEIGHT,
        is_cut=span[0] > 0,
        xaxis=axis("Epoch", rangemode="tozero", tickformat="d"),
        yaxis=axis(f"{images.capitalize()} {QUANTITY_NAMES[quantity].lower()}", range=list(span)),
        **(name_lines(figure, span, _CURVES_HEIGHT) or {"showlegend": True, **legend}),
    )


def _span(curves: Sequence[np.ndarray]) -> tuple[float, float]:
    """The ends of an axis that holds all of them, with a little room above and below."""
    known = np.concatenate([np.zeros(0), *curves])
    known = known[np.isfinite(known)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    room = 0.06 * (high - low or 1.0)
    return low - room, high + room


def accuracies_figure(
    reports: Mapping[str, DigitReport], differing: Sequence[tuple[str, str]] | None
) -> go.Figure:
    """The test accuracy of each run with its 95% interval, one below the other.

    Args:
        reports: By the name of the run.
        differing: From `comparison.differing_pairs`; None if the runs were tested on different images.
    """
    names = list(reports)
    percents = [100 * report.n_right / report.n_images for report in reports.values()]
    intervals = [report.interval for report in reports.values()]
    figure = go.Figure()
    add_marks(
        figure,
        percents,
        names,
        TEST,
        12,
        error_x=error_bars(percents, intervals, thickness=3),
        text=[f"{percent:.1f}%" for percent in percents],
        textposition="top center",
        cliponaxis=False,
    )
    told = ", ".join(f"{name} {percent:.1f}%" for name, percent in zip(names, percents, strict=True))
    return styled(
        figure,
        _verdict(names, differing),
        f"{_verdict(names, differing)}. Test accuracy with 95% interval: {told}.",
        height=max(_LEAST_HEIGHT, 130 + 62 * len(names)),
        is_cut=leaves_out_zero(intervals),
        xaxis=axis("Test accuracy (%), 95% interval", tickformat=".1f"),
        yaxis=axis("", autorange="reversed", type="category"),
    )


def _verdict(names: Sequence[str], differing: Sequence[tuple[str, str]] | None) -> str:
    """What McNemar's test says of the pairs: no ranking by accuracy, which chance may have made."""
    if differing is None or len(names) == 1:
        return "Test accuracy"
    if len(names) == 2:  # noqa: PLR2004, one and the other
        if not differing:
            return f"Chance could explain the difference between {names[0]} and {names[1]} (McNemar's test)"
        ((better, worse),) = differing
        return f"Chance hardly explains the lead of {better} over {worse} (McNemar's test)"
    n_pairs = math.comb(len(names), 2)
    if not differing:
        return f"Chance could explain the difference in each of the {n_pairs} pairs of runs (McNemar's test)"
    by_chance = SIGNIFICANCE * n_pairs
    expected = f"; about {by_chance:.0f} such pairs would come by chance alone" if by_chance >= 1 else ""
    found = f"Chance hardly explains the difference in {len(differing)} of the {n_pairs} pairs of runs"
    return f"{found}{expected} (McNemar's test, p < {SIGNIFICANCE:g})"


def difference_figure(difference: IndexArray, first: str, second: str) -> go.Figure:
    """How the second confusion matrix differs from the first: green where that is better, red where worse.

    Args:
        difference: Shape (10, 10), from `comparison.confusion_difference`.
        first: Name of the run that is subtracted.
        second: Name of the run that it is subtracted from.
    """
    gain = np.where(np.eye(N_DIGITS, dtype=bool), difference, -difference)  # more on the diagonal is better
    largest = max(1, int(np.abs(gain).max()))
    figure = go.Figure()
    add_signed_map(figure, gain.tolist(), largest, BETTER_OR_WORSE, showscale=False, hoverinfo="skip")

    def text(i: int, j: int) -> str:
        return with_minus(f"<b>{difference[i, j]:+d}</b>") if difference[i, j] else "·"

    n_more = int(np.trace(difference))
    images = n_of(abs(n_more), "more image" if n_more > 0 else "fewer image")
    finding = f"{second} reads {images} correctly than {first}"
    if not n_more:
        finding = "Both read the same number of images correctly"
    return styled(
        figure,
        finding,
        f"Difference of two confusion matrices: {finding}.",
        height=480,
        **confusion_layout(text, np.abs(gain) > largest / 2),
    )
