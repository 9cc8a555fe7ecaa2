"""A drawing on its way to the network, as pictures."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from mnist_core.figures.png import packed
from mnist_core.figures.style import NEURON
from mnist_core.images.drawing import BOX, MIDDLE, Prepared

SIDE: Final = 280
"""Pixels of each picture: ten for each of an image's 28, fourteen for each of the box's 20."""


@dataclass(frozen=True)
class Picture:
    """A PNG and its text alternative."""

    png: bytes
    alt: str


def step_pictures(prepared: Prepared, is_plain: bool, gray: np.ndarray | None = None) -> dict[str, Picture]:
    """What the network is given, and each step on the way to it.

    Args:
        prepared: The drawing, or the ink of a photograph.
        is_plain: Show the way that leaves the preparation out.
        gray: The photograph, uint8 (h, w), if it is one.

    Returns:
        By name, in order: "gray" if there is one, then "whole" and "shrunk" of the plain way, or "ink"
        ("photographed ink" of a photograph), "crop", "box" and "centred".
    """
    steps = {} if gray is None else {"gray": _picture(_fitted(gray), "The photograph, made gray.")}
    if is_plain:
        steps["whole"] = _picture(_fitted(prepared.picture), "The whole picture.")
        steps["shrunk"] = image_picture(prepared.shrunk, "The whole picture in 28 by 28 pixels.")
        return steps
    steps["ink" if gray is None else "photographed ink"] = _ink(prepared)
    height, width = prepared.crop.shape
    steps["crop"] = _picture(_fitted(prepared.crop), f"The ink cut out, {width} by {height} pixels.")
    steps["box"] = _box(prepared)
    centred = _enlarged(prepared.image)
    _mark(centred, MIDDLE, MIDDLE, SIDE / len(prepared.image))
    steps["centred"] = _picture(centred, "The ink in the middle of 28 by 28 pixels, which is marked.")
    return steps


def image_picture(image: np.ndarray, alt: str) -> Picture:
    """An image that the network is given, uint8 (28, 28), with pixels that can be seen."""
    return _picture(_enlarged(image), alt)


def _ink(prepared: Prepared) -> Picture:
    """The whole picture, and the rectangle that is cut out of it."""
    top, left, bottom, right = prepared.window
    height, width = prepared.picture.shape
    scale = SIDE / max(height, width)
    picture = _fitted(prepared.picture)
    x, y = (SIDE - width * scale) / 2, (SIDE - height * scale) / 2
    edges = (x + left * scale, y + top * scale, x + right * scale - 1, y + bottom * scale - 1)
    ImageDraw.Draw(picture).rectangle(edges, outline=NEURON, width=3)
    return _picture(picture, "The ink, and a rectangle around it.")


def _box(prepared: Prepared) -> Picture:
    """The box of 20 pixels, and a cross at its centre of mass."""
    height, width = prepared.box.shape
    framed = np.zeros((BOX, BOX), np.uint8)
    top, left = (BOX - height) // 2, (BOX - width) // 2
    framed[top : top + height, left : left + width] = prepared.box
    row, column = prepared.mass
    picture = _enlarged(framed)
    _mark(picture, row + top, column + left, SIDE / BOX)
    return _picture(picture, f"The ink in {width} by {height} pixels, its centre of mass marked.")


def _fitted(gray: np.ndarray) -> Image.Image:
    """Gray levels as large as they fit into the middle of a black square."""
    height, width = gray.shape
    scale = SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    square = Image.new("RGB", (SIDE, SIDE))
    square.paste(
        Image.fromarray(np.ascontiguousarray(gray)).resize(size, Image.Resampling.BILINEAR),
        ((SIDE - size[0]) // 2, (SIDE - size[1]) // 2),
    )
    return square


def _enlarged(image: np.ndarray) -> Image.Image:
    """A square image with pixels that can be seen."""
    return Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.NEAREST).convert("RGB")


def _mark(picture: Image.Image, row: float, column: float, scale: float) -> None:
    """A cross at a place counted in pixels of the image, whose middle is at a half."""
    x, y, reach = (column + 0.5) * scale, (row + 0.5) * scale, SIDE / 14
    pen = ImageDraw.Draw(picture)
    pen.line((x - reach, y, x + reach, y), fill=NEURON, width=4)
    pen.line((x, y - reach, x, y + reach), fill=NEURON, width=4)


def _picture(picture: Image.Image, alt: str) -> Picture:
    return Picture(packed(picture, compress_level=1), alt)
