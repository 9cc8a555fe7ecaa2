"""How long a training will take, estimated from its settings and from what trainings really took."""

import threading
from typing import Final

from mnist_core.config import RunConfig
from mnist_core.training.loops.numpy_loop import update_seconds
from mnist_core.training.loops.trainers import is_compiled
from mnist_core.training.stretches import stretches, timeline_of

START_SECONDS: Final = 1.0
"""To compile a network's loop, on the machine of the other constants (2 cores)."""
_MOVING: Final = 0.5
"""Microseconds to move an image."""
_DRAWING: Final = 0.004
"""Microseconds to draw for a neuron and an image whether it is left out, and to do so."""
_RATIO_WEIGHT: Final = 0.2
"""Of the newest training in the running ratio."""
_RATIO_LIMITS: Final = (0.2, 20.0)


def nominal_seconds(config: RunConfig, n_images: int, steps_done: int = 0) -> float:
    """Seconds of a training on the machine where the cost of an update was measured.

    A compiled update costs about 4 µs and, for each parameter, 0.0015 µs and 0.00007 µs for each image of its
    batch; for one in NumPy see `update_seconds`. An image that is moved, and a neuron that may be left out of
    an image, cost what is said below. Early stopping is not foreseen.

    Args:
        config: What is trained.
        n_images: Training images there are.
        steps_done: Updates that were made before.
    """
    timeline, seconds = timeline_of(config, config.training.split_sizes(n_images)[0]), 0.0
    for stretch in stretches(config):
        begin, end = timeline.span(stretch)
        n_updates, batch_size = max(0, end - max(begin, steps_done)), stretch.config.training.batch_size
        if is_compiled(stretch.config, n_images):
            microseconds = 4 + config.network.n_parameters * (0.0015 + 0.00007 * batch_size)
        else:
            microseconds = 1e6 * update_seconds(stretch.config)
        microseconds += batch_size * _MOVING * (config.training.shift > 0)
        microseconds += (
            batch_size * _DRAWING * sum(config.network.hidden_units) * (config.training.dropout > 0)
        )
        seconds += n_updates * microseconds * 1e-6
    return seconds + start_seconds(config, n_images, steps_done)


def start_seconds(config: RunConfig, n_images: int, steps_done: int = 0) -> float:
    """Seconds of them until the loops of a training are compiled; 0 where none is."""
    timeline = timeline_of(config, config.training.split_sizes(n_images)[0])
    to_come = (stretch for stretch in stretches(config) if timeline.span(stretch)[1] > steps_done)
    return START_SECONDS * sum(is_compiled(stretch.config, n_images) for stretch in to_come)


class Estimator:
    """Corrects estimates by a running ratio; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ratio = 1.0

    def seconds(self, nominal: float) -> float:
        """What a training of so many nominal seconds takes here."""
        return nominal * self._ratio

    def learn(self, nominal: float, seconds: float) -> None:
        """Take into account what a whole training really took, compiling included."""
        low, high = _RATIO_LIMITS
        ratio = min(high, max(low, seconds / nominal))
        with self._lock:
            self._ratio += _RATIO_WEIGHT * (ratio - self._ratio)
