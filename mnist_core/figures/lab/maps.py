"""Maps of test images: data and Vega-Lite specifications.

Where a map shows the image under the pointer, the browser does it, without asking the server.
"""

import base64
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from PIL import Image

from mnist_core.figures.png import packed
from mnist_core.figures.style import DIGIT_COLORS, MUTED, NEURON
from mnist_core.figures.vega import Chart, color_by

_MAP_HEIGHT: Final = 420
_PICTURE_SIDE: Final = 96
_GRAYS: Final = 4  # of the small pictures: two bits a pixel
_N_COMMON: Final = 76  # characters for the 57 bytes of signature, size and palette: the same in all
_NO_PADDING: Final = dict.fromkeys(("left", "top", "bottom", "right"), 1)


def map_chart(
    points: np.ndarray,
    labels: np.ndarray,
    limits: np.ndarray,
    pictures: Sequence[str] = (),
    prefix: str = "",
) -> Chart:
    """Images as points, each written as its digit; with pictures, the one under the pointer is shown.

    Args:
        points: Shape (n, 2).
        labels: Shape (n,), the true digits.
        limits: Shape (2, 2), from row 0 to row 1, in which all points of all maps that are compared lie.
        pictures: n of them, as `small_pictures` packs them.
        prefix: What all of them begin with.
    """
    columns = {"x": points[:, 0].round(4), "y": points[:, 1].round(4), "digit": labels.astype(np.uint8)}
    data = pd.DataFrame(columns | ({"png": pictures} if pictures else {}))
    place: dict[str, Any] = {name: _hidden_axis(name, limits[:, number]) for number, name in enumerate("xy")}
    written = {"text": {"field": "digit"}, "color": color_by("digit", dict(enumerate(DIGIT_COLORS)))}
    digits: dict[str, Any] = {
        "mark": {"type": "text", "fontSize": 11, "fontWeight": "bold", "tooltip": None},
        "encoding": place | written,
    }
    layers = [digits]
    if pictures:
        near = {"type": "point", "on": "pointerover", "nearest": True, "clear": False}
        digits["params"] = [{"name": "near", "select": near}]
        layers += _near_layers(place, prefix)
    view = {"stroke": MUTED, "strokeWidth": 1, "strokeOpacity": 0.5}
    return data, {"height": _MAP_HEIGHT, "padding": _NO_PADDING, "layer": layers, "view": view}


def small_pictures(images: np.ndarray) -> tuple[str, list[str]]:
    """Images as PNGs of four gray levels in base64, about 170 characters each.

    Args:
        images: uint8 (n, 28, 28).

    Returns:
        What all of them begin with, and the rest of each.
    """
    packed = [_png(image) for image in images]
    return packed[0][:_N_COMMON], [text[_N_COMMON:] for text in packed]


def _near_layers(place: dict[str, Any], prefix: str) -> list[dict[str, Any]]:
    """A ring around the point that is nearest to the pointer, and its image in the corner."""
    is_near = [{"filter": {"param": "near", "empty": False}}]
    address = f"'data:image/png;base64,{prefix}' + datum.png"
    ring = {"type": "point", "size": 340, "strokeWidth": 3, "color": NEURON, "tooltip": None}
    corner: dict[str, Any] = {"x": {"value": 6}, "y": {"value": 6}}
    side = {"width": _PICTURE_SIDE, "height": _PICTURE_SIDE, "align": "left", "baseline": "top"}
    return [
        {"transform": is_near, "mark": ring, "encoding": place},
        {
            "transform": [*is_near, {"calculate": address, "as": "url"}],
            "mark": {"type": "image", "aspect": False, "tooltip": None} | side,
            "encoding": corner | {"url": {"field": "url"}},
        },
    ]


def _png(image: np.ndarray) -> str:
    levels = np.round(image / 255 * (_GRAYS - 1)).astype(np.uint8)
    picture = Image.fromarray(levels).convert("P")
    picture.putpalette([value for level in range(_GRAYS) for value in [255 * level // (_GRAYS - 1)] * 3])
    return base64.b64encode(packed(picture, bits=2)).decode()


def _hidden_axis(name: str, limits: np.ndarray) -> dict[str, Any]:
    low, high = float(limits[0]), float(limits[1])
    room = 0.03 * (high - low) or 1.0
    domain = {"domain": [low - room, high + room], "nice": False, "zero": False}
    return {"field": name, "type": "quantitative", "axis": None, "scale": domain}
