"""Which digits a network takes for which: the confusion matrix, and precision, recall and F1 of each digit.

It all needs no more than NumPy: scikit-learn, which the tests hold it against, takes 80 MB of every process
that loads it and more than a second of the first training.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_core.analysis.intervals import Interval, wilson_interval
from mnist_core.arrays import Float64Array, IndexArray, read_only
from mnist_core.config import N_DIGITS


@dataclass(frozen=True)
class DigitScores:
    """How well one digit is recognised.

    Attributes:
        digit: 0 to 9.
        precision: Of the images read as this digit, the share that are it; 0 if none was.
        recall: Of the images of this digit, the share read as it; 0 if there is none.
        f1: Harmonic mean of the two.
        support: Images of this digit.
    """

    digit: int
    precision: float
    recall: float
    f1: float
    support: int

    @property
    def recall_interval(self) -> Interval:
        """The 95% Wilson interval of the recall; of a digit without images, everything from 0 to 1."""
        if not self.support:
            return Interval(0.0, 1.0)
        return wilson_interval(round(self.recall * self.support), self.support)


@dataclass(frozen=True, eq=False)
class DigitReport:
    """Which digits a network mixes up.

    Attributes:
        confusion: Shape (10, 10), number of images by true digit (row) and prediction (column).
        scores: One entry a digit.
    """

    confusion: IndexArray
    scores: tuple[DigitScores, ...]

    @property
    def scored(self) -> tuple[DigitScores, ...]:
        """The scores that mean something: those of digits of which there are images."""
        return tuple(score for score in self.scores if score.support)

    @property
    def n_images(self) -> int:
        """How many images were read."""
        return int(self.confusion.sum())

    @property
    def n_right(self) -> int:
        """How many of them were read correctly."""
        return int(np.trace(self.confusion))

    @property
    def interval(self) -> Interval:
        """The 95% Wilson interval of the accuracy."""
        return wilson_interval(self.n_right, self.n_images)

    @property
    def confusion_by_row(self) -> Float64Array:
        """Shape (10, 10), each count as a share of its true digit's images; zeros where there are none."""
        return shares_by_row(self.confusion)

    @property
    def hardest(self) -> tuple[int, ...]:
        """The digit read correctly least often, then those whose intervals overlap with its own."""
        by_recall = sorted(self.scored, key=lambda score: score.recall)
        highest = by_recall[0].recall_interval.high
        return tuple(score.digit for score in by_recall if score.recall_interval.low <= highest)

    @property
    def most_frequent_mistakes(self) -> list[tuple[int, int]]:
        """True digit and prediction of the mistake made most often, or of several that were made as often."""
        by_count = self.frequent_mistakes(N_DIGITS**2)
        return [pair for pair in by_count if self.confusion[pair] == self.confusion[by_count[0]]]

    def frequent_mistakes(self, n: int) -> list[tuple[int, int]]:
        """True digit and prediction of the n most frequent mistakes, of fewer if fewer were made."""
        counts = np.where(np.eye(N_DIGITS, dtype=bool), 0, self.confusion)
        fullest = np.argsort(-counts, axis=None, kind="stable")[: min(n, np.count_nonzero(counts))]
        return [divmod(int(place), N_DIGITS) for place in fullest]


def confusion_of(labels: NDArray[np.integer], predictions: NDArray[np.integer]) -> IndexArray:
    """How many images of each true digit (row) were read as each digit: shape (10, 10).

    Args:
        labels: Shape (n,), 0 to 9.
        predictions: Shape (n,), 0 to 9.
    """
    places = labels.astype(np.int64) * N_DIGITS + predictions
    return read_only(np.bincount(places, minlength=N_DIGITS**2).reshape(N_DIGITS, N_DIGITS))


def shares_by_row(confusion: IndexArray) -> Float64Array:
    """Each count of a confusion matrix as a share of its true digit's images; zeros where there are none."""
    shares: Float64Array = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    return shares


def report_digits(labels: NDArray[np.integer], predictions: NDArray[np.integer]) -> DigitReport:
    """Which digits were read as which, both of shape (n,) and from 0 to 9.

    Precision is the share of a column on the diagonal, recall that of a row, and F1 their harmonic mean
    2 P R / (P + R); each is 0 where nothing is counted.
    """
    return report_confusion(confusion_of(labels, predictions))


def report_confusion(confusion: IndexArray) -> DigitReport:
    """The scores of each digit from a confusion matrix, shape (10, 10), as `confusion_of` gives it."""
    right, support, predicted = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    precision, recall = right / np.maximum(predicted, 1), right / np.maximum(support, 1)
    f1 = 2 * right / np.maximum(support + predicted, 1)
    columns = zip(precision, recall, f1, support, strict=True)
    scores = [DigitScores(d, float(p), float(r), float(f), int(n)) for d, (p, r, f, n) in enumerate(columns)]
    return DigitReport(confusion, tuple(scores))
