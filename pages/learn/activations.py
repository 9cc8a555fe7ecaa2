"""Activations: what a neuron passes on, what the bend is for, and how softmax makes ten shares."""

from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.learn import experiments, lesson_frame
from dashboard.session import resources
from dashboard.site_map import EVALUATE
from dashboard.widgets import charts, current_run, image_choice
from mnist_core.analysis.evaluation import Evaluation, evaluate_logits
from mnist_core.config import ACTIVATION_NAMES as NAMES
from mnist_core.config import NetworkConfig, RunConfig, TrainingConfig
from mnist_core.figures.digits import digit_grid
from mnist_core.figures.lessons import activations as figures
from mnist_core.images.preparation import network_inputs
from mnist_core.lessons import activations
from mnist_core.network import parameters as network
from mnist_core.network import passes

GRID = np.linspace(-6, 6, 481, dtype=np.float32)
TEMPERATURES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 100.0)
SHIFTS = (-1000, -100, -10, 0, 10, 100, 1000)
UNITS = (32, 32)
EPOCHS, EPOCHS_OF_SAMPLE = 4, 20  # the embedded sample has few images
KEPT = {"persist_state": "session"}


@st.cache_resource(max_entries=8, show_spinner=False)
def evaluate_collapsed(job_id: str, _run: resources.TrainedRun) -> Evaluation:
    """The run's network multiplied out to one layer, judged on the test images."""
    weights, biases = passes.collapsed(_run.record.parameters)
    single = network.Parameters((weights,), (biases,), "none")
    inputs = network_inputs(_run.dataset.test_images)
    return evaluate_logits(passes.forward(single, inputs).logits, _run.dataset.test_labels)


@st.cache_resource(max_entries=24, show_spinner=False)
def count_zeros(job_id: str, _run: resources.TrainedRun) -> list[tuple[np.ndarray, np.ndarray]]:
    """Share of zeros and deadness of each neuron on the test images, layer by layer."""
    parameters = _run.record.parameters
    inputs = network_inputs(_run.dataset.test_images, _run.record.config.training.preparation)
    shares, dead = activations.zero_shares(parameters, inputs), passes.dead_units(parameters, inputs)
    return list(zip(shares, dead, strict=True))


def formula(name: str, z: float, a: float, slope: float) -> str:
    """The function and its slope with the numbers in, as LaTeX."""
    sigmoid = rf"\frac{{1}}{{1 + e^{{{0 - z:.1f}}}}} = {a:.3f}"
    value, derivative = {
        "relu": (rf"\max(0,\; {z:.1f}) = {a:.3f}", f"{slope:.0f}" if z else r"0 \text{ by convention}"),
        "sigmoid": (sigmoid, rf"{a:.3f} \cdot (1 - {a:.3f}) \\ &= {slope:.3f}"),
        "tanh": (rf"\tanh({z:.1f}) = {a:.3f}", rf"1 - ({a:.3f})^2 \\ &= {slope:.3f}"),
        "none": (f"{a:.3f}", f"{slope:.0f}"),
    }[name]
    return rf"\begin{{aligned}} f({z:.1f}) &= {value} \\[6pt] f'({z:.1f}) &= {derivative} \end{{aligned}}"


def percent(share: float) -> str:
    """A share as percent; not-a-number as NumPy writes it."""
    return "nan" if np.isnan(share) else f"{100 * share:.2f} %"


def tex(number: float) -> str:
    """A number of any size in LaTeX, with a power of ten where that is shorter."""
    mantissa, _, power = f"{number:.4g}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(power)}}}" if power else mantissa


@st.fragment
def functions() -> None:
    """One activation function with a point to move, and all four in numbers at that point."""
    left, right = st.columns(2, gap="large")
    with left:
        name = st.segmented_control(
            "Activation function", list(NAMES), format_func=NAMES.get, default="relu", required=True,
            key="activation_name", **KEPT,
        )  # fmt: skip
        z = st.slider("Weighted sum z", -6.0, 6.0, 1.5, 0.1, key="activation_z", **KEPT)
    rows = []
    for each, words in NAMES.items():
        at_z = np.array([z], np.float32)
        values = network.ACTIVATION_FUNCTIONS[each](at_z)
        slopes = passes.ACTIVATION_DERIVATIVES[each](at_z, values)
        rows.append((words, float(values[0]), float(slopes[0])))
    _, value, slope = rows[list(NAMES).index(name)]
    values = network.ACTIVATION_FUNCTIONS[name](GRID)
    curve = (GRID, values, passes.ACTIVATION_DERIVATIVES[name](GRID, values))
    with left:
        charts.chart(
            resources.cached_figure_of(figures.activation_figure, NAMES[name], curve, (z, value, slope)),
            "activation_curve",
        )
    with right:
        numbers = st.container(horizontal=True, gap="medium")
        numbers.metric("Activation f(z)", f"{value:.3f}", width="content")
        numbers.metric("Slope f′(z)", f"{slope:.3f}", width="content")
        st.latex(formula(name, z, value, slope))
        st.markdown(lesson[name])
        st.markdown(f"**All four at z = {z:.1f}**")
        table = pd.DataFrame(rows, columns=["Function", "Activation", "Slope"]).round(3)
        three_decimals = st.column_config.NumberColumn(format="%.3f")
        formats = {"Activation": three_decimals, "Slope": three_decimals}
        st.dataframe(table, hide_index=True, width="stretch", key="activation_table", column_config=formats)


def collapse() -> None:
    """Two networks, with and without an activation function, and the first one as a single layer."""
    is_sample = resources.dataset().origin.kind == "embedded"
    training = TrainingConfig(epochs=EPOCHS_OF_SAMPLE if is_sample else EPOCHS)
    linear = RunConfig(NetworkConfig(UNITS, "none"), training)
    configs = {"No activation": linear, "ReLU": replace(linear, network=NetworkConfig(UNITS, "relu"))}
    st.markdown(lesson["train both"])
    st.caption(f"Each has {current_run.describe(linear)}.")
    runs = experiments.trained("activations/collapse", configs, "Train both")
    if runs is None:
        return
    none, relu = runs.values()
    single, whole = evaluate_collapsed(none.job_id, none), none.evaluation
    st.markdown(lesson["same outputs"])
    n_whole, n_single = (
        linear.network.n_parameters,
        sum(a.size for a in passes.collapsed(none.record.parameters)),
    )
    difference = activations.largest_difference(single.logits, whole.logits)
    n_same = int((single.predictions == whole.predictions).sum())
    facts = st.container(horizontal=True, gap="medium")
    facts.metric("Parameters, as one layer", f"{n_whole:,} → {n_single:,}", width="content")
    facts.metric(f"Largest difference, {whole.logits.size:,} logits", f"{difference:.6f}", width="content")
    facts.metric("Same digit read", f"{n_same:,} of {whole.n_images:,}", width="content")
    judged = {"No activation": whole, "As one layer": single, "ReLU": relu.evaluation}
    figure = experiments.figure(runs, "collapse", lambda: figures.accuracy_figure(judged))
    charts.chart(figure, "collapse_accuracy")
    st.markdown(lesson["what bends"])


def zeros(current: resources.TrainedRun) -> None:
    """How often each ReLU neuron of the current run passes on 0, and how many never do anything else."""
    if current.record.config.network.activation != "relu":
        st.info(lesson["no relu"], icon=":material/info:")
        return
    layers, number = count_zeros(current.job_id, current), 1
    facts = st.container(horizontal=True, gap="medium")
    for place, (_, dead) in enumerate(layers, start=1):
        facts.metric(f"Dead in hidden layer {place}", f"{dead.sum()} of {len(dead)}", width="content")
    if len(layers) > 1:
        key = f"zeros_layer_of_{len(layers)}"
        places = range(1, len(layers) + 1)
        number = st.segmented_control("Hidden layer", places, default=1, required=True, key=key, **KEPT)
    shares, dead = layers[number - 1]
    n_images = current.evaluation.n_images
    figure = resources.cached_figure(
        current.job_id, f"zeros {number}", lambda: figures.zeros_figure(shares, dead, n_images)
    )
    charts.chart(figure, "zeros")
    st.caption(lesson["zeros note"])


def drag_logits() -> tuple[int, list[float]]:
    """A slider for the logit of the digit that is chosen; all ten keep their changes."""
    changes = st.session_state.setdefault("softmax_changes", [0.0] * 10)
    digit = st.pills(
        "Drag the logit of", range(10), default=3, required=True, wrap=True, key="softmax_digit", **KEPT
    )
    key = f"softmax_change_{digit}"
    st.session_state[key] = changes[digit]

    def drag() -> None:
        changes[digit] = st.session_state.get(key, changes[digit])

    def reset() -> None:
        st.session_state["softmax_changes"] = [0.0] * 10

    st.slider(f"Change the logit of {digit} by", -20.0, 20.0, step=0.5, key=key, on_change=drag)
    if any(changes):
        st.button("Undo all changes", icon=":material/undo:", key="softmax_undo", on_click=reset)
    return digit, changes


@st.fragment
def softmax(evaluation: Evaluation, number: int, image: np.ndarray) -> None:
    """The logits of one image, changed at will, and the shares that softmax makes of them."""
    own, label = evaluation.logits[number], int(evaluation.labels[number])
    left, right = st.columns([2, 3], gap="large")
    with left:
        caption = f"Test image {number}: a {label}"
        st.image(digit_grid(image[None], 1, 4), caption=caption, alt=caption)
        digit, changes = drag_logits()
        t = st.select_slider("Temperature T", TEMPERATURES, 1.0, "{:g}".format, key="softmax_t", **KEPT)
        shift = st.select_slider(
            "Add to all ten logits", SHIFTS, 0, "{:,}".format, key="softmax_shift", **KEPT
        )
    logits = activations.with_changes(own, changes)
    exponents = activations.divide_by_temperature(logits, t, shift)
    stable = activations.softmax_steps(exponents)
    moved = activations.largest_difference(stable.probabilities, activations.softmax_at(logits, t))
    with right:
        notes = {label: "true"} | {d: "changed" for d, change in enumerate(changes) if change}
        if changes[label]:
            notes[label] = "true, changed"
        figure = resources.cached_figure_of(
            figures.softmax_figure, stable.probabilities, network.softmax(own), notes
        )
        charts.chart(figure, "softmax")
        facts = st.container(horizontal=True, gap="medium")
        facts.metric("Sum of the ten shares", f"{stable.probabilities.sum():.6f}", width="content")
        facts.metric("Largest change by the constant", f"{moved:.7f}", width="content")
    st.markdown(lesson["formula"].format(digit=digit))
    power, largest = exponents[digit], -stable.subtracted
    st.latex(
        rf"\begin{{aligned}} \rule{{0pt}}{{2.2em}} p_{digit} = \frac{{e^{{z_{digit}}}}}{{\sum_j e^{{z_j}}}}"
        rf" &= \frac{{e^{{{power:.2f} {largest:+.2f}}}}}{{\sum_j e^{{z_j {largest:+.2f}}}}} \\[8pt]"
        rf" &= \frac{{{tex(stable.exponentials[digit])}}}{{{tex(stable.total)}}}"
        rf" = {tex(stable.probabilities[digit])} \end{{aligned}}"
    )
    left, right = st.columns(2, gap="large")
    left.markdown(lesson["temperature"])
    right.markdown(lesson["shift"])

    st.subheader("Why the largest logit is subtracted first")
    st.markdown(lesson["naive"])
    naive = activations.softmax_steps(exponents, subtract_largest=False)
    text = {
        "Digit": [str(number) for number in range(10)],
        "z": [f"{value:,.2f}" for value in exponents],
        "eᶻ": [f"{value:.3g}" for value in naive.exponentials],
        "Naive": [percent(share) for share in naive.probabilities],
        "Stable": [percent(share) for share in stable.probabilities],
    }
    right_aligned = {name: st.column_config.TextColumn(alignment="right") for name in text}
    st.dataframe(text, hide_index=True, width="stretch", column_config=right_aligned, key="softmax_table")
    if naive.n_infinite:
        st.warning(lesson["overflow"].format(n=naive.n_infinite), icon=":material/error:")
    elif naive.total == 0:
        st.warning(lesson["underflow"], icon=":material/error:")
    else:
        difference = activations.largest_difference(naive.probabilities, stable.probabilities)
        st.success(lesson["agreement"].format(difference=f"{difference:.7f}"), icon=":material/check:")

    st.subheader("How sure is it, and how often is it right?")
    st.markdown(lesson["confidence"])
    mean_confidence = activations.mean_confidence(evaluation.logits, t)
    facts = st.container(horizontal=True, gap="medium")
    facts.metric(f"Mean confidence at T = {t:g}", f"{100 * mean_confidence:.1f} %", width="content")
    facts.metric("Accuracy at every T", f"{100 * evaluation.accuracy:.1f} %", width="content")
    st.page_link(EVALUATE.path, label="Its calibration, on the evaluate page", icon=EVALUATE.icon)


lesson = lesson_frame.begin("activations")
st.header("Four functions")
st.markdown(lesson["functions"])
functions()
lesson_frame.source(network.relu, network.sigmoid, network.identity)

st.header("Without a bend, many layers are one")
st.markdown(lesson["collapse"])
st.latex(r"\begin{aligned} & (x W_1 + b_1)\, W_2 + b_2 \\ &= x\,(W_1 W_2) + (b_1 W_2 + b_2) \end{aligned}")
collapse()
lesson_frame.source(passes.collapsed)

st.header("Neurons that pass on 0")
st.markdown(lesson["zeros"])
current = lesson_frame.network("activations", lesson)
current_run.run_caption(current)
is_finite = current.evaluation.is_finite and not current.record.has_diverged
if is_finite:
    zeros(current)
else:
    st.warning(lesson["not finite"], icon=":material/trending_up:")

st.header("Softmax: ten sums, ten shares")
st.markdown(lesson["softmax"])
if is_finite:
    chosen = image_choice.pick_image(current.evaluation.labels, current.evaluation.mistakes)
    softmax(current.evaluation, chosen, current.dataset.test_images[chosen])
else:
    st.warning(lesson["not finite"], icon=":material/trending_up:")
lesson_frame.source(network.softmax, activations.divide_by_temperature)
lesson_frame.finish("activations", lesson)
