"""Threads of the engine, whose failures reach the log."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

_log = logging.getLogger(__name__)


class Background:
    """Runs functions in threads of its own until it is closed."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="engine")
        self._closed = threading.Event()

    @property
    def is_closed(self) -> bool:
        """Whether nothing is begun any more, and what still fails is of no interest."""
        return self._closed.is_set()

    def run(self, function: Callable[..., None], *arguments: Any) -> None:
        """Run something in a thread; what it raises would otherwise be seen by nobody."""

        def run() -> None:
            try:
                function(*arguments)
            except Exception:
                if not self.is_closed:
                    named = (getattr(argument, "job_id", argument) for argument in arguments)
                    job_ids = " ".join(argument for argument in named if isinstance(argument, str))
                    _log.exception("%s failed: %s", function.__name__, job_ids)

        if not self.is_closed:
            self._threads.submit(run)

    def repeat(self, seconds: float, function: Callable[[], None]) -> None:
        """Run something again and again in a thread of its own, with so many seconds between two times."""

        def run() -> None:
            while not self._closed.wait(seconds):
                try:
                    function()
                except Exception:
                    _log.exception("%s failed and is tried again", function.__name__)

        threading.Thread(target=run, name=f"engine-{function.__name__}", daemon=True).start()

    def close(self) -> None:
        """Begin nothing any more."""
        self._closed.set()
        self._threads.shutdown(wait=False, cancel_futures=True)
