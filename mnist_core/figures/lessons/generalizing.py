"""Cures for overfitting side by side: their curves, their gaps, their weights, and moved digits."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from mnist_core.config import N_DIGITS
from mnist_core.figures.awaited import rows_of
from mnist_core.figures.curves import Quantity
from mnist_core.figures.layers import add_line, add_marks, error_bars, in_two_lines, names_axis, note
from mnist_core.figures.style import (
    DIGITS,
    FONT_SIZE,
    HIDDEN_AXIS,
    MUTED,
    RIGHT,
    TEST,
    TRAINING,
    VALIDATION,
    WRONG,
    axis,
    fixed_axis,
    series_look,
    share_text,
    styled,
)
from mnist_core.lessons.generalizing import Cure, Judged, Mean, Result
from mnist_core.lessons.moved_digits import SIDE, Outside

_ACCURACY: Final = "Accuracy (%)"
_READ: Final = "Read correctly (%)"
_MARK: Final = 6
"""Pixels of one place of a drawing."""


def curves_figure(runs: Mapping[Cure, Judged], quantity: Quantity) -> go.Figure:
    """Loss or accuracy on new images over the epochs, a curve for each cure, all with the same seed.

    Args:
        runs: By their cure.
        quantity: Which of the two.
    """
    is_loss = quantity == "loss"
    figure, ends = go.Figure(), {}
    for number, (cure, run) in enumerate(runs.items()):
        values = run.loss if is_loss else 100 * run.accuracy
        color, dash, symbol = series_look(number)
        epochs, marks = list(range(1, len(values))), {"size": 6, "symbol": symbol}
        hover = f"{cure}, epoch %{{x}}: %{{y:.{3 if is_loss else 1}f}}"
        add_line(figure, epochs, values[1:], color, 2.5, dash=dash, marks=marks, name=cure, hover=hover)
        if run.kept_epoch < len(values) - 1:
            kept = run.kept_epoch
            look: dict[str, Any] = {"symbol": "circle-open", "edge": {"width": 3}, "showlegend": False}
            add_marks(figure, [kept], [values[kept]], color, 18, hover=f"epoch {kept} is kept", **look)
        ends[cure] = float(values[run.kept_epoch])
    order = sorted(ends, key=ends.__getitem__, reverse=not is_loss)
    form = "{:.2f}".format if is_loss else "{:.1f}%".format
    best, worst = (f"{form(ends[cure])} with {cure}" for cure in (order[0], order[-1]))
    listed = ", ".join(f"{cure} {form(end)}" for cure, end in ends.items())
    ends_in_words = ("lowest", "highest") if is_loss else ("highest", "lowest")
    return styled(
        figure,
        f"{quantity.capitalize()} on new images: {ends_in_words[0]} {best}, {ends_in_words[1]} {worst}",
        f"Validation {quantity} over the epochs. Of the networks kept: {listed}.",
        height=370,
        corner="top right" if quantity == "loss" else "bottom right",
        is_cut=True,
        xaxis=axis("Epoch", rangemode="tozero"),
        yaxis=axis("Validation loss (nats)" if is_loss else "Validation accuracy (%)"),
    )


def gap_frame(cures: Sequence[Cure]) -> dict[str, Any]:
    """The height and the axes of `gap_figure`."""
    return _frame_of_rows(cures, 410, _ACCURACY)


def outside_frame(cures: Sequence[Cure]) -> dict[str, Any]:
    """The height and the axes of `outside_figure`."""
    return _frame_of_rows(cures, 400, _READ)


def _frame_of_rows(cures: Sequence[Cure], height: int, name: str) -> dict[str, Any]:
    return {
        "height": height,
        "xaxis": fixed_axis(name, range=[80, 100]),
        "yaxis": rows_of(in_two_lines(cures), range=_below_legend(cures)["range"]),
    }


def gap_figure(results: Mapping[Cure, Result]) -> go.Figure:
    """Training and validation accuracy of each cure, joined by the gap between them.

    Args:
        results: By their cure.
    """
    figure = go.Figure()
    for cure, result in results.items():
        ends = [100 * result.accuracy.mean, 100 * result.training.mean]
        add_line(figure, ends, [cure, cure], MUTED, 5, showlegend=False)
    for name, color, symbol, field in (
        ("training images", TRAINING, "circle", "training"),
        ("validation images", VALIDATION, "diamond", "accuracy"),
    ):
        means = {cure: getattr(result, field) for cure, result in results.items()}
        _add_means(figure, means, color, symbol=symbol, name=name, scale=100)
    for cure, result in results.items():
        middle = 50 * (result.accuracy.mean + result.training.mean)
        figure.add_annotation(note(middle, cure, f"{100 * result.gap.mean:.1f}", yshift=13))
    listed = ", ".join(f"{cure} {100 * result.gap.mean:.1f}" for cure, result in results.items())
    gaps = {cure: result.gap.mean for cure, result in results.items()}
    narrow, wide = min(gaps, key=gaps.__getitem__), max(gaps, key=gaps.__getitem__)
    return styled(
        figure,
        f"The gap is widest with {wide}, {100 * gaps[wide]:.1f} percentage points, "
        f"and narrowest with {narrow}, {100 * gaps[narrow]:.1f}",
        f"Gap between training and validation accuracy in percentage points: {listed}.",
        height=gap_frame(list(results))["height"],
        corner="top",
        is_cut=True,
        xaxis=fixed_axis(_ACCURACY),
        yaxis=_below_legend(list(results)),
    )


def _below_legend(cures: Sequence[Cure]) -> dict[str, Any]:
    """An axis of names, from the top, with room for a row of the legend above them."""
    return _names_axis(cures) | {"autorange": False, "range": [len(cures) - 0.4, -1.1]}


def _names_axis(cures: Sequence[Cure]) -> dict[str, Any]:
    return names_axis(fixedrange=True, tickvals=[*cures], ticktext=in_two_lines(cures))


def _add_means(
    figure: go.Figure,
    means: Mapping[Cure, Mean],
    color: str,
    *,
    symbol: str,
    name: str = "",
    scale: float = 1,
) -> None:
    """A mark at each mean, and its interval over the seeds, of which a share ends at 100%."""
    values = [scale * each.mean for each in means.values()]
    margins = [scale * (each.high - each.mean) for each in means.values()]
    most = 100 if scale == 100 else math.inf  # noqa: PLR2004, percent
    above = [min(margin, most - value) for margin, value in zip(margins, values, strict=True)]
    error = {"array": above, "arrayminus": margins, "symmetric": False, "thickness": 2, "width": 5}
    hover = f"%{{y}}: %{{x:.3g}} ± %{{error_x.arrayminus:.2g}}<extra>{name}</extra>"
    look: dict[str, Any] = {"symbol": symbol, "error_x": error, "name": name, "hover": hover}
    add_marks(figure, values, list(means), color, 12, **look)


def sizes_figure(results: Mapping[Cure, Result], chosen: Cure) -> go.Figure:
    """How large the weights of the first hidden layer are with each cure.

    Args:
        results: By their cure.
        chosen: The one the title compares with none.
    """
    sizes = {cure: result.weight_size for cure, result in results.items()}
    figure = go.Figure()
    _add_means(figure, sizes, MUTED, symbol="circle")
    listed = ", ".join(f"{cure} {size.mean:.3f}" for cure, size in sizes.items())
    times = sizes[chosen].mean / sizes["nothing"].mean
    return styled(
        figure,
        f"With {chosen} the weights are {times:.2f} times as large as with nothing",
        f"Root mean square of the weights of the hidden layer: {listed}.",
        height=405,
        xaxis=fixed_axis("Size of the weights (root mean square)", rangemode="tozero"),
        yaxis=_names_axis(list(results)) | {"autorange": False, "range": [len(results) - 0.2, -0.5]},
    )


def outside_figure(outsides: Mapping[Cure, Outside]) -> go.Figure:
    """How the networks of all cures read validation, test and moved test images, with 95% intervals.

    Args:
        outsides: By their cure.
    """
    figure = go.Figure()
    kinds = (
        ("validation images", "validation", VALIDATION, "diamond"),
        ("test images", "test", TEST, "star"),
        ("test images, moved", "moved", TEST, "star-open"),
    )
    for name, field, color, symbol in kinds:
        results = [getattr(outside, field) for outside in outsides.values()]
        percents = [100 * result.accuracy for result in results]
        error = error_bars(percents, [result.interval for result in results], thickness=2, width=5)
        hover = f"%{{y}}: %{{x:.1f}}%<extra>{name}</extra>"
        look: dict[str, Any] = {"symbol": symbol, "error_x": error, "name": name, "hover": hover}
        add_marks(figure, percents, list(outsides), color, 13, **look)
    listed = "; ".join(
        f"{cure}: validation {share_text(o.validation.accuracy)}, test {share_text(o.test.accuracy)}, "
        f"moved {share_text(o.moved.accuracy)}"
        for cure, o in outsides.items()
    )
    without, shifted = outsides["nothing"], outsides["shifted copies"]
    return styled(
        figure,
        f"Moved test images read correctly: {share_text(without.moved.accuracy)} with nothing, "
        f"{share_text(shifted.moved.accuracy)} with shifted copies",
        f"Accuracy with 95% intervals. {listed}.",
        corner="top",
        is_cut=True,
        **outside_frame(list(outsides))
        | {"xaxis": fixed_axis(_READ), "yaxis": _below_legend(list(outsides))},
    )


def places_figure(outsides: Mapping[Cure, Outside]) -> go.Figure:
    """Ten drawings at all places of a square: read correctly or not, a row of squares for each network.

    Args:
        outsides: By their cure.
    """
    pitch = SIDE + 1
    places: dict[bool, tuple[list[int], list[int]]] = {True: ([], []), False: ([], [])}
    figure, counted = go.Figure(), {}
    for digit in DIGITS:
        figure.add_annotation(note(pitch * digit + SIDE / 2 - 0.5, -2.8, f"<b>{digit}</b>"))
    for row, (cure, outside) in enumerate(outsides.items()):
        counted[cure] = f"{int(outside.drawn.sum())} of {outside.drawn.size}"
        for (digit, down, right), is_read in np.ndenumerate(outside.drawn):
            xs, ys = places[bool(is_read)]
            xs.append(pitch * digit + right)
            ys.append((pitch + 1) * row + down)
        above = (pitch + 1) * row - 1
        figure.add_annotation(note(-0.5, above, f"{cure}: {counted[cure]}", xanchor="left"))
    for are_read, name, color, symbol in (
        (True, "read correctly", RIGHT, "square"),
        (False, "misread", WRONG, "x"),
    ):
        add_marks(figure, *places[are_read], color, _MARK, symbol=symbol, name=name)
    listed = "; ".join(f"{words} with {cure}" for cure, words in counted.items())
    last = (pitch + 1) * len(counted) - 2
    return styled(
        figure,
        f"Ten drawings, each in {SIDE * SIDE} places; read correctly: {listed}",
        f"Ten drawings in {SIDE} times {SIDE} places; read correctly: {listed}.",
        height=330,
        legend={"orientation": "h", "yanchor": "top", "y": 0, "x": 0, "font": {"size": FONT_SIZE}},
        xaxis={**HIDDEN_AXIS, "range": [-1, pitch * N_DIGITS - 1]},
        yaxis={**HIDDEN_AXIS, "range": [last, -3.6]},
    )
