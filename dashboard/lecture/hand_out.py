"""The network shown, handed out to the phones in a room: a QR code opens it as a page that they can keep."""

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.lecture import sharing
from dashboard.session import networks, resources
from dashboard.widgets import current_run


def to_class(current: resources.TrainedRun) -> None:
    """The way to the page of a run's network, for a class that looks at the projector."""
    prose = read_lesson("lecture", "classroom")
    if not networks.can_be_read(current):
        st.info(prose["no network to take"], icon=":material/trending_up:")
        return
    if not (path := networks.address_of(current)):
        st.info(prose["no way to hand out"], icon=":material/download:")
        return
    address = sharing.link(path)
    with st.container(horizontal=True, vertical_alignment="center", gap="large"):
        sharing.show_code(address, "network")
        with st.container():
            st.markdown(prose["take home"])
            current_run.run_caption(current)
            sharing.show_link(address)
            sharing.warn_if_unreachable()


def to_phone(current: resources.TrainedRun) -> None:
    """A button that shows the same to who sits at a laptop and has a phone."""
    if st.button("Open it on a phone", icon=":material/qr_code_2:", key="network_phone"):
        st.dialog("The network on a phone", width="large")(to_class)(current)
