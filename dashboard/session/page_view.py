"""One view of a page: what has to be known before anything of it is drawn, and what is kept at its end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NoReturn

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.server import places
from dashboard.session import choices, linked_run, resources, visits
from mnist_core.config import RunConfig

_ADDRESS: Final = "page_address"
_PARTS: Final = "page_parts"
_PART: Final = "page_part"
_SHOWN_PARTS: Final = "page_shown_parts"
_ONLY_PART: Final = "page_only_part"
_DRAWN_PART: Final = "page_drawn_part"
_TRAININGS: Final = "page_trainings"
_LAST_VIEW: Final = "page_last_view"
_KEYS_OF_PAGES: Final = "page_keys_of_pages"
_OPENED: Final = "page_opened"
_PART_TO_OPEN: Final = "page_part_to_open"
PART: Final = "part"
"""The parameter of a link with the name of the part of the page that is shown first."""


@dataclass(frozen=True)
class View:
    """What a page showed when it had been drawn.

    Attributes:
        address: Its URL path.
        parameters: What stood in the address besides the settings.
        parts: The names of the parts that were drawn.
        keys: Of its elements.
        trainings: What the buttons of each part would train, by the part's name.
    """

    address: str
    parameters: Mapping[str, str]
    parts: frozenset[str]
    keys: frozenset[str]
    trainings: Mapping[str, tuple[RunConfig, ...]] = field(default_factory=dict)


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
    st.session_state[_SHOWN_PARTS] = set()
    st.session_state[_DRAWN_PART], st.session_state[_TRAININGS] = "", {}
    st.session_state[_ONLY_PART] = ""
    _note_opened(address)
    visits.tie_to_browser_tab()
    resources.ensure_classic_network()
    linked_run.adopt_run_from_url()


def address() -> str:
    """The URL path of the page that is shown; empty for the first page."""
    return str(st.session_state.get(_ADDRESS, ""))


def _note_opened(address: str) -> None:
    """Note which part is to be opened, where the page or the part in its address is another one now."""
    opened = address, st.query_params.get(PART, "")
    if opened != st.session_state.get(_OPENED):
        st.session_state[_OPENED], st.session_state[_PART_TO_OPEN] = opened, opened[1]


def take_part_to_open(name: str) -> bool:
    """Whether a part is to be opened, because a link has just asked for it; it is told only once."""
    is_asked = bool(name) and st.session_state.get(_PART_TO_OPEN) == name
    if is_asked:
        st.session_state[_PART_TO_OPEN] = ""
    return is_asked


def note_parts(parts: Mapping[str, Mapping[str, str]]) -> None:
    """Note which parts the page has: by their names, what stands in the address of each."""
    st.session_state[_PARTS] = address(), {name: dict(parameters) for name, parameters in parts.items()}


def parts() -> dict[str, dict[str, str]]:
    """The parts of the page that is shown, as far as it has been drawn; see `note_parts`."""
    of, noted = st.session_state.get(_PARTS, ("", {}))
    return dict(noted) if of == address() else {}


def note_shown_part(name: str) -> None:
    """Note that a part of the page is being drawn."""
    st.session_state.setdefault(_SHOWN_PARTS, set()).add(name)
    st.session_state[_DRAWN_PART] = name


def note_trainings(configs: Iterable[RunConfig]) -> None:
    """Note what a button of the part that is being drawn would train, now or after another button of it."""
    if places.runs_alone():  # a control was moved, and no view of the page ends
        return
    noted: dict[str, tuple[RunConfig, ...]] = st.session_state.setdefault(_TRAININGS, {})
    part = st.session_state.get(_DRAWN_PART, "")
    noted[part] = tuple(dict.fromkeys((*noted.get(part, ()), *configs)))


def narrow(part: str) -> None:
    """Have this view show one section of its lesson alone; pages whose parts are chosen show one anyway."""
    st.session_state[_ONLY_PART] = part


def only_part() -> str:
    """The section that alone is shown of a lesson; empty for all."""
    return str(st.session_state.get(_ONLY_PART, ""))


def last_view() -> View | None:
    """The view of a page that has ended last; None before any."""
    view: View | None = st.session_state.get(_LAST_VIEW)
    return view


def forget_controls(of: str) -> None:
    """Have the controls of a page be as at first when it is opened next.

    Args:
        of: Its URL path.
    """
    for key in st.session_state.get(_KEYS_OF_PAGES, {}).get(of, ()):
        st.session_state.pop(key, None)


def note_part(name: str) -> None:
    """Note which of its parts the page shows, where it shows one at a time."""
    st.session_state[_PART] = address(), name


def part() -> str:
    """The part of the page that is shown, as `note_part` has it; empty where all are."""
    of, name = st.session_state.get(_PART, ("", ""))
    return name if of == address() else ""


def end() -> None:
    """Put the settings into the address, and keep the visit with what the page has put into it."""
    context = get_script_run_ctx()
    keys = frozenset() if context is None else context.shared.widget_user_keys_this_run.snapshot()
    asked = {name: value for name, value in st.query_params.items() if name not in choices.CHOICES}
    parts = frozenset(st.session_state.get(_SHOWN_PARTS, ()))
    trainings = dict(st.session_state.get(_TRAININGS, {}))
    st.session_state[_LAST_VIEW] = View(address(), asked, parts, keys, trainings)
    seen = st.session_state.setdefault(_KEYS_OF_PAGES, {})
    seen[address()] = seen.get(address(), frozenset()) | keys
    choices.write_url()
    visits.current_visit()


def stop() -> NoReturn:
    """End the page here: what comes after this is not to be drawn."""
    end()
    st.stop()
