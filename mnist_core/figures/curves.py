"""Loss and accuracy over the epochs of one run."""

from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mnist_core.figures.style import INK, TRAINING, VALIDATION, Theme, axis, styled
from mnist_core.training.record import History

Quantity = Literal["loss", "accuracy"]
QUANTITIES: Final[tuple[Quantity, ...]] = get_args(Quantity)
QUANTITY_NAMES: Final[Mapping[Quantity, str]] = {
    "loss": "Loss (cross-entropy, nats)",
    "accuracy": "Accuracy (%)",
}


def history_figure(history: History, quantity: Quantity, steps_per_epoch: int) -> go.Figure:
    """The curve within the epochs, the running mean of each epoch, and the validation figures.

    Args:
        history: What a run reported.
        quantity: Which of the two.
        steps_per_epoch: Updates in an epoch, to turn updates into epochs.
    """
    scale = 100 if quantity == "accuracy" else 1
    training = scale * getattr(history, f"training_{quantity}")
    validation = scale * getattr(history, f"validation_{quantity}")
    epochs = np.arange(1, len(training) + 1)
    figure = go.Figure()
    figure.add_scatter(
        x=(history.curve_step / steps_per_epoch).tolist(),
        y=(scale * getattr(history, f"curve_{quantity}")).tolist(),
        mode="lines",
        line={"color": TRAINING, "width": 1},
        opacity=0.45,
        name="training, batch by batch",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=epochs.tolist(),
        y=training.tolist(),
        mode="lines+markers",
        line={"color": TRAINING, "width": 3},
        marker={"size": 9},
        name="training, mean over the epoch",
        hovertemplate="epoch %{x}: %{y:.4g}<extra>training</extra>",
    )
    if len(validation):
        figure.add_scatter(
            x=epochs.tolist(),
            y=validation.tolist(),
            mode="lines+markers",
            line={"color": VALIDATION, "width": 3, "dash": "dot"},
            marker={"size": 10, "symbol": "diamond"},
            name="validation, after the epoch",
            hovertemplate="epoch %{x}: %{y:.4g}<extra>validation</extra>",
        )
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
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The curve of a run under way, as data and a Vega-Lite specification.

    Vega keeps the chart while its data grow; Plotly would draw a new one, with a blank frame between.

    Args:
        history: What was reported so far.
        quantity: Which of the two.
        epochs: Of the whole run: the length of the axis.
        steps_per_epoch: Updates in an epoch.
        theme: The page's, for the colour of the text.
    """
    scale = 100 if quantity == "accuracy" else 1
    validation = scale * getattr(history, f"validation_{quantity}")
    training = scale * getattr(history, f"curve_{quantity}")
    data = pd.DataFrame(
        {
            "epoch": np.concatenate([history.curve_step / steps_per_epoch, 1 + np.arange(len(validation))]),
            "value": np.concatenate([training, validation]),
            "images": ["training"] * len(training) + ["validation"] * len(validation),
        }
    )
    color = {"domain": ["training", "validation"], "range": [TRAINING, VALIDATION]}
    scale_y: dict[str, Any] = {"zero": quantity == "loss"}
    if not len(data):
        scale_y = {"domain": [0, 100] if quantity == "accuracy" else [0, 2.5]}  # until the first point
    specification = {
        "height": 300,
        "config": {kind: {"labelColor": INK[theme], "titleColor": INK[theme]} for kind in ("axis", "legend")},
        "padding": {"left": 0, "top": 0, "bottom": 0, "right": 14},  # room for half the last tick label
        "layer": [
            {
                "mark": {"type": "line", "strokeWidth": 1.5, "opacity": 0.8},
                "transform": [{"filter": "datum.images == 'training'"}],
            },
            {
                "mark": {"type": "line", "strokeWidth": 3, "point": {"size": 40}},
                "transform": [{"filter": "datum.images == 'validation'"}],
            },
        ],
        "encoding": {
            "x": {
                "field": "epoch",
                "type": "quantitative",
                "title": "Epoch",
                "scale": {"domain": [0, epochs]},
            },
            "y": {
                "field": "value",
                "type": "quantitative",
                "title": "Loss (nats)" if quantity == "loss" else "Accuracy (%)",
                "scale": scale_y,
            },
            "color": {
                "field": "images",
                "type": "nominal",
                "scale": color,
                "legend": {"orient": "top", "title": None, "offset": 2},
            },
        },
    }
    return data, specification


def _improved(values: np.ndarray, quantity: str) -> bool:
    first, last = values[0], values[-1]
    return bool(last < first if quantity == "loss" else last > first)


def _describe(quantity: str, training: np.ndarray, validation: np.ndarray) -> str:
    if not len(training):
        return f"{quantity.capitalize()} curve; no epoch is finished yet."
    text = f"{quantity.capitalize()} over {len(training)} epochs: "
    text += f"training {training[0]:.3g} → {training[-1]:.3g}"
    return text + (f", validation {validation[0]:.3g} → {validation[-1]:.3g}." if len(validation) else ".")
