"""What the server does at regular times by itself, also when no page is open."""

import logging
import threading
import time
from collections.abc import Callable

_log = logging.getLogger(__name__)


def regularly(seconds: float, name: str, do: Callable[[], object]) -> None:
    """Do something again and again in a thread of its own; a failure is logged, and it goes on.

    Args:
        seconds: From the end of one time to the next.
        name: The thread's.
        do: What is done.
    """

    def go_on() -> None:
        while True:
            time.sleep(seconds)
            try:
                do()
            except Exception:
                _log.exception("%s failed", name)

    threading.Thread(target=go_on, name=name, daemon=True).start()
