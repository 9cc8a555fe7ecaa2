"""The training loop, compiled: a config and images in, progress on the way, a record at the end.

`train` knows neither who watches nor where it runs. It shuffles with NumPy, lets a `CompiledTrainer` make
the updates in chunks of a fixed number of steps, and measures the validation images in NumPy after
each epoch. Keras supplies the model and the update rule, XLA turns both into one machine-code loop.
"""

import math
import os
import platform
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.config import LIMITS, N_DIGITS, RunConfig
from mnist_core.data import Dataset, network_inputs
from mnist_core.network import (
    FloatArray,
    Parameters,
    build_model,
    cross_entropy,
    initial_parameters,
    read_model,
    write_model,
)
from mnist_core.record import History, RunRecord

CURVE_POINTS_PER_EPOCH: Final = 100
CHUNK_SECONDS: Final = 0.05
"""About how long one chunk of updates takes: short enough to stop at once and to see the curve grow."""
MAX_IDLE_TRAINERS: Final = 16
"""Compiled trainers kept for the next run of the same shapes; each holds 8 to 15 MB."""


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
    """

    step: int
    n_steps: int
    epoch: int
    epochs: int
    seconds: float
    images_per_second: float
    seconds_left: float
    news: History


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
    trainer = _obtain_trainer(config, dataset, is_stopped)
    if trainer is not None:
        try:
            trainer.start(run.snapshots[0], config)
            _train_epochs(run, trainer, on_progress or (lambda _: None), is_stopped)
            run.parameters = trainer.parameters()
        finally:
            _idle_trainers.put(trainer)
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
    random = np.random.default_rng([seed, _WRONG_LABELS])
    chosen = random.permutation(len(labels))[: round(share * len(labels))]
    wrong = labels.copy()
    wrong[chosen] = (labels[chosen] + random.integers(1, N_DIGITS, len(chosen))) % N_DIGITS
    return wrong


def shuffled_order(n_images: int, epoch: int, seed: int) -> NDArray[np.int32]:
    """The order in which an epoch (from 1) goes through its images, shape (n_images,)."""
    return np.random.default_rng([seed, _ORDER, epoch]).permutation(n_images).astype(np.int32)


# Streams of one seed. Layers of the network have the numbers from 0, see `initial_parameters`.
_WRONG_LABELS: Final = 100
_ORDER: Final = 101


@dataclass(eq=False)
class _Run:
    """What one call of `train` gathers."""

    config: RunConfig
    dataset: Dataset
    labels: NDArray[np.uint8]
    n_training: int
    validation_inputs: FloatArray
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
            validation_inputs=network_inputs(dataset.train_images[validation]),
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

    def report(self, news: History) -> Progress:
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
    trainer: "CompiledTrainer",
    on_progress: Callable[[Progress], None],
    is_stopped: Callable[[], bool],
) -> None:
    training = run.config.training
    images = _images_on_device(run.dataset)
    labels = trainer.to_device(run.labels)
    started = time.perf_counter()
    for epoch in range(1, training.epochs + 1):
        order = shuffled_order(run.n_training, epoch, training.seed)
        sums = np.zeros(2)  # of loss and of right answers, over the images of this epoch
        for batches, counts in _chunks(order, training.batch_size, trainer.n_steps):
            if is_stopped():
                return
            losses, n_right = trainer.run(images, labels, batches, counts)
            steps = run.step + 1 + np.arange(len(losses))
            run.step += len(losses)
            run.seconds = time.perf_counter() - started
            used = counts[: len(losses)].astype(np.float64)
            sums += (losses @ used, n_right.sum())
            curve = _curve(steps, losses, n_right, used, run.steps_per_epoch)
            is_last = run.step == epoch * run.steps_per_epoch
            results: list[list[float]] = [[], [], [], []]
            if is_last:
                run.snapshots.append(trainer.parameters())
                means = sums / run.n_training
                results = [[means[0]], [means[1]], *run.measure_validation(run.snapshots[-1])]
                run.seconds = time.perf_counter() - started
            parts = [np.array(values, np.float64) for values in (*results, *curve)]
            on_progress(run.report(History(*parts)))


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


class CompiledTrainer:
    """A Keras model, its optimiser and the compiled loop over both, for one set of shapes.

    It is used by one training at a time and reset between them; learning rate and L2 strength are
    arguments, so that changing them compiles nothing.
    """

    def __init__(self, config: RunConfig, dataset: Dataset) -> None:
        self.shapes = _shapes(config, dataset)
        self.n_steps = steps_per_chunk(config)
        self._tensorflow = _import_tensorflow()
        self._activation = config.network.activation
        self._model = build_model(config.network)
        self._optimizer = _build_optimizer(config)
        self._optimizer.build(self._model.trainable_variables)
        self._loop = self._compile_loop(config)
        self._l2 = self._tensorflow.constant(0.0)
        self._compile(dataset)

    def start(self, parameters: Parameters, config: RunConfig) -> None:
        """Begin a run: these weights, an optimiser without memory, the config's learning rate and L2."""
        write_model(self._model, parameters)
        for variable in self._optimizer.variables:
            variable.assign(self._tensorflow.zeros_like(variable.value))
        self._optimizer.learning_rate = config.training.learning_rate
        self._l2 = self._tensorflow.constant(config.training.l2, "float32")

    def run(
        self, images: Any, labels: Any, batches: NDArray[np.int32], counts: NDArray[np.int32]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Make one update for each batch that has images.

        Args:
            images: All training images on the device, uint8 (n, 28, 28).
            labels: Their labels on the device, int32 (n,).
            batches: Image numbers, shape (n_steps, batch_size).
            counts: How many of each batch to use, shape (n_steps,).

        Returns:
            Mean loss of each batch before its update, and how many of it were classified right.
        """
        losses, n_right = self._loop(images, labels, batches, counts, self._l2)
        n_run = int(np.count_nonzero(counts))
        return (
            np.asarray(losses[:n_run], dtype=np.float64),
            np.asarray(n_right[:n_run], dtype=np.float64),
        )

    def parameters(self) -> Parameters:
        """The weights and biases as they are now."""
        return read_model(self._model, self._activation)

    def to_device(self, labels: NDArray[np.uint8]) -> Any:
        """Labels as an int32 tensor."""
        return self._tensorflow.constant(labels.astype(np.int32))

    def _compile(self, dataset: Dataset) -> None:
        """Run one chunk of empty batches, which changes no weight."""
        batches = np.zeros((self.n_steps, self.shapes.batch_size), np.int32)
        counts = np.zeros(self.n_steps, np.int32)
        self.run(_images_on_device(dataset), self.to_device(dataset.train_labels), batches, counts)

    def _compile_loop(self, config: RunConfig) -> Any:
        tf = self._tensorflow
        model, optimizer = self._model, self._optimizer
        kernels = [v for v in model.trainable_variables if v.path.endswith("kernel")]
        has_l2 = config.training.l2 > 0
        n_steps, batch_size = self.n_steps, config.training.batch_size
        per_gray_level = network_inputs(np.full((1, 28, 28), 255, np.uint8))[0, 0] / 255

        def update(images: Any, labels: Any, batch: Any, count: Any, l2: Any) -> tuple[Any, Any]:
            x = tf.cast(tf.reshape(tf.gather(images, batch), (batch_size, -1)), tf.float32) * per_gray_level
            y = tf.gather(labels, batch)
            is_used = tf.cast(tf.range(batch_size) < count, tf.float32)
            with tf.GradientTape() as tape:
                logits = model(x, training=True)
                losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
                loss = tf.reduce_sum(losses * is_used) / tf.cast(count, tf.float32)
                if has_l2:
                    loss += l2 * tf.add_n([tf.reduce_sum(tf.square(kernel.value)) for kernel in kernels])
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply(gradients, model.trainable_variables)
            is_right = tf.cast(tf.argmax(logits, axis=1, output_type=tf.int32) == y, tf.float32)
            return loss, tf.reduce_sum(is_right * is_used)

        @tf.function(jit_compile=True, autograph=False)  # type: ignore[untyped-decorator, unused-ignore]
        def loop(images: Any, labels: Any, batches: Any, counts: Any, l2: Any) -> tuple[Any, Any]:
            def has_batch(i: Any, *_: Any) -> Any:
                return tf.logical_and(i < n_steps, counts[tf.minimum(i, n_steps - 1)] > 0)

            def body(i: Any, losses: Any, n_right: Any) -> tuple[Any, Any, Any]:
                loss, right = update(images, labels, batches[i], counts[i], l2)
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


@dataclass(frozen=True)
class _Shapes:
    """What a compiled loop is compiled for; configs that differ in nothing else share one."""

    layer_sizes: tuple[int, ...]
    activation: str
    optimizer: str
    batch_size: int
    has_l2: bool
    n_images: int


def _shapes(config: RunConfig, dataset: Dataset) -> _Shapes:
    training = config.training
    return _Shapes(
        config.network.layer_sizes,
        config.network.activation,
        training.optimizer,
        training.batch_size,
        training.l2 > 0,
        len(dataset.train_labels),
    )


def steps_per_chunk(config: RunConfig) -> int:
    """Updates in one call of the compiled loop: about `CHUNK_SECONDS`' worth on a laptop's core.

    The cost of a step is estimated as 15 µs and, for each parameter, 0.0008 µs for its update and
    0.0001 µs for each image of the batch (measured; a rough guess does).
    """
    batch_size = config.training.batch_size
    microseconds = 15 + config.network.n_parameters * (0.0008 + 0.0001 * batch_size)
    most = math.ceil(LIMITS["n_training_images"].highest / batch_size)
    return min(most, max(1, round(CHUNK_SECONDS * 1e6 / microseconds)))


class _IdleTrainers:
    """Compiled trainers nobody uses at the moment, the least recently used dropped first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._trainers: OrderedDict[int, CompiledTrainer] = OrderedDict()

    def take(self, shapes: _Shapes) -> CompiledTrainer | None:
        with self._lock:
            for name, trainer in self._trainers.items():
                if trainer.shapes == shapes:
                    return self._trainers.pop(name)
            return None

    def put(self, trainer: CompiledTrainer) -> None:
        with self._lock:
            self._trainers[id(trainer)] = trainer
            while len(self._trainers) > MAX_IDLE_TRAINERS:
                self._trainers.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._trainers.clear()


_idle_trainers: Final = _IdleTrainers()


def _obtain_trainer(
    config: RunConfig, dataset: Dataset, is_stopped: Callable[[], bool]
) -> CompiledTrainer | None:
    """An idle trainer of these shapes or a new one; None if the run was stopped meanwhile.

    Loading TensorFlow takes seconds and compiling most of one, and neither can be interrupted: both
    happen in a thread, so that a stop is answered at once. What they made is kept for the next run.
    """
    if is_stopped():
        return None
    trainer = _idle_trainers.take(_shapes(config, dataset))
    if trainer is not None:
        return trainer
    made: Future[CompiledTrainer] = Future()

    def make() -> None:
        try:
            made.set_result(CompiledTrainer(config, dataset))
        except BaseException as error:
            made.set_exception(error)

    threading.Thread(target=make, name="make-trainer", daemon=True).start()
    while True:
        try:
            return made.result(timeout=0.05)
        except TimeoutError:
            if made.done():  # TensorFlow's own TimeoutError, not ours
                raise
            if is_stopped():
                made.add_done_callback(_keep_for_later)
                return None


def _keep_for_later(made: "Future[CompiledTrainer]") -> None:
    if made.exception() is None:
        _idle_trainers.put(made.result())


def _build_optimizer(config: RunConfig) -> Any:
    import keras

    rate = config.training.learning_rate
    makers: dict[str, Callable[[], Any]] = {
        "adam": lambda: keras.optimizers.Adam(rate),
        "sgd": lambda: keras.optimizers.SGD(rate),
        "momentum": lambda: keras.optimizers.SGD(rate, momentum=0.9),
        "rmsprop": lambda: keras.optimizers.RMSprop(rate),
    }
    return makers[config.training.optimizer]()


def _import_tensorflow() -> Any:
    """TensorFlow, told to keep quiet and to use one thread an operation.

    The matrices are so small that handing parts of them to other threads costs more than it saves, and
    one thread adds numbers in one order, so that equal runs give equal bits.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    flags = "--xla_cpu_multi_thread_eigen=false --xla_cpu_parallel_codegen_split_count=1"
    os.environ.setdefault("XLA_FLAGS", flags)
    import tensorflow

    return tensorflow


_device_lock: Final = threading.Lock()
_device_images: Final[OrderedDict[str, Any]] = OrderedDict()
MAX_DATASETS_ON_DEVICE: Final = 2


def _images_on_device(dataset: Dataset) -> Any:
    """The training images as a tensor, made once for each dataset."""
    with _device_lock:
        if dataset.fingerprint not in _device_images:
            _device_images[dataset.fingerprint] = _import_tensorflow().constant(dataset.train_images)
            while len(_device_images) > MAX_DATASETS_ON_DEVICE:
                _device_images.popitem(last=False)
        return _device_images[dataset.fingerprint]


def warm(dataset: Dataset, config: RunConfig) -> None:
    """Load TensorFlow, put the images on the device and compile for a config, ahead of the first run."""
    shapes = _shapes(config, dataset)
    _idle_trainers.put(_idle_trainers.take(shapes) or CompiledTrainer(config, dataset))


def _versions() -> dict[str, str]:
    import importlib.metadata

    found = {"python": platform.python_version(), "numpy": np.__version__}
    for name in ("keras", "tensorflow", "tensorflow-cpu"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
