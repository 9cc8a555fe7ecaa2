"""Accuracy and time against a setting that was swept."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mnist_core.figures.layers import add_line, add_marks, error_bars, leaves_out_zero
from mnist_core.figures.style import (
    MUTED,
    SERIES,
    TEST,
    VALIDATION,
    Theme,
    axis,
    series_look,
    share_text,
    styled,
)
from mnist_core.figures.vega import Chart, quantitative, vega_text
from mnist_core.sweeps.plans import SWEEPABLE, SWEEPS, VARIANTS, Plan
from mnist_core.sweeps.results import JudgedOn, SweepLine, SweepResult

HEIGHT, LIVE_HEIGHT = 420, 300
"""Pixels of an accuracy's chart at the end, and of its plot while it grows."""
_WHOLE: Final = [0, 100]
"""Percent: the axis of accuracies from before the first training to after the last."""
_MARGIN: Final = 0.05
"""At both ends of the axis of a setting, as a part of what it spans."""
_OF_JUDGE: Final[Mapping[JudgedOn, str]] = {"validation": VALIDATION, "test": TEST}


def value_text(setting: str, value: Any) -> str:
    """A value of a swept setting as it is written on an axis and in a table."""
    return str(value) if setting == VARIANTS else SWEEPABLE[setting].write(value)


def accuracy_figure(
    result: SweepResult, height: int = HEIGHT, values: Sequence[Any] = (), is_closer: bool = False
) -> go.Figure:
    """Accuracy against the setting: a dot a seed, a line through the means, and the means' intervals.

    Args:
        result: Of the sweep.
        height: Pixels.
        values: Of the setting, all that were to be trained: they stand on the axis from first to last.
        is_closer: Whether the axis of accuracies spans what there is, rather than 0 to 100%.
    """
    figure = go.Figure()
    for number, line in enumerate(result.lines):
        color = series_look(number)[0] if len(result.lines) > 1 else _OF_JUDGE[result.judge]
        if result.n_seeds > 1:
            points = _each_seed(line)
            add_marks(
                figure,
                [_position(result.setting, value) for value, _ in points],
                [100 * accuracy for _, accuracy in points],
                color,
                7,
                name="one seed" if len(result.lines) == 1 else f"{line.name}, one seed",
                hover="%{y:.1f}%<extra>one seed</extra>",
                marker_opacity=0.55,
            )
        _add_series(
            figure,
            result,
            number,
            100 * line.means,
            color,
            size=11,
            error_y=error_bars((100 * line.means).tolist(), line.intervals, thickness=1.5),
            name=line.name or "mean of the seeds",
            customdata=[value_text(result.setting, value) for value in line.values],
            hover="%{customdata}: %{y:.1f}%",
        )
    judged = f"{result.judge.capitalize()} accuracy"
    return styled(
        figure,
        _title(result),
        f"{judged} by {result.setting}: {_described(result)}.",
        height=height,
        is_cut=is_closer and leaves_out_zero(each for line in result.lines for each in line.intervals),
        xaxis=_setting_axis(result.setting, values or _values_of(result)),
        yaxis=axis(f"{judged} (%)", **({} if is_closer else {"range": _WHOLE})),
        showlegend=len(result.lines) > 1 or result.n_seeds > 1,
    )


def accuracy_frame(plan: Plan, judge: JudgedOn, height: int = HEIGHT) -> dict[str, Any]:
    """What `awaited_figure` needs of `accuracy_figure` before anything is trained: all values on its axis.

    Args:
        plan: What will be trained.
        judge: The images whose accuracy will be drawn.
        height: Pixels.
    """
    return {
        "height": height,
        "xaxis": _setting_axis(plan.setting, plan.values),
        "yaxis": axis(f"{judge.capitalize()} accuracy (%)", range=_WHOLE),
    }


def time_figure(result: SweepResult) -> go.Figure:
    """Seconds of one training against the setting."""
    figure = go.Figure()
    for number, line in enumerate(result.lines):
        color = series_look(number)[0] if len(result.lines) > 1 else MUTED
        hover = "%{y:.2f} s"
        _add_series(figure, result, number, line.seconds, color, size=10, name=line.name, hover=hover)
    slowest = max((seconds for line in result.lines for seconds in line.seconds.tolist()), default=0.0)
    times = _listed(result, lambda line: [f"{seconds:.2f} s" for seconds in line.seconds])
    return styled(
        figure,
        f"The longest training took {slowest:.1f} s",
        f"Time of one training by {result.setting}: {times}.",
        xaxis=_setting_axis(result.setting, _values_of(result)),
        yaxis=axis("Time of one training (s)", rangemode="tozero"),
        showlegend=len(result.lines) > 1,
    )


def live_accuracies(
    result: SweepResult, values: Sequence[Any], theme: Theme = "light", height: int = LIVE_HEIGHT
) -> Chart:
    """The accuracies so far, as data and a Vega-Lite specification, which keeps the chart while it grows.

    Args:
        result: Of what is trained.
        values: Of the setting, all that will be trained: they stand on the axis from the first.
        theme: The page's.
        height: Pixels of the plot.
    """
    sweep = SWEEPS[result.setting]
    rows = [
        {"setting": value, "accuracy": 100 * accuracy, "line": line.name or "networks"}
        for line in result.lines
        for value, accuracy in _each_seed(line)
    ]
    is_ordered = not _is_unordered(result.setting)
    shown = [*dict.fromkeys(values)]
    x: dict[str, Any] = {"field": "setting", "title": sweep.axis, "type": "ordinal", "sort": None}
    x["scale"] = {"domain": shown}
    if is_ordered:
        span = {"domain": [min(shown), max(shown)], "padding": 12}
        x |= {"type": "quantitative", "scale": {"type": sweep.scale, "nice": False} | span}
        x["axis"] = {"values": shown}
    looks: dict[str, Any] = {"color": {"value": _OF_JUDGE[result.judge]}}
    if len(result.lines) > 1:
        legend = {"orient": "top", "title": None}
        looks = {"color": {"field": "line", "scale": {"range": list(SERIES)}, "legend": legend}}
        looks |= {"strokeDash": {"field": "line", "legend": legend}} if is_ordered else {}
    y = quantitative("accuracy", f"{result.judge.capitalize()} accuracy (%)", {"domain": _WHOLE})
    specification = {
        "height": height,
        "config": vega_text(theme),
        "mark": {"type": "line" if is_ordered else "point", "point": {"size": 70}, "strokeWidth": 2},
        "encoding": {"x": x, "y": y, **looks},
    }
    return pd.DataFrame(rows, columns=["setting", "accuracy", "line"]), specification


def _each_seed(line: SweepLine) -> list[tuple[Any, float]]:
    """The value and the accuracy of each training of a line."""
    pairs = zip(line.values, line.accuracies, strict=True)
    return [(value, accuracy) for value, accuracies in pairs for accuracy in accuracies.tolist()]


def _add_series(
    figure: go.Figure,
    result: SweepResult,
    number: int,
    y: np.ndarray,
    color: str,
    *,
    size: float,
    **more: Any,
) -> None:
    """One line of a sweep against its setting; marks alone where a line would mean nothing.

    Args:
        figure: What it is added to.
        result: Of the sweep.
        number: Of the line.
        y: Shape (values of the setting,).
        color: Of the line and its marks.
        size: Of the marks.
        **more: For `add_line`.
    """
    _, dash, symbol = series_look(number)
    x = [_position(result.setting, value) for value in result.lines[number].values]
    marks = {"size": size, "symbol": symbol, "color": color}
    mode = "markers" if _is_unordered(result.setting) else "lines+markers"
    add_line(figure, x, y, color, dash=dash, marks=marks, mode=mode, **more)


def _is_unordered(setting: str) -> bool:
    """Whether a line from one value to the next would mean nothing."""
    return SWEEPS[setting].scale == "none"


def _position(setting: str, value: Any) -> Any:
    """Where a value stands on the axis."""
    return value_text(setting, value) if _is_unordered(setting) else value


def _setting_axis(setting: str, values: Sequence[Any]) -> dict[str, Any]:
    """The axis of a setting with all values on it, whether or not there is anything at them."""
    sweep, names = SWEEPS[setting], [value_text(setting, value) for value in dict.fromkeys(values)]
    if _is_unordered(setting):
        order = {"categoryorder": "array", "categoryarray": names}
        ticks = {"tickvals": [*range(len(names))], "ticktext": names}
        return axis(sweep.axis, type="category", range=[-0.5, len(names) - 0.5], **order, **ticks)
    ordered = sorted({*values})
    low, high = (math.log10(end) if sweep.scale == "log" else end for end in (ordered[0], ordered[-1]))
    room = _MARGIN * (high - low) or 1.0
    ticks = {"tickvals": ordered, "ticktext": [value_text(setting, value) for value in ordered]}
    return axis(sweep.axis, type=sweep.scale, range=[low - room, high + room], **ticks)


def _values_of(result: SweepResult) -> list[Any]:
    """The values of the setting at which there is anything."""
    return [*dict.fromkeys(value for line in result.lines for value in line.values)]


def _title(result: SweepResult) -> str:
    points = [
        (100 * mean, value, line.name, interval)
        for line in result.lines
        for mean, value, interval in zip(line.means.tolist(), line.values, line.intervals, strict=True)
    ]
    if not points:
        return "No seed yet" if result.setting == "seed" else "No training has ended yet"
    highest, value, name, interval = max(points, key=lambda point: point[0])
    lowest = min(point[0] for point in points)
    if result.setting == "seed":
        return f"The same settings with {len(points)} seeds: from {lowest:.1f} to {highest:.1f}%"
    if result.setting == "preparation":
        return f"Mean accuracy: {_described(result)}"
    if result.judge == "test":  # which is not there to choose by
        return f"Test accuracy: {lowest:.1f} to {highest:.1f}%. Choose by the validation accuracy instead"
    where = f"{result.setting}: {value_text(result.setting, value)}" + (f", {name}" if name else "")
    n_level = sum(other.high >= interval.low for *_, other in points) - 1
    return f"Highest accuracy: {highest:.1f}% ({where}){_as_good(n_level, len(points) - 1)}"


def _as_good(n_level: int, n_others: int) -> str:
    """How many other values may be as good as the best: those whose intervals overlap with its own."""
    if not n_level:
        return ""
    if n_level == n_others:
        return "; any of the others may be as good" if n_others > 1 else "; the other may be as good"
    return "; one other may be as good" if n_level == 1 else f"; {n_level} others may be as good"


def _described(result: SweepResult) -> str:
    return _listed(result, lambda line: [share_text(mean) for mean in line.means])


def _listed(result: SweepResult, numbers: Callable[[SweepLine], list[str]]) -> str:
    """Each line's values of the setting, and a number for each."""
    parts = []
    for line in result.lines:
        pairs = zip(line.values, numbers(line), strict=True)
        words = ", ".join(f"{value_text(result.setting, value)} {number}" for value, number in pairs)
        parts.append(f"{line.name}: {words}" if line.name else words)
    return "; ".join(parts)
