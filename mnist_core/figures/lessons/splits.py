"""The lesson on testing: which images are for what, and who sees which of them when."""

from typing import Any, Final

import plotly.graph_objects as go

from mnist_core.figures.layers import add_bars, add_marks, note
from mnist_core.figures.style import MUTED, TEST, TRAINING, VALIDATION, fixed_axis, n_of, styled

_ROWS: Final = ("Training", "Validation", "Test")
_FEW_EPOCHS: Final = 10
_N_TICKS: Final = 4
"""Epochs that have their number on the axis, or a few more."""
_WIDE: Final = 0.35
"""A bar of at least this share of the axis has room for its number."""


def split_figure(n_training: int, n_validation: int, n_unused: int, n_test: int) -> go.Figure:
    """Which images are for what, to scale: bars that begin where the one above ends.

    Args:
        n_training: Images trained on.
        n_validation: Images set aside, the last of the training images in use.
        n_unused: Training images left out.
        n_test: Test images.
    """
    n_all = n_training + n_validation + n_unused + n_test
    bars = [
        ("Training", TRAINING, 0, n_training),
        ("Validation", VALIDATION, n_training, n_validation),
        ("Not used", MUTED, n_training + n_validation, n_unused),
        ("Test", TEST, n_all - n_test, n_test),
    ]
    figure = go.Figure()
    for name, color, start, count in bars:
        if count or name != "Not used":
            hover = f"{name}: {count:,} images"
            add_bars(figure, [count], [name], color, hover, base=[start], orientation="h")
            figure.add_annotation(**_number(name, start, count, n_all))
    shares = f"{n_training:,} train, {n_validation:,} validate, {n_test:,} test"
    unused = f" {n_unused:,} training images are not used." if n_unused else ""
    return styled(
        figure,
        f"{n_training:,} images for training, {n_validation:,} for validation, {n_test:,} for testing",
        f"Bars to scale: of the images, {shares}.{unused}",
        height=230,
        xaxis=fixed_axis("Images, to scale", range=[0, n_all], showticklabels=False),
        yaxis=fixed_axis("", autorange="reversed", showgrid=False),
        bargap=0.25,
    )


def _number(name: str, start: int, count: int, n_all: int) -> dict[str, Any]:
    """A bar's number: inside where there is room, else on the side where there is."""
    place: dict[str, Any] = {"x": start, "xanchor": "right", "xshift": -4}
    font: dict[str, Any] = {"size": 16}
    if count >= _WIDE * n_all:
        place, font = {"x": start + count / 2}, font | {"color": "white"}
    elif start + count <= n_all / 2:
        place = {"x": start + count, "xanchor": "left", "xshift": 4}
    return note(y=name, text=f"<b>{count:,}</b>", font=font, **place)


def timeline_figure(epochs: int, steps_per_epoch: int, has_validation: bool) -> go.Figure:
    """Who sees which images when: training all the time, validation after each epoch, the test once.

    Args:
        epochs: Of the run.
        steps_per_epoch: Updates in each.
        has_validation: Whether any images are set aside.
    """
    ends = list(range(1, epochs + 1))
    figure = go.Figure()
    hover = f"{steps_per_epoch:,} updates of the weights"
    starts = [end - 0.95 for end in ends]
    add_bars(figure, [0.9] * epochs, [_ROWS[0]] * epochs, TRAINING, hover, base=starts, orientation="h")
    measured, once = "measured, no weight changes", "measured once, after all choices have been made"
    moments = (
        ("Validation", VALIDATION, "diamond", ends if has_validation else [], measured),
        ("Test", TEST, "star", [1.06 * epochs], once),
    )
    for row, color, symbol, xs, hover in moments:
        size = 24 if row == "Test" else 15 if epochs <= _FEW_EPOCHS else 9
        add_marks(figure, xs or [None], [row] * max(1, len(xs)), color, size, symbol=symbol, hover=hover)
    n_measured = epochs if has_validation else 0
    few = ends[round(epochs / _N_TICKS) - 1 :: round(epochs / _N_TICKS)] if epochs > _N_TICKS else ends
    names = [f"epoch {few[0]}", *map(str, few[1:])]  # a name below the numbers would take the data's room
    return styled(
        figure,
        f"{epochs * steps_per_epoch:,} updates, {n_of(n_measured, 'validation measurement')}, one test",
        f"Timeline of {epochs} epochs: training images change the weights in each, in "
        f"{steps_per_epoch:,} updates; validation images are looked at {n_measured} times, after an epoch; "
        "test images once, at the end.",
        height=230,
        xaxis=fixed_axis("", range=[0, 1.12 * epochs], showgrid=False, tickvals=few, ticktext=names),
        yaxis=fixed_axis(
            "", categoryorder="array", range=[-0.5, 2.5], showgrid=False, categoryarray=_ROWS[::-1]
        ),
        bargap=0.45,
    )
