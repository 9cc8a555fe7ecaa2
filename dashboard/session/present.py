"""Present mode: what a projector shows. Larger type, no sidebar, no toolbar, nothing that distracts.

The mode is Streamlit's own `?embed=true`, which takes the toolbar away and stays in the address from page to
page; what is added here is the size. A key enters and leaves it, because a lecturer stands before the class.

Text in figures is set in pixels by the server, all other type in multiples of the root by the browser. So the
browser says in a cookie how large its window is.
"""

import re
from typing import Final

import streamlit as st

from dashboard.components.keyed_links import KeyedLink
from dashboard.server.first_page import SCREEN_COOKIE

USUAL_ROOT: Final = 17
"""Pixels of the root outside of present mode, as `config.toml` says; figures are made for it."""
ALONE: Final = "alone"
"""The parameter of a link that takes away what is around a part of a page; its value is "true"."""
_ANY_HEIGHT: Final = 10_000
_WIDEST_PHONE: Final = 640
"""Pixels."""
_PHONE_EDGES: Final = 34
"""Pixels left and right of what a phone shows."""
_SCREEN: Final = re.compile(r"([0-9]{3,5})x([0-9]{3,5})")
_USUAL_SCREEN: Final = (1280, 720)
"""Of a browser that has not said how large its window is."""


def is_on() -> bool:
    """Whether this page is shown in present mode."""
    return bool(st.context.is_embedded)


def is_alone() -> bool:
    """Whether a part of a page is shown within another site's page, and nothing around it."""
    return is_on() and st.query_params.get(ALONE) == "true"


def screen() -> tuple[int, int]:
    """Width and height of the browser's window in pixels, as it was when the visit began."""
    said = _SCREEN.fullmatch(str(st.context.cookies.get(SCREEN_COOKIE, "")))
    return (int(said[1]), int(said[2])) if said else _USUAL_SCREEN


def is_phone() -> bool:
    """Whether the browser's window is as narrow as a phone; `page.css` says the same."""
    return screen()[0] <= _WIDEST_PHONE


def phone_width() -> int:
    """Pixels that a phone has for a picture, whose numbers have to be legible there; 0 on other screens."""
    return min(screen()[0], _WIDEST_PHONE) - _PHONE_EDGES if is_phone() else 0


def root_size() -> float:
    """Pixels of the root of the page, which all type is a multiple of; `present.css` says the same."""
    if not is_on():
        return USUAL_ROOT
    width, height = screen()
    return min(max(18.0, min(0.009 * width + 9, 0.027 * height)), 30.0)


def figure_scale() -> float:
    """What the text in figures is multiplied by on this page; in steps, so that screens share figures."""
    return round(20 * root_size() / USUAL_ROOT) / 20


def scaled(pixels: float) -> int:
    """Pixels of a picture that is so wide on a desk, and grows with the text beside it."""
    return round(pixels * figure_scale())


def most_chart_height() -> int:
    """Pixels that a chart of usual height may have, so that what changes it is seen beside it; in steps."""
    return 20 * round(0.028 * screen()[1]) if is_on() else _ANY_HEIGHT


def switch() -> KeyedLink:
    """The button that enters the mode, or the quiet word that leaves it."""
    if is_on():
        return KeyedLink("Leave", "Leave present mode", ("p",), switches_embedding=True, is_quiet=True)
    return KeyedLink("Present", "Larger type, nothing around it", ("p",), switches_embedding=True)
