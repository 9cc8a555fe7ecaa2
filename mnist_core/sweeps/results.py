"""What came of a sweep: for each value every seed's accuracy, their mean, and how far chance could move it.

The runner's points go in, and figures and tables read the result; nothing here needs the engine or Dask.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mnist_core.analysis.intervals import Interval, wilson_interval
from mnist_core.arrays import ReadOnlyArrays
from mnist_core.config import RunConfig
from mnist_core.engine.jobs import JobState, Outcome
from mnist_core.sweeps.plans import VARIANTS, Plan

JudgedOn = Literal["validation", "test"]


@dataclass(frozen=True)
class SweepPoint:
    """One training of a sweep.

    Attributes:
        config: What is trained.
        job_id: Its job; None before its turn, and if the sweep ended before.
        state: Where it is.
        fraction: How much of it is done, 0 to 1.
        outcome: What it came to; None before, and for one that failed.
        error: Why it failed, in a sentence.
    """

    config: RunConfig
    job_id: str | None = None
    state: JobState = JobState.QUEUED
    fraction: float = 0.0
    outcome: Outcome | None = None
    error: str | None = None

    @property
    def is_finished(self) -> bool:
        """Whether it went to its end."""
        return self.state is JobState.FINISHED


@dataclass(frozen=True, eq=False)
class SweepLine(ReadOnlyArrays):
    """What came of one line of a sweep; only values with a finished training are in it.

    Attributes:
        name: Of the line; empty if it is the only one.
        values: The setting's values in ascending order, k of them.
        accuracies: For each value, the accuracy of every seed, float64 of shape (n_seeds,), 0 to 1.
        means: Shape (k,), their means.
        intervals: For each value, how far the mean would move with other images to judge on: the 95% Wilson
            interval of a share this large of as many images as one network is judged on.
        seconds: Shape (k,), mean time of a training.
    """

    name: str
    values: tuple[Any, ...]
    accuracies: tuple[NDArray[np.float64], ...]
    means: NDArray[np.float64]
    intervals: tuple[Interval, ...]
    seconds: NDArray[np.float64]

    @property
    def spread(self) -> float:
        """The largest distance between two seeds of one value, 0 to 1."""
        return max((float(np.ptp(seeds)) for seeds in self.accuracies), default=0.0)


@dataclass(frozen=True, eq=False)
class SweepResult:
    """What came of a sweep.

    Attributes:
        setting: What was swept.
        judge: Which images the accuracies are from.
        lines: As in the plan, or one with all its variants; lines without a finished training are left out.
    """

    setting: str
    judge: JudgedOn
    lines: tuple[SweepLine, ...]

    @property
    def n_seeds(self) -> int:
        """The most trainings of one value."""
        return max((len(seeds) for line in self.lines for seeds in line.accuracies), default=0)


def collect(plan: Plan, points: Sequence[SweepPoint], judge: JudgedOn) -> SweepResult:
    """Read the outcomes of a sweep, also of one that is under way.

    Args:
        plan: What was asked for.
        points: One for each config of the plan, in its order.
        judge: Judge on validation images, or on test images.

    Raises:
        ValueError: The points are not those of the plan.
    """
    if [point.config for point in points] != list(plan.configs):
        raise ValueError("These are not the trainings of this plan.")
    pairs = list(zip(plan.values, points, strict=True))
    if plan.setting == VARIANTS:
        lines = [_collect_line("", pairs, judge)]
    else:
        ends = [0, *itertools.accumulate(len(line.configs) for line in plan.lines)]
        lines = [
            _collect_line(line.name, pairs[start:end], judge)
            for line, (start, end) in zip(plan.lines, itertools.pairwise(ends), strict=True)
        ]
    return SweepResult(plan.setting, judge, tuple(line for line in lines if line.values))


def accuracy_on(outcome: Outcome, judge: JudgedOn) -> tuple[float, int] | None:
    """A network's accuracy, 0 to 1, and on how many images; None if it was not judged so."""
    if judge == "test":
        n = outcome.n_test_images
        return (outcome.n_test_right / n, n) if n else None
    if outcome.validation_accuracy is None:
        return None
    return outcome.validation_accuracy, outcome.n_validation_images


def _collect_line(name: str, pairs: Sequence[tuple[Any, SweepPoint]], judge: JudgedOn) -> SweepLine:
    judged: dict[Any, list[tuple[float, int, float]]] = {}  # accuracy, of how many images, seconds
    for value, point in pairs:
        accuracy = accuracy_on(point.outcome, judge) if point.outcome and point.is_finished else None
        if accuracy is not None and point.outcome is not None:
            seeds = judged.setdefault(value, [])
            seeds.append((*accuracy, point.outcome.seconds))
    accuracies = tuple(np.array([accuracy for accuracy, _, _ in seeds]) for seeds in judged.values())
    n_images = [seeds[-1][1] for seeds in judged.values()]
    means = np.array([each.mean() for each in accuracies])
    seconds = np.array([np.mean([each for _, _, each in seeds]) for seeds in judged.values()])
    intervals = tuple(wilson_interval(round(mean * n), n) for mean, n in zip(means, n_images, strict=True))
    return SweepLine(name, tuple(judged), accuracies, means, intervals, seconds)
