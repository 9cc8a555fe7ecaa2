"""The loop in NumPy: the updates of `compiled_loop` where there is no TensorFlow.

It makes the same updates in the same order, by the update rules that the page of optimisers prints, and comes
to the same weights but for rounding. Neither loop uses the other, and the tests hold the two against each
other.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import ByteArray, Float32Array
from mnist_core.config import RunConfig
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import ACTIVATION_FUNCTIONS, Parameters, cross_entropy, softmax
from mnist_core.network.passes import ACTIVATION_DERIVATIVES
from mnist_core.network.update_rules import MEMORY, RULES
from mnist_core.training.chunks import Chunk, steps_per_chunk
from mnist_core.training.loops.layout import Layout, Memory, shapes_of
from mnist_core.training.training_set import TrainingImages

LIBRARY: Final = "NumPy"


class _State(NamedTuple):
    """What an update rule reads: see `update_rules.OptimizerState`, which keeps float64."""

    t: int
    memory: dict[str, Float32Array]


class NumpyTrainer:
    """A network's numbers and what its optimiser remembers of them, float32, changed in place.

    It is used by one training at a time; a run begins with `start`.
    """

    library = LIBRARY

    def __init__(self, config: RunConfig, dataset: Dataset) -> None:
        self.shapes = shapes_of(config, dataset)
        self.n_steps = steps_per_chunk(config)
        self._layout = Layout(config.network.layer_sizes)
        self._values = np.zeros(config.network.n_parameters, np.float32)
        self._gradient = np.zeros_like(self._values)

    def start(self, parameters: Parameters, config: RunConfig, memory: Memory = ()) -> None:
        """Begin a run, or go on with one: see `compiled_loop.CompiledTrainer.start`."""
        self._config = config
        self._values[:] = self._layout.join(self._layout.flatten(parameters))
        names = MEMORY[config.training.optimizer]
        remembered = [
            self._layout.join(memory[2 + n :: len(names)]) if memory else np.zeros_like(self._values)
            for n in range(len(names))
        ]
        self._state = _State(int(memory[0]) if memory else 0, dict(zip(names, remembered, strict=True)))

    def images(self, chosen: TrainingImages, epoch: int) -> ByteArray:
        """The images as an epoch (from 1) shows them, uint8 (n, 28, 28)."""
        return chosen.seen(epoch)

    def labels(self, chosen: TrainingImages) -> NDArray[np.int64]:
        """The labels that they are taught with."""
        return chosen.labels.astype(np.int64)

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
        halves = [self._layout.halves(array.copy()) for array in self._state.memory.values()]
        rate = np.float32(self._config.training.learning_rate)
        return (
            np.array(self._state.t, np.int64),
            np.array(rate),
            *(a for pair in zip(*halves, strict=True) for a in pair),
        )

    def _compute_gradient(
        self, inputs: Float32Array, labels: NDArray[np.int64], kept: NDArray[np.bool_] | None
    ) -> tuple[float, int]:
        """Put the gradient of a batch's mean loss into `_gradient`; that loss, and how many images are right.

        The equations are those of `passes.forward` and `passes.backward`, with dropout between the layers.
        """
        config, layout = self._config, self._layout
        first, vector = layout.halves(self._values)
        kernels, biases = layout.split(vector)
        weights = [first.T, *kernels]
        activate = ACTIVATION_FUNCTIONS[config.network.activation]
        derivative = ACTIVATION_DERIVATIVES[config.network.activation]
        masks = self._masks(kept)
        received, slopes = [inputs], []
        for layer, (w, b) in enumerate(zip(weights[:-1], biases[:-1], strict=True)):
            z = received[-1] @ w + b
            a = activate(z)
            slope = derivative(z, a)
            received.append(a * masks[layer] if masks else a)
            slopes.append(slope * masks[layer] if masks else slope)
        logits = received[-1] @ weights[-1] + biases[-1]

        delta = softmax(logits)
        delta[np.arange(len(labels)), labels] -= 1
        delta /= len(labels)
        first_gradient, vector_gradient = layout.halves(self._gradient)
        kernel_gradients, bias_gradients = layout.split(vector_gradient)
        for layer in range(len(weights) - 1, 0, -1):
            np.matmul(received[layer].T, delta, out=kernel_gradients[layer - 1])
            np.sum(delta, axis=0, out=bias_gradients[layer])
            delta = delta @ weights[layer].T * slopes[layer - 1]
        np.matmul(delta.T, inputs, out=first_gradient)
        np.sum(delta, axis=0, out=bias_gradients[0])

        loss, l2 = float(cross_entropy(logits, labels).mean()), config.training.l2
        if l2:
            loss += l2 * sum(float(np.vdot(w, w)) for w in (first, *kernels))
            for w, dw in zip((first, *kernels), (first_gradient, *kernel_gradients), strict=True):
                np.add(dw, np.float32(2 * l2) * w, out=dw)
        return loss, int(np.count_nonzero(logits.argmax(axis=1) == labels))

    def _masks(self, kept: NDArray[np.bool_] | None) -> list[Float32Array]:
        """What each hidden layer's activations are multiplied by; without dropout nothing."""
        if kept is None:
            return []
        scale = np.float32(1 / (1 - self._config.training.dropout))
        return np.split(kept * scale, np.cumsum(self._config.network.hidden_units)[:-1], axis=1)

    def _update(self, learning_rate: float) -> None:
        """One update by the rule that the page of optimisers prints."""
        terms = RULES[self._config.training.optimizer](self._state, self._gradient, learning_rate)
        self._values += terms["step"]
        self._state = _State(self._state.t + 1, {name: terms[name] for name in self._state.memory})
