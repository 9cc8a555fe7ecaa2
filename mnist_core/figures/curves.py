"""Loss and accuracy over the epochs of one run."""

from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mnist_core.figures.layers import add_line
from mnist_core.figures.style import TRAINING, VALIDATION, Theme, axis, styled
from mnist_core.figures.vega import Chart, quantitative, vega_text
from mnist_core.training.record import History

Quantity = Literal["loss", "accuracy"]
QUANTITIES: Final[tuple[Quantity, ...]] = get_args(Quantity)
QUANTITY_NAMES: Final[Mapping[Quantity, str]] = {
    "loss": "Loss (cross-entropy, nats)",
    "accuracy": "Accuracy (%)",
}
_IMAGES: Final = ("training", "validation")


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
    history: History, quantity: Quantity, epochs: int, steps_per_epoch: float, theme: Theme = "light"
) -> Chart:
    """The curve of a run under way, as data and a Vega-Lite specification.

    Vega keeps the chart while its data grow; Plotly would draw a new one, with a blank frame between.

    Args:
        history: What was reported so far.
        quantity: Which of the two.
        epochs: Of the whole run: the length of the axis.
        steps_per_epoch: Updates in an epoch.
        theme: The page's, for the colour of the text.
    """
    training, validation = (values_of(history, part, quantity) for part in ("curve", "validation"))
    data = pd.DataFrame(
        {
            "epoch": np.concatenate([history.curve_step / steps_per_epoch, 1 + np.arange(len(validation))]),
            "value": np.concatenate([training, validation]),
            "images": ["training"] * len(training) + ["validation"] * len(validation),
        }
    )
    scale: dict[str, Any] = {"zero": quantity == "loss"}
    if not len(data):
        scale = {"domain": [0, 100] if quantity == "accuracy" else [0, 2.5]}  # until the first point
    color = {"domain": _IMAGES, "range": [TRAINING, VALIDATION]}
    legend = {"orient": "top", "title": None, "offset": 2}
    specification = {
        "height": 300,
        "config": vega_text(theme),
        "padding": {"left": 0, "top": 0, "bottom": 0, "right": 14},  # room for half the last tick label
        "layer": [
            _live_line("training", {"strokeWidth": 1.5, "opacity": 0.8}),
            _live_line("validation", {"strokeWidth": 3, "point": {"size": 40}}),
        ],
        "encoding": {
            "x": quantitative("epoch", "Epoch", {"domain": [0, epochs]}),
            "y": quantitative("value", "Loss (nats)" if quantity == "loss" else "Accuracy (%)", scale),
            "color": {"field": "images", "type": "nominal", "scale": color, "legend": legend},
        },
    }
    return data, specification


def _live_line(images: str, look: Mapping[str, Any]) -> dict[str, Any]:
    is_shown = [{"filter": f"datum.images == '{images}'"}]
    return {"mark": {"type": "line", **look}, "transform": is_shown}


def _improved(values: np.ndarray, quantity: str) -> bool:
    first, last = values[0], values[-1]
    return bool(last < first if quantity == "loss" else last > first)


def _describe(quantity: str, training: np.ndarray, validation: np.ndarray) -> str:
    if not len(training):
        return f"{quantity.capitalize()} curve; no epoch is finished yet."
    text = f"{quantity.capitalize()} over {len(training)} epochs: "
    text += f"training {training[0]:.3g} → {training[-1]:.3g}"
    return text + (f", validation {validation[0]:.3g} → {validation[-1]:.3g}." if len(validation) else ".")
