"""One setting over a list of values: what to train for it, and what came of it.

A `Plan` says which networks to train, `sweep_jobs` trains them, and `collect` reads the outcomes: for each
value the accuracy of every seed, their mean, and how far chance alone could move it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from mnist_core.analysis.intervals import Interval, wilson_interval
from mnist_core.arrays import ReadOnlyArrays
from mnist_core.bounds import MAX_SWEEP_TRAININGS
from mnist_core.config import LIMITS, ConfigError, RunConfig
from mnist_core.engine.jobs import Outcome
from mnist_core.sweeps.runner import SweepPoint

Setting = Literal[
    "hidden units", "batch size", "learning rate", "training images", "wrong labels", "preparation", "seed"
]
JudgedOn = Literal["validation", "test"]


@dataclass(frozen=True)
class SweepableSetting:
    """A setting that can be swept.

    Attributes:
        field: Its name in `LIMITS`; empty for a choice of words.
        offered: Values to choose from.
        usual: Those of them that are swept when nothing is said.
        apply: The config with the setting at a value.
        read: The setting's value in a config.
        axis: Its name and unit on an axis.
        is_log: Whether equal ratios are equally far apart on that axis.
    """

    field: str
    offered: tuple[Any, ...]
    usual: tuple[Any, ...]
    apply: Callable[[RunConfig, Any], RunConfig]
    read: Callable[[RunConfig], Any]
    axis: str
    is_log: bool = True


def _training(name: str) -> tuple[Callable[[RunConfig, Any], RunConfig], Callable[[RunConfig], Any]]:
    """How a field of the training is set and read."""

    def apply(config: RunConfig, value: Any) -> RunConfig:
        return replace(config, training=replace(config.training, **{name: value}))

    return apply, lambda config: getattr(config.training, name)


def _with_units(config: RunConfig, units: int) -> RunConfig:
    layers = (units,) * len(config.network.hidden_units)
    return replace(config, network=replace(config.network, hidden_units=layers))


_POWERS: Final = tuple(2**power for power in range(11))
SWEEPABLE: Final[Mapping[Setting, SweepableSetting]] = {
    "hidden units": SweepableSetting(
        "hidden_units",
        _POWERS[:9],
        _POWERS[:8],
        _with_units,
        lambda config: config.network.hidden_units[0],
        "Hidden units",
    ),
    "batch size": SweepableSetting(
        "batch_size", _POWERS, (8, 32, 128, 512), *_training("batch_size"), "Batch size (images)"
    ),
    "learning rate": SweepableSetting(
        "learning_rate",
        (0.00001, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
        (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1),
        *_training("learning_rate"),
        "Learning rate",
    ),
    "training images": SweepableSetting(
        "n_training_images",
        (100, 300, 1_000, 3_000, 10_000, 30_000, 60_000),
        (100, 300, 1_000, 3_000, 10_000, 30_000, 60_000),
        *_training("n_training_images"),
        "Training images",
    ),
    "wrong labels": SweepableSetting(
        "wrong_label_share",
        tuple(tenth / 10 for tenth in range(11)),
        (0.0, 0.2, 0.4, 0.6, 0.8),
        *_training("wrong_label_share"),
        "Share of wrong labels",
        is_log=False,
    ),
    "preparation": SweepableSetting(
        "", ("usual", "shuffled"), ("usual", "shuffled"), *_training("preparation"), "Pixels", is_log=False
    ),
    "seed": SweepableSetting(
        "seed", tuple(range(20)), tuple(range(5)), *_training("seed"), "Seed", is_log=False
    ),
}
"""Every setting that can be swept. Sweeping hidden units sets all hidden layers alike."""


@dataclass(frozen=True)
class PlannedLine:
    """The trainings of one line of a sweep's figure: value by value, and seed by seed within a value."""

    name: str
    configs: tuple[RunConfig, ...]


@dataclass(frozen=True)
class Plan:
    """What to train for a sweep.

    Attributes:
        setting: What is swept.
        lines: One for a plain sweep; more to sweep the same setting under several conditions.
    """

    setting: Setting
    lines: tuple[PlannedLine, ...]

    @property
    def configs(self) -> tuple[RunConfig, ...]:
        """All of them, line after line."""
        return tuple(config for line in self.lines for config in line.configs)


def plan(
    config: RunConfig, setting: Setting, values: Sequence[Any], n_seeds: int = 1, n_available: int = 60_000
) -> Plan:
    """Sweep one setting of a config.

    Args:
        config: All other settings.
        setting: Which one.
        values: Its values, in any order.
        n_seeds: Trainings for each value, with the config's seed and those after it; seeds themselves are
            swept once each.
        n_available: Training images there are: asking for more is asking for all.

    Raises:
        ConfigError: There are no values, one is not allowed, or they make too many trainings.
    """
    seeds = 1 if setting == "seed" else n_seeds
    if not values:
        raise ConfigError("A sweep needs one value or more.")
    if len(values) * seeds > MAX_SWEEP_TRAININGS:
        raise ConfigError(
            f"{len(values)} values with {seeds} seeds each are {len(values) * seeds} trainings; a sweep has "
            f"{MAX_SWEEP_TRAININGS} at most. Take fewer values or fewer seeds."
        )
    swept, configs = SWEEPABLE[setting], []
    for value in _in_order(setting, values, n_available):
        for seed in range(seeds):
            one = swept.apply(config, value)
            if setting != "seed":
                one = _seeded(one, seed)
            configs.append(one)
    return Plan(setting, (PlannedLine("", tuple(configs)),))


def _seeded(config: RunConfig, more: int) -> RunConfig:
    """The config with the seed that is so many after its own; after the last comes the first."""
    n_seeds = int(LIMITS["seed"].highest) + 1
    seed = (config.training.seed + more) % n_seeds
    return replace(config, training=replace(config.training, seed=seed))


def _in_order(setting: Setting, values: Sequence[Any], n_available: int) -> list[Any]:
    """Each value once, in the order in which they are offered; more images than there are is all of them."""
    if setting == "training images":
        values = [min(value, n_available) for value in values]
    return sorted(set(values), key=SWEEPABLE[setting].offered.index if setting == "preparation" else None)


@dataclass(frozen=True, eq=False)
class SweepLine(ReadOnlyArrays):
    """What came of one line of a sweep; only values with a finished training are in it.

    Attributes:
        name: Of the line; empty if it is the only one.
        values: The setting's values in ascending order, k of them.
        accuracies: For each value, the accuracy of every seed, float64 of shape (n_seeds,), 0 to 1.
        means: Shape (k,), their means.
        intervals: For each value, how far the mean would move with other images to judge on: the 95 % Wilson
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
        return max((float(np.ptp(found)) for found in self.accuracies), default=0.0)


@dataclass(frozen=True, eq=False)
class SweepResult:
    """What came of a sweep.

    Attributes:
        setting: What was swept.
        judge: Which images the accuracies are from.
        lines: As in the plan; lines without a finished training are left out.
    """

    setting: Setting
    judge: JudgedOn
    lines: tuple[SweepLine, ...]

    @property
    def n_seeds(self) -> int:
        """The most trainings of one value."""
        return max((len(found) for line in self.lines for found in line.accuracies), default=0)


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
    lines, start = [], 0
    for line in plan.lines:
        own = points[start : start + len(line.configs)]
        start += len(line.configs)
        found = _collect_line(plan.setting, line.name, own, judge)
        if found.values:
            lines.append(found)
    return SweepResult(plan.setting, judge, tuple(lines))


def accuracy_on(outcome: Outcome, judge: JudgedOn) -> tuple[float, int] | None:
    """A network's accuracy, 0 to 1, and on how many images; None if it was not judged so."""
    if judge == "test":
        n = outcome.n_test_images
        return (outcome.n_test_right / n, n) if n else None
    if outcome.validation_accuracy is None:
        return None
    return outcome.validation_accuracy, outcome.n_validation_images


def _collect_line(setting: Setting, name: str, points: Sequence[SweepPoint], judge: JudgedOn) -> SweepLine:
    accuracies: dict[Any, list[float]] = {}
    seconds: dict[Any, list[float]] = {}
    n_images: dict[Any, int] = {}
    for point in points:
        found = accuracy_on(point.outcome, judge) if point.outcome and point.is_finished else None
        if found is None or point.outcome is None:
            continue
        value = SWEEPABLE[setting].read(point.config)
        accuracies.setdefault(value, []).append(found[0])
        seconds.setdefault(value, []).append(point.outcome.seconds)
        n_images[value] = found[1]
    values = tuple(accuracies)
    means = np.array([np.mean(accuracies[value]) for value in values])
    times = np.array([np.mean(seconds[value]) for value in values])
    each = tuple(np.array(accuracies[value]) for value in values)
    intervals = tuple(
        wilson_interval(round(mean * n_images[value]), n_images[value])
        for value, mean in zip(values, means, strict=True)
    )
    return SweepLine(name, values, each, means, intervals, times)
