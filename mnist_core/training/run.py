"""What a training gathers while it goes: its history, the networks at the end of epochs, and its film."""

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import Float32Array
from mnist_core.bounds import MAX_MEMORIES_BYTES
from mnist_core.config import RunConfig
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import Parameters, cross_entropy
from mnist_core.training.early_stopping import is_over
from mnist_core.training.film import FilmRecorder, film_steps
from mnist_core.training.history import History
from mnist_core.training.loops.layout import Memory
from mnist_core.training.loops.trainers import Trainer
from mnist_core.training.progress import Progress
from mnist_core.training.record import RunRecord, TrainingState, library_versions
from mnist_core.training.stretches import Timeline, stretch_with, timeline_of
from mnist_core.training.training_set import TrainingImages, training_images

CURVE_POINTS_PER_EPOCH: Final = 100
SNAPSHOT_SECONDS: Final = 0.2
"""Between two networks that are reported within an epoch, so that their picture changes while one watches."""


@dataclass(eq=False)
class Run:
    """A training under way.

    Attributes:
        record: Where it begins: the untrained network, or the record of a run that is continued.
        chosen: Its images.
        validation_inputs: Float32, shape (n_validation, 784).
        film: Records its moments.
        snapshots: Before the first update and after each whole epoch, those of `record` included.
        parts: The history in parts, as it was reported.
        step: Updates made.
        seconds: Since the first.
        sums: Of the losses and right answers of the images of the epoch under way.
        last_batch: Loss and accuracy of the last batch, before its update.
        memories: See `RunRecord`.
        validation_losses: Of the whole epochs.
        is_over_early: Whether early stopping has ended it.
        libraries: What has made its updates, see `Trainer.library`.
        has_begun: Whether anything was recorded or reported.
    """

    record: RunRecord
    chosen: TrainingImages
    validation_inputs: Float32Array
    film: FilmRecorder
    snapshots: list[Parameters]
    step: int
    seconds: float
    sums: NDArray[np.float64]
    parts: list[History] = field(default_factory=list)
    last_batch: tuple[float, float] | None = None
    memories: dict[int, Memory] = field(default_factory=dict)
    validation_losses: list[float] = field(default_factory=list)
    is_over_early: bool = False
    libraries: set[str] = field(default_factory=set)
    has_begun: bool = False
    _reported: float = 0.0

    @classmethod
    def prepare(cls, config: RunConfig, dataset: Dataset, beginning: RunRecord | None) -> "Run":
        """The start of a training, or where it was interrupted.

        Raises:
            ValueError: The beginning is that of another training.
        """
        if beginning is not None and not continues(beginning, config, dataset):
            raise ValueError("A training continues only its own beginning: the same settings but for epochs.")
        record = (beginning or RunRecord.untrained(config, dataset)).as_beginning(config, dataset)
        chosen = training_images(config, dataset)
        validation_inputs = network_inputs(chosen.validation_images, config.training.preparation)
        film = FilmRecorder(config, chosen, record.film)
        sums = np.zeros(2) if record.state is None else record.state.sums.copy()
        snapshots, step, seconds = list(record.snapshots), record.steps_done, record.seconds
        return cls(
            record,
            chosen,
            validation_inputs,
            film,
            snapshots,
            step,
            seconds,
            sums,
            memories=dict(record.memories),
            validation_losses=record.history.validation_loss.tolist(),
            libraries=set() if beginning is None else {beginning.library},
        )

    @property
    def config(self) -> RunConfig:
        """What the run trains, and how."""
        return self.record.config

    @property
    def timeline(self) -> Timeline:
        """Which updates belong to which epoch."""
        return self.record.timeline

    @property
    def network(self) -> Parameters:
        """The network to go on with, which after a whole epoch need not be the one that was kept."""
        return self.snapshots[-1] if self.step in self.timeline.ends else self.record.parameters

    @property
    def filmed(self) -> tuple[int, ...]:
        """After how many updates its moments are recorded."""
        return film_steps(self.config, self.chosen.n_training)

    def begin(self) -> Progress | None:
        """Record the moment before the first update; or report what a continued run has behind it."""
        self.has_begun = True
        if not self.step:
            self.record_moment(self.record.parameters)
            return None
        return self._report(self.record.history, self.record.parameters)

    def note(
        self,
        losses: NDArray[np.float64],
        n_right: NDArray[np.float64],
        counts: NDArray[np.int32],
        seconds: float,
        trainer: Trainer,
    ) -> Progress:
        """Take in what a chunk of updates gave, and tell how far the run is.

        Args:
            losses: Shape (n,), mean loss of each batch before its update.
            n_right: Shape (n,), images of it that were read correctly.
            counts: Images of each batch.
            seconds: That all updates so far took.
            trainer: Has the network.
        """
        used = counts[: len(losses)].astype(np.float64)
        steps = self.step + 1 + np.arange(len(losses))
        self.step, self.seconds = int(steps[-1]), seconds
        self.sums += (losses @ used, n_right.sum())
        self.last_batch = float(losses[-1]), float(n_right[-1] / used[-1])
        per_epoch = self.timeline.updates[self.timeline.epoch_of(self.step) - 1]
        curve = _curve(steps, losses, n_right, used, per_epoch)
        ends_epoch = self.step in self.timeline.ends
        is_filmed = self.step in self.filmed
        is_due = ends_epoch or seconds - self._reported > SNAPSHOT_SECONDS
        network = trainer.parameters() if is_filmed or is_due else None
        results = self._end_epoch(network) if ends_epoch and network is not None else ([],) * 4
        if ends_epoch:
            self._remember(trainer.memory())
        if is_filmed and network is not None:
            self.record_moment(network)
        if is_due:
            self._reported = seconds
        parts = [np.array(values, np.float64) for values in (*results, *curve)]
        return self._report(History(*parts), network if is_due else None)

    def record_moment(self, network: Parameters) -> None:
        """Add the present moment to the film, unless it has it already."""
        self.film.record(self.step, self.seconds, network, self.last_batch)

    def to_record(self, network: Parameters, memory: Memory) -> RunRecord:
        """The record of what has been trained by now.

        Args:
            network: As it is.
            memory: What the optimiser remembers after the last update.
        """
        network = self.snapshots[-1] if self.step in self.timeline.ends else network
        self.record_moment(network)
        history = History.joined(self.parts)
        is_over = self.is_over_early or self.step == self.timeline.n_steps
        record = replace(
            self.record,
            steps_done=self.step,
            is_stopped=not is_over,
            seconds=self.seconds,
            history=history,
            snapshots=tuple(self.snapshots),
            parameters=network,
            versions=library_versions("TensorFlow" if "TensorFlow" in self.libraries else "NumPy"),
            state=TrainingState(memory, self.sums),
            memories=self.memories,
        )
        kept = record.snapshots[record.kept_epoch] if is_over else network
        if kept is not network:
            self.film.record_kept(self.seconds, kept)
        return replace(record, parameters=kept, film=self.film.finish(record.timeline, history))

    def _remember(self, memory: Memory) -> None:
        """Keep what the optimiser remembers after an epoch; of many epochs, of every second."""
        self.memories[len(self.snapshots) - 1] = memory
        while sum(array.nbytes for kept in self.memories.values() for array in kept) > MAX_MEMORIES_BYTES:
            self.memories = dict(list(self.memories.items())[1::2])

    def _end_epoch(self, network: Parameters) -> tuple[list[float], ...]:
        """Keep the network and measure it; the numbers of the epoch, in the order of `History`."""
        self.snapshots.append(network)
        means = self.sums / self.chosen.n_training
        self.sums[:] = 0
        losses, accuracies = self._measure_validation(network)
        self.validation_losses += losses
        self.is_over_early = is_over(self.validation_losses, self.config.training.patience)
        return [means[0]], [means[1]], losses, accuracies

    def _measure_validation(self, network: Parameters) -> tuple[list[float], list[float]]:
        """Loss with the L2 term, as Keras reports it, and accuracy; empty without validation images."""
        labels, l2 = self.chosen.validation_labels, self.config.training.l2
        if not len(labels):
            return [], []
        with np.errstate(all="ignore"):  # a run that diverges has infinite logits, and may
            logits = network.logits(self.validation_inputs)
            loss = float(cross_entropy(logits, labels).mean(dtype=np.float64))
            penalty = l2 * network.sum_of_squares if l2 else 0.0
        accuracy = float((logits.argmax(axis=1) == labels).mean())
        return [loss + penalty], [accuracy]

    def _report(self, news: History, network: Parameters | None) -> Progress:
        self.parts.append(news)
        done, epochs = float(self.timeline.epochs_at(self.step)), self.config.training.epochs
        return Progress(
            step=self.step,
            n_steps=self.timeline.n_steps,
            epoch=self.timeline.epoch_of(self.step),
            epochs=epochs,
            seconds=self.seconds,
            images_per_second=done * self.chosen.n_training / self.seconds,
            seconds_left=self.seconds / done * (epochs - done),
            news=news,
            snapshot=network,
        )


def continues(beginning: RunRecord, config: RunConfig, dataset: Dataset) -> bool:
    """As `can_continue`, on the images of a dataset; own images may take part from a later epoch on."""
    fingerprint, mixture = dataset.fingerprint, dataset.mixture
    if mixture is not None and beginning.mixture is None:
        is_before = beginning.timeline.epoch_of(beginning.steps_done) < mixture.first_epoch
        fingerprint = dataset.origin.fingerprint if is_before else fingerprint
    return can_continue(beginning, config, fingerprint)


def can_continue(beginning: RunRecord, config: RunConfig, fingerprint: str) -> bool:
    """Whether a run is the beginning of a training: the same up to the epoch begun, and not yet as far.

    Args:
        beginning: The record of the run.
        config: Of the training.
        fingerprint: Of its images.
    """
    epoch = beginning.timeline.epoch_of(beginning.steps_done)
    if epoch > config.training.epochs:
        return False
    first, second = (each.with_changes(epochs=epoch) for each in (config, beginning.config))
    n_steps = timeline_of(config, beginning.n_training_images).n_steps
    return (
        beginning.state is not None
        and first == second
        and fingerprint == beginning.dataset_fingerprint
        and 0 < beginning.steps_done < n_steps
        and not beginning.has_ended_early
        and _has_same_schedule(beginning.config, config, epoch)
    )


def _has_same_schedule(first: RunConfig, second: RunConfig, epoch: int) -> bool:
    """Whether the learning rates of two runs that are the same up to an epoch are: a cosine knows its end."""
    first_end, second_end = (stretch_with(config, epoch).last_epoch for config in (first, second))
    return first_end == second_end or first.in_epoch(epoch).training.schedule != "cosine"


def _curve(
    steps: NDArray[np.int64],
    losses: NDArray[np.float64],
    n_right: NDArray[np.float64],
    counts: NDArray[np.float64],
    steps_per_epoch: int,
) -> tuple[list[float], list[float], list[float]]:
    """Step, mean loss and accuracy of neighbouring updates, at most about 100 points an epoch."""
    per_point = max(1.0, steps_per_epoch / CURVE_POINTS_PER_EPOCH)
    parts = np.array_split(np.arange(len(steps)), max(1, round(len(steps) / per_point)))
    images = [counts[part].sum() for part in parts]
    return (
        [float(steps[part[-1]]) for part in parts],
        [float(losses[part] @ counts[part] / n) for part, n in zip(parts, images, strict=True)],
        [float(n_right[part].sum() / n) for part, n in zip(parts, images, strict=True)],
    )
