"""A chart before there is anything to draw: its own axes, and in the middle what will be drawn there."""

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Final

import plotly.graph_objects as go

from mnist_core.figures.layers import note
from mnist_core.figures.style import FONT_SIZE, MUTED, axis, styled

_CHARACTERS: Final = 30
"""Of a line of words: as many as a phone has room for, also beside the names of rows."""
_EDGE: Final = {
    **{"type": "rect", "xref": "paper", "yref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 1},
    "line": {"color": MUTED, "width": 1},
}
"""A line around the plot, for which its axes need no room."""


def awaited_figure(frame: Mapping[str, Any], words: str, name: str = "") -> go.Figure:
    """The frame of a chart with nothing in it, as large as the chart will be.

    Args:
        frame: What the chart itself gives `styled`: its height, its axes, which have fixed ranges here,
            and notes that stand in it.
        words: What will be drawn and what is to be pressed for it; bold as in Markdown.
        name: Of the chart, where others stand beside it.
    """
    lines = "<br>".join(textwrap.wrap(words, _CHARACTERS))
    said = note(0.5, 0.5, re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", lines), font={"size": FONT_SIZE})
    middle = {**said, "xref": "paper", "yref": "paper", "yanchor": "middle"}
    layout = {**frame, "annotations": [*frame.get("annotations", ()), middle]}
    title = f"{name}: nothing is trained yet" if name else "Nothing is trained yet"
    alt = f"An empty chart{name and f', {name}'}. {words.replace('**', '')}"
    edge = [] if "ticklabelposition" in frame["yaxis"] else [_EDGE]  # numbers inside would lie on it
    return styled(go.Figure(), title, alt, shapes=edge, **layout)


def rows_of(names: Sequence[str], **more: Any) -> dict[str, Any]:
    """An axis of names, from the top, as `names_axis` is once something is drawn in its rows."""
    rows = {"range": [len(names) - 0.5, -0.5], "tickvals": [*range(len(names))]}
    return axis("", **{"showgrid": False, "fixedrange": True, "ticktext": [*names], **rows, **more})
