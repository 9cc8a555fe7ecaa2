"""Loss and accuracy over the epochs of one run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
import plotly.graph_objects as go

from mnist_core.figures.layers import add_line
from mnist_core.figures.style import (
    TOOLS_HEIGHT,
    TRAINING,
    VALIDATION,
    Corner,
    axis,
    legend_inside,
    n_of,
    styled,
)
from mnist_core.training.history import History
from mnist_core.training.stretches import Border, Timeline

Quantity = Literal["loss", "accuracy"]
QUANTITIES: Final[tuple[Quantity, ...]] = get_args(Quantity)
QUANTITY_NAMES: Final[Mapping[Quantity, str]] = {
    "loss": "Loss (cross-entropy, nats)",
    "accuracy": "Accuracy (%)",
}
FREE_CORNER: Final[Mapping[Quantity, Corner]] = {"loss": "top right", "accuracy": "bottom right"}
"""Where the curves of a network that learns leave room."""
_BESIDE_LEGEND: Final = {"loss": (0.0, 0.66), "accuracy": (0.34, 1.0)}
"""From where to where a line in the right half may go, in heights of the plot."""
_CHARACTERS: Final = 50
"""That the width of the figure has room for."""
_IMAGES: Final = ("training", "validation")
FINE_OPACITY: Final = 0.85
"""Of the curve within the epochs: behind the others, and yet 3 to 1 against both pages."""
_LINE: Final = 22
"""Pixels of a line of words above the curves."""


@dataclass(frozen=True)
class PlacedBorder:
    """A border between chapters in a picture of curves.

    Attributes:
        epoch: Where its line is.
        label: What there is room for beside the line, until the next one, in a line or two.
        is_left: On which side of the line.
    """

    epoch: int
    label: str
    is_left: bool


def place_borders(borders: Sequence[Border], n_epochs: float, n_characters: int) -> list[PlacedBorder]:
    """The borders that a picture shows, each with a label that reaches no other border.

    Args:
        borders: In their order.
        n_epochs: Epochs from left to right.
        n_characters: That there is room for from left to right.
    """
    shown = [border for border in borders if border.epoch <= n_epochs]
    ends = [*(border.epoch for border in shown[1:]), n_epochs]
    placed, free = [], 0.0
    for number, (border, after) in enumerate(zip(shown, ends, strict=False), start=2):
        epoch, width = border.epoch, n_epochs / n_characters
        is_left = epoch - free > after - epoch
        room = max(epoch - free, after - epoch) / width - 1
        labels = (
            border.label,
            in_two_lines(border.changes),
            f"{border.changes[0]}, …",
            f"chapter {number}",
            "",
        )
        label = next(label for label in labels if _width(label) <= room or not label)
        free = epoch if is_left else epoch + width * (_width(label) + 1)
        placed.append(PlacedBorder(epoch, label, is_left))
    return placed


def in_two_lines(changes: Sequence[str]) -> str:
    """What changes in two lines of about the same length; in one, if it is one thing."""
    splits = [f"{', '.join(changes[:n])},\n{', '.join(changes[n:])}" for n in range(1, len(changes))]
    return min(splits, key=_width, default=changes[0])


def _width(label: str) -> int:
    """The characters of the longest line."""
    return max(map(len, label.split("\n")))


def border_in_words(border: Border) -> str:
    """Where a chapter ends, for who cannot see its line."""
    return f" After epoch {border.epoch}: {border.label}."


def values_of(history: History, images: str, quantity: Quantity) -> np.ndarray:
    """Losses (nats) or accuracies (percent): "training" or "validation" after each epoch, or the "curve"."""
    values: np.ndarray = (100 if quantity == "accuracy" else 1) * getattr(history, f"{images}_{quantity}")
    return values


def history_figure(
    history: History, quantity: Quantity, timeline: Timeline, borders: Sequence[Border] = ()
) -> go.Figure:
    """The curve within the epochs, the running mean of each epoch, and the validation figures.

    Args:
        history: What a run reported.
        quantity: Which of the two.
        timeline: Of the run, to turn updates into epochs.
        borders: Between its chapters.
    """
    fine, training, validation = (values_of(history, part, quantity) for part in ("curve", *_IMAGES))
    epochs = list(range(1, len(training) + 1))
    figure = go.Figure()
    name = "training, batch by batch"
    add_line(
        figure, timeline.epochs_at(history.curve_step), fine, TRAINING, 1, opacity=FINE_OPACITY, name=name
    )
    hover, name = "epoch %{x}: %{y:.4g}<extra>training</extra>", "training, mean over the epoch"
    add_line(figure, epochs, training, TRAINING, marks={"size": 9}, name=name, hover=hover)
    if len(validation):
        hover, name = "epoch %{x}: %{y:.4g}<extra>validation</extra>", "validation, after the epoch"
        marks = {"size": 10, "symbol": "diamond"}
        add_line(figure, epochs, validation, VALIDATION, dash="dot", marks=marks, name=name, hover=hover)
    above = _add_borders(figure, place_borders(borders, len(training), _CHARACTERS), quantity, len(training))
    return styled(
        figure,
        _title(quantity, training),
        _describe(quantity, training, validation) + "".join(map(border_in_words, borders)),
        xaxis=axis("Epoch", rangemode="tozero"),
        yaxis=axis(QUANTITY_NAMES[quantity], rangemode="tozero"),
        legend=legend_inside(FREE_CORNER[quantity]),
        height=380 + above,
        margin={"l": 4, "r": 6, "t": 14 if not above else TOOLS_HEIGHT + above, "b": 4},
    )


def _add_borders(
    figure: go.Figure, borders: Sequence[PlacedBorder], quantity: Quantity, n_epochs: int
) -> int:
    """Lines where chapters end, and above the curves what changes there; the pixels that this takes."""
    for border in borders:
        low, high = _BESIDE_LEGEND[quantity] if border.epoch > n_epochs / 2 else (0, 1)
        look = {"layer": "below", "opacity": 0.7, "line": {"width": 1}}
        figure.add_shape(x0=border.epoch, x1=border.epoch, yref="paper", y0=low, y1=high, **look)
        figure.add_annotation(
            x=border.epoch,
            text=border.label.replace("\n", "<br>"),
            align="right" if border.is_left else "left",
            xanchor="right" if border.is_left else "left",
            yref="paper",
            y=1,
            yanchor="bottom",
            showarrow=False,
        )
    return _LINE * max((1 + border.label.count("\n") for border in borders), default=0)


def last_batches(history: History) -> str:
    """Of which batches the last point of the finer curve is, in words; "" while there is none."""
    if not len(history.curve_step):
        return ""
    n = int(np.diff(history.curve_step, prepend=0)[-1])
    return "last batch" if n == 1 else f"last {n:,} batches"


def lines_of(history: History, timeline: Timeline) -> dict[Quantity, dict[str, list[tuple[float, float]]]]:
    """Points (epoch, value) of the lines of both curves, for a browser; numbers that are not finite left out.

    Args:
        history: What was reported so far.
        timeline: Of the run, to turn updates into epochs.
    """
    epochs = {
        "curve": timeline.epochs_at(history.curve_step),
        "validation": 1.0 + np.arange(len(history.validation_loss)),
    }
    names = {"curve": "training", "validation": "validation"}
    return {
        quantity: {
            name: _finite_points(epochs[images], values_of(history, images, quantity))
            for images, name in names.items()
        }
        for quantity in QUANTITIES
    }


def _finite_points(x: np.ndarray, y: np.ndarray) -> list[tuple[float, float]]:
    return [(round(a, 4), round(b, 4)) for a, b in zip(x.tolist(), y.tolist(), strict=True) if np.isfinite(b)]


def _title(quantity: Quantity, training: np.ndarray) -> str:
    """What the training figures do; the validation figures may do something else."""
    if not len(training):
        return f"{quantity.capitalize()}, batch by batch"
    if quantity == "loss" and training[-1] < training[0]:
        return "The training loss goes down"
    if quantity == "accuracy" and training[-1] > training[0]:
        return "The training accuracy goes up"
    return f"{quantity.capitalize()} over {n_of(len(training), 'epoch')}"


def _describe(quantity: str, training: np.ndarray, validation: np.ndarray) -> str:
    if not len(training):
        return f"{quantity.capitalize()} curve; no epoch is finished yet."
    text = f"{quantity.capitalize()} over {n_of(len(training), 'epoch')}: "
    text += f"training {training[0]:.3g} → {training[-1]:.3g}"
    return text + (f", validation {validation[0]:.3g} → {validation[-1]:.3g}." if len(validation) else ".")
