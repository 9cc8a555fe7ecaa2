"""Whether an image deserves a sure answer: softmax gives one to anything.

The ten outputs add up to 100% for a blot and for a line of print too. What they cannot say, the image itself
does: how many digits there are, what shape it has, and how little its edges look like those of the training
images of the digit that it is read as.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import ByteArray, Float32Array, ReadOnlyArrays
from mnist_core.config import N_DIGITS
from mnist_core.images.drawing import Prepared
from mnist_core.images.pieces import group_pieces, label_pieces

Doubt = Literal["several", "wide", "blot", "unlike", "weak"]
"""Why there is no sure answer: several digits side by side; wider than any digit; a dot or a blot; unlike the
training images of the digit that it is read as; no output that is clearly the largest."""

_WIDE: Final = 1.45  # times as wide as high: 1 of 500 of MNIST's images is wider
_BLOT: Final = 0.72  # of the box is ink, and the box is nearly square
_SQUARE: Final = 0.7
_WEAK: Final = 0.5  # the largest output, below which the others together are larger
_DIRECTIONS: Final = 6  # of edges, 30 degrees apart
_PER_DIGIT: Final = 600
_KEPT: Final = 0.8  # of a digit's images, where there are few
_HELD_OUT: Final = 150  # others of each digit, from which is learned how strange a digit may be
_QUANTILE: Final = 0.985
_NEAREST: Final = 3
_AT_ONCE: Final = 250  # images: their arrays stay in the cache of the processor
_TALL: Final = 0.5  # of the tallest piece's height: then it is a digit too


@dataclass(frozen=True, eq=False)
class Familiar(ReadOnlyArrays):
    """What training images look like, by their edges.

    Attributes:
        edges: float32 (n, 294), `edges_of` some images of each digit.
        labels: Shape (n,).
        limit: The strangeness below which 98.5% of other training images stay.
    """

    edges: Float32Array
    labels: NDArray[np.integer]
    limit: float

    @classmethod
    def of_images(cls, images: ByteArray, labels: NDArray[np.integer]) -> "Familiar":
        """Learn it from training images, uint8 (n, 28, 28), and their labels, (n,)."""
        places = [np.flatnonzero(labels == digit) for digit in range(N_DIGITS)]
        n_kept = [min(_PER_DIGIT, int(_KEPT * len(place))) for place in places]
        kept = np.concatenate([place[:n] for place, n in zip(places, n_kept, strict=True)])
        others = np.concatenate([place[n:][:_HELD_OUT] for place, n in zip(places, n_kept, strict=True)])
        learned = cls(edges_of(images[kept]), labels[kept], np.inf)
        strangeness = learned.strangeness(images[others], labels[others])
        return replace(learned, limit=float(np.quantile(strangeness, _QUANTILE)) if len(others) else np.inf)

    def strangeness(self, images: ByteArray, digits: NDArray[np.integer]) -> Float32Array:
        """How little images look like the digits that they are taken for.

        It is r √(r / s): r is the distance from the training images of that digit, s from those of another
        digit, whichever is nearest, each the mean of the three nearest.

        Args:
            images: uint8 (n, 28, 28).
            digits: Shape (n,).

        Returns:
            Shape (n,); infinite for a digit without training images.
        """
        edges = edges_of(images)
        squared = (edges**2).sum(axis=1)[:, None] - 2 * edges @ self.edges.T + (self.edges**2).sum(axis=1)
        distances = np.sqrt(np.maximum(squared, 0))
        nearest = np.full((len(images), N_DIGITS), np.inf, np.float32)
        for digit in range(N_DIGITS):
            own = distances[:, self.labels == digit]
            if own.shape[1] >= _NEAREST:
                nearest[:, digit] = np.partition(own, _NEAREST - 1, axis=1)[:, :_NEAREST].mean(axis=1)
        rows = np.arange(len(images))
        of_digit = nearest[rows, digits]
        nearest[rows, digits] = np.inf
        of_another = np.maximum(nearest.min(axis=1), 1e-6)
        return np.asarray(of_digit * np.sqrt(of_digit / of_another), np.float32)


def edges_of(images: ByteArray) -> Float32Array:
    """How much edge of each of six directions there is in each of 7 × 7 blocks of 4 × 4 pixels.

    Blocks of edges stay nearly the same when a line moves by a pixel, where pixels change altogether
    (histograms of oriented gradients: Dalal and Triggs, 2005).

    Args:
        images: uint8 (n, 28, 28).

    Returns:
        Shape (n, 294).
    """
    parts = np.array_split(images, -(-len(images) // _AT_ONCE) or 1)
    return np.concatenate([_edges_of(part) for part in parts])


def _edges_of(images: ByteArray) -> Float32Array:
    padded = np.pad(images.astype(np.float32) / 255, ((0, 0), (1, 1), (1, 1)))
    down = padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
    right = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]
    size = np.maximum(np.hypot(right, down), np.float32(1e-6))
    edges = np.empty((len(images), _DIRECTIONS, 7, 7), np.float32)
    for n, angle in enumerate(np.arange(_DIRECTIONS) * np.pi / _DIRECTIONS):
        cosine = (right * np.float32(np.cos(angle)) + down * np.float32(np.sin(angle))) / size
        directed = size * np.square(np.square(cosine))
        edges[:, n] = directed.reshape(-1, 7, 4, 7, 4).sum(axis=(2, 4))
    return edges.reshape(len(images), -1)


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
    digit = np.array([probabilities.argmax()])
    if familiar.strangeness(prepared.image[None], digit)[0] > familiar.limit:
        return "unlike"
    return "weak" if float(probabilities.max()) < _WEAK else None


def count_digits(picture: ByteArray) -> int:
    """How many digits stand side by side in a drawing, uint8 (h, w), 0 is paper; small pieces are none."""
    groups = group_pieces(*label_pieces(picture > 127))  # noqa: PLR2004, half of 255
    tallest = max((group.height for group in groups), default=0)
    return sum(group.height >= _TALL * tallest for group in groups)
