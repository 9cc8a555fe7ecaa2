"""Gradient descent on one weight, the chain rule along one path, and what one image's step does to others.

Reads parameters and labelled inputs, and gives what the lesson on learning shows. The mathematics is that of
`passes`; here it is followed for single numbers, and held against finite differences.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import Float32Array, Float64Array, IndexArray, ReadOnlyArrays
from mnist_core.config import NetworkConfig
from mnist_core.network.finite_differences import (
    ParameterPlace,
    finite_difference,
    loss_along,
    mean_loss,
    with_weight,
)
from mnist_core.network.parameters import Parameters
from mnist_core.network.passes import (
    ACTIVATION_DERIVATIVES,
    ForwardPass,
    Gradients,
    backward,
    forward,
    stepped,
)

FARTHEST: Final = 100.0
"""A weight that a descent has driven further than this from 0 is not followed any more."""
MIN_HARM: Final = 0.05
"""A step harms the other images if it raises their mean loss by more than this share of it."""


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


@dataclass(frozen=True, eq=False)
class ChainPath(ReadOnlyArrays):
    """How the loss of one image depends on a neuron of the last hidden layer, factor by factor.

    Attributes:
        outgoing: Shape (10,), the neuron's weights to the outputs.
        deltas: Shape (10,), p − y of each output.
        terms: Shape (10,), their products.
        arriving: ∂L/∂a, the sum of the terms; a is the neuron's activation.
        slope: f′(z); z is the neuron's weighted sum.
        delta: ∂L/∂z = ∂L/∂a × f′(z), which is also the derivative for the neuron's bias.
        sender: Which of the neuron's inputs is largest for this image.
        received: The value of that input.
        derivative: ∂L/∂w = received × delta; w is the weight that multiplies that input.
    """

    outgoing: Float32Array
    deltas: Float32Array
    terms: Float32Array
    arriving: float
    slope: float
    delta: float
    sender: int
    received: float
    derivative: float


@dataclass(frozen=True, eq=False)
class StepEffects(ReadOnlyArrays):
    """What one step for one image does, at several learning rates; the first one is 0: no step.

    Attributes:
        rates: Shape (n,).
        own: Shape (n,), the loss of the image after the step, in nats.
        same_digit: Shape (n,), the mean loss of the other images of its digit; nan if there is none.
        others: Shape (n,), the mean loss of all other images.
        n_same_digit: Other images of the same digit.
        n_others: All other images.
    """

    rates: Float64Array
    own: Float64Array
    same_digit: Float64Array
    others: Float64Array
    n_same_digit: int
    n_others: int

    def harms_others(self, place: int) -> bool:
        """Whether the step at one of the rates raises the mean loss of the others by over `MIN_HARM`."""
        return bool(self.others[place] > (1 + MIN_HARM) * self.others[0])


@dataclass(frozen=True)
class PassCosts:
    """Multiplications of the two passes for one image; additions and activations are left out.

    Attributes:
        forward: Each weight times its input.
        backward: Each weight's input times its neuron's derivative, and, but for the first layer, each weight
            times the derivative it hands back.
        n_parameters: Weights and biases.
    """

    forward: int
    backward: int
    n_parameters: int

    @property
    def n_estimates(self) -> int:
        """Forward passes that estimate all derivatives by finite differences."""
        return 2 * self.n_parameters


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
    """Gradient descent on one weight: w ← w − learning rate × dL/dw, again and again.

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


def chain_path(parameters: Parameters, passed: ForwardPass, labels: NDArray[Any], unit: int) -> ChainPath:
    """Follow the chain rule from the loss of one image back to a weight of one hidden neuron.

    Args:
        parameters: Of the network.
        passed: Its forward pass for one image.
        labels: Shape (1,), the image's digit.
        unit: A neuron of the last hidden layer.
    """
    deltas = passed.probabilities[0] - np.eye(passed.probabilities.shape[1], dtype=np.float32)[labels[0]]
    outgoing = parameters.weights[-1][unit]
    terms = outgoing * deltas  # one for each output that the neuron reaches
    z, a = passed.weighted_sums[-2][0, unit], passed.activations[-1][0, unit]
    slope = float(ACTIVATION_DERIVATIVES[parameters.activation](z, a))
    arriving = float(terms.sum())
    inputs = (passed.inputs, *passed.activations)[len(parameters.weights) - 2][0]
    sender = int(np.abs(inputs).argmax())
    delta, received = arriving * slope, float(inputs[sender])
    return ChainPath(outgoing, deltas, terms, arriving, slope, delta, sender, received, received * delta)


def effects_of_step(  # noqa: PLR0917, an image, the others, and how far
    parameters: Parameters,
    inputs: Float32Array,
    labels: NDArray[Any],
    other_inputs: Float32Array,
    other_labels: NDArray[Any],
    rates: Sequence[float],
) -> StepEffects:
    """Change all weights by one step for one image, and measure the losses of this image and of others.

    Args:
        parameters: Before the step.
        inputs: Shape (1, 784), the image the step is for.
        labels: Shape (1,), its digit.
        other_inputs: Shape (n, 784).
        other_labels: Shape (n,).
        rates: Learning rates; 0 is put before them.
    """
    gradients = backward(parameters, forward(parameters, inputs), labels)
    same = other_labels == labels[0]
    losses = []
    for rate in (0.0, *rates):
        changed = stepped(parameters, gradients, rate)
        own, others = mean_loss(changed, inputs, labels), mean_loss(changed, other_inputs, other_labels)
        of_digit = mean_loss(changed, other_inputs[same], other_labels[same]) if same.any() else np.nan
        losses.append((own, of_digit, others))
    own_losses, same_losses, other_losses = np.array(losses).T
    all_rates = np.array([0.0, *rates])
    n_same, n_others = int(same.sum()), len(other_labels)
    return StepEffects(all_rates, own_losses, same_losses, other_losses, n_same, n_others)


def first_others(number: int, n_others: int, n_images: int) -> IndexArray:
    """The first images but one, where there are so many; else fewer.

    Args:
        number: Of the image that is left out.
        n_others: How many to give.
        n_images: How many there are.
    """
    last = min(n_others, n_images - 1)
    return np.delete(np.arange(last + 1), min(number, last))


def pass_costs(network: NetworkConfig) -> PassCosts:
    """What a forward and a backward pass of one image cost, in multiplications."""
    weights = [n_weights for n_weights, _ in network.layer_parameters]
    return PassCosts(sum(weights), sum(weights) + sum(weights[1:]), network.n_parameters)
