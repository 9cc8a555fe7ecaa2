"""The networks that a run kept, from before its first update to its end."""

from dataclasses import dataclass

from mnist_core.network.parameters import Parameters
from mnist_core.training.record import RunRecord


@dataclass(frozen=True, eq=False)
class Moment:
    """One moment of a training that can be gone back to.

    Attributes:
        step: Updates made by then.
        epochs: Epochs done by then; a fraction where a run was stopped in mid-epoch.
        parameters: The network as it was.
    """

    step: int
    epochs: float
    parameters: Parameters


def moments(record: RunRecord) -> tuple[Moment, ...]:
    """Before the first update, after each whole epoch, and where the run was stopped in mid-epoch."""
    timeline = record.timeline
    reached = [Moment(timeline.ends[n], n, snapshot) for n, snapshot in enumerate(record.snapshots)]
    if record.steps_done > reached[-1].step:
        epochs = float(timeline.epochs_at(record.steps_done))
        reached.append(Moment(record.steps_done, epochs, record.parameters))
    return tuple(reached)
