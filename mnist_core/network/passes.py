"""The forward and the backward pass in NumPy, with every value between a pixel and a gradient.

Reads a network's parameters and labelled inputs, and gives what the lessons show: their pages print these
functions as source. Training does not come through here; Keras and TensorFlow do it, and the tests hold
the two against each other. The equations BP1 to BP4 are those of Nielsen, "Neural Networks and Deep
Learning" (2015), chapter 2.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import Float32Array
from mnist_core.config import Activation
from mnist_core.network.parameters import ACTIVATION_FUNCTIONS, Parameters, cross_entropy, softmax

Kind = Literal["weights", "biases"]

ACTIVATION_DERIVATIVES: Final[Mapping[Activation, Callable[[Float32Array, Float32Array], Float32Array]]] = {
    "relu": lambda z, _: (z > 0).astype(z.dtype),  # at 0, where there is none, 0 as in Keras
    "tanh": lambda _, a: 1 - a**2,
    "sigmoid": lambda _, a: a * (1 - a),
    "none": lambda z, _: np.ones_like(z),
}
"""da/dz, element by element, from the weighted sum z and the activation a = f(z)."""


@dataclass(frozen=True, eq=False)
class ForwardPass:
    """Every value on the way from n images to their probabilities; arrays are read-only.

    Attributes:
        inputs: Shape (n, 784).
        weighted_sums: One (n, units) array a layer of neurons, the output layer's (n, 10) last.
        activations: One (n, units) array a hidden layer.
        probabilities: Shape (n, 10), each row positive and summing to 1.
    """

    inputs: Float32Array
    weighted_sums: tuple[Float32Array, ...]
    activations: tuple[Float32Array, ...]
    probabilities: Float32Array

    def __post_init__(self) -> None:
        _make_read_only(self)

    @property
    def logits(self) -> Float32Array:
        """The output layer's weighted sums, shape (n, 10)."""
        return self.weighted_sums[-1]


@dataclass(frozen=True, eq=False)
class Gradients:
    """Derivatives of the mean loss of n images, first hidden layer first; arrays are read-only.

    Attributes:
        weights: One array a layer, of the shape of `Parameters.weights`.
        biases: One array a layer, of the shape of `Parameters.biases`.
        weighted_sums: One (n, units) array a layer: Nielsen's δ, divided by n for the mean.
        activations: One (n, units) array a hidden layer.
        loss: The mean cross-entropy in nats, plus the L2 term.
    """

    weights: tuple[Float32Array, ...]
    biases: tuple[Float32Array, ...]
    weighted_sums: tuple[Float32Array, ...]
    activations: tuple[Float32Array, ...]
    loss: float

    def __post_init__(self) -> None:
        _make_read_only(self)

    def flat(self) -> NDArray[np.float64]:
        """All of them as one vector, shape (n_parameters,): layer by layer, weights before biases."""
        pairs = zip(self.weights, self.biases, strict=True)
        return np.concatenate([array.ravel() for pair in pairs for array in pair]).astype(np.float64)


@dataclass(frozen=True, eq=False)
class NeuronTerms:
    """One neuron's sum on one image, term by term; arrays are read-only.

    Attributes:
        inputs: Shape (fan-in,), the pixels or the activations of the layer before.
        weights: Shape (fan-in,).
        products: Shape (fan-in,), inputs × weights.
        bias: Added to the sum of the products.
        weighted_sum: That sum.
        activation: What the neuron passes on; for an output neuron its digit's probability.
    """

    inputs: Float32Array
    weights: Float32Array
    products: Float32Array
    bias: float
    weighted_sum: float
    activation: float

    def __post_init__(self) -> None:
        _make_read_only(self)

    @property
    def sum_of_positive(self) -> float:
        """The sum of the products above 0."""
        return float(self.products.clip(min=0).sum())

    @property
    def sum_of_negative(self) -> float:
        """The sum of the products below 0."""
        return float(self.products.clip(max=0).sum())


def forward(parameters: Parameters, inputs: Float32Array) -> ForwardPass:
    """The forward pass: z = a W + b and a = f(z), layer after layer (Goodfellow et al., algorithm 6.3).

    Args:
        parameters: L layers of neurons.
        inputs: Shape (n, 784), as training prepares them; float64 inputs make every value float64.
    """
    activate = ACTIVATION_FUNCTIONS[parameters.activation]
    weighted_sums = [inputs @ parameters.weights[0] + parameters.biases[0]]
    activations: list[Float32Array] = []
    for weights, biases in zip(parameters.weights[1:], parameters.biases[1:], strict=True):
        activations.append(activate(weighted_sums[-1]))  # a = f(z)
        weighted_sums.append(activations[-1] @ weights + biases)  # z = a W + b
    return ForwardPass(inputs, tuple(weighted_sums), tuple(activations), softmax(weighted_sums[-1]))


def backward(parameters: Parameters, passed: ForwardPass, labels: NDArray[Any], l2: float = 0.0) -> Gradients:
    """The backward pass: the chain rule from the loss back to every weight (Rumelhart et al., 1986).

    Softmax and cross-entropy together have the short derivative p − y (Nielsen, chapter 3, equation 81).
    From there each layer hands its gradient to the one before (Goodfellow et al., algorithm 6.4).

    Args:
        parameters: The ones `passed` was computed with.
        passed: Of n images.
        labels: Shape (n,), integers 0 to 9.
        l2: Weight of the sum of squared weights, not biases, in the loss, as in Keras.

    Raises:
        ValueError: There is no image, or not one label an image.
    """
    losses = _losses(passed.logits, labels)
    one_hot = np.eye(passed.logits.shape[1], dtype=passed.logits.dtype)[labels]
    da_dz = ACTIVATION_DERIVATIVES[parameters.activation]
    deltas = [(passed.probabilities - one_hot) / len(labels)]  # BP1: δ = (p − y) / n
    activations: list[Float32Array] = []
    for layer in range(len(parameters.weights) - 1, 0, -1):
        activations.insert(0, deltas[0] @ parameters.weights[layer].T)  # ∂C/∂a = δ Wᵀ of the layer after
        z, a = passed.weighted_sums[layer - 1], passed.activations[layer - 1]
        deltas.insert(0, activations[0] * da_dz(z, a))  # BP2: δ = ∂C/∂a ⊙ f′(z)
    received = (passed.inputs, *passed.activations)
    return Gradients(
        weights=tuple(  # BP4: ∂C/∂W = aᵀ δ, with a of the layer before; the L2 term adds 2 λ W
            a.T @ delta + 2 * l2 * w for a, delta, w in zip(received, deltas, parameters.weights, strict=True)
        ),
        biases=tuple(delta.sum(axis=0) for delta in deltas),  # BP3: ∂C/∂b = Σ δ over the images
        weighted_sums=tuple(deltas),
        activations=tuple(activations),
        loss=float(losses.mean(dtype=np.float64)) + l2 * _sum_of_squares(parameters),
    )


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
    losses = _losses(parameters.logits(_as_float64(inputs)), labels)
    return float(losses.mean()) + l2 * _sum_of_squares(parameters)


def finite_difference(  # noqa: PLR0917, a place has many coordinates
    parameters: Parameters,
    inputs: Float32Array,
    labels: NDArray[Any],
    layer: int,
    index: tuple[int, ...],
    kind: Kind = "weights",
    h: float = 1e-4,
    l2: float = 0.0,
) -> float:
    """dC/dw ≈ (C(w + h) − C(w − h)) / 2h, without any backward pass.

    The central difference in float64: its error falls with h² (Goodfellow et al., section 11.5), except
    where ReLU has its corner between w − h and w + h.

    Args:
        parameters: Where to measure.
        inputs: Shape (n, 784).
        labels: Shape (n,), integers 0 to 9.
        layer: 0 is the first hidden layer.
        index: (input, unit) of a weight, (unit,) of a bias.
        kind: Which of the two.
        h: How far to step to either side.
        l2: As in `mean_loss`.

    Raises:
        ValueError: There is no such weight or bias, no image, or not one label an image.
    """
    w = _number_at(parameters, layer, index, kind)
    below, above = loss_along(parameters, inputs, labels, layer, index, (w - h, w + h), kind)
    if kind == "weights":  # the other squares of the L2 term are equal on both sides
        below, above = below + l2 * (w - h) ** 2, above + l2 * (w + h) ** 2
    return float((above - below) / (2 * h))


def loss_along(  # noqa: PLR0917, a place has many coordinates
    parameters: Parameters,
    inputs: Float32Array,
    labels: NDArray[Any],
    layer: int,
    index: tuple[int, ...],
    values: Iterable[float],
    kind: Kind = "weights",
) -> NDArray[np.float64]:
    """The mean cross-entropy as one weight or bias takes each value and all others stay.

    One number moves the weighted sum of its own neuron only, by (value − old value) × the input the weight
    multiplies. So that neuron is computed anew, and where it passes on something else, the layers after it.

    Args:
        parameters: All the other numbers.
        inputs: Shape (n, 784).
        labels: Shape (n,), integers 0 to 9.
        layer: 0 is the first hidden layer.
        index: (input, unit) of a weight, (unit,) of a bias.
        values: Any numbers.
        kind: Which of the two.

    Returns:
        One loss in nats a value, computed in float64.

    Raises:
        ValueError: There is no such weight or bias, no image, or not one label an image.
    """
    old, unit = _number_at(parameters, layer, index, kind), index[-1]
    passed = forward(parameters, _as_float64(inputs))
    losses = _losses(passed.logits, labels)
    received = (passed.inputs, *passed.activations)[layer]
    slope = received[:, index[0]] if kind == "weights" else np.ones_like(received[:, 0])  # ∂z/∂w, ∂z/∂b
    z = passed.weighted_sums[layer][:, unit]
    if layer == len(parameters.weights) - 1:  # an output neuron moves its own logit
        target, activate = layer, ACTIVATION_FUNCTIONS["none"]
        outgoing = np.eye(passed.logits.shape[1])[unit]
    else:  # a hidden one moves every weighted sum of the next layer
        target, activate = layer + 1, ACTIVATION_FUNCTIONS[parameters.activation]
        outgoing = parameters.weights[target][unit]
    means = []
    for value in values:
        change = activate(z + (value - old) * slope) - activate(z)
        moved = np.flatnonzero(change)
        sums = passed.weighted_sums[target][moved] + np.outer(change[moved], outgoing)
        new_losses = losses.copy()
        new_losses[moved] = cross_entropy(_logits_from(parameters, target, sums), labels[moved])
        means.append(new_losses.mean())
    return np.array(means, dtype=np.float64)


def with_weight(
    parameters: Parameters, layer: int, index: tuple[int, ...], value: float, kind: Kind = "weights"
) -> Parameters:
    """A copy in which one weight or bias has another value; see `loss_along` for the arguments.

    Raises:
        ValueError: There is no such weight or bias.
    """
    _number_at(parameters, layer, index, kind)
    arrays = [array.copy() for array in getattr(parameters, kind)]
    arrays[layer][index] = value
    changed = tuple(arrays)
    return replace(parameters, weights=changed) if kind == "weights" else replace(parameters, biases=changed)


def stepped(parameters: Parameters, gradients: Gradients, learning_rate: float) -> Parameters:
    """One update of plain gradient descent: w ← w − learning rate × ∂C/∂w, and the same for b."""
    return Parameters(
        tuple(w - learning_rate * g for w, g in zip(parameters.weights, gradients.weights, strict=True)),
        tuple(b - learning_rate * g for b, g in zip(parameters.biases, gradients.biases, strict=True)),
        parameters.activation,
    )


def collapsed(parameters: Parameters) -> tuple[Float32Array, Float32Array]:
    """The one layer that a network without activation is: (a W₁ + b₁) W₂ + b₂ = a (W₁ W₂) + (b₁ W₂ + b₂).

    Returns:
        W of shape (784, 10) and b of shape (10,), float32: ``inputs @ W + b`` are the logits.

    Raises:
        ValueError: The hidden layers have an activation, and no single layer does what they do.
    """
    if parameters.activation != "none":
        raise ValueError(f"Layers collapse into one only with activation none, not {parameters.activation}.")
    product, bias = parameters.weights[0], parameters.biases[0]
    for weights, biases in zip(parameters.weights[1:], parameters.biases[1:], strict=True):
        product, bias = product @ weights, bias @ weights + biases
    return product, bias


def neuron_terms(parameters: Parameters, inputs_row: Float32Array, layer: int, unit: int) -> NeuronTerms:
    """The sum of one neuron on one image: z = Σ wᵢ aᵢ + b, then f(z).

    Args:
        parameters: Of the network.
        inputs_row: Shape (784,), one prepared image.
        layer: 0 is the first hidden layer.
        unit: Which neuron of that layer.
    """
    passed = forward(parameters, inputs_row[np.newaxis])
    inputs = (passed.inputs, *passed.activations)[layer][0]
    weights = parameters.weights[layer][:, unit]
    return NeuronTerms(
        inputs=inputs,
        weights=weights,
        products=inputs * weights,
        bias=float(parameters.biases[layer][unit]),
        weighted_sum=float(passed.weighted_sums[layer][0, unit]),
        activation=float((*passed.activations, passed.probabilities)[layer][0, unit]),
    )


def dead_units(parameters: Parameters, inputs: Float32Array) -> tuple[NDArray[np.bool_], ...]:
    """Which ReLU neurons pass on 0 for every image: none of these images can change their weights.

    Args:
        parameters: Of the network; an activation other than ReLU has no dead units.
        inputs: Shape (n, 784).

    Returns:
        One (units,) array a hidden layer.
    """
    is_relu = parameters.activation == "relu"
    return tuple((a == 0).all(axis=0) & is_relu for a in parameters.hidden_activations(inputs))


def _as_float64(inputs: Float32Array) -> NDArray[Any]:
    """With these, NumPy computes in float64 all that follows: float64 @ float32 is float64."""
    return inputs.astype(np.float64)


def _logits_from(parameters: Parameters, layer: int, weighted_sums: Float32Array) -> Float32Array:
    """The rest of the forward pass, from one layer's weighted sums."""
    activate = ACTIVATION_FUNCTIONS[parameters.activation]
    for weights, biases in zip(parameters.weights[layer + 1 :], parameters.biases[layer + 1 :], strict=True):
        weighted_sums = activate(weighted_sums) @ weights + biases
    return weighted_sums


def _losses(logits: Float32Array, labels: NDArray[Any]) -> Float32Array:
    """The cross-entropy of each image, once it is sure that each has its label."""
    if not len(logits) or labels.shape != (len(logits),):
        raise ValueError(f"Each image needs a label: {len(logits)} images, labels of shape {labels.shape}.")
    return cross_entropy(logits, labels)


def _sum_of_squares(parameters: Parameters) -> float:
    return sum(float(np.square(w, dtype=np.float64).sum()) for w in parameters.weights)


def _number_at(parameters: Parameters, layer: int, index: tuple[int, ...], kind: Kind) -> float:
    """The weight or bias at a place, which is checked: NumPy would take a negative or short index."""
    shapes = [array.shape for array in getattr(parameters, kind)]
    if not 0 <= layer < len(shapes):
        raise ValueError(f"layer must be from 0 to {len(shapes) - 1}, not {layer}.")
    shape = shapes[layer]
    if len(index) != len(shape) or not all(0 <= i < n for i, n in zip(index, shape, strict=True)):
        raise ValueError(f"The {kind} of layer {layer} have shape {shape}, so none stands at {index}.")
    return float(getattr(parameters, kind)[layer][index])


def _make_read_only(result: ForwardPass | Gradients | NeuronTerms) -> None:
    """Put read-only views in the place of a result's arrays; the caller's own stay writable."""
    for name, value in vars(result).items():
        if isinstance(value, tuple):
            object.__setattr__(result, name, tuple(_read_only(array) for array in value))
        elif isinstance(value, np.ndarray):
            object.__setattr__(result, name, _read_only(value))


def _read_only(array: Float32Array) -> Float32Array:
    view = array.view()
    view.setflags(write=False)
    return view
