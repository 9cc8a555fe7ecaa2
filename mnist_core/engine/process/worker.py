"""What happens in the training process: functions that the engine hands to a Dask worker."""

import os
import pickle
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from mnist_core.analysis.evaluation import logits_on_test_images
from mnist_core.arrays import Float32Array
from mnist_core.bounds import MAX_DATASETS
from mnist_core.config import DEFAULT, RunConfig
from mnist_core.engine.process import allocator
from mnist_core.engine.process.gate import Gate
from mnist_core.images.dataset import Dataset, Origin, load_origin
from mnist_core.images.mixture import Mixture
from mnist_core.training.loop import train
from mnist_core.training.loops.trainers import warm
from mnist_core.training.progress import Progress
from mnist_core.training.record import RunRecord

TOPIC: Final = "mlp-explainer-progress"
"""Where progress is told: (job's ticket, attempt's id, pickled `Progress`)."""

NICENESS: Final = 5
"""Of a thread that trains or analyses; 0 is usual, and a higher number gives way."""

Analysis = Callable[[RunRecord, Dataset], Any]
"""A function of a module, computing something of a run that takes too long for a page."""

ANALYSIS_RANK: Final = 0
"""Of an analysis at the gate: a page waits for it, and it is short."""

_gate: Final = Gate()
_stop_requests: Final[set[str]] = set()
_datasets: Final[dict[str, Dataset]] = {}
_tensorflow_bytes: Final[list[int]] = []  # what it took to load it, once that was weighed
_weighing: Final[set[Callable[[], None]]] = set()  # what will weigh it, where it may be loaded at the moment


def _dataset(origin: Origin, images: Dataset | None = None) -> Dataset:
    """The images of an origin, no own ones among them, loaded once; or, where the file is gone, as sent.

    Raises:
        DataError: They cannot be read in time, or are others by now, and none were sent.
    """
    dataset = _datasets.get(origin.fingerprint)
    if dataset is None:
        dataset = images.with_mixture(None) if images is not None else load_origin(origin)
        while len(_datasets) >= MAX_DATASETS:
            _datasets.pop(next(iter(_datasets)), None)
        _datasets[origin.fingerprint] = dataset
    return dataset


def train_and_report(
    ticket: str,
    config: RunConfig,
    origin: Origin,
    rank: int,
    *,
    images: Dataset | None = None,
    beginning: RunRecord | None = None,
    mixture: Mixture | None = None,
) -> tuple[RunRecord, Float32Array, int, str]:
    """Train a network.

    Args:
        ticket: Names the job among those of all engines that use this worker.
        config: What to train.
        origin: On which images.
        rank: How urgent it is; between two chunks of updates it lets a lower one compute.
        images: Themselves, where a worker could not read them.
        beginning: The run it goes on from.
        mixture: Own images that take part: in this training, and in no other.

    Returns:
        Its record; its logits on the test images; see `_size`.
    """
    from distributed import get_worker

    _give_way()
    worker = get_worker()
    attempt = uuid.uuid4().hex

    def report(progress: Progress) -> None:
        if progress.step:  # the first updates are made, so all is loaded and compiled that this run needs
            note_tensorflow()
        worker.log_event(TOPIC, (ticket, attempt, pickle.dumps(progress)))

    def is_stopped() -> bool:
        return ticket in _stop_requests

    dataset = _dataset(origin, images).with_mixture(mixture)
    try:
        with _gate.through(rank, is_stopped) as give_way, _weighing_tensorflow() as note_tensorflow:

            def is_over() -> bool:
                give_way()
                return is_stopped()

            record = train(config, dataset, report, is_over, beginning)
    finally:
        _stop_requests.discard(ticket)
    return record, logits_on_test_images(record, dataset), *_size()


def analyse(
    analysis: Analysis, record: RunRecord, origin: Origin, images: Dataset | None = None
) -> tuple[Any, float]:
    """What an analysis finds, and the seconds that it took, without those for which it waited."""
    _give_way()
    # Before the gate: while a file does not answer, others compute.
    dataset = _dataset(origin, images).with_mixture(record.mixture)
    with _gate.through(ANALYSIS_RANK, lambda: False), _weighing_tensorflow():
        began = time.perf_counter()
        return analysis(record, dataset), time.perf_counter() - began


def make_ready(origin: Origin) -> tuple[int, str]:
    """Load images and what trains the classic network; see `_size`."""
    with _weighing_tensorflow():
        warm(_dataset(origin), DEFAULT)
    return _size()


def ask_to_stop(*tickets: str) -> None:
    """End jobs of this process at their next report."""
    _stop_requests.update(tickets)


def _give_way() -> None:
    """Let the process that serves pages have the cores first: a training can wait, a click cannot.

    On Linux a priority is that of one thread and of those that it starts, so each that computes says it.
    """
    if hasattr(os, "setpriority") and os.getpriority(os.PRIO_PROCESS, 0) < NICENESS:
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)


@contextmanager
def _weighing_tensorflow() -> Iterator[Callable[[], None]]:
    """Note what this process grows by if TensorFlow is loaded in this block.

    Yields:
        What notes it as soon as it can be known; a long training need not end for that.
    """
    before = 0 if "tensorflow" in sys.modules else _resident_bytes()

    def note() -> None:
        if before and "tensorflow" in sys.modules and not _tensorflow_bytes:
            _tensorflow_bytes.append(_resident_bytes() - before)

    if before:
        _weighing.add(note)
    try:
        yield note
    finally:
        note()
        _weighing.discard(note)


def _size() -> tuple[int, str]:
    """What the engine looks after a process by.

    Returns:
        Memory of this process, without TensorFlow and what it can give back: that is what grows job by job.
        The worker's address; "" while another thread may be loading TensorFlow, which would be counted.
    """
    from distributed import get_worker

    allocator.trim()
    is_known = bool(_tensorflow_bytes) or "tensorflow" not in sys.modules or not _weighing
    return _resident_bytes() - sum(_tensorflow_bytes), get_worker().address if is_known else ""


def _resident_bytes() -> int:
    import psutil  # Dask depends on it

    return int(psutil.Process().memory_info().rss)
