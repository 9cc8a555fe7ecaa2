"""One setting over a list of values: which networks to train for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mnist_core.bounds import MAX_SWEEP_TRAININGS
from mnist_core.config import LIMITS, SETTINGS, RunConfig
from mnist_core.settings import ConfigError, Setting, SweepRange, Words

SWEEPABLE: Final[Mapping[str, Setting]] = {row.words: row for row in SETTINGS.values() if row.sweep}
"""Every setting that can be swept, by its name in words."""
VARIANTS: Final = "variant"
"""In the place of a setting: the lines of a plan are compared with each other, each by its name."""
SWEEPS: Final[Mapping[str, SweepRange]] = {
    **{row.words: row.sweep for row in SETTINGS.values() if row.sweep},
    VARIANTS: SweepRange("What is different", (), (), "none"),
}
"""How each of them is swept."""


def with_value(config: RunConfig, setting: str, value: Any) -> RunConfig:
    """A run of one chapter with a swept setting at a value; all hidden layers get the same number of neurons.

    A run of several chapters is swept with the settings of its first.
    """
    config, name = config.in_epoch(1), SWEEPABLE[setting].name
    if name == "hidden_units":
        value = (value,) * len(config.network.hidden_units)
    return config.with_changes(**{name: value})


def swept_value(config: RunConfig, setting: str) -> Any:
    """The value at which a config has a swept setting; of the first hidden layer, if it is its neurons."""
    value = config.value_of(SWEEPABLE[setting].name)
    return value[0] if isinstance(value, tuple) else value


@dataclass(frozen=True)
class PlannedLine:
    """The trainings of one line of a sweep's figure: value by value, and seed by seed within a value."""

    name: str
    configs: tuple[RunConfig, ...]


@dataclass(frozen=True)
class Plan:
    """What to train for a sweep.

    Attributes:
        setting: What is swept, by its name in `SWEEPABLE`, or `VARIANTS`.
        lines: One for a plain sweep; more to sweep the same setting under several conditions.
    """

    setting: str
    lines: tuple[PlannedLine, ...]

    @property
    def configs(self) -> tuple[RunConfig, ...]:
        """All of them, line after line."""
        return tuple(config for line in self.lines for config in line.configs)

    @property
    def values(self) -> tuple[Any, ...]:
        """The value of what is swept in each of the configs."""
        if self.setting == VARIANTS:
            return tuple(line.name for line in self.lines for _ in line.configs)
        return tuple(swept_value(config, self.setting) for config in self.configs)


def plan(
    config: RunConfig, setting: str, values: Sequence[Any], n_seeds: int = 1, n_available: int = 60_000
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
    configs = [
        with_value(_seeded(config, more), setting, value)
        for value in in_order(setting, values, n_available)
        for more in range(seeds)
    ]
    return Plan(setting, (PlannedLine("", tuple(configs)),))


def _seeded(config: RunConfig, more: int) -> RunConfig:
    """The config with the seed that is so many after its own; after the last comes the first."""
    n_seeds = int(LIMITS["seed"].highest) + 1
    return config.with_changes(seed=(config.training.seed + more) % n_seeds)


def in_order(setting: str, values: Sequence[Any], n_available: int) -> list[Any]:
    """Each value once, in the order of the axis; more images than there are is all of them."""
    if setting == "training images":
        values = [min(value, n_available) for value in values]
    is_word = isinstance(SWEEPABLE[setting].allowed, Words)
    return sorted(set(values), key=SWEEPS[setting].offered.index if is_word else None)
