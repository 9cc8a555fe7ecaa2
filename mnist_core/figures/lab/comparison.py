"""Several runs in one picture: curves, accuracies, and the difference of two confusion matrices."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import plotly.graph_objects as go

from mnist_core.analysis.reports import DigitReport
from mnist_core.arrays import IndexArray
from mnist_core.config import N_DIGITS
from mnist_core.figures.curves import QUANTITY_NAMES, Quantity, values_of
from mnist_core.figures.layers import add_line, add_marks, add_signed_map, confusion_layout, error_bars
from mnist_core.figures.style import BETTER_OR_WORSE, TEST, axis, series_look, styled, with_minus
from mnist_core.training.record import History

Images = Literal["training", "validation"]


def curves_figure(histories: Mapping[str, History], quantity: Quantity, images: Images) -> go.Figure:
    """The figures of each run after each epoch, of all runs on the same kind of images.

    A run that has none, because it set no validation images aside, has a dash in the legend.

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
    return styled(
        figure,
        title,
        f"{title}; after the last one: {'; '.join(last)}.",
        height=400,
        xaxis=axis("Epoch", rangemode="tozero", tickformat="d"),
        yaxis=axis(f"{images.capitalize()} {QUANTITY_NAMES[quantity].lower()}"),
        showlegend=True,
    )


def accuracies_figure(reports: Mapping[str, DigitReport], leaders: Sequence[str]) -> go.Figure:
    """The test accuracy of each run with its 95% interval, one below the other.

    Args:
        reports: By the name of the run.
        leaders: As `comparison.leaders` gives them; none if the runs were tested on different images.
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
        text=[f"{percent:.2f}%" for percent in percents],
        textposition="top center",
        cliponaxis=False,
    )
    told = ", ".join(f"{name} {percent:.2f}%" for name, percent in zip(names, percents, strict=True))
    return styled(
        figure,
        _lead(names, leaders),
        f"{_lead(names, leaders)}. Test accuracy with 95% interval: {told}.",
        height=130 + 62 * len(names),
        xaxis=axis("Test accuracy (%), 95% interval"),
        yaxis=axis("", autorange="reversed", type="category"),
    )


def _lead(names: Sequence[str], leaders: Sequence[str]) -> str:
    """Which run is ahead, as far as chance does not explain it."""
    if not leaders or len(names) == 1:
        return "Test accuracy"
    best, *level = leaders
    if not level:
        return f"{best} reads the most test images correctly; chance hardly explains its lead"
    if len(names) == 2:  # noqa: PLR2004, one and the other
        return f"{names[0]} and {names[1]}: the test images do not show a difference"
    if len(level) == len(names) - 1:
        return f"The test images do not show that any run is worse than {best}"
    return f"{best} is ahead, but chance could explain its lead over {' and '.join(level)}"


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
    finding = f"reads {abs(n_more)} {'more' if n_more >= 0 else 'fewer'} images correctly"
    return styled(
        figure,
        f"{second} {finding} than {first}",
        f"Difference of two confusion matrices: {second} {finding} than {first}.",
        height=480,
        **confusion_layout(text, np.abs(gain) > largest / 2),
    )
