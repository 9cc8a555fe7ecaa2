"""One lock for each session's state.

Streamlit starts a new thread for a run of the page while the one before may still be ending, and each has a
lock of its own around the same state: on a busy server one then goes through what the other changes, and ends
with a traceback.
"""

import threading
from collections.abc import Callable
from typing import Any

from streamlit.runtime import state as state_module
from streamlit.runtime.scriptrunner import script_runner
from streamlit.runtime.state import SafeSessionState, SessionState


class StateWithLock(SessionState):
    """The state of a session, with the lock of all that use it."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.lock = threading.RLock()


class OneLockASession(SafeSessionState):
    """Streamlit's guard around a session's state, with the lock of that state instead of one of its own."""

    def __init__(self, state: SessionState, yield_callback: Callable[[], None]) -> None:
        super().__init__(state, yield_callback)
        if isinstance(state, StateWithLock):
            object.__setattr__(self, "_lock", state.lock)  # to set it plainly would write into the state


def share_locks() -> None:
    """Have every session use them from now on."""
    state_module.SessionState = StateWithLock  # type: ignore[misc]
    script_runner.SafeSessionState = OneLockASession  # type: ignore[attr-defined]
