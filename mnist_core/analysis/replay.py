"""The moments of a training, from before its first update to its end, and how the network was at each.

Reads the snapshots of a record. How each of them reads all test images is an analysis, done once by the
training process; what one image makes of them is so little that a page computes it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_core.analysis.evaluation import predict
from mnist_core.analysis.reports import confusion_of
from mnist_core.arrays import Float32Array, ReadOnlyArrays
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import network_inputs
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


@dataclass(frozen=True, eq=False)
class Replay(ReadOnlyArrays):
    """How the network of each of k moments reads the test images; arrays are read-only.

    Attributes:
        confusions: Shape (k, 10, 10), int64, images by true digit (row) and prediction (column); an image
            that gets a number which is not finite counts as read as a 0.
        accuracies: Shape (k,), 0 to 1.
    """

    confusions: NDArray[np.int64]
    accuracies: NDArray[np.float64]


def moments(record: RunRecord) -> tuple[Moment, ...]:
    """Before the first update, after each whole epoch, and where the run was stopped in mid-epoch."""
    per_epoch = record.steps_per_epoch
    reached = [Moment(n * per_epoch, n, snapshot) for n, snapshot in enumerate(record.snapshots)]
    if record.steps_done > reached[-1].step:
        reached.append(Moment(record.steps_done, record.steps_done / per_epoch, record.parameters))
    return tuple(reached)


def replay_run(record: RunRecord, dataset: Dataset) -> Replay:
    """Count how the network read the test images at every moment; done by the training process."""
    labels, preparation = dataset.test_labels, record.config.training.preparation
    counted = np.stack(
        [confusion_of(labels, predict(moment.parameters, dataset, preparation)) for moment in moments(record)]
    )
    return Replay(counted, np.trace(counted, axis1=1, axis2=2) / len(labels))


def image_probabilities(record: RunRecord, image: NDArray[np.uint8]) -> Float32Array:
    """One image's softmax outputs at every moment.

    Args:
        record: Of k moments.
        image: uint8, shape (28, 28).

    Returns:
        Shape (k, 10), each row from 0 to 1 and summing to 1; not-a-number where the network had diverged.
    """
    row = network_inputs(image[None], record.config.training.preparation)
    with np.errstate(all="ignore"):
        return np.concatenate([moment.parameters.probabilities(row) for moment in moments(record)])
