"""How long a training will take, estimated from its settings and from what trainings really took."""

import threading
from typing import Final

from mnist_core.config import RunConfig

START_SECONDS: Final = 1.0
"""To compile a network's loop, on the machine of the other constants (2 cores)."""
_RATIO_WEIGHT: Final = 0.2
"""Of the newest training in the running ratio."""
_RATIO_LIMITS: Final = (0.2, 20.0)


def nominal_seconds(config: RunConfig, n_images: int) -> float:
    """Seconds of a training on the machine where the cost of an update was measured.

    An update costs about 4 µs and, for each parameter, 0.0015 µs and 0.00007 µs for each image of its batch.

    Args:
        config: What is trained.
        n_images: Training images there are.
    """
    training = config.training
    n_updates = training.epochs * training.steps_per_epoch(n_images)
    microseconds = 4 + config.network.n_parameters * (0.0015 + 0.00007 * training.batch_size)
    return START_SECONDS + n_updates * microseconds * 1e-6


class Estimator:
    """Corrects estimates by a running ratio; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ratio = 1.0

    def seconds(self, nominal: float) -> float:
        """What a training of so many nominal seconds takes here."""
        return nominal * self._ratio

    def learn(self, nominal: float, seconds: float) -> None:
        """Take what a whole training really took into account."""
        low, high = _RATIO_LIMITS
        ratio = min(high, max(low, (seconds + START_SECONDS) / nominal))
        with self._lock:
            self._ratio += _RATIO_WEIGHT * (ratio - self._ratio)
