"""Gradient descent on one weight, the gradients of one image on their way back, and what one step does."""

from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from mnist_core.figures.layers import (
    add_bars,
    add_level_lines,
    add_line,
    add_marks,
    add_signed_map,
    hover_of,
    note,
)
from mnist_core.figures.lessons.neurons import colorbar
from mnist_core.figures.style import (
    DIGITS,
    FRAMED_AXIS,
    HIDDEN_AXIS,
    MUTED,
    NEURON,
    RIGHT,
    SERIES,
    TRAINING,
    ZERO_LINE,
    axis,
    share_text,
    sign_colors,
    signed_number,
    styled,
    with_article,
    with_minus,
)
from mnist_core.images.preparation import IMAGE_SHAPE
from mnist_core.lessons.learning import ChainPath, StepEffects, WeightDescent
from mnist_core.lessons.two_weights import TwoWeightDescent

_SENDER, _NEURON, _OUTPUTS = 0.4, 2.9, 5.2
"""Where the three columns of the drawn path stand, of 0 to 10."""
_COLUMNS: Final = (("weight", 7.0), ("× p − y", 8.5), ("= product", 10.1))
"""Headings of the numbers beside the path, and where their right ends stand."""
_MIDDLE: Final = 4.5
"""The row of the hidden neuron: as far from digit 0 as from digit 9."""
_LOWEST_LOSS: Final = 1e-4
"""Nats: smaller losses are drawn at this height of a logarithmic axis."""


def descent_figure(
    curve_weights: np.ndarray, curve_losses: np.ndarray, path: WeightDescent, height: int = 420
) -> go.Figure:
    """The loss as one weight moves, the tangent at the start, and the updates of the descent.

    Args:
        curve_weights: Values of the weight, shape (n,).
        curve_losses: The loss at each, shape (n,).
        path: Where the descent went.
        height: Pixels.
    """
    figure, n_steps = go.Figure(), len(path.weights) - 1
    hover = "weight %{x:.2f}: loss %{y:.4f}"
    look: dict[str, Any] = {"name": "loss", "showlegend": False}  # the axis names it
    add_line(figure, curve_weights, curve_losses, MUTED, hover=hover, **look)
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
        name="the updates",
        customdata=list(range(n_steps + 1)),
        hover="after update %{customdata}: weight %{x:.3f}, loss %{y:.4f}",
    )
    low, high = float(curve_losses.min()), float(max(curve_losses.max(), path.losses.max()))
    room = 0.08 * (high - low) or 0.01
    top = high + 3 * room  # for the legend
    steps, first, last = f"update{'s' if n_steps != 1 else ''}", path.losses[0], path.losses[-1]
    finding = f"After {n_steps} {steps} the loss went from {first:.4f} to {last:.4f}"
    return styled(
        figure,
        finding,
        f"{finding}; the weight from {path.weights[0]:.3f} to {path.weights[-1]:.3f}.",
        height=height,
        corner="top",
        xaxis=axis("Value of the weight (no unit)"),
        yaxis=axis("Mean loss (nats)", range=[low - room, top]),
    )


def two_weights_figure(descent: TwoWeightDescent, names: tuple[str, str], height: int = 400) -> go.Figure:
    """The loss over two weights as lines of equal loss, the gradient at the start, and the way down.

    Args:
        descent: The path and the loss around it.
        names: What the two weights are called.
        height: Pixels.
    """
    figure, n_steps = go.Figure(), len(descent.path) - 1
    plane = descent.x, descent.y, descent.grid.round(5)
    add_level_lines(figure, *plane, hover="loss %{z:.4f}", ncontours=24, opacity=0.7)
    look = {"size": [14] + [8] * n_steps, "color": TRAINING}
    hover = "(%{x:.3f}, %{y:.3f})"
    x, y = descent.path.T
    add_line(figure, x, y, TRAINING, 2, marks=look, name="the updates", hover=hover)
    start = descent.path[0]
    length = float(np.hypot(*descent.gradient)) or 1.0
    reach = 0.3 * float(min(np.ptp(descent.x), np.ptp(descent.y))) / length
    tip = start + reach * descent.gradient
    arrow = {"showarrow": True, "arrowhead": 2, "arrowwidth": 3, "arrowcolor": NEURON}
    ends = {"x": tip[0], "y": tip[1], "ax": start[0], "ay": start[1], "axref": "x", "ayref": "y"}
    label = note(tip[0], tip[1], "gradient: uphill", font={"color": NEURON}, yshift=12)
    first, last = descent.losses[0], descent.losses[-1]
    finding = (
        f"After {n_steps} update{'s' if n_steps != 1 else ''} the loss went from {first:.4f} to {last:.4f}"
    )
    return styled(
        figure,
        finding,
        f"{finding}. The two derivatives at the start are {descent.gradient[0]:.4f} and "
        f"{descent.gradient[1]:.4f}; the weights go from ({start[0]:.2f}, {start[1]:.2f}) to "
        f"({descent.path[-1][0]:.2f}, {descent.path[-1][1]:.2f}).",
        height=height,
        annotations=[{"text": "", **arrow, **ends}, label],
        xaxis=axis(names[0], constrain="domain", showgrid=False),
        yaxis=axis(names[1], constrain="domain", scaleanchor="x", showgrid=False),
    )


def delta_figure(deltas: np.ndarray, label: int) -> go.Figure:
    """P − y of the ten outputs: the derivative of the loss with respect to each logit, shape (10,)."""
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
        f"The loss falls if the logit of {label} rises, or if another logit falls",
        f"Derivative of the loss with respect to each logit: {listed}.",
        height=300,
        xaxis=axis("Output (digit)", tickvals=DIGITS),
        yaxis=axis("Derivative p − y", range=[-end, end], exponentformat="power")
        | {"showgrid": False, **ZERO_LINE},
    )


def chain_figure(path: ChainPath, unit: int, sender: str) -> go.Figure:
    """One path of the chain rule as a drawing: an input, a hidden neuron, ten outputs, and the ten products.

    Args:
        path: The factors and products.
        unit: The hidden neuron.
        sender: What the input is called, such as "pixel (7, 12)".
    """
    figure = go.Figure()
    largest = float(np.abs(path.terms).max()) or 1.0
    add_line(figure, [_SENDER, _NEURON], [_MIDDLE, _MIDDLE], MUTED, 3, hover="", showlegend=False)
    for digit, (term, color) in enumerate(zip(path.terms, sign_colors(path.terms), strict=True)):
        width = 1 + 6 * abs(float(term)) / largest
        add_line(figure, [_NEURON, _OUTPUTS], [_MIDDLE, digit], color, width, hover="", showlegend=False)
    xs, ys = [_SENDER, _NEURON, *[_OUTPUTS] * len(DIGITS)], [_MIDDLE, _MIDDLE, *DIGITS]
    colors = [MUTED, NEURON, *[MUTED] * len(DIGITS)]
    add_marks(figure, xs, ys, colors, 24, edge={"width": 1, "color": "white"}, showlegend=False)
    notes = _path_notes(path, unit, sender)
    listed = ", ".join(f"digit {digit} {term:+.3f}" for digit, term in enumerate(path.terms))
    finding = f"Ten products reach neuron {unit}; their sum is {_number(path.arriving)}"
    return styled(
        figure,
        finding,
        f"{finding}. Weight times p − y, by output: {listed}. The input that is followed on is {sender}.",
        height=285,
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        annotations=notes,
        xaxis={**HIDDEN_AXIS, "range": [-0.3, 10.1]},
        yaxis={**HIDDEN_AXIS, "range": [10.6, -1.4]},
    )


def _path_notes(path: ChainPath, unit: int, sender: str) -> list[dict[str, Any]]:
    """The names and numbers on the drawn path."""
    white, small = {"color": "white", "size": 13}, {"size": 13}
    notes = [note(_OUTPUTS, digit, f"<b>{digit}</b>", font=white) for digit in DIGITS]
    for (heading, x), values in zip(_COLUMNS, (path.outgoing, path.deltas, path.terms), strict=True):
        notes.append(note(x, -1, f"<i>{heading}</i>", font=small, xanchor="right"))
        for digit, value in enumerate(values):
            notes.append(note(x, digit, _number(float(value)), font=small, xanchor="right"))
    total = f"<b>sum {_number(path.arriving)}</b>"
    notes.append(note(_COLUMNS[-1][1], 10.1, total, font={"size": 14}, xanchor="right"))
    notes.append(note(_NEURON, _MIDDLE, f"<b>{unit}</b>", font=white))
    notes.append(note(_SENDER - 0.5, _MIDDLE - 1.1, sender, font=small, xanchor="left"))
    notes.append(note(_SENDER - 0.5, _MIDDLE + 1.1, f"value {path.received:.2f}", font=small, xanchor="left"))
    return notes


def _number(value: float) -> str:
    return with_minus(f"{value:z.3f}")


def weight_gradient_figure(gradient: np.ndarray, title: str) -> go.Figure:
    """The derivatives with respect to a first-layer neuron's 784 weights, as an image, shape (784,)."""
    largest = float(np.abs(gradient).max()) or 1.0
    figure = go.Figure()
    add_signed_map(
        figure,
        gradient.round(6).reshape(IMAGE_SHAPE),
        largest,
        colorbar=colorbar(-largest, 0, largest)
        | {"lenmode": "pixels", "len": 220, "y": -0.06},  # as wide as the image
        **hover_of("row %{y}, column %{x}: derivative %{z:.4f}"),
    )
    return styled(
        figure,
        title,
        f"{title}: 28 × 28 derivatives from {gradient.min():.4f} to {gradient.max():.4f}.",
        height=300,
        xaxis=FRAMED_AXIS,
        yaxis={**FRAMED_AXIS, "autorange": "reversed", "scaleanchor": "x"},
    )


def update_figure(before: np.ndarray, after: np.ndarray, label: int) -> go.Figure:
    """The ten probabilities of one image before and after one update, each of shape (10,)."""
    names = [f"<b>{digit}</b>" if digit == label else str(digit) for digit in DIGITS]
    figure = go.Figure()
    for name, values, color in (("before", before, MUTED), ("after", after, TRAINING)):
        edge = {"color": RIGHT, "width": [3 * (digit == label) for digit in DIGITS]}
        hover = f"%{{x}} {name} the update: %{{y:.1f}}%"
        add_bars(figure, names, 100 * values, color, hover, name=name, marker_line=edge)
    change = f"from {share_text(float(before[label]))} to {share_text(float(after[label]))}"
    return styled(
        figure,
        f"The probability of the true digit, {label}, goes {change}",
        f"Softmax outputs before and after one update; that of the true digit, {label}, {change}.",
        height=300,
        corner="top",
        xaxis=axis("Output (digit)", type="category"),
        yaxis=axis("Softmax output (%)", range=[0, 122], tickvals=[0, 25, 50, 75, 100]),
        barmode="group",
    )


def effects_figure(effects: StepEffects, place: int, label: int) -> go.Figure:
    """Losses after one step for one image, against the learning rate of the step.

    Args:
        effects: For several learning rates, the first of them 0.
        place: Which of the rates is marked; 0 for none.
        label: The digit in the image.
    """
    figure, rates = go.Figure(), effects.rates[1:].tolist()
    curves = [
        ("this image", effects.own, TRAINING, "solid", "circle"),
        (f"{effects.n_others} others", effects.others, SERIES[1], "dash", "diamond"),
    ]
    if effects.n_same_digit:
        name = f"the {effects.n_same_digit} of them that show {with_article(label)}"
        curves.append((name, effects.same_digit, SERIES[2], "dot", "square"))
    for name, losses, color, dash, symbol in curves:
        shown, marks = np.maximum(losses[1:], _LOWEST_LOSS), {"size": 8, "symbol": symbol}
        hover = f"{name}, rate %{{x:~g}}: %{{y:.3g}}"
        add_line(figure, rates, shown, color, 2.5, dash=dash, marks=marks, name=name, hover=hover)
    figure.add_hline(y=float(effects.others[0]), line={"color": MUTED, "width": 1.5, "dash": "dash"})
    if place:
        figure.add_vline(x=float(effects.rates[place]), line={"color": MUTED, "width": 1.5, "dash": "dot"})
    own, others = ([losses[0], losses[place]] for losses in (effects.own, effects.others))
    finding = (
        f"This image: loss {own[0]:.3f} to {own[1]:.3f}. "
        f"The {effects.n_others} others: {others[0]:.3f} to {others[1]:.3f}"
    )
    return styled(
        figure,
        finding,
        f"{finding}, after one update at rate {effects.rates[place]:g}; drawn for {len(rates)} rates.",
        height=330,
        corner="bottom left",
        xaxis=axis("Learning rate of the update", type="log", exponentformat="power", dtick=1),
        yaxis=axis("Mean loss (nats)", type="log", exponentformat="power", dtick=1),
    )
