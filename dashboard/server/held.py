"""What belongs to everybody on this server, held by the server itself.

Any client may send a message that empties `st.cache_resource` and `st.cache_data` (`BackMsg.clear_cache`).
Those caches therefore hold only what can be made again; the engine, its data, all visits and all classes
are held here, from their first use until the server ends.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")
_lock: Final = threading.RLock()
_in_use: Final[list["Held[Any]"]] = []  # in the order in which they were made
_log = logging.getLogger(__name__)


class Held(Generic[T]):
    """A function that makes something once and from then on gives the same, also to several threads."""

    def __init__(self, make: Callable[[], T], close: Callable[[T], None] | None) -> None:
        self._make, self._close = make, close
        self._value: T | None = None
        self._is_made = False
        self.__doc__ = make.__doc__

    def __call__(self) -> T:
        """The shared result, computed now if this is the first call."""
        if not self._is_made:
            with _lock:
                if not self._is_made:
                    self._value = self._make()
                    self._is_made = True
                    _in_use.append(self)
        return self._value  # type: ignore[return-value]

    def clear(self) -> None:
        """Close it, and make another one at the next call."""
        with _lock:
            if not self._is_made:
                return
            value, self._value, self._is_made = self._value, None, False
            _in_use.remove(self)
        if self._close is not None:
            self._close(value)  # type: ignore[arg-type]


def held(make: Callable[[], T]) -> Held[T]:
    """Decorate a function so that it is called once, and all sessions share its result."""
    return Held(make, None)


def held_until(close: Callable[[T], None]) -> Callable[[Callable[[], T]], Held[T]]:
    """The same for a result that is closed at the server's end.

    Args:
        close: Called with it then.
    """
    return lambda make: Held(make, close)


def close() -> None:
    """At the server's end: close everything, the newest first, because it may use what is older."""
    for thing in reversed(_in_use.copy()):
        try:
            thing.clear()
        except Exception:
            _log.exception("%s could not be closed", thing.__doc__)
