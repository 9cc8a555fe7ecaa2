"""Learning-rate decay: the classic network trained by SGD at a constant rate, and at one that falls to 0.

Computed in the training process in NumPy, because the trainings of the engine keep their rate. All start from
the same weights and meet the same batches.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from mnist_core.arrays import Float64Array, ReadOnlyArrays
from mnist_core.config import DEFAULT
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import cross_entropy, initial_parameters
from mnist_core.network.passes import backward, forward, stepped
from mnist_core.training.record import RunRecord

RATES: Final = (0.1, 0.3, 0.5)
"""Learning rates of the first update."""
SMALL_RATE: Final = 0.03
"""A constant rate at which the loss hardly jitters."""
N_IMAGES: Final = 1_600
BATCH_SIZE: Final = 16
EPOCHS: Final = 3
_EVERY: Final = 3
"""Updates between two measurements."""


def constant_rate(first: float, t: int, n_updates: int) -> float:
    """The same rate in every update."""
    return first


def cosine_rate(first: float, t: int, n_updates: int) -> float:
    """A rate that falls from `first` to 0 as half a wave of a cosine.

    Loshchilov and Hutter (2017), equation 5, without restarts.

    Args:
        first: The rate of update 0.
        t: Updates made before.
        n_updates: Of the whole training.
    """
    return first * (1 + float(np.cos(np.pi * t / n_updates))) / 2


Schedule = Callable[[float, int, int], float]


@dataclass(frozen=True, eq=False)
class DecayCurve(ReadOnlyArrays):
    """One training by SGD.

    Attributes:
        updates: Shape (n,), how many were made before each measurement.
        rates: Shape (n,), the learning rate then.
        losses: Shape (n,), the mean loss of all training images then, in nats.
    """

    updates: Float64Array
    rates: Float64Array
    losses: Float64Array

    @property
    def last_loss(self) -> float:
        """The loss after the last update."""
        return float(self.losses[-1])

    @property
    def range_at_the_end(self) -> tuple[float, float]:
        """The lowest and the highest loss in the last tenth of the training."""
        end = self.losses[-len(self.losses) // 10 :]
        return float(end.min()), float(end.max())


Finding = Literal["decay helps", "decay harms", "decay calms"]
"""The loss after the decay is below, above, or within what a constant rate goes through at the end."""


@dataclass(frozen=True, eq=False)
class DecayCurves:
    """What is compared.

    Attributes:
        constant: By its rate, `SMALL_RATE` among them.
        falling: By the rate of the first update.
        n_images: That were trained on, and measured.
        n_updates: Of each training.
    """

    constant: Mapping[float, DecayCurve]
    falling: Mapping[float, DecayCurve]
    n_images: int
    n_updates: int

    def finding(self, rate: float) -> Finding:
        """Whether it helped that the rate fell, for a rate of the first update."""
        lowest, highest = self.constant[rate].range_at_the_end
        loss = self.falling[rate].last_loss
        return "decay helps" if loss < lowest else "decay harms" if loss > highest else "decay calms"


def decay_curves(_: RunRecord, dataset: Dataset, rates: tuple[float, ...] = RATES) -> DecayCurves:
    """All the trainings, whatever the run, which only says where they are computed.

    Args:
        dataset: Whose first training images are used.
        rates: Of the first update.
    """
    n_images = min(N_IMAGES, len(dataset.train_labels)) // BATCH_SIZE * BATCH_SIZE
    images = network_inputs(dataset.train_images[:n_images]), dataset.train_labels[:n_images]
    constant = {rate: _trained(constant_rate, rate, *images) for rate in (SMALL_RATE, *rates)}
    falling = {rate: _trained(cosine_rate, rate, *images) for rate in rates}
    return DecayCurves(constant, falling, n_images, EPOCHS * n_images // BATCH_SIZE)


def _trained(schedule: Schedule, first: float, inputs: np.ndarray, labels: np.ndarray) -> DecayCurve:
    n_batches = len(labels) // BATCH_SIZE
    n_updates = EPOCHS * n_batches
    parameters, random = (
        initial_parameters(DEFAULT.network, DEFAULT.training.seed),
        np.random.default_rng(DEFAULT.training.seed),
    )
    points = []
    for t in range(n_updates + 1):
        rate = schedule(first, t, n_updates)
        if t % n_batches == 0:
            batches = random.permutation(len(labels)).reshape(n_batches, BATCH_SIZE)
        if t % _EVERY == 0 or t == n_updates:
            points.append((t, rate, cross_entropy(parameters.logits(inputs), labels).mean(dtype=float)))
        if t < n_updates:
            batch = batches[t % n_batches]
            gradients = backward(parameters, forward(parameters, inputs[batch]), labels[batch])
            parameters = stepped(parameters, gradients, rate)
    return DecayCurve(*np.array(points, dtype=np.float64).T)
