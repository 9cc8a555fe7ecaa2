"""What several lessons show in the same way: sections, choices, tables."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.widgets.controls import PERSIST, segmented_choice


def section(title: str, text: str) -> None:
    """A heading, and the words below it."""
    st.header(title)
    st.markdown(text)


def choose_layer(label: str, n_hidden: int, key: str) -> int:
    """The number of a layer with weights, 0 for the first hidden one.

    Args:
        label: Of the row of buttons.
        n_hidden: Hidden layers; the output layer comes after them.
        key: The element's key up to the number of layers.
    """
    hidden = ["hidden layer"] if n_hidden == 1 else [f"hidden layer {n}" for n in range(1, n_hidden + 1)]
    names = dict(enumerate([*hidden, "output layer"]))
    layer: int = segmented_choice(label, names, f"{key}_{n_hidden}", **PERSIST)
    return layer


def pick_value(label: str, values: Sequence[Any], default: Any, key: str, form: str = "{:g}") -> Any:
    """A slider over values that are not evenly spaced, written in a form of `str.format`."""
    return st.select_slider(label, values, default, form.format, key=key, **PERSIST)


def number_box(label: str, highest: int, default: int, key: str) -> int:
    """A whole number from 0 on, typed in."""
    value: int = st.number_input(label, 0, highest, default, key=key, **PERSIST)
    return value


def data_table(rows: Any, formats: Mapping[str, Any], key: str | None = None, **options: Any) -> None:
    """Rows as wide as the page, with a form for the numbers of some columns, or another heading.

    Args:
        rows: As `st.dataframe` takes them.
        formats: By column: a form such as "%.2f", or what `st.column_config` makes.
        key: The element's key.
        **options: More of `st.dataframe`.
    """
    columns = {
        name: st.column_config.NumberColumn(format=form) if isinstance(form, str) and "%" in form else form
        for name, form in formats.items()
    }
    st.dataframe(rows, hide_index=True, width="stretch", key=key, column_config=columns, **options)


def word_table(columns: Mapping[str, Iterable[str]]) -> None:
    """A table whose text wraps on a phone."""
    st.table(columns, border="horizontal", hide_index=True)
