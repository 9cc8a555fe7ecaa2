"""Gradients of batches beside the gradient of all images, and what the batch size does to a training."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from mnist_core.figures.layers import add_bars, add_line, add_marks, error_bars, leaves_out_zero
from mnist_core.figures.style import MUTED, TRAINING, VALIDATION, axis, series_look, styled
from mnist_core.lessons.batches import RIGHT_ANGLE, GradientSpread
from mnist_core.lessons.training_curves import Against, Curve, Standing, Validated

_LOGARITHMIC: Final[Mapping[str, Any]] = {"type": "log", "exponentformat": "power", "dtick": 1}
_WIDE: Final = 2_000
"""How many times as long as the shortest time the longest is where one tick a power of ten is enough."""
_HIGHEST: Final = 2.5
"""Nats: a network that gives each digit a tenth has ln 10 = 2.3."""
_EXPECTED: Final[Mapping[Against, list[float]]] = {"updates": [0, 4.6], "epochs": [0, 5], "seconds": [-2, 1]}
"""From where to where the axis goes before there are curves; powers of ten where it is logarithmic."""


def angle_figure(spreads: Sequence[GradientSpread]) -> go.Figure:
    """The angle of each batch's gradient to the gradient of all images, a column of dots a batch size."""
    medians = [f"{np.nanmedian(s.angles):.0f}° for a batch of {s.batch_size:,}" for s in spreads]
    return _dots(
        {f"{spread.batch_size:,}": spread.angles for spread in spreads},
        RIGHT_ANGLE,
        f"Median angle: {', '.join(medians)}",
        f"Angle between a batch's gradient and the gradient of all images; median {', '.join(medians)}.",
        axis("Angle (degrees)", range=[0, 180], tickvals=[0, 45, 90, 135, 180]),
    )


def length_figure(spreads: Sequence[GradientSpread]) -> go.Figure:
    """The length of each batch's gradient, as a multiple of the gradient of all images."""
    medians = [f"{np.median(s.lengths):.1f} for a batch of {s.batch_size:,}" for s in spreads]
    return _dots(
        {f"{spread.batch_size:,}": spread.lengths for spread in spreads},
        1,
        f"Median length: {', '.join(medians)}",
        f"Length of a batch's gradient as a multiple of that of all images; median {', '.join(medians)}.",
        axis("Length (multiple of all images)", rangemode="tozero"),
    )


def accuracy_figure(results: Mapping[int, Validated], winner: int | None) -> go.Figure:
    """Validation accuracy against batch size, each with its 95% interval.

    Args:
        results: By batch size.
        winner: The size whose interval lies above all others; None if there is none.
    """
    percents = [100 * result.accuracy for result in results.values()]
    error = error_bars(percents, [result.interval for result in results.values()], thickness=2)
    sizes, hover = [f"{size:,}" for size in results], "batches of %{x}: %{y:.1f}%"
    figure = go.Figure()
    add_marks(figure, sizes, percents, VALIDATION, 12, error_y=error, hover=hover)
    told = ", ".join(f"{p:.1f}% with batches of {n}" for n, p in zip(results, percents, strict=True))
    title = "The best batch sizes are too close to call here"
    if winner is not None:
        title = f"Batches of {winner:,} did best here: their interval lies above all others"
    return styled(
        figure,
        title,
        f"Validation accuracy: {told}.",
        height=290,
        is_cut=leaves_out_zero(result.interval for result in results.values()),
        xaxis=axis("Batch size", type="category"),
        yaxis=axis("Validation accuracy (%)"),
    )


def progress_frame(against: Against) -> dict[str, Any]:
    """The height and the axes of `progress_figure`."""
    low, high = (10.0**power for power in _EXPECTED["seconds"])
    scales = {"epochs": {}, "updates": _LOGARITHMIC, "seconds": _seconds_scale(low, high)}
    scale: Mapping[str, Any] = scales[against]
    return {
        "height": 330,
        "xaxis": axis(against.capitalize(), range=_EXPECTED[against], **scale),
        "yaxis": axis("Training loss (nats)", range=[0, _HIGHEST]),
    }


def _seconds_scale(shortest: float, longest: float) -> dict[str, Any]:
    """A logarithmic scale of times, with two ticks a power of ten where there are few powers."""
    digits = (1, 3) if longest < _WIDE * shortest else (1,)
    ticks = [digit * 10.0**power for power in range(-5, 5) for digit in digits]
    return {"type": "log", "tickvals": ticks, "tickformat": "~g"}


def progress_figure(curves: Mapping[int, Curve], reached: Standing, against: Against) -> go.Figure:
    """The training losses of several batch sizes against updates, epochs or seconds.

    Args:
        curves: By batch size.
        reached: Where the shortest curve ends.
        against: What the curves are drawn against.
    """
    figure = go.Figure()
    for number, (size, (places, losses)) in enumerate(curves.items()):
        color, dash, symbol = series_look(number)
        marks, name = {"size": 6, "symbol": symbol}, f"batches of {size:,}"
        hover = f"{name}: %{{y:.3f}} after %{{x:.3g}} {against}"
        add_line(figure, places, losses.round(4), color, 2.5, dash=dash, marks=marks, name=name, hover=hover)
    figure.add_vline(x=reached.place, line={"color": MUTED, "width": 1.5, "dash": "dot"})
    listed = ", ".join(f"{loss:.2f} with batches of {size:,}" for size, loss in reached.losses.items())
    frame = progress_frame(against)
    all_places = np.concatenate([np.zeros(0), *(places for places, _ in curves.values())])
    if against == "seconds" and len(all_places):
        frame["xaxis"] |= _seconds_scale(float(all_places.min()), float(all_places.max()))
    return styled(
        figure,
        _who_is_ahead(reached, against),
        f"Training loss against {against}. After {_written(reached.place, against)}: {listed}.",
        corner="bottom left",
        **frame | {"xaxis": frame["xaxis"] | {"range": None}},
    )


def _who_is_ahead(reached: Standing, against: Against) -> str:
    """The lowest and the highest loss where the shortest curve ends, in words."""
    if not reached.losses:
        return "No training loss is a finite number"
    order = sorted(reached.losses, key=reached.losses.__getitem__)
    low, high = (f"{reached.losses[size]:.2f} with batches of {size:,}" for size in (order[0], order[-1]))
    return f"After {_written(reached.place, against)}: loss {low}, {high}"


def _written(place: float, against: Against) -> str:
    """So many updates, epochs or seconds."""
    return f"{place:.2f} seconds" if against == "seconds" else f"{place:,.0f} {against}"


def time_figure(seconds: Mapping[int, float]) -> go.Figure:
    """Time of a training against batch size."""
    slowest, fastest = max(seconds, key=lambda n: seconds[n]), min(seconds, key=lambda n: seconds[n])
    written: dict[str, Any] = {"text": [f"{value:.2f} s" for value in seconds.values()]}
    written |= {"textposition": "outside", "cliponaxis": False}
    figure = go.Figure()
    add_bars(figure, [f"{size:,}" for size in seconds], list(seconds.values()), MUTED, **written)
    return styled(
        figure,
        f"Batches of {fastest:,} were {seconds[slowest] / seconds[fastest]:.2g} times as fast "
        f"as batches of {slowest:,}",
        "Seconds of training: " + ", ".join(f"{s:.2f} with batches of {n}" for n, s in seconds.items()) + ".",
        height=290,
        xaxis=axis("Batch size", type="category"),
        yaxis=axis("Training time (s)", rangemode="tozero", showgrid=False),
    )


def _dots(
    columns: Mapping[str, np.ndarray], usual: float, title: str, alt: str, values_axis: Mapping[str, Any]
) -> go.Figure:
    """A column of dots for each batch size, and a dashed line at what the gradient of all images has."""
    figure = go.Figure()
    for name, values in columns.items():
        figure.add_box(
            y=values.tolist(),
            name=name,
            boxpoints="all",
            jitter=0.6,
            pointpos=0,
            marker={"size": 6, "color": TRAINING, "opacity": 0.6},
            line={"color": MUTED, "width": 1.5},
            fillcolor="rgba(0,0,0,0)",
        )
    figure.add_hline(y=usual, line={"color": MUTED, "dash": "dash"})
    sizes = axis("Images in the batch", type="category")
    return styled(figure, title, alt, height=290, xaxis=sizes, yaxis=values_axis, showlegend=False)
