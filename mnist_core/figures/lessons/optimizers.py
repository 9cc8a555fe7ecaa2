"""The four optimisers: their paths on a surface, their losses, and one weight's updates by Adam."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mnist_core.config import Optimizer
from mnist_core.figures.layers import (
    Values,
    add_bars,
    add_frames,
    add_level_lines,
    add_line,
    add_marks,
)
from mnist_core.figures.line_names import beside_names, name_lines
from mnist_core.figures.style import (
    MUTED,
    SERIES,
    SERIES_SYMBOLS,
    TRAINING,
    axis,
    styled,
)
from mnist_core.lessons.decay import SMALL_RATE, DecayCurves
from mnist_core.lessons.optimizers import Race, Relief
from mnist_core.network.update_rules import Update

NAMES: Final[Mapping[Optimizer, str]] = {
    "sgd": "SGD",
    "momentum": "Momentum",
    "rmsprop": "RMSprop",
    "adam": "Adam",
}
COLORS: Final[Mapping[Optimizer, str]] = dict(zip(NAMES, SERIES, strict=False))
"""One colour for each optimiser in every chart, the first four of `SERIES`; dash and mark differ as well."""
DASHES: Final[Mapping[Optimizer, str]] = {
    "sgd": "dot",
    "momentum": "dash",
    "rmsprop": "dashdot",
    "adam": "solid",
}
SYMBOLS: Final[Mapping[Optimizer, str]] = dict(zip(NAMES, SERIES_SYMBOLS, strict=False))

_SINGLE_FRAMES: Final = 20  # so many updates have a frame each, then every second one has
_N_LINES: Final = 18  # of equal loss
_LOWEST_POWER: Final = -4  # losses below 10 to this are off the chart
_BARELY: Final = 0.01
RACE_HEIGHT: Final = 410
_TRAINING_HEIGHT: Final = 400
"""Pixels."""


def race_figure(race: Race, relief: Relief, height: int = RACE_HEIGHT) -> go.Figure:
    """The paths on lines of equal loss, with frames to play, and a slider over the updates.

    The figure opens with the whole paths; everything else happens in the browser.
    """
    figure = go.Figure()
    _add_relief(figure, relief, race.surface.extent)
    minima = race.surface.minima
    name = "lowest loss"
    add_marks(
        figure, minima[:, 0], minima[:, 1], MUTED, 12, symbol="x", name=name, hover=name, showlegend=False
    )
    paths = {optimizer: np.round(path, 3) for optimizer, path in race.paths.items()}
    for optimizer, path in paths.items():
        marks = {"size": 4, "color": COLORS[optimizer]}
        hover = f"{NAMES[optimizer]}: (%{{x:.3f}}, %{{y:.3f}})"
        _add_curve(figure, optimizer, path[:, 0], path[:, 1], marks=marks, hover=hover)
    ends = _heads(paths, race.n_updates)
    add_marks(
        figure,
        ends["x"],
        ends["y"],
        [COLORS[optimizer] for optimizer in paths],
        14,
        symbol=[SYMBOLS[optimizer] for optimizer in paths],
        edge={"width": 1.5, "color": "white"},
        showlegend=False,
    )
    moments = [t for t in range(race.n_updates + 1) if t <= _SINGLE_FRAMES or t % 2 == 0]
    moving = list(range(2, 3 + len(paths)))
    frames = [go.Frame(name=str(t), data=_at(paths, t), traces=moving) for t in moments]
    add_frames(figure, frames, "Updates made", begin=len(moments) - 1)
    (left, right), (low, high) = race.surface.extent
    plane = {"showgrid": False, "constrain": "range"}  # as much of the relief as fills the frame
    return styled(
        figure,
        f"{race.surface.name}: four ways down from one start",
        f"Paths of the four optimisers over lines of equal loss. {_ends(race)}",
        height=height,
        corner="top right",
        margin={"l": 10, "r": 10, "t": 14, "b": 50},
        xaxis=axis("First parameter x", range=[left, right], **plane),
        yaxis=axis("Second parameter y", range=[low, high], scaleanchor="x", **plane),
    )


def race_loss_figure(race: Race) -> go.Figure:
    """The loss of each path against the updates, on a logarithmic axis."""
    figure = go.Figure()
    lowest = 10.0 ** (_LOWEST_POWER - 1)
    for optimizer, losses in race.losses.items():
        shown = [float(f"{max(loss, lowest):.4g}") for loss in losses]
        name = f"{NAMES[optimizer]}, rate {race.rates[optimizer]:.3g}"
        hover = f"{NAMES[optimizer]}, update %{{x}}: %{{y:.3g}}"
        _add_curve(figure, optimizer, list(range(len(losses))), shown, name=name, hover=hover)
    highest = float(np.log10(race.losses["sgd"][0]))
    title = "How far each rule is above the lowest loss"  # who is lowest depends on the rates
    if race.surface.noise:
        title = "With noise in the gradients, no path comes to rest"
    powers = {"type": "log", "exponentformat": "power", "dtick": 1}
    return styled(
        figure,
        title,
        f"Loss above the lowest of the surface, after {race.n_updates} updates. {_ends(race)}",
        height=350,
        xaxis=axis("Updates", range=[0, race.n_updates]),
        yaxis=axis("Loss above the lowest", range=[_LOWEST_POWER, highest + 1], **powers),
    )


def trace_figure(updates: Sequence[Update], chosen: int) -> go.Figure:
    """One weight's gradients, and what Adam makes of them.

    Args:
        updates: Adam's, of one number, the first one first.
        chosen: The update to point at, from 1.
    """
    t = list(range(1, len(updates) + 1))
    gradients = [float(update.gradient) for update in updates]
    opacities = [0.9 if number == chosen else 0.4 for number in t]
    figure = go.Figure()
    hover = "update %{x}: g = %{y:.3g}"
    add_bars(figure, t, gradients, MUTED, hover, marker_opacity=opacities, name="gradient g")
    lines = {"m̂, mean of g": ("m_hat", "solid"), "√v̂, size of g": ("v_hat", "dot")}
    for name, (term, dash) in lines.items():
        values = [float(update.terms[term]) for update in updates]
        shown = np.sqrt(values).tolist() if term == "v_hat" else values
        hover = f"update %{{x}}: {name} = %{{y:.3g}}"
        add_line(figure, t, shown, COLORS["adam"], dash=dash, marks={"size": 8}, name=name, hover=hover)
    everything = [0.0, *gradients, *(float(np.sqrt(u.terms["v_hat"])) for u in updates)]
    low, high = 1.05 * min(everything), max(everything)
    moved = float(sum(float(update.step) for update in updates))
    return styled(
        figure,
        "Adam follows the mean of the gradients, in units of their size",
        f"Gradients of one weight in {len(t)} updates, from {gradients[0]:.3g} to {gradients[-1]:.3g}, with "
        f"Adam's corrected means; the weight moved by {moved:.3g} in all.",
        height=280,
        corner="top",
        xaxis=axis("Update t", dtick=1),
        yaxis=axis("Loss per unit of weight", exponentformat="power", range=[low, high + 0.3 * (high - low)]),
    )


def training_frame(n_updates: int, highest: float = 2.5) -> dict[str, Any]:
    """The height, the axes and the edges of `training_figure`; `highest` is the top of its axis."""
    step = int(float(f"{n_updates / 2.5:.1g}")) or 1
    places = [*range(step, n_updates + 1, step)]
    names = [f"update {place:,}" for place in places]
    return {
        "height": _TRAINING_HEIGHT,
        "xaxis": axis("", range=[0, n_updates * (1 + _BARELY)], tickvals=places, ticktext=names),
        "yaxis": axis("Loss (nats)", range=[0, highest], nticks=4),
        **beside_names(NAMES.values()),
    }


def training_figure(
    curves: Mapping[Optimizer, tuple[NDArray[np.float64], NDArray[np.float64]]],
    which: Literal["Training", "Validation"],
    n_updates: int,
    highest: float,
) -> go.Figure:
    """The losses of a network trained by several optimisers.

    Args:
        curves: Updates and losses of each.
        which: Whose loss it is.
        n_updates: Length of the axis, the same in every chart compared.
        highest: Height of the axis, likewise.
    """
    figure = go.Figure()
    ends: dict[Optimizer, float] = {}
    for optimizer, (updates, losses) in curves.items():
        _add_curve(
            figure,
            optimizer,
            updates,
            np.round(losses, 5),
            mode="lines" if which == "Training" else "lines+markers",
            marks={"size": 10, "symbol": SYMBOLS[optimizer]},
            cliponaxis=which == "Training",  # the last mark of the validation lies on the edge
            hover=f"{NAMES[optimizer]}, update %{{x:.0f}}: %{{y:.3f}}",
        )
        if len(losses) and np.isfinite(losses[-1]):
            ends[optimizer] = float(losses[-1])
    title = f"{which} loss"
    if ends:
        order = sorted(ends, key=ends.__getitem__)
        first, last = order[0], order[-1]
        span = f"{ends[first]:.2f} ({NAMES[first]}) to {ends[last]:.2f} ({NAMES[last]})"
        title = f"Final {which.lower()} loss: {span}"
    frame = training_frame(n_updates, highest)
    told = ", ".join(f"{NAMES[optimizer]} {loss:.3f}" for optimizer, loss in ends.items()) or "none finite"
    return styled(
        figure,
        title,
        f"{which} loss in nats at the end: {told}.",
        height=_TRAINING_HEIGHT,
        xaxis=frame["xaxis"],
        yaxis=frame["yaxis"],
        **name_lines(figure, (0.0, highest), _TRAINING_HEIGHT),
    )


def decay_figure(curves: DecayCurves, rate: float) -> go.Figure:
    """The losses of trainings at a constant rate, at one that falls to 0, and at a small constant one.

    Args:
        curves: All the trainings.
        rate: The first one of the two that are compared.
    """
    figure = go.Figure()
    shown = {
        f"constant {rate:g}": (curves.constant[rate], SERIES[1], "solid"),
        f"from {rate:g} down to 0": (curves.falling[rate], TRAINING, "solid"),
        f"constant {SMALL_RATE:g}": (curves.constant[SMALL_RATE], MUTED, "dot"),
    }
    for name, (curve, color, dash) in shown.items():
        hover = f"{name}, update %{{x}}: %{{y:.3f}}"
        add_line(figure, curve.updates, curve.losses.round(4), color, 2.5, dash=dash, name=name, hover=hover)
    constant, falling, small = (_between(*curve.range_at_the_end) for curve, *_ in shown.values())
    finding = f"Last tenth: loss {constant} if constant, {falling} if falling"
    return styled(
        figure,
        finding,
        f"Loss of the training images by updates. {finding}; {small} at the constant rate {SMALL_RATE:g}.",
        height=300,
        corner="top right",
        xaxis=axis("Updates", range=[0, curves.n_updates]),
        yaxis=axis("Training loss (nats)", range=[0, float(curves.constant[rate].losses[0])]),
    )


def _between(low: float, high: float) -> str:
    """Two losses with two decimals, once where both are written alike."""
    return " to ".join(dict.fromkeys(f"{loss:.2f}" for loss in (low, high)))


def _add_relief(figure: go.Figure, relief: Relief, extent: tuple[tuple[float, float], ...]) -> None:
    """Lines of equal loss, the same step of the root of the loss apart: so many within the extent."""
    columns, rows = (
        (low <= places) & (places <= high)
        for places, (low, high) in zip((relief.x, relief.y), extent, strict=True)
    )
    step = float(relief.heights[np.ix_(rows, columns)].max()) / _N_LINES
    levels = {"start": step, "end": float(relief.heights.max()), "size": step}
    plane = relief.x, relief.y, relief.heights.round(3)
    add_level_lines(figure, *plane, contours=levels, opacity=0.55, showlegend=False)


def _add_curve(figure: go.Figure, optimizer: Optimizer, x: Values, y: Values, **more: Any) -> None:
    """A line in the look of an optimiser; its name unless another is given."""
    look = {"dash": DASHES[optimizer], "name": NAMES[optimizer]} | more
    add_line(figure, x, y, COLORS[optimizer], 2.5, **look)


def _at(paths: Mapping[Optimizer, NDArray[np.float64]], t: int) -> list[dict[str, Any]]:
    """What moves, after t updates."""
    lines = [{"x": path[: t + 1, 0].tolist(), "y": path[: t + 1, 1].tolist()} for path in paths.values()]
    return [{"type": "scatter", **line} for line in (*lines, _heads(paths, t))]


def _heads(paths: Mapping[Optimizer, NDArray[np.float64]], t: int) -> dict[str, list[float]]:
    """The last points of the paths after t updates."""
    points = [path[min(t, len(path) - 1)].tolist() for path in paths.values()]
    return {"x": [x for x, _ in points], "y": [y for _, y in points]}


def _ends(race: Race) -> str:
    parts = [
        f"{NAMES[optimizer]} "
        + ("diverged" if optimizer in race.diverged else f"ends {losses[-1]:.2g} above the lowest loss")
        for optimizer, losses in race.losses.items()
    ]
    return ", ".join(parts) + "."
