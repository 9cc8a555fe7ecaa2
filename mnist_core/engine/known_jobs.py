"""The trainings that the engine knows: by id, by what they train, and what is kept of them when they end."""

import itertools
import secrets
from collections import UserDict
from collections.abc import Callable, Collection

from cachetools import LRUCache

from mnist_core.analysis.evaluation import digits_of
from mnist_core.analysis.reports import DigitReport, report_digits
from mnist_core.arrays import Float32Array
from mnist_core.bounds import MAX_REMEMBERED_JOBS, MAX_TEST_LOGITS
from mnist_core.engine.background import Background
from mnist_core.engine.estimate import nominal_seconds
from mnist_core.engine.jobs import Job, JobState
from mnist_core.storage.record_store import RecordStore
from mnist_core.storage.shared_records import SharedRecords
from mnist_core.training.record import RunRecord
from mnist_core.training.run import continues


class KnownJobs(UserDict[str, Job]):
    """Jobs by their ids, the oldest first; whoever uses them holds the engine's lock.

    Args:
        records: Where their records are kept.
        background: Writes into the folder of records.
        shared: Where records are kept that outlast this server.
        running: Ids of the jobs that a worker has; those are not forgotten.

    Attributes:
        wanted: Gives the ids of the jobs that living visits have; asked only when room is short.
        test_logits: What the networks trained here make of the test images, shape (n, 10), by the job's id.
    """

    def __init__(
        self,
        records: RecordStore,
        background: Background,
        shared: SharedRecords | None,
        running: Collection[str],
    ) -> None:
        super().__init__()
        self._records, self._background = records, background
        self._shared, self._running = shared, running
        self.wanted: Callable[[], Collection[str]] = dict
        self.test_logits: LRUCache[str, Float32Array] = LRUCache(MAX_TEST_LOGITS)
        self._current: dict[str, str] = {}  # config key → the job that trains or trained it
        self._numbers = itertools.count(1)

    def __delitem__(self, job_id: str) -> None:
        self.detach(self[job_id])
        super().__delitem__(job_id)

    def new_id(self, key: str) -> str:
        """A name unlike any other of this server; with a shared folder, of all servers."""
        number = next(self._numbers) if self._shared is None else secrets.randbelow(10**9)
        return f"{key}-{number}"

    def of_config(self, key: str) -> Job | None:
        """The job that trains a config or has trained it; None if its record was dropped meanwhile."""
        job = self.get(self._current.get(key, ""))
        is_lost = job is not None and job.state is JobState.FINISHED and job.job_id not in self._records
        return None if is_lost else job

    def attach(self, job: Job, *, replaces: bool = True) -> None:
        """Answer requests for a job's config with this job, perhaps only if they have no other answer."""
        if replaces or job.key not in self._current:
            self._current[job.key] = job.job_id

    def detach(self, job: Job) -> None:
        """Let the next request for a job's config begin another job."""
        if self._current.get(job.key) == job.job_id:  # it was stopped, and another may have begun since
            del self._current[job.key]

    def begin_from(self, job: Job, beginning: str) -> None:
        """Have a job go on from the run of another, where it can."""
        job.beginning = beginning
        record = self.beginning_of(job)
        if record is not None:
            n_images = len(job.dataset.train_labels)
            job.nominal_seconds = nominal_seconds(job.config, n_images, record.steps_done)

    def beginning_of(self, job: Job) -> RunRecord | None:
        """The record of what a job goes on from, be it its own first part; None where it begins anew."""
        record = job.reached or (self._records.get(job.beginning) if job.beginning else None)
        is_fit = record is not None and continues(record, job.config, job.dataset)
        return record if is_fit else None

    def finish(self, job: Job, record: RunRecord, report: DigitReport | None = None) -> None:
        """End a job and keep its record; a network that is still as it began is not kept."""
        job.finish(record, report)
        job.drop_own_images()
        if record.is_stopped and not record.steps_done:
            job.looked = 0.0
            self._release(job)
            return
        self._records.put(job.job_id, record)
        if self._shared is not None:
            self._background.run(self._share, job, record, report)

    def finish_tested(self, job: Job, record: RunRecord, logits: Float32Array) -> None:
        """End a job with what its network makes of the test images, shape (n, 10)."""
        self.test_logits[job.job_id] = logits
        self.finish(job, record, report_digits(job.dataset.test_labels, digits_of(logits)))

    def finish_unbegun(self, job: Job) -> None:
        """End a job before its first update, with the run that it was to go on from if there is one."""
        beginning = self.beginning_of(job)
        if beginning is None:
            self.finish(job, RunRecord.untrained(job.config, job.dataset))
            return
        record = beginning.as_beginning(job.config, job.dataset)
        logits = None if job.reached else self.test_logits.get(job.beginning)
        if logits is None:
            self.finish(job, record)
        else:
            self.finish_tested(job, record, logits)

    def fail(self, job: Job, error: str) -> None:
        """End a job with the sentence that says why; the next request for its config trains it again."""
        job.state, job.error = JobState.FAILED, error
        job.drop_own_images()
        self.detach(job)
        self._release(job)

    def _share(self, job: Job, record: RunRecord, report: DigitReport | None) -> None:
        """Keep a record where it outlasts this server; then others need not wait for it any more."""
        if self._shared is not None:
            self._shared.put(job.job_id, record, report)
            self._release(job)

    def _release(self, job: Job) -> None:
        """Let other servers train what a job has trained, or has not."""
        if self._shared is not None:
            self._shared.claims.release(job.key)

    def forget_old(self) -> None:
        """Forget ended jobs above the bound: what no living visit has first, then the longest unseen."""
        n_over = len(self) - MAX_REMEMBERED_JOBS
        if n_over <= 0:
            return
        wanted, ended = self.wanted(), [job for job in self.values() if job.state.is_final]
        ended = [job for job in ended if not job.is_pinned and job.job_id not in self._running]
        ended.sort(key=lambda job: (job.job_id in wanted, job.looked))
        for job in ended[: n_over + MAX_REMEMBERED_JOBS // 100]:
            del self[job.job_id]
