"""A wall of small images that grows in place; one of them can be picked.

All images travel as one picture, and the browser shows it only once it is decoded, so that nothing flickers
while the wall grows. What the browser sends back is a number, and may be any.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from dashboard.components.loader import Component
from mnist_core.figures.png import data_uri, packed
from mnist_core.figures.style import MUTED, RIGHT, WRONG

COLUMNS: Final = 20
"""Of the picture that holds the images; on the screen there are as many as have room."""
_component: Final = Component("wall", html='<div class="wall" role="group" aria-label="Drawings"></div>')


@dataclass(frozen=True)
class Tile:
    """One image of a wall.

    Attributes:
        number: Its name; the browser sends it back when the tile is picked.
        caption: A few characters below it.
        alt: What it shows, in a sentence.
        is_right: Frames it as right or wrong; None frames it as neither.
    """

    number: int
    caption: str
    alt: str
    is_right: bool | None = None


def sprite(images: np.ndarray) -> str:
    """Images, uint8 (n, 28, 28), as one PNG of `COLUMNS` columns without gaps, as the address of itself."""
    rows = max(1, -(-len(images) // COLUMNS))
    cells = np.zeros((rows * COLUMNS, 28, 28), np.uint8)
    cells[: len(images)] = images
    sheet = cells.reshape(rows, COLUMNS, 28, 28).swapaxes(1, 2).reshape(rows * 28, COLUMNS * 28)
    return data_uri(packed(Image.fromarray(sheet)))


def wall(address: str, tiles: Sequence[Tile], *, key: str) -> int | None:
    """Show the wall.

    Args:
        address: From `sprite`, of as many images as there are tiles.
        tiles: In the same order.
        key: The element's key.

    Returns:
        The number of the tile picked; None if none of these is.
    """
    data = {
        "sprite": address,
        "columns": COLUMNS,
        "rows": max(1, -(-len(tiles) // COLUMNS)),
        "tiles": [[tile.number, tile.caption, tile.alt, tile.is_right] for tile in tiles],
        "colors": {"true": RIGHT, "false": WRONG, "null": MUTED},
    }
    result = _component(key=key, data=data, on_picked_change=lambda: None, height="content")
    picked = getattr(result, "picked", None)
    is_known = isinstance(picked, int) and picked in {tile.number for tile in tiles}
    return picked if is_known else None
