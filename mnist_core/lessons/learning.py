"""Gradient descent on one weight of a real network, and backpropagation held against finite differences.

Reads parameters and labelled inputs, and gives what the lesson on learning shows. The mathematics is that of
`passes`; here it is followed for single numbers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import Float32Array
from mnist_core.network.finite_differences import ParameterPlace, finite_difference, loss_along, with_weight
from mnist_core.network.parameters import Parameters
from mnist_core.network.passes import Gradients, backward, forward

FARTHEST: Final = 100.0
"""A weight that a descent has driven further than this from 0 is not followed any more."""


@dataclass(frozen=True, eq=False)
class WeightDescent:
    """The path of one weight, downhill while all others stay.

    Attributes:
        weights: Shape (n_steps + 1,), its value before the first step and after each; shorter if it ran away.
        losses: Shape as `weights`, the mean loss there in nats.
        slopes: Shape as `weights`, the derivative of the loss there.
        ran_away: Whether it was driven beyond `FARTHEST`.
    """

    weights: NDArray[np.float64]
    losses: NDArray[np.float64]
    slopes: NDArray[np.float64]
    ran_away: bool


@dataclass(frozen=True)
class GradientCheck:
    """One derivative, found in two ways that share nothing but the forward pass."""

    backpropagated: float
    estimated: float

    @property
    def difference(self) -> float:
        """How far apart the two are."""
        return abs(self.backpropagated - self.estimated)


def steepest(gradients: Gradients, layer: int) -> ParameterPlace:
    """The weight of a layer on which the loss depends most strongly."""
    slopes = np.abs(gradients.weights[layer])
    index = np.unravel_index(int(slopes.argmax()), slopes.shape)
    return ParameterPlace(layer, tuple(int(i) for i in index))


def descend_weight(  # noqa: PLR0917, where, on what, and how far
    parameters: Parameters,
    inputs: Float32Array,
    labels: NDArray[Any],
    place: ParameterPlace,
    learning_rate: float,
    n_steps: int,
) -> WeightDescent:
    """Gradient descent on one weight: w ← w − learning rate × dC/dw, again and again.

    Args:
        parameters: Where it starts; all other weights stay as they are here.
        inputs: Shape (n, 784).
        labels: Shape (n,), integers 0 to 9.
        place: Which weight or bias.
        learning_rate: The step for a slope of 1.
        n_steps: At most so many steps.
    """
    weights, slopes = [place.value_in(parameters)], []
    for _ in range(n_steps + 1):
        moved = with_weight(parameters, place, weights[-1])
        slopes.append(place.value_in(backward(moved, forward(moved, inputs), labels)))
        weights.append(weights[-1] - learning_rate * slopes[-1])
        if abs(weights[-1]) > FARTHEST:
            break
    path = np.array(weights[: len(slopes)])
    losses = loss_along(parameters, inputs, labels, place, path)
    return WeightDescent(path, losses, np.array(slopes), len(slopes) <= n_steps)


def check_gradients(
    parameters: Parameters,
    gradients: Gradients,
    inputs: Float32Array,
    labels: NDArray[Any],
    places: Mapping[str, ParameterPlace],
) -> dict[str, GradientCheck]:
    """Backpropagation's derivatives at some places beside finite differences, by the places' names."""
    return {
        name: GradientCheck(
            place.value_in(gradients),
            finite_difference(parameters, inputs, labels, place),
        )
        for name, place in places.items()
    }


def curve_around(path: Iterable[float], n_points: int = 61, margin: float = 2.0) -> NDArray[np.float64]:
    """Values of a weight at which to draw the loss: all of a path, and `margin` to both sides."""
    values = list(path)
    return np.linspace(min(values) - margin, max(values) + margin, n_points)
