"""A trained network with parts taken away: neurons switched off, small weights pruned. Nothing is retrained.

Reads a network's parameters and labelled images, and counts the images of each digit still read correctly.
Switching off is counted from the hidden activations, which need not be computed again. How pruning goes at
every share is an analysis: it reads all test images many times, so the training process does it.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.analysis.inspection import check_layer
from mnist_core.arrays import Float32Array, ReadOnlyArrays, in_chunks
from mnist_core.config import N_DIGITS
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import Parameters
from mnist_core.training.record import RunRecord

PRUNED_SHARES: Final = tuple(
    percent / 100 for percent in (0, 10, 20, 30, 40, 50, 55, 60, 65, 70, 75, 80, 85, 90, 92.5, 95, 97.5, 100)
)
"""Shares of the weights set to 0, from none to all; closer where the accuracy falls."""
_CHUNK: Final = 1_000  # images at a time: what the neurons of a later layer receive stays small


@dataclass(frozen=True, eq=False)
class DigitAccuracy(ReadOnlyArrays):
    """How many images of each digit are read correctly; arrays are read-only.

    Attributes:
        n_right: Shape (10,), int64.
        n_images: Shape (10,), int64, images of the digit.
    """

    n_right: NDArray[np.int64]
    n_images: NDArray[np.int64]

    @property
    def overall(self) -> float:
        """Share of all images read correctly, 0 to 1."""
        return float(self.n_right.sum() / self.n_images.sum())

    @property
    def by_digit(self) -> NDArray[np.float64]:
        """Shape (10,), the share of each digit's images read correctly; 0 where there is no image."""
        shares: NDArray[np.float64] = self.n_right / np.maximum(self.n_images, 1)
        return shares


@dataclass(frozen=True, eq=False)
class PruningCurve(ReadOnlyArrays):
    """The accuracy on the test images with the smallest weights set to 0; arrays are read-only.

    Attributes:
        shares: Shape (k,), from 0 to 1: which part of the weights is 0.
        n_pruned: Shape (k,), how many weights that is.
        accuracies: Shape (k,), 0 to 1.
    """

    shares: NDArray[np.float64]
    n_pruned: NDArray[np.int64]
    accuracies: NDArray[np.float64]


@dataclass(frozen=True)
class PruningReport:
    """How a network takes pruning.

    Attributes:
        everywhere: The smallest of all weights of the network together.
        by_layer: The smallest weights of one layer only, first hidden layer first, output layer last.
    """

    everywhere: PruningCurve
    by_layer: tuple[PruningCurve, ...]


def switched_off(parameters: Parameters, layer: int, units: tuple[int, ...]) -> Parameters:
    """The same network with some neurons' activations set to 0.

    The next layer receives activation × weight, and a weight of 0 gives the same as an activation of 0. So
    it is the outgoing weights that are set to 0; the neuron's own weights stay.

    Args:
        parameters: Of the network.
        layer: 0 is the first hidden layer.
        units: Which neurons of it; may be none.

    Raises:
        ValueError: There is no such layer or neuron.
    """
    check_layer(parameters, layer)
    n_units = parameters.weights[layer].shape[1]
    if not all(0 <= unit < n_units for unit in units):
        raise ValueError(f"The neurons of this layer are 0 to {n_units - 1}, not {units}.")
    outgoing = parameters.weights[layer + 1].copy()
    outgoing[list(units)] = 0
    return _with_weights(parameters, layer + 1, outgoing)


def accuracy_from(
    parameters: Parameters, layer: int, activations: Float32Array, labels: NDArray[np.integer[Any]]
) -> DigitAccuracy:
    """How a network reads images whose activations in one hidden layer are known.

    Args:
        parameters: Of the network, perhaps with neurons of that layer switched off.
        layer: 0 is the first hidden layer.
        activations: Of that layer, all neurons on, shape (n, units).
        labels: Shape (n,), 0 to 9.
    """
    check_layer(parameters, layer)
    return _accuracy_after(parameters, layer + 1, activations, labels)


def accuracy_without_each(
    parameters: Parameters, activations: Float32Array, labels: NDArray[np.integer[Any]]
) -> NDArray[np.float64]:
    """The accuracy of each digit with one neuron of the last hidden layer switched off, all others on.

    Without neuron u the logits are smaller by activation × weight of that neuron, so one pass serves all.

    Args:
        parameters: Of the network.
        activations: Of the last hidden layer, shape (n, units).
        labels: Shape (n,), 0 to 9.

    Returns:
        Shape (units, 11), from 0 to 1: the ten digits, and in the last column all images together.
    """
    outgoing, n_units = parameters.weights[-1], activations.shape[1]
    logits = activations @ outgoing + parameters.biases[-1]
    accuracies = np.empty((n_units, N_DIGITS + 1))
    for unit in range(n_units):
        predictions = (logits - np.outer(activations[:, unit], outgoing[unit])).argmax(axis=1)
        accuracy = _count(predictions, labels)
        accuracies[unit] = [*accuracy.by_digit, accuracy.overall]
    return accuracies


def pruned(parameters: Parameters, share: float, layer: int | None = None) -> Parameters:
    """The same network with its smallest weights set to 0: magnitude pruning, as in Han et al. (2015).

    Args:
        parameters: Of the network; biases are never pruned.
        share: Which part of the weights, 0 to 1; rounded to whole weights.
        layer: 0 is the first hidden layer, the last is the output layer; None compares the weights of
            all layers with each other.

    Raises:
        ValueError: The share is outside 0 to 1, or there is no such layer.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share must be from 0 to 1, not {share}.")
    n_layers = len(parameters.weights)
    if layer is not None and not 0 <= layer < n_layers:
        raise ValueError(f"layer must be from 0 to {n_layers - 1}, not {layer}.")
    chosen = range(n_layers) if layer is None else [layer]
    flat = np.concatenate([parameters.weights[place].ravel() for place in chosen])
    smallest = np.argsort(np.abs(flat), kind="stable")[: round(share * len(flat))]
    flat[smallest] = 0
    for place in chosen:
        shape = parameters.weights[place].shape
        parameters = _with_weights(parameters, place, flat[: np.prod(shape)].reshape(shape))
        flat = flat[np.prod(shape) :]
    return parameters


def prune_run(record: RunRecord, dataset: Dataset) -> PruningReport:
    """The accuracy of a run's network on the test images at every share; done by the training process."""
    parameters, labels = record.parameters, dataset.test_labels
    inputs = network_inputs(dataset.test_images, record.config.training.preparation)
    received = (inputs, *parameters.hidden_activations(inputs))

    def curve(layer: int | None) -> PruningCurve:
        chosen = parameters.weights if layer is None else (parameters.weights[layer],)
        n_weights = sum(weights.size for weights in chosen)
        accuracies = [
            _accuracy_after(pruned(parameters, share, layer), layer or 0, received[layer or 0], labels)
            for share in PRUNED_SHARES
        ]
        n_pruned = [round(share * n_weights) for share in PRUNED_SHARES]
        return PruningCurve(
            np.array(PRUNED_SHARES),
            np.array(n_pruned),
            np.array([accuracy.overall for accuracy in accuracies]),
        )

    with np.errstate(all="ignore"):  # weights that are finite, but hardly so
        return PruningReport(curve(None), tuple(curve(layer) for layer in range(len(parameters.weights))))


def _accuracy_after(
    parameters: Parameters, layer: int, received: Float32Array, labels: NDArray[np.integer[Any]]
) -> DigitAccuracy:
    """How images are read, given what a layer receives of them; layer 0 receives the pixels."""
    predictions = []
    for chunk in in_chunks(received, _CHUNK):
        weighted_sums = chunk @ parameters.weights[layer] + parameters.biases[layer]
        predictions.append(parameters.logits_from(layer, weighted_sums).argmax(axis=1))
    return _count(np.concatenate(predictions), labels)


def _count(predictions: NDArray[np.integer[Any]], labels: NDArray[np.integer[Any]]) -> DigitAccuracy:
    right = np.bincount(labels[predictions == labels], minlength=N_DIGITS)
    return DigitAccuracy(right, np.bincount(labels, minlength=N_DIGITS))


def _with_weights(parameters: Parameters, layer: int, weights: Float32Array) -> Parameters:
    arrays = list(parameters.weights)
    arrays[layer] = weights
    return replace(parameters, weights=tuple(arrays))
