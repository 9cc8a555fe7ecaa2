"""What a nudge does to a network's ten outputs, as curves along its span."""

from typing import Final

import plotly.graph_objects as go

from mnist_core.analysis.nudges import SPANS, Sweep
from mnist_core.figures.layers import add_line, note
from mnist_core.figures.style import (
    DIGIT_COLORS,
    DIGITS,
    MUTED,
    NEURON,
    article,
    fixed_axis,
    styled,
    with_minus,
)

_NARROWEST: Final = 0.07
"""Share of the axis below which a digit written over its stretch would touch the next."""


def nudge_figure(sweep: Sweep, amount: float, height: int = 380) -> go.Figure:
    """The ten outputs along the whole span of a nudge, and where it stands now.

    Args:
        sweep: What the network reads along the span.
        amount: Where the slider is.
        height: Pixels.
    """
    span, x = SPANS[sweep.kind], sweep.amounts
    digit, first, last = sweep.held(amount)
    figure = go.Figure()
    for other in DIGITS:
        is_read = other in sweep.predictions
        color, width = (DIGIT_COLORS[other], 4) if is_read else (MUTED, 1)
        hover = f"{span.name} %{{x:.4g}}: output {other} is %{{y:.1f}}%"
        outputs = 100 * sweep.probabilities[:, other]
        add_line(figure, x, outputs, color, width, name=f"{other}", showlegend=False, hover=hover)
    turns = [turn.amount - span.step / 2 for turn in sweep.turns]
    ends = [span.lowest, *turns, span.highest]
    for left, right, read in zip(ends[:-1], ends[1:], _in_turn(sweep), strict=True):
        if right - left >= _NARROWEST * (span.highest - span.lowest):
            font = {"size": 20, "color": DIGIT_COLORS[read]}
            figure.add_annotation(note((left + right) / 2, 112, f"<b>{read}</b>", font=font))
    lines = [(turn, {"color": MUTED, "width": 1.5, "dash": "dot"}) for turn in turns]
    for place, line in [*lines, (amount, {"color": NEURON, "width": 3})]:
        figure.add_shape(type="line", x0=place, x1=place, y0=0, y1=103, line=line)
    is_kept = not sweep.turns
    stretch = "all the way" if is_kept else f"from {_written(first)} to {_written(last)} {span.unit}"
    places = "; ".join(f"{t.before} becomes {t.after} at {_written(t.amount)}" for t in sweep.turns)
    return styled(
        figure,
        f"{span.name}: read as {article(digit)} {digit} {stretch}",
        f"Ten softmax outputs along {span.name.lower()}, in {span.unit}. At {_written(amount)} it is read as "
        f"{article(digit)} {digit}. {places or 'The reading never changes'}.",
        height=height,
        xaxis=fixed_axis(f"{span.name} ({span.unit})", range=[span.lowest, span.highest]),
        yaxis=fixed_axis("Softmax output (%)", range=[-2, 120], tickvals=[0, 25, 50, 75, 100]),
    )


def _in_turn(sweep: Sweep) -> list[int]:
    """The digits read from the lowest amount to the highest, each once for each stretch."""
    return [int(sweep.predictions[0]), *(turn.after for turn in sweep.turns)]


def _written(amount: float) -> str:
    return with_minus(f"{amount:.4g}")
