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
    per_epoch = record.steps_per_epoch
    reached = [Moment(n * per_epoch, n, snapshot) for n, snapshot in enumerate(record.snapshots)]
    if record.steps_done > reached[-1].step:
        reached.append(Moment(record.steps_done, record.steps_done / per_epoch, record.parameters))
    return tuple(reached)
