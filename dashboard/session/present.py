"""Present mode: what a projector shows. Larger type, no sidebar, no toolbar, nothing that distracts.

The mode is Streamlit's own `?embed=true`, which takes the toolbar away and stays in the address from page to
page; what is added here is the size. A key enters and leaves it, because a lecturer stands before the class.
"""

from typing import Final

import streamlit as st

from dashboard.components.keyed_links import KeyedLink

FIGURE_SCALE: Final = 1.35
"""Text in figures grows by this: it is set in pixels, the rest of the page in multiples of the root."""
_STYLE: Final = (
    "<style>:root:root { font-size: clamp(20px, 5px + 1.6vw, 30px); } .stSidebar { display: none; }</style>"
)
"""21 pixels on a projector of 1024, 30 on one of 1600 or more: a line holds about as many words. Streamlit
keeps the place of a sidebar that has become empty until something has run again."""


def is_on() -> bool:
    """Whether this page is shown in present mode."""
    return bool(st.context.is_embedded)


def figure_scale() -> float:
    """What the text in figures is multiplied by on this page."""
    return FIGURE_SCALE if is_on() else 1.0


def enlarge() -> None:
    """Larger type and the whole width, if the mode is on."""
    if is_on():
        st.html(_STYLE)


def switch() -> KeyedLink:
    """The button that enters the mode, or the quiet word that leaves it."""
    if is_on():
        return KeyedLink(
            "Leave", "Leave present mode (key P)", ("p",), switches_embedding=True, is_quiet=True
        )
    return KeyedLink("Present", "Larger type, nothing around it (key P)", ("p",), switches_embedding=True)
