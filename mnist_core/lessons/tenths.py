"""Whether all parts of a dataset are equally easy, found out without a network.

Validation images are the last tenth of the training images, as in Keras. Here each tenth is read by a rule
that learns nothing but ten mean images, and nothing from the tenth it reads.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from mnist_core.arrays import ByteArray, Float32Array
from mnist_core.config import N_DIGITS
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import network_inputs
from mnist_core.lessons.ladder import biases_of_means, read_by_sums
from mnist_core.lessons.training_curves import Validated
from mnist_core.training.record import RunRecord

N_TENTHS: Final = 10


@dataclass(frozen=True)
class Tenths:
    """How a simple rule reads each tenth of the training images, having seen the nine others only.

    Attributes:
        of_training: Results on the ten tenths, in the order of the images.
        of_test: Results on the first and the second half of the test images, from all training images.
    """

    of_training: tuple[Validated, ...]
    of_test: tuple[Validated, ...]

    @property
    def last_is_easier(self) -> bool:
        """Whether the interval of the last tenth lies above those of the nine others."""
        *others, last = self.of_training
        return all(last.interval.low > other.interval.high for other in others)

    @property
    def others(self) -> tuple[float, float]:
        """The lowest and the highest accuracy of the first nine tenths."""
        accuracies = [result.accuracy for result in self.of_training[:-1]]
        return min(accuracies), max(accuracies)


def read_tenths(_record: RunRecord, dataset: Dataset) -> Tenths:
    """Read images by ten mean images, without any network: each image is the digit of the nearest mean.

    The means for a tenth come from the other nine tenths, so that no image is among those it is read by.
    An analysis for the training process, a fifth of a second of it.

    Args:
        _record: Of any run; only the images count.
        dataset: Whose images.
    """
    parts = np.array_split(np.arange(len(dataset.train_labels)), N_TENTHS)
    one_hot = [np.eye(N_DIGITS, dtype=np.float32)[dataset.train_labels[part]] for part in parts]
    rows = (network_inputs(dataset.train_images[part]) for part in parts)
    sums = np.array([y.T @ x for y, x in zip(one_hot, rows, strict=True)])
    counts = np.array([y.sum(axis=0) for y in one_hot])
    all_sums, all_counts = sums.sum(axis=0), counts.sum(axis=0)
    of_training = [
        _read_by_means(
            dataset.train_images[part], dataset.train_labels[part], all_sums - sums[n], all_counts - counts[n]
        )
        for n, part in enumerate(parts)
    ]
    halves = np.array_split(np.arange(len(dataset.test_labels)), 2)
    of_test = [
        _read_by_means(dataset.test_images[half], dataset.test_labels[half], all_sums, all_counts)
        for half in halves
    ]
    return Tenths(tuple(of_training), tuple(of_test))


def _read_by_means(
    images: ByteArray, labels: ByteArray, sums: Float32Array, counts: Float32Array
) -> Validated:
    means = (sums / np.maximum(counts, 1)[:, np.newaxis]).T.astype(np.float64)
    return Validated.of(read_by_sums(images, means, biases_of_means(means)) == labels)
