"""Gradients of batches beside the gradient of all images, and what the batch size does to a training."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from mnist_core.analysis.intervals import Interval
from mnist_core.figures.layers import add_bars, add_marks, error_bars
from mnist_core.figures.style import MUTED, TRAINING, axis, styled
from mnist_core.lessons.batches import GradientSpread


def angle_figure(spreads: Sequence[GradientSpread]) -> go.Figure:
    """The angle of each batch's gradient to the gradient of all images, a column of dots a batch size."""
    medians = [f"{np.nanmedian(s.angles):.0f}° for a batch of {s.batch_size:,}" for s in spreads]
    return _dots(
        {f"{spread.batch_size:,}": spread.angles for spread in spreads},
        90,
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


def accuracy_figure(accuracies: Mapping[int, float], intervals: Mapping[int, Interval]) -> go.Figure:
    """Test accuracy against batch size, each with its 95 % interval."""
    percents = [100 * accuracy for accuracy in accuracies.values()]
    error = error_bars(percents, [intervals[size] for size in accuracies], thickness=2)
    sizes, hover = [f"{size:,}" for size in accuracies], "batches of %{x}: %{y:.1f} %"
    figure = go.Figure()
    add_marks(figure, sizes, percents, TRAINING, 12, error_y=error, hover=hover)
    best = max(accuracies, key=lambda size: accuracies[size])
    told = ", ".join(f"{p:.1f} % with batches of {n}" for n, p in zip(accuracies, percents, strict=True))
    return styled(
        figure,
        f"After as many epochs, batches of {best:,} did best here",
        f"Test accuracy: {told}.",
        height=290,
        xaxis=axis("Batch size", type="category"),
        yaxis=axis("Test accuracy (%), 95 % interval"),
    )


def time_figure(seconds: Mapping[int, float]) -> go.Figure:
    """Time of a training against batch size."""
    slowest, fastest = max(seconds, key=lambda n: seconds[n]), min(seconds, key=lambda n: seconds[n])
    written: dict[str, Any] = {"text": [f"{value:.2f} s" for value in seconds.values()]}
    written |= {"textposition": "outside", "cliponaxis": False}
    figure = go.Figure()
    add_bars(figure, [f"{size:,}" for size in seconds], list(seconds.values()), MUTED, **written)
    return styled(
        figure,
        f"Batches of {fastest:,} were {seconds[slowest] / seconds[fastest]:.0f} times as fast "
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
