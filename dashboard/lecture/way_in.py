"""The way into a class: its QR code, and beside it the code that is typed, as large as there is room."""

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.classroom import membership
from dashboard.elements.prose import read_lesson
from dashboard.lecture import sharing
from dashboard.session import present
from dashboard.site_map import JOIN
from mnist_core.classroom.room import Room, grouped

_CODE: Final = '<div class="class-code">{}</div>'
"""Its size is in `dashboard/elements/lecture.css`."""


def link_to(room: Room) -> str:
    """The address that opens the page Join with this class on it."""
    return sharing.link(JOIN.address, **{membership.LINK: room.link})


def show_small(room: Room) -> None:
    """The same, small: beside a question that has been asked and waits for its first answer; not on a phone.

    Args:
        room: The class.
    """
    if present.is_phone():
        return
    with st.container(key="way_in_asked", gap="xxsmall", horizontal_alignment="center"):
        sharing.show_code(link_to(room), "asked")
        st.markdown(f"**{grouped(room.code)}**", width="content")
        st.caption(sharing.link(JOIN.address).removeprefix("http://"), width="content")


def show(room: Room, key: str) -> DeltaGenerator:
    """Draw the QR code with the code beside it; on a phone below it.

    Args:
        room: The class.
        key: Of these elements; the dialog may be above a page that has them, too.

    Returns:
        The container below the code.
    """
    typed = sharing.link(JOIN.address).removeprefix("http://")  # which browsers add by themselves
    row = st.container(horizontal=True, vertical_alignment="center", gap="large", key=f"way_in_{key}")
    with row:
        sharing.show_code(link_to(room), key)
        words = st.container(gap="small", key=f"way_in_words_{key}")
    with words:
        st.markdown(read_lesson("lecture", "classroom")["how to join"].format(address=typed))
        st.html(_CODE.format(grouped(room.code)))
    return words
