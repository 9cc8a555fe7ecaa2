"""Trainings and analyses as the engine keeps them, and as pages see them."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import Any, Generic, TypeVar

from mnist_core.analysis.reports import DigitReport
from mnist_core.bounds import MAX_PARTS
from mnist_core.config import RunConfig
from mnist_core.engine.estimate import start_seconds
from mnist_core.images.dataset import Dataset
from mnist_core.images.mixture import Source
from mnist_core.network.parameters import Parameters, starting_parameters
from mnist_core.training.history import History
from mnist_core.training.progress import Progress
from mnist_core.training.record import RunRecord
from mnist_core.training.stretches import Timeline, timeline_of

_log = logging.getLogger(__name__)


class JobState(Enum):
    """Where a job is in its life; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "paused"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen."""
        return self not in (JobState.QUEUED, JobState.RUNNING)


class EngineBusyError(RuntimeError):
    """The queue is full; the message says how many are waiting."""


@dataclass(frozen=True)
class Outcome:
    """What a training came to, in a few numbers: small enough to keep for every run of many.

    Attributes:
        seconds: From the first update to the last.
        steps_done: Updates made.
        has_diverged: Whether the weights ran off to infinity.
        n_validation_images: Images it was watched with; 0 for none.
        validation_accuracy: On them, of the network that is kept, or after the last whole epoch of a paused
            run; 0 to 1, None without any.
        n_test_images: Images of the test; 0 where it was stopped before it began.
        n_test_right: How many of them it reads correctly.
    """

    seconds: float
    steps_done: int
    has_diverged: bool
    n_validation_images: int
    validation_accuracy: float | None
    n_test_images: int
    n_test_right: int

    @classmethod
    def of(cls, record: RunRecord, report: DigitReport | None) -> "Outcome":
        """The outcome of a run, with the report of its test where there was one."""
        accuracies = record.history.validation_accuracy
        return cls(
            seconds=record.seconds,
            steps_done=record.steps_done,
            has_diverged=record.has_diverged,
            n_validation_images=record.n_validation_images,
            validation_accuracy=float(accuracies[record.kept_epoch - 1]) if len(accuracies) else None,
            n_test_images=report.n_images if report is not None else 0,
            n_test_right=report.n_right if report is not None else 0,
        )


@dataclass(frozen=True, eq=False)
class JobView:
    """What there is to see of a job at one moment.

    Attributes:
        job_id: Names the job and its record.
        config: What is trained.
        state: Where it is.
        position: Place in the queue from 1; 0 if it does not wait.
        progress: The last report; None before the first, while the worker gets ready.
        reports: The news of all reports so far, in their order; `history` joins them.
        error: Why it failed, in a sentence.
        snapshot: The network as it was reported last; None before that.
        outcome: What it came to; None before the end, and for one that failed.
        seconds_until_begin: Estimate, for one that waits or has not reported yet; 0 for any other.
        seconds_left: Estimate until its end, 0 for one that has ended; with what it waits, also in its midst
            for shorter ones.
        is_first: It is compiled, and none that is has reported yet: TensorFlow may still have to be loaded.
        is_stopping: It was stopped and has not ended yet.
        n_training_images: Images it trains on.
        beginning: The job from whose end it goes on; "" where it begins anew.
        own_images: The own images that take part, in words; "" for none.
        own_source: Whose they are; None for none.
    """

    job_id: str
    config: RunConfig
    state: JobState
    position: int
    progress: Progress | None
    reports: tuple[History, ...]
    error: str | None
    snapshot: Parameters | None
    outcome: Outcome | None
    seconds_until_begin: float = 0.0
    seconds_left: float = 0.0
    is_first: bool = False
    is_stopping: bool = False
    n_training_images: int = 1
    beginning: str = ""
    own_images: str = ""
    own_source: Source | None = None

    @classmethod
    def of(
        cls, job: "Job", position: int, waiting: float, seconds_left: float, *, is_first: bool
    ) -> "JobView":
        """A job as it is now, with its place in the queue, the seconds it waits and those to its end."""
        return cls(
            job.job_id,
            job.config,
            job.state,
            position,
            job.progress,
            tuple(job.parts),
            job.error,
            job.snapshot,
            job.outcome,
            seconds_until_begin=0.0 if job.progress else waiting,
            seconds_left=seconds_left,
            is_first=is_first,
            is_stopping=job.is_stop_wanted and not job.state.is_final,
            n_training_images=job.config.training.split_sizes(len(job.dataset.train_labels))[0],
            beginning=job.beginning,
            own_images=job.own_images,
            own_source=job.own_source,
        )

    @property
    def timeline(self) -> Timeline:
        """Which updates belong to which epoch."""
        return timeline_of(self.config, self.n_training_images)

    @property
    def has_ended_early(self) -> bool:
        """Whether early stopping ended it before its last epoch, so that it has nothing to go on with."""
        if self.state is not JobState.FINISHED or self.outcome is None:
            return False
        is_watched = self.config.training.patience > 0
        return is_watched and self.outcome.steps_done < self.timeline.n_steps

    @cached_property
    def history(self) -> History:
        """Everything reported so far; joined only when asked for, because most pages ask for the state."""
        return History.joined(self.reports)

    @property
    def parameters(self) -> Parameters:
        """The network as it was reported last, or as it is before the first update."""
        return self.snapshot or starting_parameters(self.config)


T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class AnalysisView(Generic[T]):
    """What there is of an analysis: neither a result nor an error while it is computed.

    Attributes:
        result: What it found.
        error: Why it failed, in a sentence.
    """

    result: T | None = None
    error: str | None = None


@dataclass(eq=False)
class Job:
    """What the engine knows of a training; changed only with the engine's lock held.

    `visitors` want it to go on, and `payers` are charged with its time: they differ for trainings of a sweep.
    `looked` and `stop_wanted` are moments of a steady clock, in seconds. `beginning` names the job whose run
    it goes on from; where that is no longer kept, the whole is trained, to the same network. `own_images`
    says which take part, `own_source` whose they are; they are in the dataset, and at the end in the record
    alone. `follows` is the job of another server that trains the same, as long as it does. One that
    `is_called_back` pauses until there is another training process, and goes on from the record that it has
    `reached`.
    """

    job_id: str
    key: str
    config: RunConfig
    dataset: Dataset
    state: JobState = JobState.QUEUED
    visitors: set[str] = field(default_factory=set)
    payers: set[str] = field(default_factory=set)
    beginning: str = ""
    attempt: str = ""
    lost_attempt: str = ""
    parts: list[History] = field(default_factory=list)
    progress: Progress | None = None
    error: str | None = None
    snapshot: Parameters | None = None
    outcome: Outcome | None = None
    nominal_seconds: float = 0.0
    is_stop_wanted: bool = False
    stop_wanted: float = 0.0
    is_called_back: bool = False
    reached: RunRecord | None = None
    is_pinned: bool = False
    n_losses: int = 0
    sends_images: bool = False
    looked: float = 0.0
    future: Any = None
    watchers: list[Callable[[], None]] = field(default_factory=list)
    own_images: str = ""
    own_source: Source | None = None
    follows: str = ""

    def __post_init__(self) -> None:
        if self.dataset.mixture is not None:
            self.own_images, self.own_source = self.dataset.mixture.words, self.dataset.mixture.source

    @cached_property
    def start_seconds(self) -> float:
        """What compiling takes of `nominal_seconds`."""
        return start_seconds(self.config, len(self.dataset.train_labels))

    def drop_own_images(self) -> None:
        """Forget the own images, which the record has: many more jobs are known than records are kept."""
        self.dataset = self.dataset.with_mixture(None)

    def note_report(self, attempt: str, progress: Progress) -> None:
        """Add what the training process reports; another attempt replaces what the first had reported."""
        if self.attempt != attempt:  # a new worker begins again after the first was lost
            self.attempt, self.parts, self.snapshot = attempt, [], None
        self.progress = replace(progress, snapshot=None)
        self.parts.append(progress.news)
        if len(self.parts) > MAX_PARTS:
            self.parts = [History.joined(self.parts)]
        self.snapshot = progress.snapshot or self.snapshot

    def drop_reports(self) -> None:
        """Forget what was reported: the record has it, or the training begins again."""
        self.progress, self.parts, self.snapshot = None, [], None

    def finish(self, record: RunRecord, report: DigitReport | None = None) -> None:
        """End with a record, and with the report of the test where there was one."""
        self.drop_reports()
        self.reached = None
        self.outcome = Outcome.of(record, report)
        self.state = JobState.STOPPED if record.is_stopped else JobState.FINISHED

    def notify(self) -> None:
        """If the job has ended, call its watchers; without the lock, because they may ask for other jobs."""
        if not self.state.is_final:
            return
        watchers, self.watchers = self.watchers, []
        for on_end in watchers:
            try:
                on_end()
            except Exception:  # the next job must be handed out all the same
                _log.exception("A watcher of %s failed when it was told of the end", self.job_id)


def error_sentence(error: Exception, subject: str = "Training") -> str:
    """What went wrong in the training process, as a sentence for visitors."""
    if type(error).__name__ == "KilledWorker":
        return (
            f"{subject} failed: its process ended several times before it was done, because it ran out of "
            "memory or because TensorFlow does not run on this machine. The next one gets a new process."
        )
    return f"{subject} failed: {str(error) or type(error).__name__}"
