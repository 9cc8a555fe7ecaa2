"""An epoch cut into batches, and how much the gradient of a batch is like the gradient of all images.

Reads a network and its training images, and gives what the lesson on epochs and batches shows. Which images
are in a batch is decided in `training_set`; the plan here counts the same batches.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import IndexArray, in_chunks
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import Parameters
from mnist_core.network.passes import backward, forward
from mnist_core.training.record import RunRecord
from mnist_core.training.training_set import TrainingImages, training_images

N_DRAWS: Final = {1: 100, 32: 40, 1_024: 12}
"""How many batches of each size are drawn of a run."""
MAX_MOMENTS: Final = 6
RIGHT_ANGLE: Final = 90.0
"""Degrees. The loss of all images falls along a direction at less than this, and rises beyond it."""


@dataclass(frozen=True)
class EpochPlan:
    """One epoch of `n_images` in batches of `batch_size`; the last batch takes what is left."""

    n_images: int
    batch_size: int

    @property
    def n_full(self) -> int:
        """Batches of the whole size."""
        return self.n_images // self.batch_size

    @property
    def n_left(self) -> int:
        """Images in the last, smaller batch; 0 if there is none."""
        return self.n_images % self.batch_size

    @property
    def n_batches(self) -> int:
        """All batches, and so the updates of an epoch."""
        return self.n_full + (self.n_left > 0)


@dataclass(frozen=True, eq=False)
class GradientSpread:
    """Gradients of random batches of one size beside the gradient of all images.

    Attributes:
        batch_size: Images in each batch.
        angles: Shape (n_draws,), degrees between the two, 0 to 180; nan where a gradient is zero.
        lengths: Shape (n_draws,), how many times as long as the gradient of all images.
    """

    batch_size: int
    angles: NDArray[np.float64]
    lengths: NDArray[np.float64]

    @property
    def n_uphill(self) -> int:
        """Batches whose own update, however small, would raise the loss of all images: over 90 degrees."""
        return int((self.angles > RIGHT_ANGLE).sum())

    @property
    def pulls(self) -> NDArray[np.float64]:
        """How far each gradient goes along that of all images, whose length is 1; below 0 uphill."""
        return self.lengths * np.cos(np.radians(self.angles))


@dataclass(frozen=True, eq=False)
class UphillImages:
    """The single images whose gradient points uphill for all images together.

    Attributes:
        indices: Shape (n,), which training images, the strongest pull uphill first.
        n_right: How many of them the network reads correctly.
        uphill: What they bring to the mean pull of all images drawn; 0 or below.
        downhill: What the others bring to it.
    """

    indices: IndexArray
    n_right: int
    uphill: float
    downhill: float


def gradient_of(
    parameters: Parameters, chosen: TrainingImages, indices: NDArray[np.integer]
) -> NDArray[np.float64]:
    """The gradient of the mean loss of some images, as one vector of shape (n_parameters,).

    The mean over many images is the mean of the means of parts, each weighted by its size.
    """
    training = chosen.config.training
    total = np.zeros(parameters.network.n_parameters)
    for part in in_chunks(indices):
        inputs = network_inputs(chosen.images[part], training.preparation)
        gradients = backward(parameters, forward(parameters, inputs), chosen.labels[part], training.l2)
        total += gradients.flat() * len(part)
    return total / len(indices)


def drawn_batches(n_images: int, batch_size: int, n_draws: int) -> list[NDArray[np.integer]]:
    """Random batches of at most all images, no image twice if there are enough; the same every time."""
    random = np.random.default_rng(batch_size)
    size = min(batch_size, n_images)
    if n_draws * size <= n_images:
        return list(random.choice(n_images, (n_draws, size), replace=False))
    return [random.choice(n_images, size, replace=False) for _ in range(n_draws)]


def gradient_spread(
    parameters: Parameters,
    chosen: TrainingImages,
    whole: NDArray[np.float64],
    batch_size: int,
    n_draws: int = 40,
) -> GradientSpread:
    """Draw batches at random and compare their gradients with the gradient of all images.

    Args:
        parameters: The network, at some moment of its training.
        chosen: What it trains on.
        whole: The gradient of all images, from `gradient_of`.
        batch_size: At most the number of images.
        n_draws: How many batches, of those of `drawn_batches`.
    """
    batches = drawn_batches(len(chosen.labels), batch_size, n_draws)
    gradients = np.array([gradient_of(parameters, chosen, batch) for batch in batches])
    lengths = np.linalg.norm(gradients, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosines = gradients @ whole / (lengths * np.linalg.norm(whole))
        angles = np.degrees(np.arccos(np.clip(cosines, -1, 1)))
        return GradientSpread(batch_size, angles, lengths / np.linalg.norm(whole))


def spreads_over_time(
    snapshots: Sequence[Parameters], chosen: TrainingImages, n_draws: Mapping[int, int], n_moments: int
) -> dict[int, tuple[GradientSpread, ...]]:
    """How batches of several sizes scatter before training, at its end, and at moments between.

    Args:
        snapshots: Of one run, from before its first epoch to its end.
        chosen: What it trains on.
        n_draws: How many batches to draw, by their size.
        n_moments: At most so many snapshots are looked at, evenly spread.

    Returns:
        For the number of each such snapshot one spread a size.
    """
    moments = np.unique(np.linspace(0, len(snapshots) - 1, n_moments).round().astype(int)).tolist()
    everything = np.arange(len(chosen.labels))
    wholes = {moment: gradient_of(snapshots[moment], chosen, everything) for moment in moments}
    return {
        moment: tuple(
            gradient_spread(snapshots[moment], chosen, whole, size, n) for size, n in n_draws.items()
        )
        for moment, whole in wholes.items()
    }


def spreads_of_run(record: RunRecord, dataset: Dataset) -> dict[int, tuple[GradientSpread, ...]]:
    """How batches scatter at a few moments of a run: an analysis for the training process, 1 to 2 s of it.

    Returns:
        As `spreads_over_time`, by how many epochs the network was trained.
    """
    return spreads_over_time(record.snapshots, training_images(record.config, dataset), N_DRAWS, MAX_MOMENTS)


def uphill_images(parameters: Parameters, chosen: TrainingImages, singles: GradientSpread) -> UphillImages:
    """Find the images behind the single gradients that point uphill.

    Args:
        parameters: The network at the moment of `singles`.
        chosen: What it trains on.
        singles: Of batches of one image, from `gradient_spread`.
    """
    drawn = np.concatenate(drawn_batches(len(chosen.labels), 1, len(singles.angles)))
    pulls = np.nan_to_num(singles.pulls)  # a gradient of zero pulls nowhere
    order = np.argsort(pulls)
    order = order[pulls[order] < 0]
    indices = drawn[order]
    inputs = network_inputs(chosen.images[indices], chosen.config.training.preparation)
    is_right = parameters.logits(inputs).argmax(axis=1) == chosen.labels[indices]
    uphill = float(pulls[order].sum()) / len(pulls)
    return UphillImages(indices, int(is_right.sum()), uphill, float(pulls.mean()) - uphill)
