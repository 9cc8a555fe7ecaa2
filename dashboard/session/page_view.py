"""One view of a page: what has to be known before anything of it is drawn, and what is kept at its end."""

from collections.abc import Mapping
from typing import Final

import streamlit as st

from dashboard.session import choices, linked_run, resources, visits

_ADDRESS: Final = "page_address"
_PARTS: Final = "page_parts"
_PART: Final = "page_part"


def begin(address: str) -> None:
    """Find out what this view is of: the settings, the visit, and the run.

    Each step uses what those before it have found:

    1. The settings. In a new session the address says them, and `linked_run` below looks for a run with them.
    2. The page's own address, from which links lead to other pages, also those that a fragment draws later.
    3. The visit. Where only the browser's tab knows which one it is, another visit may take the place of the
       session's empty one here; so nothing is put into a visit before.
    4. The classic network, which pages show to a visit without a run of its own. Each page asks for it,
       whether or not it shows a network: any page may be the first that anybody opens, the whole of MNIST may
       have arrived since, and after a failure the next page view tries again. The call does not wait.
    5. The run that a link names, which becomes the visit's current one.

    Args:
        address: The page's URL path.
    """
    choices.load()
    st.session_state[_ADDRESS] = address
    visits.tie_to_browser_tab()
    resources.ensure_classic_network()
    linked_run.adopt_run_from_url()


def address() -> str:
    """The URL path of the page that is shown; empty for the first page."""
    return str(st.session_state.get(_ADDRESS, ""))


def note_parts(parts: Mapping[str, Mapping[str, str]]) -> None:
    """Note which parts the page has: by their names, what stands in the address of each."""
    st.session_state[_PARTS] = address(), {name: dict(parameters) for name, parameters in parts.items()}


def parts() -> dict[str, dict[str, str]]:
    """The parts of the page that is shown, as far as it has been drawn; see `note_parts`."""
    of, noted = st.session_state.get(_PARTS, ("", {}))
    return dict(noted) if of == address() else {}


def note_part(name: str) -> None:
    """Note which of its parts the page shows, where it shows one at a time."""
    st.session_state[_PART] = address(), name


def part() -> str:
    """The part of the page that is shown, as `note_part` has it; empty where all are."""
    of, name = st.session_state.get(_PART, ("", ""))
    return name if of == address() else ""


def end() -> None:
    """Put the settings into the address, and keep the visit with what the page has put into it."""
    choices.write_url()
    visits.current_visit()
