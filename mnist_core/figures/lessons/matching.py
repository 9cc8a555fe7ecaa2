"""One neuron that tells two digits apart: its weights as an image, and its sums as two hills."""

from typing import Final

import numpy as np
import plotly.graph_objects as go

from mnist_core.figures.layers import add_bars, add_signed_map, hover_of
from mnist_core.figures.lessons.neurons import colorbar
from mnist_core.figures.style import FRAMED_AXIS, NEGATIVE, POSITIVE, fixed_axis, share_text, styled
from mnist_core.images.preparation import IMAGE_SHAPE
from mnist_core.lessons.matching import Match

_HEIGHT: Final = 260
_N_BINS: Final = 40


def pattern_figure(match: Match, name: str) -> go.Figure:
    """The weights as an image: blue raises the sum, orange lowers it."""
    largest = float(np.abs(match.weights).max()) or 1.0
    rows, columns = IMAGE_SHAPE
    bar = colorbar(-largest, 0, largest)
    figure = go.Figure()
    hover = "row %{y}, column %{x}: weight %{z:.2f}"
    image = match.weights.astype(float).round(3).reshape(IMAGE_SHAPE)
    add_signed_map(figure, image, largest, colorbar=bar, **hover_of(hover))
    return styled(
        figure,
        f"Weights: {name[0].lower()}{name[1:]}",
        f"784 weights as an image of 28 × 28: {name}. They go from {match.weights.min():.2f} to "
        f"{match.weights.max():.2f}.",
        height=_HEIGHT,
        xaxis={**FRAMED_AXIS, "range": [-0.5, columns - 0.5]},
        yaxis={**FRAMED_AXIS, "range": [rows - 0.5, -0.5], "scaleanchor": "x"},
    )


def match_figure(match: Match, pair: tuple[int, int], height: int = _HEIGHT) -> go.Figure:
    """How many test images of two digits have which weighted sum, and what share is on its side of 0.

    The digit that belongs above 0 is blue, as weights are that raise the sum; the other is orange.

    Args:
        match: The neuron.
        pair: The digit that belongs above 0, and the one that belongs below.
        height: In pixels.
    """
    sums = match.first_sums, match.second_sums
    low, high = min(s.min() for s in sums), max(s.max() for s in sums)
    is_zero = low == high == 0  # of a neuron without weights
    edges = np.linspace(-1 if is_zero else min(low, 0), 1 if is_zero else max(high, 0), _N_BINS + 1)
    middles, width = (edges[:-1] + edges[1:]) / 2, float(edges[1] - edges[0])
    figure = go.Figure()
    for digit, values, color in zip(pair, sums, (POSITIVE, NEGATIVE), strict=True):
        counts, _ = np.histogram(values, edges)
        look = {"name": f"{digit}s", "width": width, "opacity": 0.7}
        add_bars(figure, middles.round(3), counts, color, f"%{{y}} of the {digit}s", **look)
    figure.add_vline(x=0, line={"width": 2, "dash": "dash"})
    n_images = len(match.first_sums) + len(match.second_sums)
    finding = f"{share_text(match.accuracy)} of {n_images:,} test images are told apart"
    return styled(
        figure,
        finding,
        f"Histograms of the weighted sums of test images, {pair[0]} and {pair[1]}. {finding}: "
        f"{(match.first_sums > 0).mean():.0%} of the {pair[0]}s are above 0, "
        f"{(match.second_sums <= 0).mean():.0%} of the {pair[1]}s are not.",
        height=height,
        corner="top right",
        barmode="overlay",
        bargap=0,
        xaxis=fixed_axis(f"Weighted sum (above 0: a {pair[0]})"),
        yaxis=fixed_axis("Test images"),
    )
