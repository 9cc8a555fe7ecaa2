"""A figure as a page shows it: in its theme, with larger text, its legend inside, encoded once."""

import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import orjson
import plotly.graph_objects as go
from plotly.io.json import to_json_plotly

from mnist_core.figures.style import (
    BEHIND_LEGEND,
    FONT_SIZE,
    INK,
    NEURON,
    PAPER,
    TOOLS_HEIGHT,
    USUAL_HEIGHT,
    Theme,
    has_entry,
    legend_inside,
    legend_place,
)

N_AXES: Final = 2
"""Of a figure that is a single plot."""
_FURTHER: Final = 1.4
"""By how much further below a low plot its legend begins, which takes more of it than of a higher one."""
_MOST_ENTRIES: Final = 4
"""Of a legend that has room in a low plot."""
_LONGEST_NAME: Final = 32
"""Characters of the name of an upright axis that is as long as a low plot is high."""
_PHONE_PLOT: Final = 330
"""Pixels of width that a phone has for a legend."""
_MARK: Final = 46
_LETTER: Final = 7.2
_LEGEND_ROW: Final = 22
"""Pixels of a legend: the width of a mark and of a letter, and the height of a row."""
_MOST_ROWS: Final = 3
"""Of a legend above the data."""
_AXIS: Final = re.compile(r"[xy]axis\d*")
_EVEN_TICKS: Final = [
    {"dtickrange": [0.9 * unit, 6 * unit], "value": f".{n_decimals}f"}
    for n_decimals, unit in enumerate((0.1, 0.01, 0.001), start=1)
]
"""By how far apart the ticks of an axis are, the decimals that all of them have: 0.30 below 0.35."""
_OWN_TICKS: Final = {"type", "dtick", "tickvals", "tickformat"}
"""What says of an axis where its ticks are or how they are written."""


def with_legend_inside(figure: go.Figure) -> go.Figure:
    """The same figure, changed for a wide screen: its legend in the corner that `styled` was told, if any."""
    if corner := figure.layout.meta["corner"]:
        figure.update_layout(legend=legend_inside(corner))
    return figure


def with_legend_above(figure: go.Figure) -> go.Figure:
    """The same figure, changed for a narrow screen: its legend between its title and its data.

    On a wide screen it stands in a corner that is free; on a narrow one the data reach into each corner. The
    figure grows by one row of it at most, and the data give up the others; a legend of more than three rows
    stays in its corner.
    """
    widths = [_MARK + _LETTER * len(trace.name) for trace in figure.data if has_entry(trace)]
    if figure.layout.meta["corner"] and len(widths) > 1:
        in_a_row = len(widths) if sum(widths) <= _PHONE_PLOT else max(1, int(_PHONE_PLOT / max(widths)))
        n_rows = -(-len(widths) // in_a_row)
        if n_rows > _MOST_ROWS:
            return with_legend_inside(figure)
        room = TOOLS_HEIGHT - (figure.layout.margin.t or 0)  # which `with_theme` adds to each figure
        above = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom"}
        height = figure.layout.height + room + min(n_rows - 1, 1) * _LEGEND_ROW
        figure.update_layout(legend=above, height=height, margin_t=TOOLS_HEIGHT + n_rows * _LEGEND_ROW)
    return figure


def lowered(figure: go.Figure, most: int) -> go.Figure:
    """The same figure, changed for a phone: a single plot no higher than is seen with what changes it.

    Pictures of squares, figures made of several plots, and those higher than `USUAL_HEIGHT` keep theirs, and
    so do those whose legend or whose name of the upright axis needs it.

    Args:
        figure: From a function of this package.
        most: Pixels.
    """
    height = figure.layout.height or 0
    axes = {name: its for name, its in figure.layout.to_plotly_json().items() if _AXIS.fullmatch(name)}
    is_plot = len(axes) <= N_AXES and not any("scaleanchor" in its for its in axes.values())
    names = [(its.get("title") or {}).get("text") or "" for name, its in axes.items() if name[0] == "y"]
    n_entries = sum(map(has_entry, figure.data))
    has_room = n_entries <= _MOST_ENTRIES and max(map(len, names), default=0) <= _LONGEST_NAME
    if is_plot and has_room and most < height <= USUAL_HEIGHT:
        figure.update_layout(height=most, legend_y=_FURTHER * legend_place(most))
    return figure


def with_theme(figure: go.Figure, theme: Theme) -> go.Figure:
    """The same figure, changed: its text in a colour that stands out on the page, and room for a button.

    Streamlit's own gray has a contrast of 3.7 to 1 on white, too little for the back row.

    Args:
        figure: From a function of this package.
        theme: The page's.
    """
    ink = {"color": INK[theme]}
    drawn = figure.layout.to_plotly_json()  # to set it in one go takes a third of the time of ten updates
    drawn.pop("template", None)
    margin = drawn.get("margin", {})
    more = max(0, TOOLS_HEIGHT - (margin.get("t") or 0))
    axes = {"xaxis", "yaxis"} | {name for name in drawn if _AXIS.fullmatch(name)}
    drawn |= {name: _inked_axis(drawn.get(name, {}), ink) for name in axes}
    drawn |= {
        "font": drawn.get("font", {}) | ink,
        "legend": _inked(drawn.get("legend", {}), "font", ink) | {"bgcolor": BEHIND_LEGEND[theme]},
        "paper_bgcolor": PAPER[theme],
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "activecolor": NEURON} | ink,
        "margin": margin | {"t": (margin.get("t") or 0) + more},
        "height": (drawn.get("height") or 0) + more or None,
        "hoverlabel": _inked(drawn.get("hoverlabel", {}), "font", {"size": FONT_SIZE} | ink, is_kept=True),
        "annotations": [_inked(note, "font", ink, is_kept=True) for note in drawn.get("annotations", [])],
        "shapes": [_inked(shape, "line", ink, is_kept=True) for shape in drawn.get("shapes", [])],
    }
    figure.layout = drawn
    return figure


def _inked(part: dict[str, Any], name: str, ink: dict[str, Any], *, is_kept: bool = False) -> dict[str, Any]:
    """A part of a layout whose font or line has this ink, unless it has a colour and is to keep it."""
    look = part.get(name, {})
    return part if is_kept and look.get("color") is not None else part | {name: look | ink}


def _inked_axis(axis: dict[str, Any], ink: dict[str, Any]) -> dict[str, Any]:
    return _inked(axis, "tickfont", ink) | {"title": _inked(axis.get("title", {}), "font", ink)}


def with_larger_text(figure: go.Figure, scale: float, most: int | None = None) -> go.Figure:
    """The same figure, changed: all its text larger, and the figure a little higher to make room for it.

    Args:
        figure: From a function of this package, already `with_theme`.
        scale: What the size of the text is multiplied by; 1 leaves the figure as it is.
        most: Pixels that a figure of usual height may be high; those made of several rows keep their height.
    """
    if scale == 1.0:
        return figure
    for trace in figure.data:
        parts = trace.to_plotly_json()
        trace.update({name: part for name, part in parts.items() if _scale_fonts({name: part}, scale)})
    drawn = figure.layout.to_plotly_json()  # a figure's own update would check again all that stays
    _scale_fonts(drawn, scale)
    height, margin, legend = drawn["height"], drawn.get("margin", {}), drawn.get("legend", {})
    grown = round(height * (1 + scale) / 2)
    grown = min(grown, most) if most is not None and height <= USUAL_HEIGHT else grown
    drawn["height"] = grown
    drawn["margin"] = margin | {"r": (margin.get("r") or 0) * scale}  # names of lines stand there
    if legend.get("y", 0) < 0:  # below an axis whose numbers and name are larger now
        drawn["legend"] = legend | {"y": min(legend["y"], legend_place(grown, scale))}
    figure.layout = drawn
    return figure


def serialised_once(figure: go.Figure) -> go.Figure:
    """What browsers are sent of a figure, encoded once, in the place of a figure that cannot be changed.

    Streamlit asks for it at each run of a page. Plotly would copy and encode every array each time, and its
    own objects take five times the memory of the text.
    """
    parts = figure.to_dict()
    layout = _with_even_ticks(parts["layout"])
    sent = {"data": [_encoded(trace) for trace in parts["data"]], "layout": _encoded(layout)}
    if "frames" in parts:
        sent["frames"] = [_encoded(frame) for frame in parts["frames"]]
    light = go.Figure(layout={"meta": parts["layout"]["meta"], "template": None})
    light.to_dict = lambda: sent
    return light


def _with_even_ticks(layout: Mapping[str, Any]) -> dict[str, Any]:
    """The same, with as many decimals at each tick of an axis; Plotly leaves out a 0 at the end."""
    return {
        name: {"tickformatstops": _EVEN_TICKS} | value
        if _AXIS.fullmatch(name) and not _OWN_TICKS & value.keys()
        else value
        for name, value in layout.items()
    }


def _encoded(part: dict[str, Any]) -> dict[str, Any]:
    """A trace or a layout whose larger values are JSON already; Streamlit reads the others."""
    return {
        name: orjson.Fragment(to_json_plotly(value)) if isinstance(value, dict | list | np.ndarray) else value
        for name, value in part.items()
    }


def larger_axes(specification: Mapping[str, Any], scale: float) -> dict[str, Any]:
    """A Vega-Lite specification with larger text at its axes and legends, and as much higher.

    Text in the chart itself keeps its size, because it has the room that the chart gives it.

    Args:
        specification: It stays as it is.
        scale: What the size of the text is multiplied by; 1 leaves it.
    """
    sizes = {"labelFontSize": (FONT_SIZE - 1) * scale, "titleFontSize": FONT_SIZE * scale}
    config = specification.get("config", {})
    usual = {kind: sizes | config.get(kind, {}) for kind in ("axis", "legend")} if scale != 1.0 else {}
    grown: dict[str, Any] = _with_larger_axes(dict(specification), scale)
    if isinstance(specification.get("height"), int | float):
        grown["height"] = specification["height"] * scale
    return grown | {"config": config | usual}


def _with_larger_axes(node: Any, scale: float) -> Any:
    if isinstance(node, list):
        return [_with_larger_axes(part, scale) for part in node]
    if not isinstance(node, dict):
        return node
    return {
        name: value * scale if name in ("labelFontSize", "titleFontSize") else _with_larger_axes(value, scale)
        for name, value in node.items()
    }


def _scale_fonts(node: Any, scale: float) -> bool:
    """Multiply each size that belongs to a font, in nested dictionaries and lists as Plotly writes them.

    With it goes the distance of an axis's name from its numbers, into which its letters would reach.

    Returns:
        Whether there was one.
    """
    if isinstance(node, list | tuple):
        return any([_scale_fonts(part, scale) for part in node])  # noqa: C419 - each of them is scaled
    is_scaled = False
    if isinstance(node, dict):
        for name, value in node.items():
            is_font = name.endswith("font") and isinstance(value, dict)
            if is_font and isinstance(value.get("size"), int | float):
                value["size"] = value["size"] * scale
                is_scaled = True
            elif name == "standoff" and value is not None:
                node[name] = value * scale
            elif isinstance(value, dict | list | tuple):
                is_scaled = _scale_fonts(value, scale) or is_scaled
    return is_scaled
