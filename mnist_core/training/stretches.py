"""A run epoch by epoch: how many updates each has, and which neighbours have the same settings."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import Float64Array
from mnist_core.chapters import CHANGEABLE
from mnist_core.config import SETTINGS, RunConfig


@dataclass(frozen=True)
class Timeline:
    """How many updates each epoch of a run has: their number depends on its batch size.

    Attributes:
        updates: Of each epoch, in their order.
    """

    updates: tuple[int, ...]

    @property
    def ends(self) -> tuple[int, ...]:
        """Updates made before the first epoch and at the end of each: one number more than epochs."""
        return (0, *itertools.accumulate(self.updates))

    @property
    def n_steps(self) -> int:
        """Updates of the whole run."""
        return self.ends[-1]

    def epoch_of(self, step: int) -> int:
        """The epoch, from 1, that an update belongs to; updates are counted from 1."""
        return max(1, int(np.searchsorted(self.ends, step)))

    def epochs_at(self, steps: float | NDArray[Any]) -> Float64Array:
        """Epochs done after so many updates, with fractions; of the same shape."""
        return np.asarray(np.interp(steps, self.ends, np.arange(len(self.ends))))

    def steps_at(self, epochs: float | NDArray[Any]) -> Float64Array:
        """Updates made after so many epochs, with fractions; of the same shape."""
        return np.asarray(np.interp(epochs, np.arange(len(self.ends)), self.ends))


@lru_cache(maxsize=1024)
def timeline_of(config: RunConfig, n_training_images: int) -> Timeline:
    """The timeline of a run.

    Args:
        config: Of the run.
        n_training_images: Images it trains on, those for validation not among them.
    """
    updates = (
        (math.ceil(n_training_images / stretch.config.training.batch_size),) * stretch.n_epochs
        for stretch in stretches(config)
    )
    return Timeline(tuple(itertools.chain(*updates)))


@dataclass(frozen=True)
class Stretch:
    """Neighbouring epochs that are trained with the same settings: a chapter.

    Attributes:
        config: The settings, as those of a run of one chapter.
        first_epoch: From 1.
        last_epoch: The first one where it has but one.
        keeps_memory: Whether its optimiser is that of the stretch before, and remembers what it did there.
    """

    config: RunConfig
    first_epoch: int
    last_epoch: int
    keeps_memory: bool

    @property
    def n_epochs(self) -> int:
        """How many they are."""
        return self.last_epoch - self.first_epoch + 1


def stretches(config: RunConfig) -> tuple[Stretch, ...]:
    """The stretches of a run, in their order."""
    begins = [1, *(chapter.first_epoch for chapter in config.chapters)]
    ends = [*(begin - 1 for begin in begins[1:]), config.training.epochs]
    configs = [config.in_epoch(begin) for begin in begins]
    optimizers = ["", *(each.training.optimizer for each in configs)]
    return tuple(
        Stretch(each, begin, end, optimizer == before)
        for each, begin, end, (before, optimizer) in zip(
            configs, begins, ends, itertools.pairwise(optimizers), strict=True
        )
    )


@dataclass(frozen=True)
class Border:
    """Where one chapter ends and the next begins.

    Attributes:
        epoch: The number of epochs done by then.
        changes: What changes, each such as "batch 32 → 256".
    """

    epoch: int
    changes: tuple[str, ...]

    @property
    def label(self) -> str:
        """The changes in a line."""
        return ", ".join(self.changes)


@lru_cache(maxsize=256)
def borders(config: RunConfig) -> tuple[Border, ...]:
    """The borders between a run's chapters, in their order."""
    pairs = itertools.pairwise(stretches(config))
    return tuple(Border(second.first_epoch - 1, tuple(_changes(first, second))) for first, second in pairs)


def _changes(first: Stretch, second: Stretch) -> Iterator[str]:
    for name in CHANGEABLE:
        row = SETTINGS[name]
        before, after = first.config.value_of(name), second.config.value_of(name)
        if before != after:
            yield f"{row.short} {row.write(before)} → {row.write(after)}".strip()
