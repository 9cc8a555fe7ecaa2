"""The network shown, handed out to the phones in a room: a QR code opens it as a page that they can keep."""

from typing import Final

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.lecture import sharing
from dashboard.session import networks, resources
from dashboard.widgets import current_run

TITLE: Final = "The network on your phone"
_WAITS: Final = "hand_out_waits"
"""The session's key for that somebody has asked while the network was being trained."""


def button() -> None:
    """For a class: a button that shows how phones get the network of the visit's current run."""
    is_pressed = st.button("Take home", icon=":material/download:", key="hand_out")
    if st.session_state.pop(_WAITS, False) or is_pressed:
        st.dialog(TITLE, width="large", on_dismiss=_stop_waiting)(_current)()


def to_phone(run: resources.TrainedRun) -> None:
    """The same for who sits at a laptop and has a phone."""
    if st.button("Open it on a phone", icon=":material/qr_code_2:", key="network_phone"):
        st.dialog(TITLE, width="large")(_way_to)(run)


def _current() -> None:
    run = current_run.run_or_notice("hand_out")
    if run is not None:
        _way_to(run)
    else:  # the page runs once there is one, which closes the dialog
        st.session_state[_WAITS] = True


def _stop_waiting() -> None:
    st.session_state.pop(_WAITS, None)


def _way_to(run: resources.TrainedRun) -> None:
    """The QR code of the page of a run's network, or why there is none."""
    prose = read_lesson("lecture", "classroom")
    if not networks.can_be_read(run):
        st.info(prose["no network to take"], icon=":material/trending_up:")
        return
    if not (path := networks.address_of(run)):
        st.info(prose["no way to hand out"], icon=":material/download:")
        return
    address = sharing.link(path)
    with st.container(horizontal=True, vertical_alignment="center", gap="large"):
        sharing.show_code(address, "network")
        with st.container():
            st.markdown(prose["take home"])
            current_run.run_caption(run)
            sharing.show_link(address)
            st.link_button("Open it here", path, icon=":material/open_in_new:")
            sharing.warn_if_unreachable()
