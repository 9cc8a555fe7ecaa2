"""The same starting weights with two orders of the images, and two starts with the same order.

Computed in the training process in NumPy, because a run has one seed for both: its starting weights and the
order of its images.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from mnist_core.arrays import Float64Array, IndexArray, ReadOnlyArrays
from mnist_core.config import DEFAULT
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import network_inputs
from mnist_core.lessons.training_curves import Validated
from mnist_core.network.parameters import Parameters, flat_vector, initial_parameters
from mnist_core.network.passes import backward, forward
from mnist_core.network.update_rules import start, update
from mnist_core.training.record import RunRecord
from mnist_core.training.training_set import shuffled_order

N_IMAGES: Final = 2_000
N_NEW: Final = 1_000
"""Images after those, which the trained networks read."""
EPOCHS: Final = 5

Twin = Literal["first", "other order", "other start"]
TWINS: Final[tuple[Twin, ...]] = get_args(Twin)
SEEDS: Final[Mapping[Twin, tuple[int, int]]] = {
    "first": (0, 0),
    "other order": (0, 1),
    "other start": (1, 0),
}
"""The seed of the starting weights, and that of the order."""


@dataclass(frozen=True, eq=False)
class TwoOrders(ReadOnlyArrays):
    """Three networks that differ in their start or in the order of the images alone.

    Attributes:
        starts: Each before its training.
        networks: Each after it.
        validated: How each reads the new images.
        predictions: Shape (n_new,), the digit that each reads in each new image.
        n_images: That were trained on.
    """

    starts: Mapping[Twin, Parameters]
    networks: Mapping[Twin, Parameters]
    validated: Mapping[Twin, Validated]
    predictions: Mapping[Twin, IndexArray]
    n_images: int

    def added(self, twin: Twin) -> Float64Array:
        """What training added to the weights of the hidden neurons of a network, shape (784, neurons)."""
        after, before = (each[twin].weights[0].astype(np.float64) for each in (self.networks, self.starts))
        return after - before

    def likeness(self, twin: Twin) -> float:
        """How alike training changed the hidden neurons of the same number in the first network and another.

        Returns:
            From −1 to 1: the correlation of what was added to their weights for pixels with ink in some
            image, averaged over the neurons that changed in both.
        """
        first, other = self.added("first"), self.added(twin)
        has_ink = first.any(axis=1)
        columns = zip(first[has_ink].T, other[has_ink].T, strict=True)
        pairs = [(a, b) for a, b in columns if a.any() and b.any()]
        return float(np.mean([np.corrcoef(a, b)[0, 1] for a, b in pairs]))

    def n_apart(self, twin: Twin) -> int:
        """How many of the new images the first network and another read as different digits."""
        return int((self.predictions["first"] != self.predictions[twin]).sum())


def two_orders(_: RunRecord, dataset: Dataset) -> TwoOrders:
    """Train all three, whatever the run, which only says where they are computed."""
    n_new = min(N_NEW, len(dataset.train_labels) // 4)
    n_images = min(N_IMAGES, len(dataset.train_labels) - n_new)
    new = slice(n_images, n_images + n_new)
    starts = {twin: initial_parameters(DEFAULT.network, seed) for twin, (seed, _) in SEEDS.items()}
    networks = {twin: _trained(starts[twin], seed, n_images, dataset) for twin, (_, seed) in SEEDS.items()}
    inputs, labels = network_inputs(dataset.train_images[new]), dataset.train_labels[new]
    predictions = {twin: network.logits(inputs).argmax(axis=1) for twin, network in networks.items()}
    results = {twin: Validated.of(read == labels) for twin, read in predictions.items()}
    return TwoOrders(starts, networks, results, predictions, n_images)


def _trained(network: Parameters, seed_of_order: int, n_images: int, dataset: Dataset) -> Parameters:
    """A network after some epochs with Adam, the images in an order of that seed."""
    training = DEFAULT.training
    inputs, labels = network_inputs(dataset.train_images[:n_images]), dataset.train_labels[:n_images]
    state = start("adam", flat_vector(network.weights, network.biases))
    for epoch in range(1, EPOCHS + 1):
        order = shuffled_order(n_images, epoch, seed_of_order)
        for begin in range(0, n_images, training.batch_size):
            batch = order[begin : begin + training.batch_size]
            gradients = backward(network, forward(network, inputs[batch]), labels[batch])
            state = update("adam", state, gradients.flat(), training.learning_rate).state
            network = network.with_numbers(state.values)
    return network
