"""The numbers that a class has answered, as a histogram."""

import itertools
from typing import Any

import plotly.graph_objects as go

from mnist_core.classroom.own_summaries import NumberSummary
from mnist_core.figures.style import SERIES, styled


def number_histogram(summary: NumberSummary) -> go.Figure:
    """How many answers lie in each of some ranges, with a line at the median."""
    pairs = list(itertools.pairwise(summary.edges))
    bars = go.Bar(
        x=[(low + high) / 2 for low, high in pairs],
        y=list(summary.counts),
        width=[0.94 * (high - low) for low, high in pairs],
        customdata=[f"{low:,.6g} to {high:,.6g}" for low, high in pairs],
        hovertemplate="%{customdata}: %{y}<extra></extra>",
        marker_color=SERIES[0],
    )
    figure = go.Figure(bars)
    figure.add_vline(x=summary.median, line_dash="dash", annotation_text=f"median {summary.median:,.6g}")
    n = sum(summary.counts)
    title = f"Half of the {n} answers lie between {summary.lower:,.6g} and {summary.upper:,.6g}"
    most = max(range(len(pairs)), key=summary.counts.__getitem__)
    alt = (
        f"A histogram of {n} numbers with the median {summary.median:,.6g}. Its highest bar, from "
        f"{pairs[most][0]:,.6g} to {pairs[most][1]:,.6g}, has {summary.counts[most]}."
    )
    axes: dict[str, Any] = {
        "xaxis": {"title": "answer"},
        "yaxis": {"title": "answers", "rangemode": "tozero"},
    }
    return styled(figure, title, alt, 360, **axes)
