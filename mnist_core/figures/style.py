"""One look for every figure: one meaning per colour, large type, a text alternative.

The colours begin with Okabe and Ito's, are of a middle brightness that stands out on white and on near-black
alike, because a figure does not know which it is on, and are told apart with every kind of colour blindness:
`tests/core/figures/test_colors.py` says how far apart they have to be.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

import numpy as np
import orjson
import plotly.graph_objects as go
from plotly.io.json import to_json_plotly

from mnist_core.config import N_DIGITS

TRAINING: Final = "#7878b4"
VALIDATION: Final = "#cc8418"
TEST: Final = "#186c78"
"""Sets of images, and nothing else: slate, amber and teal, which no other role has."""
RIGHT: Final = "#1a9a78"
WRONG: Final = "#c60624"
POSITIVE: Final = "#2f80c9"
NEGATIVE: Final = "#d05a1e"
MUTED: Final = "#8a94a3"

Theme = Literal["light", "dark"]
Corner = Literal["top left", "top right", "bottom right", "bottom left"]
INK: Final[Mapping[Theme, str]] = {"light": "#33404f", "dark": "#ccd5df"}
"""Text in a figure, by the page it lies on: 10 to 1 and more against the backgrounds of `config.toml`."""
PAPER: Final[Mapping[Theme, str]] = {"light": "#ffffff", "dark": "#10151c"}
"""The pages' backgrounds in `config.toml`: a chart saved as a file keeps the one its text is for."""
TOOLS_HEIGHT: Final = 38
"""Pixels at the top of a chart for the button that saves it, so that it lies over nothing."""

DIGIT_COLORS: Final = (
    *("#6c3cfc", "#c0240c", "#3c9ca8", "#b40ca8", "#849c00"),
    *("#786048", "#9084f0", "#fc309c", "#3c7878", "#9c8460"),
)
"""One a digit, chosen so that also with a red-green or blue-yellow weakness each pair differs; and where they
are used the digit is written too, so that nobody has to go by the colour alone."""

NEURON: Final = "#a6407a"
"""What is looked at just now, one neuron or one point: a purple that differs from gray for everybody."""

SERIES: Final = ("#5490fc", "#cc8400", "#247854", "#904890", "#f03c78", "#4848fc", "#546c0c", "#8490a8")
SERIES_DASHES: Final = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SERIES_SYMBOLS: Final = ("circle", "diamond", "square", "triangle-up", "x", "star", "triangle-down")
"""Things that only have a number, such as runs: colour, dash and symbol repeat at different lengths, so that
168 of them differ in at least one, and no two neighbours in the colour alone."""

SIGNS: Final = [
    [0.0, "rgba(208,90,30,1)"],
    [0.5, "rgba(208,90,30,0)"],
    [0.5, "rgba(47,128,201,0)"],
    [1.0, "rgba(47,128,201,1)"],
]
"""NEGATIVE below 0, POSITIVE above, and the page itself at 0."""
BETTER_OR_WORSE: Final = [
    [0.0, "rgba(198,6,36,1)"],
    [0.5, "rgba(198,6,36,0)"],
    [0.5, "rgba(26,154,120,0)"],
    [1.0, "rgba(26,154,120,1)"],
]
"""WRONG below 0, RIGHT above, and the page itself at 0."""
WRONG_SCALE: Final = [[0.0, "rgba(198,6,36,0)"], [0.02, "rgba(198,6,36,0.14)"], [1.0, "rgba(198,6,36,1)"]]
"""Nothing where there are no mistakes, and a visible tint from the first one on."""
FONT_SIZE: Final = 15
_AXIS: Final = re.compile(r"[xy]axis\d*")
_NEGATIVE: Final = re.compile(r"(?<![\w.)])-(?=\d)")
USUAL_HEIGHT: Final = 480
"""Pixels up to which a figure may become lower on a projector without its parts coming too close."""
_BELOW_AXIS: Final = 66
"""Pixels for the numbers and the name of an axis."""
DIGITS: Final = list(range(N_DIGITS))
HIDDEN_AXIS: Final[Mapping[str, Any]] = {"visible": False, "fixedrange": True, "constrain": "domain"}
"""Of an image whose rows and columns need no numbers."""
FRAMED_AXIS: Final[Mapping[str, Any]] = {
    **{"showline": True, "mirror": True, "linecolor": MUTED, "fixedrange": True},
    **{"showticklabels": False, "ticks": "", "showgrid": False, "zeroline": False, "constrain": "domain"},
}
"""Of an image with a line around it."""
ZERO_LINE: Final[Mapping[str, Any]] = {"zeroline": True, "zerolinecolor": MUTED}
"""Of an axis on which 0 matters."""


def styled(
    figure: go.Figure, title: str, alt: str, height: int = 420, corner: Corner | None = None, **layout: Any
) -> go.Figure:
    """Give a figure its title, text alternative and the common layout.

    Args:
        figure: Traces only; it is changed and given back.
        title: What to see in it, in a short sentence; read back with `title_text` and set as text of
            the page above the figure, where it wraps on a small screen.
        alt: The same for who cannot see it, with the main numbers; read back with `alt_text`.
        height: Pixels; the width is the page's.
        corner: Of the plot, which has room for the legend on a wide screen; on a phone it stands below.
        **layout: What differs from the common layout.
    """
    common = {
        "font": {"size": FONT_SIZE},
        "height": height,
        "margin": {"l": 4, "r": 6, "t": 14, "b": 4},
        "legend": {
            "orientation": "h",
            "yanchor": "top",
            "y": _legend_place(height),
            "x": 0,
            "font": {"size": FONT_SIZE},
        },
        "showlegend": sum(_has_entry(trace) for trace in figure.data) > 1,
        "meta": {"title": with_minus_signs(title), "alt": with_minus_signs(alt), "corner": corner},
        "dragmode": False,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
    }
    # A layout set in one go takes a fifth of the time that updating the one that is there would; making a new
    # figure of the traces and the layout would check every value of every trace a second time.
    drawn = figure.layout.to_plotly_json()  # what the traces brought with them: shapes, notes, subplots
    drawn.pop("template", None)
    merged = {
        name: drawn[name] | value if isinstance(value, dict) and name in drawn else value
        for name, value in (common | layout).items()
    }
    figure.layout = drawn | merged
    return figure


def legend_inside(corner: Corner) -> dict[str, Any]:
    """A legend of few entries in a corner of the plot that is free, so that it takes no room."""
    y, x = corner.split()
    place = {"x": float(x == "right"), "xanchor": x, "y": float(y == "top"), "yanchor": y}
    return {"orientation": "v", "bgcolor": "rgba(0,0,0,0)", "font": {"size": FONT_SIZE}} | place


def _legend_place(height: int, scale: float = 1.0) -> float:
    """Where a legend begins below the axis, in heights of the plot; the text is enlarged by the scale."""
    plot = max(height - 120 * scale, _BELOW_AXIS * scale)
    return -max(0.22, _BELOW_AXIS * scale / plot)


def _has_entry(trace: Any) -> bool:
    """Whether a trace is named in a legend; one that stands alone needs none."""
    return trace.name is not None and trace.showlegend is not False


def axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis with its name, large enough for the back row."""
    return {
        "title": {"text": title, "font": {"size": FONT_SIZE}, "standoff": 11},
        "tickfont": {"size": FONT_SIZE - 1},
        "automargin": True,
        "zeroline": False,
    } | more


def sign_colors(values: Iterable[float]) -> list[str]:
    """POSITIVE from 0 on, NEGATIVE below."""
    return [POSITIVE if value >= 0 else NEGATIVE for value in values]


def series_look(number: int) -> tuple[str, str, str]:
    """Colour, dash and symbol of one of several things, counted from 0."""
    looks = (SERIES, SERIES_DASHES, SERIES_SYMBOLS)
    color, dash, symbol = (look[number % len(look)] for look in looks)
    return color, dash, symbol


def fixed_axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis that cannot be moved or zoomed, so that a finger on it moves the page."""
    return axis(title, fixedrange=True, **more)


def with_legend_inside(figure: go.Figure) -> go.Figure:
    """The same figure, changed for a wide screen: its legend in the corner that `styled` was told, if any."""
    if corner := figure.layout.meta["corner"]:
        figure.update_layout(legend=legend_inside(corner))
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
        "legend": _inked(drawn.get("legend", {}), "font", ink),
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
    drawn = figure.to_plotly_json()
    for part in (*drawn["data"], drawn["layout"]):
        _scale_fonts(part, scale)
    figure.update({"data": drawn["data"], "layout": drawn["layout"]})
    height = figure.layout.height
    larger = round(height * (1 + scale) / 2)
    figure.layout.margin.r = (figure.layout.margin.r or 0) * scale  # names of lines stand there
    figure.layout.height = min(larger, most) if most is not None and height <= USUAL_HEIGHT else larger
    legend = figure.layout.legend
    if legend.y is not None and legend.y < 0:  # below an axis whose numbers and name are larger now
        legend.y = min(legend.y, _legend_place(figure.layout.height, scale))
    return figure


def serialised_once(figure: go.Figure) -> go.Figure:
    """What browsers are sent of a figure, encoded once, in the place of a figure that cannot be changed.

    Streamlit asks for it at each run of a page. Plotly would copy and encode every array each time, and its
    own objects take five times the memory of the text.
    """
    parts = figure.to_dict()
    sent = {"data": [_encoded(trace) for trace in parts["data"]], "layout": _encoded(parts["layout"])}
    if "frames" in parts:
        sent["frames"] = [_encoded(frame) for frame in parts["frames"]]
    light = go.Figure(layout={"meta": parts["layout"]["meta"], "template": None})
    light.to_dict = lambda: sent
    return light


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


def _scale_fonts(node: Any, scale: float) -> None:
    """Multiply each size that belongs to a font, in nested dictionaries and lists as Plotly writes them."""
    if isinstance(node, list | tuple):
        for part in node:
            _scale_fonts(part, scale)
    elif isinstance(node, dict):
        for name, value in node.items():
            is_font = name.endswith("font") and isinstance(value, dict)
            if is_font and isinstance(value.get("size"), int | float):
                value["size"] = value["size"] * scale
            elif isinstance(value, dict | list | tuple):
                _scale_fonts(value, scale)


def signed_number(value: float) -> str:
    """A number with two decimals, with a minus sign rather than a hyphen."""
    return with_minus(f"{value:z.2f}")


def share_text(share: float) -> str:
    """A share, 0 to 1, in percent: one decimal, and ">99.9%" for what would only round to 100%."""
    percent = f"{100 * share:.1f}%"
    return ">99.9%" if percent == "100.0%" and share < 1 else percent


def with_minus(number: str) -> str:
    """A number already written, with a minus sign rather than a hyphen."""
    return number.replace("-", "−")


def with_minus_signs(text: str) -> str:
    """A sentence whose negative numbers begin with a minus sign rather than a hyphen."""
    return _NEGATIVE.sub("−", text)


def title_text(figure: go.Figure) -> str:
    """The title of a figure."""
    return str(figure.layout.meta["title"])


def alt_text(figure: go.Figure) -> str:
    """The text alternative of a figure."""
    return str(figure.layout.meta["alt"])


def player_of(figure: go.Figure) -> dict[str, Any] | None:
    """What `layers.add_frames` says of a figure's steps; None for one that does not play."""
    steps: dict[str, Any] | None = figure.layout.meta.get("player")
    return steps
