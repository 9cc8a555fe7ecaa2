"""Weights as pictures, and what a neuron answers to."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import plotly.graph_objects as go
from PIL import Image, ImageColor, ImageDraw, ImageFont

from mnist_core.config import N_DIGITS
from mnist_core.figures.png import data_uri, packed
from mnist_core.figures.style import (
    INK,
    MUTED,
    NEGATIVE,
    NEURON,
    POSITIVE,
    Theme,
    axis,
    signed_number,
    styled,
)

_DIGITS: Final = list(range(N_DIGITS))
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
    figure.add_layout_image(
        source=data_uri(packed(enlarged, compress_level=1)),
        xref="x", yref="y", x=-0.5, y=-0.5, sizex=fan_in, sizey=n_units, sizing="stretch", layer="below",
    )  # fmt: skip
    step = -(-n_units // 16)
    frame = {"showgrid": False, "showline": True, "mirror": True, "linecolor": MUTED, "fixedrange": True}
    return styled(
        figure,
        f"{fan_in} × {n_units} weights; full colour from {largest:.2f} on, blank at 0",
        f"Matrix of the weights of {n_units} neurons (rows, sorted) for the {fan_in} neurons of the layer "
        f"before (columns); the first row is neuron {order[0]}.",
        height=440,
        xaxis=axis("Neuron of the layer before", range=[-0.5, fan_in - 0.5], **frame),
        yaxis=axis(
            "Neuron of this layer, sorted",
            range=[n_units - 0.5, -0.5],
            tickvals=list(range(0, n_units, step)),
            ticktext=[str(number) for number in order[::step]],
            **frame,
        ),
        showlegend=False,
    )


def answer_figure(means: np.ndarray, unit: int) -> go.Figure:
    """A neuron's mean activation on the test images of each digit.

    Args:
        means: Shape (10,).
        unit: The neuron's number.
    """
    most = int(means.argmax())
    is_flat = bool((means == means[0]).all())
    title = (
        f"Neuron {unit} passes on the same for every digit"
        if is_flat
        else f"Neuron {unit} passes on most for the {most}, on average"
    )
    figure = go.Figure()
    figure.add_bar(
        x=_DIGITS,
        y=means.astype(float).round(4).tolist(),
        marker={"color": NEURON},
        hovertemplate="digit %{x}: mean activation %{y:.2f}<extra></extra>",
    )
    return styled(
        figure,
        title,
        f"Mean activation by true digit: {_listed(means)}.",
        height=300,
        xaxis=axis("True digit", tickvals=_DIGITS, showgrid=False, fixedrange=True),
        yaxis=axis("Mean activation (no unit)", zeroline=True, zerolinecolor=MUTED, fixedrange=True),
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
    what = "digit" if is_last else "neuron"
    effect = "for" if weights[farthest] >= 0 else "against"
    figure = go.Figure()
    figure.add_bar(
        x=list(range(len(weights))),
        y=weights.astype(float).round(4).tolist(),
        marker={"color": [POSITIVE if weight >= 0 else NEGATIVE for weight in weights]},
        hovertemplate=f"to {what} %{{x}}: weight %{{y:.3f}}<extra></extra>",
    )
    title = (
        f"A positive activation of neuron {unit} speaks most strongly {effect} the {farthest}"
        if is_last
        else f"Its strongest weight leads to neuron {farthest} of the next layer"
    )
    end = 1.08 * largest or 1.0
    return styled(
        figure,
        title,
        f"Outgoing weights of neuron {unit}; the one farthest from 0 leads to {what} {farthest} "
        f"and is {signed_number(float(weights[farthest]))}.",
        height=300,
        xaxis=axis("Digit" if is_last else "Neuron of the next layer", showgrid=False, fixedrange=True)
        | ({"tickvals": _DIGITS} if is_last else {}),
        yaxis=axis("Outgoing weight (no unit)", range=[-end, end], fixedrange=True)
        | {"zeroline": True, "zerolinecolor": MUTED},
    )


def _signed_pixels(values: np.ndarray, largest: float) -> np.ndarray:
    """NEGATIVE below 0 and POSITIVE above, the stronger the farther: uint8 (…, 4) for (…)."""
    strength = np.clip(np.abs(values) / (largest or 1.0), 0, 1)
    alpha = np.round(strength * _LEVELS) * (255 / _LEVELS)
    colors = np.array([ImageColor.getrgb(NEGATIVE), ImageColor.getrgb(POSITIVE)], np.uint8)
    return np.concatenate([colors[(values > 0).astype(int)], alpha.astype(np.uint8)[..., None]], axis=-1)


def _listed(values: np.ndarray) -> str:
    return ", ".join(f"{digit}: {signed_number(float(value))}" for digit, value in enumerate(values))
