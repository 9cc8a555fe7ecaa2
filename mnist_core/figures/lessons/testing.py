"""The lesson on testing: how overfitting looks, how sure an accuracy is."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from mnist_core.analysis.evaluation import Evaluation
from mnist_core.figures.curves import Quantity, values_of
from mnist_core.figures.layers import add_line, add_marks, error_bars, leaves_out_zero
from mnist_core.figures.style import (
    MUTED,
    RIGHT,
    TEST,
    TRAINING,
    VALIDATION,
    WRONG,
    axis,
    fixed_axis,
    share_text,
    styled,
)
from mnist_core.lessons.tenths import Tenths
from mnist_core.lessons.testing import Fit, KeptMoments, Measured, Spread, Winner
from mnist_core.training.history import History

_ABOVE_ALL: Final = 128
"""Percent: the top of an axis whose legend stands above 100%."""
_BELOW_LEGEND: Final = 103 / _ABOVE_ALL
"""Where a line that goes up through the plot ends, in heights of it."""
_BELOW_TWO_ENTRIES: Final = 0.78
"""The same below a legend of two entries in a corner."""
_OVERFITTING_HEIGHT: Final = 300
_LOSS_NAME: Final = "Loss (cross-entropy, nats)"


def overfitting_frame(epochs: int, highest: float = 2.5) -> dict[str, Any]:
    """What the losses of `overfitting_figure` are drawn in: its height and axes.

    Args:
        epochs: Of the run.
        highest: Nats at the upper end.
    """
    return {
        "height": _OVERFITTING_HEIGHT,
        "xaxis": axis("Epoch", range=[0, epochs]),
        "yaxis": axis(_LOSS_NAME, range=[0, highest]),
    }


def overfitting_figure(
    history: History, quantity: Quantity, fit: Fit, right_label_share: float = 1.0
) -> go.Figure:
    """Training against validation over the epochs, with the epoch of the lowest validation loss marked.

    Args:
        history: Of a run with validation images.
        quantity: Loss or accuracy.
        fit: What was found in it.
        right_label_share: Share of the training labels that are right; below 1 it is drawn.
    """
    is_loss = quantity == "loss"
    epochs, unit = list(range(1, fit.epochs + 1)), "nats" if is_loss else "%"
    figure, highest = go.Figure(), 0.0
    for images, color, dash, symbol, moment in (
        ("training", TRAINING, "solid", "circle", "mean over the epoch"),
        ("validation", VALIDATION, "dot", "diamond", "after the epoch"),
    ):
        values, marks = values_of(history, images, quantity), {"size": 7, "symbol": symbol}
        name, hover = (
            images if is_loss else f"{images}, {moment}",
            f"epoch %{{x}}: %{{y:.3g}} {unit}<extra>{images}</extra>",
        )
        add_line(figure, epochs, values, color, dash=dash, marks=marks, name=name, hover=hover)
        highest = max(highest, float(values[np.isfinite(values)].max(initial=0)))
    scale: dict[str, Any] = {"range": [0, 1.25 * highest]} if is_loss else {"rangemode": "tozero"}
    best = fit.best_loss if is_loss else 100 * fit.accuracy_at_best
    edge, name = {"width": 3}, "lowest validation loss"
    add_marks(figure, [fit.best_epoch], [best], VALIDATION, 20, symbol="circle-open", edge=edge, name=name)
    if right_label_share < 1 and not is_loss:
        figure.add_hline(y=100 * right_label_share, line={"color": MUTED, "dash": "dash", "width": 2})
        name = "share of correct training labels"  # a trace of its own, for the legend
        add_line(figure, [None], [None], MUTED, 2, dash="dash", hover=None, name=name)
    title = (
        f"Validation loss: lowest after epoch {fit.best_epoch} ({fit.best_loss:.3f}), "
        f"{fit.final_loss:.3f} at the end"
        if is_loss
        else f"Accuracy at the end: {share_text(fit.training_accuracy)} in training, "
        f"{share_text(fit.accuracy)} in validation"
    )
    return styled(
        figure,
        title,
        f"{quantity.capitalize()} of training and validation over {fit.epochs} epochs. {title}. "
        f"The epoch of the lowest validation loss is {fit.best_epoch}.",
        height=_OVERFITTING_HEIGHT,
        corner="top" if is_loss else "bottom right",
        xaxis=axis("Epoch", rangemode="tozero"),
        yaxis=axis(_LOSS_NAME if is_loss else "Accuracy (%)", **scale),
    )


def narrowing_figure(measured: Sequence[Measured], chosen: Measured) -> go.Figure:
    """An accuracy's interval for several numbers of images, one of them in colour.

    Args:
        measured: The numbers of images shown, with their intervals.
        chosen: The one in colour; one of them.
    """
    figure = go.Figure()
    for accuracy in measured:
        color, size, thickness = (TEST, 15, 5) if accuracy == chosen else (MUTED, 10, 3)
        low, high = 100 * accuracy.interval.low, 100 * accuracy.interval.high
        hover = f"{accuracy.n_images:,} images: {low:.1f} to {high:.1f}%"
        percent, name = 100 * accuracy.accuracy, f"{accuracy.n_images:,}"
        error = error_bars([percent], [accuracy.interval], thickness=thickness, width=8)
        add_marks(figure, [name], [percent], color, size, error_y=error, hover=hover)
    low, high = 100 * chosen.interval.low, 100 * chosen.interval.high
    return styled(
        figure,
        f"With {chosen.n_images:,} images the 95% interval goes from {low:.1f} to {high:.1f}%",
        f"95% intervals of one accuracy for {len(measured)} numbers of test images; "
        f"with {chosen.n_images:,} it goes from {low:.1f} to {high:.1f}%.",
        height=360,
        is_cut=leaves_out_zero(accuracy.interval for accuracy in measured),
        xaxis=fixed_axis("Number of test images", type="category", showgrid=False),
        yaxis=fixed_axis("Accuracy (%)"),
    )


def seeds_frame(names: Sequence[str], ends: Sequence[float] | None = (90, 100)) -> dict[str, Any]:
    """The height and the axes of `seeds_figure`, from one accuracy in percent to another."""
    places = {"range": [-0.5, len(names) - 0.5], "tickvals": [*range(len(names))], "ticktext": [*names]}
    return {
        "height": 380,
        "xaxis": fixed_axis("Run", showgrid=False, **places),
        "yaxis": fixed_axis("Test accuracy (%)", range=ends and [*ends]),
    }


def seeds_figure(evaluations: Sequence[Evaluation], names: Sequence[str], spread: Spread) -> go.Figure:
    """Test accuracies of runs that differ in their seed, each with its interval.

    Args:
        evaluations: Of each run, on the same images.
        names: Of each run.
        spread: How far they lie apart.
    """
    figure = go.Figure()
    for evaluation, name in zip(evaluations, names, strict=True):
        percent, interval = 100 * evaluation.accuracy, evaluation.interval
        error = error_bars([percent], [interval], thickness=3, width=8)
        ends = f"{100 * interval.low:.1f} to {100 * interval.high:.1f}%"
        hover = f"{name}: {share_text(evaluation.accuracy)}, interval {ends}"
        add_marks(figure, [name], [percent], TEST, 13, error_y=error, hover=hover)
    band = {"y0": 100 * spread.lowest, "y1": 100 * spread.highest}
    figure.add_hrect(**band, fillcolor=TEST, opacity=0.15, line_width=0)
    frame = seeds_frame(names, None)
    title = (
        f"The {len(names)} accuracies differ by up to {100 * spread.range:.1f} percentage points; "
        f"an interval is {100 * spread.width:.1f} wide"
    )
    return styled(
        figure,
        title,
        f"Test accuracy of {len(names)} runs with their 95% intervals, from {100 * spread.lowest:.1f} to "
        f"{share_text(spread.highest)}. {title}.",
        is_cut=leaves_out_zero(evaluation.interval for evaluation in evaluations),
        **frame | {"xaxis": fixed_axis("Run", type="category", showgrid=False)},
    )


def winner_figure(winners: Sequence[Winner], shown: Winner) -> go.Figure:
    """The chosen network on the images it was chosen by, and on the others.

    Args:
        winners: For several numbers of images to choose by.
        shown: The one the title tells of; one of them.
    """
    sizes = [f"{winner.n_choosing:,}" for winner in winners]
    figure = go.Figure()
    for field, name, color, symbol in (
        ("accuracy_choosing", "on the images it was chosen by", TEST, "star"),
        ("accuracy_others", "on all other test images", MUTED, "circle"),
    ):
        percents = [100 * getattr(winner, field) for winner in winners]
        marks, hover = {"size": 13, "symbol": symbol}, f"%{{y:.1f}}%<extra>{name}</extra>"
        add_line(figure, sizes, percents, color, marks=marks, name=name, hover=hover)
    look = {"line": {"color": MUTED, "dash": "dot", "width": 2}, "y0": 0, "y1": _BELOW_TWO_ENTRIES}
    figure.add_vline(x=winners.index(shown), **look)
    ends = [
        f"on the {winner.n_choosing:,} images it was chosen by {share_text(winner.accuracy_choosing)}, "
        f"on all others {share_text(winner.accuracy_others)}"
        for winner in (winners[0], winners[-1])
    ]
    return styled(
        figure,
        f"Chosen on {shown.n_choosing:,} images, the best network looks {100 * shown.flattery:z.1f} "
        "percentage points too good",
        f"Mean accuracy of the network chosen: {'; '.join(ends)}.",
        height=380,
        corner="top right",
        is_cut=True,
        xaxis=fixed_axis("Test images the choice was made on", type="category", showgrid=False),
        yaxis=fixed_axis("Winner's accuracy (%)"),
    )


def kept_figure(history: History, kept: KeptMoments) -> go.Figure:
    """What the networks of all epochs read, with a line at the epoch that early stopping keeps.

    Args:
        history: Of a run with validation images.
        kept: What its kept networks said.
    """
    figure = go.Figure()
    accuracies = 100 * history.validation_accuracy
    curves = [("validation accuracy", accuracies, VALIDATION, "dot", "diamond", 1)]
    if kept.has_wrong_labels:
        name = "wrong label repeated"
        curves.append((name, 100 * kept.repeated, WRONG, "solid", "circle", 0))
        name = "true digit read"
        curves.append((name, 100 * kept.read, RIGHT, "dash", "square", 0))
    for name, percents, color, dash, symbol, first in curves:
        epochs, marks = list(range(first, first + len(percents))), {"size": 6, "symbol": symbol}
        hover = f"epoch %{{x}}: %{{y:.1f}}%<extra>{name}</extra>"
        add_line(figure, epochs, percents, color, 2.5, dash=dash, marks=marks, name=name, hover=hover)
    look = {"line": {"color": MUTED, "dash": "dot", "width": 2}, "y0": 0, "y1": _BELOW_LEGEND}
    figure.add_vline(x=kept.best_epoch, **look)
    best, last = accuracies[kept.best_epoch - 1], accuracies[-1]
    finding = f"Validation accuracy: {best:.1f}% after epoch {kept.best_epoch}, {last:.1f}% at the end"
    if kept.has_wrong_labels:
        best, last = 100 * kept.repeated[kept.best_epoch], 100 * kept.repeated[-1]
        finding = f"Wrong labels repeated: {best:.0f}% after epoch {kept.best_epoch}, {last:.0f}% at the end"
    return styled(
        figure,
        finding,
        f"{finding}. Drawn for the {len(accuracies)} epochs of the training.",
        height=300,
        corner="top",
        xaxis=axis("Epoch", rangemode="tozero"),
        yaxis=axis("Images (%)", range=[0, _ABOVE_ALL], tickvals=[0, 25, 50, 75, 100]),
    )


def tenths_figure(tenths: Tenths) -> go.Figure:
    """How a rule without a network reads training images in tenths, one for validation, and the test."""
    figure = go.Figure()
    names = [*(f"{n}" for n in range(1, len(tenths.of_training) + 1)), "test 1", "test 2"]
    colors = [*[TRAINING] * (len(tenths.of_training) - 1), VALIDATION, TEST, TEST]
    for name, color, result in zip(names, colors, (*tenths.of_training, *tenths.of_test), strict=True):
        percent = 100 * result.accuracy
        error = error_bars([percent], [result.interval], thickness=3, width=6)
        add_marks(
            figure,
            [name],
            [percent],
            color,
            12,
            error_y=error,
            hover=f"{name}: {share_text(result.accuracy)}",
        )
    low, high = (100 * accuracy for accuracy in tenths.others)
    last = 100 * tenths.of_training[-1].accuracy
    finding = f"Read correctly: {last:.1f}% of the last tenth, {low:.1f} to {high:.1f}% of the nine others"
    first, second = (100 * result.accuracy for result in tenths.of_test)
    return styled(
        figure,
        finding,
        f"{finding}; first half of the test images {first:.1f}%, second half {second:.1f}%.",
        height=340,
        is_cut=leaves_out_zero(result.interval for result in (*tenths.of_training, *tenths.of_test)),
        xaxis=fixed_axis("Tenth of training, half of test images", type="category"),
        yaxis=fixed_axis("Read correctly (%)"),
    )
