"""The network's numbers in NumPy.

`Parameters` is what the rest of the project reads: pages and figures need no Keras, because a forward
pass through a network this small is one matrix product a layer. `keras_model` has the network for Keras.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import Float32Array, Float64Array, read_only
from mnist_core.config import Activation, Initializer, NetworkConfig, RunConfig
from mnist_core.network.initializers import INITIALIZERS


def relu(z: Float32Array) -> Float32Array:
    """max(0, z), element by element."""
    return np.maximum(z, np.float32(0))


def sigmoid(z: Float32Array) -> Float32Array:
    """1 / (1 + e⁻ᶻ), element by element, written with tanh so that no exponential overflows."""
    half = np.float32(0.5)
    result: Float32Array = half * (np.tanh(half * z) + np.float32(1))
    return result


def identity(z: Float32Array) -> Float32Array:
    """The weighted sum as it is: what "no activation" means."""
    return z


ACTIVATION_FUNCTIONS: Final[Mapping[Activation, Callable[[Float32Array], Float32Array]]] = {
    "relu": relu,
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "none": identity,
}


def softmax(logits: Float32Array) -> Float32Array:
    """Probabilities from logits, row by row.

    The largest logit of a row is subtracted first: that changes no probability and keeps every
    exponential at most 1.

    Args:
        logits: Shape (n, 10), any range.

    Returns:
        Shape (n, 10), each row positive and summing to 1.
    """
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: Float32Array = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return probabilities


def cross_entropy(logits: Float32Array, labels: NDArray[Any]) -> Float32Array:
    """−log p of each image's true digit, in nats, straight from the logits.

    log p = logit of the true digit − log Σ exp(logits), with the largest logit subtracted first, so that
    a probability too small for a float still has its finite loss.

    Args:
        logits: Shape (n, 10), any range.
        labels: Shape (n,), integers 0 to 9.

    Returns:
        Shape (n,), 0 or more.
    """
    shifted = logits - logits.max(axis=-1, keepdims=True)
    losses: Float32Array = np.log(np.exp(shifted).sum(axis=-1)) - shifted[np.arange(len(labels)), labels]
    return losses


@dataclass(frozen=True, eq=False)
class Parameters:
    """Weights and biases of every layer, first hidden layer first, output layer last.

    Examples are rows, and a weight matrix is (fan-in, fan-out) as in Keras, so that a layer computes
    ``activations @ weights + biases``. The arrays are read-only copies.

    Attributes:
        weights: One float32 array of shape (fan-in, fan-out) a layer.
        biases: One float32 array of shape (fan-out,) a layer.
        activation: What the hidden layers apply; the output layer applies softmax.
    """

    weights: tuple[Float32Array, ...]
    biases: tuple[Float32Array, ...]
    activation: Activation

    def __post_init__(self) -> None:
        if len(self.weights) != len(self.biases):
            raise ValueError(
                f"A layer has weights and biases, but there are {len(self.weights)} weight matrices "
                f"and {len(self.biases)} bias vectors."
            )
        for name in ("weights", "biases"):
            arrays = tuple(read_only(np.array(a, dtype=np.float32)) for a in getattr(self, name))
            object.__setattr__(self, name, arrays)
        for number, (w, b) in enumerate(zip(self.weights, self.biases, strict=True), start=1):
            fan_in = self.weights[number - 2].shape[-1] if number > 1 else w.shape[0]
            if w.ndim != 2 or b.shape != w.shape[1:] or w.shape[0] != fan_in:  # noqa: PLR2004
                raise ValueError(f"Layer {number} has weights {w.shape} and biases {b.shape}.")

    @property
    def network(self) -> NetworkConfig:
        """The shape these parameters have, as a config."""
        return NetworkConfig(tuple(w.shape[1] for w in self.weights[:-1]), self.activation)

    @property
    def n_bytes(self) -> int:
        """Memory of all weights and biases, in bytes."""
        return sum(a.nbytes for a in (*self.weights, *self.biases))

    @property
    def sum_of_squares(self) -> float:
        """Of all weights, not biases, in float64: what the L2 term of the loss weighs."""
        return sum(float(np.square(w, dtype=np.float64).sum()) for w in self.weights)

    def hidden_activations(self, inputs: Float32Array) -> tuple[Float32Array, ...]:
        """The activations of each hidden layer: one (n, units) array a layer, for (n, 784) inputs."""
        activate = ACTIVATION_FUNCTIONS[self.activation]
        layers: list[Float32Array] = []
        for weights, biases in zip(self.weights[:-1], self.biases[:-1], strict=True):
            inputs = activate(inputs @ weights + biases)
            layers.append(inputs)
        return tuple(layers)

    def logits(self, inputs: Float32Array) -> Float32Array:
        """The ten weighted sums before softmax, shape (n, 10), for inputs (n, 784) from 0 to 1."""
        return self.logits_from(0, inputs @ self.weights[0] + self.biases[0])

    def logits_from(self, layer: int, weighted_sums: Float32Array) -> Float32Array:
        """The rest of the forward pass: the logits, shape (n, 10), from one layer's weighted sums (n, units).

        Args:
            layer: 0 is the first hidden layer; the output layer's weighted sums are the logits already.
            weighted_sums: Of that layer, before its activation function.
        """
        activate = ACTIVATION_FUNCTIONS[self.activation]
        for weights, biases in zip(self.weights[layer + 1 :], self.biases[layer + 1 :], strict=True):
            weighted_sums = activate(weighted_sums) @ weights + biases
        return weighted_sums

    def probabilities(self, inputs: Float32Array) -> Float32Array:
        """The network's softmax outputs, shape (n, 10), for inputs (n, 784) from 0 to 1."""
        return softmax(self.logits(inputs))

    def with_numbers(self, flat: NDArray[np.floating[Any]]) -> "Parameters":
        """Parameters of the same shape with the numbers of a `flat_vector`."""
        arrays = [array for pair in zip(self.weights, self.biases, strict=True) for array in pair]
        ends = np.cumsum([array.size for array in arrays])[:-1]
        parts = [part.reshape(array.shape) for part, array in zip(np.split(flat, ends), arrays, strict=True)]
        return Parameters(tuple(parts[0::2]), tuple(parts[1::2]), self.activation)


def flat_vector(weights: Sequence[Float32Array], biases: Sequence[Float32Array]) -> Float64Array:
    """All numbers as one vector, shape (n_parameters,): layer by layer, weights before biases."""
    pairs = zip(weights, biases, strict=True)
    return np.concatenate([array.ravel() for pair in pairs for array in pair]).astype(np.float64)


def initial_parameters(
    network: NetworkConfig, seed: int, initializer: Initializer = "glorot_uniform"
) -> Parameters:
    """The start of training: weights drawn at random, biases 0.

    Args:
        network: Layers and activation.
        seed: Equal seeds give equal weights; each layer has a random stream of its own.
        initializer: How weights are drawn; as a dense layer of Keras draws them when nothing is said.
    """
    draw, weights, biases = INITIALIZERS[initializer], [], []
    for layer, shape in enumerate(itertools.pairwise(network.layer_sizes)):
        weights.append(draw(np.random.default_rng([seed, layer]), shape).astype(np.float32))
        biases.append(np.zeros(shape[1], np.float32))
    return Parameters(tuple(weights), tuple(biases), network.activation)


def starting_parameters(config: RunConfig) -> Parameters:
    """The network of a run before its first update."""
    training = config.training
    return initial_parameters(config.network, training.seed, training.initializer)
