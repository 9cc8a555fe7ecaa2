"""Trainings of other servers, or of earlier ones, found in the folder that has their records."""

import logging
import threading
from collections.abc import Callable, Collection

from mnist_core.engine.jobs import Job, JobState
from mnist_core.engine.known_jobs import KnownJobs
from mnist_core.images.dataset import Dataset
from mnist_core.storage.shared_records import SharedRecords

_log = logging.getLogger(__name__)


class ForeignJobs:
    """Looks for jobs that this server does not know; without a folder there are none.

    Args:
        shared: Where other servers, or earlier ones, have kept their records.
        jobs: The jobs of this server.
        lock: Held while those are used.
        train: Has jobs wait for a worker of this server.
    """

    def __init__(
        self,
        shared: SharedRecords | None,
        jobs: KnownJobs,
        lock: threading.RLock,
        train: Callable[[Collection[Job]], None],
    ) -> None:
        self._shared, self._jobs, self._lock, self._train = shared, jobs, lock, train
        self._datasets: dict[str, Dataset] = {}  # by their fingerprints
        self._following: list[Job] = []

    def add_dataset(self, dataset: Dataset) -> None:
        """Have images at hand, so that what was trained on them can be loaded."""
        self._datasets[dataset.origin.fingerprint] = dataset.with_mixture(None)

    def find(self, key: str) -> str | None:
        """The id of the job that trained a config to its end elsewhere or earlier."""
        return self._shared.find(key) if self._shared is not None else None

    def restore(self, job: Job) -> None:
        """End a job with what the folder has of it; where that is gone or not to be read, train it."""
        try:
            is_restored = self._is_restored(job)
        except Exception:  # somebody waits for the run, whatever it is
            _log.exception("The record of %s could not be read", job.job_id)
            is_restored = False
        if not is_restored:
            self._train([job])
        job.notify()

    def claim(self, key: str, job_id: str) -> str:
        """Which job is to train a network: this one, or that of another server that is at it."""
        return job_id if self._shared is None else self._shared.claims.take(key, job_id)

    def release(self, key: str) -> None:
        """Let other servers train a network that this one has claimed, and does not train."""
        if self._shared is not None:
            self._shared.claims.release(key)

    def follow(self, job: Job) -> None:
        """Wait for another server, which trains what a job is to train."""
        job.state = JobState.RUNNING
        self._following.append(job)

    def forget(self, job: Job) -> bool:
        """Wait no more for another server; False if a job did not."""
        is_following, job.follows = bool(job.follows), ""
        return is_following

    def look(self) -> None:
        """End what another server has trained by now, and train what it was to train and has not."""
        if self._shared is None:
            return
        self._shared.claims.refresh()
        left = []
        for job in [job for job in self._following if job.follows]:
            is_left = not self._shared.claims.holder(
                job.key
            )  # asked first: a record comes before its release
            if self._is_restored(job):
                job.notify()
            elif not is_left or self.claim(job.key, job.job_id) != job.job_id:
                continue
            elif self.forget(job):
                left.append(job)
            job.follows = ""
        self._following = [job for job in self._following if job.follows]
        if left:
            self._train(left)

    def close(self) -> None:
        """Claim nothing any more."""
        if self._shared is not None:
            self._shared.claims.close()

    def load(self, job_id: str) -> None:
        """Know a job that another server has trained, if its record and its images are at hand."""
        if self._shared is None or job_id in self._jobs:
            return
        stored = self._shared.get(job_id)
        dataset = stored[0].images_among(self._datasets.values()) if stored is not None else None
        if stored is None or dataset is None:
            return
        config = stored[0].config
        job = Job(job_id, config.key(dataset.fingerprint), config, dataset)
        with self._lock:
            if job_id in self._jobs:  # another thread was quicker
                return
            self._jobs[job_id] = job
            self._jobs.finish(job, *stored)
            if job.state is JobState.FINISHED:
                self._jobs.attach(job, replaces=False)
            self._jobs.forget_old()

    def _is_restored(self, job: Job) -> bool:
        """End a job with what the folder has of it or of whom it follows; False where there is nothing."""
        stored = self._shared.get(job.follows or job.job_id) if self._shared is not None else None
        if stored is None or (job.follows and stored[0].is_stopped):
            return False
        with self._lock:
            if not job.state.is_final:
                self._jobs.finish(job, *stored)
        return True
