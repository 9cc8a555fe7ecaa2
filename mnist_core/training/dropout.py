"""Dropout: which hidden neurons an update leaves out of which image, and the network that is left.

In each update and for each image, every hidden neuron is left out with probability p, and the activations of
the others are divided by 1 − p, so that the next layer's weighted sums are as large on average (Srivastava et
al., 2014, section 10, "inverted" as in Keras). Only training does so: a network is read with all its neurons.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import Float32Array
from mnist_core.config import RunConfig
from mnist_core.network.parameters import Parameters

DROPOUT_STREAM: Final = 102
"""Of the seed, beside those of `training_set`."""


def kept_neurons(config: RunConfig, epoch: int, first: int, n_updates: int) -> NDArray[np.bool_]:
    """Which hidden neurons take part in neighbouring updates of an epoch: drawn for each image.

    What is drawn depends on the seed, the epoch and the update alone, so that a training that was
    interrupted, and an update that is computed again, have the same.

    Args:
        config: With the batch size of the epoch.
        epoch: From 1.
        first: Updates of the epoch before these.
        n_updates: How many they are.

    Returns:
        Shape (n_updates, batch_size, units), the neurons of all hidden layers side by side.
    """
    shape = (config.training.batch_size, sum(config.network.hidden_units))
    n = shape[0] * shape[1]
    n_draws = (n + 1) // 2  # of 64 bits, each of which makes two numbers
    generator = np.random.PCG64([config.training.seed, DROPOUT_STREAM, epoch]).advance(first * n_draws)
    drawn = np.random.Generator(generator).random((n_updates, 2 * n_draws), np.float32)[:, :n]
    kept: NDArray[np.bool_] = drawn >= config.training.dropout
    return kept.reshape(n_updates, *shape)


def thinned(parameters: Parameters, kept: NDArray[np.bool_], dropout: float) -> Parameters:
    """The network that one image goes through in an update, as weights.

    To multiply a neuron's activation by 0 or by 1 / (1 − p) is to multiply its outgoing weights by it.

    Args:
        parameters: Of the whole network.
        kept: Shape (units,), which neurons of all hidden layers take part.
        dropout: p.
    """
    factors = (kept / (1 - dropout)).astype(np.float32)
    layers = np.split(factors, np.cumsum(parameters.network.hidden_units)[:-1])
    others: list[Float32Array] = [
        weights * factor[:, None] for weights, factor in zip(parameters.weights[1:], layers, strict=True)
    ]
    return Parameters((parameters.weights[0], *others), parameters.biases, parameters.activation)
