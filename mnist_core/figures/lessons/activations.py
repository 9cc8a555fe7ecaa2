"""Activation functions and their slopes, neurons that pass on 0, and softmax outputs under change."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mnist_core.analysis.evaluation import Evaluation
from mnist_core.config import N_DIGITS
from mnist_core.figures.style import MUTED, NEURON, axis, styled

ACTIVATION: Final = NEURON
"""What an activation function gives, softmax included."""
SLOPE: Final = "#a68a00"
"""How fast that changes."""

_TANGENT: Final = 1.5
"""Half the length of the tangent, in units of z."""


def activation_figure(
    name: str,
    curve: tuple[np.ndarray, np.ndarray, np.ndarray],
    point: tuple[float, float, float],
) -> go.Figure:
    """A function above its derivative, with one point on both and the tangent through it.

    Args:
        name: What the function is called.
        curve: z, f(z) and f′(z), each of shape (n,).
        point: The same three at the point.
    """
    z, value, slope = point
    grid, values, slopes = (array.tolist() for array in curve)
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.62, 0.38], vertical_spacing=0.07)

    def add(row: int, x: list[float], y: list[float], **look: Any) -> None:
        figure.add_scatter(x=x, y=y, row=row, col=1, showlegend=False, **look)

    def line(color: str, width: float = 4, dash: str = "solid") -> dict[str, Any]:
        return {"color": color, "width": width, "dash": dash, "simplify": False}

    ends = [z - _TANGENT, z + _TANGENT]
    tangent = [value - slope * _TANGENT, value + slope * _TANGENT]
    add(1, ends, tangent, mode="lines", line=line(SLOPE, 3, "dot"), hoverinfo="skip")
    add(
        1,
        grid,
        values,
        mode="lines",
        line=line(ACTIVATION),
        hovertemplate="f(%{x:.2f}) = %{y:.3f}<extra></extra>",
    )
    add(1, [z], [value], mode="markers", marker={"size": 15, "color": ACTIVATION}, hoverinfo="skip")
    add(
        2,
        grid,
        slopes,
        mode="lines",
        line=line(SLOPE),
        hovertemplate="f′(%{x:.2f}) = %{y:.3f}<extra></extra>",
    )
    add(2, [z], [slope], mode="markers", marker={"size": 15, "color": SLOPE}, hoverinfo="skip")
    at_z = {"type": "line", "x0": z, "x1": z, "y0": 0, "y1": 1, "xref": "x", "yref": "paper"}
    margin = 0.08 * (max(values) - min(values))
    zero = {"zeroline": True, "zerolinecolor": MUTED, "fixedrange": True}
    return styled(
        figure,
        f"At z = {z:.1f}, {name} gives {value:.3f}; its slope there is {slope:.3f}",
        f"{name} over z from {grid[0]:g} to {grid[-1]:g}, and its slope below. At z = {z:.1f} the value is "
        f"{value:.3f} and the slope {slope:.3f}; the slope is {max(slopes):.3g} at most.",
        height=460,
        shapes=[at_z | {"line": {"color": MUTED, "width": 1, "dash": "dash"}}],
        xaxis={"range": [grid[0], grid[-1]], **zero},
        xaxis2=axis("Weighted sum z", range=[grid[0], grid[-1]], dtick=2, **zero | {"zerolinewidth": 1}),
        yaxis=axis("Activation f(z)", range=[min(values) - margin, max(values) + margin], **zero),
        yaxis2=axis("Slope f′(z)", range=[-0.08, 1.12], tickvals=[0, 0.5, 1], **zero),
    )


def accuracy_figure(evaluations: Mapping[str, Evaluation]) -> go.Figure:
    """The test accuracies of a few networks beside each other, each with its 95 % Wilson interval.

    Args:
        evaluations: By the words each network is shown under.
    """
    names = list(evaluations)
    accuracy = [100 * found.accuracy for found in evaluations.values()]
    low = [100 * found.interval.low for found in evaluations.values()]
    high = [100 * found.interval.high for found in evaluations.values()]
    figure = go.Figure()
    figure.add_scatter(
        x=accuracy,
        y=names,
        mode="markers+text",
        marker={"size": 13, "color": ACTIVATION},
        text=[f"{a:.1f} %" for a in accuracy],
        textposition="top center",
        error_x={
            "array": [h - a for h, a in zip(high, accuracy, strict=True)],
            "arrayminus": [a - b for a, b in zip(accuracy, low, strict=True)],
            "thickness": 3,
            "width": 8,
            "color": ACTIVATION,
        },
        hovertemplate="%{y}: %{x:.1f} %<extra></extra>",
    )
    worst, best = int(np.argmin(accuracy)), int(np.argmax(accuracy))
    title = "The two accuracies are close: their 95 % intervals overlap"
    if high[worst] < low[best]:
        points = accuracy[best] - accuracy[worst]
        title = f"{names[best]}: {points:.1f} percentage points more, and the intervals are apart"
    numbers = zip(names, accuracy, low, high, strict=True)
    return styled(
        figure,
        title,
        "Test accuracy with 95 % Wilson interval. "
        + "; ".join(f"{n}: {a:.1f} %, from {b:.1f} to {h:.1f} %" for n, a, b, h in numbers),
        height=260,
        xaxis=axis("Test accuracy (%), not from 0", fixedrange=True),
        yaxis=axis("", type="category", range=[len(names) - 0.6, -0.7], showgrid=False, fixedrange=True),
        showlegend=False,
    )


def zeros_figure(shares: np.ndarray, is_dead: np.ndarray, n_images: int) -> go.Figure:
    """For how many images each neuron of a layer passes on 0, fewest first.

    Args:
        shares: Shape (units,), 0 to 1.
        is_dead: Shape (units,), whether it passes on 0 for every image.
        n_images: How many images there are.
    """
    order = np.argsort(shares, kind="stable")
    percent = 100 * shares[order]
    figure = go.Figure()
    figure.add_bar(
        x=list(range(1, len(order) + 1)),
        y=percent.tolist(),
        marker={"color": [MUTED if dead else ACTIVATION for dead in is_dead[order]]},
        hovertext=[
            f"neuron {unit + 1}: 0 for {p:.1f} % of the images"
            for unit, p in zip(order, percent, strict=True)
        ],
        hoverinfo="text",
    )
    n_dead = int(is_dead.sum())
    finding = "No neuron is dead"
    if n_dead:
        finding = f"{n_dead} neuron{'s are' if n_dead > 1 else ' is'} dead (grey)"
    return styled(
        figure,
        f"{finding}; on average a neuron passes 0 for {percent.mean():.0f} % of the images",
        f"Share of {n_images:,} images for which each of {len(order)} neurons passes 0: "
        f"from {percent[0]:.1f} to {percent[-1]:.1f} %, mean {percent.mean():.1f} %. {finding}.",
        height=320,
        xaxis=axis("Neurons, sorted", showgrid=False, fixedrange=True),
        yaxis=axis("Images with activation 0 (%)", range=[0, 104], fixedrange=True),
        bargap=0.15,
        showlegend=False,
    )


def softmax_figure(
    probabilities: np.ndarray, original: np.ndarray, labels: Mapping[int, str] | None = None
) -> go.Figure:
    """Ten softmax outputs after a change, and as marks the network's own before it.

    Args:
        probabilities: Shape (10,), after.
        original: Shape (10,), before.
        labels: Words to put beside a digit, such as "true".
    """
    words, shown = labels or {}, _percent(probabilities)
    names = [f"<b>{d} ◂ {words[d]}</b>" if d in words else str(d) for d in range(N_DIGITS)]
    figure = go.Figure()
    figure.add_bar(
        y=names,
        x=(100 * probabilities).tolist(),
        orientation="h",
        marker={"color": ACTIVATION},
        text=shown,
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
        name="now",
    )
    figure.add_scatter(
        y=names,
        x=(100 * original).tolist(),
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 18, "line": {"width": 3, "color": MUTED}, "color": MUTED},
        hovertemplate="the network's own: %{x:.2f} %<extra></extra>",
        cliponaxis=False,
        name="the network's own output (T = 1)",
    )
    largest = int(np.argmax(probabilities))
    return styled(
        figure,
        f"Largest share: the {largest}, with {shown[largest]}",
        "Softmax outputs now (the network's own): "
        + ", ".join(
            f"{digit}: {now} ({before})"
            for digit, (now, before) in enumerate(zip(shown, _percent(original), strict=True))
        ),
        height=430,
        xaxis=axis("Softmax output (%)", range=[0, 119], tickvals=[0, 25, 50, 75, 100], fixedrange=True),
        yaxis=axis("", autorange="reversed", showgrid=False, type="category", dtick=1, fixedrange=True),
    )


def _percent(shares: Sequence[float] | np.ndarray) -> list[str]:
    return [f"{100 * share:.2f} %" for share in shares]
