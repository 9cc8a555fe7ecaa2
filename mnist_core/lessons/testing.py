"""How far good results hold on new images: overfitting, labels learned by heart, choices that flatter.

Works on records and evaluations, as the lesson on testing needs it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from mnist_core.analysis.evaluation import Evaluation, logits_of, predict
from mnist_core.analysis.intervals import Interval, wilson_interval
from mnist_core.arrays import Float64Array, ReadOnlyArrays
from mnist_core.images.dataset import Dataset
from mnist_core.lessons.training_curves import Validated
from mnist_core.network.parameters import Parameters
from mnist_core.training.history import History
from mnist_core.training.record import RunRecord
from mnist_core.training.training_set import TrainingImages, training_images

Finding = Literal["turned", "gap", "underfit", "close"]

MIN_RISE: Final = 0.02
"""A validation loss must end this much above its lowest value, as a share of it, to count as risen."""
MIN_GAP: Final = 0.05
"""Training accuracy must exceed validation accuracy by this much to count as a gap."""
NO_FALL: Final = 0.005
"""A validation accuracy that ends at most this much below that of the best epoch has not fallen."""
LOW_ACCURACY: Final = 0.8
"""A network that gets less than this share of the right training labels has not learned even them."""
Z_95: Final = 1.96
"""A normal variable lies within ± 1.96 standard deviations of its mean with probability 0.95."""


@dataclass(frozen=True)
class Fit:
    """What the curves of a run say about overfitting.

    Attributes:
        finding: "turned": the validation loss has risen from its lowest value while the training loss fell
            further; "underfit": it has not, and even the training images are read badly; "gap": they are
            not, but training accuracy is well above validation accuracy; "close": none of these.
        epochs: Epochs trained.
        best_epoch: The epoch, from 1, after which the validation loss was lowest.
        best_loss: That loss, in nats.
        final_loss: The validation loss after the last epoch, in nats.
        training_loss: The running training loss of the last epoch, in nats.
        training_accuracy: The running training accuracy of the last epoch, 0 to 1.
        accuracy_at_best: The validation accuracy after the best epoch, 0 to 1.
        accuracy: The validation accuracy after the last epoch, 0 to 1.
        interval: Its 95% Wilson interval.
    """

    finding: Finding
    epochs: int
    best_epoch: int
    best_loss: float
    final_loss: float
    training_loss: float
    training_accuracy: float
    accuracy_at_best: float
    accuracy: float
    interval: Interval

    @property
    def gap(self) -> float:
        """Training accuracy minus validation accuracy at the end."""
        return self.training_accuracy - self.accuracy

    @property
    def accuracy_has_fallen(self) -> bool:
        """Whether the validation accuracy is lower at the end than after the best epoch."""
        return self.accuracy < self.accuracy_at_best - NO_FALL


def find_overfitting(history: History, n_validation: int, wrong_label_share: float = 0.0) -> Fit:
    """Read the curves of a run.

    Args:
        history: With validation figures.
        n_validation: Images they were measured on.
        wrong_label_share: Of the training labels; the validation labels are right.

    Raises:
        ValueError: There are no validation figures, or some are not finite.
    """
    losses = history.validation_loss
    if not len(losses) or not np.isfinite(losses).all():
        raise ValueError("Overfitting shows only in finite validation losses.")
    best = int(losses.argmin())
    accuracy, training_accuracy = float(history.validation_accuracy[-1]), float(history.training_accuracy[-1])
    interval = wilson_interval(round(accuracy * n_validation), n_validation)
    has_risen = losses[-1] > (1 + MIN_RISE) * losses[best]
    finding: Finding = "close"
    if has_risen and history.training_loss[-1] < history.training_loss[best]:
        finding = "turned"
    elif training_accuracy < LOW_ACCURACY * (1 - wrong_label_share):
        finding = "underfit"
    elif training_accuracy > max(interval.high, accuracy + MIN_GAP):
        finding = "gap"
    return Fit(
        finding=finding,
        epochs=len(losses),
        best_epoch=best + 1,
        best_loss=float(losses[best]),
        final_loss=float(losses[-1]),
        training_loss=float(history.training_loss[-1]),
        training_accuracy=training_accuracy,
        accuracy_at_best=float(history.validation_accuracy[best]),
        accuracy=accuracy,
        interval=interval,
    )


@dataclass(frozen=True)
class WrongLabels:
    """What a network says of the training images that had a wrong label.

    Attributes:
        n_wrong: Images with a wrong label.
        n_repeated: Of them, those for which it says the wrong label it was taught.
        n_read: Of them, those for which it says the digit in the image all the same.
    """

    n_wrong: int
    n_repeated: int
    n_read: int


def count_wrong_labels(record: RunRecord, dataset: Dataset) -> WrongLabels:
    """Look for the wrong labels of a run in its network's answers.

    Args:
        record: Of the run.
        dataset: What it was trained on.
    """
    return _count_in(record.parameters, training_images(record.config, dataset))


def _count_in(network: Parameters, chosen: TrainingImages) -> WrongLabels:
    """The same for the network of any moment."""
    wrong = np.flatnonzero(chosen.labels != chosen.digits)
    answers = logits_of(network, chosen.images[wrong], chosen.config.training.preparation).argmax(axis=1)
    n_repeated, n_read = (answers == chosen.labels[wrong]).sum(), (answers == chosen.digits[wrong]).sum()
    return WrongLabels(len(wrong), int(n_repeated), int(n_read))


@dataclass(frozen=True, eq=False)
class KeptMoments(ReadOnlyArrays):
    """The networks that a run kept, one before training and one after each epoch, looked at again.

    Attributes:
        repeated: Shape (epochs + 1,), for what share of the images with a wrong label the network says that
            label; nan if there are none.
        read: Shape (epochs + 1,), for what share of them it says the digit in the image.
        best_epoch: The epoch, from 1, after which the validation loss was lowest.
        stopped: The network of the best epoch on the test images.
        final: The network of the last epoch on the test images.
    """

    repeated: Float64Array
    read: Float64Array
    best_epoch: int
    stopped: Validated
    final: Validated

    @property
    def has_wrong_labels(self) -> bool:
        """Whether any training image had a wrong label."""
        return bool(np.isfinite(self.repeated).all())


def look_at_kept_moments(record: RunRecord, dataset: Dataset) -> KeptMoments:
    """What early stopping would have given: an analysis for the training process, a second of it.

    Args:
        record: Of a run with validation images.
        dataset: What it was trained on.
    """
    chosen, preparation = training_images(record.config, dataset), record.config.training.preparation
    counted = [_count_in(network, chosen) for network in record.snapshots]
    n_wrong = counted[0].n_wrong or np.nan
    best = int(record.history.validation_loss.argmin()) + 1
    stopped, final = (
        Validated.of(predict(network, dataset, preparation) == dataset.test_labels)
        for network in (record.snapshots[best], record.parameters)
    )
    return KeptMoments(
        repeated=np.array([each.n_repeated / n_wrong for each in counted]),
        read=np.array([each.n_read / n_wrong for each in counted]),
        best_epoch=best,
        stopped=stopped,
        final=final,
    )


@dataclass(frozen=True)
class Measured:
    """An accuracy as n images would show it.

    Attributes:
        n_images: Number of images.
        n_right: Images read correctly.
        interval: The 95% Wilson interval of the accuracy.
        margin: 1.96 √(p (1 − p) / n), the textbook's approximation of half its width, for the share p read
            right.
    """

    n_images: int
    n_right: int
    interval: Interval
    margin: float

    @property
    def accuracy(self) -> float:
        """Share of images read correctly."""
        return self.n_right / self.n_images


def measured_on(accuracy: float, n_images: int) -> Measured:
    """The interval an accuracy (0 to 1) would have if it had been found on `n_images` images."""
    n_right = round(accuracy * n_images)
    share = n_right / n_images
    margin = Z_95 * math.sqrt(share * (1 - share) / n_images)
    return Measured(n_images, n_right, wilson_interval(n_right, n_images), margin)


@dataclass(frozen=True)
class Spread:
    """Accuracies of several networks beside the width of their intervals.

    Attributes:
        lowest: Smallest accuracy, 0 to 1.
        highest: Largest accuracy, 0 to 1.
        width: Mean width of the 95% Wilson intervals.
    """

    lowest: float
    highest: float
    width: float

    @property
    def range(self) -> float:
        """From the smallest to the largest accuracy."""
        return self.highest - self.lowest


def spread_of(evaluations: Sequence[Evaluation]) -> Spread:
    """How far the accuracies of several networks lie apart."""
    accuracies = [evaluation.accuracy for evaluation in evaluations]
    widths = [evaluation.interval.width for evaluation in evaluations]
    return Spread(min(accuracies), max(accuracies), sum(widths) / len(widths))


@dataclass(frozen=True)
class Winner:
    """The network that read most of some images right, chosen many times over; means over all draws.

    Attributes:
        n_choosing: Images the choice was made on.
        accuracy_choosing: Of the winner on these images, 0 to 1.
        accuracy_others: Of the same winner on all other images, 0 to 1.
    """

    n_choosing: int
    accuracy_choosing: float
    accuracy_others: float

    @property
    def flattery(self) -> float:
        """By how much the first accuracy is above the second."""
        return self.accuracy_choosing - self.accuracy_others


def winners_by_size(
    evaluations: Sequence[Evaluation], sizes: Sequence[int], n_draws: int = 500
) -> list[Winner]:
    """The best of several runs, chosen on parts of the test images of several sizes, at last on one half.

    Args:
        evaluations: Of each run, on the same images.
        sizes: Numbers of images to choose on; those of one half and more are left out.
        n_draws: How many parts of each size are drawn.
    """
    is_right = np.array([evaluation.is_right for evaluation in evaluations])
    half = is_right.shape[1] // 2
    return [choose_winner(is_right, n, n_draws) for n in [*(n for n in sizes if n < half), half]]


def choose_winner(is_right: NDArray[np.bool_], n_choosing: int, n_draws: int = 500, seed: int = 0) -> Winner:
    """Choose the best of several networks on a random part of the images, and judge it on the rest.

    Args:
        is_right: Which network (row) reads which image (column) right, shape (networks, images).
        n_choosing: Images in the part, from 1 to one less than there are.
        n_draws: How many parts are drawn, to average over.
        seed: Of the draws.
    """
    random = np.random.default_rng(seed)
    n_images, totals = is_right.shape[1], is_right.sum(axis=1)
    sums = np.zeros(2)
    for _ in range(n_draws):
        part = random.choice(n_images, n_choosing, replace=False, shuffle=False)
        n_right = is_right[:, part].sum(axis=1)
        winner = n_right.argmax()  # of equals, the first
        n_right_of_others = totals[winner] - n_right[winner]
        sums += n_right[winner] / n_choosing, n_right_of_others / (n_images - n_choosing)
    choosing, others = sums / n_draws
    return Winner(n_choosing, float(choosing), float(others))
