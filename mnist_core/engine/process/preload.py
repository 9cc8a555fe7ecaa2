"""What a worker process does first: it leaves the signals of a terminal to the process that started it.

Ctrl-C, a closed terminal and the end of a service reach all processes at once. The dashboard ends its worker
in order. On Unix it is started with these signals blocked (`local_worker`): they may come before this runs.
"""

import signal
from typing import Any

from mnist_core.engine.process import allocator


def dask_setup(_worker: Any) -> None:
    """Called by Dask in the main thread of the worker process."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    allocator.keep_blocks()
