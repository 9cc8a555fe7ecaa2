"""The whole network at work on one image, and the calculation of the neuron that was clicked."""

from typing import Any

import numpy as np
import streamlit as st

from dashboard.components.network import network_view
from dashboard.elements.prose import read_lesson
from dashboard.session import resources
from dashboard.widgets import neuron
from mnist_core.analysis.network_trace import trace_signal
from mnist_core.arrays import Float32Array
from mnist_core.figures.style import article
from mnist_core.network.parameters import Parameters
from mnist_core.network.passes import neuron_terms


def at_work(
    parameters: Parameters,
    inputs: Float32Array,
    label: int | None,
    key: str,
    *,
    height: float = 0.0,
    is_beside_chart: bool = False,
) -> tuple[int, int] | None:
    """Draw the network with one image's signal.

    Args:
        parameters: The network.
        inputs: Shape (784,), the prepared image.
        label: The true digit, if it is known.
        key: The element's key.
        height: Of a small picture, as a share of the window's height; 0 for the large one.
        is_beside_chart: Whether a chart of the outputs, with their numbers, stands beside it.

    Returns:
        Layer and number of the neuron that is selected, or None.
    """
    signal = trace_signal(parameters, inputs)
    activation = parameters.activation
    return network_view(signal, activation, label, key=key, height=height, is_beside_chart=is_beside_chart)


def explained_on_test_image(current: resources.TrainedRun, number: int, key: str, **look: Any) -> None:
    """A run's network on one of its test images, with the calculation of the neuron that is selected.

    Args:
        current: The run.
        number: Of the test image.
        key: The element's key.
        **look: More of `at_work`.
    """
    label = int(current.evaluation.labels[number])
    source = test_image_in_words(number, label)
    explained(current.record.parameters, current.test_inputs(number), label, source, key, **look)


def test_image_in_words(number: int, label: int) -> str:
    """What a test image is called where its numbers arrive."""
    return f"test image {number}, {article(label)} {label}"


@st.fragment
def explained(
    parameters: Parameters, inputs: Float32Array, label: int | None, source: str, key: str, **look: Any
) -> None:
    """The same, and below it the full calculation of the neuron that is selected.

    Args:
        parameters: The network.
        inputs: Shape (784,), the prepared image.
        label: The true digit, if it is known.
        source: What the image is, such as "test image 3, a 0".
        key: The element's key.
        **look: More of `at_work`.
    """
    selected = at_work(parameters, inputs, label, key, **look)
    if selected is not None:
        calculation(selected, parameters, inputs, source)


def calculation(selected: tuple[int, int], parameters: Parameters, inputs: Float32Array, source: str) -> None:
    """The full calculation of one neuron.

    Args:
        selected: Layer and number of the neuron.
        parameters: The network.
        inputs: Shape (784,), the prepared image.
        source: What the image is, such as "test image 3, a 0".
    """
    prose = read_lesson("lab", "network")
    layer, unit = selected
    is_output = layer == len(parameters.weights) - 1
    where = f" of hidden layer {layer + 1}" if len(parameters.weights) > 2 else ""  # noqa: PLR2004, two: one hidden
    name = f"Output {unit}" if is_output else f"Neuron {unit}{where}"
    st.subheader(f"{name}, the full calculation")
    with np.errstate(all="ignore"):  # weights that grew without bound
        terms = neuron_terms(parameters, inputs, layer, unit)
    if not np.isfinite([terms.weighted_sum, terms.activation]).all():
        st.info(prose["not finite"], icon=":material/trending_up:")
        return
    arriving = source if layer == 0 else "from the previous layer"
    activation = "softmax" if is_output else parameters.activation
    neuron.calculation(terms, unit, activation, arriving, prose["softmax"] if is_output else "")
