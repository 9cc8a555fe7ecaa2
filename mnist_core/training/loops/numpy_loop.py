"""The loop in NumPy: the updates of `compiled_loop` where compiling is not worth it, or not possible.

It makes the same updates in the same order, by the update rules that the page of optimisers prints, and comes
to the same weights but for rounding. Neither loop uses the other, and the tests hold the two against each
other.
"""

import itertools
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import ByteArray, Float32Array
from mnist_core.config import RunConfig
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import ACTIVATION_FUNCTIONS, Parameters
from mnist_core.network.passes import ACTIVATION_DERIVATIVES
from mnist_core.network.update_rules import MEMORY, RULES
from mnist_core.training.chunks import Chunk, steps_per_chunk
from mnist_core.training.loops.layout import Layout, Memory, shapes_of
from mnist_core.training.training_set import TrainingImages

BLOCK: Final = 16_384
"""Numbers that an update rule computes at once, at most. What it computes on the way, 64 kB each, then stays
in the processor's cache, and the C library does not fetch memory from the system anew for each array: with
25,450 numbers at once Adam took three to six times as long."""


def update_seconds(config: RunConfig) -> float:
    """Seconds of an update with Adam on the machine where it was measured (2 cores)."""
    return 1e-6 * (150 + config.network.n_parameters * (0.003 + 0.0003 * config.training.batch_size))


def _row_by_row(a: Float32Array, b: Float32Array, out: Float32Array | None = None) -> Float32Array:
    """A @ b, computed so that equal rows of a, shape (n, k), give equal rows, bit for bit.

    Neurons that begin alike stay alike by the rules of training. But BLAS computes several rows at once, and
    on some processors rounds the last ones differently: after 1,500 updates the neurons of the lesson on
    starting weights were 0.3 apart. Columns are not seen to: with several hidden layers they matter, too.
    """
    place = None if out is None else out[:, None, :]
    product: Float32Array = np.matmul(a[:, None, :], b, out=place)[:, 0, :]
    return product


def _column_by_column(a: Float32Array, b: Float32Array) -> Float32Array:
    """A @ b, computed so that equal columns of b give equal columns; see `_row_by_row`."""
    return _row_by_row(b.T, a.T).T


class _State(NamedTuple):
    """What an update rule reads: see `update_rules.OptimizerState`, which keeps float64."""

    t: int
    memory: dict[str, Float32Array]


class NumpyTrainer:
    """A network's numbers and what its optimiser remembers of them, float32, changed in place.

    It is used by one training at a time; a run begins with `start`.
    """

    library = "NumPy"

    def __init__(self, config: RunConfig, dataset: Dataset) -> None:
        self.shapes = shapes_of(config, dataset)
        self.n_steps = steps_per_chunk(config)
        self._layout = Layout(config.network.layer_sizes)
        self._values = np.zeros(config.network.n_parameters, np.float32)
        self._gradient = np.zeros_like(self._values)
        self._rows = np.arange(config.training.batch_size)
        ends = np.linspace(0, len(self._values), -(-len(self._values) // BLOCK) + 1).astype(int)
        self._blocks = [slice(*pair) for pair in itertools.pairwise(ends)]
        self._kernels, self._biases = self._views(self._values)
        self._kernel_gradients, self._bias_gradients = self._views(self._gradient)

    def start(self, parameters: Parameters, config: RunConfig, memory: Memory = ()) -> None:
        """Begin a run, or go on with one: see `compiled_loop.CompiledTrainer.start`."""
        self._config = config
        self._values[:] = self._layout.join(self._layout.flatten(parameters))
        names = MEMORY[config.training.optimizer]
        remembered = [
            self._layout.join(memory[2 + n :: len(names)]) if memory else np.zeros_like(self._values)
            for n in range(len(names))
        ]
        self._n_updates = int(memory[0]) if memory else 0
        self._memory: dict[str, Float32Array] = dict(zip(names, remembered, strict=True))

    def images(self, chosen: TrainingImages, epoch: int) -> ByteArray:
        """The images as an epoch (from 1) shows them, uint8 (n, 28, 28)."""
        return chosen.rows(epoch)

    def labels(self, chosen: TrainingImages) -> NDArray[np.int64]:
        """The labels that they are taught with."""
        return chosen.all_labels.astype(np.int64)

    def run(
        self, images: ByteArray, labels: NDArray[np.int64], chunk: Chunk
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Make one update for each batch that has images: see `compiled_loop.CompiledTrainer.run`."""
        training = self._config.training
        results = np.zeros((2, int(np.count_nonzero(chunk.counts))))
        with np.errstate(all="ignore"):  # a run that diverges has infinite weights, and may
            for i in range(results.shape[1]):
                batch = chunk.batches[i, : chunk.counts[i]]
                inputs = network_inputs(images[batch], training.preparation)
                kept = None if chunk.kept is None else chunk.kept[i, : len(batch)]
                results[:, i] = self._compute_gradient(inputs, labels[batch], kept)
                rates = chunk.learning_rates
                self._update(training.learning_rate if rates is None else float(rates[i]))
        return results[0], results[1]

    def parameters(self) -> Parameters:
        """The weights and biases as they are now."""
        return self._layout.parameters(*self._layout.halves(self._values), self._config.network.activation)

    def memory(self) -> Memory:
        """What the optimiser remembers, in the order of Keras, so that either loop goes on from it."""
        halves = [self._layout.halves(array.copy()) for array in self._memory.values()]
        rate = np.float32(self._config.training.learning_rate)
        return (
            np.array(self._n_updates, np.int64),
            np.array(rate),
            *(a for pair in zip(*halves, strict=True) for a in pair),
        )

    def _compute_gradient(
        self, inputs: Float32Array, labels: NDArray[np.int64], kept: NDArray[np.bool_] | None
    ) -> tuple[float, int]:
        """Put the gradient of a batch's mean loss into `_gradient`; that loss, and how many images are right.

        The equations are those of `passes.forward` and `passes.backward`, with dropout between the layers.
        """
        network, l2 = self._config.network, self._config.training.l2
        activate, derivative = (
            ACTIVATION_FUNCTIONS[network.activation],
            ACTIVATION_DERIVATIVES[network.activation],
        )
        begin_alike = self._config.training.initializer == "zeros"
        by_row = _row_by_row if begin_alike else np.matmul
        by_column = _column_by_column if begin_alike else np.matmul
        weights, masks = [self._kernels[0].T, *self._kernels[1:]], self._masks(kept)
        received, slopes = [inputs], []
        for layer, biases in enumerate(self._biases[:-1]):
            z = by_column(received[-1], weights[layer]) + biases
            a = activate(z)
            slope = derivative(z, a)
            received.append(a * masks[layer] if masks else a)
            slopes.append(slope * masks[layer] if masks else slope)
        logits = received[-1] @ weights[-1] + self._biases[-1]

        shifted, rows = logits - logits.max(axis=1, keepdims=True), self._rows[: len(labels)]
        exponentials = np.exp(shifted)
        sums = np.add.reduce(exponentials, axis=1, keepdims=True)
        loss = float(np.add.reduce(np.log(sums), axis=None) - np.add.reduce(shifted[rows, labels])) / len(
            labels
        )
        delta = exponentials / sums
        delta[rows, labels] -= 1
        delta /= len(labels)
        for layer in range(len(weights) - 1, 0, -1):
            by_row(received[layer].T, delta, out=self._kernel_gradients[layer])
            np.add.reduce(delta, axis=0, out=self._bias_gradients[layer])
            delta = by_column(delta, weights[layer].T) * slopes[layer - 1]
        by_row(delta.T, inputs, out=self._kernel_gradients[0])
        np.add.reduce(delta, axis=0, out=self._bias_gradients[0])

        if l2:
            loss += l2 * sum(float(np.vdot(kernel, kernel)) for kernel in self._kernels)
            for kernel, gradient in zip(self._kernels, self._kernel_gradients, strict=True):
                np.add(gradient, np.float32(2 * l2) * kernel, out=gradient)
        return loss, int(np.count_nonzero(logits.argmax(axis=1) == labels))

    def _views(self, numbers: Float32Array) -> tuple[list[Float32Array], list[Float32Array]]:
        """All weights, the first layer's transposed, and all biases, in the memory of one vector."""
        first, vector = self._layout.halves(numbers)
        kernels, biases = self._layout.split(vector)
        return [first, *kernels], biases

    def _masks(self, kept: NDArray[np.bool_] | None) -> list[Float32Array]:
        """What each hidden layer's activations are multiplied by; without dropout nothing."""
        if kept is None:
            return []
        scale = np.float32(1 / (1 - self._config.training.dropout))
        return np.split(kept * scale, np.cumsum(self._config.network.hidden_units)[:-1], axis=1)

    def _update(self, learning_rate: float) -> None:
        """One update by the rule that the page of optimisers prints, a block of numbers after the other."""
        rule, memory = RULES[self._config.training.optimizer], self._memory
        for block in self._blocks:
            state = _State(self._n_updates, {name: array[block] for name, array in memory.items()})
            terms = rule(state, self._gradient[block], learning_rate)
            self._values[block] += terms["step"]
            for name, array in memory.items():
                array[block] = terms[name]
        self._n_updates += 1
