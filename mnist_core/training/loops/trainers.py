"""Who makes a run's updates: the loop in NumPy for short epochs, and the compiled one where that is worth it.

A trainer that has done its run waits here for the next of its shapes, so that nothing is compiled twice.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from mnist_core.bounds import MAX_IDLE_TRAINERS
from mnist_core.config import RunConfig
from mnist_core.images.dataset import Dataset
from mnist_core.network.parameters import Parameters
from mnist_core.training.chunks import Chunk
from mnist_core.training.loops.compiled_loop import CompiledTrainer
from mnist_core.training.loops.layout import Memory, Shapes, shapes_of
from mnist_core.training.loops.numpy_loop import NumpyTrainer, update_seconds
from mnist_core.training.loops.tensorflow_import import TensorFlowError, is_installed
from mnist_core.training.training_set import TrainingImages

NUMPY_EPOCH_SECONDS: Final = 0.25
"""Of an epoch in NumPy, up to which nothing is compiled. That saves loading TensorFlow once (3 s) and
most of a second for each shape, and a run of few epochs has ended by then."""
_log: Final = logging.getLogger(__name__)


class Trainer(Protocol):
    """Makes updates. It is used by one training at a time, which begins with `start`.

    Attributes:
        library: "TensorFlow" or "NumPy".
        shapes: Of the runs that it can train.
        n_steps: Rows of a chunk.
    """

    library: str
    shapes: Shapes
    n_steps: int

    def start(self, parameters: Parameters, config: RunConfig, memory: Memory = ()) -> None:
        """Begin a run, or go on with one, with the parameters and what the optimiser remembers."""

    def images(self, chosen: TrainingImages, epoch: int) -> Any:
        """The images as an epoch (from 1) shows them, for `run`."""

    def labels(self, chosen: TrainingImages) -> Any:
        """The labels that they are taught with, for `run`."""

    def run(self, images: Any, labels: Any, chunk: Chunk) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Make an update for each batch; its mean loss before it, and how many images were read correctly."""

    def parameters(self) -> Parameters:
        """The weights and biases as they are now."""

    def memory(self) -> Memory:
        """What the optimiser remembers."""


class _IdleTrainers:
    """Trainers nobody uses at the moment, the least recently used dropped first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._trainers: deque[Trainer] = deque(maxlen=MAX_IDLE_TRAINERS)

    def take(self, config: RunConfig, dataset: Dataset) -> Trainer | None:
        """One for a run, of the loop that the run would get if none waited: equal settings, equal weights."""
        shapes, loop = shapes_of(config, dataset), _loop_for(config, dataset)
        with self._lock:
            for trainer in self._trainers:
                if trainer.shapes == shapes and isinstance(trainer, loop):
                    self._trainers.remove(trainer)
                    return trainer
            return None

    def put(self, trainer: Trainer) -> None:
        with self._lock:
            self._trainers.append(trainer)

    def clear(self) -> None:
        with self._lock:
            self._trainers.clear()


_idle_trainers: Final = _IdleTrainers()


def is_compiled(config: RunConfig, n_images: int) -> bool:
    """Whether the updates of a run of one chapter are compiled, where TensorFlow can be had.

    The number of epochs has no part in it: a run that goes on is trained as it would have been at once, and
    equal settings give equal weights.

    Args:
        config: What is trained.
        n_images: Training images there are.
    """
    return config.training.steps_per_epoch(n_images) * update_seconds(config) > NUMPY_EPOCH_SECONDS


def _loop_for(config: RunConfig, dataset: Dataset) -> type[CompiledTrainer] | type[NumpyTrainer]:
    """TensorFlow's where that is worth it and TensorFlow is installed."""
    return (
        CompiledTrainer if is_compiled(config, len(dataset.train_labels)) and is_installed() else NumpyTrainer
    )


def make_trainer(config: RunConfig, dataset: Dataset) -> Trainer:
    """A new trainer of the loop that the run gets; NumPy's where TensorFlow cannot be loaded."""
    try:
        return _loop_for(config, dataset)(config, dataset)
    except TensorFlowError as error:
        _log.warning("%s Trainings run in NumPy.", error)
    return NumpyTrainer(config, dataset)


def obtain_trainer(config: RunConfig, dataset: Dataset, is_stopped: Callable[[], bool]) -> Trainer | None:
    """An idle trainer for such a run or a new one; None if the run was stopped meanwhile.

    Loading TensorFlow takes seconds and compiling most of one, and neither can be interrupted: both
    happen in a thread, so that a stop is answered at once. What they made is kept for the next run.
    """
    if is_stopped():
        return None
    trainer = _idle_trainers.take(config, dataset)
    if trainer is not None:
        return trainer
    trainer_to_come: Future[Trainer] = Future()

    def make() -> None:
        try:
            trainer_to_come.set_result(make_trainer(config, dataset))
        except BaseException as error:
            trainer_to_come.set_exception(error)

    threading.Thread(target=make, name="make-trainer", daemon=True).start()
    while True:
        try:
            return trainer_to_come.result(timeout=0.05)
        except TimeoutError:
            if trainer_to_come.done():  # TensorFlow's own TimeoutError, not ours
                raise
            if is_stopped():
                trainer_to_come.add_done_callback(_keep_for_later)
                return None


def release_trainer(trainer: Trainer) -> None:
    """Keep a trainer that has done its run for the next of its shapes."""
    _idle_trainers.put(trainer)


def warm(dataset: Dataset, config: RunConfig) -> None:
    """Have a trainer for a config, ahead of the first run."""
    _idle_trainers.put(_idle_trainers.take(config, dataset) or make_trainer(config, dataset))


def _keep_for_later(trainer_to_come: "Future[Trainer]") -> None:
    if trainer_to_come.exception() is None:
        _idle_trainers.put(trainer_to_come.result())
