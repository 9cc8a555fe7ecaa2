"""Trains networks in other processes for everybody who asks: what pages ask for, and what they see of it.

The `dispatcher` hands trainings to a Dask cluster: a local one of one worker process, or the cluster named by
`DASK_SCHEDULER_ADDRESS`. The `schedule` says which training goes next, so that everyone waiting has an exact
place, `known_jobs` holds all trainings, and `foreign_jobs` finds those of other servers.
"""

import os
import threading
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, Literal

from mnist_core.arrays import Float32Array
from mnist_core.bounds import MAX_WAITING
from mnist_core.config import RunConfig
from mnist_core.engine.analyses import GONE, Analyses
from mnist_core.engine.background import Background
from mnist_core.engine.cluster import Cluster
from mnist_core.engine.dispatcher import Dispatcher
from mnist_core.engine.estimate import nominal_seconds
from mnist_core.engine.foreign_jobs import ForeignJobs
from mnist_core.engine.job_queue import JobQueue
from mnist_core.engine.jobs import AnalysisView, EngineBusyError, Job, JobState, JobView, T
from mnist_core.engine.known_jobs import KnownJobs
from mnist_core.engine.process import allocator
from mnist_core.engine.schedule import Schedule
from mnist_core.images.dataset import Dataset
from mnist_core.storage.record_store import RecordStore
from mnist_core.storage.shared_records import SharedRecords
from mnist_core.training.record import RunRecord

STOP_SECONDS: Final = 0.3
"""Between two requests to stop what still runs."""
ABANDONED_SECONDS: Final = 5.0
"""Between two looks for trainings that nobody waits for any more."""
ELSEWHERE_SECONDS: Final = 1.0
"""Between two looks for what other servers train."""


class Engine:
    """Runs training jobs; safe to use from several threads.

    Args:
        address: A Dask scheduler; None reads `DASK_SCHEDULER_ADDRESS`, or starts a local worker.
        store: Where records are kept.
        max_waiting: How many jobs may wait.
        shared: Where records outlast this server, and where those of others and of earlier ones are found.
    """

    def __init__(
        self,
        address: str | None = None,
        store: RecordStore | None = None,
        max_waiting: int = MAX_WAITING,
        shared: SharedRecords | None = None,
    ) -> None:
        self._is_gone: Callable[[str], bool] = lambda _: False
        self._lock, self._background = threading.RLock(), Background()
        self.records = store or RecordStore(shared=shared, run=self._background.run)
        self._queue = JobQueue(max_waiting)
        self._cluster = Cluster(address or os.environ.get("DASK_SCHEDULER_ADDRESS"))
        self._analyses = Analyses(self._cluster, self._background, self._queue, self._lock, self.records.get)
        self._schedule = Schedule(self._queue, self._analyses.seconds_under_way)
        self._jobs = KnownJobs(self.records, self._background, shared, self._schedule.running)
        self._foreign = ForeignJobs(shared, self._jobs, self._lock, self._train)
        self._dispatcher = Dispatcher(
            cluster=self._cluster,
            analyses=self._analyses,
            jobs=self._jobs,
            schedule=self._schedule,
            lock=self._lock,
            background=self._background,
        )
        allocator.give_back_large_blocks()
        self._cluster.start(self._dispatcher.on_event, self._dispatcher.on_ready, self._dispatcher.on_lost)
        self._background.repeat(STOP_SECONDS, self._dispatcher.ask_to_stop)
        self._background.repeat(ABANDONED_SECONDS, self.end_abandoned)
        self._background.repeat(ELSEWHERE_SECONDS, self._foreign.look)

    # What pages call: none of it waits for a training; with a shared folder, some of it reads a file there.

    def submit(
        self,
        config: RunConfig,
        dataset: Dataset,
        visitor: str = "",
        *,
        is_pinned: bool = False,
        payers: Collection[str] = (),
        beginning: str = "",
    ) -> str:
        """Train a network, or join or find the job that already did.

        Args:
            config: What to train.
            dataset: On which images.
            visitor: Who waits for it.
            is_pinned: All pages need it: it is never refused or forgotten, and goes ahead of every queue.
            payers: Who is charged with its time, if not the visitor.
            beginning: The job of a stopped or shorter run of the same settings, to go on from there.

        Returns:
            The job's id.

        Raises:
            EngineBusyError: Too many different networks wait already, or too many of this visitor's.
        """
        key = config.key(dataset.fingerprint)
        with self._lock:
            is_known = self._jobs.of_config(key) is not None
        stored_id = None if is_known else self._foreign.find(key)  # which reads a folder, so without the lock
        job_id = stored_id or self._jobs.new_id(key)
        trained_by = job_id if is_known or stored_id else self._foreign.claim(key, job_id)
        with self._lock:
            self._foreign.add_dataset(dataset)
            job = self._jobs.of_config(key)
            if job is None:
                job = Job(job_id, key, config, dataset, is_pinned=is_pinned)
                job.payers = set(payers or {visitor})
                job.follows = "" if trained_by == job_id else trained_by
                self._begin(job, beginning, is_stored=stored_id is not None)
            job.visitors.add(visitor)
            job.payers.update(payers or {visitor})
            if is_pinned:
                self._pin(job)
        self._dispatcher.dispatch()
        return job.job_id

    def view(self, job_id: str) -> JobView | None:
        """How a job is doing; None if it is not known (any more)."""
        self._foreign.load(job_id)
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None:
                return None
            job.looked = time.monotonic()
            position, waiting = self._schedule.place(job, self.n_slots)
            seconds_left = waiting + self._schedule.seconds_left(job)
            is_first = job.start_seconds > 0 and not self._dispatcher.has_compiled
            return JobView.of(job, position, waiting, seconds_left, is_first=is_first)

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
        return self._cluster.n_slots

    @property
    def problem(self) -> str | None:
        """Why nothing can be trained at the moment, in a sentence; None if nothing is wrong."""
        return self._cluster.problem

    def record(self, job_id: str) -> RunRecord | None:
        """The record of a finished or stopped job; None before its end, and after it was dropped."""
        return self.records.get(job_id)

    def test_logits(self, job_id: str) -> Float32Array | None:
        """What a network trained here makes of the test images, shape (n, 10); None where it is not kept."""
        with self._lock:
            return self._jobs.test_logits.get(job_id)

    def finished_job_for(self, key: str) -> str | None:
        """The finished job with a config's key, if its record is still there; trains nothing."""
        with self._lock:
            job = self._jobs.of_config(key)
            if job is not None and job.state is JobState.FINISHED:
                return job.job_id
        return self._foreign.find(key)

    def estimated_seconds(self, config: RunConfig, dataset: Dataset) -> float:
        """What a training takes here without waiting, by those before it; 0 if it has ended."""
        if self.finished_job_for(config.key(dataset.fingerprint)) is not None:
            return 0.0
        return self._schedule.seconds(nominal_seconds(config, len(dataset.train_labels)))

    def unfinished(self, job_id: str) -> tuple[RunConfig, Dataset] | None:
        """What a job that waits or runs trains, and on which images; None for any other."""
        with self._lock:
            job = self._jobs.get(job_id)
            return None if not job or job.state.is_final else (job.config, job.dataset)

    def analysis(
        self, job_id: str, analyse: Callable[[RunRecord, Dataset], T], visitor: str = ""
    ) -> AnalysisView[T]:
        """What an analysis of a finished or stopped run found; the first call begins it.

        Where too much waits already, it is not begun, and the error says so.

        Args:
            job_id: Names the run.
            analyse: A function of a module that takes the record and the dataset; its result is kept, so it
                should be small.
            visitor: Who waits for it.
        """
        key = (job_id, analyse)
        self._foreign.load(job_id)
        if (view := self._analyses.view(key, visitor)) is not None:
            return view
        with self._lock:
            job = self._jobs.get(job_id)
        if job is None or job_id not in self.records:
            return AnalysisView(error=GONE)
        try:
            self._analyses.begin(key, job.dataset, visitor)
        except EngineBusyError as error:
            return AnalysisView(error=str(error))
        return AnalysisView()

    def begun_analysis(
        self, job_id: str, analyse: Callable[[RunRecord, Dataset], T]
    ) -> AnalysisView[T] | None:
        """What there is of an analysis that somebody asked for; None where nobody did, and none is begun."""
        return self._analyses.view((job_id, analyse))

    def forget_failure(self, job_id: str, analyse: Callable[[RunRecord, Dataset], Any]) -> None:
        """Let an analysis that failed begin anew when it is next asked for."""
        self._analyses.forget_failure(job_id, analyse)

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
            job.payers.discard(visitor)
            if job.visitors:
                return "left"
            job.is_stop_wanted, job.stop_wanted = True, time.monotonic()
            self._jobs.detach(job)
            if self._schedule.remove(job) or self._foreign.forget(job):
                self._jobs.finish_unbegun(job)
        job.notify()
        return "stopping"

    def connect_visits(
        self, wanted_jobs: Callable[[], Mapping[str, int]], is_gone: Callable[[str], bool]
    ) -> None:
        """Know what visitors still want.

        Args:
            wanted_jobs: The jobs that living visits have, with how many newer ones a visit has; asked only
                when room is short.
            is_gone: Whether nobody with a visitor's name has been connected for two minutes.
        """
        self._jobs.wanted, self._is_gone = wanted_jobs, is_gone
        self.records.prefer(wanted_jobs)

    def are_gone(self, visitors: Collection[str]) -> bool:
        """Whether all of some visitors have gone."""
        return bool(visitors) and all(map(self._is_gone, list(visitors)))

    def end_abandoned(self) -> None:
        """End what waits or runs for visitors who have all gone."""
        with self._lock:
            jobs = [job for job in self._jobs.values() if not (job.state.is_final or job.is_pinned)]
            abandoned = [job for job in jobs if self.are_gone(job.payers)]
        for job in abandoned:
            for visitor in list(job.visitors):
                self.stop(job.job_id, visitor)
        self._analyses.end_abandoned(self.are_gone)

    def warm(self, dataset: Dataset) -> None:
        """Have the worker ready to train on a dataset, in the background, once for each."""
        self._dispatcher.warm(dataset.origin)

    def close(self) -> None:
        """Stop the worker and forget everything."""
        self._background.close()
        self._cluster.close()
        self._foreign.close()
        self.records.close()

    def _begin(self, job: Job, beginning: str, *, is_stored: bool) -> None:
        """Have a new job wait, or end with what has been stored of it."""
        n_images, job.looked = len(job.dataset.train_labels), time.monotonic()
        job.nominal_seconds = nominal_seconds(job.config, n_images)
        self._jobs.begin_from(job, beginning)
        if not is_stored and not job.is_pinned:
            try:
                self._schedule.check_room(job)
            except EngineBusyError:
                self._foreign.release(job.key)
                raise
        self._jobs[job.job_id] = job
        self._jobs.attach(job)
        if job.follows:
            self._foreign.follow(job)
        elif is_stored:
            job.state = JobState.RUNNING
            if job.is_pinned:  # the first page shows it, and it takes some 20 ms
                self._foreign.restore(job)
            else:
                self._background.run(self._foreign.restore, job)
        else:
            self._schedule.wait(job)
        self._jobs.forget_old()

    def _pin(self, job: Job) -> None:
        """Keep a job and its record for good, and move it to the head of the queue."""
        job.is_pinned = True
        self.records.pin(job.job_id)
        if self._schedule.remove(job):
            self._schedule.wait(job)

    def _train(self, jobs: Collection[Job]) -> None:
        """Have jobs wait that were to end with what another server trains or has stored."""
        with self._lock:
            for job in jobs:
                job.state = JobState.QUEUED
                self._schedule.wait(job)
        self._dispatcher.dispatch()
