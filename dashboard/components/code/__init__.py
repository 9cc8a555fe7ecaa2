"""A script line by line beside a drawing of the network: the line that is pointed at lights its part.

The browser is sent all lines with their explanations at once, so that going from line to line does not
need the server.
"""

import itertools
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any, Final

from dashboard.components.loader import Component
from mnist_core.config import ACTIVATION_NAMES, N_DIGITS, N_PIXELS, OPTIMIZER_NAMES, RunConfig
from mnist_core.figures.digits import to_png
from mnist_core.figures.png import data_uri
from mnist_core.figures.style import NEURON
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import network_inputs
from mnist_core.take_home.script_lines import Line, Source
from mnist_core.training.stretches import stretches

FIRST: Final = ("load", "numpy load")
"""The explanation shown before a line is chosen, where the script has such a line."""
_component: Final = Component("code", "drawing", "code")
_INLINE: Final = (
    (re.compile(r"\[([^\]]+)\]\((glossary#[a-z0-9-]+)\)"), r'<a href="\2" target="_blank">\1</a>'),
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*([^*]+)\*\*"), r"<b>\1</b>"),
)


@dataclass(frozen=True)
class HeldName:
    """What one name of a script holds.

    Attributes:
        name: Of the variable.
        looks: What can be asked of it, Python's answer, and whether that is new with the last line.
    """

    name: str
    looks: tuple[tuple[str, str, bool], ...]


Held = tuple[HeldName, ...]
"""What all names hold after a line."""


def code_view(
    lines: Sequence[Line],
    explanations: Mapping[str, str],
    drawing: Mapping[str, Any],
    changed: Collection[int] = (),
    held: Sequence[Held] = (),
    *,
    key: str,
) -> None:
    """Show a script beside the network.

    Args:
        lines: The script.
        explanations: Markdown by the names in `Line.about`, one paragraph each.
        drawing: From `drawing_of`.
        changed: Numbers of the lines that differ from the run shown.
        held: What the names hold after each line, where the script is run line by line: one for each line.
        key: The element's key.
    """
    message = code_message(lines, explanations, changed) | {"drawing": drawing}
    if held:
        message |= {"first": 0, "held": [[asdict(name) for name in names] for names in held]}
    _component(key=key, data=message, height="content")


def code_message(
    lines: Sequence[Line], explanations: Mapping[str, str], changed: Collection[int]
) -> dict[str, Any]:
    """What the browser is sent of a script."""
    return {
        "color": NEURON,
        "first": next((n for n, line in enumerate(lines) if line.about in FIRST), 0),
        "lines": [
            {
                "text": line.text,
                "parts": list(line.parts),
                "fact": line.fact,
                "about": line.about,
                "is_changed": number in changed,
            }
            for number, line in enumerate(lines)
        ],
        "notes": {name: to_html(explanations[name]) for name in {line.about for line in lines} if name},
    }


def drawing_of(config: RunConfig, dataset: Dataset, source: Source) -> dict[str, Any]:
    """What the drawing shows: a training image on its way, and the sizes of everything."""
    training, parts = config.training, stretches(config)
    n_training, n_validation = training.split_sizes(source.n_train)
    image = dataset.train_images[0]
    inputs = network_inputs(image[None], training.preparation)[0]
    levels = (255 * inputs / max(1.0, float(inputs.max()))).astype("uint8")
    activation = config.network.activation
    words = "linear" if activation == "none" else ACTIVATION_NAMES[activation]
    return {
        "image": data_uri(to_png(image, 2)),
        "strip": data_uri(to_png(levels.reshape(N_PIXELS, 1), 1)),
        "label": int(dataset.train_labels[0]),
        "n_training": f"{n_training:,}",
        "n_validation": f"{n_validation:,}" if n_validation else "",
        "n_test": f"{source.n_test:,}",
        "range": "0 … 255" if training.preparation == "undivided" else "0 … 1",
        "is_shuffled": training.preparation == "shuffled",
        "hidden": [{"units": units, "words": words} for units in config.network.hidden_units],
        "n_outputs": N_DIGITS,
        "optimizer": _chain(OPTIMIZER_NAMES[part.config.training.optimizer] for part in parts).replace(
            " with momentum 0.9", " + momentum"
        ),
        "has_l2": training.l2 > 0,
        "moved": f"moved ± {training.shift}" if training.shift else "",
        "may_stop": training.patience > 0,
        "has_wrong_labels": training.wrong_label_share > 0,
        "epochs": training.epochs,
        "steps": _chain(f"{part.config.training.steps_per_epoch(source.n_train):,}" for part in parts),
    }


def _chain(values: Iterable[str]) -> str:
    """What comes chapter after chapter, where it changes."""
    return " → ".join(value for value, _ in itertools.groupby(values))


def to_html(markdown: str) -> str:
    """Links to the glossary, code and bold text as HTML; everything else as it is written."""
    html = escape(markdown, quote=False)
    for pattern, replacement in _INLINE:
        html = pattern.sub(replacement, html)
    return html
