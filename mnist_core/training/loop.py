"""Training: a config and images in, progress on the way, a record at the end.

`train` knows neither who watches nor where it runs. It shuffles with NumPy, lets a `CompiledTrainer` make
the updates in chunks of a fixed number of steps, and measures the validation images in NumPy after
each epoch.
"""

import math
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import Float32Array
from mnist_core.config import N_DIGITS, RunConfig
from mnist_core.images.dataset import Dataset, network_inputs
from mnist_core.network.parameters import Parameters, cross_entropy, initial_parameters
from mnist_core.training.compiled_loop import (
    CompiledTrainer,
    images_on_device,
    obtain_trainer,
    release_trainer,
)
from mnist_core.training.record import History, RunRecord
from mnist_core.training.stopwatch import Stopwatch

CURVE_POINTS_PER_EPOCH: Final = 100
WRONG_LABELS_STREAM: Final = 100
ORDER_STREAM: Final = 101
"""Streams of one seed. Layers of the network have the numbers from 0, see `initial_parameters`."""


@dataclass(frozen=True, eq=False)
class Progress:
    """How far a training is.

    Attributes:
        step: Updates made so far, of `n_steps` in all epochs.
        n_steps: Updates of the whole run.
        epoch: The epoch under way, from 1.
        epochs: Epochs of the whole run.
        seconds: Time since the first update.
        images_per_second: Training images seen in a second, on average.
        seconds_left: Estimate from the pace so far.
        news: What the history gained since the report before; `History.joined` puts reports together.
        snapshot: The network as it is, if this report ends an epoch.
    """

    step: int
    n_steps: int
    epoch: int
    epochs: int
    seconds: float
    images_per_second: float
    seconds_left: float
    news: History
    snapshot: Parameters | None = None


def train(
    config: RunConfig,
    dataset: Dataset,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> RunRecord:
    """Train one network.

    Equal configs and data give bit-identical weights on the same machine, also when several trainings
    run at once in different threads.

    Args:
        config: The network and how to train it.
        dataset: Where the training images come from; the test images are not looked at.
        on_progress: Called several times an epoch, in this thread.
        should_stop: Asked several times a second; True ends the run early.

    Returns:
        The record of the run; of a stopped one, with what it had learned by then.
    """
    is_stopped = should_stop or (lambda: False)
    run = _Run.prepare(config, dataset)
    trainer = obtain_trainer(config, dataset, is_stopped)
    if trainer is not None:
        try:
            trainer.start(run.snapshots[0], config)
            _train_epochs(run, trainer, on_progress or (lambda _: None), is_stopped)
            run.parameters = trainer.parameters()
        finally:
            release_trainer(trainer)
    return run.to_record()


def make_wrong_labels(labels: NDArray[np.uint8], share: float, seed: int) -> NDArray[np.uint8]:
    """Labels of which a share, chosen at random, is replaced by one of the nine other digits.

    Args:
        labels: Shape (n,), 0 to 9.
        share: 0 to 1; the number replaced is `share` × n, rounded.
        seed: Equal seeds replace equal labels.

    Returns:
        A new array of the same shape.
    """
    random = np.random.default_rng([seed, WRONG_LABELS_STREAM])
    chosen = random.permutation(len(labels))[: round(share * len(labels))]
    wrong = labels.copy()
    wrong[chosen] = (labels[chosen] + random.integers(1, N_DIGITS, len(chosen))) % N_DIGITS
    return wrong


def shuffled_order(n_images: int, epoch: int, seed: int) -> NDArray[np.int32]:
    """The order in which an epoch (from 1) goes through its images, shape (n_images,)."""
    return np.random.default_rng([seed, ORDER_STREAM, epoch]).permutation(n_images).astype(np.int32)


@dataclass(eq=False)
class _Run:
    """What one call of `train` gathers."""

    config: RunConfig
    dataset: Dataset
    labels: NDArray[np.uint8]
    n_training: int
    validation_inputs: Float32Array
    validation_labels: NDArray[np.uint8]
    snapshots: list[Parameters]
    parameters: Parameters
    parts: list[History]
    step: int = 0
    seconds: float = 0.0

    @classmethod
    def prepare(cls, config: RunConfig, dataset: Dataset) -> "_Run":
        """Split the images; as in Keras, the last ones validate."""
        n_training, n_validation = config.training.split_sizes(len(dataset.train_labels))
        validation = slice(n_training, n_training + n_validation)
        labels = dataset.train_labels.copy()
        seed = config.training.seed
        share = config.training.wrong_label_share
        labels[:n_training] = make_wrong_labels(labels[:n_training], share, seed)
        start = initial_parameters(config.network, seed)
        return cls(
            config=config,
            dataset=dataset,
            labels=labels,
            n_training=n_training,
            validation_inputs=network_inputs(dataset.train_images[validation], config.training.preparation),
            validation_labels=dataset.train_labels[validation],
            snapshots=[start],
            parameters=start,
            parts=[],
        )

    @property
    def steps_per_epoch(self) -> int:
        return self.config.training.steps_per_epoch(len(self.dataset.train_labels))

    @property
    def has_finished(self) -> bool:
        return self.step == self.steps_per_epoch * self.config.training.epochs

    def measure_validation(self, parameters: Parameters) -> tuple[list[float], list[float]]:
        """Loss with the L2 term, as Keras reports it, and accuracy; empty without validation images."""
        if not len(self.validation_labels):
            return [], []
        with np.errstate(all="ignore"):  # a run that diverges has infinite logits, and may
            logits = parameters.logits(self.validation_inputs)
            loss = float(cross_entropy(logits, self.validation_labels).mean(dtype=np.float64))
            squares = sum(float(np.square(w, dtype=np.float64).sum()) for w in parameters.weights)
            penalty = self.config.training.l2 * squares if self.config.training.l2 else 0.0
        accuracy = float((logits.argmax(axis=1) == self.validation_labels).mean())
        return [loss + penalty], [accuracy]

    def report(self, news: History, snapshot: Parameters | None) -> Progress:
        """Note what is new, and tell how far the run is."""
        self.parts.append(news)
        n_steps = self.steps_per_epoch * self.config.training.epochs
        images = self.step / self.steps_per_epoch * self.n_training
        return Progress(
            step=self.step,
            n_steps=n_steps,
            epoch=max(1, math.ceil(self.step / self.steps_per_epoch)),
            epochs=self.config.training.epochs,
            seconds=self.seconds,
            images_per_second=images / self.seconds,
            seconds_left=self.seconds / self.step * (n_steps - self.step),
            news=news,
            snapshot=snapshot,
        )

    def to_record(self) -> RunRecord:
        return RunRecord(
            config=self.config,
            dataset_name=self.dataset.name,
            dataset_fingerprint=self.dataset.fingerprint,
            n_training_images=self.n_training,
            n_validation_images=len(self.validation_labels),
            steps_per_epoch=self.steps_per_epoch,
            steps_done=self.step,
            is_stopped=not self.has_finished,
            seconds=self.seconds,
            history=History.joined(self.parts),
            snapshots=tuple(self.snapshots),
            parameters=self.parameters,
            versions=_versions(),
        )


def _train_epochs(
    run: _Run,
    trainer: CompiledTrainer,
    on_progress: Callable[[Progress], None],
    is_stopped: Callable[[], bool],
) -> None:
    training = run.config.training
    images = images_on_device(run.dataset, training.preparation == "shuffled")
    labels = trainer.to_device(run.labels)
    stopwatch = Stopwatch()
    for epoch in range(1, training.epochs + 1):
        order = shuffled_order(run.n_training, epoch, training.seed)
        sums = np.zeros(2)  # of loss and of right answers, over the images of this epoch
        for batches, counts in _chunks(order, training.batch_size, trainer.n_steps):
            stopwatch.lap()
            if is_stopped():  # which may wait while others compute
                return
            stopwatch.skip()
            losses, n_right = trainer.run(images, labels, batches, counts)
            steps = run.step + 1 + np.arange(len(losses))
            run.step += len(losses)
            stopwatch.lap()
            run.seconds = stopwatch.seconds
            used = counts[: len(losses)].astype(np.float64)
            sums += (losses @ used, n_right.sum())
            curve = _curve(steps, losses, n_right, used, run.steps_per_epoch)
            is_last = run.step == epoch * run.steps_per_epoch
            results: list[list[float]] = [[], [], [], []]
            if is_last:
                run.snapshots.append(trainer.parameters())
                means = sums / run.n_training
                results = [[means[0]], [means[1]], *run.measure_validation(run.snapshots[-1])]
                stopwatch.lap()
                run.seconds = stopwatch.seconds
            parts = [np.array(values, np.float64) for values in (*results, *curve)]
            on_progress(run.report(History(*parts), run.snapshots[-1] if is_last else None))


def _chunks(
    order: NDArray[np.int32], batch_size: int, n_steps: int
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int32]]]:
    """An epoch cut into chunks of one fixed shape, filled up with empty batches.

    Yields:
        Image numbers, shape (n_steps, batch_size), and how many of each row count, shape (n_steps,): the
        last batch of an epoch may be smaller, and rows of 0 are not run.
    """
    chunk = n_steps * batch_size
    padded = np.zeros(math.ceil(len(order) / chunk) * chunk, np.int32)
    padded[: len(order)] = order
    starts = np.arange(0, len(padded), batch_size)
    counts = np.clip(len(order) - starts, 0, batch_size).astype(np.int32)
    batches = padded.reshape(-1, n_steps, batch_size)
    yield from zip(batches, counts.reshape(-1, n_steps), strict=True)


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


def _versions() -> dict[str, str]:
    import importlib.metadata

    found = {"python": platform.python_version(), "numpy": np.__version__}
    for name in ("keras", "tensorflow", "tensorflow-cpu"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
