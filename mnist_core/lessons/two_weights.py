"""The loss over two weights of the output layer of a real network, its gradient there, and the way down.

A weight of the output layer multiplies one activation and moves one logit. So the loss at any values of two
of them follows from the activations that the network has as it is.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import Float32Array, Float64Array, ReadOnlyArrays
from mnist_core.lessons.learning import FARTHEST
from mnist_core.network.finite_differences import ParameterPlace
from mnist_core.network.parameters import Parameters, cross_entropy, softmax
from mnist_core.network.passes import Gradients, forward

N_GRID: Final = 31
"""Points to each side of the grid that the loss is drawn on."""
MARGIN: Final = 2.0
"""How far the grid reaches beyond the path."""


@dataclass(frozen=True, eq=False)
class TwoWeightDescent(ReadOnlyArrays):
    """The path of two weights, downhill together while all others stay, and the loss around it.

    Attributes:
        x: Shape (n,), values of the first weight on the grid.
        y: Shape (n,), values of the second one.
        grid: Shape (n, n), the mean loss in nats at each pair of values; rows are values of the second.
        path: Shape (n_steps + 1, 2), the pair before the first update and after each; shorter if it ran away.
        losses: Shape (n_steps + 1,), the mean loss there.
        gradient: Shape (2,), the two derivatives at the start.
    """

    x: Float64Array
    y: Float64Array
    grid: Float64Array
    path: Float64Array
    losses: Float64Array
    gradient: Float64Array


def two_steepest(gradients: Gradients) -> tuple[ParameterPlace, ParameterPlace]:
    """The steepest weight of the output layer, and the steepest one that leads to another digit."""
    slopes, last = np.abs(gradients.weights[-1]), len(gradients.weights) - 1
    first = divmod(int(slopes.argmax()), slopes.shape[1])
    others = np.where(np.arange(slopes.shape[1]) == first[1], -1.0, slopes)
    second = divmod(int(others.argmax()), slopes.shape[1])
    return ParameterPlace(last, first), ParameterPlace(last, second)


def descend_two_weights(  # noqa: PLR0917, where, on what, and how far
    parameters: Parameters,
    inputs: Float32Array,
    labels: NDArray[Any],
    places: tuple[ParameterPlace, ParameterPlace],
    learning_rate: float,
    n_steps: int,
) -> TwoWeightDescent:
    """Gradient descent on two weights at once: each goes against its own derivative.

    Args:
        parameters: Where it starts; all other weights stay as they are here.
        inputs: Shape (n, 784).
        labels: Shape (n,), integers 0 to 9.
        places: Two weights of the output layer that lead to different digits.
        learning_rate: The step for a derivative of 1.
        n_steps: At most so many updates.
    """
    passed = forward(parameters, inputs.astype(np.float64))
    ends = [place.index for place in places]
    received = np.stack([passed.activations[-1][:, sender] for sender, _ in ends])  # (2, n)
    digits = [digit for _, digit in ends]
    is_digit = np.stack([labels == digit for digit in digits])
    start = np.array([place.value_in(parameters) for place in places])

    def logits_at(weights: Float64Array) -> NDArray[Any]:
        logits = passed.logits.copy()
        logits[:, digits] += ((weights - start)[:, np.newaxis] * received).T
        return logits

    def loss_at(weights: Float64Array) -> float:
        return float(cross_entropy(logits_at(weights), labels).mean())

    def gradient_at(weights: Float64Array) -> Float64Array:
        deltas = softmax(logits_at(weights))[:, digits].T - is_digit  # p − y
        gradient: Float64Array = (received * deltas).mean(axis=1)  # a (p − y), in the mean
        return gradient

    path = [start]
    for _ in range(n_steps):
        path.append(path[-1] - learning_rate * gradient_at(path[-1]))
        if np.abs(path[-1]).max() > FARTHEST:
            path.pop()
            break
    points = np.array(path)
    low, high = points.min(axis=0) - MARGIN, points.max(axis=0) + MARGIN
    x, y = (np.linspace(*ends_of, N_GRID) for ends_of in zip(low, high, strict=True))
    grid = np.array([[loss_at(np.array([a, b])) for a in x] for b in y])
    losses = np.array([loss_at(point) for point in path])
    return TwoWeightDescent(x, y, grid, points, losses, gradient_at(start))
