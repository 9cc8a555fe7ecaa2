"""One update of a run under the microscope: its images, its gradient, and what it changed.

The training process computes it again, from the last epoch after which the optimiser's memory was kept. The
weights it comes to are those of the run, because the same updates are made by the same machine code.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import Float32Array, ReadOnlyArrays
from mnist_core.config import RunConfig
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import Parameters, cross_entropy
from mnist_core.network.passes import backward, forward
from mnist_core.training.chunks import chunks
from mnist_core.training.dropout import kept_neurons, thinned
from mnist_core.training.loops.trainers import Trainer, obtain_trainer, release_trainer
from mnist_core.training.record import RunRecord
from mnist_core.training.stretches import Stretch, stretches, timeline_of
from mnist_core.training.training_set import TrainingImages, training_images

N_OTHERS: Final = 500
_PICTURES: Final = ("gradient", "change")


@dataclass(frozen=True, eq=False)
class OneUpdate(ReadOnlyArrays):
    """An update of n images in a network whose first hidden layer has k neurons.

    Attributes:
        images: Shape (n,), numbers of the training images of its batch.
        labels: Shape (n,), the digits they are taught as.
        losses: Shape (2, n), the loss of each before and after the update, in nats.
        others: Shape (2,), the mean loss of `n_others` images that are not in the batch, likewise.
        n_others: Validation images, or training images where there are none.
        gradient: Shape (k, 784), of the mean loss of the batch for the weights of the first layer.
        change: Shape (k, 784), what the update added to these weights.
    """

    images: NDArray[np.int64]
    labels: NDArray[np.int64]
    losses: Float32Array
    others: Float32Array
    n_others: int
    gradient: Float32Array
    change: Float32Array


@dataclass(frozen=True)
class UpdateAt:
    """An analysis of a run: one of its updates, by its number from 1, as a file that `read_update` reads."""

    step: int

    def __post_init__(self) -> None:
        for name in ("__name__", "__qualname__"):  # as those that are functions have
            object.__setattr__(self, name, f"update_{self.step}")

    def __call__(self, record: RunRecord, dataset: Dataset) -> bytes:
        """The update; computed in the training process.

        Raises:
            ValueError: The run has no such update.
        """
        if not 1 <= self.step <= record.steps_done:
            raise ValueError(f"The run has updates 1 to {record.steps_done:,}, and no update {self.step:,}.")
        return pack_update(_look_at(record, dataset, self.step))


def pack_update(update: OneUpdate) -> bytes:
    """An update as a file."""
    file = io.BytesIO()
    arrays: dict[str, Any] = dict(vars(update))
    for name in _PICTURES:
        scale = float(np.abs(arrays[name]).max(initial=0.0)) or 1.0
        arrays |= {name: (arrays[name] / scale).astype(np.float16), f"{name}_scale": scale}
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def read_update(file: bytes) -> OneUpdate:
    """What `pack_update` wrote; of gradient and change three decimals are kept, relative to the largest."""
    with np.load(io.BytesIO(file), allow_pickle=False) as arrays:
        fields = {name: arrays[name] for name in OneUpdate.__dataclass_fields__}
        for name in _PICTURES:
            fields[name] = np.float32(arrays[f"{name}_scale"]) * fields[name].astype(np.float32)
    return OneUpdate(**{**fields, "n_others": int(fields["n_others"])})


def networks_around(record: RunRecord, dataset: Dataset, step: int) -> tuple[Parameters, Parameters]:
    """The network of a run before and after one of its updates, computed again.

    Args:
        record: Of the run.
        dataset: Its images.
        step: The number of the update, from 1.
    """
    timeline, chosen = record.timeline, training_images(record.config, dataset)
    epoch = max((0, *(epoch for epoch in record.memories if timeline.ends[epoch] < step)))
    network, memory, done = record.snapshots[epoch], record.memories.get(epoch, ()), timeline.ends[epoch]
    for stretch in stretches(record.config):
        begin, end = timeline.span(stretch)
        if not begin <= done < end:
            continue
        if done == begin and not stretch.keeps_memory:
            memory = ()
        with _trainer_of(stretch.config, dataset) as trainer:
            trainer.start(network, stretch.config, memory)
            _train(trainer, chosen, stretch, done, min(end, step - 1))
            network, memory, done = trainer.parameters(), trainer.memory(), min(end, step - 1)
            if done < end:
                _train(trainer, chosen, stretch, done, step)
                return network, trainer.parameters()
    raise ValueError(f"The run has no update {step:,}.")


@contextmanager
def _trainer_of(config: RunConfig, dataset: Dataset) -> Iterator[Trainer]:
    trainer = obtain_trainer(config, dataset, lambda: False)
    if trainer is None:  # never: nothing stops it
        raise RuntimeError("The computation was stopped.")
    try:
        yield trainer
    finally:
        release_trainer(trainer)


def _train(trainer: Trainer, chosen: TrainingImages, stretch: Stretch, done: int, end: int) -> None:
    """Make the updates of a run after the first `done`, up to the one with the number `end`."""
    labels = trainer.labels(chosen)
    timeline = timeline_of(chosen.config, chosen.n_training)
    while done < end:
        epoch = timeline.epoch_of(done + 1)
        begin, last = timeline.ends[epoch - 1], min(end, timeline.ends[epoch])
        images = trainer.images(chosen, epoch)
        for chunk in chunks(chosen, stretch, epoch, trainer.n_steps, begin=done - begin, end=last - begin):
            trainer.run(images, labels, chunk)
        done = last


def _look_at(record: RunRecord, dataset: Dataset, step: int) -> OneUpdate:
    before, after = networks_around(record, dataset, step)
    chosen, training = training_images(record.config, dataset), record.config.training
    epoch = record.timeline.epoch_of(step)
    number = step - record.timeline.ends[epoch - 1]
    images = chosen.batch(epoch, number).astype(np.int64)
    labels = chosen.all_labels[images].astype(np.int64)
    inputs = network_inputs(chosen.seen(epoch, images), training.preparation)
    others, other_labels = _others(chosen, images)
    with np.errstate(all="ignore"):  # a run that diverges has infinite weights, and may
        networks = _networks_of(before, record.config.in_epoch(epoch), epoch, number, len(images))
        gradient = _first_gradient(networks, inputs, labels, training.l2)
        losses = [cross_entropy(network.logits(inputs), labels) for network in (before, after)]
        means = [cross_entropy(network.logits(others), other_labels).mean() for network in (before, after)]
        change = (after.weights[0] - before.weights[0]).T
    return OneUpdate(
        images, labels, np.stack(losses), np.array(means, np.float32), len(others), gradient, change
    )


def _networks_of(
    network: Parameters, config: RunConfig, epoch: int, number: int, n_images: int
) -> list[Parameters]:
    """The network that each image of a batch goes through: one for all of them unless there is dropout."""
    dropout = config.training.dropout
    if not dropout:
        return [network]
    kept = kept_neurons(config, epoch, number - 1, 1)[0, :n_images]
    return [thinned(network, neurons, dropout) for neurons in kept]


def _first_gradient(
    networks: list[Parameters], inputs: Float32Array, labels: NDArray[np.int64], l2: float
) -> Float32Array:
    """The gradient for the first layer's weights, transposed: the mean over the images' networks."""
    parts = np.array_split(np.arange(len(inputs)), len(networks))
    gradient = np.zeros_like(networks[0].weights[0])
    for network, part in zip(networks, parts, strict=True):
        gradient += backward(network, forward(network, inputs[part]), labels[part], l2).weights[0]
    return gradient.T / np.float32(len(networks))


def _others(chosen: TrainingImages, batch: NDArray[np.int64]) -> tuple[Float32Array, NDArray[Any]]:
    """Images that the update does not see, and their labels."""
    if chosen.n_validation:
        images, labels = chosen.validation_images, chosen.validation_labels
    else:
        rest = np.setdiff1d(np.arange(min(chosen.n_training, N_OTHERS + len(batch))), batch)
        images, labels = chosen.images[rest], chosen.labels[rest]
    return network_inputs(images[:N_OTHERS], chosen.config.training.preparation), labels[:N_OTHERS]
