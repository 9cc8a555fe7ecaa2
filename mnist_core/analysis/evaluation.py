"""How good a trained network is on labelled images, from its logits; `reports` says it for each digit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_core.analysis.calibration import Calibration, calibrate
from mnist_core.analysis.intervals import Interval, wilson_interval
from mnist_core.analysis.reports import DigitReport, report_digits
from mnist_core.arrays import Float32Array, IndexArray, ReadOnlyArrays, in_chunks
from mnist_core.config import Preparation
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import Parameters, cross_entropy, softmax
from mnist_core.training.record import RunRecord


@dataclass(frozen=True, eq=False)
class Evaluation(ReadOnlyArrays):
    """A network judged on n labelled images; arrays are read-only.

    Attributes:
        labels: Shape (n,), the true digits.
        logits: Shape (n, 10), float32; nothing but zeros where the network gave no finite number.
        probabilities: Shape (n, 10), float32, softmax of the logits.
        predictions: Shape (n,), the digit with the largest logit.
        is_finite: Whether every logit was a finite number; not so after a training that diverged.
        accuracy: Share of right predictions.
        interval: Its 95% Wilson interval.
        losses: Shape (n,), float32, each image's cross-entropy in nats.
        loss: Their mean.
        mistakes: Indices of the misread images, the most confident mistake first.
        calibration: The reliability diagram's numbers.
    """

    labels: IndexArray
    logits: Float32Array
    probabilities: Float32Array
    predictions: IndexArray
    is_finite: bool
    accuracy: float
    interval: Interval
    losses: Float32Array
    loss: float
    mistakes: IndexArray
    calibration: Calibration

    @property
    def n_images(self) -> int:
        """How many images were read."""
        return len(self.labels)

    @property
    def is_right(self) -> NDArray[np.bool_]:
        """Shape (n,), whether each image was read correctly."""
        is_right: NDArray[np.bool_] = self.predictions == self.labels
        return is_right

    @property
    def n_right(self) -> int:
        """How many images were read correctly."""
        return int(self.is_right.sum())

    @property
    def confidence(self) -> Float32Array:
        """Shape (n,), the largest of each image's ten probabilities."""
        confidence: Float32Array = self.probabilities.max(axis=1)
        return confidence

    @property
    def report(self) -> DigitReport:
        """Which digits were read as which."""
        return report_digits(self.labels, self.predictions)

    def cell(self, true_digit: int, prediction: int) -> IndexArray:
        """Indices of the images in one cell of the confusion matrix, most confident first."""
        indices = np.flatnonzero((self.labels == true_digit) & (self.predictions == prediction))
        return indices[np.argsort(-self.confidence[indices], kind="stable")]


def evaluate(
    parameters: Parameters,
    images: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    preparation: Preparation = "usual",
) -> Evaluation:
    """Judge a network on images.

    Args:
        parameters: The trained network.
        images: uint8, shape (n, 28, 28).
        labels: Shape (n,), 0 to 9.
        preparation: What it was trained with.

    Raises:
        ValueError: There are no images.
    """
    return evaluate_logits(logits_of(parameters, images, preparation), labels)


def logits_of(
    parameters: Parameters, images: NDArray[np.uint8], preparation: Preparation = "usual"
) -> Float32Array:
    """A network's logits on images, uint8 of shape (n, 28, 28), some at a time: shape (n, 10)."""
    with np.errstate(all="ignore"):  # a network that diverged has infinite weights
        return np.concatenate(
            [parameters.logits(network_inputs(chunk, preparation)) for chunk in in_chunks(images)]
        )


def logits_on_test_images(record: RunRecord, dataset: Dataset) -> Float32Array:
    """What a run's network makes of the test images, shape (n, 10): the training process sends it along.

    All that is said of a run on these images follows from it, so that they go through the network once.
    """
    return logits_of(record.parameters, dataset.test_images, record.config.training.preparation)


def evaluate_logits(logits: Float32Array, labels: NDArray[np.integer]) -> Evaluation:
    """Judge logits, shape (n, 10), against labels, shape (n,).

    Raises:
        ValueError: There are no images.
    """
    if not len(labels):
        raise ValueError("There are no images to judge the network on.")
    is_finite = bool(np.isfinite(logits).all())
    known = _finite(logits)
    truth = labels.astype(np.int64)
    probabilities, predictions = softmax(known), known.argmax(axis=1)
    is_right = predictions == truth
    wrong = np.flatnonzero(~is_right)
    confidence = probabilities.max(axis=1)
    losses = cross_entropy(known, truth)
    return Evaluation(
        labels=truth,
        logits=known,
        probabilities=probabilities,
        predictions=predictions,
        is_finite=is_finite,
        accuracy=float(is_right.mean()),
        interval=wilson_interval(int(is_right.sum()), len(truth)),
        losses=losses,
        loss=float(losses.mean(dtype=np.float64)),
        mistakes=wrong[np.argsort(-confidence[wrong], kind="stable")],
        calibration=calibrate(confidence, is_right),
    )


def predict(parameters: Parameters, dataset: Dataset, preparation: Preparation = "usual") -> IndexArray:
    """The digits a network reads on the test images, shape (n,); 0 where it gives no finite numbers."""
    return digits_of(logits_of(parameters, dataset.test_images, preparation))


def digits_of(logits: Float32Array) -> IndexArray:
    """The digit with the largest of each image's logits, shape (n,); 0 where one is not a finite number."""
    digits: IndexArray = _finite(logits).argmax(axis=1)
    return digits


def _finite(logits: Float32Array) -> Float32Array:
    """The logits, zeros for an image that got a number which is not finite."""
    is_finite = np.isfinite(logits).all(axis=1, keepdims=True)
    return np.where(is_finite, logits, np.float32(0)).astype(np.float32)
