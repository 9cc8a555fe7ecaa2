"""The stage of a training in the browser: numbers, curves and network, live or as a film that can be played.

Of a training that learns, the server sends what there is of it. The film of one that has ended is a file
that the browser fetches once and keeps: forwards and backwards it needs nothing more of the server.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from dashboard.components.loader import Component, sent_by
from dashboard.components.network import (
    ACTIVATION_WORDS,
    COLORS,
    checked_selection,
    layer_names,
    packed,
    signal_message,
)
from mnist_core.analysis.network_trace import MAX_DRAWN, Signal
from mnist_core.arrays import Float32Array
from mnist_core.config import NetworkConfig
from mnist_core.figures.curves import QUANTITIES, Quantity
from mnist_core.figures.style import DIGIT_COLORS, RIGHT, TRAINING, VALIDATION, WRONG

Lines = Mapping[Quantity, Mapping[str, Sequence[tuple[float, float]]]]
"""Points (epoch, value) of the lines "training" and "validation", by quantity."""
_component: Final = Component(
    "film",
    "network/arrange",
    "network/paint",
    "network/describe",
    "network/stage",
    "save_chart/download",
    "reel",
    "curves",
    "views",
    "film",
)


_CURVE_COLORS: Final = {
    "training": TRAINING,
    "validation": VALIDATION,
    "right": RIGHT,
    "wrong": WRONG,
    "digits": DIGIT_COLORS,
}


@dataclass(frozen=True)
class FilmFile:
    """Where the film of a run is, or the file with its other views.

    Attributes:
        name: Unlike that of any other film.
        url: Its address, relative to a page of the dashboard; "" where the server has none for it.
        content: The film in base64, where it has no address.
        seconds: That the training took.
        play: Names the occasion to play it by itself; "" for none.
        begin: Updates after which it then begins.
    """

    name: str
    url: str
    content: str
    seconds: float
    play: str
    begin: int


def film_view(
    key: str,
    *,
    network: NetworkConfig,
    inputs: Float32Array,
    label: int,
    signal: Signal | None,
    lines: Lines,
    epochs: int,
    numbers: Mapping[str, str],
    film: FilmFile | None,
    views: FilmFile | None = None,
    height: float,
    curve_height: float,
    kind: Literal["png", "svg"],
) -> tuple[int, int] | None:
    """Draw the stage.

    Args:
        key: The element's key; the stage stays the same element as long as that is the same.
        network: Its shape.
        inputs: Shape (784,), the image in view as the network is given it.
        label: Its digit.
        signal: The network at work on it; None where a film comes at once.
        lines: The curves so far.
        epochs: Of the whole run.
        numbers: At most two, by their labels.
        film: Of the run; None while it learns.
        views: Confusion matrix and map at each moment of the film, in the place of the curves.
        height: Of the layers of the network, as a share of the window's height.
        curve_height: Of a curve or another view, likewise.
        kind: Of the files that curves are saved as.

    Returns:
        Layer and number of the neuron that is selected; None without one.
    """
    if film is not None and film.play and sent_by(key, "failed") == film.play:
        film = None
    selected = checked_selection(sent_by(key, "selected"), network)
    look = {
        "inputs": packed(inputs.astype("<f4")),
        "levels": packed(np.rint(255 * inputs / max(1.0, float(inputs.max()))).astype(np.uint8)),
        "label": label,
        "names": layer_names(len(network.layer_parameters)),
        "activation": ACTIVATION_WORDS[network.activation],
        "colors": COLORS,
        "selected": selected,
        "height": height,
        "isBesideChart": False,
    }
    message = {
        "look": look,
        "network": signal_message(signal, network.activation, label) if signal is not None else None,
        "lines": lines,
        "epochs": epochs,
        "numbers": [{"label": name, "value": value} for name, value in numbers.items()],
        "film": None if film is None else vars(film),
        "views": None if views is None else vars(views),
        "curve": curve_height,
        "most": MAX_DRAWN,
        "kind": kind,
        "colors": _CURVE_COLORS,
        "alt": {quantity: _in_words(quantity, lines[quantity]) for quantity in QUANTITIES},
    }
    changed = {f"on_{name}_change": _nothing for name in ("selected", "failed")}
    _component(key=key, data=message, height="content", **changed)
    return selected


def _in_words(quantity: Quantity, lines: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """A curve for who cannot see it."""
    unit = "%" if quantity == "accuracy" else " nats"
    ends = [f"{name} {points[-1][1]:.3g}{unit}" for name, points in lines.items() if points]
    return f"{quantity.capitalize()} by epoch: {', '.join(ends) or 'nothing yet'}."


def _nothing() -> None:
    """The part of the page runs again, which is all there is to do."""
