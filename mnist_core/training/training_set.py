"""Which images a run trains on, in which order and with which labels, and which validate: decided here."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import ByteArray
from mnist_core.config import N_DIGITS, RunConfig
from mnist_core.images.dataset import Dataset
from mnist_core.images.moving import move, places_of
from mnist_core.training.own_images import mix, pictures, with_rows

WRONG_LABELS_STREAM: Final = 100
ORDER_STREAM: Final = 101
SHIFT_STREAM: Final = 103
"""Streams of one seed. Layers of the network have the numbers from 0, see `initial_parameters`."""


@dataclass(frozen=True, eq=False)
class TrainingImages:
    """The images of a dataset as one run uses them: the first ones train, the ones after them validate.

    Attributes:
        config: Of the run.
        dataset: Where the images come from.
        all_labels: uint8, one for each training image of the dataset, the wrong ones put in on purpose, and
            behind them those of own images, which have the numbers from the dataset's on.
        n_training: Images the weights are trained on.
        n_validation: Images that validate, 0 for none; as in Keras, they follow the training images.
    """

    config: RunConfig
    dataset: Dataset
    all_labels: ByteArray
    n_training: int
    n_validation: int

    @property
    def images(self) -> ByteArray:
        """The images trained on, shape (n_training, 28, 28)."""
        return self.dataset.train_images[: self.n_training]

    @property
    def labels(self) -> ByteArray:
        """The labels they are taught with, shape (n_training,)."""
        return self.all_labels[: self.n_training]

    @property
    def digits(self) -> ByteArray:
        """The digits that are in them, shape (n_training,)."""
        return self.dataset.train_labels[: self.n_training]

    @property
    def validation_images(self) -> ByteArray:
        """Shape (n_validation, 28, 28)."""
        return self.dataset.train_images[self.n_training : self.n_training + self.n_validation]

    @property
    def validation_labels(self) -> ByteArray:
        """Shape (n_validation,); none of them is wrong on purpose."""
        return self.dataset.train_labels[self.n_training : self.n_training + self.n_validation]

    def shifts(self, epoch: int) -> NDArray[np.int64]:
        """By how many pixels an epoch (from 1) moves each image down and to the right, shape (n_training, 2).

        Every whole number from −`shift` to `shift` is equally likely, as in Keras's `RandomTranslation` of
        (`shift` + ½) / 28 with the nearest pixel.
        """
        most = self.config.training.shift
        random = np.random.default_rng([self.config.training.seed, SHIFT_STREAM, epoch])
        return random.integers(-most, most + 1, (self.n_training, 2))

    def seen(self, epoch: int, images: NDArray[np.integer[Any]] | None = None) -> ByteArray:
        """Training images as an epoch (from 1) shows them: moved, if they are; what is moved in is black.

        Args:
            epoch: From 1.
            images: Which of them, by their numbers; None: all.

        Returns:
            uint8, shape (n, 28, 28).
        """
        most = self.config.training.shift
        shown = self.images
        if images is not None:
            shown = pictures(self.dataset.train_images, self.dataset.mixture, images)
        if not most:
            return shown
        places = self._places if images is None else places_of(shown, most)
        down, right = (self.shifts(epoch) if images is None else self._shifts_of(epoch, images)).T
        return move(places, right, down)

    def rows(self, epoch: int) -> ByteArray:
        """What the numbers of an `order` mean, as an epoch (from 1) shows it: uint8, shape (n, 28, 28).

        All training images of the dataset, and behind them rows for own images; where images are moved and
        there are no own ones, those of the run alone.
        """
        mixture, n_images = self.dataset.mixture, len(self.dataset.train_labels)
        if not self.config.training.shift:
            return self._unmoved_rows
        images = self.seen(epoch)
        if mixture is None:
            return images
        own = self.seen(epoch, n_images + np.arange(len(mixture.labels)))
        unused = np.zeros((n_images - len(images), *images.shape[1:]), images.dtype)
        return with_rows(np.concatenate([images, unused]), own, mixture)

    @cached_property
    def _unmoved_rows(self) -> ByteArray:
        images, mixture = self.dataset.train_images, self.dataset.mixture
        return images if mixture is None else with_rows(images, mixture.images, mixture)

    def _shifts_of(self, epoch: int, images: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
        """The shifts of images by their numbers; own images have a stream of their own."""
        most, n_images = self.config.training.shift, len(self.dataset.train_labels)
        shifts: NDArray[np.int64] = self.shifts(epoch)[np.minimum(images, self.n_training - 1)]
        if (is_own := images >= n_images).any():
            random = np.random.default_rng([self.config.training.seed, SHIFT_STREAM, epoch, 1])
            own = random.integers(-most, most + 1, (len(self.all_labels) - n_images, 2))
            shifts[is_own] = own[images[is_own] - n_images]
        return shifts

    @cached_property
    def _places(self) -> ByteArray:
        return places_of(self.images, self.config.training.shift)

    def order(self, epoch: int) -> NDArray[np.int32]:
        """The numbers of an epoch's images (from 1) in their order, shape (n_training,).

        All images, shuffled; where own images take part, those take the places of some.
        """
        seed, mixture = self.config.training.seed, self.dataset.mixture
        order = shuffled_order(self.n_training, epoch, seed)
        if mixture is None or epoch < mixture.first_epoch:
            return order
        return mix(order, mixture, len(self.dataset.train_labels), epoch, seed)

    def batch(self, epoch: int, number: int) -> NDArray[np.int32]:
        """Which images are in a batch (from 1) of an epoch (from 1), in their order."""
        batch_size = self.config.in_epoch(epoch).training.batch_size
        return self.order(epoch)[(number - 1) * batch_size : number * batch_size]


def training_images(config: RunConfig, dataset: Dataset) -> TrainingImages:
    """The images that a run trains on and validates with, and their labels."""
    training = config.training
    n_training, n_validation = training.split_sizes(len(dataset.train_labels))
    labels = dataset.train_labels.copy()
    labels[:n_training] = make_wrong_labels(labels[:n_training], training.wrong_label_share, training.seed)
    if dataset.mixture is not None:
        labels = with_rows(labels, dataset.mixture.labels, dataset.mixture)
    return TrainingImages(config, dataset, labels, n_training, n_validation)


def make_wrong_labels(labels: NDArray[np.uint8], share: float, seed: int) -> NDArray[np.uint8]:
    """Labels of which a share, chosen at random, is replaced by one of the nine other digits.

    Args:
        labels: Shape (n,), 0 to 9.
        share: 0 to 1; the number replaced is `share` × n, rounded.
        seed: Equal seeds replace equal labels.

    Returns:
        A new array of the same shape.
    """
    random = np.random.default_rng([seed, WRONG_LABELS_STREAM])
    chosen = random.permutation(len(labels))[: round(share * len(labels))]
    wrong = labels.copy()
    wrong[chosen] = (labels[chosen] + random.integers(1, N_DIGITS, len(chosen))) % N_DIGITS
    return wrong


def shuffled_order(n_images: int, epoch: int, seed: int) -> NDArray[np.int32]:
    """The order in which an epoch (from 1) goes through its images, shape (n_images,)."""
    return np.random.default_rng([seed, ORDER_STREAM, epoch]).permutation(n_images).astype(np.int32)
