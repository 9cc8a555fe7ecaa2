"""Whether an image deserves a sure answer: softmax gives one to anything.

The ten outputs add up to 100% for a blot and for a line of print too. What they cannot say, the image itself
does: how many digits there are, what shape it has, and how far it is from every digit of the training images.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import ByteArray, Float32Array, ReadOnlyArrays
from mnist_core.config import N_DIGITS
from mnist_core.images.drawing import Prepared
from mnist_core.images.pieces import group_pieces, label_pieces
from mnist_core.images.preparation import flatten, normalise

Doubt = Literal["several", "wide", "blot", "unlike", "weak"]
"""Why there is no sure answer: several digits side by side; wider than any digit; a dot or a blot; unlike all
training images; no output that is clearly the largest."""

_WIDE: Final = 1.45  # times as wide as high: 1 of 500 of MNIST's images is wider
_BLOT: Final = 0.72  # of the box is ink, and the box is nearly square
_SQUARE: Final = 0.7
_WEAK: Final = 0.5  # the largest output, below which the others together are larger
_COMPONENTS: Final = 25
_PER_DIGIT: Final = 300  # training images of each digit from which its plane is found
_HELD_OUT: Final = 1_000  # others, from which is learned how far a digit may be from its plane
_QUANTILE: Final = 0.99
_TALL: Final = 0.5  # of the tallest piece's height: then it is a digit too


@dataclass(frozen=True, eq=False)
class Familiar(ReadOnlyArrays):
    """What the training images look like: for each digit the plane in which its images lie, nearly.

    Attributes:
        means: float32 (10, 784), of each digit's images.
        directions: float32 (10, 784, k): the directions in which they vary most (principal components).
        limit: The distance from the nearest plane that 99% of other training images keep to.
    """

    means: Float32Array
    directions: Float32Array
    limit: float

    @classmethod
    def of_images(cls, images: ByteArray, labels: NDArray[np.integer]) -> "Familiar":
        """Learn it from training images, uint8 (n, 28, 28), and their labels, (n,)."""
        means = np.zeros((N_DIGITS, 784), np.float32)
        directions = np.zeros((N_DIGITS, 784, _COMPONENTS), np.float32)
        rest = []
        for digit in range(N_DIGITS):
            places = np.flatnonzero(labels == digit)
            rest.append(places[_PER_DIGIT : _PER_DIGIT + _HELD_OUT // N_DIGITS])
            if not len(places):
                means[digit] = np.inf  # a digit without images is near to nothing
                continue
            pixels = normalise(flatten(images[places[:_PER_DIGIT]]))
            means[digit] = pixels.mean(axis=0)
            away = pixels - means[digit]
            variances, among = np.linalg.eigh(away @ away.T)  # of the images: there are fewer than pixels
            largest = variances[-_COMPONENTS:] > 1e-3  # noqa: PLR2004, 0 where images are alike
            kept = among[:, -_COMPONENTS:][:, largest] / np.sqrt(variances[-_COMPONENTS:][largest])
            directions[digit, :, : kept.shape[1]] = away.T @ kept
        learned = cls(means, directions, np.inf)
        distances = [learned.distance(image) for image in images[np.concatenate(rest)]] or [np.inf]
        return cls(means, directions, float(np.quantile(distances, _QUANTILE)))

    def distance(self, image: ByteArray) -> float:
        """From an image, uint8 (28, 28), to the nearest digit's plane, where pixels are from 0 to 1."""
        away = normalise(flatten(image[None]))[0] - self.means
        with np.errstate(invalid="ignore"):
            within = np.einsum("dp,dpk->dk", away, self.directions)
        squared = (away.astype(np.float64) ** 2).sum(axis=1) - (within.astype(np.float64) ** 2).sum(axis=1)
        return float(np.sqrt(max(0.0, np.nanmin(squared))))


def find_doubt(prepared: Prepared, probabilities: NDArray[np.floating], familiar: Familiar) -> Doubt | None:
    """Why an image does not deserve a sure answer; None if it does.

    Args:
        prepared: The drawing, or the ink of a photograph.
        probabilities: Of `prepared.image`, shape (10,).
        familiar: With the network's training images.
    """
    if count_digits(prepared.picture) > 1:
        return "several"
    height, width = prepared.crop.shape
    if width > _WIDE * height:
        return "wide"
    is_square = min(height, width) > _SQUARE * max(height, width)
    if is_square and float((prepared.box > 127).mean()) > _BLOT:  # noqa: PLR2004, half of 255
        return "blot"
    if familiar.distance(prepared.image) > familiar.limit:
        return "unlike"
    return "weak" if float(probabilities.max()) < _WEAK else None


def count_digits(picture: ByteArray) -> int:
    """How many digits stand side by side in a drawing, uint8 (h, w), 0 is paper; small pieces are none."""
    groups = group_pieces(*label_pieces(picture > 127))  # noqa: PLR2004, half of 255
    tallest = max((group.height for group in groups), default=0)
    return sum(group.height >= _TALL * tallest for group in groups)
