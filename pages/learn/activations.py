"""Activations: what a neuron outputs, what the bend is for, and how softmax makes ten probabilities."""

from dataclasses import replace
from functools import cache

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.learn import bends, experiments, lesson_frame, parts, shared_results
from dashboard.learn.awaited import Awaited
from dashboard.session import present, resources
from dashboard.site_map import EVALUATE
from dashboard.widgets import charts, current_run, image_choice, tables, text_elements
from dashboard.widgets.beside import WIDE_CONTROLS, beside, in_order, kept, pinned_height
from dashboard.widgets.controls import PERSIST, segmented_choice
from mnist_core.analysis.evaluation import Evaluation
from mnist_core.config import ACTIVATION_NAMES as NAMES
from mnist_core.config import NetworkConfig, RunConfig, TrainingConfig
from mnist_core.figures.digits import digit_grid
from mnist_core.figures.lessons import activation_formulas as formulas
from mnist_core.figures.lessons import activations as figures
from mnist_core.figures.lessons import plane as plane_figures
from mnist_core.figures.style import with_article
from mnist_core.lessons import activations, plane
from mnist_core.network import parameters as network
from mnist_core.network import passes

GRID = np.linspace(-6, 6, 481, dtype=np.float32)
TEMPERATURES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 100.0)
SOFTMAX = ("Probabilities", "Formula", "Temperature", "Constant", "Overflow")
SHIFTS = (-1000, -100, -10, 0, 10, 100, 1000)
UNITS = (32, 32)
JUDGED = ("No activation", "As one layer", "ReLU")
EPOCHS, EPOCHS_OF_SAMPLE = 4, 20  # the embedded sample has few images
BEND_IN_WORDS = {True: "plane pays", False: "plane does not pay", None: "plane too close"}


@st.fragment
def functions() -> None:
    """One activation function with a point to move, and all four in numbers at that point."""
    controls, picture = beside("functions", WIDE_CONTROLS)
    with controls:
        name = segmented_choice("Activation function", NAMES, "activation_name", **PERSIST)
        z = st.slider("Weighted sum z", -6.0, 6.0, 1.5, 0.1, key="activation_z", **PERSIST)
    at_z = {each: activations.function_at(each, np.array([z], np.float32)) for each in NAMES}
    value, slope = (float(numbers[0]) for numbers in at_z[name])
    with controls:
        st.latex(formulas.formula(name, z, value, slope))
        st.markdown(lesson["functions"])
    drawn, compared = picture.tabs(["The function and its slope", "All four in numbers"])
    with drawn:
        curve = (GRID, *activations.function_at(name, GRID))
        charts.draw("activation_curve", figures.activation_figure, NAMES[name], curve, (z, value, slope))
    with compared:
        rows = [
            {"Function": NAMES[each], "Activation": round(float(a[0]), 3), "Slope": round(float(s[0]), 3)}
            for each, (a, s) in at_z.items()
        ]
        tables.data_table(rows, {"Activation": "%.3f", "Slope": "%.3f"}, "activation_table")
    picture.markdown(lesson[name])
    lesson_frame.source(network.relu, network.sigmoid, network.identity)


def collapse() -> None:
    """Two networks, with and without an activation function, and the first one as a single layer."""
    is_sample = resources.dataset().origin.kind == "embedded"
    training = TrainingConfig(epochs=EPOCHS_OF_SAMPLE if is_sample else EPOCHS)
    linear = RunConfig(NetworkConfig(UNITS, "none"), training)
    configs = {"No activation": linear, "ReLU": replace(linear, network=NetworkConfig(UNITS, "relu"))}
    left, right = in_order()
    with left:
        st.markdown(lesson["collapse"])
        st.latex(
            r"\begin{aligned} & (x W_1 + b_1)\, W_2 + b_2 \\ &= x\,(W_1 W_2) + (b_1 W_2 + b_2) \end{aligned}"
        )
        st.markdown(lesson["train both"])
        st.caption(f"Each has {current_run.describe(configs['ReLU'])}.")
        awaited = Awaited(right, "the test accuracies are", lambda: figures.accuracy_frame(JUDGED))
        runs = experiments.trained("activations/collapse", configs, "Train both", right, awaited)
    if runs is not None:
        with right:
            show_collapse(runs)
            parts.read_below(lesson["same outputs"], lesson["what bends"], controls=left)
    lesson_frame.source(passes.collapsed)


def two_neurons() -> None:
    """Two networks with two hidden neurons, and the plane that each divides among ten digits."""
    is_sample = resources.dataset().origin.kind == "embedded"
    configs = plane.plane_configs(EPOCHS_OF_SAMPLE if is_sample else EPOCHS)
    controls, picture = beside("plane", 0.27)
    with controls:
        about = st.container()
        place = None if present.is_phone() else picture  # which comes first there, far above the button
        names = [""] if present.is_phone() else [*configs]  # where they stand above each other, one says it
        awaited = Awaited(picture, "the plane of each is", plane_figures.plane_frame, names=names)
        runs = experiments.trained("activations/plane", configs, "Train both networks", place, awaited)
    if runs is None or not present.is_on():
        about.markdown(lesson["plane"])
    if runs is not None:
        show_planes(runs, controls, picture)
    lesson_frame.source(plane.plane_of)


@st.fragment
def show_planes(
    runs: dict[str, resources.TrainedRun], controls: DeltaGenerator, picture: DeltaGenerator
) -> None:
    """Both planes at one moment of the training."""
    n_epochs = min(len(run.record.snapshots) for run in runs.values()) - 1
    with controls:
        moment = st.slider("Epochs trained", 0, n_epochs, n_epochs, key="plane_moment", **PERSIST)
        st.markdown(lesson["plane moments"])
    planes = [shared_results.plane_at(run.job_id, moment, run) for run in runs.values()]
    with picture, kept("planes"):
        columns = st.columns(2)
    numbered = enumerate(zip(columns, runs.items(), planes, strict=True))
    for number, (column, (name, run), shown) in numbered:
        with column:
            key = f"plane_{number}"
            charts.draw_of(key, run.job_id, f"plane {moment}", plane_figures.plane_figure, shown, name)
    straight, bent = planes
    words = [lesson["plane straight"], lesson["plane bent"]]
    if moment == n_epochs:
        words.append(lesson[BEND_IN_WORDS[plane.bend_pays(straight, bent)]])
    if present.is_on():
        parts.read_below(lesson["plane"], *words, controls=controls)
    else:
        for column, text in zip(in_order(0.5) * 2, words, strict=False):
            column.markdown(text)


def show_collapse(runs: dict[str, resources.TrainedRun]) -> None:
    """What came of the two trainings."""
    none, relu = runs.values()
    single, whole = shared_results.collapse_of(none.job_id, none), none.evaluation
    n_before, n_after = none.record.config.network.n_parameters, single.n_parameters
    judged = dict(zip(JUDGED, (whole, single.evaluation, relu.evaluation), strict=True))
    owner = experiments.owner(runs)
    charts.draw_of("collapse_accuracy", owner, "collapse", figures.accuracy_figure, judged)
    text_elements.metrics(
        {
            "Parameters, then as one layer": f"{n_before:,} → {n_after:,}",
            f"Largest difference in {whole.logits.size:,} logits": f"{single.difference:.6f}",
            "Read as the same digit": f"{single.n_same:,} of {whole.n_images:,}",
        }
    )


def zeros() -> None:
    """How often each ReLU neuron of the current run outputs 0, and how many never do anything else."""
    controls, picture = beside("zeros", WIDE_CONTROLS)
    controls.markdown(lesson["zeros"])
    with picture:
        current = run_of_page()
    if current is None:
        return
    if not is_finite(current):
        picture.warning(lesson["not finite"], icon=":material/trending_up:")
    elif current.record.config.network.activation != "relu":
        picture.info(lesson["no relu"], icon=":material/info:")
    else:
        with picture:
            counted = current_run.analysis_result(current, activations.zeros_of_run, lesson["counting"])
        if counted is not None:
            show_zeros(current, counted, controls, picture)


def show_zeros(
    current: resources.TrainedRun,
    counted: activations.ZeroCounts,
    controls: DeltaGenerator,
    picture: DeltaGenerator,
) -> None:
    """The zeros of one hidden layer."""
    with controls:
        number = pick_hidden_layer(counted)
    inputs = counted.shares[number - 1], counted.dead[number - 1], counted.n_images
    with picture:
        charts.draw_of("zeros", current.job_id, f"zeros {number}", figures.zeros_figure, *inputs)


def pick_hidden_layer(counted: activations.ZeroCounts) -> int:
    """The dead neurons of each hidden layer in numbers, and the layer to look at."""
    counts = {n: f"{dead.sum()} of {len(dead)}" for n, dead in enumerate(counted.dead, start=1)}
    text_elements.metrics({f"Dead in hidden layer {n}": count for n, count in counts.items()})
    if len(counts) == 1:
        return 1
    return segmented_choice("Hidden layer", list(counts), f"zeros_layer_of_{len(counts)}", **PERSIST)


def is_finite(current: resources.TrainedRun) -> bool:
    """Whether there are outputs to count and to take shares of."""
    return current.evaluation.is_finite and not current.record.has_diverged


def drag_logits(digit: int) -> list[float]:
    """A slider for the logit of the digit that is chosen; all ten keep their changes."""
    changes: list[float] = st.session_state.setdefault("softmax_changes", [0.0] * 10)
    key = f"softmax_change_{digit}"
    st.session_state[key] = changes[digit]

    def drag() -> None:
        changes[digit] = st.session_state.get(key, changes[digit])

    def reset() -> None:
        st.session_state["softmax_changes"] = [0.0] * 10

    st.slider(f"Logit of the {digit}: add", -20.0, 20.0, step=0.5, key=key, on_change=drag)
    if any(changes):
        st.button("Undo all changes", icon=":material/undo:", key="softmax_undo", on_click=reset)
    return changes


@st.fragment
def softmax(evaluation: Evaluation, number: int, image: np.ndarray) -> None:
    """The logits of one image, changed at will, and the probabilities that softmax makes of them."""
    own, label = evaluation.logits[number], int(evaluation.labels[number])
    controls, picture = beside("softmax", WIDE_CONTROLS)
    with controls:
        with st.container(horizontal=True):
            st.image(digit_grid(image[None], 1, 3), alt=f"Test image {number}: {with_article(label)}")
            with st.container(width="stretch"):
                digit = parts.pick_digit("Change the logit of", "softmax_digit")
        st.markdown(lesson["change"])
        changes = drag_logits(digit)
        t = parts.pick_value("Temperature T", TEMPERATURES, 1.0, "softmax_t")
        shift = parts.pick_value("Add to all ten logits", SHIFTS, 0, "softmax_shift", "{:,}")
    logits = activations.with_changes(own, changes)
    exponents = activations.divide_by_temperature(logits, t, shift)
    stable = activations.softmax_steps(exponents)
    moved = activations.largest_difference(stable.probabilities, activations.softmax_at(logits, t))
    bars, formula, temperature, constant, naive = picture.tabs(SOFTMAX)
    with bars:
        notes = {label: "true"} | {d: "changed" for d, change in enumerate(changes) if change}
        if changes[label]:
            notes[label] = "true, changed"
        drawn = stable.probabilities, network.softmax(own)
        charts.draw("softmax", figures.softmax_figure, *drawn, label, notes, pinned_height(430))
    with formula:
        st.markdown(lesson["softmax"])
        write_softmax(digit, exponents[digit], stable)
    with temperature:
        st.markdown(lesson["temperature"])
        confidence(evaluation, t)
    with constant:
        total = f"{stable.probabilities.sum():.6f}"
        text_elements.metrics(
            {"Sum of the ten probabilities": total, "Largest change by the constant": f"{moved:.7f}"}
        )
        st.markdown(lesson["shift"])
        st.markdown(lesson["naive"])
    with naive:
        subtract_largest(exponents, stable)


def write_softmax(digit: int, power: float, steps: activations.SoftmaxSteps) -> None:
    """The formula of one probability with its numbers."""
    st.markdown(lesson["formula"].format(digit=digit))
    largest = -steps.subtracted
    percent = formulas.percent(steps.probabilities[digit]).replace("%", r"\%").replace(">", r"{>}")
    st.latex(
        rf"\begin{{aligned}} \rule{{0pt}}{{2.2em}} p_{digit} = \frac{{e^{{z_{digit}}}}}{{\sum_j e^{{z_j}}}}"
        rf" &= \frac{{e^{{{power:.2f} {largest:+.2f}}}}}{{\sum_j e^{{z_j {largest:+.2f}}}}} \\[8pt]"
        rf" &= \frac{{{formulas.tex(steps.exponentials[digit])}}}{{{formulas.tex(steps.total)}}}"
        rf" = {formulas.tex(steps.probabilities[digit])} \;\; ({percent}) \end{{aligned}}"
    )


def subtract_largest(exponents: np.ndarray, stable: activations.SoftmaxSteps) -> None:
    """Softmax without its safeguard beside softmax with it."""
    naive = activations.softmax_steps(exponents, subtract_largest=False)
    if naive.n_infinite:
        st.warning(lesson["overflow"].format(n=naive.n_infinite), icon=":material/error:")
    elif naive.total == 0:
        st.warning(lesson["underflow"], icon=":material/error:")
    else:
        difference = activations.largest_difference(naive.probabilities, stable.probabilities)
        st.success(lesson["agreement"].format(difference=f"{difference:.7f}"), icon=":material/check:")
    text = {
        "Digit": [str(number) for number in range(10)],
        "z": [f"{value:,.2f}" for value in exponents],
        "eᶻ": [f"{value:.3g}" for value in naive.exponentials],
        "Naive": [formulas.percent(p) for p in naive.probabilities],
        "Stable": [formulas.percent(p) for p in stable.probabilities],
    }
    right_aligned = {name: st.column_config.TextColumn(alignment="right") for name in text}
    tables.data_table(text, right_aligned, "softmax_table", row_height=25)


def confidence(evaluation: Evaluation, t: float) -> None:
    """The mean confidence at a temperature beside the accuracy, which stays."""
    at_one, mean = (f"{100 * activations.mean_confidence(evaluation.logits, at):.1f}" for at in (1.0, t))
    right = f"{100 * evaluation.accuracy:.1f}"
    text_elements.metrics({f"Mean confidence at T = {t:g}": f"{mean}%", "Accuracy at every T": f"{right}%"})
    st.markdown(lesson["confidence"].format(mean=at_one, accuracy=right))
    link = "Calibration of this network, on the evaluate page"
    st.page_link(EVALUATE.path, label=link, icon=EVALUATE.icon)


def softmax_of_run() -> None:
    """Softmax of a test image of the current run."""
    current = run_of_page()
    if current is not None and is_finite(current):
        chosen = image_choice.pick_image(current.evaluation.labels, current.evaluation.mistakes)
        softmax(current.evaluation, chosen, current.dataset.test_images[chosen])
    elif current is not None:
        st.warning(lesson["not finite"], icon=":material/trending_up:")
    lesson_frame.source(network.softmax, activations.divide_by_temperature)


lesson = lesson_frame.begin("activations")
run_of_page = cache(lesson_frame.captioned_run)  # the first section that needs it says which it is
lesson_frame.show(
    "activations",
    lesson,
    {
        "Four activation functions": functions,
        "What bends add up to: a curve": bends.section,
        "What a bend does: two neurons and a plane": two_neurons,
        "Without a bend, many layers are one": collapse,
        "Neurons that output 0, and dead neurons": zeros,
        "Softmax: from ten sums to ten probabilities": softmax_of_run,
    },
)
