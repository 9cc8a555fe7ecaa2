"""All runs of a class in one picture: a setting against validation accuracy, another setting as colour.

Vega keeps the chart while its data grow. So that no point moves when another one comes in, axes and colours
span all values that a setting can have, and nothing but the rows changes. Accuracy is drawn by what is
missing to 100%, on a logarithmic axis: 98 to 99% is as far as 90 to 95%, because both halve the mistakes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from mnist_core.classroom.runs import ClassRun
from mnist_core.config import OPTIMIZER_NAMES, RunConfig
from mnist_core.figures.style import FONT_SIZE, INK, NEURON, SERIES, Theme, share_text
from mnist_core.figures.vega import Chart, quantitative, vega_axis

LOW_TO_HIGH: Final = ("#4848fc", "#f03c78", "#a08c00")
"""Blue for the smallest value of a setting, pink between, gold for the largest."""
_WRONG_TICKS: Final = (90, 50, 20, 10, 5, 2, 1)
"""Percent of the images read wrongly where the axis has a number: what is missing there to 100%."""
_LEAST_WRONG, _MOST_WRONG = 0.7, 92.0
_WRONG_AT_EDGE: Final = 450.0
"""Where the picture ends below: the axis' lowest fifth, under 8%, is free for words."""
_WRONG_AT_WORDS: Final = 120.0
"""Where those begin."""
_POINT_SIZE, _RING_SIZE = 80, 340
_GRADIENT: Final = 180
_NUMBER: Final = ".6~g"
_FIRST: Final = ", placed by its first chapter"
_LINE: Final = 44
"""Characters of a line of words, so that it fits on a phone."""


@dataclass(frozen=True)
class Scale:
    """A number as an axis, and as a colour.

    Attributes:
        name: As it is chosen.
        title: Of its axis.
        value_of: Its value in a run.
        domain: The smallest that there can be, one in the middle, and the largest.
        ticks: Those with a number.
        kind: Of the axis.
    """

    name: str
    title: str
    value_of: Callable[[RunConfig], float]
    domain: tuple[float, float, float]
    ticks: tuple[float, ...]
    kind: str = "log"


_SCALES: Final = (
    Scale(
        "neurons",
        "Hidden neurons",
        lambda config: sum(config.network.hidden_units),
        (1, 28, 768),
        (1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
    ),
    Scale(
        "epochs",
        "Epochs",
        lambda config: config.training.epochs,
        (1, 15, 30),
        (1, 5, 10, 15, 20, 25, 30),
        "linear",
    ),
    Scale(
        "learning rate",
        "Learning rate",
        lambda config: config.training.learning_rate,
        (1e-5, 3e-3, 1),
        (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1),
    ),
    Scale(
        "batch size",
        "Batch size",
        lambda config: config.training.batch_size,
        (1, 32, 1024),
        (1, 4, 16, 64, 256, 1024),
    ),
)
AXES: Final[Mapping[str, Scale]] = {scale.name: scale for scale in _SCALES}
"""Numbers by which runs can be ordered or coloured."""
OPTIMIZER: Final = "optimiser"
COLORS: Final = (*AXES, OPTIMIZER)
"""What can be a colour."""


def runs_table(runs: Sequence[ClassRun], describe: Callable[[RunConfig], str]) -> pd.DataFrame:
    """A row a run, with all that `class_runs_chart` chooses from.

    Args:
        runs: In any order; each is drawn over the ones before. One with chapters is placed by its first.
        describe: A run's settings in words.
    """
    percent = [100 * run.validation_accuracy for run in runs]
    columns: dict[str, Any] = {
        name: [scale.value_of(run.config) for run in runs] for name, scale in AXES.items()
    }
    columns[OPTIMIZER] = [OPTIMIZER_NAMES[run.config.training.optimizer] for run in runs]
    columns["wrong"] = [round(min(max(100 - right, _LEAST_WRONG), _MOST_WRONG), 2) for right in percent]
    columns["words"] = [
        _in_lines(
            f"{share_text(run.validation_accuracy)}, {describe(run.config)}"
            f"{_FIRST if run.config.chapters else ''}"
        )
        for run in runs
    ]
    return pd.DataFrame(columns)


def class_runs_chart(
    table: pd.DataFrame, x: str, color: str, height: int, *, theme: Theme = "light", scale: float = 1.0
) -> Chart:
    """Runs as points, and below them the settings of the one nearest to the pointer or to the last tap.

    Args:
        table: From `runs_table`.
        x: Of `AXES`.
        color: Of `COLORS`.
        height: Pixels.
        theme: Of the page.
        scale: What the size of text is multiplied by; axes and height are grown by whoever draws the chart.
    """
    data = pd.DataFrame(
        {"x": table[x], "wrong": table["wrong"], "color": table[color], "words": table["words"]}
    )
    place = {"x": _across(AXES[x], theme), "y": _upwards(theme)}
    near = {"type": "point", "fields": ["words"], "on": "pointerover", "nearest": True, "clear": False}
    points = {
        "params": [{"name": "near", "select": near}],
        "mark": {"type": "point", "filled": True, "size": _POINT_SIZE, "opacity": 0.8, "tooltip": None},
        "encoding": place | _color(color, theme) | {"description": {"field": "words"}},
    }
    specification = {
        "height": height,
        "padding": {"left": 0, "top": 4, "bottom": 6, "right": 8},
        "layer": [points, *_near_layers(place, theme, scale)],
    }
    return data, specification


def class_runs_alt(x: str, color: str) -> str:
    """What the picture shows, for who cannot see it.

    How many runs there are stands beside it: another text would have the browser begin a new chart.
    """
    return f"A point for each run of the class: {x} across, validation accuracy upwards, {color} as colour."


def _in_lines(listed: str) -> str:
    """What is listed, with its lines broken after commas; ten times as fast as `textwrap`."""
    lines = [""]
    for part in listed.split(", "):
        if lines[-1] and len(lines[-1]) + len(part) > _LINE - 3:
            lines.append("")
        lines[-1] += f"{part}, "
    return "\n".join(lines).removesuffix(", ")


def _across(axis: Scale, theme: Theme) -> dict[str, Any]:
    low, _, high = axis.domain
    room = (low / 1.2, high * 1.2) if axis.kind == "log" else (low - 0.5, high + 0.5)
    scale = {"type": axis.kind, "domain": list(room), "nice": False, "zero": False}
    look = vega_axis(theme, values=list(axis.ticks), format=_NUMBER, grid=False)
    return quantitative("x", axis.title, scale, axis=look)


def _upwards(theme: Theme) -> dict[str, Any]:
    scale = {"type": "log", "domain": [_WRONG_AT_EDGE, _LEAST_WRONG * 0.9], "nice": False}
    labels = {"values": list(_WRONG_TICKS), "labelExpr": "100 - datum.value", "labelOverlap": False}
    return quantitative("wrong", "Validation accuracy (%)", scale, axis=vega_axis(theme, **labels))


def _color(color: str, theme: Theme) -> dict[str, Any]:
    look = {"labelColor": INK[theme], "titleColor": INK[theme], "titleFontWeight": "normal"}
    legend = look | {"orient": "top", "labelFontSize": FONT_SIZE - 1, "titleFontSize": FONT_SIZE, "offset": 6}
    if color == OPTIMIZER:
        names = list(OPTIMIZER_NAMES.values())
        scale: dict[str, Any] = {"domain": names, "range": list(SERIES[: len(names)])}
        kinds = {"field": "color", "type": "nominal", "title": "Optimiser"}
        legend |= {"columns": 2}
        return {
            "color": kinds | {"scale": scale, "legend": legend},
            "shape": kinds | {"scale": {"domain": names}, "legend": legend},
        }
    axis = AXES[color]
    scale = {"type": axis.kind, "domain": list(axis.domain), "range": list(LOW_TO_HIGH)}
    ends = legend | {"values": list(axis.domain), "format": _NUMBER, "titleOrient": "left"}
    ends |= {"gradientLength": _GRADIENT, "gradientThickness": 12}
    return {"color": quantitative("color", axis.title, scale, legend=ends)}


def _near_layers(place: dict[str, Any], theme: Theme, scale: float) -> list[dict[str, Any]]:
    """A ring around the run that is pointed at, and its words in the lower corner."""
    is_near = [{"filter": {"param": "near", "empty": False}}]
    ring = {"type": "point", "size": _RING_SIZE, "strokeWidth": 3, "color": NEURON, "tooltip": None}
    text = {"type": "text", "fontSize": FONT_SIZE * scale, "color": INK[theme], "lineBreak": "\n"}
    corner = {"align": "left", "baseline": "top", "dx": 8, "tooltip": None}
    words = {"text": {"field": "words"}, "x": {"value": 0}, "y": {"datum": _WRONG_AT_WORDS}}
    return [
        {"transform": is_near, "mark": ring, "encoding": place},
        {"transform": is_near, "mark": text | corner, "encoding": words},
    ]
