"""The layers that figures are built of: lines, marks, bars, heatmaps, pictures, notes, intervals.

Each function adds one layer and holds what is the same wherever it is drawn; what else it is given goes on to
Plotly. Nothing answers the pointer unless a `hover` template says what; with None, Plotly writes its own.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from mnist_core.analysis.intervals import Interval
from mnist_core.config import N_DIGITS
from mnist_core.figures.png import data_uri
from mnist_core.figures.style import DIGITS, MUTED, RIGHT, SIGNS, WRONG, axis, fixed_axis

Values = Sequence[Any] | np.ndarray
_FORM: Final = re.compile(r"%\{([xyz]):([^}]+)\}")
"""A number of an axis in a template, and its form."""
_NEARLY_ZERO: Final = 0.001
"""Of an accuracy; so low an interval is drawn at 0."""
_OUTLINE: Final = 3
"""Pixels around the bar of a true digit that is not the digit read."""


def add_line(
    figure: go.Figure,
    x: Values,
    y: Values,
    color: str,
    width: float = 3,
    *,
    dash: str | None = None,
    marks: Mapping[str, Any] | None = None,
    hover: str | None = "",
    **more: Any,
) -> None:
    """A line through points, and with `marks`, which is Plotly's `marker`, a mark on each.

    Args:
        figure: What it is added to.
        x: Shape (n,); None interrupts the line.
        y: Shape (n,).
        color: Of the line.
        width: In pixels.
        dash: Plotly's word, such as "dot"; None for a solid line.
        marks: Size, symbol and colour of marks on the points.
        hover: What the pointer is told.
        **more: For `go.Scatter`.
    """
    look: dict[str, Any] = {"line": {"color": color, "width": width} | ({"dash": dash} if dash else {})}
    look |= {"mode": "lines+markers", "marker": marks} if marks else {"mode": "lines"}
    figure.add_scatter(x=_as_list(x), y=_as_list(y), **look | hover_of(hover) | more)


def add_marks(
    figure: go.Figure,
    x: Values,
    y: Values,
    color: str | Sequence[str],
    size: float,
    *,
    symbol: str | Sequence[str] | None = None,
    edge: Mapping[str, Any] | None = None,
    hover: str | None = "",
    **more: Any,
) -> None:
    """Points without a line; with `text` in **more, each has its text beside it.

    Args:
        figure: What they are added to.
        x: Shape (n,).
        y: Shape (n,).
        color: Of all of them, or one each.
        size: In pixels.
        symbol: Plotly's word, or one each; None for circles.
        edge: Colour and width of the line around each.
        hover: What the pointer is told.
        **more: For `go.Scatter`.
    """
    marker = {"color": color, "size": size} | _given(symbol=symbol, line=edge)
    mode = "markers+text" if "text" in more else "markers"
    figure.add_scatter(
        **{"x": _as_list(x), "y": _as_list(y), "mode": mode, "marker": marker} | hover_of(hover) | more
    )


def add_texts(figure: go.Figure, x: Values, y: Values, texts: Sequence[str], font: Any, **more: Any) -> None:
    """Words at points, in Plotly's `font`; a colour there is one for all of them, or one each."""
    look = {"mode": "text", "text": texts, "textfont": font, "hoverinfo": "skip"}
    figure.add_scatter(x=_as_list(x), y=_as_list(y), **look | more)


def add_bars(
    figure: go.Figure, x: Values, y: Values, color: str | Sequence[str], hover: str | None = "", **more: Any
) -> None:
    """Upright bars, or with `orientation="h"` lying ones, in one colour or one each."""
    look = {"x": _as_list(x), "y": _as_list(y), "marker": {"color": color}}
    figure.add_bar(**look | hover_of(hover) | more)


def add_named_bars(
    figure: go.Figure, names: Sequence[str], values: Values, color: Any, text: Sequence[str], **more: Any
) -> None:
    """Lying bars, a name before each and its number behind it; see `names_axis`."""
    written: dict[str, Any] = {"text": text, "textposition": "outside", "cliponaxis": False}
    add_bars(figure, values, names, color, orientation="h", **written | more)


def digit_names(words: Mapping[int, str]) -> list[str]:
    """The ten digits for `add_named_bars`; a digit with a word, such as "true", is bold with it behind."""
    return [f"<b>{digit} ◂ {words[digit]}</b>" if digit in words else str(digit) for digit in DIGITS]


def answer_look(read: int, label: int) -> dict[str, Any]:
    """The look of ten bars: the digit read is right or wrong; the true one, if it is another, is outlined."""
    colors, lines = [MUTED] * N_DIGITS, [0] * N_DIGITS
    colors[read] = RIGHT if read == label else WRONG
    lines[label] = 0 if read == label else _OUTLINE
    return {"color": colors, "marker_line": {"color": RIGHT, "width": lines}}


def add_gray_image(
    figure: go.Figure, values: np.ndarray, white: float = 255, hover: str = "", **more: Any
) -> None:
    """An image, shape (h, w), black at 0 and white at `white`."""
    look = {"z": values, "zmin": 0, "zmax": white, "colorscale": "gray", "showscale": False}
    figure.add_heatmap(**look | hover_of(hover) | more)


def add_signed_map(figure: go.Figure, z: Any, largest: float, colors: Any = SIGNS, **more: Any) -> None:
    """A heatmap whose scale goes as far to one side of 0 as to the other."""
    figure.add_heatmap(z=z, zmin=-largest, zmax=largest, colorscale=colors, **more)


def add_level_lines(
    figure: go.Figure, x: np.ndarray, y: np.ndarray, z: np.ndarray, hover: str = "", **more: Any
) -> None:
    """Lines of equal height over a plane.

    Args:
        figure: What they are added to.
        x: Shape (n,).
        y: Shape (m,).
        z: Shape (m, n), the heights.
        hover: What the pointer is told.
        **more: For `go.Contour`, such as `ncontours`.
    """
    look = {"line": {"color": MUTED, "width": 1}, "showscale": False} | hover_of(hover) | more
    look["contours"] = {"coloring": "none"} | more.get("contours", {})
    figure.add_contour(x=x.round(3).tolist(), y=y.round(3).tolist(), z=z, **look)


def add_clickable_squares(figure: go.Figure, x: Values, y: Values, size: float, **more: Any) -> None:
    """Squares that cannot be seen: a heatmap below them sends no clicks, and a selection fades none of it."""
    unseen = {"marker": {"opacity": 0}}
    marker = {"symbol": "square", "size": size, "opacity": 0, "color": MUTED}
    look = {"mode": "markers", "marker": marker, "selected": unseen, "unselected": unseen}
    figure.add_scatter(x=x, y=y, showlegend=False, **look, **more)


def add_picture(figure: go.Figure, png: bytes, shape: tuple[int, ...], x: str = "x", y: str = "y") -> None:
    """A PNG of an image of `shape`, (h, w), below all traces; its pixels lie at whole numbers of two axes."""
    place = {"xref": x, "yref": y, "x": -0.5, "y": -0.5, "sizex": shape[1], "sizey": shape[0]}
    figure.add_layout_image(source=data_uri(png), sizing="stretch", layer="below", **place)


def note(x: Any, y: Any, text: str, **more: Any) -> dict[str, Any]:
    """A text at a point of a figure."""
    return {"x": x, "y": y, "text": text, "showarrow": False} | more


def error_bars(percents: Sequence[float], intervals: Sequence[Interval], **look: Any) -> dict[str, Any]:
    """Intervals of accuracies, as the `error_x` or `error_y` of a trace of percents."""
    pairs = list(zip(percents, intervals, strict=True))
    above, below = [100 * i.high - p for p, i in pairs], [p - 100 * i.low for p, i in pairs]
    return {"array": above, "arrayminus": below} | look


def leaves_out_zero(intervals: Iterable[Interval]) -> bool:
    """Whether an axis that holds intervals of accuracies, and no more, begins above 0."""
    return min((interval.low for interval in intervals), default=0.0) > _NEARLY_ZERO


def in_two_lines(names: Sequence[str]) -> list[str]:
    """Names beside an axis, of which those of several words leave the plot its width."""
    return [name.replace(" ", "<br>", 1) for name in names]


def names_axis(**more: Any) -> dict[str, Any]:
    """An axis of names, from the top."""
    return axis("", autorange="reversed", showgrid=False, type="category", **more)


def confusion_layout(text: Callable[[int, int], str], is_dark: np.ndarray) -> dict[str, Any]:
    """Axes and numbers of a confusion matrix: rows are true digits, columns predictions.

    Args:
        text: What is written into a cell, by its row and column.
        is_dark: Shape (10, 10), where it is written in white.
    """
    white = {"font": {"color": "white"}}
    cells = np.ndindex(N_DIGITS, N_DIGITS)
    look = {"tickvals": DIGITS, "showgrid": False}
    rows = fixed_axis("True digit", range=[9.5, -0.5], **look)
    return {
        "annotations": [note(j, i, text(i, j), **white if is_dark[i, j] else {}) for i, j in cells],
        "xaxis": fixed_axis("Prediction", range=[-0.5, 9.5], **look),
        "yaxis": rows | {"title": rows["title"] | {"standoff": 12}},  # its g would touch the digits
    }


def add_frames(figure: go.Figure, frames: Sequence[go.Frame], words: str, *, begin: int) -> None:
    """Steps that the page's player shows one after the other; call it before `styled`.

    Plotly shows one at a step of its slider, which is there for that alone and is not seen.

    Args:
        figure: What they are added to.
        frames: In their order; each name is the number that `words` are about.
        words: What the number counts, such as "Updates made".
        begin: The step that is shown first.
    """
    names = [frame.name for frame in frames]
    how = {"mode": "immediate", "transition": {"duration": 0}, "frame": {"duration": 0, "redraw": True}}
    steps = [{"label": name, "method": "animate", "args": [[name], how]} for name in names]
    clear = "rgba(0,0,0,0)"
    colors = dict.fromkeys(("bgcolor", "bordercolor", "activebgcolor", "tickcolor"), clear)
    unseen = {
        "currentvalue": {"visible": False},
        "pad": {"t": 0},
        "font": {"size": 1, "color": clear},
        **colors,
    }
    figure.frames = frames
    figure.layout.sliders = [{"steps": steps, "active": begin, **unseen}]
    figure.layout.meta = {"player": {"words": words, "numbers": list(map(int, names)), "begin": begin}}


def _as_list(values: Values) -> Sequence[Any]:
    """Numbers as JSON has them; Plotly packs arrays into base64, which is longer where there are few."""
    return values.tolist() if isinstance(values, np.ndarray) else values


def hover_of(template: str | None) -> dict[str, Any]:
    """What the pointer is told, for a trace: a form such as that of `%{x:.2f}` becomes one of the axis.

    Plotly writes a number of a template with a hyphen, and one of an axis with a minus sign.

    Args:
        template: Plotly's; nothing answers to an empty one, and Plotly writes its own for None.
    """
    if template is None:
        return {}
    if not template:
        return {"hoverinfo": "skip"}
    forms = {f"{axis_name}hoverformat": form for axis_name, form in _FORM.findall(template)}
    words = _FORM.sub(r"%{\1}", template)
    return {"hovertemplate": words if "<extra>" in words else f"{words}<extra></extra>"} | forms


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
