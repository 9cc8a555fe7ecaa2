"""Analyses of runs, made in the training process once each, with what they found kept for who asks again."""

import logging
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mnist_core import bounds, worker
from mnist_core.background import Background
from mnist_core.bounds import MAX_ANALYSES
from mnist_core.cluster import MAX_TRIES, Cluster, is_lost
from mnist_core.data import DataError, Dataset
from mnist_core.jobs import AnalysisView, explain
from mnist_core.record import RunRecord
from mnist_core.worker import Analysis

Key = tuple[str, Analysis]
"""A run's job, and the function that analyses it."""
_log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Open:
    """An analysis that was asked for and has not ended, with what it needs to be handed out again."""

    record: RunRecord
    dataset: Dataset
    n_tries: int = 0
    sends_images: bool = False


class Analyses:
    """What was found about runs; safe to use from several threads.

    Args:
        cluster: Where analyses are made.
        background: What waits for the cluster.
    """

    def __init__(self, cluster: Cluster, background: Background) -> None:
        self._cluster, self._background = cluster, background
        self._lock = threading.RLock()
        self._views: OrderedDict[Key, AnalysisView[Any]] = OrderedDict()
        self._open: dict[Key, _Open] = {}

    def view(self, key: Key) -> AnalysisView[Any] | None:
        """What there is of an analysis; None if it was not asked for, or long ago."""
        with self._lock:
            if key in self._views:
                self._views.move_to_end(key)
            return self._views.get(key)

    def begin(self, key: Key, record: RunRecord, dataset: Dataset) -> None:
        """Ask for an analysis, unless somebody has."""
        with self._lock:
            if key in self._views:
                return
            self.keep(key, AnalysisView())
            self._open[key] = _Open(record, dataset)
        self._background.run(self._hand_out, key)

    def begin_again(self) -> None:
        """Hand out everything open once more, because there is another connection."""
        with self._lock:
            keys = list(self._open)
        for key in keys:
            self._background.run(self._hand_out, key)

    def keep(self, key: Key, view: AnalysisView[Any]) -> None:
        """Remember what was found; what was asked for longest ago makes room."""
        with self._lock:
            self._views[key] = view
            while len(self._views) > MAX_ANALYSES:
                self._views.popitem(last=False)
            self._drop_old_files()

    def _drop_old_files(self) -> None:
        """Forget the files asked for longest ago, until the rest fit within their memory."""
        sizes = {key: len(view.result) for key, view in self._views.items() if isinstance(view.result, bytes)}
        excess = sum(sizes.values()) - bounds.MAX_FILES_BYTES
        for key, n_bytes in sizes.items():
            if excess <= 0:
                break
            del self._views[key]
            excess -= n_bytes

    def forget_failure(self, job_id: str, analyse: Callable[[RunRecord, Dataset], Any]) -> None:
        """Let an analysis that failed begin anew when it is next asked for."""
        with self._lock:
            view = self._views.get((job_id, analyse))
            if view is not None and view.error is not None:
                del self._views[job_id, analyse]

    def _hand_out(self, key: Key) -> None:
        """Have an open analysis made; without a connection it stays open until there is one."""
        with self._lock:
            client, task = self._cluster.client, self._open.get(key)
        if client is None or task is None:
            return
        task.n_tries += 1
        name = f"{key[1].__name__}-{key[0]}-{uuid.uuid4().hex}"
        try:
            future = client.submit(
                worker.analyse,
                key[1],
                task.record,
                task.dataset.origin,
                task.dataset if task.sends_images else None,
                key=name,
                pure=False,
                priority=10,
            )
        except Exception as error:
            if client.status == "running":
                self._fail(key, error)
            return
        future.add_done_callback(lambda future: self._on_done(key, future, client))

    def _on_done(self, key: Key, future: Any, client: Any) -> None:
        if self._background.is_closed:
            return
        try:
            result = future.result()
        except DataError as error:
            task = self._open.get(key)
            if task is None or task.sends_images:
                self._fail(key, error)
            else:  # the worker cannot read the images any more, but here they are
                task.sends_images = True
                self._background.run(self._hand_out, key)
        except Exception as error:
            task = self._open.get(key)
            if not is_lost(error) or (task is not None and task.n_tries >= MAX_TRIES):
                self._fail(key, error)
            if is_lost(error):
                self._cluster.give_up(client)
        else:
            self._end(key, AnalysisView(result))

    def _fail(self, key: Key, error: Exception) -> None:
        _log.error("The analysis %s of %s failed", key[1].__name__, key[0], exc_info=error)
        self._end(key, AnalysisView(error=explain(error, "This analysis")))

    def _end(self, key: Key, view: AnalysisView[Any]) -> None:
        with self._lock:
            self._open.pop(key, None)
            self.keep(key, view)
