"""What each visit made, kept in the server so that a reload of the page does not lose it.

A visit's name is a random number that the browser's tab remembers; the tab sends it back after a reload.
"""

import threading
import uuid
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Final

import streamlit as st

from mnist_core.drawing import Stroke
from mnist_core.sweeps import Plan

MAX_VISITS: Final = 1_000
MAX_RUNS: Final = 100
_KEY: Final = "visit_id"

_SCRIPT: Final = """
export default function ({ data, setStateValue }) {
  const name = "mlp-explainer-visit"
  let kept = null
  try { kept = window.sessionStorage.getItem(name) } catch { return }
  if (data.reloaded && kept && kept !== data.visit) { setStateValue("visit", kept) }
  else if (kept !== data.visit) { window.sessionStorage.setItem(name, data.visit) }
}
"""


@dataclass
class Visit:
    """What one visit made.

    Attributes:
        name: A random number in hexadecimal digits.
        runs: Its jobs, in the order they were begun.
        current: The job that other pages show; None shows the classic network.
        answers: The number of the answer given to each question of the lessons, by the question's name.
        experiments: The jobs of each experiment on a lesson page, by the experiment's name.
        strokes: What is drawn on the draw page.
        address: Where other devices reach the dashboard, if the visitor knew better; else empty.
        tour_begun: The minutes of the guided tour that is under way, and when it was begun.
        sweeps: What each sweep was to train and its id, by a name of its own, in the order they were begun.
    """

    name: str
    runs: list[str] = field(default_factory=list)
    current: str | None = None
    answers: dict[str, int] = field(default_factory=dict)
    experiments: dict[str, tuple[str, ...]] = field(default_factory=dict)
    strokes: tuple[Stroke, ...] = ()
    address: str = ""
    tour_begun: tuple[int, float] | None = None
    sweeps: dict[str, tuple[Plan, str]] = field(default_factory=dict)

    def keep(self, job_id: str) -> None:
        """Have a run among the visit's own."""
        if job_id not in self.runs:
            self.runs = [*self.runs, job_id][-MAX_RUNS:]

    def add(self, job_id: str) -> None:
        """Begin a run, or look at it again, and make it the current one."""
        self.keep(job_id)
        self.current = job_id


class Visits:
    """All visits, the ones not seen for longest dropped first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._visits: OrderedDict[str, Visit] = OrderedDict()

    def find(self, name: str) -> Visit | None:
        """A visit that was begun here."""
        with self._lock:
            if name in self._visits:
                self._visits.move_to_end(name)
            return self._visits.get(name)

    def begin(self) -> Visit:
        """A new visit."""
        visit = Visit(uuid.uuid4().hex)
        with self._lock:
            self._visits[visit.name] = visit
            while len(self._visits) > MAX_VISITS:
                self._visits.popitem(last=False)
        return visit


@st.cache_resource(show_spinner=False)
def _visits() -> Visits:
    return Visits()


def _component() -> Any:
    return st.components.v2.component("mlp_explainer_visit", js=_SCRIPT, isolate_styles=False)


def remember() -> None:
    """Draw the invisible element that ties this visit to the browser's tab."""
    visit = current_visit()
    is_first = "visit_checked" not in st.session_state
    result = _component()(
        key="visit_memory",
        data={"visit": visit.name, "reloaded": is_first},
        on_visit_change=lambda: None,
        height=1,
    )
    sent = getattr(result, "visit", None)
    if sent is None or not is_first:
        return
    st.session_state["visit_checked"] = True
    if isinstance(sent, str) and sent != visit.name and _visits().find(sent) is not None:
        st.session_state[_KEY] = sent  # what is drawn from here on belongs to the visit found again


def current_visit() -> Visit:
    """This session's visit."""
    found = _visits().find(st.session_state.get(_KEY, ""))
    if found is None:
        found = _visits().begin()
        st.session_state[_KEY] = found.name
    return found
