"""Images that fool a network: each pixel is changed a little, to the side that raises the loss.

The fast gradient sign method of Goodfellow, Shlens and Szegedy, "Explaining and harnessing adversarial
examples" (2015): x + ε · sign(∂L/∂x), clipped to what a pixel can be. Here images stay whole gray levels, as
in a file, and ε is a number of gray levels: 255 times the ε of the paper. They are changed before they are
prepared, so that the same image can be shown to networks whose preparation differs.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.analysis.evaluation import digits_of, logits_of
from mnist_core.analysis.evidence import effective_weights, exact_inputs
from mnist_core.analysis.intervals import Interval, wilson_interval
from mnist_core.arrays import ByteArray, Float32Array, Float64Array, IndexArray, ReadOnlyArrays
from mnist_core.config import Preparation
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import IMAGE_SHAPE, in_image_order, network_inputs
from mnist_core.network.parameters import Parameters, softmax
from mnist_core.training.record import RunRecord

SIZES: Final = (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 64, 80)
"""Gray levels by which each pixel is changed; closer where the accuracy falls."""
N_IMAGES: Final = 1_000
"""Test images that are changed, at most."""
_SEED: Final = 0
WHITE: Final = 255
"""The largest gray level."""

SignArray = NDArray[np.int8]
"""−1, 0 or 1 for each pixel."""


@dataclass(frozen=True, eq=False)
class ChangedImage(ReadOnlyArrays):
    """One image after a change of all its pixels; arrays are read-only.

    Attributes:
        signs: Shape (28, 28), where the change makes a pixel lighter (1) or darker (−1).
        image: uint8 (28, 28), after it; gray levels end at 0 and 255.
        logits: Shape (10,).
        probabilities: Shape (10,).
    """

    signs: SignArray
    image: ByteArray
    logits: Float32Array
    probabilities: Float32Array

    @property
    def digit(self) -> int:
        """What it is read as."""
        return int(self.logits.argmax())

    def lead(self, digit: int, rival: int) -> float:
        """By how much the logit of a digit is above that of another."""
        return float(self.logits[digit] - self.logits[rival])


@dataclass(frozen=True, eq=False)
class FoolingReport(ReadOnlyArrays):
    """How a network reads test images after changes of each of `SIZES`; arrays are read-only.

    Attributes:
        numbers: Shape (n,), which test images, in ascending order.
        after_step: Shape (len(SIZES), n), whether each is read correctly after a step along the gradient.
        after_noise: The same after random signs of the same size.
    """

    numbers: IndexArray
    after_step: NDArray[np.bool_]
    after_noise: NDArray[np.bool_]

    @property
    def n_right(self) -> int:
        """Images that are read correctly as they are."""
        return int(self.after_step[0].sum())

    def n_fooled(self, size: int) -> int:
        """Images that are read correctly as they are and misread after a step of this size."""
        return int((self.after_step[0] & ~self.after_step[SIZES.index(size)]).sum())

    def n_fooled_by_noise(self, size: int) -> int:
        """The same after random signs."""
        return int((self.after_noise[0] & ~self.after_noise[SIZES.index(size)]).sum())

    def interval_of_fooled(self, size: int) -> Interval:
        """The 95% interval of the share of correctly read images that a step of this size fools."""
        return wilson_interval(self.n_fooled(size), max(1, self.n_right))


@dataclass(frozen=True)
class Transfer:
    """Whether images that fool one network fool another, which never saw the gradient they were made with.

    Attributes:
        n_fooling: Images that both networks read correctly as they are, and that fool the first.
        n_fooling_both: Of those, how many the second misreads too.
        n_by_noise: Of those, how many the second misreads after random signs of the same size.
    """

    n_fooling: int
    n_fooling_both: int
    n_by_noise: int


def loss_gradient(parameters: Parameters, inputs: NDArray[Any], labels: NDArray[np.integer]) -> Float64Array:
    """∂L/∂x: how each image's own loss changes with each of its inputs.

    Args:
        parameters: The network.
        inputs: Shape (n, 784), from `exact_inputs`.
        labels: Shape (n,), the digit that the loss asks for.

    Returns:
        Shape (n, 784).
    """
    errors: NDArray[Any] = softmax(parameters.logits(inputs))  # at the logits the derivative is p − y
    images = np.arange(len(labels))
    errors[images, labels] = 0
    errors[images, labels] = -errors.sum(axis=1)  # p − 1, which would be rounded to 0 where p is almost 1
    return effective_weights(parameters, inputs, errors)[0]


def gradient_signs(
    parameters: Parameters, images: ByteArray, labels: NDArray[np.integer], preparation: Preparation = "usual"
) -> SignArray:
    """sign(∂L/∂x) at the place of each pixel, shape (n, 28, 28): where lighter ink raises the loss, 1."""
    gradient = loss_gradient(parameters, exact_inputs(images, preparation), labels)
    signs: SignArray = np.sign(in_image_order(gradient, preparation)).astype(np.int8)
    return signs


def random_signs(n: int) -> SignArray:
    """1 or −1 at random for each pixel of n images, the same each time, shape (n, 28, 28)."""
    random = np.random.default_rng(_SEED)
    return random.choice(np.array([-1, 1], np.int8), (n, *IMAGE_SHAPE))


def change(images: ByteArray, signs: SignArray, size: int) -> ByteArray:
    """The image plus ε · signs, clipped to gray levels from 0 to 255: uint8 (…, 28, 28)."""
    moved = images.astype(np.int16) + size * signs.astype(np.int16)
    return moved.clip(0, WHITE).astype(np.uint8)


def step_signs(
    parameters: Parameters,
    image: ByteArray,
    away_from: int,
    towards: int | None = None,
    preparation: Preparation = "usual",
) -> SignArray:
    """The signs of one step: up the loss of one digit, or down the loss of another, shape (28, 28).

    Args:
        parameters: The network, its numbers finite.
        image: uint8 (28, 28).
        away_from: The digit whose loss is raised.
        towards: The digit whose loss is lowered instead, if there is one.
        preparation: What the network was trained with.
    """
    digit, direction = (away_from, 1) if towards is None else (towards, -1)
    signs = gradient_signs(parameters, image[None], np.array([digit]), preparation)[0]
    return np.asarray(direction * signs, np.int8)


def read_changed(
    parameters: Parameters,
    image: ByteArray,
    signs: SignArray,
    size: int,
    preparation: Preparation = "usual",
) -> ChangedImage:
    """Change an image, uint8 (28, 28), by so many gray levels, and read it."""
    changed = change(image, signs, size)
    logits = parameters.logits(network_inputs(changed[None], preparation))
    return ChangedImage(signs, changed, logits[0], softmax(logits)[0])


def chosen_images(n_test: int) -> IndexArray:
    """Which test images are changed: at most `N_IMAGES`, drawn at random, in ascending order."""
    return np.sort(np.random.default_rng(_SEED).permutation(n_test)[:N_IMAGES])


def signs_for(record: RunRecord, dataset: Dataset) -> SignArray:
    """The signs of a step away from the right digit, of each chosen test image: shape (n, 28, 28)."""
    numbers = chosen_images(len(dataset.test_images))
    images, labels = dataset.test_images[numbers], dataset.test_labels[numbers]
    return gradient_signs(record.parameters, images, labels, record.config.training.preparation)


def reads_correctly(record: RunRecord, dataset: Dataset, signs: SignArray, size: int) -> NDArray[np.bool_]:
    """Whether each chosen test image is read correctly after a change, shape (n,).

    Args:
        record: Of the network that reads.
        dataset: Its images.
        signs: Of the chosen images, perhaps from another network's gradient: shape (n, 28, 28).
        size: Gray levels.
    """
    numbers = chosen_images(len(dataset.test_images))
    changed = change(dataset.test_images[numbers], signs, size)
    logits = logits_of(record.parameters, changed, record.config.training.preparation)
    is_right: NDArray[np.bool_] = digits_of(logits) == dataset.test_labels[numbers]
    return is_right


def fooling_report(record: RunRecord, dataset: Dataset) -> FoolingReport:
    """Read test images after changes of each size: an analysis, 0.1 s for the classic network."""
    numbers = chosen_images(len(dataset.test_images))
    after_step, after_noise = (
        np.stack([reads_correctly(record, dataset, signs, size) for size in SIZES])
        for signs in (signs_for(record, dataset), random_signs(len(numbers)))
    )
    return FoolingReport(numbers, after_step, after_noise)


def transfer(
    first: FoolingReport,
    second: FoolingReport,
    second_after_step: NDArray[np.bool_],
    size: int,
) -> Transfer:
    """Count how many of the images that fool the first network fool the second.

    Args:
        first: Of the network whose gradient was taken.
        second: Of the other one, on the same images.
        second_after_step: Shape (n,), whether the second reads each of the first's changed images correctly.
        size: Of the change, one of `SIZES`.

    Raises:
        ValueError: The two were judged on different images.
    """
    if not np.array_equal(first.numbers, second.numbers):
        raise ValueError("The two networks were judged on different images.")
    place = SIZES.index(size)
    is_fooling = first.after_step[0] & second.after_step[0] & ~first.after_step[place]
    return Transfer(
        n_fooling=int(is_fooling.sum()),
        n_fooling_both=int((is_fooling & ~second_after_step).sum()),
        n_by_noise=int((is_fooling & ~second.after_noise[place]).sum()),
    )
