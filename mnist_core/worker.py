"""What happens in the training process: functions that the engine hands to a Dask worker."""

import pickle
import uuid
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from mnist_core import allocator
from mnist_core.compiled import warm
from mnist_core.config import DEFAULT, RunConfig
from mnist_core.data import Dataset, Origin, load_origin
from mnist_core.evaluation import DigitReport, report_run
from mnist_core.record import RunRecord
from mnist_core.training import Progress, train

TOPIC: Final = "mlp-explainer-progress"
"""Where progress is told: (job's ticket, attempt's id, pickled `Progress`)."""

NICENESS: Final = 5
"""Of a training among the processes of its machine; 0 is usual, and a higher number gives way."""

Analysis = Callable[[RunRecord, Dataset], Any]
"""A function of a module, computing something of a run that takes too long for a page."""

_stop_requests: Final[set[str]] = set()


@lru_cache(maxsize=2)
def _dataset(origin: Origin) -> Dataset:
    return load_origin(origin)


def train_and_report(
    ticket: str, config: RunConfig, origin: Origin
) -> tuple[RunRecord, DigitReport, int, str]:
    """Train a network.

    Args:
        ticket: Names the job among those of all engines that use this worker.
        config: What to train.
        origin: On which images.

    Returns:
        Its record; how it reads each digit; this process's memory in bytes; the worker's address.
    """
    from distributed import get_worker

    _give_way()
    worker = get_worker()
    attempt = uuid.uuid4().hex

    def report(progress: Progress) -> None:
        worker.log_event(TOPIC, (ticket, attempt, pickle.dumps(progress)))

    is_stopped: Callable[[], bool] = lambda: ticket in _stop_requests  # noqa: E731
    dataset = _dataset(origin)
    try:
        record = train(config, dataset, report, is_stopped)
    finally:
        _stop_requests.discard(ticket)
    return record, report_run(record, dataset), _resident_bytes(), worker.address


def analyse(analysis: Analysis, record: RunRecord, origin: Origin) -> Any:
    """What an analysis finds."""
    _give_way()
    return analysis(record, _dataset(origin))


def make_ready(origin: Origin) -> tuple[int, str]:
    """Import what takes long and load the images; this process's memory in bytes, and its address."""
    from distributed import get_worker

    warm(_dataset(origin), DEFAULT)
    return _resident_bytes(), get_worker().address


def ask_to_stop(ticket: str) -> None:
    """End a job of this process at its next report."""
    _stop_requests.add(ticket)


def _give_way() -> None:
    """Let the process that serves pages have the cores first: a training can wait, a click cannot."""
    import psutil  # Dask depends on it

    process = psutil.Process()
    if psutil.POSIX and process.nice() < NICENESS:
        process.nice(NICENESS)


def _resident_bytes() -> int:
    """Memory of this process, without what it can give back."""
    import psutil  # Dask depends on it

    allocator.trim()
    return int(psutil.Process().memory_info().rss)
