"""One look for every figure: one meaning per colour, large type, a text alternative.

The colours begin with Okabe and Ito's, are of a middle brightness that stands out on white and on near-black
alike, because a figure does not know which it is on, and are told apart with every kind of colour blindness:
`tests/core/figures/test_colors.py` says how far apart they have to be.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

import plotly.graph_objects as go

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
Corner = Literal["top left", "top right", "bottom right", "bottom left", "top"]
"""Where a plot has room for a legend; at the "top" in a row above the data, for which the axis leaves it."""
INK: Final[Mapping[Theme, str]] = {"light": "#33404f", "dark": "#ccd5df"}
"""Text in a figure, by the page it lies on: 10 to 1 and more against the backgrounds of `config.toml`."""
PAPER: Final[Mapping[Theme, str]] = {"light": "#ffffff", "dark": "#10151c"}
"""The pages' backgrounds in `config.toml`: a chart saved as a file keeps the one its text is for."""
BEHIND_LEGEND: Final[Mapping[Theme, str]] = {"light": "rgba(255,255,255,0.8)", "dark": "rgba(16,21,28,0.8)"}
"""The same, through which data are seen that a narrow screen draws below a legend."""
TOOLS_HEIGHT: Final = 38
"""Pixels at the top of a chart for the button that saves it, so that it lies over nothing."""

DIGIT_COLORS: Final = (
    *("#6c3cfc", "#c0240c", "#3c9ca8", "#b40ca8", "#849c00"),
    *("#786048", "#9084f0", "#fc309c", "#3c7878", "#9c8460"),
)
"""One a digit, chosen so that also with a red-green or blue-yellow weakness each pair differs; and where they
are used the digit is written too, so that nobody has to go by the colour alone."""

NEURON: Final = "#a6407a"
"""What is looked at just now, and nothing else: one neuron with its sum and outputs, one curve or one
point; a purple that differs from gray for everybody. A digit that is read is RIGHT or WRONG, or ink where
the truth is not known; the true one, if another was read, is outlined in RIGHT: `layers.answer_look`."""

SERIES: Final = ("#518dff", "#ff587b", "#138006", "#7f5386", "#c078b4", "#843ce4", "#24a800", "#546c48")
SERIES_DASHES: Final = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SERIES_SYMBOLS: Final = ("circle", "diamond", "square", "triangle-up", "x", "star", "triangle-down")
"""Things that only have a number, such as runs, in colours that no set of images has: colour, dash and symbol
repeat at different lengths, so that 168 of them differ in at least one, and no two neighbours in the colour
alone."""

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
TEST_CHANGE: Final = [
    [0.0, "rgba(24,108,120,1)"],
    [0.5, "rgba(24,108,120,0)"],
    [0.5, "rgba(138,148,163,0)"],
    [1.0, "rgba(138,148,163,1)"],
]
"""TEST for a drop of test accuracy, MUTED for a rise, and the page itself at 0."""
WRONG_SCALE: Final = [[0.0, "rgba(198,6,36,0)"], [0.02, "rgba(198,6,36,0.14)"], [1.0, "rgba(198,6,36,1)"]]
"""Nothing where there are no mistakes, and a visible tint from the first one on."""
FONT_SIZE: Final = 15
_NEGATIVE: Final = re.compile(r"(?<![\w.)])-(?=\d)")
USUAL_HEIGHT: Final = 480
"""Pixels up to which a figure may become lower on a projector without its parts coming too close."""
LOW_HEIGHT: Final = 260
"""Pixels of a figure that a phone keeps in view above what changes it."""
PHONE_HEIGHT: Final = 300
"""Pixels of a plot on a phone, which so shows with it and its title what changes it."""
_STANDOFF: Final = {"x": 12, "y": 7}
"""Pixels from the numbers of an axis to its name; below them Plotly counts from within the numbers."""
_SHORT: Final = 17
"""Characters of an axis's name that may fit between two of its numbers."""
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
    figure: go.Figure,
    title: str,
    alt: str,
    height: int = 420,
    corner: Corner | None = None,
    *,
    is_cut: bool = False,
    **layout: Any,
) -> go.Figure:
    """Give a figure its title, text alternative and the common layout.

    Args:
        figure: Traces only; it is changed and given back.
        title: What to see in it, in a short sentence; read back with `title_text` and set as text of
            the page above the figure, where it wraps on a small screen.
        alt: The same for who cannot see it, with the main numbers; read back with `alt_text`.
        height: Pixels; the width is the page's.
        corner: Of the plot, which has room for the legend on a wide screen; on a phone it stands below.
        is_cut: Whether an axis of accuracies or losses begins elsewhere than at 0, to be said beside the
            title; read back with `is_cut`.
        **layout: What differs from the common layout.
    """
    common = {
        "font": {"size": FONT_SIZE},
        "height": height,
        "margin": {"l": 4, "r": 6, "t": 14, "b": 4},
        "legend": {
            "orientation": "h",
            "yanchor": "top",
            "y": legend_place(height),
            "x": 0,
            "font": {"size": FONT_SIZE},
        },
        "showlegend": sum(has_entry(trace) for trace in figure.data) > 1,
        "meta": {
            "title": with_minus_signs(title),
            "alt": with_minus_signs(alt),
            "corner": corner,
            "is_cut": is_cut,
        },
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
    figure.layout = drawn | {name: _below_numbers(name, value) for name, value in merged.items()}
    return figure


def _below_numbers(name: str, part: Any) -> Any:
    """A part of a layout; if it is an x axis with a short name, that is below its numbers.

    A short name may have its place between two numbers; a longer one meets one, and Plotly moves it down.
    """
    if not name.startswith("xaxis") or "title" not in part or len(part["title"]["text"]) > _SHORT:
        return part
    return part | {"title": part["title"] | {"standoff": _STANDOFF["x"]}}


def legend_inside(corner: Corner) -> dict[str, Any]:
    """A legend of few entries in a corner of the plot that is free, so that it takes no room."""
    look: dict[str, Any] = {"bgcolor": "rgba(0,0,0,0)", "font": {"size": FONT_SIZE}}
    if corner == "top":
        return look | {"orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "top"}
    y, x = corner.split()
    place = {"x": float(x == "right"), "xanchor": x, "y": float(y == "top"), "yanchor": y}
    return look | {"orientation": "v"} | place


def legend_place(height: int, scale: float = 1.0) -> float:
    """Where a legend begins below the axis, in heights of the plot; the text is enlarged by the scale."""
    plot = max(height - 120 * scale, _BELOW_AXIS * scale)
    return -max(0.22, _BELOW_AXIS * scale / plot)


def has_entry(trace: Any) -> bool:
    """Whether a trace is named in a legend; one that stands alone needs none."""
    return trace.name is not None and trace.showlegend is not False


def axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis with its name, large enough for the back row."""
    name = (
        {"title": {"text": title, "font": {"size": FONT_SIZE}, "standoff": _STANDOFF["y"]}} if title else {}
    )
    return {
        **name,  # Plotly keeps a row for an empty one
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


def signed_number(value: float) -> str:
    """A number with two decimals, with a minus sign rather than a hyphen."""
    return with_minus(f"{value:z.2f}")


def share_text(share: float) -> str:
    """A share, 0 to 1, in percent: one decimal, and ">99.9%" for what would only round to 100%."""
    percent = f"{100 * share:.1f}%"
    return ">99.9%" if percent == "100.0%" and share < 1 else percent


def n_of(count: int, noun: str) -> str:
    """A number with its noun, in the plural where there is not one of it."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def article(digit: int) -> str:
    """What stands before a digit: an 8, but a 7."""
    return "an" if digit == 8 else "a"  # noqa: PLR2004


def with_article(digit: int) -> str:
    """A digit as a noun: "an 8", but "a 7"."""
    return f"{article(digit)} {digit}"


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


def is_cut(figure: go.Figure) -> bool:
    """Whether an axis of a figure begins elsewhere than at 0, as its title row says."""
    return bool(figure.layout.meta["is_cut"])


def player_of(figure: go.Figure) -> dict[str, Any] | None:
    """What `layers.add_frames` says of a figure's steps; None for one that does not play."""
    steps: dict[str, Any] | None = figure.layout.meta.get("player")
    return steps
