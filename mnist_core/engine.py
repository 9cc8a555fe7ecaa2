"""Trains networks in another process, one after the other, for everybody who asks.

The engine wraps a Dask client: by default a local cluster of one worker process with one thread, or
the cluster named by `DASK_SCHEDULER_ADDRESS`. It keeps the queue itself and hands out only as many jobs as
there are free workers, so that everyone waiting has an exact place. Nothing here blocks a page: what
takes time happens in threads, and pages look at a `JobView`.
"""

import itertools
import logging
import os
import pickle
import threading
import time
import uuid
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final, Literal

from mnist_core import allocator, worker
from mnist_core.config import RunConfig
from mnist_core.data import Dataset, Origin
from mnist_core.evaluation import DigitReport, report_run
from mnist_core.jobs import AnalysisView, EngineBusyError, Job, JobState, JobView, Outcome, T
from mnist_core.record import History, RunRecord
from mnist_core.store import RecordStore
from mnist_core.training import Progress, train
from mnist_core.worker import Analysis

MAX_WAITING: Final = 50
"""Jobs that may wait; a class trains the same network, so this many different ones are rare."""
MAX_WAITING_OF_ONE: Final = 15
"""Of them, those that one visitor alone waits for: a lesson's experiment has five."""
MAX_REMEMBERED_JOBS: Final = 500
MAX_ANALYSES: Final = 500
WORKER_MEMORY: Final = "2GiB"
MAX_WORKER_GROWTH: Final = 130_000_000
"""Bytes a worker may grow by, for what TensorFlow never gives back, before it is replaced between jobs."""
MAX_IDLE_WORKER_GROWTH: Final = 60_000_000
"""The same when no job waits, because a replacement then holds nobody up."""

_log = logging.getLogger(__name__)


class Engine:
    """Runs training jobs; safe to use from several threads.

    Args:
        address: A Dask scheduler; None reads `DASK_SCHEDULER_ADDRESS`, or starts a local worker.
        store: Where records are kept.
        max_waiting: How many jobs may wait.
    """

    def __init__(
        self, address: str | None = None, store: RecordStore | None = None, max_waiting: int = MAX_WAITING
    ) -> None:
        self.records = store or RecordStore()
        self._address = address or os.environ.get("DASK_SCHEDULER_ADDRESS")
        self._max_waiting = max_waiting
        self._lock = threading.RLock()
        self._jobs: dict[str, Job] = {}
        self._current: dict[str, str] = {}  # config key → the job that trains or trained it
        self._waiting: deque[str] = deque()
        self._running: set[str] = set()
        self._numbers = itertools.count(1)
        self._analyses: OrderedDict[tuple[str, Analysis], AnalysisView[Any]] = OrderedDict()
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="engine")
        self._client: Any = None
        self._cluster: Any = None
        self._n_slots = 1
        self._worker_baseline: dict[str, int] = {}
        self._failure: str | None = None
        self._warmed_with: Origin | None = None
        self._is_closed = False
        allocator.give_back_large_blocks()
        self._threads.submit(self._connect)

    # What pages call; none of it waits.

    def submit(self, config: RunConfig, dataset: Dataset, visitor: str = "") -> str:
        """Train a network, or join or find the job that already did.

        Returns:
            The job's id.

        Raises:
            EngineBusyError: Too many different networks wait already, or too many of this visitor's.
        """
        key = config.key(dataset.fingerprint)
        with self._lock:
            job = self._jobs.get(self._current.get(key, ""))
            is_lost = job is not None and job.state is JobState.FINISHED and job.job_id not in self.records
            if job is None or is_lost:
                if len(self._waiting) >= self._max_waiting:
                    raise EngineBusyError(
                        f"{len(self._waiting)} other networks are waiting to be trained, and no more are "
                        "taken. Try again in a moment; your settings stay as they are."
                    )
                self._check_share(visitor)
                job = Job(f"{key}-{next(self._numbers)}", key, config, dataset)
                self._jobs[job.job_id] = job
                self._current[key] = job.job_id
                self._waiting.append(job.job_id)
                self._forget_old_jobs()
            job.visitors.add(visitor)
        self._dispatch()
        return job.job_id

    def _check_share(self, visitor: str) -> None:
        n_own = sum(self._jobs[job_id].visitors == {visitor} for job_id in self._waiting) if visitor else 0
        if n_own >= MAX_WAITING_OF_ONE:
            raise EngineBusyError(
                f"{n_own} networks of yours are waiting to be trained, and no more are taken before one of "
                "them is done. Your settings stay as they are."
            )

    def view(self, job_id: str) -> JobView | None:
        """How a job is doing; None if it is not known (any more)."""
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None:
                return None
            position = self._waiting.index(job_id) + 1 if job_id in self._waiting else 0
            return JobView(
                job_id,
                job.config,
                job.state,
                position,
                job.progress,
                History.joined(job.parts),
                job.error,
                job.snapshot,
                job.outcome,
            )

    def watch(self, job_id: str, on_end: Callable[[], None]) -> None:
        """Call a function once when a job has ended; at once if it has, or is not known (any more).

        Args:
            job_id: Names the job.
            on_end: Called in a thread of the engine, before it hands out the next job; must not wait.
        """
        with self._lock:
            job = self._jobs.get(job_id)
            if job is not None and not job.state.is_final:
                job.watchers.append(on_end)
                return
        on_end()

    @property
    def n_slots(self) -> int:
        """Trainings that can run at the same time."""
        return self._n_slots

    def record(self, job_id: str) -> RunRecord | None:
        """What a finished or stopped job left; None before that, or when it had to make room."""
        return self.records.get(job_id)

    def find(self, key: str) -> str | None:
        """The finished job with a config's key, if its record is still there; trains nothing."""
        with self._lock:
            job_id = self._current.get(key, "")
        return job_id if job_id in self.records else None

    def analysis(self, job_id: str, analyse: Callable[[RunRecord, Dataset], T]) -> AnalysisView[T]:
        """What an analysis of a finished or stopped run found; the first call begins it.

        Args:
            job_id: Names the run.
            analyse: A function of a module that takes the record and the dataset; its result is kept, so it
                should be small.
        """
        key = (job_id, analyse)
        with self._lock:
            if key in self._analyses:
                self._analyses.move_to_end(key)
                return self._analyses[key]
            record, job = self.records.get(job_id), self._jobs.get(job_id)
            if record is None or job is None:
                return AnalysisView(error="This run had to make room for later ones; train it again.")
            self._keep_analysis(key, AnalysisView())
        self._threads.submit(self._begin_analysis, key, record, job.dataset.origin)
        return AnalysisView()

    def forget_failure(self, job_id: str, analyse: Callable[[RunRecord, Dataset], Any]) -> None:
        """Let an analysis that failed begin anew when it is next asked for."""
        with self._lock:
            view = self._analyses.get((job_id, analyse))
            if view is not None and view.error is not None:
                del self._analyses[job_id, analyse]

    def stop(self, job_id: str, visitor: str = "") -> Literal["stopping", "left", "ended"]:
        """End a job early, unless other visitors wait for the same network.

        Returns:
            "stopping"; "left" if it goes on for others; "ended" if there was nothing to stop.
        """
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None or job.state.is_final:
                return "ended"
            job.visitors.discard(visitor)
            if job.visitors:
                return "left"
            job.is_stop_wanted = True
            self._current.pop(job.key, None)
            is_waiting = job.state is JobState.QUEUED
            if is_waiting:
                self._waiting.remove(job_id)
                self._finish(job, train(job.config, job.dataset, should_stop=lambda: True))
            else:
                self._threads.submit(self._keep_asking_to_stop, job)
        if is_waiting:
            _tell(job)
        return "stopping"

    def warm(self, dataset: Dataset) -> None:
        """Load TensorFlow and the images in the worker, in the background, once for each dataset."""
        with self._lock:
            if self._warmed_with == dataset.origin:
                return
            self._warmed_with = dataset.origin
        self._threads.submit(self._warm_workers)

    def close(self) -> None:
        """Stop the worker and forget everything."""
        self._is_closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        for part in (self._client, self._cluster):
            if part is not None:
                part.close()
        self.records.close()

    # In the background.

    def _connect(self) -> None:
        try:
            import dask
            from distributed import Client, LocalCluster

            dask.config.set(
                {
                    "distributed.admin.low-level-log-length": 4,  # events of trainings bring whole networks
                    # What an idle dashboard would do with 7 % of a core: look a hundred times a second at
                    # what threads do, fifty times at the clock, and for work to move to other workers.
                    "distributed.worker.profile.enabled": False,
                    "distributed.admin.tick.interval": "200ms",
                    "distributed.scheduler.work-stealing": False,
                    # A new worker that a busy machine starts slowly is given up for good after this time, and
                    # every later job would wait for ever.
                    "distributed.deploy.lost-worker-timeout": "1 day",
                }
            )
            if self._address is None:
                self._cluster = LocalCluster(
                    n_workers=1,
                    threads_per_worker=1,
                    processes=True,
                    memory_limit=WORKER_MEMORY,
                    dashboard_address=None,
                    # Without an address of its own the scheduler would open port 8787 to everybody, and a
                    # second dashboard on the same machine would find it taken.
                    scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
                    silence_logs=logging.CRITICAL,
                )
            client = Client(self._cluster or self._address, set_as_default=False, timeout=20)
            client.subscribe_topic(worker.TOPIC, self._on_event)
            with self._lock:
                self._client = client
                self._n_slots = max(1, sum(client.nthreads().values()))
        except Exception as error:
            _log.exception("No training process")
            with self._lock:
                self._failure = f"The training process could not be started ({error})."
        self._dispatch()

    def _dispatch(self) -> None:
        """Hand out waiting jobs while a worker is free."""
        failed: list[Job] = []
        with self._lock:
            if self._client is None and self._failure is None:
                return
            while self._waiting and (self._failure or len(self._running) < self._n_slots):
                job = self._jobs[self._waiting.popleft()]
                if self._failure:
                    self._fail(job, self._failure)
                    failed.append(job)
                    continue
                job.state = JobState.RUNNING
                self._running.add(job.job_id)
                job.future = self._client.submit(
                    worker.train_and_report,
                    job.job_id,
                    job.config,
                    job.dataset.origin,
                    key=f"train-{job.job_id}",
                    pure=False,
                )
                job.future.add_done_callback(lambda future, job=job: self._on_done(job, future))
        for job in failed:
            _tell(job)

    def _on_done(self, job: Job, future: Any) -> None:
        if self._is_closed:
            return
        n_bytes, address = 0, ""
        try:
            record, report, n_bytes, address = future.result()
            with self._lock:
                self._finish(job, record, report)
        except Exception as error:
            _log.exception("Training %s failed", job.job_id)
            with self._lock:
                self._fail(job, _explain(error))
        job.future = None
        _tell(job)
        self._replace_if_grown(address, n_bytes)
        with self._lock:
            self._running.discard(job.job_id)
        self._dispatch()

    def _finish(self, job: Job, record: RunRecord, report: DigitReport | None = None) -> None:
        job.outcome = Outcome.of(record)
        if report is not None:
            self._keep_analysis((job.job_id, report_run), AnalysisView(report))
            job.outcome = Outcome.of(record, report.n_images, report.n_right)
        self.records.put(job.job_id, record)
        job.state = JobState.STOPPED if record.is_stopped else JobState.FINISHED
        job.parts, job.snapshot = [record.history], None  # the record has them all

    def _keep_analysis(self, key: tuple[str, Analysis], view: AnalysisView[Any]) -> None:
        with self._lock:
            self._analyses[key] = view
            while len(self._analyses) > MAX_ANALYSES:
                self._analyses.popitem(last=False)

    def _begin_analysis(self, key: tuple[str, Analysis], record: RunRecord, origin: Origin) -> None:
        def done(future: Any) -> None:
            try:
                self._keep_analysis(key, AnalysisView(future.result()))
            except Exception as error:
                if not self._is_closed:
                    _log.exception("An analysis of %s failed", key[0])
                    self._keep_analysis(key, AnalysisView(error=_explain(error, "This analysis")))

        if not self._wait_for_client():
            self._keep_analysis(key, AnalysisView(error=self._failure))
            return
        name = f"{key[1].__name__}-{key[0]}-{uuid.uuid4().hex}"
        self._client.submit(worker.analyse, key[1], record, origin, key=name, pure=False).add_done_callback(
            done
        )

    def _wait_for_client(self) -> bool:
        while self._client is None and self._failure is None and not self._is_closed:
            time.sleep(0.05)
        return self._client is not None

    def _fail(self, job: Job, error: str) -> None:
        job.state, job.error = JobState.FAILED, error
        self._current.pop(job.key, None)

    def _on_event(self, event: tuple[Any, Any]) -> None:
        job_id, attempt, packed = event[1]
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None or job.state.is_final:
                return
            if job.attempt != attempt:  # a new worker begins again after the first was lost
                job.attempt, job.parts, job.snapshot = attempt, [], None
            progress: Progress = pickle.loads(packed)  # noqa: S301, RUF100 - from our own worker
            job.progress = replace(progress, snapshot=None)
            job.parts.append(progress.news)
            job.snapshot = progress.snapshot or job.snapshot

    def _keep_asking_to_stop(self, job: Job) -> None:
        """Ask until the job ends: a worker that was just replaced has not heard it."""
        while not (job.state.is_final or self._is_closed):
            try:
                self._client.run(worker.ask_to_stop, job.job_id, on_error="ignore")
            except Exception:
                _log.exception("Could not reach the worker to stop %s", job.job_id)
            time.sleep(0.3)

    def _warm_workers(self) -> None:
        if not self._wait_for_client() or self._warmed_with is None:
            return
        for address in self._client.nthreads():
            self._client.submit(
                worker.make_ready,
                self._warmed_with,
                key=f"warm-{uuid.uuid4().hex}",
                workers=[address],
                pure=False,
            ).add_done_callback(self._on_warmed)

    def _on_warmed(self, future: Any) -> None:
        try:
            n_bytes, address = future.result()
            self._worker_baseline.setdefault(address, n_bytes)
        except Exception:
            _log.exception("The worker could not be warmed")

    def _replace_if_grown(self, address: str, n_bytes: int) -> None:
        """Every compiled shape leaves some memory behind for good; a new process begins afresh."""
        if not address or self._cluster is None:
            return
        baseline = self._worker_baseline.setdefault(address, n_bytes)
        with self._lock:
            limit = MAX_WORKER_GROWTH if self._waiting else MAX_IDLE_WORKER_GROWTH
        if n_bytes - baseline <= limit:
            return
        try:
            self._client.restart_workers([address], timeout=120)
            self._worker_baseline.clear()
            self._warm_workers()
        except Exception:
            if not self._is_closed:
                _log.exception("The worker could not be replaced")

    def _forget_old_jobs(self) -> None:
        ended = [job for job in self._jobs.values() if job.state.is_final]
        for job in ended[: max(0, len(self._jobs) - MAX_REMEMBERED_JOBS)]:
            del self._jobs[job.job_id]
            if self._current.get(job.key) == job.job_id:
                del self._current[job.key]


def _tell(job: Job) -> None:
    """Call who waits for the end of a job; not with the lock held, because they may want others."""
    watchers, job.watchers = job.watchers, []
    for on_end in watchers:
        on_end()


def _explain(error: Exception, what: str = "Training") -> str:
    if type(error).__name__ == "KilledWorker":
        return "The training process was ended from outside several times, perhaps for want of memory."
    return f"{what} failed: {error or type(error).__name__}"
