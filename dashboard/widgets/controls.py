"""Arguments that many controls have in common."""

from typing import Any, Final

import streamlit as st

from dashboard.elements.button_labels import main_label

PERSIST: Final[dict[str, Any]] = {"persist_state": "session"}
"""Has a control keep its value while another page is shown."""


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
