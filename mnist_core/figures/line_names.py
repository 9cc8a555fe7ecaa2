"""Names at the ends of lines, in their colours, so that no eye goes from a legend to a line and back."""

from collections.abc import Collection, Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

MOST: Final = 4
"""Lines that have their names beside them; more would need a legend."""
_PITCH: Final = 24
"""Pixels from one name to the next, also where a projector enlarges them."""
_CHARACTER: Final = 9.2
"""Pixels: "Momentum" has wide letters."""
_AROUND: Final = 100
"""Pixels of a figure's height above and below the plot."""


def name_lines(figure: go.Figure, span: tuple[float, float], height: int) -> dict[str, Any]:
    """Write the name of each line behind its last point, those of close ones below each other.

    Args:
        figure: With its lines, whose names are short.
        span: The lower and the upper end of its y axis.
        height: Of the figure in pixels.

    Returns:
        What else `styled` is told; nothing, so that there is a legend, for one line or more than `MOST`, and
        where one has no last point.
    """
    ends = {trace.name: (_last(trace.y), trace.line.color) for trace in figure.data if trace.name}
    if not 1 < len(ends) <= MOST or not all(np.isfinite(end) for end, _ in ends.values()):
        return {}
    order = sorted(ends, key=lambda name: ends[name][0])
    pitch = _PITCH * (span[1] - span[0]) / (height - _AROUND)
    for name, place in zip(order, spread([ends[name][0] for name in order], span, pitch), strict=True):
        look = {"xref": "paper", "xanchor": "left", "xshift": 6, "showarrow": False}
        figure.add_annotation(x=1, y=place, text=f"<b>{name}</b>", font={"color": ends[name][1]}, **look)
    return beside_names(ends)


def beside_names(names: Collection[str]) -> dict[str, Any]:
    """What `styled` is told of a figure whose lines have these names behind them."""
    room = 5 + round(_CHARACTER * max(map(len, names)))
    return {"showlegend": False, "margin": {"l": 4, "r": room, "t": 2, "b": 4}}


def spread(wanted: Sequence[float], span: tuple[float, float], pitch: float) -> list[float]:
    """Places in ascending order, as near to the wanted ones as the pitch and the ends of the axis allow."""
    low, high = span[0] + pitch / 2, span[1] - pitch / 2
    places: list[float] = []
    for value in wanted:
        places.append(max(value, places[-1] + pitch if places else low))
    for number in reversed(range(len(places))):
        places[number] = min(places[number], high - pitch * (len(places) - 1 - number))
    return places


def _last(values: Sequence[float | None]) -> float:
    """The last finite value; not a number, if there is none."""
    finite = [value for value in values if value is not None and np.isfinite(value)]
    return float(finite[-1]) if finite else float("nan")
