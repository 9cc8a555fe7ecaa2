"""Trains networks in another process, one after the other, for everybody who asks.

The engine wraps a Dask client: by default a local cluster of one worker process, or the cluster named by
`DASK_SCHEDULER_ADDRESS`. It keeps the queue itself and hands out one job of each lane to a worker, where the
shortest computes first, so that everyone waiting has an exact place. Nothing here blocks a page: what takes
time happens in threads, and pages look at a `JobView`.
"""

import contextlib
import itertools
import logging
import os
import pickle
import secrets
import threading
import time
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, Final, Literal

from mnist_core.analysis.evaluation import DigitReport, report_run
from mnist_core.bounds import MAX_PARTS, MAX_REMEMBERED_JOBS, MAX_WAITING
from mnist_core.config import RunConfig
from mnist_core.engine import allocator, worker
from mnist_core.engine.analyses import GONE, Analyses
from mnist_core.engine.background import Background
from mnist_core.engine.cluster import MAX_TRIES, Cluster, is_lost
from mnist_core.engine.estimate import Estimator, nominal_seconds
from mnist_core.engine.job_queue import JobQueue, Lane, lane_of
from mnist_core.engine.jobs import (
    AnalysisView,
    EngineBusyError,
    Job,
    JobState,
    JobView,
    Outcome,
    T,
    error_sentence,
)
from mnist_core.engine.worker_care import Upkeep
from mnist_core.images.dataset import DataError, Dataset
from mnist_core.storage.record_store import RecordStore
from mnist_core.storage.shared_records import SharedRecords
from mnist_core.training.loop import Progress, train
from mnist_core.training.record import History, RunRecord

FORECAST_SECONDS: Final = 1.0
"""How old an estimate of when trainings begin may be."""
STOP_SECONDS: Final = 0.3
"""Between two requests to stop what still runs."""
ABANDONED_SECONDS: Final = 5.0
"""Between two looks for trainings that nobody waits for any more."""
ANSWER_SECONDS: Final = 2.0
"""How long a worker may take to hear that it shall stop."""
UNHEARD_SECONDS: Final = 6.0
"""After which a training that was to be stopped, and whose process does not hear it, is given up."""
UNHEARD: Final = (
    "Your run was stopped, but its training process does not answer, so the network it had reached is lost. "
    "Your settings stay as they are: press Train to begin again."
)
_log = logging.getLogger(__name__)


class Engine:
    """Runs training jobs; safe to use from several threads.

    Args:
        address: A Dask scheduler; None reads `DASK_SCHEDULER_ADDRESS`, or starts a local worker.
        store: Where records are kept.
        max_waiting: How many jobs may wait.
        shared: Where records are that other servers can see, too, and where theirs are found.
    """

    def __init__(
        self,
        address: str | None = None,
        store: RecordStore | None = None,
        max_waiting: int = MAX_WAITING,
        shared: SharedRecords | None = None,
    ) -> None:
        self.records = store or RecordStore(shared=shared)
        self._shared = shared
        self._name = uuid.uuid4().hex  # other engines on the same scheduler have jobs of the same ids
        self._address = address or os.environ.get("DASK_SCHEDULER_ADDRESS")
        self._lock = threading.RLock()
        self._jobs: dict[str, Job] = {}
        self._current: dict[str, str] = {}  # config key → the job that trains or trained it
        self._queue = JobQueue(max_waiting)
        self._estimator = Estimator()
        self._wanted_jobs: Callable[[], Mapping[str, int]] = dict
        self._is_gone: Callable[[str], bool] = lambda _: False
        self._order: tuple[float, dict[str, tuple[int, float]]] | None = None
        self._running: set[str] = set()
        self._is_in_upkeep = self._has_trained = False
        self._numbers = itertools.count(1)
        self._datasets: dict[str, Dataset] = {}  # by their fingerprints
        self._background = Background()
        self._cluster = Cluster(self._address, self._on_event, self._on_ready, self._on_lost)
        self._analyses = Analyses(self._cluster, self._background, self._queue, self._lock, self.records.get)
        self._upkeep = Upkeep(self._cluster, self._background)
        self._seen_client: Any = None
        self._closed = threading.Event()
        allocator.give_back_large_blocks()
        self._cluster.start()
        threading.Thread(target=self._watch, name="engine-watch", daemon=True).start()

    # What pages call; none of it waits.

    def submit(
        self,
        config: RunConfig,
        dataset: Dataset,
        visitor: str = "",
        *,
        is_pinned: bool = False,
        payers: Collection[str] = (),
    ) -> str:
        """Train a network, or join or find the job that already did.

        Args:
            config: What to train.
            dataset: On which images.
            visitor: Who waits for it.
            is_pinned: All pages need it: it is never refused or forgotten, and goes ahead of every queue.
            payers: Who is charged with its time, if not the visitor.

        Returns:
            The job's id.

        Raises:
            EngineBusyError: Too many different networks wait already, or too many of this visitor's.
        """
        key = config.key(dataset.fingerprint)
        found = self._shared.find(key) if self._shared is not None and self._job_for(key) is None else None
        with self._lock:
            self._datasets[dataset.fingerprint] = dataset
            job = self._job_for(key)
            if job is None:
                job = Job(found or self._new_id(key), key, config, dataset, is_pinned=is_pinned)
                job.nominal_seconds = nominal_seconds(config, len(dataset.train_labels))
                job.payers.update(payers or {visitor})
                job.looked = time.monotonic()
                self._begin(job, found is not None)
            job.visitors.add(visitor)
            job.payers.update(payers or {visitor})
            if is_pinned:
                self._pin(job)
        self._dispatch()
        return job.job_id

    def view(self, job_id: str) -> JobView | None:
        """How a job is doing; None if it is not known (any more)."""
        self._load_foreign_job(job_id)
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None:
                return None
            job.looked = time.monotonic()
            position, waiting = self._place(job)
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
                seconds_until_begin=0.0 if job.progress else waiting,
                seconds_left=waiting + self._seconds_left(job),
                is_first=not self._has_trained,
                is_stopping=job.is_stop_wanted and not job.state.is_final,
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
        return self._cluster.n_slots

    @property
    def problem(self) -> str | None:
        """Why nothing can be trained at the moment, in a sentence; None if nothing is wrong."""
        return self._cluster.problem

    def record(self, job_id: str) -> RunRecord | None:
        """What a finished or stopped job left; None before that, or when it had to make room."""
        return self.records.get(job_id)

    def finished_job_for(self, key: str) -> str | None:
        """The finished job with a config's key, if its record is still there; trains nothing."""
        with self._lock:
            job_id = self._current.get(key, "")
        if job_id in self.records:
            return job_id
        return self._shared.find(key) if self._shared is not None else None

    def unfinished(self, job_id: str) -> RunConfig | None:
        """What a job that waits or runs trains; None for any other, so that nobody asks for it again."""
        with self._lock:
            job = self._jobs.get(job_id)
            return None if job is None or job.state.is_final else job.config

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
        self._load_foreign_job(job_id)
        if (view := self._analyses.view(key, visitor)) is not None:
            return view
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
            self._current.pop(job.key, None)
            is_waiting = job.state is JobState.QUEUED
            if is_waiting:
                self._remove(job_id)
                self._finish_untrained(job)
        if is_waiting:
            _notify(job)
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
        self._wanted_jobs, self._is_gone = wanted_jobs, is_gone
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
        """Load TensorFlow and the images in the worker, in the background, once for each dataset."""
        self._upkeep.warm(dataset.origin)

    def close(self) -> None:
        """Stop the worker and forget everything."""
        self._closed.set()
        self._background.close()
        self._cluster.close()
        self.records.close()

    # How jobs begin: anew, or with what another server has trained.

    def _job_for(self, key: str) -> Job | None:
        """The job of a config, unless its record had to make room."""
        with self._lock:
            job = self._jobs.get(self._current.get(key, ""))
            is_lost = job is not None and job.state is JobState.FINISHED and job.job_id not in self.records
            return None if is_lost else job

    def _new_id(self, key: str) -> str:
        """A job's name, unlike any other of this server; with a shared folder, of all servers."""
        number = next(self._numbers) if self._shared is None else secrets.randbelow(10**9)
        return f"{key}-{number}"

    def _begin(self, job: Job, is_stored: bool) -> None:
        if not is_stored and not job.is_pinned:
            (visitor, *others) = job.payers
            self._queue.check_room("" if others else visitor, self._lane(job), self._estimate(job))
        self._jobs[job.job_id] = job
        self._current[job.key] = job.job_id
        if is_stored:
            job.state = JobState.RUNNING
            self._background.run(self._restore, job)
        else:
            self._wait(job)
        self._forget_old_jobs()

    def _pin(self, job: Job) -> None:
        """Keep a job and its record for good, and move it to the head of the queue."""
        job.is_pinned = True
        self.records.pin(job.job_id)
        if job.job_id in self._queue:
            self._remove(job.job_id)
            self._wait(job)

    # Who waits, and for how long.

    def estimated_seconds(self, config: RunConfig, dataset: Dataset) -> float:
        """What a training takes here without waiting, by those before it; 0 if it has ended."""
        if self.finished_job_for(config.key(dataset.fingerprint)) is not None:
            return 0.0
        return self._estimator.seconds(nominal_seconds(config, len(dataset.train_labels)))

    def _lane(self, job: Job) -> Lane:
        return lane_of(job.nominal_seconds, job.is_pinned)

    def _estimate(self, job: Job) -> float:
        return self._estimator.seconds(job.nominal_seconds)

    def _wait(self, job: Job, is_put_back: bool = False) -> None:
        add = self._queue.put_back if is_put_back else self._queue.add
        add(job.job_id, self._lane(job), self._estimate(job), job.payers)
        self._order = None

    def _remove(self, job_id: str) -> None:
        self._queue.remove(job_id)
        self._order = None

    def _seconds_left(self, job: Job) -> float:
        """Estimate of what a job still takes, without waiting."""
        if job.state.is_final:
            return 0.0
        return job.progress.seconds_left if job.progress is not None else self._estimate(job)

    def _place(self, job: Job) -> tuple[int, float]:
        """The place in the queue from 1, or 0 outside of it, and about how many seconds are waited."""
        if job.state.is_final:
            return 0, 0.0
        if self._order is None or time.monotonic() - self._order[0] > FORECAST_SECONDS:
            self._order = time.monotonic(), self._forecast()
        return self._order[1].get(job.job_id, (0, 0.0))

    def _forecast(self) -> dict[str, tuple[int, float]]:
        """What `_place` gives, of all that wait and of all that run, which pause for shorter ones."""
        running = [self._jobs[job_id] for job_id in self._running]
        left = [(self._lane(job), self._seconds_left(job)) for job in running]
        left.append((Lane.ANALYSIS, self._analyses.seconds_under_way()))
        queue = self._queue.in_order()
        work = [*left, *((entry.lane, entry.seconds) for entry in queue)]
        places: dict[str, tuple[int, float]] = {}
        for job in running:
            shorter = sum(seconds for lane, seconds in work if lane < self._lane(job))
            places[job.job_id] = 0, shorter / self.n_slots
        ahead, position = 0.0, 0
        for entry in queue:
            under_way = sum(seconds for lane, seconds in left if lane <= entry.lane)
            if entry.lane is not Lane.ANALYSIS:
                position += 1
                places[entry.job_id] = position, (under_way + ahead) / self.n_slots
            ahead += entry.seconds
        return places

    def _is_open(self, lane: Lane) -> bool:
        """Whether a training of a lane may begin: one of each on a worker, with room for shorter."""
        if self._is_in_upkeep or lane is Lane.ANALYSIS:
            return False
        running = [self._lane(self._jobs[job_id]) for job_id in self._running]
        n_workers = self.n_slots
        room = self._cluster.n_threads
        if lane is not Lane.PINNED:
            room = max(n_workers, room - lane * n_workers)
            if running.count(lane) >= n_workers:
                return False
        return sum(other >= lane for other in running) < room and len(running) < self._cluster.n_threads

    def _restore(self, job: Job) -> None:
        """End a job with what the shared folder has of it; where that is damaged, train it."""
        found = self._shared.get(job.job_id) if self._shared is not None else None
        with self._lock:
            if found is None:
                job.state = JobState.QUEUED
                self._wait(job)
            else:
                self._finish(job, *found)
        if found is not None:
            _notify(job)
        self._dispatch()

    def _load_foreign_job(self, job_id: str) -> None:
        """Know a job that another server has trained, if its record and its images are at hand."""
        if self._shared is None or job_id in self._jobs:
            return
        found = self._shared.get(job_id)
        dataset = self._datasets.get(found[0].dataset_fingerprint) if found is not None else None
        if found is None or dataset is None:
            return
        config = found[0].config
        job = Job(job_id, config.key(dataset.fingerprint), config, dataset)
        with self._lock:
            if job_id in self._jobs:  # another thread was quicker
                return
            self._jobs[job_id] = job
            self._finish(job, *found)
            if job.state is JobState.FINISHED:
                self._current.setdefault(job.key, job_id)
            self._forget_old_jobs()

    # In the background.

    @property
    def _client(self) -> Any:
        return self._cluster.client

    def _on_ready(self) -> None:
        """There is a connection, or another number of workers: hand out what waits."""
        with self._lock:
            is_new = self._client is not self._seen_client
            self._seen_client = self._client
        if is_new:
            self._upkeep.warm_again()
            self._analyses.begin_again()
        self._analyses.hand_out_next()
        self._dispatch()

    def _on_lost(self) -> None:
        """What ran is lost: it waits again, in the old order and before all others."""
        ended: list[Job] = []
        with self._lock:
            running = [job for job in self._jobs.values() if job.job_id in self._running]
            for job in reversed(running):
                self._take_back(job)
                job.n_losses += 1
                if not job.state.is_final and job.n_losses >= MAX_TRIES:
                    _log.error("Training %s was lost with the connection %d times", job.job_id, MAX_TRIES)
                    self._remove(job.job_id)
                    self._fail(job, f"The connection to the training process broke {MAX_TRIES} times.")
                if job.state.is_final:
                    ended.append(job)
        for job in ended:
            _notify(job)

    def _take_back(self, job: Job) -> None:
        """Have a running job wait again, ahead of the others, or end if it was to be stopped."""
        job.progress, job.parts, job.snapshot, job.lost_attempt = None, [], None, job.attempt
        self._let_go(job)
        if job.is_stop_wanted:
            self._finish_untrained(job)
        else:
            job.state = JobState.QUEUED
            self._wait(job, is_put_back=True)

    def _let_go(self, job: Job) -> None:
        """Have Dask forget what runs for a job; what it brings after all is not looked at."""
        future, job.future = job.future, None
        if future is not None:
            future.release()
        self._running.discard(job.job_id)
        self._order = None

    def _dispatch(self) -> None:
        """Hand out waiting jobs while a worker is free."""
        failed: list[Job] = []
        with self._lock:
            client = self._client
            while client is not None and (entry := self._queue.next(self._is_open)) is not None:
                self._order = None
                job = self._jobs[entry.job_id]
                try:
                    self._hand_out(job, client)
                except Exception as error:
                    if client.status != "running":
                        self._wait(job, is_put_back=True)
                        self._cluster.give_up(client)
                        break
                    _log.exception("Training %s could not be handed out", job.job_id)
                    self._fail(job, error_sentence(error))
                    failed.append(job)
        for job in failed:
            _notify(job)

    def _hand_out(self, job: Job, client: Any) -> None:
        future = client.submit(
            worker.train_and_report,
            self._ticket(job),
            job.config,
            job.dataset.origin,
            int(self._lane(job)),
            job.dataset if job.sends_images else None,
            key=f"train-{self._ticket(job)}-{uuid.uuid4().hex}",  # it may be handed out again
            pure=False,
        )
        job.state, job.future = JobState.RUNNING, future
        self._running.add(job.job_id)
        future.add_done_callback(lambda future: self._on_done(job, future, client))

    def _on_done(self, job: Job, future: Any, client: Any) -> None:
        if self._background.is_closed or job.future is not future:
            return
        n_bytes, address = 0, ""
        try:
            record, report, n_bytes, address = future.result()
            with self._lock:
                self._has_trained = True
                self._finish(job, record, report)
                if not record.is_stopped:
                    self._estimator.learn(job.nominal_seconds, record.seconds)
        except DataError as error:
            with self._lock:
                if not job.sends_images:  # the worker cannot read them any more, but here they are
                    _log.warning("Images are sent to the training process: %s", error)
                    job.sends_images = True
                    self._take_back(job)
                else:
                    self._fail(job, error_sentence(error))
        except Exception as error:
            if is_lost(error):
                self._cluster.give_up(client)
                return
            _log.exception("Training %s failed", job.job_id)
            with self._lock:
                self._fail(job, error_sentence(error))
        if job.state.is_final:
            job.future = None
            _notify(job)
        self._keep_small(job, address, n_bytes)
        with self._lock:
            self._is_in_upkeep = False
            self._running.discard(job.job_id)
            self._order = None
        self._dispatch()

    def _keep_small(self, ended: Job, address: str, n_bytes: int) -> None:
        """Replace a worker that has grown: if nothing else runs there, or if it is too large in any case."""
        with self._lock:  # what runs, or is handed out meanwhile, would have to begin again
            others = [self._jobs[job_id] for job_id in self._running - {ended.job_id}]
            self._is_in_upkeep = not others or self._upkeep.is_too_large(address, n_bytes)
            if not self._is_in_upkeep:
                return
            for job in others:
                self._take_back(job)  # or Dask would hold it to blame for the end of the process
        for job in others:
            if job.state.is_final:
                _notify(job)
        self._upkeep.replace_if_grown(address, n_bytes, bool(self._queue))

    def _ticket(self, job: Job) -> str:
        """What a job is called outside this process, where other servers have theirs."""
        return f"{job.job_id}/{self._name}"

    def _finish(self, job: Job, record: RunRecord, report: DigitReport | None = None) -> None:
        job.parts, job.snapshot, job.progress = [], None, None  # the record has them all
        job.outcome = Outcome.of(record)
        if report is not None:
            self._analyses.keep((job.job_id, report_run), AnalysisView(report))
            job.outcome = Outcome.of(record, report.n_images, report.n_right)
        job.state = JobState.STOPPED if record.is_stopped else JobState.FINISHED
        if record.is_stopped and not record.steps_done:  # a network as it was at random: nothing to keep
            job.looked = 0.0
            return
        self.records.put(job.job_id, record)
        if self._shared is not None:
            self._background.run(self._shared.put, job.job_id, record, report)

    def _finish_untrained(self, job: Job) -> None:
        """End a job that was stopped before anything of it was kept."""
        self._finish(job, train(job.config, job.dataset, should_stop=lambda: True))

    def _fail(self, job: Job, error: str) -> None:
        job.state, job.error = JobState.FAILED, error
        if self._current.get(job.key) == job.job_id:  # it was stopped, and another one has begun since
            del self._current[job.key]

    def _on_event(self, event: tuple[Any, Any]) -> None:
        ticket, attempt, packed = event[1]
        job_id, _, name = ticket.partition("/")
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None or job.state.is_final or name != self._name or attempt == job.lost_attempt:
                return
            if job.attempt != attempt:  # a new worker begins again after the first was lost
                job.attempt, job.parts, job.snapshot = attempt, [], None
            progress: Progress = pickle.loads(packed)  # noqa: S301, RUF100 - from our own worker
            job.progress = replace(progress, snapshot=None)
            job.parts.append(progress.news)
            if len(job.parts) > MAX_PARTS:
                job.parts = [History.joined(job.parts)]
            job.snapshot = progress.snapshot or job.snapshot

    def _watch(self) -> None:
        """Ask workers to stop what is to be stopped, and end what nobody waits for."""
        next_look = 0.0
        while not self._closed.wait(STOP_SECONDS):
            try:
                self._ask_to_stop()
                if time.monotonic() >= next_look:
                    next_look = time.monotonic() + ABANDONED_SECONDS
                    self.end_abandoned()
            except Exception:
                _log.exception("What is to be stopped could not be looked at")

    def _ask_to_stop(self) -> None:
        """Ask for what has not ended yet: a worker that was just replaced has not heard it."""
        with self._lock:
            running = [self._jobs[job_id] for job_id in self._running]
            tickets = [self._ticket(job) for job in running if job.is_stop_wanted and not job.state.is_final]
            client = self._client
        if not tickets or client is None:
            return
        with contextlib.suppress(TimeoutError, OSError):  # a worker that hangs is replaced by the cluster
            client.sync(
                client._run, worker.ask_to_stop, *tickets, on_error="ignore", callback_timeout=ANSWER_SECONDS
            )
        self._give_up_unheard()

    def _is_unheard(self, job: Job) -> bool:
        """Whether a training was stopped long ago and is not waited for any more.

        One that a local process has begun is, as long as that answers: what it has reached would be lost.
        """
        is_late = job.is_stop_wanted and time.monotonic() - job.stop_wanted > UNHEARD_SECONDS
        is_answering = self._cluster.is_local and self._cluster.problem is None
        return is_late and not (is_answering and job.progress is not None)

    def _give_up_unheard(self) -> None:
        """End trainings that their processes do not end; a local one that hangs is replaced much later."""
        with self._lock:
            running = [self._jobs[job_id] for job_id in self._running]
            late = [job for job in running if self._is_unheard(job)]
            for job in late:
                if job.progress is None:
                    self._finish_untrained(job)
                else:
                    self._fail(job, UNHEARD)
                self._let_go(job)
        for job in late:
            _notify(job)
        if late:
            self._dispatch()

    def _forget_old_jobs(self) -> None:
        """Forget what no living visit has, and then what was looked at longest ago."""
        n_over = len(self._jobs) - MAX_REMEMBERED_JOBS
        if n_over <= 0:
            return
        wanted = self._wanted_jobs()
        kept = self._running | {job.job_id for job in self._jobs.values() if job.is_pinned}
        ended = [job for job in self._jobs.values() if job.state.is_final and job.job_id not in kept]
        ended.sort(key=lambda job: (job.job_id in wanted, job.looked))
        for job in ended[: n_over + MAX_REMEMBERED_JOBS // 100]:
            del self._jobs[job.job_id]
            if self._current.get(job.key) == job.job_id:
                del self._current[job.key]


def _notify(job: Job) -> None:
    """Call who waits for the end of a job; not with the lock held, because they may want others."""
    watchers, job.watchers = job.watchers, []
    for on_end in watchers:
        try:
            on_end()
        except Exception:  # the next job must be handed out all the same
            _log.exception("Who waited for %s could not be told of its end", job.job_id)
