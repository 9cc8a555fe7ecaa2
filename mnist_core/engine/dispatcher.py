"""Hands trainings to the workers of Dask, and takes back what comes: reports, results, failures, losses."""

import contextlib
import logging
import pickle
import threading
import time
import uuid
from typing import Any, Final

from mnist_core.arrays import read_only
from mnist_core.engine.analyses import Analyses
from mnist_core.engine.background import Background
from mnist_core.engine.cluster import MAX_TRIES, Cluster, is_lost
from mnist_core.engine.jobs import Job, JobState, error_sentence
from mnist_core.engine.known_jobs import KnownJobs
from mnist_core.engine.process import worker
from mnist_core.engine.schedule import Schedule, lane
from mnist_core.engine.worker_care import Upkeep
from mnist_core.images.dataset import DataError
from mnist_core.training.progress import Progress
from mnist_core.training.record import RunRecord

ANSWER_SECONDS: Final = 2.0
"""How long a worker may take to hear that it shall stop."""
UNHEARD_SECONDS: Final = 6.0
"""After which a training that was to be stopped, and whose process does not hear it, is given up."""
UNHEARD: Final = (
    "Your run was stopped, but its training process does not answer, so the network it had reached is lost. "
    "Your settings stay as they are: press Train to begin again."
)
_log = logging.getLogger(__name__)


class Dispatcher:
    """Runs trainings on a cluster; safe to use from several threads.

    Args:
        cluster: The connection to Dask; its callbacks are this object's `on_event`, `on_ready` and `on_lost`.
        analyses: Begin again on another connection.
        jobs: The trainings.
        schedule: Which goes next.
        lock: Held while jobs or the schedule are used.
        background: What waits for workers.
    """

    def __init__(
        self,
        *,
        cluster: Cluster,
        analyses: Analyses,
        jobs: KnownJobs,
        schedule: Schedule,
        lock: threading.RLock,
        background: Background,
    ) -> None:
        self._cluster, self._analyses, self._jobs, self._schedule = cluster, analyses, jobs, schedule
        self._lock, self._background = lock, background
        self._upkeep = Upkeep(cluster, background)
        self.warm = self._upkeep.warm
        self._name = uuid.uuid4().hex  # other engines on the same scheduler have jobs of the same ids
        self._is_in_upkeep = False
        self._seen_client: Any = None
        self.has_compiled = False  # until such a training reports, TensorFlow may have to be loaded

    def dispatch(self) -> None:
        """Hand out waiting jobs while a worker is free."""
        failed: list[Job] = []
        with self._lock:
            client = self._cluster.client
            while client is not None and (job := self._next()) is not None:
                try:
                    self._hand_out(job, client)
                except Exception as error:
                    if client.status != "running":
                        self._schedule.wait(job, is_put_back=True)
                        self._cluster.give_up(client)
                        break
                    _log.exception("Training %s could not be handed out", job.job_id)
                    self._jobs.fail(job, error_sentence(error))
                    failed.append(job)
        _notify(failed)

    def _next(self) -> Job | None:
        if self._is_in_upkeep or any(job.is_called_back for job in self._schedule.running.values()):
            return None
        job_id = self._schedule.next(self._cluster.n_slots, self._cluster.n_threads)
        return self._jobs[job_id] if job_id is not None else None

    def _hand_out(self, job: Job, client: Any) -> None:
        future = client.submit(
            worker.train_and_report,
            self._ticket(job),
            job.config,
            job.dataset.origin,
            int(lane(job)),
            images=job.dataset if job.sends_images else None,
            mixture=job.dataset.mixture,
            beginning=self._jobs.beginning_of(job),
            key=f"train-{self._ticket(job)}-{uuid.uuid4().hex}",  # it may be handed out again
            pure=False,
        )
        job.state, job.future = JobState.RUNNING, future
        self._schedule.begin(job)
        future.add_done_callback(lambda future: self._on_done(job, future, client))

    def _ticket(self, job: Job) -> str:
        """What a job is called outside this process, where other servers have theirs."""
        return f"{job.job_id}/{self._name}"

    # What comes from the workers.

    def on_event(self, event: tuple[Any, Any]) -> None:
        """Note what a training reports, unless it is over, begins again, or is another server's."""
        ticket, attempt, packed = event[1]
        job_id, _, name = ticket.partition("/")
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None or job.state.is_final or name != self._name or attempt == job.lost_attempt:
                return
            self.has_compiled |= job.start_seconds > 0
            progress: Progress = pickle.loads(packed)  # noqa: S301, RUF100 - from our own worker
            job.note_report(attempt, progress)

    def _on_done(self, job: Job, future: Any, client: Any) -> None:
        if self._background.is_closed or job.future is not future:
            return
        n_bytes, address = 0, ""
        try:
            record, logits, n_bytes, address = future.result()
            future.release()  # or Dask would train it again, if its process is replaced now
            with self._lock:
                self.has_compiled |= job.start_seconds > 0
                if record.is_stopped and not job.is_stop_wanted:
                    self._put_back(job, record)
                else:
                    self._jobs.finish_tested(job, record, read_only(logits))
                    if not record.is_stopped and not record.has_ended_early and not job.beginning:
                        self._schedule.learn(job, record.seconds)
        except DataError as error:
            self._send_images(job, error)
        except Exception as error:
            if is_lost(error):
                self._cluster.give_up(client)
                return
            _log.exception("Training %s failed", job.job_id)
            with self._lock:
                self._jobs.fail(job, error_sentence(error))
        if job.state.is_final:
            job.future = None
            job.notify()
        self._replace_grown_worker(job, address, n_bytes)
        with self._lock:
            self._is_in_upkeep = job.is_called_back = False
            self._schedule.end(job)
        self.dispatch()

    def _send_images(self, job: Job, error: DataError) -> None:
        """Hand a job out again with its images, which the worker cannot read; the second time it fails."""
        with self._lock:
            if job.sends_images:
                self._jobs.fail(job, error_sentence(error))
                return
            _log.warning("Images are sent to the training process: %s", error)
            job.sends_images = True
            self._take_back(job)

    def _replace_grown_worker(self, ended: Job, address: str, n_bytes: int) -> None:
        """Replace a worker that has grown, as soon as nothing else runs there.

        If it is too large, what runs is called back first: it ends as if it was paused, and goes on from
        there in the new process.
        """
        with self._lock:  # nothing is handed out meanwhile
            others = [job for job in self._schedule.running.values() if job is not ended]
            for job in others if self._upkeep.is_too_large(address, n_bytes) else []:
                job.is_called_back = True
            self._is_in_upkeep = not others
        if not others:
            self._upkeep.replace_if_grown(address, n_bytes, self._schedule.is_anything_waiting)

    def _put_back(self, job: Job, record: RunRecord) -> None:
        """Have a job wait, ahead of the others, to go on from what it has reached; nobody wanted its end.

        It was called back, or a process that was not replaced in the end has heard that too late, when it
        went on already. Nothing is handed out before `_on_done` has seen to the process.
        """
        job.is_called_back, job.lost_attempt, job.future = True, job.attempt, None
        if record.steps_done:
            job.reached = record
        job.state = JobState.QUEUED
        self._schedule.wait(job, is_put_back=True)

    # What becomes of a job whose worker is gone.

    def on_ready(self) -> None:
        """There is a connection, or another number of workers: hand out what waits."""
        with self._lock:
            is_new = self._cluster.client is not self._seen_client
            self._seen_client = self._cluster.client
        if is_new:
            self._upkeep.warm_again()
            self._analyses.begin_again()
        self._analyses.hand_out_next()
        self.dispatch()

    def on_lost(self) -> None:
        """What ran is lost: it waits again, in the old order and before all others."""
        with self._lock:
            running = [job for job in self._jobs.values() if job.job_id in self._schedule.running]
            for job in reversed(running):
                self._take_back(job)
                job.n_losses += 1
                if not job.state.is_final and job.n_losses >= MAX_TRIES:
                    _log.error("Training %s was lost with the connection %d times", job.job_id, MAX_TRIES)
                    self._schedule.remove(job)
                    self._jobs.fail(job, f"The connection to the training process broke {MAX_TRIES} times.")
        _notify(running)

    def _take_back(self, job: Job) -> None:
        """Have a running job wait again, ahead of the others, or end if it was to be stopped."""
        job.drop_reports()
        job.is_called_back, job.lost_attempt = False, job.attempt
        self._release(job)
        if job.is_stop_wanted:
            self._jobs.finish_unbegun(job)
        else:
            job.state = JobState.QUEUED
            self._schedule.wait(job, is_put_back=True)

    def _release(self, job: Job) -> None:
        """Have Dask forget what runs for a job; a result that comes all the same is not looked at."""
        future, job.future = job.future, None
        if future is not None:
            future.release()
        self._schedule.end(job)

    # What is to be stopped.

    def ask_to_stop(self) -> None:
        """Ask for what has not ended yet: a worker that was just replaced has not heard it."""
        with self._lock:
            running = self._schedule.running.values()
            ending = [job for job in running if job.is_stop_wanted or job.is_called_back]
            tickets = [self._ticket(job) for job in ending if not job.state.is_final]
            client = self._cluster.client
        if not tickets or client is None:
            return
        with contextlib.suppress(TimeoutError, OSError):  # a worker that hangs is replaced by the cluster
            client.sync(
                client._run, worker.ask_to_stop, *tickets, on_error="ignore", callback_timeout=ANSWER_SECONDS
            )
        self._give_up_unheard()

    def _give_up_unheard(self) -> None:
        """End trainings that their processes do not end; a local one that hangs is replaced much later."""
        with self._lock:
            late = [job for job in self._schedule.running.values() if self._is_unheard(job)]
            for job in late:
                if job.progress is None:
                    self._jobs.finish_unbegun(job)
                else:
                    self._jobs.fail(job, UNHEARD)
                self._release(job)
        _notify(late)
        if late:
            self.dispatch()

    def _is_unheard(self, job: Job) -> bool:
        """Whether a training was stopped long ago and is not waited for any more.

        One that a local process has begun is, as long as that answers: what it has reached would be lost.
        """
        is_late = job.is_stop_wanted and time.monotonic() - job.stop_wanted > UNHEARD_SECONDS
        is_answering = self._cluster.is_local and self._cluster.problem is None
        return is_late and not (is_answering and job.progress is not None)


def _notify(jobs: list[Job]) -> None:
    for job in jobs:
        job.notify()
