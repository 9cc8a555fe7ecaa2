"""What the lesson on activations computes: functions and slopes, a network as one layer, zeros, softmax.

Softmax is taken apart: at a temperature, step by step, and without its safeguard. Everything is float32, as
in the network, because that is where a naive softmax breaks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_core.analysis.evaluation import Evaluation, evaluate
from mnist_core.arrays import ByteArray, Float32Array, Float64Array, IndexArray, in_chunks
from mnist_core.config import Activation, Preparation
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import ACTIVATION_FUNCTIONS, Parameters, softmax
from mnist_core.network.passes import ACTIVATION_DERIVATIVES, collapsed
from mnist_core.training.record import RunRecord
from mnist_core.training.training_set import training_images


@dataclass(frozen=True, eq=False)
class SoftmaxSteps:
    """The ways from ten logits to ten probabilities; nothing is checked, so that what breaks can be shown.

    Attributes:
        subtracted: What was taken from every logit first: the largest of them, or 0.
        exponentials: Shape (10,), float32, e to the power of what was left; inf where that overflows.
        total: Their sum; 0 where all of them underflow.
        probabilities: Shape (10,), float32, each exponential's share of the total; nan for inf/inf and 0/0.
    """

    subtracted: float
    exponentials: Float32Array
    total: float
    probabilities: Float32Array

    @property
    def n_infinite(self) -> int:
        """How many of the exponentials overflowed."""
        return int(np.isinf(self.exponentials).sum())


def softmax_at(logits: Float32Array, temperature: float) -> Float32Array:
    """Softmax of logits / T: more even above T = 1, more extreme below, the same as softmax at 1.

    For T → 0 the largest logit gets everything, for T → ∞ all get the same (Hinton, Vinyals and Dean, 2015,
    equation 1).

    Args:
        logits: Shape (..., 10), any finite range.
        temperature: T, above 0.

    Returns:
        The same shape, each row of ten 0 or more and summing to 1.

    Raises:
        ValueError: The temperature is not above 0.
    """
    return softmax(divide_by_temperature(logits, temperature))


def divide_by_temperature(logits: Float32Array, temperature: float, shift: float = 0.0) -> Float32Array:
    """(logits + shift) / T in float32: what softmax at a temperature is taken of.

    Raises:
        ValueError: The temperature is not above 0.
    """
    if not temperature > 0:
        raise ValueError(f"temperature must be above 0, not {temperature!r}.")
    result: Float32Array = (logits + np.float32(shift)) / np.float32(temperature)
    return result


def with_changes(logits: Float32Array, changes: Sequence[float]) -> Float32Array:
    """Ten logits, shape (10,), each larger by its change."""
    result: Float32Array = logits + np.asarray(changes, np.float32)
    return result


def softmax_steps(logits: Float32Array, subtract_largest: bool = True) -> SoftmaxSteps:
    """Softmax of ten logits with every intermediate value.

    Args:
        logits: Shape (10,), float32.
        subtract_largest: As `parameters.softmax` does. Without it, e^z is taken of the logits as they are; it
            is inf in float32 from z = 88.73 on, and then shares of the total are not numbers.
    """
    subtracted = logits.max() if subtract_largest else np.float32(0)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
        exponentials = np.exp(logits - subtracted)
        total = exponentials.sum()
        return SoftmaxSteps(float(subtracted), exponentials, float(total), exponentials / total)


def mean_confidence(logits: Float32Array, temperature: float) -> float:
    """The mean of each row's largest softmax output at a temperature, 0.1 to 1, for logits (n, 10).

    Raises:
        ValueError: The temperature is not above 0.
    """
    return float(softmax_at(logits, temperature).max(axis=1).mean(dtype=np.float64))


def largest_difference(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """The largest absolute difference between two arrays of one shape, taken in float64."""
    return float(np.abs(first.astype(np.float64) - second.astype(np.float64)).max())


def function_at(name: Activation, z: Float32Array) -> tuple[Float32Array, Float32Array]:
    """An activation function and its slope at weighted sums z, shape (n,), each of the same shape."""
    values = ACTIVATION_FUNCTIONS[name](z)
    return values, ACTIVATION_DERIVATIVES[name](z, values)


@dataclass(frozen=True, eq=False)
class ZeroCounts:
    """For how many of n images each hidden neuron outputs 0.

    Attributes:
        n_images: How many images there are.
        counts: One array of shape (units,) for each hidden layer, 0 to `n_images`.
    """

    n_images: int
    counts: tuple[IndexArray, ...]

    @property
    def shares(self) -> tuple[Float64Array, ...]:
        """The counts as shares of the images, 0 to 1."""
        return tuple(layer / self.n_images for layer in self.counts)

    @property
    def dead(self) -> tuple[NDArray[np.bool_], ...]:
        """Which neurons output 0 for every image; of ReLU neurons these are the dead ones."""
        return tuple(layer == self.n_images for layer in self.counts)


@dataclass(frozen=True, eq=False)
class Collapse:
    """A network without activation function, multiplied out to one layer and held against itself.

    Attributes:
        n_parameters: Of the one layer.
        evaluation: Of the one layer on the test images.
        difference: The largest absolute difference between a logit of both.
        n_same: Test images for which both read the same digit.
    """

    n_parameters: int
    evaluation: Evaluation
    difference: float
    n_same: int


def collapse(parameters: Parameters, dataset: Dataset, layered: Evaluation) -> Collapse:
    """Multiply a network without activation function out, and compare the answers.

    Args:
        parameters: Of the network.
        dataset: Whose test images both read.
        layered: What the network itself reads there.
    """
    weights, biases = collapsed(parameters)
    one_layer = Parameters((weights,), (biases,), "none")
    single = evaluate(one_layer, dataset.test_images, dataset.test_labels)
    n_same = int((single.predictions == layered.predictions).sum())
    difference = largest_difference(single.logits, layered.logits)
    return Collapse(weights.size + biases.size, single, difference, n_same)


def zeros_of_run(record: RunRecord, dataset: Dataset) -> ZeroCounts:
    """How often each hidden neuron outputs 0 on the images that its run was trained on."""
    config = record.config
    images = training_images(config, dataset).images
    return count_zeros(record.parameters, images, config.training.preparation)


def count_zeros(parameters: Parameters, images: ByteArray, preparation: Preparation = "usual") -> ZeroCounts:
    """For how many images each hidden neuron outputs exactly 0.

    Args:
        parameters: Of a network.
        images: uint8, shape (n, 28, 28), n at least 1.
        preparation: What the network was trained with.
    """
    parts = [
        [
            (layer == 0).sum(axis=0)
            for layer in parameters.hidden_activations(network_inputs(chunk, preparation))
        ]
        for chunk in in_chunks(images)
    ]
    return ZeroCounts(len(images), tuple(np.sum(layer, axis=0) for layer in zip(*parts, strict=True)))
