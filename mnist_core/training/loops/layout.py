"""How a trainer keeps a network's numbers: two arrays instead of two for each layer; and for which runs.

The first layer holds nearly all weights, and its gradient is the dearest part of an update. It is kept
transposed, (units, 784): its gradient is then deltaᵀ · inputs, which needs the small matrix transposed
and not the large one, and an update takes a sixth less time. All other weights and all biases lie in one
vector, so that an update rule goes through two arrays and not through two for each layer.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import Float32Array
from mnist_core.config import Activation, RunConfig
from mnist_core.images.dataset import Dataset
from mnist_core.network.parameters import Parameters
from mnist_core.training.own_images import n_rows

Memory = tuple[NDArray[Any], ...]
"""An optimiser's own variables, in the order of Keras: the number of updates (int64), the learning rate, and
for each of the two arrays what the rule remembers of it."""


class Layout:
    """Where the numbers of a network lie.

    Attributes:
        first_shape: Of the first layer's weights, transposed.
        shapes: Of the arrays in the vector: the other layers' weights, then all biases.
        sizes: Numbers in each of them.
        n_kernels: How many of them are weights.
    """

    def __init__(self, layer_sizes: tuple[int, ...]) -> None:
        kernels = list(itertools.pairwise(layer_sizes[1:]))
        self.first_shape = (layer_sizes[1], layer_sizes[0])
        self.shapes: list[tuple[int, ...]] = [*kernels, *((units,) for units in layer_sizes[1:])]
        self.sizes = [math.prod(shape) for shape in self.shapes]
        self.n_kernels = len(kernels)

    def flatten(self, parameters: Parameters) -> tuple[Float32Array, Float32Array]:
        """The two arrays: of `first_shape`, and the vector."""
        others = (*parameters.weights[1:], *parameters.biases)
        return parameters.weights[0].T, np.concatenate([array.ravel() for array in others])

    def split(self, vector: Float32Array) -> tuple[list[Float32Array], list[Float32Array]]:
        """The other layers' weights and all biases, which share the memory of the vector."""
        parts = np.split(vector, np.cumsum(self.sizes)[:-1])
        arrays = [part.reshape(shape) for part, shape in zip(parts, self.shapes, strict=True)]
        return arrays[: self.n_kernels], arrays[self.n_kernels :]

    def parameters(self, first: Float32Array, vector: Float32Array, activation: Activation) -> Parameters:
        """The network whose numbers these are."""
        kernels, biases = self.split(vector)
        return Parameters((first.T, *kernels), tuple(biases), activation)

    def join(self, arrays: Sequence[NDArray[Any]]) -> Float32Array:
        """The two arrays as one vector, shape (n_parameters,)."""
        return np.concatenate([array.ravel() for array in arrays])

    def halves(self, joined: Float32Array) -> tuple[Float32Array, Float32Array]:
        """The two arrays that `join` made one of; they share its memory."""
        n_first = math.prod(self.first_shape)
        return joined[:n_first].reshape(self.first_shape), joined[n_first:]


@dataclass(frozen=True)
class Shapes:
    """What a loop is compiled for: a trainer can train every config that has the same."""

    layer_sizes: tuple[int, ...]
    activation: str
    optimizer: str
    batch_size: int
    has_l2: bool
    has_dropout: bool
    has_schedule: bool
    n_images: int
    """In `TrainingImages.rows`, from which batches are taken."""


def shapes_of(config: RunConfig, dataset: Dataset) -> Shapes:
    """The shapes of a run."""
    training, n_images = config.training, len(dataset.train_labels)
    is_moved_alone = training.shift > 0 and dataset.mixture is None
    return Shapes(
        config.network.layer_sizes,
        config.network.activation,
        training.optimizer,
        training.batch_size,
        training.l2 > 0,
        training.dropout > 0,
        training.schedule != "constant",
        training.split_sizes(n_images)[0] if is_moved_alone else n_images + n_rows(dataset.mixture),
    )
