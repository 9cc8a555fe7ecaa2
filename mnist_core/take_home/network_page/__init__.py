"""A network as one HTML file: draw a digit and see it read, on any device and without a server.

The file holds the network's numbers and a page that computes with them: the preparation of drawings, the
forward pass, the picture. Its parts lie beside this module as they stand in the file. A rule in the file lets
it load nothing and run no other program than its own.
"""

import base64
import hashlib
import json
from collections.abc import Iterable
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.analysis.evaluation import Evaluation
from mnist_core.analysis.inspection import full_color_weight
from mnist_core.figures.style import MUTED, NEGATIVE, POSITIVE, share_text
from mnist_core.images.preparation import pixel_order
from mnist_core.network.parameters import flat_vector
from mnist_core.take_home.files import file_stem
from mnist_core.take_home.report import run_facts
from mnist_core.training.record import RunRecord

PROGRAM: Final = ("preparation.js", "network.js", "pad.js", "picture.js", "page.js")
"""The parts of the page's program, in the order in which they stand in it."""
TITLE: Final = "A network that reads digits"
_COLORS: Final = {"muted": MUTED, "positive": POSITIVE, "negative": NEGATIVE}
"""Those that mean the same as in the dashboard; the page's own are in its style sheet."""


def network_page(record: RunRecord, evaluation: Evaluation) -> bytes:
    """A run's network as an HTML file, in UTF-8; within 50 ms, for the largest network too.

    Args:
        record: The run.
        evaluation: Its network on the test images.

    Raises:
        ValueError: The network's numbers are not finite, so that it reads nothing.
    """
    if record.has_diverged or not evaluation.is_finite:
        raise ValueError("The weights grew without limit, so the network cannot read.")
    content = {
        "title": TITLE,
        "short": escape(_short(record, evaluation)),
        "summary": escape(_summary(record, evaluation)),
        "facts": _rows(run_facts(record)),
        "name": file_name(record),
        "policy": policy(),
        "style": _style(),
        "network": json.dumps(_network(record)),
        "script": _script(),
    }
    return Template(_part("page.html")).substitute(content).encode()


def file_name(record: RunRecord) -> str:
    """What the file of a run is called."""
    return f"{file_stem(record.config, record.dataset_fingerprint)}.html"


@cache
def policy() -> str:
    """The Content Security Policy of every such page: its own program and style sheet, and nothing else."""
    parts = {
        "default-src": "'none'",
        "script-src": _hash(_script()),
        "style-src": _hash(_style()),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in parts.items())


def _network(record: RunRecord) -> dict[str, Any]:
    """What the page's program needs to know of a network; `page.js` reads it."""
    parameters, preparation = record.parameters, record.config.training.preparation
    order = pixel_order().astype("<u2").tobytes() if preparation == "shuffled" else None
    return {
        "sizes": record.config.network.layer_sizes,
        "activation": parameters.activation,
        "preparation": preparation,
        "order": None if order is None else _text(order),
        "fullColor": full_color_weight(parameters, 0),
        "numbers": _text(packed(flat_vector(parameters.weights, parameters.biases))),
    }


def packed(values: NDArray[np.floating[Any]]) -> bytes:
    """Numbers in three bytes each: float32 without its last eight bits, rounded: wrong by at most 2⁻¹⁶.

    A float16 would be wrong by up to 2⁻¹¹, which may change an output by more than 0.001.
    """
    rounded = values.astype("<f4").view("<u4") + np.uint32(0x80)
    return rounded.view(np.uint8).reshape(-1, 4)[:, 1:].tobytes()


def _short(record: RunRecord, evaluation: Evaluation) -> str:
    sizes = " → ".join(map(str, record.config.network.layer_sizes))
    return f"{sizes}: reads {share_text(evaluation.accuracy)} of the test images correctly"


def _summary(record: RunRecord, evaluation: Evaluation) -> str:
    """How the network was made, and how good it is."""
    low, high = 100 * evaluation.interval.low, 100 * evaluation.interval.high
    epochs = f"{record.epochs_done:,} {'epoch' if record.epochs_done == 1 else 'epochs'}"
    return (
        f"MLP Explainer trained this network on {record.n_training_images:,} images of handwritten digits, "
        f"in {epochs} with {record.steps_done:,} updates of its {record.config.network.n_parameters:,} "
        f"parameters. It reads {evaluation.n_right:,} of {evaluation.n_images:,} test images correctly, on "
        f"which it was not trained: {share_text(evaluation.accuracy)}, 95% interval {low:.1f} to {high:.1f}% "
        "(Wilson)."
    )


def _rows(facts: Iterable[tuple[str, str]]) -> str:
    return "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in facts)


@cache
def _script() -> str:
    return "\n" + "\n".join(map(_part, PROGRAM))


@cache
def _style() -> str:
    colors = "; ".join(f"--{name}: {color}" for name, color in _COLORS.items())
    return f"\n:root {{ {colors}; }}\n{_part('page.css')}"


@cache
def _part(name: str) -> str:
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    return f"'sha256-{_text(hashlib.sha256(content.encode()).digest())}'"


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
