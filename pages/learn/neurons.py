"""Neurons and layers: one neuron by hand, one of the network's own, and how many numbers they hold."""

import itertools

import streamlit as st

from dashboard.learn import lesson_frame, parts
from dashboard.session import choices, resources
from dashboard.widgets import charts, image_choice, settings, text_elements
from dashboard.widgets import neuron as neuron_panel
from dashboard.widgets.controls import PERSIST
from mnist_core.config import NetworkConfig
from mnist_core.figures.lessons.neurons import network_figure
from mnist_core.lessons.neurons import finite_terms, neuron_by_hand
from mnist_core.network.passes import neuron_terms

START = ((0.8, 0.9), (0.3, -0.7), (0.6, 0.5))  # input and weight
START_BIAS = -0.2
LIMITS_OF_SUM = (2, 5)  # three products and a bias, each at most 1, stay below 5 with their labels


def slider(label: str, low: float, value: float) -> float:
    return st.slider(label, low, 1.0, value, 0.1, key=f"neurons_{label}", **PERSIST)


@st.fragment
def by_hand() -> None:
    left, right = st.columns([3, 2], gap="large")
    pairs = []
    with right:
        for mark, (x, w) in zip("₁₂₃", START, strict=True):
            with st.container(horizontal=True):  # side by side on a phone too
                pairs.append((slider(f"Input x{mark}", 0.0, x), slider(f"Weight w{mark}", -1.0, w)))
        bias = slider("Bias b", -1.0, START_BIAS)
    terms = neuron_by_hand(pairs, bias)
    products = terms.products.tolist()
    with left:
        neuron_panel.draw_sum(
            dict(zip(("x₁ w₁", "x₂ w₂", "x₃ w₃"), products, strict=True)), terms, "relu", LIMITS_OF_SUM
        )
    st.latex("z = x_1 w_1 + x_2 w_2 + x_3 w_3 + b")
    rows = {}
    for number, (x, w) in enumerate(pairs, start=1):
        factor = f"({w:.1f})" if w <= -0.05 else f"{w:z.1f}"  # noqa: PLR2004, less is shown as 0
        rows[rf"x_{number} w_{number} = {x:.1f} \times {factor}"] = products[number - 1]
    neuron_panel.write_sum(rows, terms, "relu", digits=2)


@st.fragment
def real_neuron(current: resources.TrainedRun) -> None:
    record, evaluation = current.record, current.evaluation
    sizes = record.config.network.layer_sizes
    number = image_choice.pick_image(evaluation.labels, evaluation.mistakes)
    layer, unit = pick_neuron(sizes)
    is_output = layer == len(sizes) - 2
    if record.has_diverged:
        st.info(lesson["not finite"], icon=":material/trending_up:")
        return
    row = current.test_inputs(number)
    terms = finite_terms(record.parameters, row, layer, unit)
    if terms is None:
        st.info(lesson["not finite"], icon=":material/trending_up:")
        return
    st.markdown(lesson["real" if layer == 0 else "later"])
    source = f"test image {number}, a {evaluation.labels[number]}" if layer == 0 else "from the layer before"
    activation = "softmax" if is_output else record.config.network.activation
    note = lesson["real note"] if layer == 0 else ""
    neuron_panel.calculation(terms, unit, activation, source, note)
    if is_output:
        text_elements.note(lesson["output"])


def pick_neuron(sizes: tuple[int, ...]) -> tuple[int, int]:
    """Controls that choose a layer, 0 for the first hidden one, and a neuron in it."""
    last = len(sizes) - 2
    layer = parts.choose_layer("Layer", last, "neurons_layer")
    n_units = sizes[layer + 1]
    if n_units == 1:
        st.caption("This layer has one neuron, number 0.")
        return layer, 0
    label = f"Neuron, 0 to {n_units - 1}" if layer < last else "Neuron: the digit it stands for"
    key = f"neurons_unit_{layer}_{n_units}"
    return layer, st.slider(label, 0, n_units - 1, 0, key=key, **PERSIST)


@st.fragment
def layers() -> None:
    left, right = st.columns(2, gap="large")
    with left:
        settings.front("units")
        settings.control_of("layers")
        for place in range(2, choices.get("layers") + 1):
            settings.control_of(f"units{place}")
        network = choices.config().network
        count(network)
    with right:
        charts.draw("network", network_figure, network.layer_sizes)


def count(network: NetworkConfig) -> None:
    """The parameters, a term for each layer."""
    st.markdown(lesson["counting"])
    pairs = itertools.pairwise(network.layer_sizes)
    terms = [
        rf"({fan_in} \times {units} + {units}) & = {n_weights + n_biases:,}"
        for (fan_in, units), (n_weights, n_biases) in zip(pairs, network.layer_parameters, strict=True)
    ]
    total = rf"\text{{parameters}} & = \mathbf{{{network.n_parameters:,}}}"
    rows = r" \\ + & ".join(terms).replace(",", "{,}")
    st.latex(rf"\begin{{array}}{{rlr}} & {rows} \\ \hline & {total.replace(',', '{,}')} \end{{array}}")


lesson = lesson_frame.begin("neurons")
parts.section("A neuron by hand", lesson["by hand"])
by_hand()
st.markdown(lesson["try"])
st.header("A neuron of the network")
if (current := lesson_frame.captioned_run()) is not None:
    real_neuron(current)
lesson_frame.source(neuron_terms)
parts.section("Layers, and how many numbers they hold", lesson["layers"])
layers()
lesson_frame.source(NetworkConfig.layer_parameters.fget)
lesson_frame.finish("neurons", lesson)
