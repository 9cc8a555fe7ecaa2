"""Whether a cure helps where there are many training images: on test images, moved ones, and drawn ones.

The last look of the lesson on generalising better, and the only one at the test images: nothing is chosen by
it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.analysis.evaluation import digits_of, logits_of
from mnist_core.arrays import ByteArray, ReadOnlyArrays
from mnist_core.config import DEFAULT, N_DIGITS, RunConfig
from mnist_core.images.dataset import Dataset
from mnist_core.images.drawing import prepare_like_mnist, render
from mnist_core.images.moving import move, places_of
from mnist_core.images.sample_drawings import sample
from mnist_core.lessons.generalizing import Cure
from mnist_core.lessons.training_curves import Validated
from mnist_core.training.record import RunRecord
from mnist_core.training.training_set import training_images

FARTHEST: Final = 3
"""Pixels across and down by which images are moved at most."""
SIDE: Final = 2 * FARTHEST + 1
"""Places of a drawing in a row."""
N_TRAINING: Final = 10_000
"""Training images that are read again, at most."""
WHOLE: Final = 60_000
"""Training images of the whole MNIST."""
MEASURED: Final[Mapping[Cure, tuple[float, float]]] = {
    "nothing": (0.975, 0.633),
    "L2": (0.974, 0.625),
    "dropout": (0.974, 0.613),
    "shifted copies": (0.972, 0.930),
}
"""Accuracy on the test images and on moved ones with the whole MNIST, by `benchmarks.cures`: see
docs/performance.md."""
_ALL: Final = DEFAULT.with_changes(hidden_units=(128,))
ON_ALL: Final[Mapping[Cure, RunConfig]] = {
    "nothing": _ALL,
    "L2": _ALL.with_changes(l2=0.0001),
    "dropout": _ALL.with_changes(dropout=0.2),
    "shifted copies": _ALL.with_changes(shift=2),
}
"""Networks trained on all images, by their cure: weaker ones, because there is less to be cured."""


@dataclass(frozen=True, eq=False)
class Outside(ReadOnlyArrays):
    """How a network reads images of several kinds.

    Attributes:
        training: Images that it was trained on.
        validation: Its validation images.
        test: The test images.
        moved: The test images, each moved by up to `FARTHEST` pixels, drawn at random.
        drawn: Shape (10, SIDE, SIDE), whether the drawing of each digit is read correctly at each place, from
            the top left to the bottom right one.
    """

    training: Validated
    validation: Validated
    test: Validated
    moved: Validated
    drawn: NDArray[np.bool_]


def look_outside(record: RunRecord, dataset: Dataset) -> Outside:
    """Read images of all kinds with a network: an analysis, a quarter of a second for the whole of MNIST."""
    chosen = training_images(record.config, dataset)
    random = np.random.default_rng(0)
    right, down = random.integers(-FARTHEST, FARTHEST + 1, (2, len(dataset.test_images)))
    moved = move(places_of(dataset.test_images, FARTHEST), right, down)
    drawings, digits = drawings_in_all_places()

    def is_read(images: ByteArray, labels: NDArray[np.integer]) -> NDArray[np.bool_]:
        is_right: NDArray[np.bool_] = digits_of(logits_of(record.parameters, images)) == labels
        return is_right

    return Outside(
        training=Validated.of(is_read(chosen.images[:N_TRAINING], chosen.labels[:N_TRAINING])),
        validation=Validated.of(is_read(chosen.validation_images, chosen.validation_labels)),
        test=Validated.of(is_read(dataset.test_images, dataset.test_labels)),
        moved=Validated.of(is_read(moved, dataset.test_labels)),
        drawn=is_read(drawings, digits).reshape(N_DIGITS, SIDE, SIDE),
    )


def drawings() -> ByteArray:
    """Ten drawings, prepared as MNIST's digits were: uint8 (10, 28, 28)."""
    prepared = [prepare_like_mnist(render(sample(digit))) for digit in range(N_DIGITS)]
    return np.stack([each.image for each in prepared if each is not None])


def drawings_in_all_places() -> tuple[ByteArray, NDArray[np.int64]]:
    """Each drawing at each place of a square, row after row: uint8 (10 · SIDE², 28, 28), and their digits."""
    digits, down, right = np.indices((N_DIGITS, SIDE, SIDE)).reshape(3, -1)
    return move(places_of(drawings()[digits], FARTHEST), right - FARTHEST, down - FARTHEST), digits
