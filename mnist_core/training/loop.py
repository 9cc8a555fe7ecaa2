"""Training: a config and images in, progress on the way, a record at the end.

`train` knows neither who watches nor where it runs. It shuffles with NumPy, lets a `CompiledTrainer` make
the updates in chunks of a fixed number of steps, and measures the validation images in NumPy after
each epoch.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import Float32Array
from mnist_core.config import RunConfig
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import Parameters, cross_entropy
from mnist_core.training.compiled_loop import (
    CompiledTrainer,
    images_on_device,
    obtain_trainer,
    release_trainer,
)
from mnist_core.training.progress import Progress
from mnist_core.training.record import History, RunRecord
from mnist_core.training.stopwatch import Stopwatch
from mnist_core.training.training_set import TrainingImages, training_images

CURVE_POINTS_PER_EPOCH: Final = 100


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
    trainer = obtain_trainer(config, dataset, is_stopped)
    if trainer is None:
        return RunRecord.untrained(config, dataset)
    try:
        run = _Run.prepare(config, dataset)
        trainer.start(run.snapshots[0], config)
        _train_epochs(run, trainer, on_progress or (lambda _: None), is_stopped)
        return run.to_record(trainer.parameters())
    finally:
        release_trainer(trainer)


@dataclass(eq=False)
class _Run:
    """What one call of `train` gathers.

    `record` is that of the untrained network, and `to_record` gives it with what has come since.
    """

    record: RunRecord
    chosen: TrainingImages
    validation_inputs: Float32Array
    snapshots: list[Parameters]
    parts: list[History]
    step: int = 0
    seconds: float = 0.0

    @classmethod
    def prepare(cls, config: RunConfig, dataset: Dataset) -> "_Run":
        chosen = training_images(config, dataset)
        untrained = RunRecord.untrained(config, dataset)
        validation_inputs = network_inputs(chosen.validation_images, config.training.preparation)
        return cls(untrained, chosen, validation_inputs, list(untrained.snapshots), [])

    @property
    def config(self) -> RunConfig:
        return self.record.config

    @property
    def steps_per_epoch(self) -> int:
        return self.record.steps_per_epoch

    @property
    def n_steps(self) -> int:
        return self.steps_per_epoch * self.config.training.epochs

    def measure_validation(self, parameters: Parameters) -> tuple[list[float], list[float]]:
        """Loss with the L2 term, as Keras reports it, and accuracy; empty without validation images."""
        labels, l2 = self.chosen.validation_labels, self.config.training.l2
        if not len(labels):
            return [], []
        with np.errstate(all="ignore"):  # a run that diverges has infinite logits, and may
            logits = parameters.logits(self.validation_inputs)
            loss = float(cross_entropy(logits, labels).mean(dtype=np.float64))
            penalty = l2 * parameters.sum_of_squares if l2 else 0.0
        accuracy = float((logits.argmax(axis=1) == labels).mean())
        return [loss + penalty], [accuracy]

    def report(self, news: History, snapshot: Parameters | None) -> Progress:
        """Note what is new, and tell how far the run is."""
        self.parts.append(news)
        images = self.step / self.steps_per_epoch * self.chosen.n_training
        return Progress(
            step=self.step,
            n_steps=self.n_steps,
            epoch=max(1, math.ceil(self.step / self.steps_per_epoch)),
            epochs=self.config.training.epochs,
            seconds=self.seconds,
            images_per_second=images / self.seconds,
            seconds_left=self.seconds / self.step * (self.n_steps - self.step),
            news=news,
            snapshot=snapshot,
        )

    def to_record(self, parameters: Parameters) -> RunRecord:
        return replace(
            self.record,
            steps_done=self.step,
            is_stopped=self.step != self.n_steps,
            seconds=self.seconds,
            history=History.joined(self.parts),
            snapshots=tuple(self.snapshots),
            parameters=parameters,
        )


def _train_epochs(
    run: _Run,
    trainer: CompiledTrainer,
    on_progress: Callable[[Progress], None],
    is_stopped: Callable[[], bool],
) -> None:
    training = run.config.training
    images = images_on_device(run.chosen.dataset, training.preparation == "shuffled")
    labels = trainer.to_device(run.chosen.all_labels)
    stopwatch = Stopwatch()
    for epoch in range(1, training.epochs + 1):
        sums = np.zeros(2)  # of loss and of right answers, over the images of this epoch
        for batches, counts in _chunks(run.chosen.order(epoch), training.batch_size, trainer.n_steps):
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
                means = sums / run.chosen.n_training
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
