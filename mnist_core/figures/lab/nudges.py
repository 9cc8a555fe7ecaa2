"""What a nudge does to a network's ten outputs, as curves along its span."""

from typing import Final

import plotly.graph_objects as go

from mnist_core.analysis.nudges import SPANS, Sweep
from mnist_core.config import N_DIGITS
from mnist_core.figures.style import DIGIT_COLORS, MUTED, NEURON, axis, styled

_NARROWEST: Final = 0.07
"""Share of the axis below which a digit written over its stretch would touch the next."""


def nudge_figure(sweep: Sweep, amount: float) -> go.Figure:
    """The ten outputs along the whole span of a nudge, and where it stands now.

    Args:
        sweep: What the network reads along the span.
        amount: Where the slider is.
    """
    span, x = SPANS[sweep.kind], sweep.amounts
    digit, first, last = sweep.held(amount)
    readers = sorted(set(sweep.predictions.tolist()))
    figure = go.Figure()
    for other in range(N_DIGITS):
        is_reader = other in readers
        figure.add_scatter(
            x=x.tolist(),
            y=(100 * sweep.probabilities[:, other]).tolist(),
            mode="lines",
            line={"color": DIGIT_COLORS[other], "width": 4} if is_reader else {"color": MUTED, "width": 1},
            name=f"{other}",
            showlegend=False,
            hovertemplate=f"{span.name} %{{x:.4g}}: output {other} is %{{y:.1f}} %<extra></extra>",
        )
    turns = [turn.amount - span.step / 2 for turn in sweep.turns]
    ends = [span.lowest, *turns, span.highest]
    for left, right, read in zip(ends[:-1], ends[1:], _in_turn(sweep), strict=True):
        if right - left >= _NARROWEST * (span.highest - span.lowest):
            figure.add_annotation(
                x=(left + right) / 2, y=112, text=f"<b>{read}</b>", showarrow=False,
                font={"size": 20, "color": DIGIT_COLORS[read]},
            )  # fmt: skip
    lines = [(turn, {"color": MUTED, "width": 1.5, "dash": "dot"}) for turn in turns]
    for place, line in [*lines, (amount, {"color": NEURON, "width": 3})]:
        figure.add_shape(type="line", x0=place, x1=place, y0=0, y1=103, line=line)
    is_kept = not sweep.turns
    stretch = "all the way" if is_kept else f"from {_written(first)} to {_written(last)} {span.unit}"
    places = "; ".join(f"{t.before} becomes {t.after} at {_written(t.amount)}" for t in sweep.turns)
    return styled(
        figure,
        f"{span.name}: read as a {digit} {stretch}",
        f"Ten softmax outputs along {span.name.lower()}, in {span.unit}. At {_written(amount)} it is read as "
        f"a {digit}. {places or 'The reading never changes'}.",
        height=380,
        xaxis=axis(f"{span.name} ({span.unit})", range=[span.lowest, span.highest], fixedrange=True),
        yaxis=axis("Softmax output (%)", range=[-2, 120], tickvals=[0, 25, 50, 75, 100], fixedrange=True),
    )


def _in_turn(sweep: Sweep) -> list[int]:
    """The digits read from the lowest amount to the highest, each once for each stretch."""
    return [int(sweep.predictions[0]), *(turn.after for turn in sweep.turns)]


def _written(amount: float) -> str:
    return f"{amount:.4g}".replace("-", "−")
