"""When each training begins and how long it takes: the queue, what has begun, and estimates; no Dask."""

import time
from collections.abc import Callable
from typing import Final

from mnist_core.engine.estimate import Estimator
from mnist_core.engine.job_queue import JobQueue, Lane, lane_of
from mnist_core.engine.jobs import Job

FORECAST_SECONDS: Final = 1.0
"""How old an estimate of when trainings begin may be."""
_TELLING: Final = 0.02
"""The share of its updates after which a training's pace tells when it ends: the first ones compile it."""


class Schedule:
    """Trainings that wait or run; whoever uses it holds the engine's lock.

    Args:
        queue: Where trainings wait, and analyses too.
        seconds_of_analyses: Estimate of what the analyses take that a worker has.
        clock: Seconds that go on steadily.
    """

    def __init__(
        self,
        queue: JobQueue,
        seconds_of_analyses: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue, self._seconds_of_analyses, self._clock = queue, seconds_of_analyses, clock
        self._estimator = Estimator()
        self._places: dict[str, tuple[int, float]] = {}
        self._forecast_until = -1.0
        self.running: dict[str, Job] = {}

    def seconds(self, nominal: float) -> float:
        """Estimate of a training here, without waiting, from its nominal seconds."""
        return self._estimator.seconds(nominal)

    def learn(self, job: Job, seconds: float) -> None:
        """Correct the estimates by what a whole training took once it was compiled."""
        self._estimator.learn(job.nominal_seconds, seconds + job.start_seconds)

    def check_room(self, job: Job) -> None:
        """Whether a training may wait; one that a single visitor pays counts against that visitor's share.

        Raises:
            EngineBusyError: Too many wait already.
        """
        (visitor, *others) = job.payers
        self._queue.check_room("" if others else visitor, lane(job), self.seconds(job.nominal_seconds))

    def wait(self, job: Job, is_put_back: bool = False) -> None:
        """Have a training wait; one that had begun waits ahead of the others of its lane."""
        add = self._queue.put_back if is_put_back else self._queue.add
        add(job.job_id, lane(job), self.seconds(job.nominal_seconds), job.payers)
        self.forget_forecast()

    def remove(self, job: Job) -> bool:
        """Have a training wait no more; False if it did not."""
        is_waiting = job.job_id in self._queue
        self._queue.remove(job.job_id)
        self.forget_forecast()
        return is_waiting

    @property
    def is_anything_waiting(self) -> bool:
        """Whether a training or an analysis waits."""
        return bool(self._queue)

    def next(self, n_workers: int, n_threads: int) -> str | None:
        """Take the id of the training that goes next out of the queue; None if none may begin."""
        entry = self._queue.next(lambda lane: self._is_open(lane, n_workers, n_threads))
        if entry is None:
            return None
        self.forget_forecast()
        return entry.job_id

    def begin(self, job: Job) -> None:
        """Count a training among those that a worker has."""
        self.running[job.job_id] = job
        self.forget_forecast()

    def end(self, job: Job) -> None:
        """Count a training no more among those that a worker has."""
        self.running.pop(job.job_id, None)
        self.forget_forecast()

    def seconds_left(self, job: Job) -> float:
        """Estimate of what a training still takes, without waiting."""
        if job.state.is_final:
            return 0.0
        progress = job.progress
        if progress is None or progress.step < _TELLING * progress.n_steps:
            return self.seconds(job.nominal_seconds)
        return progress.seconds_left

    def place(self, job: Job, n_workers: int) -> tuple[int, float]:
        """The place in the queue from 1, or 0 outside of it, and about how many seconds are waited."""
        if job.state.is_final:
            return 0, 0.0
        if self._clock() > self._forecast_until:
            self._places = self._forecast(n_workers)
            self._forecast_until = self._clock() + FORECAST_SECONDS
        return self._places.get(job.job_id, (0, 0.0))

    def forget_forecast(self) -> None:
        """Work out all places anew when one is next asked for."""
        self._forecast_until = -1.0

    def _forecast(self, n_workers: int) -> dict[str, tuple[int, float]]:
        """What `place` gives, of all that wait and of all that run, which pause for shorter ones."""
        left = [(lane(job), self.seconds_left(job)) for job in self.running.values()]
        left.append((Lane.ANALYSIS, self._seconds_of_analyses()))
        queue = self._queue.in_order()
        work = [*left, *((entry.lane, entry.seconds) for entry in queue)]
        places: dict[str, tuple[int, float]] = {}
        for job in self.running.values():
            shorter = sum(seconds for other, seconds in work if other < lane(job))
            places[job.job_id] = 0, shorter / n_workers
        under_way = {each: sum(seconds for other, seconds in left if other <= each) for each in Lane}
        ahead, position = 0.0, 0
        for entry in queue:
            if entry.lane is not Lane.ANALYSIS:
                position += 1
                places[entry.job_id] = position, (under_way[entry.lane] + ahead) / n_workers
            ahead += entry.seconds
        return places

    def _is_open(self, wanted: Lane, n_workers: int, n_threads: int) -> bool:
        """Whether a training of a lane may begin: one of each on a worker, with room for shorter."""
        if wanted is Lane.ANALYSIS:
            return False
        running = [lane(job) for job in self.running.values()]
        room = n_threads
        if wanted is not Lane.PINNED:
            room = max(n_workers, room - wanted * n_workers)
            if running.count(wanted) >= n_workers:
                return False
        return sum(other >= wanted for other in running) < room and len(running) < n_threads


def lane(job: Job) -> Lane:
    """The lane in which a training waits and runs."""
    return lane_of(job.nominal_seconds, job.is_pinned)
