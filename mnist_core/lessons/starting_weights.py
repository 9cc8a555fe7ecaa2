"""What the lesson on starting weights shows: trainings from five starts, and activations before any training.

Reads records, and networks before their first update.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from mnist_core.arrays import ByteArray, Float32Array, Float64Array, ReadOnlyArrays, in_chunks
from mnist_core.config import (
    N_DIGITS,
    USUAL_LEARNING_RATE,
    Activation,
    Initializer,
    NetworkConfig,
    Optimizer,
    RunConfig,
    TrainingConfig,
)
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import network_inputs
from mnist_core.lessons.training_curves import Validated, validated
from mnist_core.network.parameters import Parameters, cross_entropy
from mnist_core.network.passes import ACTIVATION_DERIVATIVES, forward
from mnist_core.training.record import RunRecord
from mnist_core.training.training_set import training_images
from mnist_core.training_config import INITIALIZER_NAMES

STARTS: Final[tuple[Initializer, ...]] = tuple(INITIALIZER_NAMES)
"""The five starts, in the order in which they are listed everywhere."""
UNITS: Final = 32
"""Neurons of each hidden layer."""
EPOCHS: Final = 5
EVEN_LOSS: Final = math.log(N_DIGITS)
"""Nats: the loss of a network that gives each digit a tenth, ln 10."""
FALLEN: Final = 2.0
"""Nats: a training has begun to learn when its loss is below this."""
NEARLY: Final = 1e-6
"""Neurons are called equal when none of their numbers differ by more."""
FLAT: Final = 0.05
"""A neuron is saturated for an image where its slope is below this share of the steepest."""
_STEEPEST: Final[Mapping[Activation, float]] = {"relu": 1.0, "tanh": 1.0, "sigmoid": 0.25, "none": 1.0}
"""The largest slope of each activation function."""


def start_config(
    initializer: Initializer,
    n_hidden: int = 1,
    activation: Activation = "relu",
    optimizer: Optimizer = "adam",
) -> RunConfig:
    """A training from one of the starts, with the usual learning rate of its optimiser."""
    training = TrainingConfig(
        epochs=EPOCHS,
        optimizer=optimizer,
        learning_rate=USUAL_LEARNING_RATE[optimizer],
        initializer=initializer,
    )
    return RunConfig(NetworkConfig((UNITS,) * n_hidden, activation), training)


@dataclass(frozen=True)
class Symmetry:
    """How far a training has made the numbers and the neurons of a network differ.

    Attributes:
        n_numbers: Weights and biases of the network.
        n_changed: Those that are not exactly what they were at the start.
        n_neurons: Of the first hidden layer.
        n_different: How many of them there are if equal ones are counted once; see `NEARLY`.
        largest_gap: The largest difference between two neurons in the same number; 0: equal bit for bit.
    """

    n_numbers: int
    n_changed: int
    n_neurons: int
    n_different: int
    largest_gap: float


def symmetry_of(start: Parameters, now: Parameters) -> Symmetry:
    """Compare the numbers of a network with those it began with, and its first neurons with each other."""
    pairs = zip((*start.weights, *start.biases), (*now.weights, *now.biases), strict=True)
    n_changed = sum(int(np.count_nonzero(before != after)) for before, after in pairs)
    neurons = np.vstack([now.weights[0], now.biases[0]]).T
    kinds: list[np.ndarray] = []
    for neuron in neurons:
        if all(np.abs(neuron - kind).max() > NEARLY for kind in kinds):
            kinds.append(neuron)
    gap = float(np.ptp(neurons, axis=0).max())
    return Symmetry(now.network.n_parameters, n_changed, len(neurons), len(kinds), gap)


@dataclass(frozen=True, eq=False)
class OnlyAnswer(ReadOnlyArrays):
    """What a network gives every image alike, beside how frequent the digits are.

    Attributes:
        shares: Shape (10,), of each digit in the training images.
        probabilities: Shape (10,), softmax of the output biases.
        lowest_loss: Nats, the lowest mean loss of one answer for all images: the entropy of `shares`.
    """

    shares: Float64Array
    probabilities: Float64Array
    lowest_loss: float


def only_answer(record: RunRecord, dataset: Dataset) -> OnlyAnswer:
    """The answer of a network whose hidden neurons all output 0."""
    shares = np.bincount(training_images(record.config, dataset).labels, minlength=N_DIGITS).astype(float)
    shares /= shares.sum()
    exponentials = np.exp(record.parameters.biases[-1].astype(float))
    seen = shares[shares > 0]
    return OnlyAnswer(shares, exponentials / exponentials.sum(), -float(seen @ np.log(seen)))


@dataclass(frozen=True)
class Outcome:
    """What a start did to a training.

    Attributes:
        first_loss: Mean loss of all training images before the first update, in nats.
        n_updates: Made before the loss of the batches was below `FALLEN`; None if it never was.
        n_dead: Hidden neurons that output 0 for every training image, before training and after it.
        saturated: Share of the hidden activations where the slope is nearly 0, before training and after it.
        validated: The accuracy on the validation images.
    """

    first_loss: float
    n_updates: int | None
    n_dead: tuple[int, int]
    saturated: tuple[float, float]
    validated: Validated


def outcome_of(record: RunRecord, dataset: Dataset) -> Outcome:
    """Measure a finished training at its start and at its end."""
    chosen, history = training_images(record.config, dataset), record.history
    tallies = [_Tally(network) for network in (record.snapshots[0], record.parameters)]
    for images, labels in zip(in_chunks(chosen.images), in_chunks(chosen.labels), strict=True):
        inputs = network_inputs(images)
        for tally in tallies:
            tally.add(inputs, labels)
    before, after = tallies
    fallen = history.curve_step[history.curve_loss < FALLEN]
    return Outcome(
        before.loss / len(chosen.labels),
        int(fallen[0]) if len(fallen) else None,
        (before.n_dead, after.n_dead),
        (before.saturated, after.saturated),
        validated(record),
    )


class _Tally:
    """What is added up over the images that a network is given in parts."""

    def __init__(self, network: Parameters) -> None:
        self.loss = 0.0
        self._network = network
        self._is_on = np.zeros(sum(network.network.hidden_units), np.bool_)
        self._n_flat, self._n_outputs = 0, 0

    def add(self, inputs: Float32Array, labels: ByteArray) -> None:
        passed = forward(self._network, inputs)
        self.loss += float(cross_entropy(passed.logits, labels).sum(dtype=float))
        sums, outputs = np.hstack(passed.weighted_sums[:-1]), np.hstack(passed.activations)
        self._is_on |= (outputs != 0).any(axis=0)
        self._n_flat += int(is_flat(self._network.activation, sums, outputs).sum())
        self._n_outputs += outputs.size

    @property
    def n_dead(self) -> int:
        """Hidden neurons that output 0 for every image."""
        return int((~self._is_on).sum())

    @property
    def saturated(self) -> float:
        """Share of the hidden activations where the slope is nearly 0."""
        return self._n_flat / self._n_outputs


def is_flat(activation: Activation, z: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Where neurons are saturated, from weighted sums z and activations a of one shape; ReLU where z ≤ 0."""
    return ACTIVATION_DERIVATIVES[activation](z, a) < FLAT * _STEEPEST[activation]
