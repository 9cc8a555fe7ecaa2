"""The accuracy with parts of the network taken away: neurons switched off, small weights pruned."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from mnist_core.analysis.ablation import DigitAccuracy, PruningCurve
from mnist_core.config import N_DIGITS
from mnist_core.figures.style import MUTED, NEURON, RIGHT, TRAINING, WRONG, axis, signed_number, styled

_DIGITS: Final = list(range(N_DIGITS))
_LONG: Final = 100
"""Numbers of three digits, too long for the axis to find out by itself how many have room."""
_FEW_TICKS: Final = 12
_DASHES: Final = ("dot", "dash", "dashdot", "longdash", "longdashdot")
"""As many as there can be curves of pruning."""
_LOST_OR_GAINED: Final = [
    [0.0, "rgba(208,90,30,1)"],
    [0.5, "rgba(208,90,30,0)"],
    [0.5, "rgba(26,154,120,0)"],
    [1.0, "rgba(26,154,120,1)"],
]
"""WRONG for accuracy that is lost, RIGHT for what is gained, and the page itself at no change."""


def ablation_figure(with_all: DigitAccuracy, without: DigitAccuracy, off: Sequence[int]) -> go.Figure:
    """How many images of each digit are read right with all neurons, and without some.

    Args:
        with_all: All neurons on.
        without: Some of them off.
        off: Their numbers.
    """
    before, after = 100 * with_all.by_digit, 100 * without.by_digit
    figure = go.Figure()
    figure.add_scatter(
        x=[x for digit in _DIGITS for x in (digit, digit, None)],
        y=[y for digit in _DIGITS for y in (before[digit], after[digit], None)],
        mode="lines",
        line={"color": MUTED, "width": 4},
        showlegend=False,
        hoverinfo="skip",
    )
    looks = (
        ("all neurons on", before, RIGHT, "circle"),
        (f"{len(off)} off", after, WRONG, "diamond"),
    )
    for name, values, color, symbol in looks if off else looks[:1]:
        figure.add_scatter(
            x=_DIGITS,
            y=values.tolist(),
            mode="markers",
            marker={"size": 14, "color": color, "symbol": symbol},
            name=name,
            hovertemplate=f"digit %{{x}}, {name}: %{{y:.1f}} %<extra></extra>",
        )
    overall = f"{100 * without.overall:.1f} %"
    worst = int((after - before).argmin())
    title = f"All neurons on: {overall} right"
    if off:
        which = f"neuron {off[0]}" if len(off) == 1 else f"{len(off)} neurons"
        title = f"Without {which}: {overall} right instead of {100 * with_all.overall:.1f} %"
    return styled(
        figure,
        title,
        f"Accuracy of each digit. {title}. "
        f"The {worst} goes from {before[worst]:.1f} to {after[worst]:.1f} %.",
        height=400,
        xaxis=axis("True digit", tickvals=_DIGITS, showgrid=False, fixedrange=True),
        yaxis=axis("Read right (% of its images)", range=[-4, 104], fixedrange=True),
        showlegend=True,
    )


def importance_figure(accuracies: np.ndarray, with_all: DigitAccuracy) -> go.Figure:
    """What switching off one neuron alone changes for each digit, the neurons that matter most first.

    Args:
        accuracies: Shape (units, 11), each neuron off alone: ten digits, then all images together.
        with_all: All neurons on.
    """
    changes = 100 * (accuracies - np.array([*with_all.by_digit, with_all.overall]))
    order = changes[:, -1].argsort(kind="stable")
    largest = float(np.abs(changes).max()) or 1.0
    rows = ["all", *map(str, reversed(_DIGITS))]
    shown = changes[order].T[::-1]
    figure = go.Figure()
    figure.add_heatmap(
        z=shown.round(2).tolist(),
        x=list(map(str, order)),
        y=rows,
        colorscale=_LOST_OR_GAINED,
        zmin=-largest,
        zmax=largest,
        colorbar={"title": {"text": "points"}, "thickness": 14, "tickfont": {"size": 14}, "outlinewidth": 0},
        hovertemplate="without neuron %{x}, digit %{y}: %{z:+.1f} points<extra></extra>",
    )
    first = f"neuron {order[0]}"
    return styled(
        figure,
        f"Most is lost without {first}: {signed_number(float(changes[order[0], -1]))} points over all digits",
        f"Change of the accuracy in percentage points when one neuron alone is off, by neuron and digit; "
        f"without {first} it is {signed_number(float(changes[order[0], -1]))} over all images.",
        height=420,
        xaxis=axis(
            "Neuron switched off, sorted by what is lost over all digits",
            type="category",  # leaves out the numbers for which there is no room
            **({"nticks": _FEW_TICKS} if len(order) >= _LONG else {}),
            tickangle=0,
            showgrid=False,
            fixedrange=True,
        ),
        yaxis=axis("True digit", type="category", showgrid=False, fixedrange=True),
    )


def pruning_figure(curves: Mapping[str, PruningCurve], chosen: str, place: int) -> go.Figure:
    """The accuracy as more and more of the smallest weights are set to 0.

    Args:
        curves: By what is pruned, in words.
        chosen: The one in colour.
        place: The point of it that is marked.
    """
    figure = go.Figure()
    dashes = dict(zip(curves, _DASHES, strict=False))
    for name in sorted(curves, key=lambda name: name == chosen):  # the one in colour on top
        curve, is_chosen = curves[name], name == chosen
        figure.add_scatter(
            x=(100 * curve.shares).tolist(),
            y=(100 * curve.accuracies).tolist(),
            mode="lines+markers" if is_chosen else "lines",
            line={"color": TRAINING if is_chosen else MUTED, "width": 3 if is_chosen else 1.5}
            | {"dash": "solid" if is_chosen else dashes[name]},
            marker={"size": 7},
            name=name,
            hovertemplate=f"{name}: %{{x:.3g}} % pruned, %{{y:.1f}} % right<extra></extra>",
        )
    curve = curves[chosen]
    share, accuracy = 100 * float(curve.shares[place]), 100 * float(curve.accuracies[place])
    mark: dict[str, Any] = {"size": 20, "symbol": "circle-open", "color": NEURON, "line": {"width": 3}}
    figure.add_scatter(x=[share], y=[accuracy], mode="markers", marker=mark, name="shown", hoverinfo="skip")
    unpruned = f"{100 * float(curve.accuracies[0]):.1f} %"
    return styled(
        figure,
        f"{share:.3g} % pruned: {accuracy:.1f} % right; unpruned {unpruned}",
        f"Accuracy by the share of the smallest weights set to 0, {chosen}: {unpruned} with none, "
        f"{accuracy:.1f} % with {share:.3g} %, {100 * float(curve.accuracies[-1]):.1f} % with all.",
        height=420,
        xaxis=axis("Weights set to 0 (%)", range=[-2, 102], fixedrange=True),
        yaxis=axis("Read right (% of all test images)", range=[0, 104], fixedrange=True),
    )
