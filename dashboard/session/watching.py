"""Parts of a page that look again by themselves, as often as the server can bear.

A look costs the one process that serves all pages about 10 ms. A few visitors may watch four times a
second; when a whole class trains at once they would take all of its time, and each of them would wait.
"""

import threading
import time
from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec

import streamlit as st

from dashboard.server.held import held
from dashboard.session import visits
from mnist_core.bounds import LOOKS_A_SECOND

WATCHING_SECONDS: Final = 5.0
"""A visit that has not looked for so long is no longer counted."""
P = ParamSpec("P")


class Watchers:
    """The visits that watch a training at the moment; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looked: dict[str, float] = {}

    def look(self, name: str) -> None:
        """Note that a visit looks now."""
        with self._lock:
            self._looked[name] = time.monotonic()

    def seconds_between(self, usual: float) -> float:
        """How long each of them waits before looking again: longer than usual when they are many."""
        since = time.monotonic() - WATCHING_SECONDS
        with self._lock:
            self._looked = {name: looked for name, looked in self._looked.items() if looked > since}
            return max(usual, len(self._looked) / LOOKS_A_SECOND)


@held
def _watchers() -> Watchers:
    return Watchers()


def watching(usual: float) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Make a function a fragment that runs again and again.

    Args:
        usual: Seconds between, when few watch.
    """

    def decorate(draw: Callable[P, None]) -> Callable[P, None]:
        @wraps(draw)
        def look(*arguments: P.args, **more: P.kwargs) -> None:
            _watchers().look(visits.current_visit().name)
            draw(*arguments, **more)

        @wraps(draw)
        def begin(*arguments: P.args, **more: P.kwargs) -> None:
            _watchers().look(visits.current_visit().name)
            st.fragment(look, run_every=_watchers().seconds_between(usual))(*arguments, **more)

        return begin

    return decorate
