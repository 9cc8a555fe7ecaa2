"""Is your phone here? Which address of this machine a phone reaches, tried with the lecturer's own.

The phone opens an address that the server itself answers (`server.phone_check`), and this page says so.
"""

from collections.abc import Callable, Mapping
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.lecture import sharing
from dashboard.server import looks
from dashboard.server.networks import Kind, OwnAddress
from dashboard.server.phone_check import FOLDER, checks
from dashboard.session import resources, visits

LOOK_SECONDS: Final = 1.0
_CHECK: Final = "phone_check"
_KINDS: Final[Mapping[Kind, str]] = {
    "room": "",
    "unassigned": ", no router gave it",
    "VPN": ", a VPN: phones seldom reach it",
    "inside": ", inside this machine: phones do not reach it as a rule",
}


def show(key: str, fold: Callable[..., DeltaGenerator] = st.expander) -> None:
    """Draw which addresses there are, and a code that says whether a phone reaches the one that links have.

    Args:
        key: Of these elements; the dialog may be above a page that has them, too.
        fold: What they are folded away in, `st.expander` or `st.popover`.
    """
    prose, own = sharing.words(), sharing.machine_addresses()
    if len(own) > 1 and fold is st.expander and not visits.current_visit().address:
        st.markdown(prose["several"].format(n=len(own)))
    # Another server of several, or a host that runs the pages without our server, would not answer.
    is_answered = looks.HEADER in st.context.headers and resources.shared_root() is None
    if not (is_answered or len(own) > 1):
        return
    with fold("Is your phone here?", icon=":material/phonelink_ring:"):
        if len(own) > 1:
            _choose(own, f"{key}_which")
        if is_answered:
            st.markdown(prose["phone check"])
            _answer(key, sharing.dashboard_address().base)


def n_reached() -> int:
    """Devices that have opened the address of this session's check; 0 without one."""
    name, _ = st.session_state.get(_CHECK, ("", ""))
    return checks().n_seen(name) or 0


def _choose(own: Mapping[str, OwnAddress], key: str) -> None:
    """The addresses of this machine; the one that is chosen begins all links of the visit."""
    current = sharing.dashboard_address().base
    bases = list(own) if current in own else [current, *own]

    def choose() -> None:
        if (base := st.session_state.get(key)) in bases:
            visits.current_visit().address = str(base)

    st.radio(
        sharing.words()["which address"],
        bases,
        bases.index(current),
        format_func=lambda base: _label(base, own.get(base)),
        key=key,
        on_change=choose,
    )


def _label(base: str, own: OwnAddress | None) -> str:
    if own is None:
        return f"{base} (typed)"
    return f"{base} ({own.interface}{_KINDS[own.kind]})"


@st.fragment(run_every=LOOK_SECONDS)
def _answer(key: str, base: str) -> None:
    """The code of a check, and whether its address was opened."""
    name, of = st.session_state.get(_CHECK, ("", ""))
    n_seen = checks().n_seen(name) if of == base else None
    if n_seen is None:  # another address, or the check is over
        name, n_seen = checks().open(), 0
        st.session_state[_CHECK] = name, base
    prose, address = sharing.words(), f"{base}/{FOLDER}/{name}"
    sharing.show_code(address, f"phone_{key}")
    if n_seen:
        devices = "1 device has" if n_seen == 1 else f"{n_seen} devices have"
        st.success(f"**Yes.** {devices} opened this address.", icon=":material/check_circle:")
    else:
        st.info(prose["not yet"], icon=":material/hourglass:")
        st.markdown(prose["still nothing"])
