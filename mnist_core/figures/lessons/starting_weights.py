"""Five starts: their losses, sizes of activations and gradients by layer, and what formulas give."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mnist_core.config import ACTIVATION_NAMES, Activation, Initializer
from mnist_core.figures.layers import add_bars, add_line, add_marks, note
from mnist_core.figures.style import (
    DIGITS,
    FONT_SIZE,
    MUTED,
    NEURON,
    TRAINING,
    axis,
    fixed_axis,
    series_look,
    styled,
)
from mnist_core.lessons.starting_weights import EVEN_LOSS, STARTS, OnlyAnswer
from mnist_core.lessons.training_curves import Curve
from mnist_core.lessons.weight_scale import Growth
from mnist_core.training_config import INITIALIZER_NAMES

LOOKS: Final[Mapping[Initializer, tuple[str, str, str]]] = {
    start: series_look(number) for number, start in enumerate(STARTS)
}
"""Colour, dash and symbol of each start in every chart."""
_POWERS: Final = {"type": "log", "exponentformat": "power", "dtick": 1}
_LOSSES: Final = (0.1, 0.3, 1, 3, 10, 30, 100, 300, 1_000)
_AT_ITS_LINE: Final = {"xref": "paper", "xanchor": "left", "yanchor": "bottom"}
_HEIGHT: Final = 320
_MARKS: Final = (24, 14, 14, 14)
"""Pixels; Glorot and He may lie in the same place."""
_OUTPUTS_AXIS: Final[Mapping[str, Any]] = {"nticks": 3, "exponentformat": "power", "showgrid": False}
_LOWEST: Final = 1e-9
"""What is smaller cannot be told from 0 on a logarithmic axis, and is left out."""


def answer_figure(answer: OnlyAnswer) -> go.Figure:
    """The ten probabilities that a network gives every image, beside how frequent each digit is."""
    probabilities, shares = (100 * values for values in (answer.probabilities, answer.shares))
    figure = go.Figure()
    hover = "digit %{x}: %{y:.1f}%"
    add_bars(figure, DIGITS, probabilities.round(2), MUTED, hover, name="probability that it gives")
    look: dict[str, Any] = {"symbol": "line-ew-open", "edge": {"width": 4, "color": TRAINING}}
    name = "share of the training images"
    add_marks(figure, DIGITS, shares.round(2), TRAINING, 26, hover=hover, name=name, **look)
    gap = float(np.abs(probabilities - shares).max())
    highest = float(max(probabilities.max(), shares.max()))
    pairs = enumerate(zip(probabilities, shares, strict=True))
    return styled(
        figure,
        f"Its probabilities are within {gap:.1f} percentage points of the digits' shares",
        "Probability that the network gives each digit, for every image (and the digit's share of the "
        "training images): " + ", ".join(f"{digit}: {p:.1f}% ({s:.1f}%)" for digit, (p, s) in pairs) + ".",
        height=_HEIGHT,
        corner="top",
        xaxis=fixed_axis("Digit", tickvals=DIGITS, showgrid=False),
        yaxis=fixed_axis("Probability, share (%)", range=[0, 1.25 * highest]),
    )


def losses_frame(ends: Sequence[float] = (-1.2, 2)) -> dict[str, Any]:
    """The height and the axes of `losses_figure`, between two powers of ten of the loss."""
    return {
        "height": _HEIGHT,
        "xaxis": axis("Updates", range=[0, 3.5], **_POWERS),
        "yaxis": axis("Training loss (nats)", type="log", tickvals=_LOSSES, range=list(ends)),
    }


def losses_figure(curves: Mapping[Initializer, Curve]) -> go.Figure:
    """The training losses of the five starts by updates, both on logarithmic axes, and the line of ln 10."""
    figure = go.Figure()
    for start, (updates, losses) in curves.items():
        color, dash, symbol = LOOKS[start]
        name, marks = INITIALIZER_NAMES[start], {"size": 6, "symbol": symbol}
        hover = f"{name}: %{{y:.3g}} after %{{x:.0f}} updates"
        add_line(figure, updates, losses, color, 2.5, dash=dash, marks=marks, name=name, hover=hover)
    figure.add_hline(y=EVEN_LOSS, line={"color": MUTED, "width": 1.5, "dash": "dot"})
    ends = {start: float(losses[-1]) for start, (_, losses) in curves.items() if np.isfinite(losses[-1])}
    order = sorted(ends, key=ends.__getitem__)
    low, high = (f"{ends[start]:.2f} ({INITIALIZER_NAMES[start]})" for start in (order[0], order[-1]))
    told = ", ".join(f"{INITIALIZER_NAMES[start]} {loss:.3f}" for start, loss in ends.items())
    frame = losses_frame(_with_room_below(curves))
    return styled(
        figure,
        f"Loss at the end: {low} to {high}",
        f"Training loss in nats by updates, from five starts. At the end: {told}. A dotted line marks ln 10.",
        corner="bottom left",
        **frame | {"xaxis": frame["xaxis"] | {"range": None}},
        annotations=[note(0, math.log10(EVEN_LOSS), f"ln 10 = {EVEN_LOSS:.2f}", **_AT_ITS_LINE)],
    )


def _with_room_below(curves: Mapping[Initializer, Curve]) -> list[float]:
    """The ends of a logarithmic axis that leaves the legend its room below the curves."""
    losses = np.concatenate([losses for _, losses in curves.values()])
    powers = np.log10(losses[np.isfinite(losses) & (losses > 0)])
    return [float(powers.min()) - 0.6, float(powers.max()) + 0.1]


def sizes_figure(
    sizes: Mapping[Initializer, np.ndarray], of: Literal["activations", "gradients"], n_hidden: int
) -> go.Figure:
    """The size of activations or of gradients in each layer, a line for each start.

    Args:
        sizes: By start, shape (layers,).
        of: What is measured.
        n_hidden: Hidden layers.
    """
    names = _layer_names(n_hidden)[0 if of == "activations" else 1 :]
    figure = go.Figure()
    for start, values in sizes.items():
        color, dash, symbol = LOOKS[start]
        shown = [float(f"{value:.4g}") if value > _LOWEST else None for value in values]
        name, marks = INITIALIZER_NAMES[start], {"size": 10, "symbol": symbol}
        if shown.count(None) < len(shown) - 1:
            hover = f"{name}, %{{x}}: %{{y:.2g}}"
            add_line(figure, names, shown, color, 2.5, dash=dash, marks=marks, name=name, hover=hover)
    first, last = (names[0], names[-1]) if of == "activations" else (names[-1], names[0])
    factors = {
        start: float(values[-1] / values[0]) if of == "activations" else float(values[0] / values[-1])
        for start, values in sizes.items()
        if values[-1] and values[0]
    }
    told = ", ".join(f"{_times(factor)} with {INITIALIZER_NAMES[start]}" for start, factor in factors.items())
    lowest, highest = (select(factors, key=factors.__getitem__) for select in (min, max))
    return styled(
        figure,
        f"From {first} to {last}: {_times(factors[lowest])} with {INITIALIZER_NAMES[lowest]}, "
        f"{_times(factors[highest])} with {INITIALIZER_NAMES[highest]}",
        f"Size of the {of}, root mean square, in {', '.join(names)}. From {first} to {last}: {told}.",
        height=_HEIGHT,
        corner="bottom left" if of == "activations" else "bottom right",
        xaxis=fixed_axis("", type="category"),
        yaxis=fixed_axis(f"Size of {of}", **_POWERS),
    )


def _times(factor: float) -> str:
    """A factor to two figures, as a division where it is below 1."""
    return f"÷ {_short(1 / factor)}" if factor < 1 else f"× {_short(factor)}"


def _short(value: float) -> str:
    """A number to two figures, without a power of ten."""
    rounded = float(f"{value:.2g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 10 else np.format_float_positional(rounded, trim="-")  # noqa: PLR2004


def _layer_names(n_hidden: int) -> list[str]:
    hidden = ["hidden layer"] if n_hidden == 1 else [f"hidden {n}" for n in range(1, n_hidden + 1)]
    return ["pixels", *hidden, "output"]


def outputs_figure(outputs: Sequence[np.ndarray], start: Initializer, activation: Activation) -> go.Figure:
    """How the outputs of each hidden layer are spread before training, each layer with a scale of its own.

    Args:
        outputs: Shape (images, neurons) each.
        start: How the weights were drawn.
        activation: Of the hidden layers.
    """
    figure = make_subplots(rows=1, cols=len(outputs), horizontal_spacing=0.04)
    told = []
    largest = ", ".join(_short(values.max()) for values in outputs)
    for number, values in enumerate(outputs, start=1):
        low, high = float(values.min()), float(values.max())
        low, high = (low, high) if high > low else (low - 0.5, high + 0.5)
        counts, edges = np.histogram(values, bins=40, range=(low, high))
        percent = 100 * counts / values.size
        place = {"row": 1, "col": number}
        middles, width = (edges[:-1] + edges[1:]) / 2, float(edges[1] - edges[0])
        hover = "around %{x:.3g}: %{y:.1f}%"
        add_bars(figure, middles, percent.round(3), NEURON, hover, width=width, showlegend=False, **place)
        told.append(f"hidden layer {number} {_short(values.min())} to {_short(values.max())}")
    figure.update_yaxes(fixedrange=True, rangemode="tozero", showgrid=False, showticklabels=False)
    figure.update_yaxes(title_text="Share of the outputs", title_font_size=FONT_SIZE, title_standoff=7, col=1)
    axes: dict[str, Any] = {
        f"xaxis{n}" if n > 1 else "xaxis": fixed_axis(f"Output of layer {n}", **_OUTPUTS_AXIS)
        for n in range(1, len(outputs) + 1)
    }
    return styled(
        figure,
        f"Largest output with {INITIALIZER_NAMES[start]}, by hidden layer: {largest}",
        f"Histograms of the outputs of hidden {ACTIVATION_NAMES[activation]} neurons before training: "
        f"{'; '.join(told)}.",
        height=_HEIGHT + 80,
        bargap=0,
        **axes,
    )


def growth_figure(growth: Growth) -> go.Figure:
    """What a layer multiplies the size of its inputs by: the formula as a line, the starts as marks."""
    figure = go.Figure()
    add_line(figure, growth.deviations, growth.expected, MUTED, 2.5, name="by the formula", showlegend=False)
    figure.add_hline(y=1, line={"color": MUTED, "width": 1.5, "dash": "dot"})
    shown = [start for start in STARTS if growth.measured[start] > 0]
    for size, start in zip(_MARKS, shown, strict=False):
        color, _, symbol = LOOKS[start]
        point = [growth.starts[start]], [growth.measured[start]]
        name = INITIALIZER_NAMES[start]
        hover = f"{name}: σ = %{{x:.3g}}, measured × %{{y:.3g}}"
        add_marks(figure, *point, color, size, symbol=symbol, hover=hover, name=name)
    told = ", ".join(
        f"{INITIALIZER_NAMES[s]} × {growth.measured[s]:.2f} (formula {growth.by_formula[s]:.2f})"
        for s in STARTS
    )
    return styled(
        figure,
        f"{growth.fan_in} → {growth.fan_out}: the formula (line), and what real images show (marks)",
        f"By how much a layer changes the size of its inputs: {told}.",
        height=_HEIGHT,
        corner="top left",
        xaxis=fixed_axis("Spread σ of the weights", **_POWERS),
        yaxis=fixed_axis("Growth of the size (×)", **_POWERS),
    )
