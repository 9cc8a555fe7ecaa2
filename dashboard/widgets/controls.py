"""Controls as all pages have them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

import streamlit as st

from dashboard.elements.button_labels import main_label

PERSIST: Final[dict[str, Any]] = {"persist_state": "session"}
"""Has a control keep its value while another page is shown."""
T = TypeVar("T")


def primary_button(label: str, icon: str | None, key: str, *, disabled: bool = False, **options: Any) -> bool:
    """The main button of a page, in the theme's primary color; whether it was pressed.

    Args:
        label: What it says.
        icon: A Material symbol before it; None for none.
        key: Of the element.
        disabled: Whether it cannot be pressed.
        **options: More arguments of `st.button`.
    """
    text = main_label(label, disabled)
    return st.button(text, type="primary", icon=icon, key=key, disabled=disabled, **options)


def segmented_choice(
    label: str,
    words: Mapping[T, str] | Sequence[T],
    key: str,
    *,
    first: T | None = None,
    is_labelled: bool = True,
    **options: Any,
) -> T:
    """One of a few things that stand side by side.

    Args:
        label: What the choice is about.
        words: What each of them is called; only the things, where they are their own names.
        key: Of the element.
        first: Which is chosen at first; None for the first one.
        is_labelled: Whether the label is seen, or only read out.
        **options: More arguments of `st.segmented_control`, such as `PERSIST`.
    """
    usual = next(iter(words)) if first is None else first
    chosen: T | None = st.segmented_control(
        label,
        list(words),
        format_func=words.__getitem__ if isinstance(words, Mapping) else str,
        default=usual,
        required=True,
        key=key,
        label_visibility="visible" if is_labelled else "collapsed",
        **options,
    )
    return usual if chosen is None else chosen  # no browser of ours sends that nothing is chosen
