"""What several lessons show in the same way: choices."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard.widgets.controls import PERSIST, segmented_choice
from dashboard.widgets.text_elements import layer_names
from mnist_core.config import N_DIGITS


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


def number_box(label: str, highest: int, default: int, key: str) -> int:
    """A whole number from 0 on, typed in."""
    value: int = st.number_input(label, 0, highest, default, key=key, **PERSIST)
    return value
