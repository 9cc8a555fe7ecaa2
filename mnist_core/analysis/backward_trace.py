"""What comes back through a network after one image: every number that the picture of it shows.

The neurons are those that `network_trace` draws. Sums are always over all neurons, drawn or not.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mnist_core.analysis.network_trace import Signal
from mnist_core.arrays import Float32Array, ReadOnlyArrays
from mnist_core.network.parameters import Parameters
from mnist_core.network.passes import ACTIVATION_DERIVATIVES, backward, forward


@dataclass(frozen=True, eq=False)
class BackwardSignal(ReadOnlyArrays):
    """The derivatives of one image's loss L, for the drawn neurons, k of a layer; arrays are read-only.

    z is a neuron's weighted sum, a its activation, w a weight, and the previous layer has j drawn neurons.

    Attributes:
        loss: L, the cross-entropy in nats.
        errors: One (k,) array a layer, ∂L/∂z, the derivative for the bias too; the output layer's, the last,
            is p − y.
        arriving: One (k,) array a hidden layer, ∂L/∂a: what the next layer sends back, added up.
        slopes: One (k,) array a hidden layer, ∂a/∂z, so that error = arriving × slope.
        n_silent: Of each hidden layer's neurons, drawn or not, how many have a slope of 0.
        sent: One (j, k) array for each layer but the first hidden one, weight × error: what each neuron sends
            back to each neuron of the previous layer.
        gradients: The same for ∂L/∂w = activation of the previous layer × error.
        gradient_images: Shape (k, 784), ∂L/∂w = pixel × error of the first hidden layer.
    """

    loss: float
    errors: tuple[Float32Array, ...]
    arriving: tuple[Float32Array, ...]
    slopes: tuple[Float32Array, ...]
    n_silent: tuple[int, ...]
    sent: tuple[Float32Array, ...]
    gradients: tuple[Float32Array, ...]
    gradient_images: Float32Array


def trace_backward(parameters: Parameters, signal: Signal, label: int) -> BackwardSignal:
    """Send the error of one image back through a network and keep what is drawn of it.

    Args:
        parameters: The network.
        signal: The image's way forward, from `trace_signal`.
        label: The true digit.
    """
    passed = forward(parameters, signal.inputs[None])
    gradients = backward(parameters, passed, np.array([label]))
    drawn = [layer.drawn for layer in signal.layers]
    errors = [deltas[0] for deltas in gradients.weighted_sums]
    da_dz = ACTIVATION_DERIVATIVES[parameters.activation]
    slopes = [da_dz(z[0], a[0]) for z, a in zip(passed.weighted_sums, passed.activations, strict=False)]
    between = [np.ix_(*ends) for ends in pairwise(drawn)]
    products = [weights * error for weights, error in zip(parameters.weights[1:], errors[1:], strict=True)]
    return BackwardSignal(
        loss=gradients.loss,
        errors=tuple(error[chosen] for error, chosen in zip(errors, drawn, strict=True)),
        arriving=tuple(a[0, chosen] for a, chosen in zip(gradients.activations, drawn, strict=False)),
        slopes=tuple(slope[chosen] for slope, chosen in zip(slopes, drawn, strict=False)),
        n_silent=tuple(int((slope == 0).sum()) for slope in slopes),
        sent=tuple(sent[ends] for sent, ends in zip(products, between, strict=True)),
        gradients=tuple(g[ends] for g, ends in zip(gradients.weights[1:], between, strict=True)),
        gradient_images=gradients.weights[0][:, drawn[0]].T,
    )
