"""The log is bounded: what it has said is counted for a minute and not said again.

Once a minute, and at the end, one line says what was left out.
"""

import asyncio
import logging
import re
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from mnist_core.bounds import (
    LOG_LINES_A_SECOND,
    MAX_LOG_BURST,
    MAX_LOG_MESSAGES,
    MAX_LOGGED,
    REPEAT_SECONDS,
)

N_IN_SUMMARY: Final = 5
"""Messages that a summary names, those left out most often; it counts the others together."""
N_OF_MESSAGE: Final = 80
"""Characters by which a summary names a message."""
_VARYING: Final = re.compile(r"0x[0-9a-f]+|[0-9a-f-]{16,}|\d+", re.IGNORECASE)
_log = logging.getLogger(__name__)
_uncaught = logging.getLogger(f"{__name__}.uncaught")


class Bounded(logging.Filter):
    """Lets a message through once a minute, and not too many different ones; counts what it leaves out.

    Args:
        clock: Seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()
        self._said: dict[tuple[str, ...], float] = {}
        self._budgets: dict[str, tuple[float, float]] = {}
        self._left_out: Counter[str] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is written; a long one is shortened."""
        if record.name == __name__:
            return True  # the summary
        if _is_given_up(record):
            return False
        key, now = _key(record), self._clock()
        with self._lock:
            since = self._said.get(key)
            if since is not None and now - since < REPEAT_SECONDS:
                self._leave_out(record, f"“{key[2][:N_OF_MESSAGE]}”")
                return False
            if not self._has_budget(record.name, now):
                self._leave_out(record, f"others of {record.name}")
                return False
            if len(self._said) >= MAX_LOG_MESSAGES:
                self._said.clear()
            self._said[key] = now
        _shorten(record)
        return True

    def summary(self) -> str:
        """What was left out since this was asked before; "" if nothing was."""
        with self._lock:
            left_out, self._left_out = self._left_out, Counter()
        named = [f"{n:,} × {words}" for words, n in left_out.most_common(N_IN_SUMMARY)]
        if n_more := left_out.total() - sum(n for _, n in left_out.most_common(N_IN_SUMMARY)):
            named.append(f"{n_more:,} × something else")
        return "; ".join(named)

    def _leave_out(self, record: logging.LogRecord, words: str) -> None:
        if record.levelno >= logging.WARNING:  # connections that begin and end are of no interest
            self._left_out[words] += 1

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
    """Bound what every logger of this process writes meanwhile, also of those that do not exist yet.

    What Python itself would print, of a thread that failed or an object that could not be removed, goes the
    same way.
    """
    logger_class, in_thread, in_removal = logging.getLoggerClass(), threading.excepthook, sys.unraisablehook
    logging.setLoggerClass(_BoundedLogger)
    for logger in _loggers():
        logger.addFilter(_bounded)
    threading.excepthook = sys.unraisablehook = _log_uncaught
    try:
        yield
    finally:
        threading.excepthook, sys.unraisablehook = in_thread, in_removal
        logging.setLoggerClass(logger_class)
        for logger in _loggers():
            logger.removeFilter(_bounded)
        summarize()


def summarize() -> None:
    """Write a line that says what was left out of the log since the last one, if anything was."""
    if left_out := _bounded.summary():
        _log.warning("The log left out repeated messages: %s", left_out)


def _log_uncaught(uncaught: "threading.ExceptHookArgs | sys.UnraisableHookArgs") -> None:
    """Instead of Python's own way, which prints it."""
    if uncaught.exc_type is SystemExit or uncaught.exc_value is None:
        return
    place = getattr(uncaught, "thread", None) or getattr(uncaught, "object", None)
    error = (uncaught.exc_type, uncaught.exc_value, uncaught.exc_traceback)
    _uncaught.error("Nobody caught an exception of a %s", type(place).__name__, exc_info=error)


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


def _is_given_up(record: logging.LogRecord) -> bool:
    """Whether Dask tells of an attempt to connect that the engine gave up, and has told of in a sentence."""
    error = record.exc_info[1] if record.exc_info else None
    return record.name == "distributed.client" and isinstance(error, asyncio.CancelledError)


def _shorten(record: logging.LogRecord) -> None:
    """Cut off the end of a long message, and the middle of its traceback."""
    message = record.getMessage()
    if len(message) > MAX_LOGGED:
        record.msg, record.args = f"{message[:MAX_LOGGED]} …", ()
    if record.exc_info and record.exc_info[1] is not None:
        way = "".join(traceback.format_exception(record.exc_info[1])).rstrip()
        if len(way) > 2 * MAX_LOGGED:
            record.exc_text = f"{way[:MAX_LOGGED]}\n…\n{way[-MAX_LOGGED:]}"
