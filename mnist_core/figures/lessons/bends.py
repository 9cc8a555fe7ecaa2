"""A curve, the sum of neurons that follows it, and below it what each of them adds."""

from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mnist_core.figures.layers import add_line, add_marks
from mnist_core.figures.style import MUTED, NEURON, ZERO_LINE, axis, styled
from mnist_core.lessons.bends import NeuronSum


def bends_figure(followed: NeuronSum, has_bends: bool, height: int = 430) -> go.Figure:
    """The curve and the sum above, the single neurons below.

    Args:
        followed: The neurons.
        has_bends: Whether they have an activation function.
        height: Pixels.
    """
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.62, 0.38], vertical_spacing=0.04)
    upper: dict[str, Any] = {"row": 1, "col": 1}
    lower: dict[str, Any] = {"row": 2, "col": 1, "showlegend": False}
    x, total = followed.x.round(4), followed.total.round(4)
    for number, part in enumerate(followed.parts):
        hover = f"neuron {number} adds %{{y:.2f}}"
        add_line(figure, x, part.round(4), NEURON, 2, hover=hover, opacity=0.55, **lower)
    add_line(
        figure,
        x,
        followed.curve.round(4),
        MUTED,
        3,
        dash="dot",
        name="the curve",
        hover="curve %{y:.2f}",
        **upper,
    )
    add_line(figure, x, total, NEURON, 5, name="the sum of the neurons", hover="sum %{y:.2f}", **upper)
    if has_bends:
        bends = followed.knots[1:]
        heights = total[[int(abs(x - knot).argmin()) for knot in bends]]
        add_marks(figure, bends, heights, NEURON, 11, showlegend=False, hover="a bend at %{x:.2f}", **upper)
    title = _finding(followed, has_bends)
    zero = {**ZERO_LINE, "fixedrange": True}
    return styled(
        figure,
        title,
        f"A curve over inputs from 0 to 1, and the sum of {_neurons(followed)}. {title}; the mean gap is "
        f"{followed.gaps.mean():.3f}. Below, what each neuron adds.",
        height=height,
        corner="top right",
        xaxis={"range": [0, 1], **zero},
        xaxis2=axis("Input x", range=[0, 1], dtick=0.25, **zero),
        yaxis=axis("Output", **zero),
        yaxis2=axis("Each neuron", **zero),
    )


def _finding(followed: NeuronSum, has_bends: bool) -> str:
    """How close the neurons come to the curve."""
    gap = followed.gaps.max()
    if not has_bends:
        return f"{_neurons(followed)} without a bend: one straight line, up to {gap:.3f} from the curve"
    verb = "follow" if len(followed.knots) > 1 else "follows"
    return f"{_neurons(followed)} {verb} the curve with a gap of {gap:.3f} at most"


def _neurons(followed: NeuronSum) -> str:
    n = len(followed.knots)
    return f"{n} neuron{'s' if n > 1 else ''}"
