"""Starting weights: all zero, too small, too large, by the formulas of Glorot and He; and chance."""

from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.learn import experiments, lesson_frame, parts, shared_results, two_orders
from dashboard.learn.awaited import Awaited
from dashboard.session import present, resources
from dashboard.widgets import charts, tables, text_elements
from dashboard.widgets.beside import WIDE_CONTROLS, beside, in_order
from dashboard.widgets.controls import PERSIST, segmented_choice
from mnist_core.analysis.inspection import full_color_weight, weight_images
from mnist_core.config import ACTIVATION_NAMES, OPTIMIZER_NAMES, Activation, Initializer, Optimizer
from mnist_core.figures.lessons import starting_weights as figures
from mnist_core.figures.style import share_text
from mnist_core.lessons import starting_weights, weight_scale
from mnist_core.lessons.starting_weights import EVEN_LOSS, FALLEN, STARTS
from mnist_core.lessons.training_curves import training_curve
from mnist_core.network.initializers import glorot_limit
from mnist_core.network.parameters import Parameters, initial_parameters, starting_parameters
from mnist_core.training_config import INITIALIZER_NAMES

CURVED: dict[Activation, str] = {name: ACTIVATION_NAMES[name] for name in ("relu", "tanh", "sigmoid")}
RULES: dict[Optimizer, str] = {name: OPTIMIZER_NAMES[name] for name in ("adam", "sgd")}
LAYERS = (1, 2, 3)
VIEWS = ("Loss", "In numbers")
ZEROS = {  # what is trained to see equal neurons, by the words it is shown under
    "Zeros, ReLU": starting_weights.start_config("zeros"),
    "Zeros, sigmoid": starting_weights.start_config("zeros", activation="sigmoid"),
    "Random": starting_weights.start_config("glorot_uniform", activation="sigmoid"),
}


def zeros() -> None:
    """Two networks that begin with zeros and one that does not: which of their neurons are equal."""
    controls, picture = beside("zeros", WIDE_CONTROLS)
    configs = {name: experiments.comparison_config(config) for name, config in ZEROS.items()}
    with controls:
        choice = st.container()
        st.markdown(lesson["zeros"])
        runs = experiments.trained("starting_weights/zeros", configs, "Train all three")
    if runs is None:
        with choice:
            name = pick_network()
        with picture:
            start = starting_parameters(configs[name])
            show_neurons(name, 0, start, start)
    else:
        show_zeros(runs, (choice, controls), picture)
    lesson_frame.source(starting_weights.symmetry_of)


def pick_network() -> str:
    """One of the three."""
    return segmented_choice("Network", list(ZEROS), "zeros_network", **PERSIST)


@st.fragment
def show_zeros(
    runs: Mapping[str, resources.TrainedRun],
    controls: tuple[DeltaGenerator, DeltaGenerator],
    picture: DeltaGenerator,
) -> None:
    """The neurons of one of the three at one moment, and what the answer of the first has become.

    Args:
        runs: By the words they are shown under.
        controls: Where the network is chosen, and where the rest of the controls stand.
        picture: Beside them.
    """
    with controls[0]:
        name = pick_network()
    record, first = runs[name].record, runs[next(iter(ZEROS))]
    with controls[1]:
        epochs = record.epochs_done
        moment = st.slider("Epochs trained", 0, epochs, epochs, key="zeros_moment", **PERSIST)
        network = record.snapshots[moment]
        symmetry = starting_weights.symmetry_of(record.snapshots[0], network)
        changed = f"{symmetry.n_changed:,} of {symmetry.n_numbers:,}"
        different = f"{symmetry.n_different} of {symmetry.n_neurons}"
        text_elements.metrics({"Numbers that changed": changed, "Different neurons": different})
    only = starting_weights.only_answer(first.record, first.dataset)
    with picture:
        neurons, answer = st.tabs(["The 32 neurons", "What the zeros learn with ReLU"])
        with neurons:
            show_neurons(runs[name].job_id, moment, network, record.parameters)
        with answer:
            charts.draw("only_answer", figures.answer_figure, only)
    gap = "equal bit for bit" if not symmetry.largest_gap else f"at most {symmetry.largest_gap:.1g} apart"
    said = lesson["alike" if symmetry.n_different == 1 else "not alike"]
    words = said.format(gap=gap, n_different=symmetry.n_different, n_neurons=symmetry.n_neurons)
    answered = lesson["only answer"].format(lowest=only.lowest_loss, even=EVEN_LOSS)
    texts = words, lesson["why zeros"], answered, lesson["why sigmoid"]
    parts.read_below(*texts, controls=controls[1], has_columns=True)


def show_neurons(owner: str, moment: int, network: Parameters, end: Parameters) -> None:
    """The weights of all hidden neurons as images, on the scale that they have at the end."""
    images, limit = weight_images(network), full_color_weight(end, 0)
    picture = shared_results.picture_of(
        owner, moment, resources.theme(), present.phone_width(), images, limit
    )
    st.image(picture, alt=f"The weights of {len(images)} hidden neurons as images of 28 × 28 pixels.")
    st.caption(lesson["colours"].format(limit=limit) if images.any() else lesson["blank"])


def five_starts() -> None:
    """One network trained from each of the five starts."""
    left, right = in_order()
    with left:
        st.markdown(lesson["five"])
        activation = segmented_choice("Activation", CURVED, "starts_activation", **PERSIST)
        with st.container(horizontal=True):
            n_hidden = segmented_choice("Hidden layers", LAYERS, "starts_layers", **PERSIST)
            optimizer = segmented_choice("Optimiser", RULES, "starts_optimizer", **PERSIST)
        configs = {
            INITIALIZER_NAMES[start]: experiments.comparison_config(
                starting_weights.start_config(start, n_hidden, activation, optimizer)
            )
            for start in STARTS
        }
        shown = next(iter(configs.values())).training
        numbers = {**experiments.image_numbers(shown), "epochs": shown.epochs}
        st.caption(lesson["less"].format(rate=shown.learning_rate, **numbers))
        awaited = Awaited(right, "the five loss curves are", figures.losses_frame, VIEWS)
        runs = experiments.trained("starting_weights/five", configs, "Train from five starts", right, awaited)
    if runs is not None:
        with right:
            by_start = dict(zip(STARTS, runs.values(), strict=True))
            words = show_starts(by_start, activation)
            parts.read_below(*words, controls=left)
    lesson_frame.source(initial_parameters, starting_weights.outcome_of)


def show_starts(runs: Mapping[Initializer, resources.TrainedRun], activation: Activation) -> list[str]:
    """The five losses and numbers; what is to be said of them."""
    outcomes = {start: shared_results.outcome(run.job_id, run) for start, run in runs.items()}
    curves, numbers = st.tabs(VIEWS)
    with curves:
        losses = {start: training_curve(run.record, "updates") for start, run in runs.items()}
        charts.draw("start_losses", figures.losses_figure, losses)
    with numbers:
        tables.data_table(*numbers_of(outcomes, activation), "starts_table")
    large, small, usual = (outcomes[start] for start in ("normal_1", "normal_0.01", "glorot_uniform"))
    times = {"loss": large.first_loss, "times": large.first_loss / EVEN_LOSS, "even": EVEN_LOSS}
    n_updates = min(run.record.steps_done for run in runs.values())
    waits = {name: waited(each, n_updates) for name, each in (("small", small), ("usual", usual))}
    unable = "dead" if activation == "relu" else "saturated"
    before, after = stuck(large, activation)
    return [
        lesson["too large"].format(**times),
        lesson[unable].format(before=before, after=after),
        lesson["too small"].format(fallen=FALLEN, **waits),
    ]


def waited(each: starting_weights.Outcome, n_updates: int) -> str:
    """How many updates nothing happened for, of so many."""
    return f"more than {n_updates:,}" if each.n_updates is None else f"{each.n_updates:,}"


def stuck(each: starting_weights.Outcome, activation: Activation) -> tuple[str, str]:
    """What cannot learn before and after training: dead neurons of ReLU, saturated outputs of others."""
    if activation == "relu":
        before, after = (str(n) for n in each.n_dead)
    else:
        before, after = (f"{100 * share:.0f}%" for share in each.saturated)
    return before, after


def numbers_of(
    outcomes: Mapping[Initializer, starting_weights.Outcome], activation: Activation
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """A row for each start, and the form of its numbers."""
    unable = "Dead" if activation == "relu" else "Saturated"
    rows = [
        {
            "Start": INITIALIZER_NAMES[start],
            "First loss": round(each.first_loss, 2),
            f"Updates to {FALLEN:g} nats": each.n_updates,
            unable: " → ".join(stuck(each, activation)),
            "Validation (interval)": f"{share_text(each.validated.accuracy)} ({between(each)})",
        }
        for start, each in outcomes.items()
    ]
    return rows, {"First loss": "%.2f"}


def between(each: starting_weights.Outcome) -> str:
    """The interval of a validation accuracy, in percent."""
    return "–".join(f"{100 * end:.1f}" for end in astuple(each.validated.interval))


@st.fragment
def layer_by_layer() -> None:
    """Activations and gradients of untrained networks, and the outputs of one of them."""
    controls, picture = beside("layer_sizes", WIDE_CONTROLS)
    with controls:
        activation = segmented_choice("Activation", CURVED, "sizes_activation", **PERSIST)
        n_hidden = segmented_choice("Hidden layers", LAYERS, "sizes_layers", first=3, **PERSIST)
        start = st.selectbox(
            "Start, for its outputs", STARTS, 4, INITIALIZER_NAMES.__getitem__, key="sizes_start", **PERSIST
        )
        st.markdown(lesson["layers"].format(n_images=weight_scale.N_IMAGES))
    fingerprint = resources.dataset().fingerprint
    measured = {each: shared_results.sizes(fingerprint, each, n_hidden, activation) for each in STARTS}
    activations, gradients, outputs = picture.tabs(["Activations", "Gradients", "Outputs of one start"])
    with activations:
        sized = {each: layers.activations for each, layers in measured.items()}
        charts.draw("sizes_activations", figures.sizes_figure, sized, "activations", n_hidden)
    with gradients:
        sized = {each: layers.gradients for each, layers in measured.items()}
        charts.draw("sizes_gradients", figures.sizes_figure, sized, "gradients", n_hidden)
    with outputs:
        owner = f"{fingerprint} {start} {n_hidden} {activation}"
        chosen = measured[start].outputs
        charts.draw_of("outputs", owner, "outputs", figures.outputs_figure, chosen, start, activation)
        if activation != "relu":
            shares = ", ".join(f"{100 * share:.0f}%" for share in measured[start].flat)
            st.caption(lesson["flat"].format(shares=shares))
    texts = lesson["vanish"], lesson["explode"]
    parts.read_below(*texts, code=[weight_scale.layer_sizes], controls=controls, has_columns=True)


@st.fragment
def formulas() -> None:
    """Where the formulas of Glorot and He come from, with the numbers of a layer."""
    controls, picture = beside("growth", WIDE_CONTROLS)
    with controls:
        names = {0: "784 → 32", 1: "32 → 10"}
        layer = segmented_choice("Layer of the classic network", names, "growth_layer", **PERSIST)
        st.markdown(lesson["sum"])
    layer_growth = shared_results.growth(resources.dataset().fingerprint, layer)
    n, m = layer_growth.fan_in, layer_growth.fan_out
    with picture:
        glorot, he = (layer_growth.starts[name] ** 2 for name in ("glorot_uniform", "he_normal"))
        st.latex(
            rf"\begin{{aligned}} \text{{Glorot:}}\quad \sigma^2 &= \tfrac{{2}}{{n + m}}"
            rf" = \tfrac{{2}}{{{n} + {m}}} = {glorot:.5f} \\ \text{{He:}}\quad \sigma^2 &="
            rf" \tfrac{{2}}{{n}} = \tfrac{{2}}{{{n}}} = {he:.5f} \end{{aligned}}"
        )
        drawn, numbers = st.tabs(["Size of weights, growth", "In numbers"])
        with drawn:
            charts.draw("growth", figures.growth_figure, layer_growth)
        with numbers:
            rows = [
                {
                    "Start": INITIALIZER_NAMES[start],
                    "Spread σ": f"{layer_growth.starts[start]:.4f}",
                    "Growth by the formula": f"{layer_growth.by_formula[start]:.3f}",
                    "Growth measured": f"{layer_growth.measured[start]:.3f}",
                }
                for start in STARTS
            ]
            tables.data_table(rows, key="growth_table")
    limit = {"n": n, "m": m, "limit": glorot_limit(n, m)}
    texts = lesson["he"], lesson["glorot"].format(**limit)
    code = [weight_scale.standard_deviation, weight_scale.expected_growth]
    parts.read_below(*texts, code=code, controls=controls, has_columns=True)


lesson = lesson_frame.begin("starting_weights")
lesson_frame.show(
    "starting_weights",
    lesson,
    {
        "All weights zero: neurons that stay equal": zeros,
        "Five starts, trained side by side": five_starts,
        "Vanishing and exploding activations": layer_by_layer,
        "Glorot and He: where the formulas come from": formulas,
        "The same start, another order of the images": two_orders.section,
    },
)
