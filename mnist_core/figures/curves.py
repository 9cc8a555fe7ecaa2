"""Loss and accuracy over the epochs of one run."""

from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mnist_core.figures.layers import add_line
from mnist_core.figures.style import FONT_SIZE, TRAINING, VALIDATION, Theme, axis, styled
from mnist_core.figures.vega import Chart, quantitative, vega_text
from mnist_core.training.record import History

Quantity = Literal["loss", "accuracy"]
QUANTITIES: Final[tuple[Quantity, ...]] = get_args(Quantity)
QUANTITY_NAMES: Final[Mapping[Quantity, str]] = {
    "loss": "Loss (cross-entropy, nats)",
    "accuracy": "Accuracy (%)",
}
_IMAGES: Final = ("training", "validation")
_UNTRAINED_LOSS: Final = 2.5
"""Nats: a network that gives each digit a tenth has ln 10 = 2.3."""


def values_of(history: History, images: str, quantity: Quantity) -> np.ndarray:
    """Losses (nats) or accuracies (percent): "training" or "validation" after each epoch, or the "curve"."""
    values: np.ndarray = (100 if quantity == "accuracy" else 1) * getattr(history, f"{images}_{quantity}")
    return values


def history_figure(history: History, quantity: Quantity, steps_per_epoch: int) -> go.Figure:
    """The curve within the epochs, the running mean of each epoch, and the validation figures.

    Args:
        history: What a run reported.
        quantity: Which of the two.
        steps_per_epoch: Updates in an epoch, to turn updates into epochs.
    """
    fine, training, validation = (values_of(history, part, quantity) for part in ("curve", *_IMAGES))
    epochs = list(range(1, len(training) + 1))
    figure = go.Figure()
    name = "training, batch by batch"
    add_line(figure, history.curve_step / steps_per_epoch, fine, TRAINING, 1, opacity=0.45, name=name)
    hover, name = "epoch %{x}: %{y:.4g}<extra>training</extra>", "training, mean over the epoch"
    add_line(figure, epochs, training, TRAINING, marks={"size": 9}, name=name, hover=hover)
    if len(validation):
        hover, name = "epoch %{x}: %{y:.4g}<extra>validation</extra>", "validation, after the epoch"
        marks = {"size": 10, "symbol": "diamond"}
        add_line(figure, epochs, validation, VALIDATION, dash="dot", marks=marks, name=name, hover=hover)
    title = "The loss goes down" if quantity == "loss" else "The accuracy goes up"
    if len(training) and not _improved(training, quantity):
        title = QUANTITY_NAMES[quantity].split(" (")[0] + " over the epochs"
    return styled(
        figure,
        title,
        _describe(quantity, training, validation),
        xaxis=axis("Epoch", rangemode="tozero"),
        yaxis=axis(QUANTITY_NAMES[quantity]),
        height=380,
    )


def live_curve(
    history: History,
    quantity: Quantity,
    epochs: int,
    steps_per_epoch: float,
    *,
    theme: Theme = "light",
    height: float = 300,
    scale: float = 1.0,
) -> Chart:
    """The curve of a run that begins, goes on or has ended, as data and a Vega-Lite specification.

    Vega keeps the chart while its data grow; Plotly would draw a new one, with a blank frame between. The
    axes are the same from the beginning to the end, so that the curve moves and not the chart. The last value
    of each line stands in the corner that the lines leave free, in the colour of its line.

    Args:
        history: What was reported so far.
        quantity: Which of the two.
        epochs: Of the whole run: the length of the axis.
        steps_per_epoch: Updates in an epoch.
        theme: The page's, for the colour of the text.
        height: Pixels, before `style.larger_axes`.
        scale: What the text in the corner is multiplied by, as that function does with the axes'.
    """
    training, validation = (values_of(history, part, quantity) for part in ("curve", "validation"))
    data = pd.DataFrame(
        {
            "epoch": np.concatenate([history.curve_step / steps_per_epoch, 1 + np.arange(len(validation))]),
            "value": np.concatenate([training, validation]),
            "images": ["training"] * len(training) + ["validation"] * len(validation),
        }
    )
    color = {"domain": _IMAGES, "range": [TRAINING, VALIDATION]}
    channels = {
        "x": quantitative("epoch", "", {"domain": [0, epochs]}, axis={"tickCount": 5, "tickMinStep": 1}),
        "y": quantitative("value", "", {"domain": _range(quantity, data)}, axis={"tickCount": 5}),
    }
    looks: dict[str, dict[str, Any]] = {
        "training": {"strokeWidth": 1.5, "opacity": 0.8},
        "validation": {"strokeWidth": 3, "point": {"size": 40, "aria": False}},
    }
    lines = [_live_line(images, look) | {"encoding": channels} for images, look in looks.items()]
    specification = {
        "height": height,
        "config": vega_text(theme),
        "padding": {
            "left": 8 * scale,
            "top": 4,
            "bottom": 0,
            "right": 14,
        },  # room for half the last tick label
        "layer": [*lines, *(_last_value(images, quantity, scale) for images in _IMAGES)],
        "encoding": {"color": {"field": "images", "type": "nominal", "scale": color, "legend": None}},
    }
    return data, specification


def _range(quantity: Quantity, data: pd.DataFrame) -> list[float]:
    """Of the axis: what an untrained network has lies at one end, and a perfect one at the other."""
    if quantity == "accuracy":
        return [0, 100]
    finite = data["value"][np.isfinite(data["value"])]
    return [0, max([_UNTRAINED_LOSS, *finite])]


def _live_line(images: str, look: Mapping[str, Any]) -> dict[str, Any]:
    is_shown = [{"filter": f"datum.images == '{images}'"}]
    return {"mark": {"type": "line", "clip": True, "aria": False, **look}, "transform": is_shown}


def _last_value(images: str, quantity: Quantity, scale: float) -> dict[str, Any]:
    """The last value of a line: at the bottom right for accuracies, which end high, at the top for losses."""
    written = "'.1f') + '%'" if quantity == "accuracy" else "'.3f')"
    below = 20 * scale * _IMAGES.index(images)
    y = f"height - {32 * scale} + {below}" if quantity == "accuracy" else f"{10 * scale + below}"
    return {
        "mark": {
            "type": "text",
            "align": "right",
            "fontSize": FONT_SIZE * scale,
            "fontWeight": 600,
            "dx": -4,
        },
        "transform": [
            {"filter": f"datum.images == '{images}'"},
            {"aggregate": [{"op": "argmax", "field": "epoch", "as": "last"}], "groupby": ["images"]},
            {"calculate": f"'{images} ' + format(datum.last.value, {written}", "as": "text"},
        ],
        "encoding": {"x": {"value": "width"}, "y": {"value": {"expr": y}}, "text": {"field": "text"}},
    }


def _improved(values: np.ndarray, quantity: str) -> bool:
    first, last = values[0], values[-1]
    return bool(last < first if quantity == "loss" else last > first)


def _describe(quantity: str, training: np.ndarray, validation: np.ndarray) -> str:
    if not len(training):
        return f"{quantity.capitalize()} curve; no epoch is finished yet."
    text = f"{quantity.capitalize()} over {len(training)} epochs: "
    text += f"training {training[0]:.3g} → {training[-1]:.3g}"
    return text + (f", validation {validation[0]:.3g} → {validation[-1]:.3g}." if len(validation) else ".")
