"""A second network with an eleventh answer, "no digit": it says whether the first one's answer can be sure.

It was taught MNIST's training images and drawings that are no digits (`python -m benchmarks.second_network`),
and is kept with the library, because it is the same for every run. Its inputs are edges and coarse pixels,
which stay nearly the same when a line moves by a pixel.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import ByteArray, Float32Array, ReadOnlyArrays

NO_DIGIT: Final = 10
"""The eleventh answer."""
FILE: Final = Path(__file__).with_suffix(".npz")
"""Its weights, float16, and its limit."""
_DIRECTIONS: Final = 6  # of edges, 30 degrees apart
_AT_ONCE: Final = 250  # images: their arrays stay in the cache of the processor


@dataclass(frozen=True, eq=False)
class SecondNetwork(ReadOnlyArrays):
    """490 inputs, a hidden layer with ReLU, eleven outputs with softmax; arrays are float32.

    Attributes:
        hidden_weights: Shape (490, n).
        hidden_biases: Shape (n,).
        output_weights: Shape (n, 11).
        output_biases: Shape (11,).
        limit: The least probability of the digit that the first network reads, for a sure answer.
    """

    hidden_weights: Float32Array
    hidden_biases: Float32Array
    output_weights: Float32Array
    output_biases: Float32Array
    limit: float

    @classmethod
    @cache
    def load(cls) -> "SecondNetwork":
        """The one that is kept with the library."""
        with np.load(FILE, allow_pickle=False) as file:
            weights = {name: file[name].astype(np.float32) for name in file.files if name != "limit"}
            return cls(**weights, limit=float(file["limit"]))

    def probabilities(self, images: ByteArray) -> Float32Array:
        """Of the ten digits and of no digit: uint8 (n, 28, 28) → (n, 11)."""
        hidden = np.maximum(features_of(images) @ self.hidden_weights + self.hidden_biases, 0)
        logits = hidden @ self.output_weights + self.output_biases
        exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True), np.float32)

    def agrees(self, images: ByteArray, digits: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Whether each image can be the digit that another network reads, shape (n,)."""
        return np.asarray(self.probabilities(images)[np.arange(len(images)), digits] >= self.limit)


def features_of(images: ByteArray) -> Float32Array:
    """The inputs of the second network: the roots of 294 edges, and the means of 2 × 2 pixels.

    Args:
        images: uint8 (n, 28, 28).

    Returns:
        Shape (n, 490), from 0; the 196 means to 1.
    """
    coarse = images.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4), dtype=np.float32) / np.float32(255)
    return np.concatenate([np.sqrt(edges_of(images)), coarse.reshape(len(images), -1)], axis=1)


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
