"""Images of digits: one large, many small, and one on its way through the network."""

import base64
import io

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from mnist_core.figures.style import MUTED, NEGATIVE, POSITIVE, RIGHT, styled

GAP = 4
"""Pixels between the images of a grid."""


def digit_figure(image: np.ndarray, title: str) -> go.Figure:
    """One image, uint8 (28, 28), as it is stored: 0 black, 255 white."""
    figure = go.Figure()
    figure.add_heatmap(
        z=image,
        colorscale="gray",
        zmin=0,
        zmax=255,
        showscale=False,
        hovertemplate="row %{y}, column %{x}: gray level %{z}<extra></extra>",
    )
    hidden = {"visible": False, "fixedrange": True, "constrain": "domain"}
    return styled(
        figure,
        title,
        f"{title}: 28 × 28 pixels, white ink on black.",
        height=360,
        xaxis=hidden,
        yaxis=hidden | {"autorange": "reversed", "scaleanchor": "x"},
    )


def digit_grid(images: np.ndarray, columns: int, scale: int = 3) -> bytes:
    """Many images, uint8 (k, 28, 28), as one PNG of rows of `columns`, for `st.image`."""
    rows = -(-len(images) // columns)
    size = 28 + GAP
    canvas = np.full((rows * size - GAP, columns * size - GAP), 128, np.uint8)
    for number, image in enumerate(images):
        top, left = size * (number // columns), size * (number % columns)
        canvas[top : top + 28, left : left + 28] = image
    return to_png(canvas, scale)


def flow_figure(
    image: np.ndarray, hidden: np.ndarray, contributions: np.ndarray, probabilities: np.ndarray
) -> go.Figure:
    """A digit on its way: pixels, hidden neurons, ten outputs, and the strongest connections between.

    Args:
        image: uint8 (28, 28).
        hidden: Activations of the last hidden layer, shape (units,).
        contributions: Activation × weight to each output, shape (units, 10).
        probabilities: Shape (10,).
    """
    shown = np.sort(np.argsort(-np.abs(hidden), kind="stable")[:32])
    hidden, contributions = hidden[shown], contributions[shown]
    y_hidden = np.linspace(1, 0, len(hidden) + 2)[1:-1]
    y_digits = np.linspace(0.96, 0.04, 10)
    figure = go.Figure()
    figure.add_layout_image(
        source="data:image/png;base64," + base64.b64encode(to_png(image, 6)).decode(),
        x=0.0, y=0.86, sizex=0.34, sizey=0.72, xref="x", yref="y", sizing="contain", yanchor="top",
    )  # fmt: skip
    _add_connections(figure, contributions, y_hidden, y_digits)
    strongest = float(np.abs(hidden).max()) or 1.0
    figure.add_scatter(
        x=[0.5] * len(hidden),
        y=y_hidden.tolist(),
        mode="markers",
        marker={
            "size": 12,
            "color": [
                f"rgba(47,128,201,{0.08 + 0.92 * min(1.0, abs(float(a)) / strongest):.2f})" for a in hidden
            ],
            "line": {"color": MUTED, "width": 1},
        },
        hovertext=[f"hidden neuron {n}: {a:.2f}" for n, a in zip(shown, hidden, strict=True)],
        hoverinfo="text",
    )
    prediction = int(np.argmax(probabilities))
    is_top = [digit == prediction for digit in range(10)]
    figure.add_scatter(
        x=[0.86] * 10,
        y=y_digits.tolist(),
        mode="markers+text",
        marker={
            "size": [18 if top else 12 for top in is_top],
            "color": [RIGHT if t else MUTED for t in is_top],
        },
        text=[
            f"<b>{d}  {100 * p:.0f} %</b>" if round(100 * p) else str(d) for d, p in enumerate(probabilities)
        ],
        textposition="middle right",
        textfont={"size": 16},
        hoverinfo="skip",
        cliponaxis=False,
    )
    for x, text in ((0.17, "784 pixels"), (0.5, f"{len(hidden)} hidden"), (0.9, "10 digits")):
        figure.add_annotation(x=x, y=1.09, text=text, showarrow=False, font={"size": 16})
    return styled(
        figure,
        f"The network reads a {prediction}",
        f"A digit flows through the network; its highest output is {prediction} "
        f"with {100 * probabilities[prediction]:.1f} %.",
        height=460,
        xaxis={"visible": False, "range": [0, 1.06], "fixedrange": True},
        yaxis={"visible": False, "range": [-0.02, 1.14], "fixedrange": True},
        showlegend=False,
    )


def _add_connections(
    figure: go.Figure, contributions: np.ndarray, y_hidden: np.ndarray, y_digits: np.ndarray
) -> None:
    """The 60 strongest, in three widths a sign: a trace each, not one a line."""
    order = np.argsort(-np.abs(contributions), axis=None)[:60]
    strongest = float(np.abs(contributions).max()) or 1.0
    groups: dict[tuple[str, int], tuple[list[float | None], list[float | None]]] = {}
    for unit, digit in zip(*np.unravel_index(order, contributions.shape), strict=True):
        value = float(contributions[unit, digit])
        level = 1 + min(2, int(3 * abs(value) / strongest))
        xs, ys = groups.setdefault((POSITIVE if value > 0 else NEGATIVE, level), ([], []))
        xs += [0.5, 0.86, None]
        ys += [float(y_hidden[unit]), float(y_digits[digit]), None]
    for (color, level), (xs, ys) in groups.items():
        line = {"color": color, "width": 1.2 * level}
        figure.add_scatter(x=xs, y=ys, mode="lines", line=line, opacity=0.3 * level, hoverinfo="skip")


def to_png(pixels: np.ndarray, scale: int) -> bytes:
    """Gray levels, uint8 (height, width), as a PNG in which each is a square of `scale` × `scale` pixels."""
    picture = Image.fromarray(np.ascontiguousarray(pixels)).resize(
        (pixels.shape[1] * scale, pixels.shape[0] * scale), Image.Resampling.NEAREST
    )
    file = io.BytesIO()
    picture.save(file, format="PNG")
    return file.getvalue()
