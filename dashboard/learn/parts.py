"""What several lessons show in the same way: choices, and what is read below a picture."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any, Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.learn import lesson_frame, steps
from dashboard.session import present
from dashboard.widgets.beside import in_order
from dashboard.widgets.controls import PERSIST, segmented_choice
from dashboard.widgets.text_elements import layer_names
from mnist_core.arrays import ByteArray
from mnist_core.config import N_DIGITS, NetworkConfig
from mnist_core.images.dataset import Dataset
from mnist_core.lessons import images as lesson_images

_SIDE: Final = 28
"""Pixels in a row of an image."""
_BOX: Final = 7.55
"""Of a box for a number, in multiples of the root: up to 7.5 Streamlit leaves out its − and +."""


def read_below(
    *texts: str,
    code: Sequence[Callable[..., Any]] = (),
    controls: DeltaGenerator | None = None,
    has_columns: bool = False,
) -> None:
    """What is read below a picture: on a projector folded, so that the step fits the screen.

    Args:
        *texts: Paragraphs in Markdown.
        code: Functions of the library whose source is shown, folded everywhere.
        controls: Where it stands on a projector; None for below the picture there too.
        has_columns: Elsewhere than on a projector, texts stand side by side where there is room for two.
    """
    if not present.is_on():
        columns = in_order(0.5) if has_columns and len(texts) > 1 else [st.container()]
        for text, column in zip(texts, itertools.cycle(columns), strict=False):
            column.markdown(text)
        if code:
            lesson_frame.source(*code)
        return
    words, source = (controls, controls) if controls is not None else st.columns(2)
    if texts:
        with words, steps.folded("In words", ":material/notes:"):
            for text in texts:
                st.markdown(text)
    if code:
        with source:
            lesson_frame.source(*code)


def mean_digits(images: Dataset) -> ByteArray:
    """The mean training image of each digit, uint8 of shape (10, 28, 28)."""
    means: ByteArray = _mean_digits(images.fingerprint, images)
    return means


@st.cache_data(show_spinner=False, max_entries=4)
def _mean_digits(fingerprint: str, _images: Dataset) -> ByteArray:
    return lesson_images.mean_digits(_images.train_images, _images.train_labels)


def here_or_folded(*texts: str) -> tuple[str, ...]:
    """Show texts here; on a projector give them back, to be folded with what `read_below` folds."""
    if present.is_on():
        return texts
    for text in texts:
        st.markdown(text)
    return ()


def choose_layer(label: str, n_hidden: int, key: str) -> int:
    """The number of a layer with weights, 0 for the first hidden one.

    Args:
        label: Of the row of buttons.
        n_hidden: Hidden layers; the output layer comes after them.
        key: The element's key up to the number of layers.
    """
    names = dict(enumerate(layer_names(n_hidden)))
    layer: int = segmented_choice(label, names, f"{key}_{n_hidden}", **PERSIST)
    return layer


def pick_value(label: str, values: Sequence[Any], default: Any, key: str, form: str = "{:g}") -> Any:
    """A slider over values that are not evenly spaced, written in a form of `str.format`."""
    return st.select_slider(label, values, default, form.format, key=key, **PERSIST)


def pick_digit(label: str, key: str) -> int:
    """One of the ten digits; a 3 at first."""
    options: dict[str, Any] = {"default": 3, "required": True, "wrap": True, **PERSIST}
    digit: int = st.pills(label, range(N_DIGITS), key=key, **options)
    return digit


def number_box(label: str, highest: int, default: int, key: str, **look: Any) -> int:
    """A whole number from 0 on, typed in or reached with − and +."""
    value: int = st.number_input(label, 0, highest, default, key=key, **look, **PERSIST)
    return value


def pick_weight(
    network: NetworkConfig, layer: int, default: tuple[int, int], key: str, own: str
) -> tuple[int, int]:
    """Boxes for the two ends of a weight: a pixel or a neuron, and the neuron or digit it leads to.

    Args:
        network: Its shape.
        layer: 0 is the first hidden layer.
        default: Input and neuron that are chosen at first.
        key: How the keys of the boxes begin.
        own: How they end: what the choice belongs to.

    Returns:
        The number of the input and of the neuron.
    """
    n_rows, n_units = network.layer_sizes[layer : layer + 2]
    row, unit = default
    label = f"To neuron, 0 to {n_units - 1}" if layer < len(network.hidden_units) else "To digit"
    boxes = [(label, n_units, unit, "unit")]
    if layer == 0:
        line, place = divmod(row, _SIDE)
        boxes = [("Pixel row", _SIDE, line, "line"), ("Pixel column", _SIDE, place, "place"), *boxes]
    else:
        boxes = [(f"From neuron, 0 to {n_rows - 1}", n_rows, row, "row"), *boxes]
    numbers = []
    width = round(_BOX * present.root_size())  # as many beside each other as have room for − and +
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", key=f"boxes_{key}"):
        for words, n, first, name in boxes:
            numbers.append(number_box(words, n - 1, first, f"{key}_{name}_{own}", width=width))
    *ends, unit = numbers
    return (_SIDE * ends[0] + ends[1] if layer == 0 else ends[0]), unit


def input_name(layer: int, row: int) -> str:
    """What an input of a layer is: a pixel, or a neuron of the layer before."""
    return f"neuron {row}" if layer else "pixel ({}, {})".format(*divmod(row, _SIDE))
