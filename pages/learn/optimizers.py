"""Optimisers: four rules racing on a surface, one weight's updates by Adam, the four on the network."""

from collections.abc import Sequence
from dataclasses import astuple, replace

import numpy as np
import streamlit as st

from dashboard.learn import experiments, lesson_frame
from dashboard.session import choices, resources
from dashboard.widgets import charts, current_run, settings, text_elements
from mnist_core.config import USUAL_LEARNING_RATE
from mnist_core.figures.lessons.optimizers import (
    NAMES,
    race_figure,
    race_loss_figure,
    trace_figure,
    training_figure,
)
from mnist_core.lessons.optimizers import (
    Race,
    adam_epsilon,
    contour_grid,
    first_gradients,
    most_updated_weight,
    race,
    smoothed,
    updates_of,
    weight_place,
)
from mnist_core.lessons.surfaces import SURFACES
from mnist_core.network.update_rules import BETA_1, BETA_2, RULES, Update
from mnist_core.training.training_set import training_images

FACTORS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.2, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0)
GUESSED = (0.5, 0.0005)  # the gradients of the predict-first question
EXPERIMENT_IMAGES, EXPERIMENT_EPOCHS = 10_000, 5
SIDE = 28
KEEP = {"persist_state": "session"}


@st.cache_resource(show_spinner=False, max_entries=len(FACTORS) * len(SURFACES))
def raced(name: str, factor: float) -> Race:
    """A race, run once for all visitors."""
    return race(name, factor)


@st.cache_data(show_spinner="Computing the gradients of ten batches …", max_entries=6)
def gradients_of(job_id: str, rate: float, _current: resources.TrainedRun) -> np.ndarray:
    """What Adam meets in its first ten updates of a run's network."""
    record = _current.record
    return first_gradients(record.snapshots[0], training_images(record.config, _current.dataset), rate)


def number(value: float, digits: int = 4) -> str:
    """A number as a formula shows it, with a power of ten where it is small or large."""
    mantissa, power = f"{value:.{digits - 1}e}".split("e")
    if value and not -3 < int(power) < digits:  # noqa: PLR2004, else the plain form is as short
        return rf"{mantissa} \cdot 10^{{{int(power)}}}"
    return f"{value:.{digits}g}"


def factor(value: float) -> str:
    """A number within a product: in brackets where it needs them."""
    text = number(value)
    return f"({text})" if value < 0 or "cdot" in text else text


def in_full(value: np.ndarray) -> str:
    """A number to three figures, without a power of ten."""
    return np.format_float_positional(float(value), precision=3, fractional=False, trim="-")


def show_guess() -> None:
    rows = []
    for gradient in GUESSED:
        firsts = {name: updates_of(name, 0.0, [gradient], 0.001)[0] for name in ("sgd", "adam")}
        steps = {f"Step of {NAMES[name]}": in_full(made.step) for name, made in firsts.items()}
        own = in_full(firsts["adam"].terms["rate"])
        rows.append({"Gradient": f"{gradient:g}", **steps, "Adam's own rate for it": own})
    shorter = {  # to fit on a phone
        "Step of SGD": "SGD's step",
        "Step of Adam": "Adam's step",
        "Adam's own rate for it": "Its own rate",
    }
    st.dataframe(rows, hide_index=True, width="stretch", key="guess_in_numbers", column_config=shorter)


@st.fragment
def show_race() -> None:
    left, right = st.columns(2, gap="large")
    names = {key: surface.name for key, surface in SURFACES.items()}
    name = left.segmented_control(
        "Surface",
        list(names),
        format_func=names.get,
        default="ravine",
        required=True,
        key="race_surface",
        **KEEP,
    )
    times = right.select_slider(
        "All learning rates times", FACTORS, 1.0, format_func="{:g}".format, key="race_factor", **KEEP
    )
    run, owner = raced(name, times), f"race {name} {times}"
    paths = resources.cached_figure(owner, "paths", lambda: race_figure(run, contour_grid(run.surface)))
    losses = resources.cached_figure(owner, "losses", lambda: race_loss_figure(run))
    st.markdown(lesson[name])
    for optimizer in run.diverged:
        st.warning(
            f"**{NAMES[optimizer]} diverges** at the learning rate {run.rates[optimizer]:.3g}: each step "
            "overshoots by more than the one before. Its path is cut, far outside the picture, after "
            f"{len(run.paths[optimizer]) - 1} updates.",
            icon=":material/trending_up:",
        )
    left, right = st.columns([5, 4], gap="large")
    with left:
        charts.chart(paths, f"race_{name}_{times}")
    with right:
        charts.chart(losses, f"race_loss_{name}_{times}")
        st.caption(lesson["the rates"])


@st.fragment
def show_adam(current: resources.TrainedRun) -> None:
    config = current.record.config
    is_same = config.training.optimizer == "adam"
    rate = config.training.learning_rate if is_same else USUAL_LEARNING_RATE["adam"]
    st.markdown(lesson["same rule" if is_same else "other rule"])
    gradients = gradients_of(current.job_id, rate, current)
    layer, row, unit = pick_weight(current, gradients)
    own = gradients[:, weight_place(config.network, layer, row, unit)].astype(float)
    if not np.isfinite(own).all():
        st.info(lesson["not finite"], icon=":material/trending_up:")
        return
    if not own.any():
        st.info(lesson["no gradient"], icon=":material/info:")
        return
    updates = updates_of("adam", float(current.record.snapshots[0].weights[layer][row, unit]), own, rate)
    chosen = st.slider("Update t", 1, len(updates), 1, key="adam_update", **KEEP)
    left, right = st.columns([5, 4], gap="large", vertical_alignment="center")
    with left:
        charts.chart(resources.cached_figure_of(trace_figure, updates, chosen), "adam_trace")
    with right:
        write_update(updates, chosen, rate)
    text_elements.note(lesson["epsilon"])
    table(updates)


def pick_weight(current: resources.TrainedRun, gradients: np.ndarray) -> tuple[int, int, int]:
    """Controls that choose a weight: its layer, its input, its neuron."""
    network = current.record.config.network
    last = len(network.hidden_units)
    names = ["hidden layer" if last == 1 else f"hidden layer {place}" for place in range(1, last + 1)]
    layer = st.segmented_control(
        "Layer",
        range(last + 1),
        format_func=[*names, "output layer"].__getitem__,
        default=0,
        required=True,
        key=f"adam_layer_{last}",
        **KEEP,
    )
    row, unit = most_updated_weight(network, gradients, layer)
    n_rows, n_units = network.layer_sizes[layer : layer + 2]
    key = f"{current.job_id}_{layer}"
    columns = iter(st.columns(3))
    if layer == 0:
        line = next(columns).number_input(
            "Pixel row", 0, SIDE - 1, row // SIDE, key=f"adam_line_{key}", **KEEP
        )
        place = next(columns).number_input(
            "Pixel column", 0, SIDE - 1, row % SIDE, key=f"adam_place_{key}", **KEEP
        )
        row = SIDE * line + place
    else:
        label = f"From neuron, 0 to {n_rows - 1}"
        row = next(columns).number_input(label, 0, n_rows - 1, row, key=f"adam_row_{key}", **KEEP)
    label = f"To neuron, 0 to {n_units - 1}" if layer < last else "To digit"
    unit = next(columns).number_input(label, 0, n_units - 1, unit, key=f"adam_unit_{key}", **KEEP)
    return layer, row, unit


def write_update(updates: Sequence[Update], t: int, rate: float) -> None:
    """The formulas of one update with its numbers."""
    made = updates[t - 1]
    terms = {name: float(term) for name, term in made.terms.items()}
    m, v = (float(updates[t - 2].terms[name]) if t > 1 else 0.0 for name in ("m", "v"))
    g, after = float(made.gradient), float(made.state.values)
    root, epsilon = number(np.sqrt(terms["v_hat"])), number(adam_epsilon(t), 2)
    lines = (
        rf"m &= {BETA_1:g} \cdot {factor(m)} + {1 - BETA_1:.3g} \cdot {factor(g)} \\ &= {number(terms['m'])}",
        rf"v &= {BETA_2:g} \cdot {factor(v)} + {1 - BETA_2:.3g} \cdot {factor(g)}^2"
        rf" \\ &= {number(terms['v'])}",
        rf"\hat m &= \frac{{m}}{{1 - {BETA_1:g}^{{{t}}}}} = {number(terms['m_hat'])}",
        rf"\hat v &= \frac{{v}}{{1 - {BETA_2:g}^{{{t}}}}} = {number(terms['v_hat'])}",
        rf"\text{{rate}} &= \frac{{\eta}}{{\sqrt{{\hat v}} + \hat\varepsilon}} \\[12pt]"
        rf" &= \frac{{{rate:g}}}{{{root} + {epsilon}}} = {number(terms['rate'])}",
        rf"\text{{step}} &= -\,\text{{rate}} \cdot \hat m = \mathbf{{{number(terms['step'])}}}",
        rf"w &= {after - terms['step']:.6f} {terms['step']:+.6f} \\ &= {after:.6f}",
    )
    st.latex(r"\begin{aligned}" + r" \\[8pt] ".join(lines) + r"\end{aligned}")


def table(updates: Sequence[Update]) -> None:
    """Every quantity of every update."""
    names = {"m": "m", "v": "v", "m̂": "m_hat", "v̂": "v_hat", "Own rate": "rate", "Step": "step"}
    rows = [
        {"t": t, "g": float(made.gradient)}
        | {words: float(made.terms[name]) for words, name in names.items()}
        | {"Weight after": float(made.state.values)}
        for t, made in enumerate(updates, start=1)
    ]
    formats = dict.fromkeys(("g", "m", "v", "m̂", "v̂", "Own rate", "Step"), "%.3e") | {"Weight after": "%.6f"}
    columns = {name: st.column_config.NumberColumn(format=form) for name, form in formats.items()}
    st.dataframe(rows, hide_index=True, width="stretch", key="adam_table", column_config=columns)


def show_training(runs: dict[str, resources.TrainedRun]) -> None:
    """Losses of the four trainings side by side, and what came of them."""
    records = {name: run.record for name, run in zip(RULES, runs.values(), strict=True)}
    training, validation = {}, {}
    for name, record in records.items():
        history, steps = record.history, record.steps_per_epoch
        training[name] = smoothed(history.curve_step, history.curve_loss)
        epochs = 1.0 + np.arange(len(history.validation_loss))
        validation[name] = (steps * epochs, history.validation_loss)
    shown = {"Training": training}
    if records["adam"].history.has_validation:
        shown["Validation"] = validation
    losses = np.concatenate([values for curves in shown.values() for _, values in curves.values()])
    highest = min(3.0, 1.05 * float(losses[np.isfinite(losses)].max(initial=0.5)))
    n_updates = max(record.steps_done for record in records.values())
    for column, (which, curves) in zip(st.columns(2), shown.items(), strict=False):
        with column:
            charts.chart(
                resources.cached_figure_of(training_figure, curves, which, n_updates, highest),
                f"optimizer_{which}",
            )
    st.dataframe(
        [
            {
                "Optimiser": NAMES[name],
                "Test accuracy (%)": round(100 * run.evaluation.accuracy, 2),
                "95 % interval": " – ".join(f"{100 * p:.1f}" for p in astuple(run.evaluation.interval)),
                "Learning rate": f"{run.record.config.training.learning_rate:g}",
                "Training loss, last epoch": round(float(run.record.history.training_loss[-1]), 4),
                "Time (s)": round(run.record.seconds, 2),
            }
            for name, run in zip(RULES, runs.values(), strict=True)
        ],
        hide_index=True,
        width="stretch",
        key="optimizer_table",
        column_config={
            "Test accuracy (%)": st.column_config.NumberColumn(format="%.2f"),
            "Training loss, last epoch": st.column_config.NumberColumn(format="%.4f"),
            "Time (s)": st.column_config.NumberColumn(format="%.2f"),
        },
    )
    st.markdown(lesson["result"])


lesson = lesson_frame.begin("optimizers")
st.header("The guess in numbers")
st.markdown(lesson["the guess"])
show_guess()
st.header("Four rules on a surface")
st.markdown(lesson["the race"])
show_race()
lesson_frame.source(*RULES.values())

st.header("One weight, ten updates by Adam")
st.markdown(lesson["adam"])
if (current := current_run.run_or_notice()) is not None:
    current_run.run_caption(current)
    show_adam(current)

st.header("The four on the network")
st.markdown(lesson["network"])
settings.front("units", "batch")
times = st.select_slider(
    "All learning rates times", (0.1, 1.0, 10.0), 1.0, format_func="{:g}".format, key="rates_times", **KEEP
)
config = choices.config()
n_images = min(EXPERIMENT_IMAGES, len(resources.dataset().train_labels))
base = replace(config.training, n_training_images=n_images, epochs=EXPERIMENT_EPOCHS)
rates = {name: round(times * USUAL_LEARNING_RATE[name], 6) for name in RULES}
st.caption(f"{lesson['less']} {', '.join(f'{NAMES[name]} {rates[name]:g}' for name in RULES)}.")
configs = {
    NAMES[name]: replace(config, training=replace(base, optimizer=name, learning_rate=rates[name]))
    for name in RULES
}
runs = experiments.trained("optimizers", configs, "Train with all four")
if runs:
    show_training(runs)
lesson_frame.finish("optimizers", lesson)
