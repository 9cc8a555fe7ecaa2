"""Derivatives without a backward pass: the loss beside a weight's value, and along all its values.

The tests hold the backward pass against these, and the lesson on learning lets a visitor move one weight.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import Float32Array
from mnist_core.network.parameters import ACTIVATION_FUNCTIONS, Parameters, cross_entropy
from mnist_core.network.passes import Gradients, forward, losses_of_images

ParameterKind = Literal["weights", "biases"]


@dataclass(frozen=True)
class ParameterPlace:
    """Where one number of a network stands: its layer (0 is the first hidden one), and its index there.

    Attributes:
        layer: 0 is the first hidden layer.
        index: (input, unit) of a weight, (unit,) of a bias.
    """

    layer: int
    index: tuple[int, ...]

    @property
    def kind(self) -> ParameterKind:
        """Which array it stands in."""
        return "weights" if len(self.index) > 1 else "biases"

    def value_in(self, holder: Parameters | Gradients) -> float:
        """The number there: of parameters the weight or bias, of gradients its derivative."""
        return float(getattr(holder, self.kind)[self.layer][self.index])


def mean_loss(parameters: Parameters, inputs: Float32Array, labels: NDArray[Any], l2: float = 0.0) -> float:
    """Mean cross-entropy in nats plus `l2` × the sum of squared weights, computed in float64.

    Args:
        parameters: Of the network.
        inputs: Shape (n, 784).
        labels: Shape (n,), integers 0 to 9.
        l2: 0 or more.

    Raises:
        ValueError: There is no image, or not one label an image.
    """
    losses = losses_of_images(parameters.logits(_as_float64(inputs)), labels)
    return float(losses.mean()) + l2 * parameters.sum_of_squares


def finite_difference(
    parameters: Parameters,
    inputs: Float32Array,
    labels: NDArray[Any],
    place: ParameterPlace,
    *,
    h: float = 1e-4,
    l2: float = 0.0,
) -> float:
    """dL/dw ≈ (L(w + h) − L(w − h)) / 2h, without any backward pass.

    The central difference in float64: its error falls with h² (Goodfellow et al., section 11.5), except
    where ReLU has its corner between w − h and w + h.

    Args:
        parameters: Where to measure.
        inputs: Shape (n, 784).
        labels: Shape (n,), integers 0 to 9.
        place: Of the weight or bias.
        h: How far to step to either side.
        l2: As in `mean_loss`.

    Raises:
        ValueError: There is no such weight or bias, no image, or not one label an image.
    """
    w = _number_at(parameters, place)
    below, above = loss_along(parameters, inputs, labels, place, (w - h, w + h))
    if place.kind == "weights":  # the other squares of the L2 term are equal on both sides
        below, above = below + l2 * (w - h) ** 2, above + l2 * (w + h) ** 2
    return float((above - below) / (2 * h))


def loss_along(
    parameters: Parameters,
    inputs: Float32Array,
    labels: NDArray[Any],
    place: ParameterPlace,
    values: Iterable[float],
) -> NDArray[np.float64]:
    """The mean cross-entropy as one weight or bias takes each value and all others stay.

    One number moves the weighted sum of its own neuron only, by (value − old value) × the input the weight
    multiplies. So that neuron is computed anew, and where its output changes, the layers after it.

    Args:
        parameters: All the other numbers.
        inputs: Shape (n, 784).
        labels: Shape (n,), integers 0 to 9.
        place: Of the weight or bias.
        values: Any numbers.

    Returns:
        One loss in nats a value, computed in float64.

    Raises:
        ValueError: There is no such weight or bias, no image, or not one label an image.
    """
    old, layer, unit = _number_at(parameters, place), place.layer, place.index[-1]
    passed = forward(parameters, _as_float64(inputs))
    losses = losses_of_images(passed.logits, labels)
    received = (passed.inputs, *passed.activations)[layer]
    is_weight = place.kind == "weights"
    slope = received[:, place.index[0]] if is_weight else np.ones_like(received[:, 0])  # ∂z/∂w, ∂z/∂b
    z = passed.weighted_sums[layer][:, unit]
    target, activate, outgoing = _effect_of(parameters, layer, unit)
    means = []
    for value in values:
        change = activate(z + (value - old) * slope) - activate(z)
        moved = np.flatnonzero(change)
        sums = passed.weighted_sums[target][moved] + np.outer(change[moved], outgoing)
        new_losses = losses.copy()
        new_losses[moved] = cross_entropy(parameters.logits_from(target, sums), labels[moved])
        means.append(new_losses.mean())
    return np.array(means, dtype=np.float64)


def _effect_of(
    parameters: Parameters, layer: int, unit: int
) -> tuple[int, Callable[[Float32Array], Float32Array], Float32Array]:
    """Which layer's sums a neuron moves, by what function of its own sum, and times which weights."""
    if layer == len(parameters.weights) - 1:  # an output neuron moves its own logit
        return layer, ACTIVATION_FUNCTIONS["none"], np.eye(len(parameters.biases[layer]))[unit]
    activate = ACTIVATION_FUNCTIONS[parameters.activation]  # a hidden one every sum of the next layer
    return layer + 1, activate, parameters.weights[layer + 1][unit]


def with_weight(parameters: Parameters, place: ParameterPlace, value: float) -> Parameters:
    """A copy in which one weight or bias has another value.

    Raises:
        ValueError: There is no such weight or bias.
    """
    _number_at(parameters, place)
    arrays = [array.copy() for array in getattr(parameters, place.kind)]
    arrays[place.layer][place.index] = value
    changed: dict[str, Any] = {place.kind: tuple(arrays)}
    return replace(parameters, **changed)


def _as_float64(inputs: Float32Array) -> NDArray[Any]:
    """With these, NumPy computes in float64 all that follows: float64 @ float32 is float64."""
    return inputs.astype(np.float64)


def _number_at(parameters: Parameters, place: ParameterPlace) -> float:
    """The weight or bias at a place, which is checked: NumPy would take a negative or short index."""
    layer, index, kind = place.layer, place.index, place.kind
    shapes = [array.shape for array in getattr(parameters, kind)]
    if not 0 <= layer < len(shapes):
        raise ValueError(f"layer must be from 0 to {len(shapes) - 1}, not {layer}.")
    shape = shapes[layer]
    if len(index) != len(shape) or not all(0 <= i < n for i, n in zip(index, shape, strict=True)):
        raise ValueError(f"The {kind} of layer {layer} have shape {shape}, so none stands at {index}.")
    return place.value_in(parameters)
