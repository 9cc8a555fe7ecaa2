"""Gradient descent on one weight, and the gradients of one image on their way back through the network."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.figures.layers import add_bars, add_line, add_signed_map
from mnist_core.figures.lessons.neurons import colorbar
from mnist_core.figures.style import (
    DIGITS,
    FRAMED_AXIS,
    MUTED,
    NEURON,
    TRAINING,
    ZERO_LINE,
    axis,
    sign_colors,
    signed_number,
    styled,
)
from mnist_core.images.preparation import IMAGE_SHAPE
from mnist_core.lessons.learning import WeightDescent


def descent_figure(curve_weights: np.ndarray, curve_losses: np.ndarray, path: WeightDescent) -> go.Figure:
    """The loss as one weight moves, the tangent at the start, and the steps of the descent.

    Args:
        curve_weights: Values of the weight, shape (n,).
        curve_losses: The loss at each, shape (n,).
        path: Where the descent went.
    """
    figure, n_steps = go.Figure(), len(path.weights) - 1
    hover = "weight %{x:.2f}: loss %{y:.4f}"
    add_line(figure, curve_weights, curve_losses, MUTED, name="loss", hover=hover)
    start, reach = path.weights[0], 0.25 * float(curve_weights[-1] - curve_weights[0])
    rise = reach * path.slopes[0]
    tangent = [start - reach, start + reach], [path.losses[0] - rise, path.losses[0] + rise]
    add_line(figure, *tangent, NEURON, 2, dash="dash", name="tangent at the start")
    add_line(
        figure,
        path.weights,
        path.losses,
        TRAINING,
        1.5,
        dash="dot",
        marks={"size": [14] + [9] * n_steps, "color": TRAINING},
        name="the steps",
        customdata=list(range(n_steps + 1)),
        hover="after step %{customdata}: weight %{x:.3f}, loss %{y:.4f}",
    )
    low, high = float(curve_losses.min()), float(max(curve_losses.max(), path.losses.max()))
    room = 0.08 * (high - low) or 0.01
    steps, first, last = f"step{'s' if n_steps != 1 else ''}", path.losses[0], path.losses[-1]
    finding = f"After {n_steps} {steps} the loss went from {first:.4f} to {last:.4f}"
    return styled(
        figure,
        finding,
        f"{finding}; the weight from {path.weights[0]:.3f} to {path.weights[-1]:.3f}.",
        xaxis=axis("Value of the weight (no unit)"),
        yaxis=axis("Mean loss (nats)", range=[low - room, high + room]),
    )


def delta_figure(deltas: np.ndarray, label: int) -> go.Figure:
    """P − y of the ten outputs: the derivative of the loss by each logit, shape (10,)."""
    figure = go.Figure()
    add_bars(
        figure,
        DIGITS,
        deltas,
        sign_colors(deltas),
        text=[signed_number(delta) for delta in deltas],  # without +, to fit side by side
        textposition="outside",
        textfont={"size": 12},
        textangle=0,
        constraintext="none",
        cliponaxis=False,
    )
    end = 1.25 * (float(np.abs(deltas).max()) or 1.0)
    listed = ", ".join(f"digit {digit} {delta:+.2f}" for digit, delta in enumerate(deltas))
    return styled(
        figure,
        f"To lower the loss, the logit of {label} must rise and the others must fall",
        f"Derivative of the loss by each logit: {listed}.",
        height=300,
        xaxis=axis("Output (digit)", tickvals=DIGITS),
        yaxis=axis("Derivative p − y", range=[-end, end], exponentformat="power")
        | {"showgrid": False, **ZERO_LINE},
    )


def weight_gradient_figure(gradient: np.ndarray, title: str) -> go.Figure:
    """The derivatives by a first-layer neuron's 784 weights, as an image, shape (784,)."""
    largest = float(np.abs(gradient).max()) or 1.0
    figure = go.Figure()
    add_signed_map(
        figure,
        gradient.round(6).reshape(IMAGE_SHAPE),
        largest,
        colorbar=colorbar(-largest, 0, largest)
        | {"lenmode": "pixels", "len": 250, "y": -0.06},  # as wide as the image
        hovertemplate="row %{y}, column %{x}: derivative %{z:.4f}<extra></extra>",
    )
    return styled(
        figure,
        title,
        f"{title}: 28 × 28 derivatives from {gradient.min():.4f} to {gradient.max():.4f}.",
        height=340,
        xaxis=FRAMED_AXIS,
        yaxis={**FRAMED_AXIS, "autorange": "reversed", "scaleanchor": "x"},
    )


def update_figure(before: np.ndarray, after: np.ndarray, label: int) -> go.Figure:
    """The ten probabilities of one image before and after one update, each of shape (10,)."""
    names = [f"<b>{digit}</b>" if digit == label else str(digit) for digit in DIGITS]
    figure = go.Figure()
    for name, values, color in (("before", before, MUTED), ("after", after, TRAINING)):
        add_bars(figure, names, 100 * values, color, f"%{{x}} {name} the update: %{{y:.1f}} %", name=name)
    change = f"from {100 * before[label]:.1f} to {100 * after[label]:.1f} %"
    return styled(
        figure,
        f"The true digit, {label}, goes {change}",
        f"Softmax outputs before and after one update; the true digit {label} {change}.",
        height=300,
        xaxis=axis("Output (digit)", type="category"),
        yaxis=axis("Softmax output (%)", range=[0, 105]),
        barmode="group",
    )
