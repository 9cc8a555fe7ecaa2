"""Who may look at a room and who may change it: one thread at a time, and with several servers one of them.

Whatever reads the parts of a room does so within `reading()`, whatever changes them within `changing()`. In
memory both are one lock; `shared_rooms` has a guard that keeps the room in a file as well.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

RoomState = dict[str, Any]
"""Plain values, fit for JSON."""
IsMember = Callable[[str], bool]
"""Whether a member of this name is in the class now."""


def anybody(_: str) -> bool:
    """Everybody is a member, where there is no class."""
    return True


class Restorable(Protocol):
    """What a guard may keep elsewhere."""

    def state(self) -> RoomState:
        """Everything in it, as plain values."""

    def restore(self, state: RoomState) -> None:
        """Become what `state` described."""

    def forget(self) -> None:
        """End it, because it has been ended elsewhere."""


class Guard:
    """A lock that one thread may take several times."""

    def __init__(self) -> None:
        self._lock = threading.RLock()

    def attach(self, guarded: Restorable) -> None:
        """Say what is guarded, once it is complete."""

    def detach(self) -> None:
        """Keep it no more: it has ended."""

    @contextmanager
    def reading(self) -> Iterator[None]:
        """See it as it is now; nothing may be changed."""
        with self._lock:
            yield

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Change it, all of it or, where an exception ends it, nothing that others see."""
        with self._lock:
            yield
