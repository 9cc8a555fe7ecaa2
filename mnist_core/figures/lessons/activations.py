"""Activation functions and their slopes, neurons that output 0, and softmax outputs under change."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mnist_core.analysis.evaluation import Evaluation
from mnist_core.figures.awaited import rows_of
from mnist_core.figures.layers import (
    add_bars,
    add_line,
    add_marks,
    add_named_bars,
    answer_look,
    digit_names,
    error_bars,
    in_two_lines,
    leaves_out_zero,
    names_axis,
)
from mnist_core.figures.style import (
    MUTED,
    NEURON,
    TEST,
    ZERO_LINE,
    axis,
    fixed_axis,
    share_text,
    styled,
    with_article,
)

_ACCURACY: Final = "Test accuracy (%)"
ACTIVATION: Final = NEURON
"""What an activation function gives."""
SLOPE: Final = "#a68a00"
"""How fast that changes."""

_TANGENT: Final = 1.5
"""Half the length of the tangent, in units of z."""
_OWN: Final = 0.4
"""Half the length of the line at an output that the network itself gives, in rows of bars."""


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
    gives = "the output, with no function, is" if name == "none" else f"{name} gives"
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.62, 0.38], vertical_spacing=0.04)
    upper: dict[str, Any] = {"row": 1, "col": 1, "showlegend": False}
    lower = upper | {"row": 2}
    ends, rise = [z - _TANGENT, z + _TANGENT], slope * _TANGENT
    _add_exact_line(figure, ends, [value - rise, value + rise], SLOPE, width=3, dash="dot", **upper)
    _add_exact_line(figure, grid, values, ACTIVATION, hover="f(%{x:.2f}) = %{y:.3f}", **upper)
    add_marks(figure, [z], [value], ACTIVATION, 15, **upper)
    _add_exact_line(figure, grid, slopes, SLOPE, hover="f′(%{x:.2f}) = %{y:.3f}", **lower)
    add_marks(figure, [z], [slope], SLOPE, 15, **lower)
    at_z = {"type": "line", "x0": z, "x1": z, "y0": 0, "y1": 1, "xref": "x", "yref": "paper"}
    margin = 0.08 * (max(values) - min(values))
    zero, ends = {**ZERO_LINE, "fixedrange": True}, [grid[0], grid[-1]]
    return styled(
        figure,
        f"At z = {z:.1f} {gives} {value:.3f}, and the slope is {slope:.3f}",
        f"The output over z from {grid[0]:g} to {grid[-1]:g}, and its slope below. At z = {z:.1f} {gives} "
        f"{value:.3f}, and the slope is {slope:.3f}; the slope is {max(slopes):.3g} at most.",
        height=320,
        shapes=[at_z | {"line": {"color": MUTED, "width": 1, "dash": "dash"}}],
        xaxis={"range": ends, **zero},
        xaxis2=axis("Weighted sum z", range=ends, dtick=2, zerolinewidth=1, **zero),
        yaxis=axis("Activation f(z)", range=[min(values) - margin, max(values) + margin], **zero),
        yaxis2=axis("Slope f′(z)", range=[-0.08, 1.12], tickvals=[0, 0.5, 1], **zero),
    )


def _add_exact_line(figure: go.Figure, x: Any, y: Any, color: str, width: float = 4, **more: Any) -> None:
    """A line through all of its points; Plotly would leave out some whose absence it takes for invisible."""
    add_line(figure, x, y, color, width, line_simplify=False, **{"dash": "solid"} | more)


def accuracy_frame(names: Sequence[str]) -> dict[str, Any]:
    """The height and the axes of `accuracy_figure`, for so many networks."""
    return {
        "height": 285,
        "xaxis": fixed_axis(_ACCURACY, range=[85, 100], showticklabels=False),
        "yaxis": rows_of(in_two_lines(names), range=[len(names) - 0.6, -0.7]),
    }


def accuracy_figure(evaluations: Mapping[str, Evaluation]) -> go.Figure:
    """The test accuracies of a few networks beside each other, each with its 95% Wilson interval.

    Args:
        evaluations: By the words each network is shown under.
    """
    names = list(evaluations)
    accuracy = [100 * evaluation.accuracy for evaluation in evaluations.values()]
    intervals = [evaluation.interval for evaluation in evaluations.values()]
    figure = go.Figure()
    add_marks(
        figure,
        accuracy,
        names,
        TEST,
        13,
        text=[
            f"<b>{a:.1f}</b> ({100 * i.low:.1f}–{100 * i.high:.1f})"
            for a, i in zip(accuracy, intervals, strict=True)
        ],
        textposition="top center",
        error_x=error_bars(accuracy, intervals, thickness=3, width=8, color=TEST),
        hover="%{y}: %{x:.1f}%",
    )
    worst, best = int(np.argmin(accuracy)), int(np.argmax(accuracy))
    title = f"The {len(names)} accuracies are close: their 95% intervals overlap"
    if intervals[worst].high < intervals[best].low:
        points = accuracy[best] - accuracy[worst]
        title = f"{names[best]}: {points:.1f} percentage points more, and the intervals are apart"
    numbers = zip(names, accuracy, intervals, strict=True)
    rows = {"range": [len(names) - 0.6, -0.7], "tickvals": names, "ticktext": in_two_lines(names)}
    return styled(
        figure,
        title,
        "Test accuracy with 95% Wilson interval. "
        + "; ".join(f"{n}: {a:.1f}%, from {100 * i.low:.1f}% to {100 * i.high:.1f}%" for n, a, i in numbers),
        is_cut=leaves_out_zero(intervals),
        **accuracy_frame(names)
        | {
            "xaxis": fixed_axis(_ACCURACY, showticklabels=False),
            "yaxis": fixed_axis("", type="category", showgrid=False, **rows),
        },
    )


def zeros_figure(shares: np.ndarray, is_dead: np.ndarray, n_images: int) -> go.Figure:
    """For how many images each neuron of a layer outputs 0, fewest first.

    Args:
        shares: Shape (units,), 0 to 1.
        is_dead: Shape (units,), whether it outputs 0 for every image.
        n_images: How many images there are.
    """
    order = np.argsort(shares, kind="stable")
    percent = 100 * shares[order]
    told = [f"neuron {unit}: 0 for {p:.1f}% of the images" for unit, p in zip(order, percent, strict=True)]
    colors = [MUTED if dead else ACTIVATION for dead in is_dead[order]]
    figure = go.Figure()
    add_bars(figure, list(range(len(order))), percent, colors, hovertext=told, hoverinfo="text")
    n_dead = int(is_dead.sum())
    finding = "No neuron is dead"
    if n_dead:
        finding = f"{n_dead} neuron{'s are' if n_dead > 1 else ' is'} dead (gray)"
    return styled(
        figure,
        f"{finding}; on average a neuron outputs 0 for {percent.mean():.0f}% of the training images",
        f"Share of {n_images:,} training images for which each of {len(order)} neurons outputs 0: "
        f"from {percent[0]:.1f}% to {percent[-1]:.1f}%, mean {percent.mean():.1f}%. {finding}.",
        height=320,
        xaxis=fixed_axis("Neurons, sorted by their zeros", showgrid=False),
        yaxis=fixed_axis("Training images with output 0 (%)", range=[0, 104]),
        bargap=0.15,
    )


def softmax_figure(
    probabilities: np.ndarray,
    original: np.ndarray,
    label: int,
    words: Mapping[int, str] | None = None,
    height: int = 430,
) -> go.Figure:
    """Ten softmax outputs after a change, and as lines the network's own before it.

    Args:
        probabilities: Shape (10,), after.
        original: Shape (10,), before.
        label: The true digit.
        words: To put beside a digit, such as "true".
        height: Pixels.
    """
    names, shown, before = digit_names(words or {}), _percents(probabilities), _percents(original)
    largest = int(np.argmax(probabilities))
    figure = go.Figure()
    look: dict[str, Any] = {"customdata": before, "hover": "%{text}, the network's own: %{customdata}"}
    add_named_bars(figure, names, 100 * probabilities, text=shown, **answer_look(largest, label) | look)
    for digit, share in enumerate(original):
        ends = {"x0": 100 * share, "x1": 100 * share, "y0": digit - _OWN, "y1": digit + _OWN}
        figure.add_shape(type="line", line={"width": 3}, **ends)
    pairs = enumerate(zip(shown, before, strict=True))
    return styled(
        figure,
        f"Read as {with_article(largest)}, with a probability of {shown[largest]}",
        "Softmax outputs now (the network's own): "
        + ", ".join(f"{digit}: {now} ({before})" for digit, (now, before) in pairs),
        height=height,
        xaxis=fixed_axis(
            "Softmax output (%); line: the network's own",
            range=[0, 119],
            tickvals=[0, 25, 50, 75, 100],
        ),
        yaxis=names_axis(dtick=1, fixedrange=True),
    )


def _percents(shares: np.ndarray) -> list[str]:
    return [share_text(float(share)) for share in shares]
