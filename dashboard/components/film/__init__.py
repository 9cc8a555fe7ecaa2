"""The stage of a training in the browser: numbers, curves and network, live or as a film that can be played.

Of a training that learns, the server sends what there is of it. The film of one that has ended is a file
that the browser fetches once and keeps: forwards and backwards it needs nothing more of the server.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from dashboard.components.loader import Component, sent_by
from dashboard.components.network import (
    ACTIVATION_WORDS,
    COLORS,
    checked_selection,
    gray_levels,
    layer_names,
    packed,
    signal_message,
)
from mnist_core.analysis.network_trace import MAX_DRAWN, trace_signal
from mnist_core.arrays import Float32Array
from mnist_core.config import NetworkConfig
from mnist_core.figures.curves import Quantity, border_in_words, last_batches, lines_of
from mnist_core.figures.style import DIGIT_COLORS, RIGHT, TRAINING, VALIDATION, WRONG
from mnist_core.network.parameters import Parameters
from mnist_core.take_home.files import slug
from mnist_core.training.history import History
from mnist_core.training.stretches import Border, Timeline

Lines = Mapping[Quantity, Mapping[str, Sequence[tuple[float, float]]]]
"""Points (epoch, value) of the lines "training" and "validation", by quantity."""
_component: Final = Component(
    "film",
    "network/arrange",
    "network/paint",
    "network/describe",
    "network/backward",
    "network/stage",
    "save_chart/download",
    "player/player",
    "reel",
    "curves",
    "views",
    "film",
)

_TITLES: Final[Mapping[Quantity, str]] = {"accuracy": "Accuracy by epoch", "loss": "Loss by epoch"}
_AXES: Final[Mapping[Quantity, str]] = {"accuracy": "Accuracy (%)", "loss": "Loss (nats)"}
"""What stands beside the numbers of a curve; below the others stands "Epoch"."""
_COLORS_OF_VIEWS: Final = {
    "training": TRAINING,
    "validation": VALIDATION,
    "right": RIGHT,
    "wrong": WRONG,
    "digits": DIGIT_COLORS,
}
_ALWAYS: Final = {"most": MAX_DRAWN, "colors": _COLORS_OF_VIEWS}
"""What the browser is told of every stage."""


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
    parameters: Parameters,
    inputs: Float32Array,
    label: int,
    history: History,
    timeline: Timeline,
    borders: Sequence[Border] = (),
    numbers: Mapping[str, str],
    film: FilmFile | None,
    n_validation: int = 0,
    told: str = "",
    views: FilmFile | None = None,
    ahead: FilmFile | None = None,
    height: float,
    curve_height: float,
    kind: Literal["png", "svg"],
) -> tuple[int, int] | None:
    """Draw the stage.

    Args:
        key: The element's key; the stage stays the same element as long as that is the same.
        parameters: The network.
        inputs: Shape (784,), the image in view as the network is given it.
        label: Its digit.
        history: What was reported so far.
        timeline: Of the whole run.
        borders: Between its chapters.
        numbers: At most two, by their labels.
        film: Of the run; None while it learns.
        n_validation: Images that validate, of which a film has some; 0 where that is not said.
        told: What stands below the player while there is no film.
        views: Confusion matrix and map at each moment of the film, in the place of the curves.
        ahead: The film that is likely to be asked for next, for the browser to load before that.
        height: Of the layers of the network, as a share of the window's height.
        curve_height: Of a curve or another view, likewise.
        kind: Of the files that curves are saved as.

    Returns:
        Layer and number of the neuron that is selected; None without one.
    """
    selected = checked_selection(sent_by(key, "selected"), parameters.network)
    lines, of_which = lines_of(history, timeline), last_batches(history)
    message = _ALWAYS | {
        "look": _look(parameters.network, inputs, label, height) | {"selected": selected},
        "still": None if _comes_at_once(film, key) else _still(parameters, inputs, label, lines, of_which),
        "epochs": len(timeline.updates),
        "borders": [vars(border) | {"label": border.label} for border in borders],
        "numbers": [{"label": name, "value": value} for name, value in numbers.items()],
        "nValidation": n_validation,
        "told": told,
        **{name: file and vars(file) for name, file in (("film", film), ("views", views), ("ahead", ahead))},
        "curve": curve_height,
        "kind": kind,
        "curves": {name: _curve(name, lines[name], of_which, borders) for name in ("accuracy", "loss")},
    }
    heard = {"on_selected_change": _nothing, "on_failed_change": _nothing}
    _component(key=key, data=message, height="content", **heard)
    return selected


def _comes_at_once(film: FilmFile | None, key: str) -> bool:
    """Whether a film begins by itself, so that nothing is to be seen before; not where it failed to load."""
    return film is not None and bool(film.play) and sent_by(key, "failed") != film.play


def _look(network: NetworkConfig, inputs: Float32Array, label: int, height: float) -> dict[str, Any]:
    """What the picture of a network needs, whatever its weights are."""
    return {
        "inputs": packed(inputs.astype("<f4")),
        "levels": packed(gray_levels(inputs)),
        "label": label,
        "names": layer_names(len(network.layer_parameters)),
        "activation": ACTIVATION_WORDS[network.activation],
        "colors": COLORS,
        "height": height,
        "isBesideChart": False,
    }


def _still(
    parameters: Parameters, inputs: Float32Array, label: int, lines: Lines, of_which: str
) -> dict[str, Any]:
    """The network as it is and the curves so far, for as long as no film is played."""
    signal = trace_signal(parameters, inputs)
    return {
        "network": signal_message(signal, parameters.activation, label),
        "lines": lines,
        "ofWhich": of_which,
    }


def _curve(
    quantity: Quantity,
    lines: Mapping[str, Sequence[tuple[float, float]]],
    of_which: str,
    borders: Sequence[Border],
) -> dict[str, str]:
    """The title of a curve, the name of its file, and what it shows for who cannot see it."""
    unit = "%" if quantity == "accuracy" else " nats"
    names = {"training": f"training, {of_which}", "validation": "validation"}
    ends = [f"{names[name]}: {points[-1][1]:.3g}{unit}" for name, points in lines.items() if points]
    title = _TITLES[quantity]
    told = f"{title}: {'; '.join(ends) or 'nothing yet'}." + "".join(map(border_in_words, borders))
    return {"title": title, "axis": _AXES[quantity], "file": slug(title), "alt": told}


def _nothing() -> None:
    """The part of the page runs again, which is all there is to do."""
