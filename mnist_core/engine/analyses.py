"""Analyses of runs: each is computed once, in the training process, and its result kept for the next visitor.

They wait in the queue of the trainings, in a lane of their own: visitors take turns, and are charged with
what they had. Each worker gets one at a time, so that a single visitor who asks for many holds up no others.
"""

import inspect
import logging
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from cachetools import LRUCache

from mnist_core import bounds
from mnist_core.bounds import MAX_ANALYSES
from mnist_core.engine.background import Background
from mnist_core.engine.cluster import MAX_TRIES, Cluster, is_lost
from mnist_core.engine.job_queue import JobQueue, Lane
from mnist_core.engine.jobs import AnalysisView, error_sentence
from mnist_core.engine.process import worker
from mnist_core.engine.process.worker import Analysis
from mnist_core.images.dataset import DataError, Dataset
from mnist_core.training.record import RunRecord

Key = tuple[str, Analysis]
"""A run's job, and the function that analyses it."""
FIRST_SECONDS: Final = 4.0
"""What an analysis is thought to take before one of its kind has been made."""
NEWEST_WEIGHT: Final = 0.3
"""Of the newest analysis in what one of its kind is thought to take."""
GONE: Final = "This run is no longer kept, because later runs needed the room. Train it again to see this."
_log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Open:
    """An analysis that was asked for and has not ended, with what it needs to be handed out."""

    key: Key
    dataset: Dataset
    visitors: set[str]
    is_handed_out: bool = False
    future: Any = None
    n_tries: int = 0
    sends_images: bool = False


class Analyses:
    """What was found about runs; safe to use from several threads.

    Args:
        cluster: Where analyses are made.
        background: What waits for the cluster.
        queue: Where they wait, and trainings too.
        lock: Held by whoever uses the queue.
        find_record: The record of a job; None after it was dropped.
    """

    def __init__(
        self,
        cluster: Cluster,
        background: Background,
        queue: JobQueue,
        lock: threading.RLock,
        find_record: Callable[[str], RunRecord | None],
    ) -> None:
        self._cluster, self._background = cluster, background
        self._queue, self._lock, self._find_record = queue, lock, find_record
        self._open: dict[str, _Open] = {}
        self._ended: LRUCache[Key, AnalysisView[Any]] = LRUCache(MAX_ANALYSES)
        self._files: LRUCache[Key, AnalysisView[bytes]] = LRUCache(bounds.MAX_FILES_BYTES, _n_bytes)
        self._seconds: dict[Any, float] = {}

    def view(self, key: Key, visitor: str = "") -> AnalysisView[Any] | None:
        """What there is of an analysis; None if it was not asked for, or long ago.

        Args:
            key: Names it.
            visitor: Who waits for it from now on, too.
        """
        with self._lock:
            if (task := self._open.get(_name(key))) is None:
                return self._files.get(key) or self._ended.get(key)
            if visitor:
                task.visitors.add(visitor)
            return AnalysisView()

    def begin(self, key: Key, dataset: Dataset, visitor: str) -> None:
        """Ask for an analysis, unless somebody has.

        Raises:
            EngineBusyError: Too much waits already, of everybody or of this visitor.
        """
        with self._lock:
            if _name(key) in self._open or key in self._files or key in self._ended:
                return
            self._queue.check_room(visitor, Lane.ANALYSIS, self._estimate(key))
            self._open[_name(key)] = task = _Open(key, dataset, {visitor})
            self._queue.add(_name(key), Lane.ANALYSIS, self._estimate(key), task.visitors)
        self.hand_out_next()

    def begin_again(self) -> None:
        """Have everything that was handed out wait once more, because there is another connection."""
        with self._lock:
            for name, task in self._open.items():
                if task.is_handed_out:
                    task.is_handed_out, task.future = False, None
                    self._queue.put_back(name, Lane.ANALYSIS, self._estimate(task.key), task.visitors)
        self.hand_out_next()

    def end_abandoned(self, are_gone: Callable[[Collection[str]], bool]) -> None:
        """Forget what waits for visitors who have all gone."""
        with self._lock:
            for name, task in list(self._open.items()):
                if not task.is_handed_out and are_gone(task.visitors):
                    self._queue.remove(name)
                    del self._open[name]

    def hand_out_next(self) -> None:
        """Hand out what waits while a worker has no analysis to make."""
        with self._lock:
            n_under_way = sum(task.is_handed_out for task in self._open.values())
            while self._cluster.client is not None and n_under_way < self._cluster.n_slots:
                entry = self._queue.next(lambda lane: lane is Lane.ANALYSIS)
                if entry is None:
                    return
                if (task := self._open.get(entry.job_id)) is not None:
                    task.is_handed_out = True
                    n_under_way += 1
                    self._background.run(self._hand_out, entry.job_id)

    def seconds_under_way(self) -> float:
        """Estimate of what the analyses take that were handed out."""
        with self._lock:
            return sum(self._estimate(task.key) for task in self._open.values() if task.is_handed_out)

    def keep(self, key: Key, view: AnalysisView[Any]) -> None:
        """Remember what was found; what was asked for longest ago makes room, files apart from all else."""
        with self._lock:
            (self._files if isinstance(view.result, bytes) else self._ended)[key] = view

    def forget_failure(self, job_id: str, analyse: Callable[[RunRecord, Dataset], Any]) -> None:
        """Let an analysis that failed begin anew when it is next asked for."""
        with self._lock:
            view = self._ended.get((job_id, analyse))
            if view is not None and view.error is not None:
                del self._ended[job_id, analyse]

    def _hand_out(self, name: str) -> None:
        """Have an open analysis made; without a connection it stays open until there is one."""
        with self._lock:
            client, task = self._cluster.client, self._open.get(name)
        if client is None or task is None:
            return
        job_id, analyse = task.key
        record = self._find_record(job_id)
        if record is None:
            self._end(name, AnalysisView(error=GONE))
            return
        task.n_tries += 1
        try:
            future = client.submit(
                worker.analyse,
                analyse,
                record,
                task.dataset.origin,
                task.dataset if task.sends_images else None,
                key=f"{analyse.__name__}-{job_id}-{uuid4().hex}",
                pure=False,
                priority=10,
            )
        except Exception as error:
            if client.status == "running":
                self._fail(name, error)
            return
        task.future = future
        future.add_done_callback(lambda future: self._on_done(name, task, future, client))

    def _on_done(self, name: str, task: _Open, future: Any, client: Any) -> None:
        if self._background.is_closed or task.future is not future:
            return
        try:
            result, seconds = future.result()
        except DataError as error:
            if task.sends_images:
                self._fail(name, error)
            else:  # the worker cannot read the images any more, but here they are
                task.sends_images = True
                self._background.run(self._hand_out, name)
        except Exception as error:
            is_connected = not is_lost(error)
            if is_connected or task.n_tries >= MAX_TRIES:
                self._fail(name, error)
            if not is_connected:
                self._cluster.give_up(client)
        else:
            self._learn(task.key, seconds)
            self._end(name, AnalysisView(result))

    def _estimate(self, key: Key) -> float:
        """Seconds that an analysis takes, as those of its kind lately did."""
        return self._seconds.get(_kind(key), FIRST_SECONDS)

    def _learn(self, key: Key, seconds: float) -> None:
        with self._lock:
            before = self._seconds.get(_kind(key), seconds)
            self._seconds[_kind(key)] = before + NEWEST_WEIGHT * (seconds - before)

    def _fail(self, name: str, error: Exception) -> None:
        _log.error("The analysis %s failed", name, exc_info=error)
        self._end(name, AnalysisView(error=error_sentence(error, "This analysis")))

    def _end(self, name: str, view: AnalysisView[Any]) -> None:
        with self._lock:
            task = self._open.pop(name, None)
            if task is not None:
                self.keep(task.key, view)
        self.hand_out_next()


def _n_bytes(view: AnalysisView[bytes]) -> int:
    return len(view.result or b"")


def _kind(key: Key) -> Any:
    """What analyses that take about as long have in common: the function, or the class of what is called."""
    return key[1] if inspect.isfunction(key[1]) else type(key[1])


def _name(key: Key) -> str:
    """What an analysis is called in the queue."""
    job_id, analyse = key
    return f"{analyse.__module__}.{analyse.__qualname__} of {job_id}"
