"""Chapters of a training: from an epoch on, other settings of the updates than before.

A run decides its batch size, its optimiser and its learning rate epoch by epoch. Its config has them for the
first epoch, and a `Chapter` for each later epoch that begins with others. What is the same for every epoch
is written in one way only, so that equal runs have equal configs.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Protocol, TypeVar

from mnist_core.settings import ConfigError, Limits, Setting

MAX_CHAPTERS: Final = 4
"""Of a run, the first one included."""
_FIELDS_BETWEEN, _CHAPTERS_BETWEEN = "_", "~"
"""In a link; none of them needs an escape there, or stands in a name or a number."""
_FIRST_EPOCH: Final = Limits(2, math.inf)
_USUAL_SCHEDULE: Final = "constant"
"""Where a chapter is written without a schedule, as all were before there were any."""


@dataclass(frozen=True)
class Chapter:
    """The settings from an epoch on, until the next chapter.

    Attributes:
        first_epoch: From 2: the first chapter of a run is its config's own settings.
        batch_size: As in `TrainingConfig`, like the two below, which say what is allowed.
        optimizer: One that differs from the one before begins with no memory, as after Keras's `compile`.
        learning_rate: It may change without the optimiser forgetting anything.
        schedule: It begins anew with the chapter, also where the one before had the same.
    """

    first_epoch: int
    batch_size: int
    optimizer: Any
    learning_rate: float
    schedule: Any = _USUAL_SCHEDULE

    @property
    def settings(self) -> dict[str, Any]:
        """The values by their settings' names."""
        return {name: getattr(self, name) for name in CHANGEABLE}


CHANGEABLE: Final = tuple(Chapter.__dataclass_fields__)[1:]
"""Names of the settings that a chapter may change."""


class Trained(Protocol):
    """What is known here of a `TrainingConfig`: it is a dataclass with the changeable settings."""

    @property
    def epochs(self) -> int:
        """Of the whole run."""


T = TypeVar("T", bound=Trained)


def training_in(training: T, chapters: Sequence[Chapter], epoch: int) -> T:
    """How a run is trained in an epoch, from 1.

    Args:
        training: In its first epoch.
        chapters: After the first, in their order.
        epoch: From 1.

    Raises:
        ConfigError: A setting of the chapter is not allowed.
    """
    begun = [chapter for chapter in chapters if chapter.first_epoch <= epoch]
    changes: dict[str, Any] = begun[-1].settings if begun else {}
    return replace(training, **changes)  # type: ignore[type-var]


def normalised(training: T, chapters: Sequence[Chapter]) -> tuple[Chapter, ...]:
    """The chapters that change something before a run ends.

    Args:
        training: In its first epoch.
        chapters: After the first, in any number.

    Raises:
        ConfigError: They are not in the order of their epochs, one has settings that are not allowed, or
            too many are left.
    """
    kept: list[Chapter] = []
    for number, chapter in enumerate(chapters):
        if not _FIRST_EPOCH.allows(chapter.first_epoch):
            raise ConfigError(f"first_epoch must be a whole number from 2, not {chapter.first_epoch!r}.")
        if number and chapter.first_epoch <= chapters[number - 1].first_epoch:
            raise ConfigError("chapters must be in the order of their first epochs, each with another one.")
        allowed = training_in(training, [chapter], chapter.first_epoch)  # its numbers as a config has them
        before = training_in(training, kept, chapter.first_epoch)
        is_new = allowed != before or chapter.schedule != _USUAL_SCHEDULE
        if chapter.first_epoch <= training.epochs and is_new:
            kept.append(Chapter(chapter.first_epoch, *(getattr(allowed, name) for name in CHANGEABLE)))
    if len(kept) >= MAX_CHAPTERS:
        raise ConfigError(f"A run has at most {MAX_CHAPTERS} chapters, not {len(kept) + 1}.")
    return tuple(kept)


def to_list(chapters: Sequence[Chapter]) -> list[dict[str, Any]]:
    """Chapters as plain values, fit for JSON; without their schedule where it is the usual one."""
    usual = {"schedule": _USUAL_SCHEDULE}.items()
    return [
        {name: value for name, value in asdict(each).items() if (name, value) not in usual}
        for each in chapters
    ]


def from_list(values: Any) -> tuple[Chapter, ...]:
    """What `to_list` made; their settings are checked by the config that gets them.

    Raises:
        ConfigError: It is something else.
    """
    names, usual = list(Chapter.__dataclass_fields__), {"schedule": _USUAL_SCHEDULE}
    if not isinstance(values, list | tuple) or len(values) >= MAX_CHAPTERS:
        raise ConfigError(f"chapters must be a list of at most {MAX_CHAPTERS - 1} after the first.")
    for chapter in values:
        if not isinstance(chapter, Mapping) or set(usual | dict(chapter)) != set(names):
            raise ConfigError(f"A chapter has exactly the fields {', '.join(names)}.")
    return tuple(Chapter(**chapter) for chapter in values)


def to_text(training: T, chapters: Sequence[Chapter]) -> str:
    """All chapters of a run for a link: epochs, batch size, optimiser and rate of each; "" for one chapter.

    Such as "5_32_adam_0.001~3_256_adam_0.001_cosine": five epochs, then three with a schedule.
    """
    if not chapters:
        return ""
    begins = [1, *(chapter.first_epoch for chapter in chapters), training.epochs + 1]
    parts = []
    for begin, end in itertools.pairwise(begins):
        settings = training_in(training, chapters, begin)
        fields = [str(end - begin), *(str(getattr(settings, name)) for name in CHANGEABLE)]
        parts.append(_FIELDS_BETWEEN.join(fields).removesuffix(_FIELDS_BETWEEN + _USUAL_SCHEDULE))
    return _CHAPTERS_BETWEEN.join(parts)


def from_text(text: str, rows: Mapping[str, Setting]) -> tuple[int, tuple[Chapter, ...]]:
    """How many epochs a run has, and its chapters with the first one among them, from a link.

    Args:
        text: Anything at all.
        rows: The settings, of which the changeable ones are read.

    Raises:
        ValueError: It is not what `to_text` writes.
    """
    parts = text.split(_CHAPTERS_BETWEEN, MAX_CHAPTERS)
    if not 1 < len(parts) <= MAX_CHAPTERS:
        raise ValueError(f"a link has two to {MAX_CHAPTERS} chapters")
    allowed = [rows[name].allowed for name in ("epochs", *CHANGEABLE)]
    first_epoch, chapters = 1, []
    for part in parts:
        fields = part.split(_FIELDS_BETWEEN)
        fields += [_USUAL_SCHEDULE] * (len(fields) == len(allowed) - 1)
        values = [kind.parse(field) for kind, field in zip(allowed, fields, strict=True)]
        if not all(kind.allows(value) for kind, value in zip(allowed, values, strict=True)):
            raise ValueError("a value is out of its range")
        settings: dict[str, Any] = dict(zip(CHANGEABLE, values[1:], strict=True))
        chapters.append(Chapter(first_epoch, **settings))
        first_epoch += int(values[0])
    if not rows["epochs"].allowed.allows(first_epoch - 1):
        raise ValueError("there are too many epochs")
    return first_epoch - 1, tuple(chapters)
