"""Trainings of other servers, or of earlier ones, found in the folder that has their records."""

import threading

from mnist_core.engine.jobs import Job, JobState
from mnist_core.engine.known_jobs import KnownJobs
from mnist_core.images.dataset import Dataset
from mnist_core.storage.shared_records import SharedRecords


class ForeignJobs:
    """Looks for jobs that this server does not know; without a folder there are none.

    Args:
        shared: Where other servers, or earlier ones, have kept their records.
        jobs: The jobs of this server.
        lock: Held while those are used.
    """

    def __init__(self, shared: SharedRecords | None, jobs: KnownJobs, lock: threading.RLock) -> None:
        self._shared, self._jobs, self._lock = shared, jobs, lock
        self._datasets: dict[str, Dataset] = {}  # by their fingerprints

    def add_dataset(self, dataset: Dataset) -> None:
        """Have images at hand, so that what was trained on them can be loaded."""
        self._datasets[dataset.origin.fingerprint] = dataset.with_mixture(None)

    def find(self, key: str) -> str | None:
        """The id of the job that trained a config to its end elsewhere or earlier."""
        return self._shared.find(key) if self._shared is not None else None

    def restore(self, job: Job) -> bool:
        """End a job with what the folder has of it; False where that is gone or damaged."""
        stored = self._shared.get(job.job_id) if self._shared is not None else None
        if stored is None:
            return False
        with self._lock:
            self._jobs.finish(job, *stored)
        return True

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
