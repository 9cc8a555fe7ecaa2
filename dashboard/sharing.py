"""Links that open this dashboard on other devices, as text and as a QR code."""

from functools import lru_cache
from typing import Final

import segno
import streamlit as st

from dashboard import visits
from dashboard.addresses import AddressError, Place, checked, local_address, place
from dashboard.lesson import read_lesson

QUIET_ZONE: Final = 4
"""Modules of white around a QR code; ISO/IEC 18004 asks for four."""
WIDTH: Final = 460
"""Pixels of a QR code: from the back of a room, a tenth of the distance should be code."""
_PAGE: Final = "page_path"


def begin(page: str) -> None:
    """At the start of a page: remember its URL path, which its links and those to other pages need."""
    st.session_state[_PAGE] = page


def here() -> str:
    """The URL path of the page that is shown; empty for the first page."""
    return str(st.session_state.get(_PAGE, ""))


def where() -> Place:
    """Where other devices find the dashboard, as far as this visit knows."""
    typed = visits.current_visit().address
    return place(st.context.url, here(), st.get_option("server.address"), typed, local_address())


def link(page: str = "", **parameters: str) -> str:
    """The full address of a page, as other devices in the room reach it.

    Args:
        page: Its URL path, such as "train"; empty for the first page.
        **parameters: What stands behind the question mark.
    """
    return where().link(page, **parameters)


@lru_cache(maxsize=256)
def qr_svg(address: str) -> str:
    """A QR code as an SVG picture: black on white in both themes, with its quiet zone.

    Level M restores 15 % of the modules, for a lamp's reflection or somebody's head.
    """
    code = segno.make(address, error="m", micro=False)
    return str(code.svg_inline(border=QUIET_ZONE, dark="#000", light="#fff", omitsize=True))


def show(address: str, width: int = WIDTH) -> None:
    """Draw a link, with a button that copies it, and its QR code."""
    st.image(qr_svg(address), width=width, alt=f"A QR code that opens {address}")
    st.code(address, language=None, wrap_lines=True)


def show_place() -> None:
    """What is to be said of the dashboard's address, and a field for a better one."""
    words, found = read_lesson("lecture", "sharing"), where()
    if found.note:
        show_note = st.info if found.is_reachable else st.warning
        show_note(words[found.note], icon=":material/lan:" if found.is_reachable else ":material/wifi_off:")
    with st.expander(words.title, icon=":material/edit:"):
        st.markdown(words["another address"])
        st.text_input(
            "Address of the dashboard", visits.current_visit().address, key="share_address",
            on_change=_take_address, placeholder=found.base,
        )  # fmt: skip
        if problem := st.session_state.get("share_problem"):
            st.error(problem, icon=":material/link_off:")


def _take_address() -> None:
    typed = st.session_state.get("share_address", "").strip()
    try:
        visits.current_visit().address = checked(typed) if typed else ""
    except AddressError as error:
        st.session_state["share_problem"] = str(error)
    else:
        st.session_state["share_problem"] = ""
