"""Trainings that differ in one setting: their losses against updates, epochs and time, and who is ahead.

Reads records. They are compared on validation images: test images have no part in any choice.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from mnist_core.analysis.intervals import Interval, wilson_interval
from mnist_core.arrays import Float64Array
from mnist_core.training.record import RunRecord

Curve = tuple[Float64Array, Float64Array]
"""Where each point lies, such as the updates made, and the losses there in nats."""
Against = Literal["updates", "epochs", "seconds"]
"""What a loss is drawn against."""
AGAINST: Final[tuple[Against, ...]] = get_args(Against)
Key = TypeVar("Key")


@dataclass(frozen=True)
class Validated:
    """How a network reads the validation images of its run.

    Attributes:
        accuracy: After the last epoch, 0 to 1.
        interval: Its 95% Wilson interval.
    """

    accuracy: float
    interval: Interval

    @classmethod
    def of(cls, is_right: NDArray[np.bool_]) -> "Validated":
        """From whether each of n images is read correctly, shape (n,), n at least 1."""
        return cls(float(is_right.mean()), wilson_interval(int(is_right.sum()), len(is_right)))


@dataclass(frozen=True)
class Standing:
    """Several trainings at one place of their curves.

    Attributes:
        place: The end of the shortest curve: so many updates, epochs or seconds.
        losses: The training loss there, in nats, of each whose loss is finite and was measured so early.
    """

    place: float
    losses: Mapping[int, float]


def smoothed(
    places: Float64Array, losses: Float64Array, n_points: int = 40, is_logarithmic: bool = False
) -> Curve:
    """A curve of batch losses with less noise: means over stretches of it.

    Args:
        places: Shape (n,), such as the number of updates made at each point.
        losses: Shape (n,).
        n_points: Stretches at most.
        is_logarithmic: Whether each stretch is longer than the one before, for a logarithmic axis, or as
            long as it.

    Returns:
        The middle of each stretch, and the mean loss in it.
    """
    n_stretches: Any = max(1, min(n_points, len(losses)))
    if is_logarithmic:
        n_stretches = np.unique(np.geomspace(1, max(1, len(losses)), n_stretches).round().astype(int))[:-1]
    parts = [np.array_split(values, n_stretches) for values in (places, losses)]
    middles, means = (np.array([part.mean() for part in values if len(part)]) for values in parts)
    return middles, means


def training_curve(record: RunRecord, against: Against) -> Curve:
    """The training loss of a run, smoothed; every update is taken to have lasted as long as the others."""
    history = record.history
    is_logarithmic = against != "epochs"
    updates, losses = smoothed(history.curve_step, history.curve_loss, is_logarithmic=is_logarithmic)
    if against == "epochs":
        return record.timeline.epochs_at(updates), losses
    return updates * (1.0 if against == "updates" else record.seconds / max(1, record.steps_done)), losses


def standing(curves: Mapping[int, Curve]) -> Standing:
    """Compare curves where the shortest one ends: after the same number of updates, epochs or seconds."""
    ends = [places[-1] for places, _ in curves.values() if len(places)]
    place = float(min(ends, default=0.0))
    reaching = {name: curve for name, curve in curves.items() if len(curve[0]) and curve[0][0] <= place}
    losses = {name: float(np.interp(place, *curve)) for name, curve in reaching.items()}
    return Standing(place, {name: loss for name, loss in losses.items() if math.isfinite(loss)})


def validated(record: RunRecord) -> Validated:
    """The accuracy of a run on its validation images.

    Raises:
        ValueError: It has none.
    """
    if not record.history.has_validation:
        raise ValueError("This run has no validation images.")
    accuracy, n_images = float(record.history.validation_accuracy[-1]), record.n_validation_images
    return Validated(accuracy, wilson_interval(round(accuracy * n_images), n_images))


def clear_winner(results: Mapping[Key, Validated]) -> Key | None:
    """Whose interval lies above all others; None where the best one overlaps with another."""
    best = max(results, key=lambda name: results[name].accuracy)
    low = results[best].interval.low
    return best if all(low > r.interval.high for name, r in results.items() if name != best) else None
