"""Gradients of batches beside the gradient of all images, and what the batch size does to a training."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from mnist_core.analysis.intervals import Interval
from mnist_core.figures.style import MUTED, TRAINING, axis, styled
from mnist_core.lessons.batches import GradientSpread


def angle_figure(spreads: Sequence[GradientSpread]) -> go.Figure:
    """The angle of each batch's gradient to the gradient of all images, a column of dots a batch size."""
    medians = [f"{np.nanmedian(s.angles):.0f}° for a batch of {s.batch_size:,}" for s in spreads]
    figure = _dots({f"{spread.batch_size:,}": spread.angles for spread in spreads})
    figure.add_hline(y=90, line={"color": MUTED, "dash": "dash"})
    return styled(
        figure,
        f"Median angle: {', '.join(medians)}",
        f"Angle between a batch's gradient and the gradient of all images; median {', '.join(medians)}.",
        height=380,
        xaxis=axis("Images in the batch", type="category"),
        yaxis=axis("Angle (degrees)", range=[0, 180], tickvals=[0, 45, 90, 135, 180]),
        showlegend=False,
    )


def length_figure(spreads: Sequence[GradientSpread]) -> go.Figure:
    """The length of each batch's gradient, as a multiple of the gradient of all images."""
    figure = _dots({f"{spread.batch_size:,}": spread.lengths for spread in spreads})
    figure.add_hline(y=1, line={"color": MUTED, "dash": "dash"})
    medians = [f"{np.median(s.lengths):.1f} for a batch of {s.batch_size:,}" for s in spreads]
    return styled(
        figure,
        f"Median length: {', '.join(medians)}",
        f"Length of a batch's gradient as a multiple of that of all images; median {', '.join(medians)}.",
        height=380,
        xaxis=axis("Images in the batch", type="category"),
        yaxis=axis("Length (multiple of all images)", rangemode="tozero"),
        showlegend=False,
    )


def accuracy_figure(accuracies: Mapping[int, float], intervals: Mapping[int, Interval]) -> go.Figure:
    """Test accuracy against batch size, each with its 95 % interval."""
    percents = [100 * accuracy for accuracy in accuracies.values()]
    above = [100 * intervals[size].high - p for size, p in zip(accuracies, percents, strict=True)]
    below = [p - 100 * intervals[size].low for size, p in zip(accuracies, percents, strict=True)]
    figure = go.Figure()
    figure.add_scatter(
        x=[f"{size:,}" for size in accuracies],
        y=percents,
        error_y={"array": above, "arrayminus": below, "thickness": 2},
        mode="markers",
        marker={"size": 12, "color": TRAINING},
        hovertemplate="batches of %{x}: %{y:.1f} %<extra></extra>",
    )
    best = max(accuracies, key=lambda size: accuracies[size])
    return styled(
        figure,
        f"After as many epochs, batches of {best:,} did best here",
        "Test accuracy: "
        + ", ".join(f"{p:.1f} % with batches of {n}" for n, p in zip(accuracies, percents, strict=True))
        + ".",
        height=360,
        xaxis=axis("Batch size", type="category"),
        yaxis=axis("Test accuracy (%), 95 % interval"),
        showlegend=False,
    )


def time_figure(seconds: Mapping[int, float]) -> go.Figure:
    """Time of a training against batch size."""
    slowest, fastest = max(seconds, key=lambda n: seconds[n]), min(seconds, key=lambda n: seconds[n])
    figure = go.Figure()
    figure.add_bar(
        x=[f"{size:,}" for size in seconds],
        y=list(seconds.values()),
        marker={"color": MUTED},
        text=[f"{value:.2f} s" for value in seconds.values()],
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
    )
    return styled(
        figure,
        f"Batches of {fastest:,} were {seconds[slowest] / seconds[fastest]:.0f} times as fast "
        f"as batches of {slowest:,}",
        "Seconds of training: " + ", ".join(f"{s:.2f} with batches of {n}" for n, s in seconds.items()) + ".",
        height=360,
        xaxis=axis("Batch size", type="category"),
        yaxis=axis("Training time (s)", rangemode="tozero", showgrid=False),
        showlegend=False,
    )


def _dots(columns: Mapping[str, np.ndarray]) -> go.Figure:
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
    return figure
