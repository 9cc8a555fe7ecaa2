"""What each visit made, kept in the server so that a reload of the page does not lose it.

A visit's name is a random number that the browser's tab keeps. It comes with the connection
(`server.visitors`), so that a page knows in its first run whose it is. Where Streamlit serves the page
without our middleware, the tab tells it to an invisible element instead, and the page runs a second time.
With a folder that several servers share, a visit may have been begun on another one.
"""

import atexit
import threading
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final
from weakref import WeakValueDictionary

import streamlit as st
from cachetools import FIFOCache

from dashboard.components.loader import Component
from dashboard.server import visitors
from dashboard.server.held import held_until
from dashboard.session import resources
from dashboard.session.periodic import regularly
from dashboard.session.visit import Visit
from dashboard.session.visit_files import VisitFiles
from mnist_core.bounds import GONE_SECONDS, MAX_LEFT_TABS, MAX_VISITS

SAVE_SECONDS: Final = 0.3
"""How often visits are saved: what a visit did since is lost if its server is killed."""
_KEY: Final = "visit_id"
_SESSION: Final = "visit_session"

_component: Final = Component("visit")


@dataclass(eq=False)
class _Session:
    """What a session of Streamlit holds for as long as it lives: its visit, also while that is empty."""

    visit: Visit


class Visits:
    """All visits in which there is something, and those of living sessions; safe to use from several threads.

    When there are too many, the one that was seen longest ago among those without a session goes first.

    Args:
        files: Where other servers find them, too.
        max_visits: How many are kept.
    """

    def __init__(self, files: VisitFiles | None = None, max_visits: int = MAX_VISITS) -> None:
        self._lock = threading.Lock()
        self._visits: OrderedDict[str, Visit] = OrderedDict()
        self._sessions: WeakValueDictionary[str, _Session] = WeakValueDictionary()
        self._entered: FIFOCache[str, None] = FIFOCache(MAX_LEFT_TABS)
        self._files, self._max_visits = files, max_visits
        self._seen: set[str] = set()

    def find(self, name: str) -> Visit | None:
        """A visit that is known here."""
        with self._lock:
            session = self._sessions.get(name)
            return session.visit if session is not None else self._visits.get(name)

    def restore(self, name: str) -> Visit | None:
        """A visit that was begun here or on another server, as it was left on the last of them."""
        if self._files is not None and self._files.is_newer(name):
            loaded = self._files.load(name)
            if loaded is not None:
                self._keep(loaded)
                return loaded
        return self.find(name)

    def open_session(self, name: str) -> _Session:
        """Have a session show a visit: the one of this name, or an empty one.

        Returns:
            What the session has to hold while it lives.
        """
        session = _Session(self.restore(name) or Visit(name))
        with self._lock:
            self._sessions[name] = session
            self._entered[name] = None
        return session

    def note_shown(self, visit: Visit) -> None:
        """Note that a session shows a visit now; a visit is kept once it is not empty."""
        if not visit.is_empty:
            self._keep(visit)

    def is_over(self, name: str) -> bool:
        """Whether it was shown and no session shows it any more, two minutes after the last was left."""
        return name in self._entered and name not in self._sessions

    def living_jobs(self) -> dict[str, int]:
        """The jobs of all visits that a session shows, and how many newer ones the visit has of each."""
        with self._lock:
            sessions = list(self._sessions.values())
        places: dict[str, int] = {}
        for session in sessions:
            for job_id, place in session.visit.jobs.items():
                places[job_id] = min(place, places.get(job_id, place))
        return places

    def save(self) -> None:
        """Write the visits that were seen since the last time, where they have changed."""
        if self._files is None:
            return
        with self._lock:
            seen = [self._visits[name] for name in self._seen if name in self._visits]
            self._seen.clear()
        for visit in seen:
            try:
                self._files.save(visit)
            except RuntimeError:  # the page changed it while it was read: the next time
                self._seen.add(visit.name)

    def _keep(self, visit: Visit) -> None:
        with self._lock:
            self._visits[visit.name] = visit
            self._visits.move_to_end(visit.name)
            self._seen.add(visit.name)
            n_too_many = len(self._visits) - self._max_visits
            if n_too_many <= 0:
                return
            without_session = (name for name in self._visits if name not in self._sessions)
            for name in [name for name, _ in zip(without_session, range(n_too_many), strict=False)]:
                del self._visits[name]
                if self._files is not None:
                    self._files.forget(name)


@held_until(Visits.save)
def all_visits() -> Visits:
    """The visits of this server."""
    root, engine = resources.shared_root(), resources.engine()
    files = None
    if root is not None:
        files = VisitFiles(root, engine, resources.sweeps(), resources.images())
    kept = Visits(files)
    engine.connect_visits(kept.living_jobs, is_gone)
    if files is None:
        return kept
    atexit.register(kept.save)  # also where no lifespan ends what is held
    regularly(SAVE_SECONDS, "save-visits", kept.save)
    return kept


def is_gone(name: str) -> bool:
    """Whether no tab has been connected as this visit for two minutes."""
    away = visitors.presence().seconds_away(name)
    if away is None:  # its connection did not come through our middleware
        return all_visits().is_over(name)
    return away > GONE_SECONDS


def tie_to_browser_tab() -> None:
    """Where the connection did not say whose tab it is: draw the invisible element that asks the tab."""
    if _tab():
        return
    visit = current_visit()
    is_first = "visit_checked" not in st.session_state
    result = _component(
        key="visit_memory",
        data={"visit": visit.name, "reloaded": is_first},
        on_visit_change=lambda: None,
        height=1,
    )
    sent = getattr(result, "visit", None)
    if sent is None or not is_first:
        return
    st.session_state["visit_checked"] = True
    if (name := visitors.checked(sent)) and name != visit.name:
        _enter(name)  # what is drawn from here on belongs to the visit found again


def current_visit() -> Visit:
    """The visit that this session shows; from its second run on another one, where the tab says so."""
    session = st.session_state.get(_SESSION)
    if not isinstance(session, _Session):
        session = _enter(_tab() or uuid.uuid4().hex)
    all_visits().note_shown(session.visit)
    return session.visit


def _enter(name: str) -> _Session:
    session = all_visits().open_session(name)
    st.session_state[_SESSION], st.session_state[_KEY] = session, name
    return session


def _tab() -> str:
    """The name that came with the connection; "" without our middleware."""
    return visitors.checked(st.context.headers.get(visitors.HEADER, ""))
