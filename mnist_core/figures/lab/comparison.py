"""Several runs in one picture: curves, accuracies, and the difference of two confusion matrices."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from mnist_core.analysis.reports import DigitReport
from mnist_core.arrays import IndexArray
from mnist_core.config import N_DIGITS
from mnist_core.figures.curves import QUANTITY_NAMES, Quantity, values_of
from mnist_core.figures.layers import add_line, add_marks, add_signed_map, confusion_layout, error_bars
from mnist_core.figures.style import BETTER_OR_WORSE, TEST, axis, series_look, styled, with_minus
from mnist_core.training.record import History


def curves_figure(histories: Mapping[str, History], quantity: Quantity) -> go.Figure:
    """The validation figures of each run over its epochs; of a run without any, the training figures.

    Args:
        histories: By the name of the run.
        quantity: Which of the two.
    """
    figure, last = go.Figure(), []
    for number, (name, history) in enumerate(histories.items()):
        images = "validation" if history.has_validation else "training"
        values = values_of(history, images, quantity)
        color, dash, symbol = series_look(number)
        add_line(
            figure,
            list(range(1, len(values) + 1)),
            values,
            color,
            2.5,
            dash=dash,
            marks={"size": 9, "color": color, "symbol": symbol},
            name=name if history.has_validation else f"{name} (training)",
            hover=f"epoch %{{x}}: %{{y:.4g}}<extra>{images}</extra>",
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
    intervals = [report.interval for report in reports.values()]
    figure = go.Figure()
    add_marks(
        figure,
        percents,
        names,
        TEST,
        12,
        error_x=error_bars(percents, intervals, thickness=3),
        text=[f"{percent:.2f} %" for percent in percents],
        textposition="top center",
        cliponaxis=False,
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
    )


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
    finding = f"reads {abs(n_more)} images {'more' if n_more >= 0 else 'fewer'} right"
    return styled(
        figure,
        f"{second} {finding} than {first}",
        f"Difference of two confusion matrices: {second} {finding} than {first}.",
        height=500,
        **confusion_layout(text, np.abs(gain) > largest / 2),
    )
