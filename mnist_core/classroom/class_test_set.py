"""A class's own test set: a network judged on the digits that people in a room have drawn."""

import io
from dataclasses import dataclass

import numpy as np

from mnist_core.analysis.evaluation import Evaluation, evaluate
from mnist_core.analysis.reports import DigitReport, report_digits
from mnist_core.arrays import ByteArray
from mnist_core.config import Preparation
from mnist_core.network.parameters import Parameters


@dataclass(frozen=True, eq=False)
class ClassTestResult:
    """A network judged on drawings.

    Attributes:
        evaluation: Accuracy with its interval, and every reading.
        report: The confusion matrix and the scores of each digit.
    """

    evaluation: Evaluation
    report: DigitReport


def judge(
    parameters: Parameters, images: ByteArray, labels: ByteArray, preparation: Preparation = "usual"
) -> ClassTestResult:
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
    return ClassTestResult(evaluation, report_digits(labels, evaluation.predictions))


def to_npz(images: ByteArray, labels: ByteArray) -> bytes:
    """Drawings as a file with `x_test`, uint8 (n, 28, 28), and `y_test`, uint8 (n,), as `mnist.npz` has them.

    It holds no Python objects, so `np.load(file, allow_pickle=False)` reads it.
    """
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, x_test=images, y_test=labels)
    return file.getvalue()
