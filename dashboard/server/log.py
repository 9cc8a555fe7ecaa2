"""The log is bounded: what it has said is counted for a minute and not said again."""

import logging
import re
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from mnist_core.bounds import LOG_LINES_A_SECOND, MAX_LOG_BURST, MAX_LOG_MESSAGES, REPEAT_SECONDS

_VARYING: Final = re.compile(r"0x[0-9a-f]+|[0-9a-f-]{16,}|\d+", re.IGNORECASE)


class Bounded(logging.Filter):
    """Lets a message through once a minute, with how often it was said meanwhile.

    Args:
        clock: Seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()
        self._said: dict[tuple[str, ...], tuple[float, int]] = {}
        self._budgets: dict[str, tuple[float, float]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is written."""
        key, now = _key(record), self._clock()
        with self._lock:
            since, n_more = self._said.get(key, (None, 0))
            if since is not None and now - since < REPEAT_SECONDS:
                self._said[key] = since, n_more + 1
                return False
            if not self._has_budget(record.name, now):
                return False
            if len(self._said) >= MAX_LOG_MESSAGES:
                self._said.clear()
            self._said[key] = now, 0
        if n_more:
            record.msg = f"{record.getMessage()} (said {n_more} times more in the last minute)"
            record.args = ()
        return True

    def _has_budget(self, name: str, now: float) -> bool:
        left, since = self._budgets.get(name, (float(MAX_LOG_BURST), now))
        left = min(MAX_LOG_BURST, left + (now - since) * LOG_LINES_A_SECOND)
        self._budgets[name] = (left - 1 if left >= 1 else left), now
        return left >= 1


class _BoundedLogger(logging.Logger):
    """A logger that begins after the start."""

    def __init__(self, name: str, level: int = logging.NOTSET) -> None:
        super().__init__(name, level)
        self.addFilter(_bounded)


_bounded: Final = Bounded()


@contextmanager
def bounded() -> Iterator[None]:
    """Bound what every logger of this process writes meanwhile, also of those that do not exist yet."""
    before = logging.getLoggerClass()
    logging.setLoggerClass(_BoundedLogger)
    for logger in _loggers():
        logger.addFilter(_bounded)
    try:
        yield
    finally:
        logging.setLoggerClass(before)
        for logger in _loggers():
            logger.removeFilter(_bounded)


def _loggers() -> list[logging.Logger]:
    named = [logging.getLogger(), *logging.root.manager.loggerDict.values()]
    return [logger for logger in named if isinstance(logger, logging.Logger)]


def _key(record: logging.LogRecord) -> tuple[str, ...]:
    """What is the same when something is said again, whatever numbers stand in it."""
    error = record.exc_info[1] if record.exc_info else None
    way = traceback.extract_tb(error.__traceback__) if error is not None else ()
    places = " ".join(f"{frame.filename}:{frame.lineno}" for frame in way)
    return (
        record.name,
        record.levelname,
        _VARYING.sub("#", str(record.msg))[:500],
        type(error).__name__,
        places,
    )
