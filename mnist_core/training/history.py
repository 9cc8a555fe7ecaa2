"""How loss and accuracy went while a network was trained."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import read_only


@dataclass(frozen=True, eq=False)
class History:
    """How loss and accuracy went, per epoch and within the epochs. Arrays are float64.

    The training figures of an epoch are running means over the epoch, taken while the network still
    changes, as Keras reports them; the validation figures are measured after its last update. That is
    one reason why validation is often the better of the two in epoch 1.

    Attributes:
        training_loss: Shape (epochs,), mean cross-entropy in nats, with the L2 term if there is one.
        training_accuracy: Shape (epochs,), 0 to 1.
        validation_loss: Shape (epochs,), or (0,) without a validation split; with the L2 term too.
        validation_accuracy: Shape (epochs,), or (0,).
        curve_step: Shape (points,), the number of updates made at each point of the finer curve.
        curve_loss: Shape (points,), mean training loss of the updates since the point before.
        curve_accuracy: Shape (points,), accuracy on the batches since the point before.
    """

    training_loss: NDArray[np.float64]
    training_accuracy: NDArray[np.float64]
    validation_loss: NDArray[np.float64]
    validation_accuracy: NDArray[np.float64]
    curve_step: NDArray[np.float64]
    curve_loss: NDArray[np.float64]
    curve_accuracy: NDArray[np.float64]

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            array = np.array(getattr(self, name), dtype=np.float64)
            object.__setattr__(self, name, read_only(array))

    @classmethod
    def joined(cls, parts: Sequence["History"]) -> "History":
        """Parts that follow each other in time, as one history."""
        names = cls.__dataclass_fields__
        return cls(**{name: np.concatenate([[], *(getattr(p, name) for p in parts)]) for name in names})

    @property
    def has_validation(self) -> bool:
        """Whether any validation figure was measured."""
        return self.validation_loss.size > 0
