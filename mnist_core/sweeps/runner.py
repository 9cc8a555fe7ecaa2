"""Sweeps: many trainings that belong together, as one job with one progress and one stop.

A sweep hands the engine as many of its trainings at a time as there are workers, and the next when one has
ended: who trains a single network meanwhile waits for one of them at most, not for the sweep.
"""

import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from mnist_core.bounds import (
    MAX_ACTIVE_SWEEPS,
    MAX_REMEMBERED_SWEEPS,
    MAX_SWEEP_TRAININGS,
    MAX_SWEEPS_OF_ONE,
    MAX_WAITING_SECONDS,
    MAX_WAITING_SECONDS_OF_ONE,
)
from mnist_core.config import RunConfig
from mnist_core.engine.engine import Engine
from mnist_core.engine.jobs import EngineBusyError, JobState, JobView
from mnist_core.images.dataset import Dataset
from mnist_core.sweeps.results import SweepPoint

_BUSY_SECONDS: Final = 1.0


@dataclass(frozen=True)
class SweepView:
    """What there is to see of a sweep at one moment.

    Attributes:
        sweep_id: Names it.
        points: Its trainings, in the order asked for.
        state: "finished" also if some of its trainings failed, "failed" if all did.
        seconds: Since it was asked for, until its end.
        expected: What each training was estimated to take, in seconds; none where all are taken as equal.
    """

    sweep_id: str
    points: tuple[SweepPoint, ...]
    state: JobState
    seconds: float
    expected: tuple[float, ...] = ()

    @property
    def n_done(self) -> int:
        """Trainings that have ended."""
        return sum(point.state.is_final for point in self.points)

    @property
    def fraction(self) -> float:
        """How much of it is done, 0 to 1."""
        return sum(point.fraction for point in self.points) / len(self.points)

    @property
    def seconds_left(self) -> float | None:
        """Estimate by the pace so far and what each was expected to take; None before the first."""
        expected = self.expected or (1.0,) * len(self.points)
        done = sum(each * point.fraction for each, point in zip(expected, self.points, strict=True))
        if not self.n_done or not done:
            return None
        return self.seconds / done * max(0.0, sum(expected) - done)


@dataclass(eq=False)
class _Sweep:
    sweep_id: str
    key: tuple[str, ...]
    configs: tuple[RunConfig, ...]
    dataset: Dataset
    visitors: set[str]
    points: list[SweepPoint]
    seconds: tuple[float, ...]
    n_begun: int = 0
    is_stopped: bool = False
    started: float = field(default_factory=time.monotonic)
    ended: float | None = None

    @property
    def seconds_to_come(self) -> float:
        """What the trainings not yet begun were estimated to take."""
        return 0.0 if self.ended is not None or self.is_stopped else sum(self.seconds[self.n_begun :])

    @property
    def under_way(self) -> list[int]:
        return [
            number
            for number, point in enumerate(self.points[: self.n_begun])
            if not point.state.is_final and point.job_id is not None
        ]


class Sweeps:
    """The sweeps of an engine; safe to use from several threads, and nothing in it waits."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.RLock()
        self._sweeps: OrderedDict[str, _Sweep] = OrderedDict()
        self._current: dict[tuple[str, ...], str] = {}  # what is swept → its sweep, unless it was stopped

    def submit(self, configs: Sequence[RunConfig], dataset: Dataset, visitor: str = "") -> str:
        """Train several networks, or join or find the sweep that does or did.

        Returns:
            The sweep's id.

        Raises:
            ValueError: There are none, or more than `MAX_SWEEP_TRAININGS`.
            EngineBusyError: Too many sweeps are under way, or too many of this visitor's, or too long ones.
        """
        if not 1 <= len(configs) <= MAX_SWEEP_TRAININGS:
            raise ValueError(f"A sweep has 1 to {MAX_SWEEP_TRAININGS} trainings, not {len(configs)}.")
        key = tuple(config.key(dataset.fingerprint) for config in configs)
        with self._lock:
            sweep = self._sweeps.get(self._current.get(key, ""))
            if sweep is None:
                self._check_number(visitor)
                sweep = self._new_sweep(key, configs, dataset, visitor)
            sweep.visitors.add(visitor)
        self._advance(sweep)
        return sweep.sweep_id

    def _check_number(self, visitor: str) -> None:
        """Bound how many sweeps are under way, of everybody and of one visitor alone."""
        active = [sweep for sweep in self._sweeps.values() if sweep.ended is None]
        if len(active) >= MAX_ACTIVE_SWEEPS:
            raise EngineBusyError(
                f"{len(active)} other sweeps are under way, and no more are taken. Try again in a "
                "moment; your settings stay as they are."
            )
        n_own = sum(sweep.visitors == {visitor} for sweep in active)
        if visitor and n_own >= MAX_SWEEPS_OF_ONE:
            raise EngineBusyError(
                f"{n_own} sweeps of yours are under way, and no more are taken before one of them ends."
            )

    def _new_sweep(
        self, key: tuple[str, ...], configs: Sequence[RunConfig], dataset: Dataset, visitor: str
    ) -> _Sweep:
        points = [SweepPoint(config) for config in configs]
        seconds = tuple(self._engine.estimated_seconds(config, dataset) for config in configs)
        sweep = _Sweep(uuid.uuid4().hex, key, tuple(configs), dataset, set(), points, seconds)
        self._check_seconds(sweep, visitor)
        self._sweeps[sweep.sweep_id] = sweep
        self._current[key] = sweep.sweep_id
        self._forget_old()
        return sweep

    def _check_seconds(self, sweep: _Sweep, visitor: str) -> None:
        """Bound what a visitor's sweeps have yet to train, and those of all, in estimated seconds."""
        own, others = sweep.seconds_to_come, 0.0
        for other in self._sweeps.values():
            if visitor and other.visitors == {visitor}:
                own += other.seconds_to_come
            else:
                others += other.seconds_to_come
        if own > MAX_WAITING_SECONDS_OF_ONE:
            raise EngineBusyError(
                f"With this sweep, yours would take about {own / 60:.0f} minutes to train; at most "
                f"{MAX_WAITING_SECONDS_OF_ONE / 60:.0f} may wait. Choose fewer values or seeds, fewer epochs "
                "or a larger batch size, or try again when another sweep of yours is done."
            )
        if others and own + others > MAX_WAITING_SECONDS:
            raise EngineBusyError(
                f"The sweeps of others take about {others / 3600:.1f} hours more, and no more are taken. Try "
                "again later; your settings stay as they are."
            )

    def view(self, sweep_id: str) -> SweepView | None:
        """How a sweep is doing; None if it is not known (any more)."""
        with self._lock:
            sweep = self._sweeps.get(sweep_id)
            if sweep is None:
                return None
            for number in sweep.under_way:
                self._update_point(sweep, number)
            seconds = (sweep.ended or time.monotonic()) - sweep.started
            return SweepView(sweep_id, tuple(sweep.points), _state(sweep), seconds, sweep.seconds)

    def stop(self, sweep_id: str, visitor: str = "") -> Literal["stopping", "left", "ended"]:
        """End a sweep early, unless other visitors wait for the same; what is trained by then stays.

        Returns:
            "stopping"; "left" if it goes on for others; "ended" if there was nothing to stop.
        """
        with self._lock:
            sweep = self._sweeps.get(sweep_id)
            if sweep is None or sweep.ended is not None:
                return "ended"
            sweep.visitors.discard(visitor)
            if sweep.visitors:
                return "left"
            sweep.is_stopped = True
            self._current.pop(sweep.key, None)
            jobs = [sweep.points[number].job_id for number in sweep.under_way]
        for job_id in jobs:
            if job_id is not None and self._engine.stop(job_id, sweep_id) == "left":
                self._leave_to_others(sweep, job_id)
        self._advance(sweep)
        return "stopping"

    def _advance(self, sweep: _Sweep) -> None:
        """Note what has ended and hand out what comes next; called when either may be."""
        with self._lock:
            for number in sweep.under_way:
                self._update_point(sweep, number)
            while not sweep.is_stopped and sweep.n_begun < len(sweep.points):
                if len(sweep.under_way) >= self._engine.n_slots or not self._begin_next(sweep):
                    return
            if not sweep.under_way and sweep.ended is None:
                sweep.ended = time.monotonic()
                if any(point.state is not JobState.FINISHED for point in sweep.points):
                    self._current.pop(sweep.key, None)  # who asks again wants it tried again

    def _begin_next(self, sweep: _Sweep) -> bool:
        """Hand the next training to the engine; False, and a second look later, if its queue is full."""
        number = sweep.n_begun
        if self._engine.are_gone(sweep.visitors):
            sweep.is_stopped = True
            self._current.pop(sweep.key, None)
            return True
        try:
            job_id = self._engine.submit(
                sweep.configs[number], sweep.dataset, sweep.sweep_id, payers=sweep.visitors
            )
        except EngineBusyError:
            again = threading.Timer(_BUSY_SECONDS, self._advance, [sweep])
            again.daemon = True
            again.start()
            return False
        sweep.n_begun += 1
        sweep.points[number] = SweepPoint(sweep.configs[number], job_id)
        self._update_point(sweep, number)
        if not sweep.points[number].state.is_final:
            self._engine.watch(job_id, lambda: self._advance(sweep))
        return True

    def _update_point(self, sweep: _Sweep, number: int) -> None:
        job_id = sweep.points[number].job_id
        view = self._engine.view(job_id) if job_id else None
        sweep.points[number] = _point(sweep.configs[number], job_id, view)

    def _leave_to_others(self, sweep: _Sweep, job_id: str) -> None:
        """Others want this training, too: it goes on without the sweep."""
        with self._lock:
            for number, point in enumerate(sweep.points):
                if point.job_id == job_id and not point.state.is_final:
                    sweep.points[number] = SweepPoint(point.config, None, JobState.STOPPED, 0.0)

    def _forget_old(self) -> None:
        ended = [sweep for sweep in self._sweeps.values() if sweep.ended is not None]
        for sweep in ended[: max(0, len(self._sweeps) - MAX_REMEMBERED_SWEEPS)]:
            del self._sweeps[sweep.sweep_id]
            if self._current.get(sweep.key) == sweep.sweep_id:
                del self._current[sweep.key]


def _point(config: RunConfig, job_id: str | None, view: JobView | None) -> SweepPoint:
    if view is None:
        lost = "This training is no longer kept, because later ones needed the room."
        return SweepPoint(config, job_id, JobState.FAILED, 1.0, None, lost)
    progress = view.progress
    done = progress.step / progress.n_steps if progress else 0.0
    return SweepPoint(
        config, job_id, view.state, 1.0 if view.state.is_final else done, view.outcome, view.error
    )


def _state(sweep: _Sweep) -> JobState:
    states = {point.state for point in sweep.points}
    if sweep.ended is None:
        is_begun = any(point.fraction or point.state is JobState.RUNNING for point in sweep.points)
        return JobState.RUNNING if is_begun else JobState.QUEUED
    if sweep.is_stopped:
        return JobState.STOPPED
    return JobState.FAILED if states == {JobState.FAILED} else JobState.FINISHED
