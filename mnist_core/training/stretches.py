"""A run epoch by epoch: how many updates each has, and which neighbours have the same settings."""

import itertools
import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import Float64Array
from mnist_core.chapters import CHANGEABLE, Chapter
from mnist_core.config import LIMITS, SETTINGS, RunConfig
from mnist_core.settings import ConfigError


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

    def span(self, stretch: "Stretch") -> tuple[int, int]:
        """Updates made before a stretch begins, and when it has ended."""
        return self.ends[stretch.first_epoch - 1], self.ends[stretch.last_epoch]

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
    keeps = [False, *(_keeps_memory(*pair) for pair in itertools.pairwise(configs))]
    return tuple(itertools.starmap(Stretch, zip(configs, begins, ends, keeps, strict=True)))


def _keeps_memory(first: RunConfig, second: RunConfig) -> bool:
    """Whether the second chapter goes on with the optimiser of the first, as Keras allows it.

    An optimiser with `CosineDecay` has no other rate, and counts its updates from its beginning.
    """
    trainings = (first.training, second.training)
    is_same = trainings[0].optimizer == trainings[1].optimizer
    return is_same and all(training.schedule != "cosine" for training in trainings)


def stretch_with(config: RunConfig, epoch: int) -> Stretch:
    """The stretch of a run that an epoch, from 1, belongs to."""
    return next(each for each in reversed(stretches(config)) if each.first_epoch <= epoch)


def learning_rates(stretch: Stretch, timeline: Timeline, steps: NDArray[np.integer[Any]]) -> Float64Array:
    """The learning rates of updates of a stretch.

    "cosine" is η · (1 + cos(π t / T)) / 2 after t of its T updates (Loshchilov and Hutter, 2017, equation 5
    down to 0; Keras's `CosineDecay`), "halved" is η / 2ᵉ after e of its epochs.

    Args:
        stretch: Of the run.
        timeline: Of the run.
        steps: Numbers of the updates in the run, from 1.

    Returns:
        Of the same shape.
    """
    (begin, end), training = timeline.span(stretch), stretch.config.training
    done = np.asarray(steps) - 1 - begin
    if training.schedule == "cosine":
        return training.learning_rate * (1 + np.cos(np.pi * done / (end - begin))) / 2
    n_epochs = (
        done // timeline.updates[stretch.first_epoch - 1] if training.schedule == "halved" else 0 * done
    )
    return training.learning_rate / 2.0**n_epochs


@dataclass(frozen=True)
class Border:
    """Where one chapter ends and the next begins.

    Attributes:
        epoch: The number of epochs done by then.
        changes: What changes, each such as "batch 32 → 256"; without any the schedule begins again.
        news: The same without the old values, such as "batch 256".
    """

    epoch: int
    changes: tuple[str, ...]
    news: tuple[str, ...]

    @property
    def label(self) -> str:
        """The changes in a line."""
        return ", ".join(self.changes)

    @property
    def words(self) -> str:
        """The chapter that begins here, such as "from epoch 6 batch 32 → 256"."""
        return f"from epoch {self.epoch + 1} {' and '.join(self.changes)}"


@lru_cache(maxsize=256)
def borders(config: RunConfig) -> tuple[Border, ...]:
    """The borders between a run's chapters, in their order."""
    pairs = itertools.pairwise(stretches(config))
    return tuple(_border(first.config, second.config, second.first_epoch - 1) for first, second in pairs)


def _border(first: RunConfig, second: RunConfig, epoch: int) -> Border:
    rows = [SETTINGS[name] for name in CHANGEABLE if first.value_of(name) != second.value_of(name)]
    before, after = ([row.write(config.value_of(row.name)) for row in rows] for config in (first, second))
    changes = (f"{row.short} {old} → {new}" for row, old, new in zip(rows, before, after, strict=True))
    news = (f"{row.short} {new}" for row, new in zip(rows, after, strict=True))
    again = ("the schedule begins again",)
    return Border(epoch, tuple(map(str.strip, changes)) or again, tuple(map(str.strip, news)) or again)


def chapters_in_words(config: RunConfig) -> str:
    """The chapters of a run after its first, such as "from epoch 6 batch 32 → 256"; "no change" without."""
    return "; ".join(border.words for border in borders(config)) or "no change"


def with_more_epochs(config: RunConfig, n_epochs: int) -> RunConfig | None:
    """A run that goes on to more epochs; a cosine, which has come to 0, begins again as a chapter.

    Returns:
        None where it would have too many chapters.
    """
    epochs, last = config.training.epochs, config.in_epoch(config.training.epochs)
    longer = replace(config.training, epochs=epochs + n_epochs)
    again = Chapter(epochs + 1, **{name: last.value_of(name) for name in CHANGEABLE})
    chapters = (*config.chapters, *([again] if last.training.schedule == "cosine" else []))
    try:
        return RunConfig(config.network, longer, chapters)
    except ConfigError:
        return None


def with_next_chapter(config: RunConfig, epoch: int, chosen: RunConfig, more: int) -> RunConfig | None:
    """A run that goes on after an epoch with other settings.

    Args:
        config: Of the run.
        epoch: The last one that is trained as the config says.
        chosen: A run of one chapter with the settings to go on with. Its epochs are those of the whole run,
            if they are more than there have been.
        more: How many epochs the new chapter has otherwise, if the limit allows them.

    Returns:
        None where no epoch is left, where `chosen` has nothing new for it, where it also differs in what
        cannot change on the way, where early stopping watches the run, or in the midst of a cosine.

    Raises:
        ConfigError: The run would have too many chapters.
    """
    most, last = int(LIMITS["epochs"].highest), config.in_epoch(config.training.epochs)
    settings = {name: chosen.value_of(name) for name in CHANGEABLE}
    is_same_otherwise = last.with_changes(**settings, epochs=chosen.training.epochs) == chosen
    has_news = last.with_changes(epochs=chosen.training.epochs) != chosen
    under_way = stretch_with(config, epoch)
    has_open_end = epoch < under_way.last_epoch and under_way.config.training.schedule == "cosine"
    if epoch >= most or not is_same_otherwise or not has_news or config.training.patience or has_open_end:
        return None
    n_epochs = chosen.training.epochs if chosen.training.epochs > epoch else min(most, epoch + more)
    before = (chapter for chapter in config.chapters if chapter.first_epoch <= epoch)
    chapters = (*before, Chapter(epoch + 1, **settings))
    return RunConfig(config.network, replace(config.training, epochs=n_epochs), chapters)
