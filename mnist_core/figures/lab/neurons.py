"""Weights as pictures, and what a neuron answers to."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from PIL import Image, ImageColor, ImageDraw, ImageFont

from mnist_core.figures.layers import add_bars, add_clickable_squares, add_picture, note
from mnist_core.figures.png import data_uri, packed
from mnist_core.figures.style import (
    DIGITS,
    HIDDEN_AXIS,
    INK,
    MUTED,
    NEGATIVE,
    NEURON,
    POSITIVE,
    ZERO_LINE,
    Theme,
    fixed_axis,
    sign_colors,
    signed_number,
    styled,
)

_SIDE: Final = 28
_MANY: Final = 64
"""From more neurons on, pictures are smaller and sixteen stand in a row instead of eight."""
_BAR_WIDTH: Final = 100  # with its two ends it fits into a line on a phone
_LEVELS: Final = 48  # of each colour: more cannot be told apart and would make a larger file
_TILE, _TALL_TILE = (34, 42), (34, 46)
"""Width and height of a picture with its number above it, in weights: of a few, and of many."""
_LEGIBLE: Final = 12
"""Pixels of a number on the screen."""
_OFF: Final = "rgba(138,148,163,0.82)"


def weight_grid(
    images: np.ndarray, numbers: Sequence[int], largest: float, theme: Theme, shown_width: int = 0
) -> bytes:
    """The weights of many neurons as one PNG on a transparent ground, each picture under its number.

    All share one scale: nothing at 0, full colour from `largest` on.

    Args:
        images: Shape (k, 28, 28), in the order in which they are shown.
        numbers: The neurons' numbers, k of them.
        largest: The size from which on a weight has the full colour, in all pictures that are compared.
        theme: Of the page, for the colour of the numbers.
        shown_width: Pixels that a small screen has for it, on which the numbers are still legible.
    """
    is_many = len(images) > _MANY
    scale, gap, font_size = (2, 8, 19) if is_many else (4, 14, 26)
    columns = min(len(images), 16 if is_many else 8)
    side = _SIDE * scale
    width = side + gap
    if shown_width:
        font_size = max(font_size, math.ceil(_LEGIBLE * columns * width / shown_width))
    label = font_size + 10
    height = side + label + gap
    rows = -(-len(images) // columns)
    canvas = Image.new("RGBA", (columns * width, rows * height), (0, 0, 0, 0))
    pencil = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(font_size)
    for place, (pixels, number) in enumerate(zip(signed_pixels(images, largest), numbers, strict=True)):
        left = width * (place % columns) + gap // 2
        top = height * (place // columns) + label
        picture = Image.fromarray(pixels)
        canvas.paste(picture.resize((side, side), Image.Resampling.NEAREST), (left, top))
        pencil.rectangle((left - 2, top - 2, left + side + 1, top + side + 1), outline=MUTED)
        pencil.text((left + side / 2, top - 8), str(number), INK[theme], font, anchor="mb")
    return packed(canvas, compress_level=1)


def signed_picture(values: np.ndarray, largest: float | None = None) -> bytes:
    """One number for each pixel, shape (784,) or (28, 28), as a PNG by sign.

    Args:
        values: The numbers.
        largest: The size from which on one has the full colour; None for that of the largest.
    """
    most = float(np.abs(values).max()) if largest is None else largest
    (pixels,) = signed_pixels(values.reshape(1, _SIDE, _SIDE), most)
    picture = Image.fromarray(pixels).resize((10 * _SIDE, 10 * _SIDE), Image.Resampling.NEAREST)
    ImageDraw.Draw(picture).rectangle((0, 0, 10 * _SIDE - 1, 10 * _SIDE - 1), outline=MUTED)
    return packed(picture, compress_level=1)


def tiles_figure(
    images: np.ndarray,
    numbers: Sequence[int],
    largest: float,
    chosen: int | None = None,
    off: Sequence[int] = (),
) -> go.Figure:
    """The same as tiles that can be clicked; each sends its neuron's number.

    Args:
        images: Shape (k, 28, 28), in the order in which they are shown.
        numbers: The neurons' numbers, k of them.
        largest: The size from which on a weight has the full colour.
        chosen: Number of a neuron with a line around it.
        off: Numbers of neurons that are covered.
    """
    picture, corners = _tiles(images, largest)
    places = dict(zip(map(int, numbers), corners, strict=True))
    size, font_size = (20, 11) if len(images) > _MANY else (40, 13)
    figure = go.Figure()
    add_clickable_squares(
        figure,
        [left + _SIDE / 2 for left, _ in corners],
        [top + _SIDE / 2 for _, top in corners],
        size,
        customdata=[[number] for number in places],
        hovertext=[f"Neuron {number}" for number in places],
        hoverinfo="text",
    )
    extent = {"x": 0, "y": 0, "sizex": picture.width, "sizey": picture.height, "sizing": "stretch"}
    figure.add_layout_image(source=data_uri(packed(picture)), xref="x", yref="y", layer="below", **extent)
    covers = [_around(places[number], {"fillcolor": _OFF, "line": {"width": 0}}) for number in off]
    line = [] if chosen is None else [_around(places[chosen], {"line": {"width": 3}})]
    told = (
        f"The weights of {len(images)} neurons as images of 28 × 28 pixels; the first is neuron {numbers[0]}."
    )
    return styled(
        figure,
        "Ink on blue raises a neuron's sum, ink on orange lowers it",
        told + (f" Off: {', '.join(map(str, off))}." if off else ""),
        height=380,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        shapes=[*covers, *line],
        annotations=_names(places, off, font_size),
        xaxis={**HIDDEN_AXIS, "range": [0, picture.width]},
        yaxis={**HIDDEN_AXIS, "range": [picture.height, 0], "scaleanchor": "x"},
    )


def _tiles(images: np.ndarray, largest: float) -> tuple[Image.Image, list[tuple[int, int]]]:
    """All tiles on a transparent ground, a pixel a weight, and the left and top end of each one's weights."""
    columns, rows, (width, height) = tile_grid(len(images))
    canvas = Image.new("RGBA", (columns * width, rows * height), (0, 0, 0, 0))
    pencil, corners = ImageDraw.Draw(canvas), []
    for place, pixels in enumerate(signed_pixels(images, largest)):
        left = width * (place % columns) + (width - _SIDE) // 2
        top = height * (place // columns + 1) - _SIDE - 2
        canvas.paste(Image.fromarray(pixels), (left, top))
        pencil.rectangle((left - 1, top - 1, left + _SIDE, top + _SIDE), outline=MUTED)
        corners.append((left, top))
    return canvas, corners


def _names(places: Mapping[int, tuple[int, int]], off: Sequence[int], font_size: int) -> list[dict[str, Any]]:
    """The number of each neuron close above its tile, and whether it is covered."""
    look: dict[str, Any] = {"yanchor": "bottom", "yshift": -3, "font": {"size": font_size}}
    return [
        note(left + _SIDE / 2, top - 1, f"{number} off" if number in off else str(number), **look)
        for number, (left, top) in places.items()
    ]


def tile_grid(n_units: int) -> tuple[int, int, tuple[int, int]]:
    """How many tiles stand in a row, in how many rows, and the width and height of one in weights."""
    is_many = n_units > _MANY
    columns = 16 if is_many else 8
    return columns, -(-n_units // columns), _TALL_TILE if is_many else _TILE


def _around(corner: tuple[int, int], look: dict[str, Any]) -> dict[str, Any]:
    left, top = corner
    sides = {"x0": left - 1, "x1": left + _SIDE + 1, "y0": top - 1, "y1": top + _SIDE + 1}
    return {"type": "rect", **sides, **look}


def scale_bar() -> bytes:
    """The colours of `weight_grid` from the largest negative weight through 0 to the largest positive."""
    values = np.repeat(np.linspace(-1, 1, _BAR_WIDTH)[None], 16, axis=0)
    picture = Image.fromarray(signed_pixels(values, 1.0))
    ImageDraw.Draw(picture).rectangle((0, 0, _BAR_WIDTH - 1, 15), outline=MUTED)
    return packed(picture, compress_level=1)


def matrix_figure(weights: np.ndarray, order: np.ndarray, largest: float) -> go.Figure:
    """The weights of a layer that sees neurons: a row for each of its neurons, a column for each it sees.

    Args:
        weights: Shape (fan-in, units).
        order: The numbers of this layer's neurons as the rows show them, from the top.
        largest: The size from which on a weight has the full colour.
    """
    fan_in, n_units = weights.shape
    scale = max(1, 512 // max(fan_in, n_units))
    picture = Image.fromarray(signed_pixels(weights.T[order], largest))
    enlarged = picture.resize((fan_in * scale, n_units * scale), Image.Resampling.NEAREST)
    figure = go.Figure()
    figure.add_scatter(x=[None], y=[None], mode="markers", hoverinfo="skip")  # axes need a trace
    add_picture(figure, packed(enlarged, compress_level=1), (n_units, fan_in))
    step = -(-n_units // 16)
    frame = {"showgrid": False, "showline": True, "mirror": True, "linecolor": MUTED}
    ticks = {"tickvals": list(range(0, n_units, step)), "ticktext": [str(unit) for unit in order[::step]]}
    return styled(
        figure,
        f"{fan_in} × {n_units} weights; full colour from {largest:.2f} on, blank at 0",
        f"Matrix of the weights of {n_units} neurons (rows, sorted) for the {fan_in} neurons of the "
        f"previous layer (columns); the first row is neuron {order[0]}.",
        height=440,
        xaxis=fixed_axis("Neuron of the previous layer", range=[-0.5, fan_in - 0.5], **frame),
        yaxis=fixed_axis("Neuron of this layer, sorted", range=[n_units - 0.5, -0.5], **ticks, **frame),
    )


def answer_figure(means: np.ndarray, unit: int) -> go.Figure:
    """A neuron's mean activation on the test images of each digit.

    Args:
        means: Shape (10,); a digit whose mean is not a number is left out.
        unit: The neuron's number.
    """
    digits = np.flatnonzero(~np.isnan(means))
    known = means[digits]
    is_flat = bool((known == known[0]).all())
    most = (
        "outputs the same for every digit"
        if is_flat
        else f"answers most to the {digits[known.argmax()]}, on average"
    )
    listed = ", ".join(f"{digit}: {signed_number(float(means[digit]))}" for digit in digits)
    figure = go.Figure()
    hover = "digit %{x}: mean activation %{y:.2f}"
    add_bars(figure, digits.tolist(), known.astype(float).round(4), NEURON, hover)
    return styled(
        figure,
        f"Neuron {unit} {most}",
        f"Mean activation by true digit: {listed}.",
        height=320,
        xaxis=fixed_axis("True digit", tickvals=DIGITS, showgrid=False),
        yaxis=fixed_axis("Mean activation (no unit)", **ZERO_LINE),
    )


def outgoing_figure(weights: np.ndarray, unit: int, largest: float, is_last: bool) -> go.Figure:
    """What a neuron's activation is multiplied by in each neuron of the next layer.

    Args:
        weights: Shape (units of the next layer,).
        unit: The neuron's number.
        largest: The weight farthest from 0 of the whole next layer; the end of the axis.
        is_last: Whether the next layer is the output layer, whose neurons stand for digits.
    """
    farthest = int(np.abs(weights).argmax())
    receiver = "digit" if is_last else "neuron"
    effect = "for" if weights[farthest] >= 0 else "against"
    title = f"Its strongest weight leads to neuron {farthest} of the next layer"
    if is_last:
        title = f"A positive activation of neuron {unit} speaks most strongly {effect} the {farthest}"
    figure = go.Figure()
    hover = f"to {receiver} %{{x}}: weight %{{y:.3f}}"
    add_bars(figure, list(range(len(weights))), weights.astype(float).round(4), sign_colors(weights), hover)
    end = 1.08 * largest or 1.0
    ticks = {"tickvals": DIGITS} if is_last else {}
    return styled(
        figure,
        title,
        f"Outgoing weights of neuron {unit}; the one farthest from 0 leads to {receiver} {farthest} "
        f"and is {signed_number(float(weights[farthest]))}.",
        height=320,
        xaxis=fixed_axis("Digit" if is_last else "Neuron of the next layer", showgrid=False, **ticks),
        yaxis=fixed_axis("Outgoing weight (no unit)", range=[-end, end], **ZERO_LINE),
    )


def signed_pixels(values: np.ndarray, largest: float) -> np.ndarray:
    """NEGATIVE below 0 and POSITIVE above, the stronger the farther: uint8 (…, 4) for (…)."""
    strength = np.clip(np.abs(values) / (largest or 1.0), 0, 1)
    alpha = np.round(strength * _LEVELS) * (255 / _LEVELS)
    colors = np.array([ImageColor.getrgb(NEGATIVE), ImageColor.getrgb(POSITIVE)], np.uint8)
    return np.concatenate([colors[(values > 0).astype(int)], alpha.astype(np.uint8)[..., None]], axis=-1)
