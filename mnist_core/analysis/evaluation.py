"""How good a trained network is: on which images, for which digits, and how sure it may be.

Reads a network's logits on labelled images and gives everything the evaluate page shows. It all needs no more
than NumPy: scikit-learn, which the tests hold it against, takes 80 MB of every process that loads it and more
than a second of the first training.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import Float32Array, Float64Array, IndexArray
from mnist_core.config import N_DIGITS, Preparation
from mnist_core.images.dataset import Dataset, network_inputs
from mnist_core.network.parameters import Parameters, cross_entropy, softmax
from mnist_core.training.record import RunRecord

N_BINS: Final = 10
"""Bins of the reliability diagram, each a tenth of the confidence from 0 to 1."""
_Z: Final = NormalDist().inv_cdf(0.975)  # 1.96: so many standard deviations to each side hold 95 %
_CHUNK: Final = 2_000  # images at a time: their float inputs take 6 MB instead of 31


@dataclass(frozen=True)
class Interval:
    """A 95 % confidence interval of a share, both ends from 0 to 1."""

    low: float
    high: float


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
    def n_images(self) -> int:
        """Images judged."""
        return int(self.confusion.sum())

    @property
    def n_right(self) -> int:
        """Images read right."""
        return int(np.trace(self.confusion))

    @property
    def confusion_by_row(self) -> Float64Array:
        """Shape (10, 10), each count as a share of its true digit's images; zeros where there are none."""
        support = self.confusion.sum(axis=1, keepdims=True)
        shares: Float64Array = self.confusion / np.maximum(support, 1)
        return shares


@dataclass(frozen=True, eq=False)
class Calibration:
    """Whether the network is right as often as it is confident.

    Attributes:
        bin_edges: Shape (11,), from 0 to 1; a bin excludes its lower edge and includes its upper.
        counts: Shape (10,), images whose confidence lies in the bin.
        mean_confidence: Shape (10,), nan for an empty bin.
        accuracy: Shape (10,), share of right answers, nan for an empty bin.
        interval_low: Shape (10,), lower end of the accuracy's Wilson interval, nan for an empty bin.
        interval_high: Shape (10,), its upper end.
        expected_calibration_error: Mean distance of accuracy and confidence over the bins, weighted by
            their counts (Guo et al., 2017, equation 3).
    """

    bin_edges: Float64Array
    counts: IndexArray
    mean_confidence: Float64Array
    accuracy: Float64Array
    interval_low: Float64Array
    interval_high: Float64Array
    expected_calibration_error: float


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A network judged on n labelled images; arrays are read-only.

    Attributes:
        labels: Shape (n,), the true digits.
        logits: Shape (n, 10), float32; nothing but zeros where the network gave no finite number.
        probabilities: Shape (n, 10), float32, softmax of the logits.
        predictions: Shape (n,), the digit with the largest logit.
        is_finite: Whether every logit was a finite number; not so after a training that diverged.
        accuracy: Share of right predictions.
        interval: Its 95 % Wilson interval.
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
        """Images judged."""
        return len(self.labels)

    @property
    def n_right(self) -> int:
        """Images read right."""
        return int((self.labels == self.predictions).sum())

    @property
    def confidence(self) -> Float32Array:
        """Shape (n,), the largest of each image's ten probabilities."""
        confidence: Float32Array = self.probabilities.max(axis=1)
        return confidence

    def cell(self, true_digit: int, prediction: int) -> IndexArray:
        """Indices of the images in one cell of the confusion matrix, most confident first."""
        found = np.flatnonzero((self.labels == true_digit) & (self.predictions == prediction))
        return found[np.argsort(-self.confidence[found], kind="stable")]


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
        chunks = [
            parameters.logits(network_inputs(images[start : start + _CHUNK], preparation))
            for start in range(0, len(images), _CHUNK)
        ]
    return np.concatenate(chunks or [np.zeros((0, N_DIGITS), np.float32)])


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
    evaluation = Evaluation(
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
    for array in (
        evaluation.labels,
        known,
        probabilities,
        predictions,
        losses,
        evaluation.mistakes,
    ):
        array.setflags(write=False)
    return evaluation


def wilson_interval(n_right: int, n: int) -> Interval:
    """The 95 % interval of a share; unlike ± 1.96 σ it never leaves 0 to 1.

    Wilson (1927): (p + z²/2n ± z √(p (1 − p)/n + z²/4n²)) / (1 + z²/n). SciPy has it too, for 60 MB.
    """
    p, z_squared = n_right / n, _Z * _Z
    centre = p + z_squared / (2 * n)
    margin = _Z * math.sqrt(p * (1 - p) / n + z_squared / (4 * n * n))
    scale = 1 + z_squared / n
    return Interval(max(0.0, (centre - margin) / scale), min(1.0, (centre + margin) / scale))


def calibrate(confidence: NDArray[np.floating], is_right: NDArray[np.bool_]) -> Calibration:
    """The reliability diagram of n answers.

    Args:
        confidence: Shape (n,), 0 to 1.
        is_right: Shape (n,).
    """
    edges = np.linspace(0, 1, N_BINS + 1)
    bins = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, N_BINS - 1)
    counts = np.bincount(bins, minlength=N_BINS)
    right = np.bincount(bins, weights=is_right, minlength=N_BINS)
    total = np.bincount(bins, weights=confidence, minlength=N_BINS)
    with np.errstate(invalid="ignore"):
        accuracy, mean_confidence = right / counts, total / counts
    intervals = [
        wilson_interval(int(r), int(n)) if n else Interval(np.nan, np.nan)
        for r, n in zip(right, counts, strict=True)
    ]
    return Calibration(
        bin_edges=edges,
        counts=counts,
        mean_confidence=mean_confidence,
        accuracy=accuracy,
        interval_low=np.array([interval.low for interval in intervals]),
        interval_high=np.array([interval.high for interval in intervals]),
        expected_calibration_error=float(np.abs(right - total).sum() / counts.sum()),
    )


def confusion_of(labels: NDArray[np.integer], predictions: NDArray[np.integer]) -> IndexArray:
    """How many images of each true digit (row) were read as each digit: shape (10, 10).

    Args:
        labels: Shape (n,), 0 to 9.
        predictions: Shape (n,), 0 to 9.
    """
    places = labels.astype(np.int64) * N_DIGITS + predictions
    confusion: IndexArray = np.bincount(places, minlength=N_DIGITS**2).reshape(N_DIGITS, N_DIGITS)
    confusion.setflags(write=False)
    return confusion


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


def report_run(record: RunRecord, dataset: Dataset) -> DigitReport:
    """Count how a run's network reads the test images; done by the training process."""
    return report_digits(
        dataset.test_labels, predict(record.parameters, dataset, record.config.training.preparation)
    )


def predict(parameters: Parameters, dataset: Dataset, preparation: Preparation = "usual") -> IndexArray:
    """The digits a network reads on the test images, shape (n,); 0 where it gives no finite numbers."""
    found: IndexArray = _finite(logits_of(parameters, dataset.test_images, preparation)).argmax(axis=1)
    return found


def _finite(logits: Float32Array) -> Float32Array:
    """The logits, zeros for an image that got a number which is not finite."""
    is_finite = np.isfinite(logits).all(axis=1, keepdims=True)
    return np.where(is_finite, logits, np.float32(0)).astype(np.float32)
