"""Keys that work wherever the focus is, such as P for present mode, and whether a visit wants them.

Whoever speaks to a computer, or meets a key by accident, can switch them off (WCAG 2.2, 2.1.4). Then the
buttons beside them do the same, and what has the focus still takes its own keys.
"""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from dashboard.components.keyed_links import KeyedLink, keyed_links
from dashboard.session import page_view, visits

_KEY: Final = "has_page_keys"


def links(of: Sequence[KeyedLink], *, key: str) -> None:
    """Show buttons, with their keys if the visit wants them.

    Args:
        of: The buttons from left to right.
        key: The element's key.
    """
    keyed_links(of, page_view.address(), has_keys=visits.current_visit().has_page_keys, key=key)


def switch() -> None:
    """The control that switches all of them on and off, for as long as the visit lasts."""
    st.toggle(
        "Keys work on the whole page", visits.current_visit().has_page_keys, key=_KEY, on_change=_changed
    )


def _changed() -> None:
    visits.current_visit().has_page_keys = st.session_state.get(_KEY) is True
