"""The training process of this machine: how Dask is set up for it, starts it and ends it."""

import contextlib
import logging
import os
import signal
import tempfile
from typing import Any, Final

from mnist_core.bounds import MAX_WORKER_BYTES

WORKER_THREADS: Final = 4
"""Of a training process: for a short, a medium and a long training, and for analyses."""
IN_MEMORY: Final = "/dev/shm"  # noqa: S108, RUF100 - a folder of Linux that is no disk

_SETTINGS: Final[dict[str, Any]] = {
    "distributed.admin.low-level-log-length": 4,  # events of trainings bring whole networks
    # What an idle dashboard would do with 7% of a core: look a hundred times a second at what threads do,
    # fifty times at the clock, and for work to move to other workers.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "200ms",
    "distributed.scheduler.work-stealing": False,
    # Images go with a job where their file is gone.
    "distributed.admin.large-graph-warning-threshold": "1 GB",
    # A new worker that a busy machine starts slowly is given up for good after this time, and every later job
    # would wait for ever.
    "distributed.deploy.lost-worker-timeout": "1 day",
    "distributed.worker.preload": ["mnist_core.engine.process.preload"],
}


def configure_dask() -> None:
    """Set up Dask for this process and those that it starts."""
    import dask

    dask.config.set(_SETTINGS)
    if _is_memory_the_only_room():
        dask.config.set({"temporary-directory": IN_MEMORY})


def start_local_cluster() -> Any:
    """Start a scheduler in this process, and one training process."""
    from distributed import LocalCluster

    return LocalCluster(
        n_workers=1,
        threads_per_worker=WORKER_THREADS,
        processes=True,
        memory_limit=MAX_WORKER_BYTES,
        # TensorFlow looks for a folder as it is imported.
        env={"TMPDIR": IN_MEMORY} if _is_memory_the_only_room() else {},
        dashboard_address=None,
        # Without an address of its own the scheduler would open port 8787 to everybody, and a second
        # dashboard on the same machine would find it taken.
        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
        silence_logs=logging.CRITICAL,
    )


def kill_workers(cluster: Any) -> None:
    """End local workers at once: what they do is of no interest any more."""
    from distributed import Status

    for nanny in list(cluster.workers.values()) if cluster is not None else []:
        nanny.status = Status.closing_gracefully  # or it would start another one
        with contextlib.suppress(OSError):
            if nanny.pid:
                os.kill(nanny.pid, signal.SIGKILL)


def block_signals() -> None:
    """In this thread and all that it starts, worker processes too: a terminal sends them to everybody."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


def _is_memory_the_only_room() -> bool:
    """Whether temporary files must go into memory: all disks are full or read-only."""
    try:
        tempfile.gettempdir()
    except OSError:
        return os.access(IN_MEMORY, os.W_OK)
    return False
