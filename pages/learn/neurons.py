"""Neurons and layers: one by hand, one that matches a pattern, one painted, one of the network; counting."""

import itertools

import streamlit as st

from dashboard.components.canvas import Ink, canvas
from dashboard.elements.live_region import announced
from dashboard.learn import lesson_frame, parts, shared_results
from dashboard.session import choices, present, resources
from dashboard.session.pads import Painting
from dashboard.widgets import charts, image_choice, settings, text_elements
from dashboard.widgets import neuron as neuron_panel
from dashboard.widgets.beside import WIDE_CONTROLS, beside, in_order
from dashboard.widgets.controls import PERSIST, segmented_choice
from mnist_core.config import NetworkConfig
from mnist_core.figures.digits import digit_grid
from mnist_core.figures.lessons.matching import match_figure, pattern_figure
from mnist_core.figures.lessons.neurons import network_figure
from mnist_core.figures.style import NEGATIVE, POSITIVE, share_text, with_article
from mnist_core.images.drawing import paint_weights
from mnist_core.lessons import matching
from mnist_core.lessons.neurons import finite_terms, neuron_by_hand
from mnist_core.network.passes import neuron_terms

START = ((0.8, 0.9), (0.3, -0.7), (0.6, 0.5))  # input and weight
START_BIAS = -0.2
LIMITS_OF_SUM = (2, 6)  # three products of at most 1 and a bias of at least −2 stay within, with their labels
LOWEST_BIAS = -2.0  # so low that no one input brings the sum back above 0
INKS = (  # of the brushes that paint weights
    Ink(1, "Positive", POSITIVE),
    Ink(-1, "Negative", NEGATIVE),
    Ink(0, "Eraser", "none"),
)
SUMS_HEIGHT = 303  # pixels: the axes below take as much as on a higher chart
Pair = tuple[int, int]
PATTERNS: dict[matching.Pattern, tuple[str, str]] = {  # what is chosen, and the words about it
    "mean": ("Mean {}", "match mean"),
    "difference": ("Mean {} minus mean {}", "match difference"),
}


def slider(label: str, low: float, value: float) -> float:
    return st.slider(label, low, 1.0, value, 0.1, key=f"neurons_{label}", **PERSIST)


@st.fragment
def by_hand() -> None:
    controls, picture = beside("by_hand", WIDE_CONTROLS)
    pairs = []
    with controls.container(gap=None):
        for mark, (x, w) in zip("₁₂₃", START, strict=True):
            with st.container(horizontal=True):  # side by side on a phone too
                pairs.append((slider(f"Input x{mark}", 0.0, x), slider(f"Weight w{mark}", -1.0, w)))
        bias = slider("Bias b", LOWEST_BIAS, START_BIAS)
    terms = neuron_by_hand(pairs, bias)
    products = terms.products.tolist()
    with picture:
        named = dict(zip(("x₁ w₁", "x₂ w₂", "x₃ w₃"), products, strict=True))
        neuron_panel.draw_sum(named, terms, "relu", LIMITS_OF_SUM)
    rows = {}
    for number, (x, w) in enumerate(pairs, start=1):
        factor = f"({w:.1f})" if w <= -0.05 else f"{w:z.1f}"  # noqa: PLR2004, less is shown as 0
        rows[rf"x_{number} w_{number} = {x:.1f} \times {factor}"] = products[number - 1]
    left, right = in_order()
    with left:
        neuron_panel.write_sum(rows, terms, "relu", digits=2)
    with right:
        st.markdown(lesson["by hand"])
        st.markdown(lesson["try"])


def pick_pair(key: str) -> Pair:
    """The two digits that a neuron tells apart."""
    pairs = {f"{first} and {second}": (first, second) for first, second in matching.PAIRS}
    return pairs[segmented_choice("Tell apart", list(pairs), key, **PERSIST)]


@st.fragment
def pattern() -> None:
    """One neuron that tells two digits apart, with a pattern as its weights."""
    controls, picture = beside("match", WIDE_CONTROLS)
    with controls:
        pair = pick_pair("match_pair")
        names = {name: choice.format(*pair) for name, (choice, _) in PATTERNS.items()}
        chosen = segmented_choice("Weights", names, "match_pattern", **PERSIST)
        st.markdown(lesson["match"])
        st.markdown(lesson[PATTERNS[chosen][1]])
    fingerprint = resources.dataset().fingerprint
    shown = shared_results.pattern_of(fingerprint, pair, chosen)
    owner = f"{fingerprint} {pair} {chosen}"
    with picture:
        left, right = st.columns([2, 3])
        with left:
            charts.draw_of("match_weights", owner, "weights", pattern_figure, shown, names[chosen])
        with right:
            charts.draw_of("match_sums", owner, "sums", match_figure, shown, pair, SUMS_HEIGHT)
    lesson_frame.source(matching.match, matching.best_bias)


@st.fragment
def paint() -> None:
    """The same with weights of the visitor's own."""
    painting, fingerprint = Painting.of_session(), resources.dataset().fingerprint
    controls, picture = beside("paint", WIDE_CONTROLS)
    with controls:
        words = {"hint": lesson["paint hint"], "about": lesson["paint about"], "inks": INKS}
        canvas(painting.strokes, painting.revision, key="paint_pad", on_change=painting.receive, **words)
        if painting.problem:
            st.warning(painting.problem, icon=":material/undo:")
        st.markdown(lesson["paint"])
    with picture:
        with st.container(horizontal=True):
            pair = pick_pair("paint_pair")
            given = {name: shared_results.pattern_of(fingerprint, pair, name) for name in PATTERNS}
            show_means(pair)
        own = shared_results.painted(fingerprint, pair, paint_weights(painting.strokes))
        charts.draw("paint_sums", match_figure, own, pair)
        told = {choice.format(*pair): given[name] for name, (choice, _) in PATTERNS.items()}
        told["Your weights"] = own
        numbers = {name: share_text(match.accuracy) for name, match in told.items()}
        news = f"Your weights: {numbers['Your weights']}" if painting.strokes else ""
        with announced(news, "paint"):
            text_elements.metrics(numbers)
    with controls if present.is_phone() else picture:  # where it does not part the numbers from the brush
        text_elements.note(lesson["painted"])
    lesson_frame.source(paint_weights, matching.best_bias)


def show_means(pair: Pair) -> None:
    """The mean images of both digits, to paint after."""
    means = parts.mean_digits(resources.dataset())[list(pair)]
    st.image(digit_grid(means, 2, 2), alt="The mean {} and the mean {}".format(*pair))


def one_of_the_network() -> None:
    if (current := lesson_frame.captioned_run()) is not None:
        real_neuron(current)
    lesson_frame.source(neuron_terms)


@st.fragment
def real_neuron(current: resources.TrainedRun) -> None:
    evaluation, network = current.evaluation, current.record.config.network
    controls, picture = beside("real_neuron", WIDE_CONTROLS)
    with controls.container(gap="xsmall"):
        number = image_choice.pick_image(evaluation.labels, evaluation.mistakes)
        layer, unit = pick_neuron(network.layer_sizes)
    terms = None
    if not current.record.has_diverged:
        terms = finite_terms(current.record.parameters, current.test_inputs(number), layer, unit)
    if terms is None:
        picture.info(lesson["not finite"], icon=":material/trending_up:")
        return
    source = (
        f"test image {number}, {with_article(evaluation.labels[number])}"
        if layer == 0
        else "the previous layer"
    )
    is_output = layer == len(network.layer_sizes) - 2
    activation = "softmax" if is_output else network.activation
    products, total = picture.tabs(["Inputs × weights", "Their sum"])
    with products:
        neuron_panel.draw_factors(terms, unit, source, is_in_row=True)
        if layer == 0:
            text_elements.note(lesson["real note"])
    with total:
        neuron_panel.draw_sum_of_signs(terms, activation)
        neuron_panel.write_sum_of_signs(terms, activation)
    with controls:
        st.markdown(lesson["real" if layer == 0 else "later"])
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
    controls, picture = beside("layers", WIDE_CONTROLS)
    with controls:
        settings.front("units")
        settings.control_of("layers")
        for place in range(2, choices.get("layers") + 1):
            settings.control_of(f"units{place}")
        network = choices.config().network
        text_elements.metrics({"Parameters": f"{network.n_parameters:,}"})
        st.markdown(lesson["layers"])
    drawn, counted, product = picture.tabs(["The network", "Counting its numbers", "One product"])
    with drawn:
        charts.draw("network", network_figure, network.layer_sizes)
    with counted:
        count(network)
    with product:
        st.markdown(lesson["product"])
        n_inputs, n_units = network.layer_sizes[:2]
        sizes = (rf"1 \times {n_inputs}", rf"{n_inputs} \times {n_units}", *(rf"1 \times {n_units}",) * 2)
        x, w, b, z = (rf"\underbrace{{{name}}}_{{{size}}}" for name, size in zip("xWbz", sizes, strict=True))
        st.latex(rf"{x} \; {w} + {b} = {z}")
    lesson_frame.source(NetworkConfig.layer_parameters.fget)


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
lesson_frame.show(
    "neurons",
    lesson,
    {
        "A neuron by hand": by_hand,
        "A weighted sum measures a match": pattern,
        "Paint the weights yourself": paint,
        "A neuron of the network": one_of_the_network,
        "Layers, and how many numbers they hold": layers,
    },
)
