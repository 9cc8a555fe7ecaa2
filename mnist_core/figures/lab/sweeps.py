"""Accuracy and time against a setting that was swept."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from mnist_core.figures.style import (
    INK,
    MUTED,
    SERIES,
    SERIES_DASHES,
    SERIES_SYMBOLS,
    TEST,
    VALIDATION,
    Theme,
    axis,
    styled,
)
from mnist_core.sweeps.plans import SWEEPABLE, SWEEPS
from mnist_core.sweeps.results import JudgedOn, SweepLine, SweepResult

_OF_JUDGE: Final[Mapping[JudgedOn, str]] = {"validation": VALIDATION, "test": TEST}


def value_text(setting: str, value: Any) -> str:
    """A value of a swept setting as it is written on an axis and in a table."""
    return SWEEPABLE[setting].write(value)


def accuracy_figure(result: SweepResult) -> go.Figure:
    """Accuracy against the setting: a dot a seed, a line through the means, and the means' intervals."""
    figure, setting = go.Figure(), result.setting
    for number, line in enumerate(result.lines):
        color = _color(result, number)
        if result.n_seeds > 1:
            figure.add_scatter(
                x=[
                    _place(setting, v)
                    for v, each in zip(line.values, line.accuracies, strict=True)
                    for _ in each
                ],
                y=[100 * accuracy for each in line.accuracies for accuracy in each.tolist()],
                mode="markers",
                marker={"size": 7, "color": color, "opacity": 0.55},
                name="one seed" if len(result.lines) == 1 else f"{line.name}, one seed",
                hovertemplate="%{y:.2f} %<extra>one seed</extra>",
            )
        figure.add_scatter(**_mean_trace(result, line, number, color))
    return styled(
        figure,
        _title(result),
        f"{result.judge.capitalize()} accuracy by {setting}: {_described(result)}.",
        height=420,
        xaxis=_setting_axis(result),
        yaxis=axis(f"{result.judge.capitalize()} accuracy (%)"),
        showlegend=len(result.lines) > 1 or result.n_seeds > 1,
    )


def time_figure(result: SweepResult) -> go.Figure:
    """Seconds of one training against the setting."""
    figure, setting = go.Figure(), result.setting
    for number, line in enumerate(result.lines):
        figure.add_scatter(
            x=[_place(setting, value) for value in line.values],
            y=line.seconds.tolist(),
            mode="markers" if _is_unordered(setting) else "lines+markers",
            line={"color": _series(result, number, MUTED), "width": 3, "dash": _dash(number)},
            marker={"size": 10, "symbol": _symbol(number), "color": _series(result, number, MUTED)},
            name=line.name,
            hovertemplate="%{y:.2f} s<extra></extra>",
        )
    slowest = max((seconds for line in result.lines for seconds in line.seconds.tolist()), default=0.0)
    return styled(
        figure,
        f"The longest training took {slowest:.1f} s",
        f"Time of one training by {setting}: "
        + "; ".join(
            (f"{line.name}: " if line.name else "")
            + ", ".join(
                f"{value_text(setting, v)} {s:.2f} s" for v, s in zip(line.values, line.seconds, strict=True)
            )
            for line in result.lines
        )
        + ".",
        height=420,
        xaxis=_setting_axis(result),
        yaxis=axis("Time of one training (s)", rangemode="tozero"),
        showlegend=len(result.lines) > 1,
    )


def live_accuracies(result: SweepResult, theme: Theme = "light") -> tuple[pd.DataFrame, dict[str, Any]]:
    """The accuracies so far, as data and a Vega-Lite specification, which keeps the chart while it grows."""
    sweep = SWEEPS[result.setting]
    rows = [
        {"setting": value, "accuracy": 100 * accuracy, "line": line.name or "networks"}
        for line in result.lines
        for value, each in zip(line.values, line.accuracies, strict=True)
        for accuracy in each.tolist()
    ]
    is_ordered = not _is_unordered(result.setting)
    x: dict[str, Any] = {"field": "setting", "title": sweep.axis, "type": "ordinal", "sort": None}
    if is_ordered:
        x |= {"type": "quantitative", "scale": {"type": sweep.scale, "nice": False}}
    looks: dict[str, Any] = {"color": {"value": _OF_JUDGE[result.judge]}}
    if len(result.lines) > 1:
        legend = {"orient": "top", "title": None}
        looks = {"color": {"field": "line", "scale": {"range": list(SERIES)}, "legend": legend}}
        looks |= {"strokeDash": {"field": "line", "legend": legend}} if is_ordered else {}
    specification = {
        "height": 300,
        "config": {kind: {"labelColor": INK[theme], "titleColor": INK[theme]} for kind in ("axis", "legend")},
        "mark": {"type": "line" if is_ordered else "point", "point": {"size": 70}, "strokeWidth": 2},
        "encoding": {
            "x": x,
            "y": {
                "field": "accuracy",
                "type": "quantitative",
                "title": f"{result.judge.capitalize()} accuracy (%)",
                "scale": {"zero": False},
            },
            **looks,
        },
    }
    return pd.DataFrame(rows, columns=["setting", "accuracy", "line"]), specification


def _mean_trace(result: SweepResult, line: SweepLine, number: int, color: str) -> dict[str, Any]:
    percents = 100 * line.means
    return {
        "x": [_place(result.setting, value) for value in line.values],
        "y": percents.tolist(),
        "error_y": {
            "array": [100 * i.high - p for i, p in zip(line.intervals, percents.tolist(), strict=True)],
            "arrayminus": [p - 100 * i.low for i, p in zip(line.intervals, percents.tolist(), strict=True)],
            "thickness": 1.5,
        },
        "mode": "markers" if _is_unordered(result.setting) else "lines+markers",
        "line": {"color": color, "width": 3, "dash": _dash(number)},
        "marker": {"size": 11, "symbol": _symbol(number), "color": color},
        "name": line.name or "mean of the seeds",
        "customdata": [value_text(result.setting, value) for value in line.values],
        "hovertemplate": "%{customdata}: %{y:.2f} %<extra></extra>",
    }


def _color(result: SweepResult, number: int) -> str:
    return _series(result, number, _OF_JUDGE[result.judge])


def _series(result: SweepResult, number: int, alone: str) -> str:
    return SERIES[number % len(SERIES)] if len(result.lines) > 1 else alone


def _dash(number: int) -> str:
    return SERIES_DASHES[number % len(SERIES_DASHES)]


def _symbol(number: int) -> str:
    return SERIES_SYMBOLS[number % len(SERIES_SYMBOLS)]


def _is_unordered(setting: str) -> bool:
    """Whether a line from one value to the next would mean nothing."""
    return SWEEPS[setting].scale == "none"


def _place(setting: str, value: Any) -> Any:
    """Where a value stands on the axis."""
    return value_text(setting, value) if _is_unordered(setting) else value


def _setting_axis(result: SweepResult) -> dict[str, Any]:
    sweep, setting = SWEEPS[result.setting], result.setting
    if _is_unordered(setting):
        return axis(sweep.axis, type="category")
    values = _every_value(result.lines)
    ticks = {"tickvals": values, "ticktext": [value_text(setting, value) for value in values]}
    return axis(sweep.axis, type=sweep.scale, **ticks)


def _every_value(lines: Sequence[SweepLine]) -> list[Any]:
    return sorted({value for line in lines for value in line.values})


def _title(result: SweepResult) -> str:
    if result.setting == "seed":
        found = [100 * mean for line in result.lines for mean in line.means.tolist()]
        return f"{len(found)} seeds: from {min(found):.1f} to {max(found):.1f} %" if found else "No seed yet"
    if result.setting == "preparation":
        return f"Mean accuracy: {_described(result)}"
    found_best = max(
        (
            (mean, value, line.name)
            for line in result.lines
            for mean, value in zip(line.means, line.values, strict=True)
        ),
        key=lambda one: one[0],
        default=None,
    )
    if found_best is None:
        return "No training has ended yet"
    mean, value, name = found_best
    where = f"{result.setting}: {value_text(result.setting, value)}" + (f", {name}" if name else "")
    return f"Highest accuracy {100 * mean:.1f} % ({where})"


def _described(result: SweepResult) -> str:
    return "; ".join(
        (f"{line.name}: " if line.name else "")
        + ", ".join(
            f"{value_text(result.setting, value)} {100 * mean:.1f} %"
            for value, mean in zip(line.values, line.means, strict=True)
        )
        for line in result.lines
    )
