"""Several runs in one picture: curves, accuracies, and the difference of two confusion matrices."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import plotly.graph_objects as go

from mnist_core.analysis.intervals import wilson_interval
from mnist_core.analysis.reports import DigitReport
from mnist_core.arrays import IndexArray
from mnist_core.config import N_DIGITS
from mnist_core.figures.curves import QUANTITY_NAMES, Quantity
from mnist_core.figures.style import (
    SERIES,
    SERIES_DASHES,
    SERIES_SYMBOLS,
    TEST,
    axis,
    styled,
)
from mnist_core.training.record import History

_DIGITS: Final = list(range(N_DIGITS))
_BETTER_OR_WORSE: Final = [
    [0.0, "rgba(208,90,30,1)"],
    [0.5, "rgba(208,90,30,0)"],
    [0.5, "rgba(26,154,120,0)"],
    [1.0, "rgba(26,154,120,1)"],
]
"""WRONG below 0, RIGHT above, and the page itself at 0."""


def curves_figure(histories: Mapping[str, History], quantity: Quantity) -> go.Figure:
    """The validation figures of each run over its epochs; of a run without any, the training figures.

    Args:
        histories: By the name of the run.
        quantity: Which of the two.
    """
    scale = 100 if quantity == "accuracy" else 1
    figure, last = go.Figure(), []
    for number, (name, history) in enumerate(histories.items()):
        kind = "validation" if history.has_validation else "training"
        values = scale * getattr(history, f"{kind}_{quantity}")
        color = SERIES[number % len(SERIES)]
        figure.add_scatter(
            x=list(range(1, len(values) + 1)),
            y=values.tolist(),
            mode="lines+markers",
            line={"color": color, "width": 2.5, "dash": SERIES_DASHES[number % len(SERIES_DASHES)]},
            marker={"size": 9, "color": color, "symbol": SERIES_SYMBOLS[number % len(SERIES_SYMBOLS)]},
            name=name if kind == "validation" else f"{name} (training)",
            hovertemplate=f"epoch %{{x}}: %{{y:.4g}}<extra>{kind}</extra>",
        )
        if len(values):
            last.append(f"{name} {values[-1]:.3g}")
    return styled(
        figure,
        f"{quantity.capitalize()} after each epoch",
        f"{quantity.capitalize()} after the last epoch: {'; '.join(last) or 'none is finished'}.",
        height=400,
        xaxis=axis("Epoch", rangemode="tozero", tickformat="d"),
        yaxis=axis(QUANTITY_NAMES[quantity]),
        showlegend=True,
    )


def accuracies_figure(reports: Mapping[str, DigitReport]) -> go.Figure:
    """The test accuracy of each run with its 95 % interval, one below the other.

    Args:
        reports: By the name of the run.
    """
    names = list(reports)
    percents = [100 * report.n_right / report.n_images for report in reports.values()]
    intervals = [wilson_interval(report.n_right, report.n_images) for report in reports.values()]
    figure = go.Figure()
    figure.add_scatter(
        x=percents,
        y=names,
        error_x={
            "array": [100 * i.high - p for i, p in zip(intervals, percents, strict=True)],
            "arrayminus": [p - 100 * i.low for i, p in zip(intervals, percents, strict=True)],
            "thickness": 3,
        },
        mode="markers+text",
        text=[f"{percent:.2f} %" for percent in percents],
        textposition="top center",
        cliponaxis=False,
        marker={"size": 12, "color": TEST},
        hoverinfo="skip",
    )
    best = max(range(len(names)), key=percents.__getitem__)
    told = ", ".join(f"{name} {percent:.2f} %" for name, percent in zip(names, percents, strict=True))
    return styled(
        figure,
        f"Highest test accuracy: {names[best]}",
        f"Test accuracy with 95 % interval: {told}.",
        height=130 + 62 * len(names),
        xaxis=axis("Test accuracy (%), 95 % interval"),
        yaxis=axis("", autorange="reversed", type="category"),
        showlegend=False,
    )


def difference_figure(difference: IndexArray, first: str, second: str) -> go.Figure:
    """How the second confusion matrix differs from the first: green where that is better, orange where worse.

    Args:
        difference: Shape (10, 10), from `comparison.confusion_difference`.
        first: Name of the run that is subtracted.
        second: Name of the run that it is subtracted from.
    """
    gain = np.where(np.eye(N_DIGITS, dtype=bool), difference, -difference)  # more on the diagonal is better
    largest = max(1, int(np.abs(gain).max()))
    figure = go.Figure()
    figure.add_heatmap(
        z=gain.tolist(),
        zmin=-largest,
        zmax=largest,
        colorscale=_BETTER_OR_WORSE,
        showscale=False,
        hoverinfo="skip",
    )
    notes = [
        {
            "x": j,
            "y": i,
            "text": f"<b>{difference[i, j]:+d}</b>".replace("-", "−") if difference[i, j] else "·",
            "showarrow": False,
        }
        | ({"font": {"color": "white"}} if abs(gain[i, j]) > largest / 2 else {})
        for i in _DIGITS
        for j in _DIGITS
    ]
    n_more = int(np.trace(difference))
    finding = f"reads {abs(n_more)} images {'more' if n_more >= 0 else 'fewer'} right"
    return styled(
        figure,
        f"{second} {finding} than {first}",
        f"Difference of two confusion matrices: {second} {finding} than {first}.",
        height=500,
        annotations=notes,
        xaxis=axis("Predicted digit", tickvals=_DIGITS, showgrid=False, range=[-0.5, 9.5], fixedrange=True),
        yaxis=axis("True digit", tickvals=_DIGITS, showgrid=False, range=[9.5, -0.5], fixedrange=True),
    )
