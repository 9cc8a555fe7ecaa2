"""Gradient descent on one weight, and the gradients of one image on their way back through the network."""

from typing import Final

import numpy as np
import plotly.graph_objects as go

from mnist_core.config import N_DIGITS
from mnist_core.figures.lessons.neurons import COLORBAR
from mnist_core.figures.style import MUTED, NEGATIVE, NEURON, POSITIVE, SIGNS, TRAINING, axis, styled
from mnist_core.images.preparation import IMAGE_SHAPE
from mnist_core.lessons.learning import WeightDescent

_DIGITS: Final = list(range(N_DIGITS))


def descent_figure(curve_weights: np.ndarray, curve_losses: np.ndarray, path: WeightDescent) -> go.Figure:
    """The loss as one weight moves, the tangent at the start, and the steps of the descent.

    Args:
        curve_weights: Values of the weight, shape (n,).
        curve_losses: The loss at each, shape (n,).
        path: Where the descent went.
    """
    figure = go.Figure()
    figure.add_scatter(
        x=curve_weights.tolist(),
        y=curve_losses.tolist(),
        mode="lines",
        line={"color": MUTED, "width": 3},
        name="loss",
        hovertemplate="weight %{x:.2f}: loss %{y:.4f}<extra></extra>",
    )
    start, reach = path.weights[0], 0.25 * float(curve_weights[-1] - curve_weights[0])
    figure.add_scatter(
        x=[start - reach, start + reach],
        y=[path.losses[0] - reach * path.slopes[0], path.losses[0] + reach * path.slopes[0]],
        mode="lines",
        line={"color": NEURON, "width": 2, "dash": "dash"},
        name="tangent at the start",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=path.weights.tolist(),
        y=path.losses.tolist(),
        mode="lines+markers",
        line={"color": TRAINING, "width": 1.5, "dash": "dot"},
        marker={"size": [14] + [9] * (len(path.weights) - 1), "color": TRAINING},
        name="the steps",
        customdata=list(range(len(path.weights))),
        hovertemplate="after step %{customdata}: weight %{x:.3f}, loss %{y:.4f}<extra></extra>",
    )
    low, high = float(curve_losses.min()), float(max(curve_losses.max(), path.losses.max()))
    room = 0.08 * (high - low) or 0.01
    n_steps, first, last = len(path.weights) - 1, path.losses[0], path.losses[-1]
    finding = (
        f"After {n_steps} step{'s' if n_steps != 1 else ''} the loss went from {first:.4f} to {last:.4f}"
    )
    return styled(
        figure,
        finding,
        f"{finding}; the weight from {path.weights[0]:.3f} to {path.weights[-1]:.3f}.",
        height=420,
        xaxis=axis("Value of the weight (no unit)"),
        yaxis=axis("Mean loss (nats)", range=[low - room, high + room]),
    )


def delta_figure(deltas: np.ndarray, label: int) -> go.Figure:
    """P − y of the ten outputs: the derivative of the loss by each logit, shape (10,)."""
    figure = go.Figure()
    figure.add_bar(
        x=_DIGITS,
        y=deltas.tolist(),
        marker={"color": [POSITIVE if delta >= 0 else NEGATIVE for delta in deltas]},
        text=[f"{delta:z.2f}".replace("-", "−") for delta in deltas],  # without +, to fit side by side
        textposition="outside",
        textfont={"size": 12},
        textangle=0,
        constraintext="none",
        cliponaxis=False,
        hoverinfo="skip",
    )
    largest = float(np.abs(deltas).max()) or 1.0
    return styled(
        figure,
        f"To lower the loss, the logit of {label} must rise and the others must fall",
        "Derivative of the loss by each logit: "
        + ", ".join(f"digit {digit} {delta:+.2f}" for digit, delta in enumerate(deltas))
        + ".",
        height=320,
        xaxis=axis("Output (digit)", tickvals=_DIGITS),
        yaxis=axis("Derivative p − y", range=[-1.25 * largest, 1.25 * largest], exponentformat="power")
        | {"showgrid": False, "zeroline": True, "zerolinecolor": MUTED},
        showlegend=False,
    )


def weight_gradient_figure(gradient: np.ndarray, title: str) -> go.Figure:
    """The derivatives by a first-layer neuron's 784 weights, as an image, shape (784,)."""
    largest = float(np.abs(gradient).max()) or 1.0
    ticks = [-largest, 0, largest]
    figure = go.Figure()
    figure.add_heatmap(
        z=gradient.round(6).reshape(IMAGE_SHAPE),
        colorscale=SIGNS,
        zmin=-largest,
        zmax=largest,
        colorbar=dict(COLORBAR)
        | {"lenmode": "pixels", "len": 250, "y": -0.06}  # as wide as the image
        | {"tickvals": ticks, "ticktext": [f"{tick:.2g}".replace("-", "−") for tick in ticks]},
        hovertemplate="row %{y}, column %{x}: derivative %{z:.4f}<extra></extra>",
    )
    frame = {
        "showticklabels": False,
        "ticks": "",
        "showgrid": False,
        "zeroline": False,
        "constrain": "domain",
    }
    lines = {"showline": True, "mirror": True, "linecolor": MUTED, "fixedrange": True}
    return styled(
        figure,
        title,
        f"{title}: 28 × 28 derivatives from {gradient.min():.4f} to {gradient.max():.4f}.",
        height=340,
        xaxis=frame | lines,
        yaxis=frame | lines | {"autorange": "reversed", "scaleanchor": "x"},
    )


def update_figure(before: np.ndarray, after: np.ndarray, label: int) -> go.Figure:
    """The ten probabilities of one image before and after one update, each of shape (10,)."""
    figure = go.Figure()
    for name, values, color in (("before", before, MUTED), ("after", after, TRAINING)):
        figure.add_bar(
            x=[f"<b>{digit}</b>" if digit == label else str(digit) for digit in _DIGITS],
            y=(100 * values).tolist(),
            name=name,
            marker={"color": color},
            hovertemplate=f"%{{x}} {name} the update: %{{y:.1f}} %<extra></extra>",
        )
    change = f"from {100 * before[label]:.1f} to {100 * after[label]:.1f} %"
    return styled(
        figure,
        f"The true digit, {label}, goes {change}",
        f"Softmax outputs before and after one update; the true digit {label} {change}.",
        height=340,
        xaxis=axis("Output (digit)", type="category"),
        yaxis=axis("Softmax output (%)", range=[0, 105]),
        barmode="group",
    )
