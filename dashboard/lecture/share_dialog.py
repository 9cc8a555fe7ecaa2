"""The button Share and its dialog: the way into the class, where there is one, and the link to this page."""

from typing import Any, Final

import streamlit as st

from dashboard.classroom import membership
from dashboard.lecture import embedding, leading, phone_test, sharing, way_in
from mnist_core.classroom.room import Room

_OPEN: Final = "share_is_open"


def button(is_quiet: bool = False) -> bool:
    """A button after which `dialog` shows the way to this page; whether it was pressed."""
    look: dict[str, Any] = {"type": "tertiary"} if is_quiet else {"icon": ":material/qr_code_2:"}
    return st.button("Share", key="share", on_click=_open, **look)


def dialog() -> None:
    """Links and QR codes, if the button was pressed; whoever is in a class shares the class first."""
    if not st.session_state.pop(_OPEN, False):
        return
    if (room := membership.hosted_room() or membership.joined_room()) is None:
        st.dialog(sharing.words()["title"], width="large")(_share_page)()
    else:
        st.dialog(sharing.words()["class title"], width="large")(_share_class)(room)


def _open() -> None:
    st.session_state[_OPEN], st.session_state[sharing.PROBLEM] = True, ""


def _share_class(room: Room) -> None:
    sharing.warn_if_unreachable()
    with way_in.show(room, "share"):
        sharing.show_link(way_in.link_to(room))
        if membership.hosted_room() is not None:
            leading.switch(room, "share_lead")
    st.markdown(f"**{sharing.words()['title']}**")
    sharing.show_link(sharing.link_to_this())
    with st.expander(sharing.words()["page code"], icon=":material/qr_code_2:"):
        st.markdown(sharing.words()["what it opens"])
        sharing.note_own_images()
        sharing.show_code(sharing.link_to_this(), "this_page")
    phone_test.show("share")
    sharing.change_address("share_address")
    embedding.show()


def _share_page() -> None:
    address = sharing.link_to_this()
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="share_page"):
        sharing.show_code(address, "this_page")
        with st.container():
            sharing.show_link(address)
            st.markdown(sharing.words()["what it opens"])
            sharing.note_own_images()
            sharing.warn_if_unreachable()
            phone_test.show("share")
            sharing.change_address("share_address")
            embedding.show()
