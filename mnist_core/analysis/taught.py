"""What a network gained and lost when it was taught with own images: before and after on the same images."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_core.analysis.evaluation import digits_of, logits_of
from mnist_core.analysis.intervals import Interval, wilson_interval
from mnist_core.arrays import ByteArray, IndexArray, ReadOnlyArrays
from mnist_core.config import Preparation
from mnist_core.network.parameters import Parameters


@dataclass(frozen=True, eq=False)
class BeforeAfter(ReadOnlyArrays):
    """Two networks on the same labelled images.

    Attributes:
        labels: Shape (n,), at least one.
        before: The digits that the first network reads, shape (n,).
        after: The digits that the second one reads, shape (n,).
    """

    labels: IndexArray
    before: IndexArray
    after: IndexArray

    @property
    def n_right(self) -> tuple[int, int]:
        """How many images each reads correctly."""
        return int((self.before == self.labels).sum()), int((self.after == self.labels).sum())

    @property
    def intervals(self) -> tuple[Interval, Interval]:
        """The 95% Wilson interval of each accuracy."""
        first, second = (wilson_interval(n, len(self.labels)) for n in self.n_right)
        return first, second

    @property
    def won(self) -> NDArray[np.intp]:
        """The images that only the second network reads correctly."""
        return np.flatnonzero((self.before != self.labels) & (self.after == self.labels))

    @property
    def lost(self) -> NDArray[np.intp]:
        """The images that only the first network reads correctly."""
        return np.flatnonzero((self.before == self.labels) & (self.after != self.labels))

    @property
    def changed(self) -> NDArray[np.intp]:
        """The images that they read as different digits, those won first and those lost next."""
        is_changed = self.before != self.after
        order = np.select([self.after == self.labels, self.before == self.labels], [0, 1], 2)
        places = np.flatnonzero(is_changed)
        return places[np.argsort(order[places], kind="stable")]

    def by_digit(self) -> IndexArray:
        """For each digit how many images were won and how many were lost, shape (10, 2)."""
        counts = [np.bincount(self.labels[places], minlength=10) for places in (self.won, self.lost)]
        return np.stack(counts, axis=1).astype(np.int64)


def compare(
    before: Parameters,
    after: Parameters,
    images: ByteArray,
    labels: NDArray[np.integer],
    preparation: Preparation = "usual",
) -> BeforeAfter:
    """Two networks on images.

    Args:
        before: The first network.
        after: The second one.
        images: uint8, shape (n, 28, 28).
        labels: Shape (n,).
        preparation: What both were trained with.

    Raises:
        ValueError: There are no images.
    """
    if not len(labels):
        raise ValueError("There are no images to compare the networks on.")
    first, second = (digits_of(logits_of(network, images, preparation)) for network in (before, after))
    return BeforeAfter(labels.astype(np.int64), first, second)
