"""A class's own test set: a network judged on the digits that people in a room have drawn.

Counts with NumPy what `evaluation.report_digits` counts with scikit-learn, because a wall is judged while the
class looks at it, in the process that has no room for scikit-learn.
"""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_core.config import N_DIGITS, Preparation
from mnist_core.data import ByteArray
from mnist_core.evaluation import DigitReport, DigitScores, Evaluation, evaluate
from mnist_core.network import Parameters


@dataclass(frozen=True, eq=False)
class Judgement:
    """A network judged on drawings.

    Attributes:
        evaluation: Accuracy with its interval, and every reading.
        report: The confusion matrix and the scores of each digit.
    """

    evaluation: Evaluation
    report: DigitReport


def judge(
    parameters: Parameters, images: ByteArray, labels: ByteArray, preparation: Preparation = "usual"
) -> Judgement:
    """Judge a network on drawings.

    Args:
        parameters: The trained network.
        images: uint8, shape (n, 28, 28), prepared as MNIST's were.
        labels: uint8, shape (n,), the digits asked for.
        preparation: What the network was trained with.

    Raises:
        ValueError: There are no drawings.
    """
    evaluation = evaluate(parameters, images, labels, preparation)
    return Judgement(evaluation, count_digits(labels, evaluation.predictions))


def count_digits(labels: NDArray[np.integer], predictions: NDArray[np.integer]) -> DigitReport:
    """Which digits were read as which, both of shape (n,) and from 0 to 9.

    Precision is the share of a column on the diagonal, recall that of a row, and F1 their harmonic mean
    2 P R / (P + R); each is 0 where nothing is counted.
    """
    places = labels.astype(np.int64) * N_DIGITS + predictions
    confusion = np.bincount(places, minlength=N_DIGITS**2).reshape(N_DIGITS, N_DIGITS)
    confusion.setflags(write=False)
    right, support, predicted = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    precision, recall = right / np.maximum(predicted, 1), right / np.maximum(support, 1)
    f1 = 2 * right / np.maximum(support + predicted, 1)
    columns = zip(precision, recall, f1, support, strict=True)
    scores = [DigitScores(d, float(p), float(r), float(f), int(n)) for d, (p, r, f, n) in enumerate(columns)]
    return DigitReport(confusion, tuple(scores))


def to_npz(images: ByteArray, labels: ByteArray) -> bytes:
    """Drawings as a file with `x_test`, uint8 (n, 28, 28), and `y_test`, uint8 (n,), as `mnist.npz` has them.

    It holds no Python objects, so `np.load(file, allow_pickle=False)` reads it.
    """
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, x_test=images, y_test=labels)
    return file.getvalue()
