"""Links that open this dashboard on other devices, as text and as a QR code."""

from functools import lru_cache
from typing import Any, Final

import segno
import streamlit as st

from dashboard.elements.prose import Lesson, read_lesson
from dashboard.lecture.addresses import (
    AddressError,
    DashboardAddress,
    checked,
    local_address,
    reachable_address,
)
from dashboard.session import choices, linked_run, page_view, visits

QUIET_ZONE: Final = 4
"""Modules of white around a QR code; ISO/IEC 18004 asks for four."""
WIDTH: Final = 460
"""Pixels of a QR code: from the back of a room, a tenth of the distance should be code."""
LARGE: Final = 600
"""The same where nothing else is to be seen."""
_OPEN: Final = "share_is_open"
_PROBLEM: Final = "share_problem"


def dashboard_address() -> DashboardAddress:
    """Where other devices find the dashboard, as far as this visit knows."""
    typed = visits.current_visit().address
    return reachable_address(
        st.context.url, page_view.address(), st.get_option("server.address"), typed, local_address()
    )


def link(page: str = "", **parameters: str) -> str:
    """The full address of a page, as other devices in the room reach it.

    Args:
        page: Its URL path, such as "train"; empty for the first page.
        **parameters: What stands behind the question mark.
    """
    return dashboard_address().link(page, **parameters)


def link_to_this() -> str:
    """The address that opens the page shown, with the visit's settings, image and current run.

    Nothing else of the visit is in it: no tour, no present mode, and not its name.
    """
    return link(page_view.address(), **choices.parameters(), **linked_run.parameters())


@lru_cache(maxsize=256)
def qr_svg(address: str) -> str:
    """A QR code as an SVG picture: black on white in both themes, with its quiet zone.

    Level M restores 15 % of the modules, for a lamp's reflection or somebody's head.
    """
    code = segno.make(address, error="m", micro=False)
    return str(code.svg_inline(border=QUIET_ZONE, dark="#000", light="#fff", omitsize=True))


def show_code(address: str, width: int = WIDTH) -> None:
    """Draw the QR code of a link."""
    st.image(qr_svg(address), width=width, alt=f"A QR code that opens {address}")


def show_link(address: str) -> None:
    """Draw a link as text, with a button that copies it."""
    st.code(address, language=None, wrap_lines=True)


def button(is_quiet: bool = False) -> bool:
    """A button after which `dialog` shows the link to this page and its QR code; whether it was pressed."""
    look: dict[str, Any] = {"type": "tertiary"} if is_quiet else {"icon": ":material/qr_code_2:"}
    return st.button("Share", key="share", on_click=_open, **look)


def dialog() -> None:
    """The link and its QR code, if the button was pressed."""
    if st.session_state.pop(_OPEN, False):
        st.dialog(_words()["title"], width="large")(_share)()


def _open() -> None:
    st.session_state[_OPEN], st.session_state[_PROBLEM] = True, ""


def _share() -> None:
    address = link_to_this()
    code, words = st.columns([5, 4], gap="medium")
    with code:
        show_code(address, LARGE)
    with words:
        show_link(address)
        st.markdown(_words()["what it opens"])
        show_address("share_address")


def _words() -> Lesson:
    return read_lesson("lecture", "sharing")


def show_address(key: str) -> None:
    """What is to be said of the dashboard's address, and a field for a better one.

    Args:
        key: Of the field; the dialog may be above a page that has one, too.
    """
    words, address = _words(), dashboard_address()
    if address.note:
        show_note = st.info if address.is_reachable else st.warning
        show_note(
            words[address.note], icon=":material/lan:" if address.is_reachable else ":material/wifi_off:"
        )
    with st.expander(words.title, icon=":material/edit:"):
        st.markdown(words["another address"])
        st.text_input(
            "Address of the dashboard",
            visits.current_visit().address,
            key=key,
            on_change=_use_typed_address,
            args=(key,),
            placeholder=address.base,
        )
        if problem := st.session_state.get(_PROBLEM):
            st.error(problem, icon=":material/link_off:")


def _use_typed_address(key: str) -> None:
    typed = st.session_state.get(key, "").strip()
    try:
        visits.current_visit().address = checked(typed) if typed else ""
    except AddressError as error:
        st.session_state[_PROBLEM] = str(error)
    else:
        st.session_state[_PROBLEM] = ""
