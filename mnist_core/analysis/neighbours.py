"""The training images nearest to an image: in its pixels, and in the network's last hidden layer.

Distances are Euclidean. Every training image is looked at, a few hundred at a time: as float32 all of MNIST
would take 188 MB at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import ByteArray, Float32Array, ReadOnlyArrays, in_chunks, read_only
from mnist_core.config import Preparation
from mnist_core.images.preparation import flatten, network_inputs, normalise
from mnist_core.network.parameters import Parameters

N_NEAREST: Final = 10
_CHUNK: Final = 250  # images at a time: as float32 they fit into a processor's cache, which is fastest
_LARGEST: Final = float(np.finfo(np.float16).max)
_SPARE: Final = 5  # so many times more candidates are found in low precision than are wanted


@dataclass(frozen=True, eq=False)
class Neighbours(ReadOnlyArrays):
    """The k images nearest to one, nearest first; arrays are read-only.

    Attributes:
        indices: Shape (k,), their places among the training images.
        labels: Shape (k,), the digits they are.
        distances: Shape (k,), float64, 0 or more: of pixels from 0 to 1, or of activations.
    """

    indices: NDArray[np.int64]
    labels: NDArray[np.uint8]
    distances: NDArray[np.float64]

    @property
    def commonest(self) -> tuple[int, int]:
        """The digit that most of them are, of two equally frequent ones the nearer; and how many are."""
        counts = np.bincount(self.labels)
        digit = next(int(label) for label in self.labels if counts[label] == counts.max())
        return digit, int(counts[digit])


def nearest_in_pixels(
    images: ByteArray, labels: ByteArray, image: ByteArray, n: int = N_NEAREST
) -> Neighbours:
    """The training images whose 784 pixels differ least, counted from 0 to 1.

    Args:
        images: uint8, shape (m, 28, 28).
        labels: Shape (m,).
        image: uint8, shape (28, 28).
        n: How many; at most m.
    """
    rows, place = flatten(images), flatten(image[None])[0].astype(np.float32)
    buffer = np.empty((_CHUNK, rows.shape[1]), np.float32)
    differences = (np.subtract(some, place, out=buffer[: len(some)]) for some in in_chunks(rows, _CHUNK))
    candidates = _smallest(differences, n)
    return _ranked(normalise(rows[candidates]), normalise(flatten(image[None]))[0], candidates, labels, n)


def hidden_places(
    parameters: Parameters, images: ByteArray, preparation: Preparation = "usual"
) -> NDArray[np.float16]:
    """The last hidden layer's activations for each image, in half precision: shape (m, units).

    Of 60,000 images and 32 units it takes 3.8 MB; what is found with it is ranked again in full precision.
    """
    places = [
        np.clip(_activations(parameters, some, preparation), -_LARGEST, _LARGEST).astype(np.float16)
        for some in in_chunks(images, _CHUNK)
    ]
    return read_only(np.concatenate(places))


def nearest_in_hidden(  # noqa: PLR0917, the network, the images and the one image
    parameters: Parameters,
    places: NDArray[np.float16],
    images: ByteArray,
    labels: ByteArray,
    image: ByteArray,
    preparation: Preparation = "usual",
    n: int = N_NEAREST,
) -> Neighbours:
    """The training images for which the last hidden layer's activations differ least.

    Args:
        parameters: The network.
        places: From `hidden_places`, of the same network and images.
        images: uint8, shape (m, 28, 28).
        labels: Shape (m,).
        image: uint8, shape (28, 28).
        preparation: What the network was trained with.
        n: How many; at most m.
    """
    place = _activations(parameters, image[None], preparation)[0]
    rounded = np.clip(place, -_LARGEST, _LARGEST).astype(np.float32)
    differences = (some.astype(np.float32) - rounded for some in in_chunks(places, _CHUNK * 8))
    candidates = _smallest(differences, n)
    exact = _activations(parameters, images[candidates], preparation)
    return _ranked(exact, place, candidates, labels, n)


def _activations(parameters: Parameters, images: ByteArray, preparation: Preparation) -> NDArray[np.float64]:
    """In float64, whose squares do not overflow; what is not finite becomes the largest float32."""
    with np.errstate(all="ignore"):  # weights that grew without bound
        activations = parameters.hidden_activations(network_inputs(images, preparation))[-1]
    largest = float(np.finfo(np.float32).max)
    return np.nan_to_num(activations.astype(np.float64), nan=0.0, posinf=largest, neginf=-largest)


def _smallest(differences: Iterable[Float32Array], n: int) -> NDArray[np.int64]:
    """Candidates for the n nearest, more than are wanted because the differences are rounded."""
    squares = np.concatenate([np.einsum("ij,ij->i", rows, rows) for rows in differences])
    n_candidates = min(_SPARE * n, len(squares))
    return np.argpartition(squares, n_candidates - 1)[:n_candidates]


def _ranked(
    rows: NDArray[np.floating],
    place: NDArray[np.floating],
    candidates: NDArray[np.int64],
    labels: ByteArray,
    n: int,
) -> Neighbours:
    """The n nearest of the candidates; of two as near, the one that comes first among the images."""
    distances = np.sqrt(((rows.astype(np.float64) - place) ** 2).sum(axis=1))
    order = np.lexsort((candidates, distances))[:n]
    indices = candidates[order]
    return Neighbours(indices, labels[indices], distances[order])
