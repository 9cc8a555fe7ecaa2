"""What a worker process does first: it leaves the signals of a terminal to the process that started it.

Ctrl-C and a closed terminal reach all its processes at once. The dashboard ends its worker in order.
"""

import signal
from typing import Any


def dask_setup(_worker: Any) -> None:
    """Called by Dask in the main thread of the worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
