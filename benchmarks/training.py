"""How long training the classic network takes, ours beside what else could do it.

`python -m benchmarks.training` prints one table; `--json` the same as data; `--settings` instead our
training with each setting of an update. Every contender trains the same network on the same images in a
process of its own, one after the other, in several rounds because the machine may be busy with other
things. Libraries are imported and started and images loaded before the clock starts; building and compiling
the network are inside it. PyTorch and JAX take part where they are installed.

The columns, each the median of the rounds: the first run from call to finished weights; a second run of the
same shapes in the same process; the median epoch of both runs, the first epoch of each left out; how many
times faster each of the three is than `model.fit`; the peak memory of the process; the accuracy on the test
images.
"""

import argparse
import json
import multiprocessing
import os
import resource
import statistics
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import peers
from mnist_core.config import CLASSIC, DEFAULT, RunConfig
from mnist_core.images.dataset import Dataset, load_dataset
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import initial_parameters, softmax
from mnist_core.training.loop import train
from mnist_core.training.loops.tensorflow_import import import_tensorflow
from mnist_core.training.progress import Progress
from mnist_core.training.training_set import shuffled_order

Run = Callable[[], tuple[list[float], Any]]
"""Trains once; returns the times at which epochs ended, and what predicts, or None."""

EPOCHS = CLASSIC.training.epochs
BATCH = CLASSIC.training.batch_size
UNITS = CLASSIC.network.hidden_units[0]


@dataclass(frozen=True)
class Row:
    """One line of the table; seconds, megabytes, and a share of right answers or None."""

    name: str
    first_run: float
    second_run: float
    epoch: float
    peak_memory: float
    accuracy: float | None


def ours(dataset: Dataset, config: RunConfig = CLASSIC) -> Run:
    """`mnist_core.training.loop.train`, progress reports included."""
    import_tensorflow()  # before the clock starts, as for the others

    def run() -> tuple[list[float], Any]:
        ends: list[float] = []

        def report(progress: Progress) -> None:
            if len(progress.news.training_loss):
                ends.append(time.perf_counter())

        record = train(config, dataset, report)
        return ends, record.parameters.logits

    return run


def keras_fit(dataset: Dataset, **compile_options: Any) -> Run:
    """`model.fit` as the classic script calls it."""
    import keras
    import tensorflow

    tensorflow.config.list_logical_devices()  # its runtime is started before the clock, as ours is
    x, y = network_inputs(dataset.train_images), dataset.train_labels

    class Clock(keras.callbacks.Callback):  # type: ignore[misc, unused-ignore]
        """When epochs ended."""

        def __init__(self) -> None:
            super().__init__()
            self.ends: list[float] = []

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            """Note the time."""
            self.ends.append(time.perf_counter())

    def run() -> tuple[list[float], Any]:
        model = keras.Sequential(
            [
                keras.Input((784,)),
                keras.layers.Dense(UNITS, activation="relu"),
                keras.layers.Dense(10, activation="softmax"),
            ]
        )
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"], **compile_options)
        clock = Clock()
        model.fit(x, y, epochs=EPOCHS, batch_size=BATCH, verbose=0, callbacks=[clock])
        return clock.ends, lambda images: model.predict(images, verbose=0)

    return run


def keras_many_steps(dataset: Dataset) -> Run:
    """`model.fit` with many steps in one call of the compiled function."""
    return keras_fit(dataset, steps_per_execution=100)


def scikit_learn(dataset: Dataset) -> Run:
    """`MLPClassifier` with the same network, batches and update rule."""
    from sklearn.neural_network import MLPClassifier

    x, y = network_inputs(dataset.train_images), dataset.train_labels

    def run() -> tuple[list[float], Any]:
        model = MLPClassifier((UNITS,), batch_size=BATCH, alpha=0, max_iter=1, warm_start=True)
        ends = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it has not converged
            for _ in range(EPOCHS):
                model.fit(x, y)
                ends.append(time.perf_counter())
        return ends, model.predict_proba

    return run


def plain_numpy(dataset: Dataset) -> Run:
    """Forward pass, backward pass and Adam, written out."""
    x, y = network_inputs(dataset.train_images), dataset.train_labels.astype(np.int64)

    def run() -> tuple[list[float], Any]:
        start = initial_parameters(CLASSIC.network, 0)
        w1, w2 = (w.copy() for w in start.weights)
        b1, b2 = (b.copy() for b in start.biases)
        values = [w1, b1, w2, b2]
        means, squares = ([np.zeros_like(v) for v in values] for _ in range(2))
        ends, step = [], 0
        for epoch in range(EPOCHS):
            order = shuffled_order(len(y), epoch, 0)
            for begin in range(0, len(y), BATCH):
                step += 1
                batch = order[begin : begin + BATCH]
                inputs = x[batch]
                hidden = np.maximum(inputs @ w1 + b1, 0)
                delta = softmax(hidden @ w2 + b2)
                delta[np.arange(len(batch)), y[batch]] -= 1
                delta /= len(batch)
                delta1 = (delta @ w2.T) * (hidden > 0)
                gradients = [inputs.T @ delta1, delta1.sum(0), hidden.T @ delta, delta.sum(0)]
                rate = np.float32(0.001 * np.sqrt(1 - 0.999**step) / (1 - 0.9**step))
                for value, gradient, m, v in zip(values, gradients, means, squares, strict=True):
                    m += 0.1 * (gradient - m)
                    v += 0.001 * (gradient * gradient - v)
                    value -= rate * m / (np.sqrt(v) + 1e-7)
            ends.append(time.perf_counter())
        return ends, lambda images: np.maximum(images @ w1 + b1, 0) @ w2 + b2

    return run


def matrix_products(dataset: Dataset) -> Run:
    """The floor: the two products of the first layer with NumPy, and nothing else."""
    batch = network_inputs(dataset.train_images[:BATCH])
    weights = initial_parameters(CLASSIC.network, 0).weights[0]
    delta = np.ones((BATCH, UNITS), np.float32)
    steps = CLASSIC.training.steps_per_epoch(len(dataset.train_labels))

    def run() -> tuple[list[float], Any]:
        ends = []
        for _ in range(EPOCHS):
            for _ in range(steps):
                batch @ weights
                batch.T @ delta
            ends.append(time.perf_counter())
        return ends, None

    return run


CONTENDERS: dict[str, Callable[[Dataset], Run]] = {
    "mnist_core.train": ours,
    "Keras model.fit": keras_fit,
    "model.fit, steps_per_execution=100": keras_many_steps,
    "scikit-learn MLPClassifier": scikit_learn,
    "plain NumPy": plain_numpy,
    "floor: first layer's products": matrix_products,
    **{
        name: run
        for package, name, run in (
            ("torch", "PyTorch, step by step", peers.py_torch),
            ("optax", "JAX and optax, scan", peers.jax_scan),
        )
        if find_spec(package)
    },
}
"""Of PyTorch and JAX, those that are installed."""


_ON: dict[str, dict[str, Any]] = {
    "starting weights, He normal": {"initializer": "he_normal"},
    "L2 penalty 0.001": {"l2": 0.001},
    "dropout 50%": {"dropout": 0.5},
    "shifted copies, up to 2 pixels": {"shift": 2},
    "early stopping, patience 10": {"patience": 10},
    "schedule, cosine": {"schedule": "cosine"},
    "schedule, halved": {"schedule": "halved"},
}
WITH_SETTINGS: dict[str, Callable[[Dataset], Run]] = {
    name: partial(ours, config=DEFAULT.with_changes(**changes))
    for name, changes in {
        "none of them": {},
        **_ON,
        "all of them": {name: value for changes in _ON.values() for name, value in changes.items()},
    }.items()
}
"""Default settings, which set a tenth of the images aside, and the same with each of those above."""


def measure(name: str, pipe: Any) -> None:
    """Run one contender twice; in a process of its own."""
    dataset = load_dataset()
    run = CONTENDERS[name](dataset)
    totals: list[float] = []
    epochs: list[float] = []
    for _ in range(2):
        begun = time.perf_counter()
        ends, predict = run()
        totals.append(time.perf_counter() - begun)
        epochs += np.diff(ends).tolist()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    pipe.send(Row(name, *totals, statistics.median(epochs), peak, _accuracy(predict, dataset)))


def _accuracy(predict: Any, dataset: Dataset) -> float | None:
    if predict is None:
        return None
    outputs: NDArray[Any] = np.asarray(predict(network_inputs(dataset.test_images)))
    return float((outputs.argmax(axis=1) == dataset.test_labels).mean())


def in_own_process(name: str) -> Row:
    """What `measure` finds for one contender."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=measure, args=(name, sender))
    process.start()
    sender.close()
    row: Row = receiver.recv()
    process.join()
    return row


def settings_in_turn(n_rounds: int) -> list[Row]:
    """Each setting once in every round, all in this process, so that all have the same of a busy machine."""
    dataset = load_dataset()
    runs = {name: make(dataset) for name, make in WITH_SETTINGS.items()}
    totals: dict[str, list[float]] = {name: [] for name in runs}
    epochs: dict[str, list[float]] = {name: [] for name in runs}
    accuracies = {}
    for _ in range(n_rounds):
        for name, run in runs.items():
            begun = time.perf_counter()
            ends, predict = run()
            totals[name].append(time.perf_counter() - begun)
            epochs[name] += np.diff(ends).tolist()
            accuracies[name] = _accuracy(predict, dataset)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return [
        Row(name, of[0], min(of[1:] or of), statistics.median(epochs[name]), peak, accuracies[name])
        for name, of in totals.items()
    ]


def median_row(rows: list[Row]) -> Row:
    """The median of each number of one contender."""

    def median(column: str) -> Any:
        values = [getattr(row, column) for row in rows]
        return None if None in values else statistics.median(values)

    columns = ("first_run", "second_run", "epoch", "peak_memory", "accuracy")
    return Row(rows[0].name, *(median(column) for column in columns))


def main() -> None:
    """Measure everyone and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--json", action="store_true", help="print data instead of a table")
    parser.add_argument(
        "--rounds", type=int, default=3, help="processes of each contender, or trainings (default 3)"
    )
    parser.add_argument("--settings", action="store_true", help="each setting instead of each contender")
    arguments = parser.parse_args()
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    if arguments.settings:
        rows, reference = settings_in_turn(arguments.rounds), "none of them"
    else:
        rounds = [[in_own_process(name) for name in CONTENDERS] for _ in range(arguments.rounds)]
        rows, reference = [median_row(list(same)) for same in zip(*rounds, strict=True)], "Keras model.fit"
    if arguments.json:
        print(json.dumps({"dataset": load_dataset().name, "rows": [asdict(row) for row in rows]}, indent=2))
    else:
        print(table(rows, load_dataset().name, reference))


def table(rows: list[Row], dataset: str, reference: str) -> str:
    """The rows in columns, with how many times faster than one of them each is."""
    fit = next(row for row in rows if row.name == reference)
    lines = [
        f"{UNITS} hidden neurons, {EPOCHS} epochs, batches of {BATCH}, {dataset}; "
        f"seconds, and times as fast as {reference}",
        f"{'':36}{'first run':>16}{'second run':>16}{'epoch':>17}{'peak MB':>9}{'accuracy':>10}",
    ]
    for row in rows:
        cells = "".join(
            f"{getattr(row, column):>{width}.3g} {getattr(fit, column) / getattr(row, column):>5.1f}×"
            for column, width in (("first_run", 9), ("second_run", 9), ("epoch", 10))
        )
        accuracy = "" if row.accuracy is None else f"{100 * row.accuracy:.2f}%"
        lines.append(f"{row.name:36}{cells}{row.peak_memory:>9.0f}{accuracy:>10}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
