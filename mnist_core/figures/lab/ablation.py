"""The accuracy with parts of the network taken away: neurons switched off, small weights pruned."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from mnist_core.analysis.ablation import DigitAccuracy, PruningCurve
from mnist_core.config import N_DIGITS
from mnist_core.figures.layers import add_line, add_marks, add_signed_map, add_texts, hover_of
from mnist_core.figures.style import (
    DIGITS,
    FONT_SIZE,
    MUTED,
    NEURON,
    TEST,
    TEST_CHANGE,
    fixed_axis,
    legend_inside,
    share_text,
    styled,
    with_minus,
)

_LONG: Final = 100
"""Numbers of three digits, too long for the axis to find out by itself how many have room."""
_FEW_TICKS: Final = 12
_DASHES: Final = ("dot", "dash", "dashdot", "longdash", "longdashdot")
"""As many as there can be curves of pruning."""
_ALL: Final = "all"
"""Instead of a digit: all images together."""
_SMALLEST_SIGN: Final = 6
_SIGNS_WIDTH: Final = 480
"""Pixels that a row of signs, one a neuron, may take."""


def ablation_figure(with_all: DigitAccuracy, without: DigitAccuracy, off: Sequence[int]) -> go.Figure:
    """How many test images of each digit are read correctly with all neurons, and without some.

    Args:
        with_all: All neurons on.
        without: Some of them off.
        off: Their numbers.
    """
    digits = np.flatnonzero(with_all.n_images)  # of the others there is nothing to read
    before, after = (100 * accuracy.by_digit[digits] for accuracy in (with_all, without))
    figure = go.Figure()
    change_x = [x for digit in digits.tolist() for x in (digit, digit, None)]
    change_y = [y for pair in zip(before, after, strict=True) for y in (*pair, None)]
    add_line(figure, change_x, change_y, MUTED, 4, showlegend=False)
    looks = (("all neurons on", before, "circle-open"), (f"{len(off)} off", after, "diamond"))
    for name, values, symbol in looks if off else looks[:1]:
        look: dict[str, Any] = {"symbol": symbol, "edge": {"width": 3, "color": TEST}, "name": name}
        hover = f"digit %{{x}}, {name}: %{{y:.1f}}%"
        add_marks(figure, digits.tolist(), values, TEST, 12, hover=hover, **look)
    overall = share_text(without.overall)
    worst = int((after - before).argmin())
    title, change = f"All neurons on: {overall} correct", ""
    if off:
        change = f" The {digits[worst]} goes from {before[worst]:.1f} to {after[worst]:.1f}%."
        which = f"neuron {off[0]}" if len(off) == 1 else f"{len(off)} neurons"
        title = f"Without {which}: {overall} correct instead of {share_text(with_all.overall)}"
    return styled(
        figure,
        title,
        f"Accuracy of each digit. {title}.{change}",
        height=400,
        xaxis=fixed_axis("True digit", tickvals=DIGITS, showgrid=False),
        yaxis=fixed_axis("Read correctly (% of its test images)", range=[-4, 104]),
        showlegend=True,
        legend=legend_inside("bottom left"),
    )


def importance_figure(accuracies: np.ndarray, with_all: DigitAccuracy) -> go.Figure:
    """What switching off one neuron alone changes for each digit, the neurons that matter most first.

    Args:
        accuracies: Shape (units, 11), each neuron off alone: ten digits, then all images together.
        with_all: All neurons on.
    """
    changes = 100 * (accuracies - np.array([*with_all.by_digit, with_all.overall]))
    changes[:, :-1][:, with_all.n_images == 0] = np.nan
    order = changes[:, -1].argsort(kind="stable")
    figure = go.Figure()
    add_signed_map(
        figure,
        changes[order].T[::-1].round(2).tolist(),
        float(np.nanmax(np.abs(changes))) or 1.0,
        TEST_CHANGE,
        x=list(map(str, order)),
        y=[_ALL, *map(str, reversed(DIGITS))],
        colorbar={
            "title": {"text": "percentage points", "side": "right"},
            "thickness": 14,
            "tickfont": {"size": 14},
            "outlinewidth": 0,
        },
        **hover_of("without neuron %{x}, digit %{y}: %{z:+.1f} percentage points"),
    )
    _sign_rises(figure, changes[order], order)
    largest = float(changes[order[0], -1])
    first, loss = f"neuron {order[0]}", with_minus(f"{largest:z.1f}")
    ticks = {"nticks": _FEW_TICKS} if len(order) >= _LONG else {}
    named = {"type": "category", "showgrid": False}  # leaves out the numbers for which there is no room
    title = f"The accuracy drops most without {first}: {loss} percentage points over all digits"
    if loss == "0.0":
        title = "Switching off any one neuron lowers the accuracy by less than 0.1 percentage points"
    if largest >= 0:
        title = "Switching off any one neuron does not lower the accuracy"
    return styled(
        figure,
        title,
        f"Change of the accuracy in percentage points when one neuron alone is off, by neuron and digit; "
        f"without {first} it is {loss} over all images.",
        xaxis=fixed_axis("Neuron switched off, sorted by the drop", tickangle=0, **named, **ticks),
        yaxis=fixed_axis("True digit", **named),
    )


def _sign_rises(figure: go.Figure, changes: np.ndarray, order: np.ndarray) -> None:
    """A plus sign in each cell of `importance_figure` where the accuracy rises, as small as its column.

    Args:
        figure: With the map.
        changes: Shape (units, 11), in the order of its columns.
        order: Shape (units,), their neurons.
    """
    columns, rows = np.nonzero(changes > 0)
    size = max(_SMALLEST_SIGN, min(FONT_SIZE, _SIGNS_WIDTH // len(changes)))
    names = [_ALL if row == N_DIGITS else str(row) for row in rows.tolist()]
    add_texts(figure, list(map(str, order[columns])), names, ["+"] * len(columns), {"size": size})


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
        look: dict[str, Any] = {"color": MUTED, "width": 1.5, "dash": dashes[name], "mode": "lines"}
        if name == chosen:
            look = {"color": TEST, "width": 3, "dash": "solid"}
        shares, accuracies = 100 * curves[name].shares, 100 * curves[name].accuracies
        hover = f"{name}: %{{x:.3g}}% pruned, %{{y:.1f}}% correct"
        add_line(figure, shares, accuracies, marks={"size": 7}, name=name, hover=hover, **look)
    curve = curves[chosen]
    share, accuracy = 100 * float(curve.shares[place]), 100 * float(curve.accuracies[place])
    edge = {"width": 3}
    add_marks(figure, [share], [accuracy], NEURON, 20, symbol="circle-open", edge=edge, name="shown")
    unpruned = share_text(float(curve.accuracies[0]))
    return styled(
        figure,
        f"{share:.3g}% of the weights pruned: {accuracy:.1f}% correct; unpruned {unpruned}",
        f"Accuracy by the share of the smallest weights set to 0, {chosen}: {unpruned} with none, "
        f"{accuracy:.1f}% with {share:.3g}%, {share_text(float(curve.accuracies[-1]))} with all.",
        xaxis=fixed_axis("Weights set to 0 (%)", range=[-2, 102]),
        yaxis=fixed_axis("Read correctly (% of all test images)", range=[0, 104]),
        legend=legend_inside("bottom left"),
    )
