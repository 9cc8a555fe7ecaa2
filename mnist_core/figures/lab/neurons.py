"""Weights as pictures, and what a neuron answers to."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import plotly.graph_objects as go
from PIL import Image, ImageColor, ImageDraw, ImageFont

from mnist_core.figures.layers import add_bars, add_picture
from mnist_core.figures.png import packed
from mnist_core.figures.style import (
    DIGITS,
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


def weight_grid(
    images: np.ndarray, numbers: Sequence[int], largest: float, theme: Theme, marked: int | None = None
) -> bytes:
    """The weights of many neurons as one PNG on a transparent ground, each picture under its number.

    All share one scale: nothing at 0, full colour from `largest` on.

    Args:
        images: Shape (k, 28, 28), in the order in which they are shown.
        numbers: The neurons' numbers, k of them.
        largest: The size from which on a weight has the full colour, in all pictures that are compared.
        theme: Of the page, for the colour of the numbers.
        marked: Number of a neuron with a frame around it.
    """
    is_many = len(images) > _MANY
    scale, gap, font_size = (2, 8, 19) if is_many else (4, 14, 26)
    columns = min(len(images), 16 if is_many else 8)
    side, label = _SIDE * scale, font_size + 6
    width, height = side + gap, side + label + gap
    rows = -(-len(images) // columns)
    canvas = Image.new("RGBA", (columns * width, rows * height), (0, 0, 0, 0))
    pencil = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(font_size)
    for place, (pixels, number) in enumerate(zip(_signed_pixels(images, largest), numbers, strict=True)):
        left = width * (place % columns) + gap // 2
        top = height * (place // columns) + label
        picture = Image.fromarray(pixels)
        canvas.paste(picture.resize((side, side), Image.Resampling.NEAREST), (left, top))
        is_marked = number == marked
        line = 2 + 2 * is_marked
        frame = (left - line, top - line, left + side + line - 1, top + side + line - 1)
        pencil.rectangle(frame, outline=NEURON if is_marked else MUTED, width=line if is_marked else 1)
        ink = NEURON if is_marked else INK[theme]
        pencil.text((left + side / 2, top - line - 2), str(number), ink, font, anchor="mb")
    return packed(canvas, compress_level=1)


def scale_bar() -> bytes:
    """The colours of `weight_grid` from the largest negative weight through 0 to the largest positive."""
    values = np.repeat(np.linspace(-1, 1, _BAR_WIDTH)[None], 16, axis=0)
    picture = Image.fromarray(_signed_pixels(values, 1.0))
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
    picture = Image.fromarray(_signed_pixels(weights.T[order], largest))
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
        f"Matrix of the weights of {n_units} neurons (rows, sorted) for the {fan_in} neurons of the layer "
        f"before (columns); the first row is neuron {order[0]}.",
        height=440,
        xaxis=fixed_axis("Neuron of the layer before", range=[-0.5, fan_in - 0.5], **frame),
        yaxis=fixed_axis("Neuron of this layer, sorted", range=[n_units - 0.5, -0.5], **ticks, **frame),
    )


def answer_figure(means: np.ndarray, unit: int) -> go.Figure:
    """A neuron's mean activation on the test images of each digit.

    Args:
        means: Shape (10,).
        unit: The neuron's number.
    """
    is_flat = bool((means == means[0]).all())
    most = "the same for every digit" if is_flat else f"most for the {int(means.argmax())}, on average"
    listed = ", ".join(f"{digit}: {signed_number(float(mean))}" for digit, mean in enumerate(means))
    figure = go.Figure()
    hover = "digit %{x}: mean activation %{y:.2f}"
    add_bars(figure, DIGITS, means.astype(float).round(4), NEURON, hover)
    return styled(
        figure,
        f"Neuron {unit} passes on {most}",
        f"Mean activation by true digit: {listed}.",
        height=300,
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
        height=300,
        xaxis=fixed_axis("Digit" if is_last else "Neuron of the next layer", showgrid=False, **ticks),
        yaxis=fixed_axis("Outgoing weight (no unit)", range=[-end, end], **ZERO_LINE),
    )


def _signed_pixels(values: np.ndarray, largest: float) -> np.ndarray:
    """NEGATIVE below 0 and POSITIVE above, the stronger the farther: uint8 (…, 4) for (…)."""
    strength = np.clip(np.abs(values) / (largest or 1.0), 0, 1)
    alpha = np.round(strength * _LEVELS) * (255 / _LEVELS)
    colors = np.array([ImageColor.getrgb(NEGATIVE), ImageColor.getrgb(POSITIVE)], np.uint8)
    return np.concatenate([colors[(values > 0).astype(int)], alpha.astype(np.uint8)[..., None]], axis=-1)
