"""The compiled loop: many updates of a network in one call of machine code.

Keras supplies variables, activations and the update rule, XLA turns them into one loop over a chunk of
batches. What is compiled depends on shapes only, so a trainer that has done its run waits in `trainers`
for the next of its shapes.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.config import Activation, RunConfig
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import network_inputs
from mnist_core.network.keras_model import build_optimizer
from mnist_core.network.parameters import Parameters
from mnist_core.training.chunks import Chunk, steps_per_chunk
from mnist_core.training.loops.device_images import images_on_device, labels_on_device, seen_on_device
from mnist_core.training.loops.layout import Layout, Memory, shapes_of
from mnist_core.training.loops.tensorflow_import import import_tensorflow
from mnist_core.training.training_set import TrainingImages, training_images


class CompiledTrainer:
    """A network's variables, their Keras optimiser and the compiled loop over both, for one set of shapes.

    It is used by one training at a time and reset between them; learning rate, L2 strength, the scale of the
    pixels and that of kept activations are arguments, so that changing them compiles nothing.
    """

    library = "TensorFlow"

    def __init__(self, config: RunConfig, dataset: Dataset) -> None:
        self.shapes = shapes_of(config, dataset)
        self.n_steps = steps_per_chunk(config)
        self._tensorflow = import_tensorflow()
        self._activation = config.network.activation
        self._layout = Layout(config.network.layer_sizes)
        self._first_kernel, self._others = _make_variables(self._layout)
        self._optimizer = build_optimizer(config)
        self._optimizer.build([self._first_kernel, self._others])
        self._activate = _activation_function(config.network.activation)
        self._loop = self._compile_loop()
        self._factors = self._tensorflow.zeros(2 + self.shapes.has_dropout)  # see `start`
        self._compile(config, dataset)

    def start(self, parameters: Parameters, config: RunConfig, memory: Memory = ()) -> None:
        """Begin a run, or go on with one.

        Args:
            parameters: The weights and biases it begins with.
            config: What it trains.
            memory: What the optimiser remembers, from `memory`; nothing at the beginning of a run.
        """
        first_kernel, others = self._layout.flatten(parameters)
        self._first_kernel.assign(first_kernel)
        self._others.assign(others)
        for variable in self._optimizer.variables:
            variable.assign(self._tensorflow.zeros_like(variable.value))
        for variable, array in zip(self._optimizer.variables, memory, strict=False):
            variable.assign(array)
        self._optimizer.learning_rate = config.training.learning_rate
        white = network_inputs(np.full((1, 28, 28), 255, np.uint8), config.training.preparation)
        factors = [config.training.l2, white[0, 0] / 255]  # and input of one gray level
        factors += [1 / (1 - config.training.dropout)] * self.shapes.has_dropout
        self._factors = self._tensorflow.constant(factors, "float32")

    def images(self, chosen: TrainingImages, epoch: int) -> Any:
        """The images as an epoch (from 1) shows them, on the device: uint8 (n, 28, 28)."""
        return seen_on_device(chosen, epoch)

    def labels(self, chosen: TrainingImages) -> Any:
        """The labels that they are taught with, on the device: int32 (m,)."""
        return labels_on_device(chosen.all_labels)

    def run(self, images: Any, labels: Any, chunk: Chunk) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Make one update for each batch that has images.

        Args:
            images: From `images`.
            labels: From `labels`.
            chunk: Of n_steps rows.

        Returns:
            Mean loss of each batch before its update, and how many of it were classified right.
        """
        losses, n_right = self._loop(images, labels, chunk, self._factors)
        n_run = int(np.count_nonzero(chunk.counts))
        return (
            np.asarray(losses[:n_run], dtype=np.float64),
            np.asarray(n_right[:n_run], dtype=np.float64),
        )

    def parameters(self) -> Parameters:
        """The weights and biases as they are now."""
        arrays = np.asarray(self._first_kernel), np.asarray(self._others)
        return self._layout.parameters(*arrays, self._activation)

    def memory(self) -> Memory:
        """What the optimiser remembers: how many updates it made, and its running means."""
        return tuple(variable.numpy() for variable in self._optimizer.variables)

    def _compile(self, config: RunConfig, dataset: Dataset) -> None:
        """Run one chunk of empty batches, which changes no weight."""
        shapes, n_steps = self.shapes, self.n_steps
        batches = np.zeros((n_steps, shapes.batch_size), np.int32)
        rates = np.zeros(n_steps, np.float32) if shapes.has_schedule else None
        kept = (
            np.zeros((*batches.shape, sum(shapes.layer_sizes[1:-1])), np.bool_)
            if shapes.has_dropout
            else None
        )
        chunk = Chunk(batches, np.zeros(n_steps, np.int32), rates, kept)
        labels = labels_on_device(training_images(config, dataset).all_labels)
        self.run(images_on_device(dataset)[: shapes.n_images], labels, chunk)

    def _layers(self) -> tuple[list[Any], list[Any]]:
        """All kernels, the first one transposed, and all biases, as tensors."""
        tf, layout = self._tensorflow, self._layout
        others = tf.split(self._others.value, layout.sizes)
        shaped = [tf.reshape(array, shape) for array, shape in zip(others, layout.shapes, strict=True)]
        return [self._first_kernel.value, *shaped[: layout.n_kernels]], shaped[layout.n_kernels :]

    def _logits(self, x: Any, kernels: list[Any], biases: list[Any], masks: list[Any]) -> Any:
        for layer, (kernel, bias) in enumerate(zip(kernels, biases, strict=True)):
            x = self._tensorflow.matmul(x, kernel, transpose_b=layer == 0) + bias
            x = x if kernel is kernels[-1] else self._activate(x)
            x = x * masks[layer] if layer < len(masks) else x
        return x

    def _masks(self, kept: Any, scale: Any) -> list[Any]:
        """What each hidden layer's activations are multiplied by in an update; without dropout nothing."""
        tf = self._tensorflow
        masks = tf.cast(kept, tf.float32) * scale
        return [*tf.split(masks, self.shapes.layer_sizes[1:-1], axis=1)]

    def _update(self, images: Any, labels: Any, chunk: Chunk, i: Any, factors: Any) -> tuple[Any, Any]:
        """One update with one batch; its mean loss before, and how many images were right."""
        tf, batch_size = self._tensorflow, self.shapes.batch_size
        variables, batch, count = [self._first_kernel, self._others], chunk.batches[i], chunk.counts[i]
        l2, per_gray_level = factors[0], factors[1]
        if chunk.learning_rates is not None:
            self._optimizer.learning_rate = chunk.learning_rates[i]
        masks = self._masks(chunk.kept[i], factors[2]) if chunk.kept is not None else []
        x = tf.cast(tf.reshape(tf.gather(images, batch), (batch_size, -1)), tf.float32) * per_gray_level
        y = tf.gather(labels, batch)
        is_used = tf.cast(tf.range(batch_size) < count, tf.float32)
        with tf.GradientTape() as tape:
            kernels, biases = self._layers()
            logits = self._logits(x, kernels, biases, masks)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
            loss = tf.reduce_sum(losses * is_used) / tf.cast(count, tf.float32)
            if self.shapes.has_l2:
                loss += l2 * tf.add_n([tf.reduce_sum(tf.square(kernel)) for kernel in kernels])
        self._optimizer.apply(tape.gradient(loss, variables), variables)
        is_right = tf.cast(tf.argmax(logits, axis=1, output_type=tf.int32) == y, tf.float32)
        return loss, tf.reduce_sum(is_right * is_used)

    def _compile_loop(self) -> Any:
        tf, n_steps = self._tensorflow, self.n_steps

        @tf.function(jit_compile=True, autograph=False)  # type: ignore[untyped-decorator, unused-ignore]
        def loop(images: Any, labels: Any, chunk: Any, factors: Any) -> tuple[Any, Any]:
            def has_batch(i: Any, *_: Any) -> Any:
                return tf.logical_and(i < n_steps, chunk.counts[tf.minimum(i, n_steps - 1)] > 0)

            def body(i: Any, losses: Any, n_right: Any) -> tuple[Any, Any, Any]:
                loss, right = self._update(images, labels, chunk, i, factors)
                at = [[i]]
                return (
                    i + 1,
                    tf.tensor_scatter_nd_update(losses, at, [loss]),
                    tf.tensor_scatter_nd_update(n_right, at, [right]),
                )

            zeros = tf.zeros(n_steps)
            _, losses, n_right = tf.while_loop(has_batch, body, (tf.constant(0), zeros, zeros))
            return losses, n_right

        return loop


def _make_variables(layout: Layout) -> tuple[Any, Any]:
    """The first kernel, transposed, and the vector of everything else; all zero."""
    import keras

    first_kernel = np.zeros(layout.first_shape, np.float32)
    return keras.Variable(first_kernel), keras.Variable(np.zeros(sum(layout.sizes), np.float32))


def _activation_function(name: Activation) -> Callable[[Any], Any]:
    import keras

    activation: Callable[[Any], Any] = keras.activations.get("linear" if name == "none" else name)
    return activation
