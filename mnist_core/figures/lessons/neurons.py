"""One neuron's sum, its weights as an image or as bars, and the layers of a network."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mnist_core.figures.layers import add_bars, add_line, add_marks, add_texts, hover_of, note
from mnist_core.figures.style import (
    FRAMED_AXIS,
    MUTED,
    NEURON,
    SIGNS,
    ZERO_LINE,
    fixed_axis,
    sign_colors,
    signed_number,
    styled,
    with_minus,
)
from mnist_core.images.preparation import IMAGE_SHAPE
from mnist_core.network.passes import NeuronTerms

N_DRAWN: Final = 16
"""The most circles or squares of one layer that are drawn."""

_FACTORS: Final = {"inputs": "Input", "weights": "Weight", "products": "Input × weight"}
_CALCULATION: Final = "<br>input %{customdata[0]} × weight %{customdata[1]}<br>= product %{customdata[2]}"
_PITCH: Final = 1 / (N_DRAWN + 1)
_PICTURE_HEIGHT: Final = 250
_ROW_HEIGHT: Final = 216
"""Pixels of the three factors in one row of a phone."""
_ROW_TITLES: Final = {"inputs": "inputs", "weights": "× weights", "products": "= products"}
_SUM_HEIGHT, _LOW_SUM_HEIGHT = 275, 230
"""Pixels of a sum that stands alone, and of one below the images of its terms, seen with them."""


def sum_figure(
    summands: Mapping[str, float],
    weighted_sum: float,
    activation: float,
    passed_on_as: str,
    limits: Sequence[float] = (),
) -> go.Figure:
    """Summands standing on each other up to the weighted sum, and the activation beside it.

    Args:
        summands: By name, in order; together they are the weighted sum.
        weighted_sum: Before the activation function.
        activation: After it.
        passed_on_as: The name of the activation, such as "ReLU(z)".
        limits: Where the axis may end, the same to both sides of 0, so that it rarely jumps: the smallest
            that holds the bars is taken. Without them the axis fits the bars, and the figure is lower.
    """
    names = [*summands, "sum z", passed_on_as]
    heights = [*summands.values(), weighted_sum, activation]
    ends = [*itertools.accumulate(summands.values()), weighted_sum, activation]
    bases = [end - height for end, height in zip(ends, heights, strict=True)]
    texts = [_signed(value) for value in summands.values()] + [signed_number(value) for value in heights[-2:]]
    figure, places = go.Figure(), list(range(len(names)))
    _add_levels(figure, ends[: len(summands)])
    colors = [*sign_colors(summands.values()), MUTED, NEURON]
    add_bars(figure, places, heights, colors, base=bases, width=0.7)
    tops = [max(base, end) for base, end in zip(bases, ends, strict=True)]
    above: dict[str, Any] = {"textposition": "top center", "cliponaxis": False}
    add_texts(figure, places, tops, [f"<b>{text}</b>" for text in texts], {"size": 16}, **above)
    described = ", ".join(f"{name.replace('<br>', ' ')} {_signed(value)}" for name, value in summands.items())
    finding = f"weighted sum {signed_number(weighted_sum)}, activation {signed_number(activation)}"
    zero = {**ZERO_LINE, "zerolinewidth": 2}
    return styled(
        figure,
        finding[0].upper() + finding[1:],
        f"Bars that stand on each other: {described}. Together: {finding}.",
        height=_SUM_HEIGHT if limits else _LOW_SUM_HEIGHT,
        xaxis=fixed_axis("", tickvals=places, ticktext=names, tickangle=0, showgrid=False),
        yaxis=fixed_axis("Value (no unit)" if limits else "", range=_range([*ends, *bases], limits)) | zero,
    )


def _add_levels(figure: go.Figure, ends: Sequence[float]) -> None:
    """Lines from the end of each summand to the beginning of the next bar."""
    x = [x for left in range(len(ends)) for x in (left - 0.35, left + 1.35, None)]
    y = [y for end in ends for y in (end, end, None)]
    add_line(figure, x, y, MUTED, 1.5, dash="dot")


def colorbar(*ticks: float) -> dict[str, Any]:
    """A bar of colours with these numbers, below an image, so that it stays close to it."""
    return {
        "orientation": "h",
        "thickness": 12,
        "y": -0.03,
        "yanchor": "top",
        "len": 0.9,
        "tickfont": {"size": 14},
        "outlinewidth": 1,
        "outlinecolor": MUTED,
        "tickvals": list(ticks),
        "ticktext": [with_minus(f"{tick:.2g}") for tick in ticks],
    }


def factors_figure(terms: NeuronTerms, title: str) -> go.Figure:
    """Inputs, weights and products side by side, for a screen as narrow as a phone's.

    Args:
        terms: Of the neuron.
        title: What to see.
    """
    is_image = terms.inputs.size == IMAGE_SHAPE[0] * IMAGE_SHAPE[1]
    draw = image_figure if is_image else bar_figure
    row: dict[str, Any] = {
        "rows": 1,
        "cols": len(_ROW_TITLES),
        "horizontal_spacing": 0.04 if is_image else 0.14,
    }
    figure = make_subplots(column_titles=list(_ROW_TITLES.values()), **row)
    for column, factor in enumerate(_ROW_TITLES, start=1):
        square = {"scaleanchor": figure.get_subplot(1, column).yaxis.anchor} if is_image else {}
        part, place = draw(terms, factor, factor), {"row": 1, "col": column}
        figure.add_traces(part.data, rows=1, cols=column)
        figure.update_xaxes(part.layout.xaxis.to_plotly_json() | {"title": None}, **place)
        figure.update_yaxes(part.layout.yaxis.to_plotly_json() | {"title": None} | square, **place)
        if is_image:
            start, end = figure.get_subplot(1, column).xaxis.domain
            middle, length = (start + end) / 2, 0.9 * (end - start)
            figure.data[-1].colorbar.update(x=middle, xanchor="center", len=length, thickness=8)
    figure.update_annotations(yshift=6)
    ranges = "; ".join(_range_in_words(factor, getattr(terms, factor)) for factor in _ROW_TITLES)
    margin = {"l": 4, "r": 4, "t": 60, "b": 8}
    return styled(
        figure, title, f"{title}, side by side. {ranges}.", height=_ROW_HEIGHT, margin=margin, bargap=0.15
    )


def image_figure(terms: NeuronTerms, factor: str, title: str) -> go.Figure:
    """The inputs, weights or products of a neuron that sees the pixels, as an image.

    Weights and products share one scale, the same to both sides of 0, so that they can be compared.

    Args:
        terms: Of a neuron of the first hidden layer.
        factor: "inputs", "weights" or "products".
        title: What to see.
    """
    values = getattr(terms, factor)
    is_input = factor == "inputs"
    largest = float(max(np.abs(terms.weights).max(), np.abs(terms.products).max())) or 1.0
    low, high = (0.0, max(1.0, float(values.max()))) if is_input else (-largest, largest)
    figure = go.Figure()
    figure.add_heatmap(
        z=values.round(4).reshape(IMAGE_SHAPE),
        customdata=np.array(_factors_in_words(terms)).reshape(*IMAGE_SHAPE, -1),
        colorscale="gray" if is_input else SIGNS,
        zmin=low,
        zmax=high,
        colorbar=colorbar(0, high) if is_input else colorbar(low, 0, high),
        **hover_of(f"row %{{y}}, column %{{x}}{_CALCULATION}"),
    )
    rows, columns = IMAGE_SHAPE
    return styled(
        figure,
        title,
        f"{title}. {_range_in_words(factor, values)}, as an image of 28 × 28 pixels.",
        height=_PICTURE_HEIGHT,
        margin={"l": 10, "r": 10, "t": 14, "b": 10, "pad": 0},  # the frame close around the pixels
        xaxis={**FRAMED_AXIS, "range": [-0.5, columns - 0.5]},
        yaxis={**FRAMED_AXIS, "range": [rows - 0.5, -0.5], "scaleanchor": "x"},
    )


def bar_figure(terms: NeuronTerms, factor: str, title: str) -> go.Figure:
    """The inputs, weights or products of a neuron that sees the previous layer, a bar for each.

    Args:
        terms: Of a neuron of a later layer.
        factor: "inputs", "weights" or "products".
        title: What to see.
    """
    values = getattr(terms, factor).astype(float)
    colors = MUTED if factor == "inputs" else sign_colors(values)
    hover = f"from neuron %{{x}}{_CALCULATION}"
    figure = go.Figure()
    add_bars(
        figure, list(range(len(values))), values.round(4), colors, hover, customdata=_factors_in_words(terms)
    )
    return styled(
        figure,
        title,
        f"{title}. {_range_in_words(factor, values)}, one bar for each neuron of the previous layer.",
        height=_PICTURE_HEIGHT,
        xaxis=fixed_axis("Neuron of the previous layer", showgrid=False),
        yaxis=fixed_axis(f"{_FACTORS[factor]} (no unit)", **ZERO_LINE),
        bargap=0.15,
    )


def network_figure(layer_sizes: Sequence[int]) -> go.Figure:
    """Inputs as squares, neurons as circles, every number joined to every neuron of the next layer.

    One neuron of the first hidden layer is marked, with the connections that are its weights.

    Args:
        layer_sizes: Inputs, neurons of each hidden layer, outputs.
    """
    places = [_places(size) for size in layer_sizes]
    last, marked = len(layer_sizes) - 1, places[1][min(1, len(places[1]) - 1)]
    figure = go.Figure()
    pairs = [
        (left, a, b)
        for left, (before, after) in enumerate(itertools.pairwise(places))
        for a, b in itertools.product(before, after)
    ]
    _add_connections(figure, pairs, MUTED, 1, opacity=0.22)
    _add_connections(figure, [(0, place, marked) for place in places[0]], NEURON, 1.5, opacity=0.9)
    for column, ys in enumerate(places):
        colors = [NEURON if column == 1 and y == marked else MUTED for y in ys]
        text: dict[str, Any] = {"text": list(range(len(ys)))} if column == last else {}
        if column:
            fan_in = layer_sizes[column - 1]
            text["hovertext"] = f"one neuron: {fan_in} weights + 1 bias = {fan_in + 1} parameters"
        _add_column(figure, column, ys, colors, **text)
    hidden = " and ".join(f"{size}" for size in layer_sizes[1:-1])
    weights = f"{len(places[0])} of its {layer_sizes[0]} weights"
    return styled(
        figure,
        f"Squares are inputs, circles are neurons; one neuron is marked with {weights}",
        f"{layer_sizes[0]} inputs, {hidden} hidden neurons, {layer_sizes[-1]} output "
        "neurons; every neuron is joined to every number of the column before.",
        height=440,
        xaxis={"visible": False, "range": [-0.45, last + 0.45], "fixedrange": True},
        yaxis={"visible": False, "range": [-0.02, 1.2], "fixedrange": True},
        annotations=_network_notes(layer_sizes),
    )


def _add_column(
    figure: go.Figure, column: int, ys: Sequence[float], colors: Sequence[str], **text: Any
) -> None:
    """The symbols of one layer, with what is written beside them and what the pointer is told."""
    add_marks(
        figure,
        [column] * len(ys),
        ys,
        colors,
        14 if column else 9,
        symbol="circle" if column else "square",
        textposition="middle right",
        textfont={"size": 14},
        hoverinfo="text",
        cliponaxis=False,
        **{"hovertext": "one input: the number of a pixel"} | text,
    )


def _network_notes(layer_sizes: Sequence[int]) -> list[dict[str, Any]]:
    """What stands above each layer of a drawn network, and how many of its neurons are left out."""
    n_hidden = len(layer_sizes) - 2
    roles = ["hidden" if n_hidden == 1 else f"hidden {number}" for number in range(1, n_hidden + 1)]
    counted = [f"{size}<br>neuron{'s' if size > 1 else ''}" for size in layer_sizes[1:]]
    heads = [
        f"{layer_sizes[0]}<br>inputs",
        *(f"<b>{role}</b><br>{count}" for role, count in zip([*roles, "output"], counted, strict=True)),
    ]
    look: dict[str, Any] = {"font": {"size": 14}}
    aside = {"xanchor": "right", "xshift": 14}  # out of the lines that leave the inputs
    return [note(column, 1.01, text, yanchor="bottom", **look) for column, text in enumerate(heads)] + [
        note(column, 0.5, f"… {size - N_DRAWN}<br>more", yanchor="middle", **look | ({} if column else aside))
        for column, size in enumerate(layer_sizes)
        if size > N_DRAWN
    ]


def _places(size: int) -> list[float]:
    """Heights of the symbols of a layer, centred; with a gap in the middle if some are left out."""
    if size <= N_DRAWN:
        return [round(0.5 + _PITCH * ((size - 1) / 2 - place), 4) for place in range(size)]
    half = N_DRAWN // 2
    pitch = 1 / (N_DRAWN + 2)
    upper = [round(1 - pitch * place, 4) for place in range(half)]
    return upper + [round(1 - y, 4) for y in reversed(upper)]


def _add_connections(
    figure: go.Figure, pairs: Sequence[tuple[int, float, float]], color: str, width: float, **more: Any
) -> None:
    """Lines from one column to the next, all in one trace."""
    x = [x for column, _, _ in pairs for x in (column, column + 1, None)]
    y = [y for _, before, after in pairs for y in (before, after, None)]
    add_line(figure, x, y, color, width, **more)


def _factors_in_words(terms: NeuronTerms) -> list[list[str]]:
    """Input, weight and product of each term."""
    rows = zip(terms.inputs.tolist(), terms.weights.tolist(), terms.products.tolist(), strict=True)
    return [[with_minus(f"{value:z.3f}") for value in row] for row in rows]


def _range(values: Sequence[float], limits: Sequence[float]) -> list[float]:
    """The ends of an axis that holds the values, 0, and a label above them."""
    low, high = min(0.0, *values), max(0.0, *values)
    for limit in limits:
        if max(high, -low) < 0.9 * limit:
            return [-limit, limit]
    room = 0.16 * (high - low) or 1.0
    return [low - room / 2, high + room]


def _range_in_words(factor: str, values: np.ndarray) -> str:
    lowest, highest = signed_number(float(values.min())), signed_number(float(values.max()))
    return f"{len(values)} {factor} from {lowest} to {highest}"


def _signed(value: float) -> str:
    return with_minus(f"{value:+z.2f}")
