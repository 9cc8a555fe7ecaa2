"""How far a training is, as it reports on its way."""

from dataclasses import dataclass

from mnist_core.network.parameters import Parameters
from mnist_core.training.history import History


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
        snapshot: The network as it is, if this report ends an epoch or the last one that had it is some time
            ago.
    """

    step: int
    n_steps: int
    epoch: int
    epochs: int
    seconds: float
    images_per_second: float
    seconds_left: float
    news: History
    snapshot: Parameters | None = None
