"""Images of digits: one large, or many small ones."""

from typing import Final

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from mnist_core.figures.layers import add_gray_image
from mnist_core.figures.png import data_uri, packed
from mnist_core.figures.style import HIDDEN_AXIS, styled

GAP: Final = 4
"""Pixels between the images of a grid."""
FRAME: Final = 128
"""Gray level of the lines around small images."""


def digit_figure(image: np.ndarray, title: str, height: int = 360) -> go.Figure:
    """One image, uint8 (28, 28), as it is stored: 0 black, 255 white; the height is in pixels."""
    figure = go.Figure()
    add_gray_image(figure, image, hover="row %{y}, column %{x}: gray level %{z}")
    return styled(
        figure,
        title,
        f"{title}: 28 × 28 pixels, white ink on black.",
        height=height,
        xaxis=HIDDEN_AXIS,
        yaxis={**HIDDEN_AXIS, "autorange": "reversed", "scaleanchor": "x"},
    )


def digit_grid(images: np.ndarray, columns: int, scale: int = 3) -> bytes:
    """Many images, uint8 (k, 28, 28), as one PNG of rows of `columns`, for `st.image`."""
    rows = -(-len(images) // columns)
    size = 28 + GAP
    canvas = np.full((rows * size - GAP, columns * size - GAP), FRAME, np.uint8)
    for number, image in enumerate(images):
        top, left = size * (number // columns), size * (number % columns)
        canvas[top : top + 28, left : left + 28] = image
    return to_png(canvas, scale)


def framed(image: np.ndarray) -> bytes:
    """A small image, uint8 (28, 28), with a line around it, as a PNG."""
    return to_png(np.pad(image, 1, constant_values=FRAME), 3)


def table_pictures(images: np.ndarray) -> list[str]:
    """Images, uint8 (n, 28, 28), as addresses that a column of a table shows."""
    return [data_uri(digit_grid(image[None], 1, 2)) for image in images]


def to_png(pixels: np.ndarray, scale: int) -> bytes:
    """Gray levels, uint8 (height, width), as a PNG in which each is a square of `scale` × `scale` pixels."""
    picture = Image.fromarray(np.ascontiguousarray(pixels)).resize(
        (pixels.shape[1] * scale, pixels.shape[0] * scale), Image.Resampling.NEAREST
    )
    return packed(picture)
