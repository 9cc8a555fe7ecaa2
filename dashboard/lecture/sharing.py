"""Links that open this dashboard on other devices, as text and as a QR code."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import segno
import streamlit as st
from streamlit import config
from streamlit.delta_generator import DeltaGenerator

from dashboard.elements.prose import Lesson, read_lesson
from dashboard.lecture.addresses import (
    AddressError,
    DashboardAddress,
    checked,
    own_bases,
    reachable_address,
)
from dashboard.server.networks import OwnAddress, own_addresses
from dashboard.session import choices, linked_run, page_view, visits

QUIET_ZONE: Final = 4
"""Modules of white around a QR code; ISO/IEC 18004 asks for four."""
PROBLEM: Final = "share_problem"
"""The session's key for what is wrong with an address that was typed."""


def dashboard_address() -> DashboardAddress:
    """Where other devices find the dashboard, as far as this visit knows."""
    likeliest = next((own.address for own in own_addresses()), None)
    chosen = visits.current_visit().address
    return reachable_address(st.context.url, page_view.address(), _bound_to(), chosen, likeliest)


def _bound_to() -> str | None:
    """The one address that visitors reach the server at; None for all, and where nginx stands before it."""
    is_behind = config.is_manually_set("browser.serverAddress")
    return None if is_behind else st.get_option("server.address")


def machine_addresses() -> dict[str, OwnAddress]:
    """The addresses of this machine by where the dashboard is there, the likeliest first; empty elsewhere."""
    own, bound_to = own_addresses(), _bound_to()
    bases = own_bases(st.context.url, page_view.address(), bound_to, [entry.address for entry in own])
    return dict(zip(bases, own, strict=False))


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

    Level M restores 15% of the modules, for a lamp's reflection or somebody's head.
    """
    code = segno.make(address, error="m", micro=False)
    return str(code.svg_inline(border=QUIET_ZONE, dark="#000", light="#fff", omitsize=True))


def show_code(address: str, key: str) -> None:
    """Draw the QR code of a link, as large as the height of the screen allows (`lecture.css`)."""
    with st.container(key=f"qr_{key}", width="content"):
        st.image(qr_svg(address), alt=f"A QR code that opens {address}")


def show_link(address: str) -> None:
    """Draw a link as text, with a button that copies it."""
    st.code(address, language=None, wrap_lines=True)


def note_own_images() -> None:
    """Say so where own images took part in the run shown, which no link opens."""
    current = visits.current_visit().current
    if current and linked_run.is_private(current):
        st.info(words()["own images"], icon=":material/draw:")


def words() -> Lesson:
    """What is said of links."""
    return read_lesson("lecture", "sharing")


def warn_if_unreachable() -> None:
    """Say so where no phone is likely to reach the dashboard's address."""
    address = dashboard_address()
    if not address.is_reachable:
        st.warning(words()[address.note], icon=":material/wifi_off:")


def change_address(key: str, fold: Callable[..., DeltaGenerator] = st.expander) -> None:
    """What is to be said of the dashboard's address, and a field for a better one.

    Args:
        key: Of the field; the dialog may be above a page that has one, too.
        fold: What they are folded away in, `st.expander` or `st.popover`.
    """
    prose, address = words(), dashboard_address()
    with fold(prose.title, icon=":material/edit:"):
        if address.is_reachable and address.note:
            st.markdown(prose[address.note])
        st.markdown(prose["another address"])
        st.text_input(
            "Address of the dashboard",
            visits.current_visit().address,
            key=key,
            on_change=_use_typed_address,
            args=(key,),
            placeholder=address.base,
        )
        # A place that is always drawn: what a run leaves out may stay seen where the check for a phone, which
        # stands in the same dialog, runs again in that moment.
        place = st.empty()
        if problem := st.session_state.get(PROBLEM):
            place.error(problem, icon=":material/link_off:")


def _use_typed_address(key: str) -> None:
    typed = st.session_state.get(key, "").strip()
    try:
        visits.current_visit().address = checked(typed) if typed else ""
    except AddressError as error:
        st.session_state[PROBLEM] = str(error)
    else:
        st.session_state[PROBLEM] = ""
