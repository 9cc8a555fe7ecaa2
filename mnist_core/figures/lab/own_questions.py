"""The numbers that a class has answered, as a histogram."""

import itertools
from typing import Any

import plotly.graph_objects as go

from mnist_core.classroom.own_summaries import NumberSummary, number_in_words
from mnist_core.figures.style import SERIES, fixed_axis, styled


def number_histogram(summary: NumberSummary) -> go.Figure:
    """How many answers lie in each of some ranges, with a line at the median."""
    pairs = list(itertools.pairwise(summary.edges))
    median = number_in_words(summary.median)
    bars = go.Bar(
        x=[(low + high) / 2 for low, high in pairs],
        y=list(summary.counts),
        width=[0.94 * (high - low) for low, high in pairs],
        customdata=[f"{number_in_words(low)} to {number_in_words(high)}" for low, high in pairs],
        hovertemplate="%{customdata}: %{y}<extra></extra>",
        marker_color=SERIES[0],
    )
    figure = go.Figure(bars)
    figure.add_vline(x=summary.median, line_dash="dash", annotation_text=f"median {median}")
    n = sum(summary.counts)
    title = summary.middle_half if n > 1 else "One answer so far"
    highest = max(summary.counts)
    most = summary.counts.index(highest)
    alt = (
        f"A histogram of {n} numbers with the median {median}. Its highest bar, from "
        f"{number_in_words(pairs[most][0])} to {number_in_words(pairs[most][1])}, has {highest}."
    )
    axes: dict[str, Any] = {
        "xaxis": fixed_axis("answer", tickformat=",.6~g", nticks=8),
        "yaxis": fixed_axis("answers", range=[0, 1.15 * highest], dtick=max(1, highest // 5)),
    }
    return styled(figure, title, alt, 360, **axes)
