"""How a run is taught with own images: gone on with from its end, or trained anew; and what it was before."""

from dataclasses import dataclass, replace

from mnist_core.config import LIMITS, RunConfig
from mnist_core.images.mixture import Mixture
from mnist_core.network.parameters import Parameters
from mnist_core.training.record import RunRecord
from mnist_core.training.stretches import with_more_epochs


@dataclass(frozen=True)
class Lesson:
    """A training with own images.

    Attributes:
        config: Of the run.
        first_epoch: From which the own images take part.
    """

    config: RunConfig
    first_epoch: int


def untaught(record: RunRecord) -> RunConfig:
    """The settings of a run as far as it had no own images; all of them if it had some from the start."""
    earlier = None if record.mixture is None else before(record.config, record.mixture)
    return record.config if earlier is None else earlier


def before(config: RunConfig, mixture: Mixture) -> RunConfig | None:
    """The settings of a training as far as it has no own images; None if it has some from the start."""
    return None if mixture.first_epoch == 1 else config.with_changes(epochs=mixture.first_epoch - 1)


def anew(record: RunRecord) -> Lesson:
    """The settings of a run once more, with own images from the first epoch on."""
    return Lesson(untaught(record), 1)


def further(record: RunRecord, n_epochs: int) -> Lesson | None:
    """A run that goes on for some epochs with own images; where it had some, from before those.

    Args:
        record: Of the run.
        n_epochs: That it goes on for.

    Returns:
        None where it cannot: it is paused, early stopping watches it, or it would be too long.
    """
    config = untaught(record)
    is_whole = config != record.config or not record.is_stopped
    if not is_whole or config.training.patience:
        return None
    if config.training.epochs + n_epochs > LIMITS["epochs"].highest:
        return None
    longer = with_more_epochs(config, n_epochs)
    return None if longer is None else Lesson(longer, config.training.epochs + 1)


def mixed(mixture: Mixture, lesson: Lesson, share: float) -> Mixture:
    """Own images as a training has them."""
    return replace(mixture, share=share, first_epoch=lesson.first_epoch)


def network_before(record: RunRecord) -> Parameters | None:
    """The network of a taught run before its first own image; None where it had them from the start."""
    if record.mixture is None or record.mixture.first_epoch > record.epochs_done:
        return record.parameters
    return None if record.mixture.first_epoch == 1 else record.snapshots[record.mixture.first_epoch - 1]
