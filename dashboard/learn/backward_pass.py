"""The forward and the backward pass of one image, played on the picture of the network."""

from typing import Final

import numpy as np

from dashboard.components.network import network_view
from dashboard.elements.prose import read_lesson
from mnist_core.analysis.backward_trace import trace_backward
from mnist_core.analysis.network_trace import trace_signal
from mnist_core.arrays import Float32Array
from mnist_core.config import Activation
from mnist_core.figures.style import share_text, with_minus
from mnist_core.lessons.backward_pass import PassMoment, moments_of
from mnist_core.network.parameters import Parameters

_HEIGHT: Final = 0.5
"""Of the layers, as a share of the window's height."""
_SIGNED: Final = ("error", "rival_error", "sent", "arriving", "gradient")
"""The numbers that are written with their sign, because they push up or down."""
_LEAST: Final = 1e-6
"""Numbers smaller than this are written as 0."""


def play(parameters: Parameters, inputs: Float32Array, label: int) -> None:
    """Draw the network with both passes of an image, to be played.

    Args:
        parameters: The network.
        inputs: Shape (784,), the prepared image.
        label: Its digit.
    """
    signal = trace_signal(parameters, inputs)
    back = trace_backward(parameters, signal, label)
    told = [sentence(moment, parameters.activation) for moment in moments_of(signal, back, label)]
    network_view(
        signal,
        parameters.activation,
        label,
        key="backward_network",
        height=_HEIGHT,
        is_beside_chart=True,
        backward=(back, told),
    )


def sentence(moment: PassMoment, activation: Activation) -> str:
    """What is said about a moment, with its numbers."""
    prose, name = read_lesson("learn", "backward_pass"), f"{moment.name} {activation}"
    numbers = {key: _written(value, key in _SIGNED) for key, value in moment.numbers.items()}
    if "probability" in moment.numbers:  # as the picture writes it
        numbers["percent"] = share_text(moment.numbers["probability"])
    return prose[name if name in prose else moment.name].format(**numbers)


def _written(value: float, is_signed: bool) -> str:
    """A whole number as it is; another with three decimals, or two figures where these would be 0."""
    if abs(value) < _LEAST:
        return "0"
    if float(value).is_integer():
        return f"{value:,.0f}"
    decimals = f"{value:.3f}"
    if not float(decimals):
        decimals = np.format_float_positional(value, precision=2, fractional=False, trim="-")
    return with_minus(f"+{decimals}" if is_signed and value > 0 else decimals)
