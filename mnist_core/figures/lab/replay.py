"""What moves while a training is replayed, and maps of test images: data and Vega-Lite specifications.

Vega keeps a chart while its data change, so that nothing flickers; Plotly would draw a new one each time.
Where a map shows the image under the pointer, the browser does it, without asking the server.
"""

import base64
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from PIL import Image

from mnist_core.analysis.reports import shares_by_row
from mnist_core.config import N_DIGITS
from mnist_core.figures.png import packed
from mnist_core.figures.style import DIGIT_COLORS, FONT_SIZE, MUTED, NEURON, RIGHT, WRONG, Theme, share_text
from mnist_core.figures.vega import Chart, color_by, quantitative, text_layer, vega_axis

_MAP_HEIGHT: Final = 420
_PICTURE_SIDE: Final = 96
_GRAYS: Final = 4  # of the small pictures: two bits a pixel
_N_COMMON: Final = 76  # characters for the 57 bytes of signature, size and palette: the same in all
_NO_PADDING: Final = dict.fromkeys(("left", "top", "bottom", "right"), 1)
_PADDING: Final = {"left": 0, "top": 4, "bottom": 6, "right": 8}


def probability_chart(probabilities: np.ndarray, label: int, theme: Theme) -> Chart:
    """Ten softmax outputs as bars, the highest in its colour, the true digit marked.

    Args:
        probabilities: Shape (10,).
        label: The true digit.
        theme: Of the page.
    """
    prediction = int(np.argmax(probabilities))
    verdict = "right" if prediction == label else "wrong"
    percent = 100 * np.nan_to_num(probabilities.astype(float))
    data = pd.DataFrame(
        {
            "digit": [f"{digit} ◂ true" if digit == label else str(digit) for digit in range(N_DIGITS)],
            "percent": percent.round(2),
            "text": [share_text(value / 100) for value in percent],
            "kind": [verdict if digit == prediction else "other" for digit in range(N_DIGITS)],
        }
    )
    y = {"field": "digit", "type": "nominal", "sort": None, "title": None}
    x = quantitative("percent", "Softmax output (%)", {"domain": [0, 118]})
    x["axis"] = vega_axis(theme, values=[0, 25, 50, 75, 100], grid=False)
    place = {"x": x, "y": y | {"axis": vega_axis(theme, ticks=False)}}
    kinds = color_by("kind", {"right": RIGHT, "wrong": WRONG, "other": MUTED})
    bars = {"mark": {"type": "bar"}, "encoding": {"color": kinds}}
    text = text_layer(theme, FONT_SIZE, align="left", dx=4)
    return data, {"height": 300, "padding": _PADDING, "layer": [bars, text], "encoding": place}


def confusion_chart(confusion: np.ndarray, theme: Theme) -> Chart:
    """True digits against predictions; colour is the share of the true digit's images.

    Args:
        confusion: Shape (10, 10), number of images by true digit and prediction.
        theme: Of the page.
    """
    true, read = np.indices(confusion.shape).reshape(2, -1)
    data = pd.DataFrame(
        {
            "true": true,
            "read": read,
            "images": confusion.ravel(),
            "share": shares_by_row(confusion).ravel().round(4),
            "kind": np.where(true == read, "right", "wrong"),
            "text": [f"{count}" if count else "·" for count in confusion.ravel()],
        }
    )
    look = {"type": "ordinal", "axis": vega_axis(theme), "scale": {"padding": 0.04}}
    place = {
        "x": {"field": "read", "title": "Predicted digit"} | look,
        "y": {"field": "true", "title": "True digit"} | look,
    }
    strength = {"type": "pow", "exponent": 0.5, "domain": [0, 1], "range": [0, 0.75]}
    shade = {
        "color": color_by("kind", {"right": RIGHT, "wrong": WRONG}),
        "opacity": {"field": "share", "type": "quantitative", "scale": strength, "legend": None},
    }
    cells = {"mark": {"type": "rect", "tooltip": None}, "encoding": shade}
    layers = [cells, text_layer(theme, FONT_SIZE - 2)]
    return data, {"height": _MAP_HEIGHT, "padding": _PADDING, "layer": layers, "encoding": place}


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
