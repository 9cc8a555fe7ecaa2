"""One neuron's sum, its weights as an image or as bars, and the layers of a network."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from mnist_core.figures.style import MUTED, NEGATIVE, NEURON, POSITIVE, SIGNS, axis, signed_number, styled
from mnist_core.images.preparation import IMAGE_SHAPE
from mnist_core.network.passes import NeuronTerms

N_DRAWN: Final = 16
"""The most circles or squares of one layer that are drawn."""

COLORBAR: Final[Mapping[str, Any]] = {
    "orientation": "h",
    "thickness": 12,
    "y": -0.03,
    "yanchor": "top",
    "len": 0.9,
    "tickfont": {"size": 14},
    "outlinewidth": 1,
    "outlinecolor": MUTED,
}
"""Below an image, so that it stays close to it."""
_FACTORS: Final = {"inputs": "Input", "weights": "Weight", "products": "Input × weight"}
_PITCH: Final = 1 / (N_DRAWN + 1)
_PICTURE_HEIGHT: Final = 320


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
            that holds the bars is taken. Without them the axis fits the bars.
    """
    names = [*summands, "sum z", passed_on_as]
    heights = [*summands.values(), weighted_sum, activation]
    ends = [*itertools.accumulate(summands.values()), weighted_sum, activation]
    bases = [end - height for end, height in zip(ends, heights, strict=True)]
    texts = [_signed(value) for value in summands.values()] + [signed_number(value) for value in heights[-2:]]
    figure = go.Figure()
    figure.add_scatter(
        x=[x for left in range(len(summands)) for x in (left - 0.35, left + 1.35, None)],
        y=[y for end in ends[: len(summands)] for y in (end, end, None)],
        mode="lines",
        line={"color": MUTED, "width": 1.5, "dash": "dot"},
        hoverinfo="skip",
    )
    colors = [POSITIVE if value >= 0 else NEGATIVE for value in summands.values()]
    places = list(range(len(names)))
    figure.add_bar(
        x=places,
        y=heights,
        base=bases,
        width=0.7,
        marker={"color": [*colors, MUTED, NEURON]},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=places,
        y=[max(base, end) for base, end in zip(bases, ends, strict=True)],
        mode="text",
        text=[f"<b>{text}</b>" for text in texts],
        textposition="top center",
        textfont={"size": 16},
        cliponaxis=False,
        hoverinfo="skip",
    )
    described = ", ".join(f"{name.replace('<br>', ' ')} {_signed(value)}" for name, value in summands.items())
    finding = f"weighted sum {signed_number(weighted_sum)}, activation {signed_number(activation)}"
    return styled(
        figure,
        finding[0].upper() + finding[1:],
        f"Bars that stand on each other: {described}. Together: {finding}.",
        height=360,
        xaxis=axis("", tickvals=places, ticktext=names, tickangle=0, showgrid=False, fixedrange=True),
        yaxis=axis("Value (no unit)", range=_range([*ends, *bases], limits), fixedrange=True)
        | {"zeroline": True, "zerolinewidth": 2, "zerolinecolor": MUTED},
        showlegend=False,
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
    ticks = [0, high] if is_input else [-largest, 0, largest]
    columns = [terms.inputs, terms.weights, terms.products]
    numbers = np.stack(columns, axis=-1).round(4).reshape(*IMAGE_SHAPE, len(columns))
    figure = go.Figure()
    figure.add_heatmap(
        z=values.round(4).reshape(IMAGE_SHAPE),
        customdata=numbers,
        colorscale="gray" if is_input else SIGNS,
        zmin=low,
        zmax=high,
        colorbar=dict(COLORBAR)
        | {"tickvals": ticks, "ticktext": [f"{tick:.2g}".replace("-", "−") for tick in ticks]},
        hovertemplate="row %{y}, column %{x}<br>input %{customdata[0]:.3f} × weight %{customdata[1]:.3f}"
        "<br>= product %{customdata[2]:.3f}<extra></extra>",
    )
    frame = {
        "showticklabels": False,
        "ticks": "",
        "showgrid": False,
        "zeroline": False,
        "showline": True,
        "mirror": True,
        "linecolor": MUTED,
        "fixedrange": True,
        "constrain": "domain",
    }
    return styled(
        figure,
        title,
        f"{title}. {_range_in_words(factor, values)}, as an image of 28 × 28 pixels.",
        height=_PICTURE_HEIGHT,
        margin={"l": 10, "r": 10, "t": 14, "b": 10, "pad": 0},  # the frame close around the pixels
        xaxis=frame | {"range": [-0.5, IMAGE_SHAPE[1] - 0.5]},
        yaxis=frame | {"range": [IMAGE_SHAPE[0] - 0.5, -0.5], "scaleanchor": "x"},
    )


def bar_figure(terms: NeuronTerms, factor: str, title: str) -> go.Figure:
    """The inputs, weights or products of a neuron that sees the layer before, a bar for each.

    Args:
        terms: Of a neuron of a later layer.
        factor: "inputs", "weights" or "products".
        title: What to see.
    """
    values = getattr(terms, factor).astype(float)
    columns = [terms.inputs, terms.weights, terms.products]
    figure = go.Figure()
    figure.add_bar(
        x=list(range(len(values))),
        y=values.round(4).tolist(),
        customdata=np.stack(columns, axis=-1).astype(float).round(4).tolist(),
        marker={"color": MUTED if factor == "inputs" else [POSITIVE if v >= 0 else NEGATIVE for v in values]},
        hovertemplate="from neuron %{x}<br>input %{customdata[0]:.3f} × weight %{customdata[1]:.3f}"
        "<br>= product %{customdata[2]:.3f}<extra></extra>",
    )
    return styled(
        figure,
        title,
        f"{title}. {_range_in_words(factor, values)}, one bar for each neuron of the layer before.",
        height=_PICTURE_HEIGHT,
        xaxis=axis("Neuron of the layer before", showgrid=False, fixedrange=True),
        yaxis=axis(f"{_FACTORS[factor]} (no unit)", zeroline=True, zerolinecolor=MUTED, fixedrange=True),
        showlegend=False,
        bargap=0.15,
    )


def network_figure(layer_sizes: Sequence[int]) -> go.Figure:
    """Inputs as squares, neurons as circles, every number joined to every neuron of the next layer.

    One neuron of the first hidden layer is marked, with the connections that are its weights.

    Args:
        layer_sizes: Inputs, neurons of each hidden layer, outputs.
    """
    places = [_places(size) for size in layer_sizes]
    figure = go.Figure()
    pairs = [
        (left, a, b)
        for left, (before, after) in enumerate(itertools.pairwise(places))
        for a, b in itertools.product(before, after)
    ]
    marked = places[1][min(1, len(places[1]) - 1)]
    _add_lines(figure, pairs, MUTED, 0.22, 1)
    _add_lines(figure, [(0, place, marked) for place in places[0]], NEURON, 0.9, 1.5)
    last = len(layer_sizes) - 1
    for column, ys in enumerate(places):
        fan_in = layer_sizes[column - 1]
        hover = f"one neuron: {fan_in} weights + 1 bias = {fan_in + 1} parameters"
        figure.add_scatter(
            x=[column] * len(ys),
            y=ys,
            mode="markers+text" if column == last else "markers",
            text=list(range(len(ys))) if column == last else None,
            textposition="middle right",
            textfont={"size": 14},
            marker={
                "symbol": "circle" if column else "square",
                "size": 14 if column else 9,
                "color": [NEURON if column == 1 and y == marked else MUTED for y in ys],
            },
            hovertext=hover if column else "one input: a pixel's number; it has no weights, no bias",
            hoverinfo="text",
            cliponaxis=False,
        )
    n_hidden = last - 1
    roles = ["hidden" if n_hidden == 1 else f"hidden {number}" for number in range(1, last)] + ["output"]
    counted = [f"{size}<br>neuron{'s' if size > 1 else ''}" for size in layer_sizes[1:]]
    heads = [
        f"{layer_sizes[0]} inputs<br>(not<br>neurons)",
        *(f"<b>{role}</b><br>{count}" for role, count in zip(roles, counted, strict=True)),
    ]
    notes = [_note(column, 1.01, text, yanchor="bottom") for column, text in enumerate(heads)] + [
        _note(column, 0.5, f"… {size - N_DRAWN}<br>more", yanchor="middle", **_aside(column))
        for column, size in enumerate(layer_sizes)
        if size > N_DRAWN
    ]
    hidden = " and ".join(f"{size}" for size in layer_sizes[1:-1])
    return styled(
        figure,
        f"Squares are numbers, circles are neurons; one neuron is marked with its {layer_sizes[0]} weights",
        f"{layer_sizes[0]} inputs, which are not neurons, {hidden} hidden neurons, {layer_sizes[-1]} output "
        "neurons; every neuron is joined to every number of the column before.",
        height=520,
        xaxis={"visible": False, "range": [-0.45, last + 0.45], "fixedrange": True},
        yaxis={"visible": False, "range": [-0.02, 1.2], "fixedrange": True},
        showlegend=False,
        annotations=notes,
    )


def _places(size: int) -> list[float]:
    """Heights of the symbols of a layer, centred; with a gap in the middle if some are left out."""
    if size <= N_DRAWN:
        return [round(0.5 + _PITCH * ((size - 1) / 2 - place), 4) for place in range(size)]
    half = N_DRAWN // 2
    pitch = 1 / (N_DRAWN + 2)
    upper = [round(1 - pitch * place, 4) for place in range(half)]
    return upper + [round(1 - y, 4) for y in reversed(upper)]


def _add_lines(
    figure: go.Figure, pairs: Sequence[tuple[int, float, float]], color: str, opacity: float, width: float
) -> None:
    """Lines from one column to the next, all in one trace."""
    figure.add_scatter(
        x=[x for column, _, _ in pairs for x in (column, column + 1, None)],
        y=[y for _, before, after in pairs for y in (before, after, None)],
        mode="lines",
        line={"color": color, "width": width},
        opacity=opacity,
        hoverinfo="skip",
    )


def _note(x: float, y: float, text: str, **more: Any) -> dict[str, Any]:
    return {"x": x, "y": y, "text": text, "showarrow": False, "font": {"size": 14}} | more


def _aside(column: int) -> dict[str, Any]:
    """Keeps a note out of the lines that leave the inputs, which stand at the left end."""
    return {} if column else {"xanchor": "right", "xshift": 14}


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
    return f"{value:+z.2f}".replace("-", "−")
