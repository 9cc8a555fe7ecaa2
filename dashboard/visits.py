"""What each visit made, kept in the server so that a reload of the page does not lose it.

A visit's name is a random number that the browser's tab remembers; the tab sends it back after a reload. With
a folder that several servers share, that may be another server.
"""

import atexit
import threading
import uuid
from collections import OrderedDict
from typing import Any, Final

import streamlit as st

from dashboard import resources
from dashboard.regularly import regularly
from dashboard.visit import Visit
from dashboard.visit_files import VisitFiles

MAX_VISITS: Final = 1_000
SAVE_SECONDS: Final = 0.3
"""How often visits are saved: what a visit did since is lost if its server is killed."""
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


class Visits:
    """All visits, the ones not seen for longest dropped first.

    Args:
        files: Where other servers find them, too.
    """

    def __init__(self, files: VisitFiles | None = None) -> None:
        self._lock = threading.Lock()
        self._visits: OrderedDict[str, Visit] = OrderedDict()
        self._files = files
        self._seen: set[str] = set()

    def find(self, name: str) -> Visit | None:
        """A visit that was begun here."""
        with self._lock:
            if name in self._visits:
                self._visits.move_to_end(name)
                self._seen.add(name)
            return self._visits.get(name)

    def find_again(self, name: str) -> Visit | None:
        """A visit that was begun here or on another server, as it was left on the last of them."""
        if self._files is not None and self._files.is_newer(name):
            found = self._files.load(name)
            if found is not None:
                self._add(found)
        return self.find(name)

    def begin(self) -> Visit:
        """A new visit."""
        visit = Visit(uuid.uuid4().hex)
        self._add(visit)
        return visit

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

    def _add(self, visit: Visit) -> None:
        with self._lock:
            self._visits[visit.name] = visit
            self._seen.add(visit.name)
            while len(self._visits) > MAX_VISITS:
                name, _ = self._visits.popitem(last=False)
                if self._files is not None:
                    self._files.forget(name)


@st.cache_resource(show_spinner=False)
def _visits() -> Visits:
    root = resources.shared_root()
    if root is None:
        return Visits()
    files = VisitFiles(root, resources.engine(), resources.sweeps(), resources.images())
    made = Visits(files)
    regularly(SAVE_SECONDS, "save-visits", made.save)
    atexit.register(made.save)
    return made


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
    if isinstance(sent, str) and sent != visit.name and _visits().find_again(sent) is not None:
        st.session_state[_KEY] = sent  # what is drawn from here on belongs to the visit found again


def current_visit() -> Visit:
    """This session's visit."""
    name = st.session_state.get(_KEY, "")
    found = _visits().find(name) or _visits().find_again(name)
    if found is None:
        found = _visits().begin()
        st.session_state[_KEY] = found.name
    return found
