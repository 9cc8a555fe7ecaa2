"""Optimisers: four rules in four lines, racing on a surface, one weight's updates by Adam, on the network."""

from collections.abc import Sequence
from dataclasses import astuple, replace
from functools import partial
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from dashboard.learn import experiments, lesson_frame, parts, questions, shared_results, steps
from dashboard.learn.awaited import Awaited
from dashboard.session import choices, present, resources
from dashboard.widgets import charts, current_run, settings, tables, text_elements
from dashboard.widgets.beside import WIDE_CONTROLS, beside, in_order, pinned_height
from dashboard.widgets.controls import PERSIST, segmented_choice
from mnist_core.config import USUAL_LEARNING_RATE, Optimizer
from mnist_core.figures.lessons.optimizers import (
    NAMES,
    RACE_HEIGHT,
    decay_figure,
    race_figure,
    race_loss_figure,
    trace_figure,
    training_figure,
    training_frame,
)
from mnist_core.lessons import decay
from mnist_core.lessons.optimizers import (
    Race,
    adam_epsilon,
    contour_grid,
    loss_curves,
    most_updated_weight,
    steady_step,
    updates_of,
    weight_place,
)
from mnist_core.lessons.surfaces import SURFACES
from mnist_core.lessons.training_curves import clear_winner, validated
from mnist_core.network.update_rules import BETA_1, BETA_2, MOMENTUM, RULES, Update

FACTORS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.2, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0)
KEPT = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99)  # what momentum keeps of its last step
GUESSED = (0.5, 0.005)  # the gradients of the predict-first question
EXPERIMENT_EPOCHS = 5
VIEWS = ("Training loss", "Validation loss", "In numbers")
TIMES = "All learning rates times"


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


@st.fragment
def show_rules() -> None:
    """What each rule remembers and how it steps, and the steps it makes of two gradients."""
    controls, picture = beside("rules", WIDE_CONTROLS)
    with controls:
        t = st.slider("Update t", 1, 30, key="rules_update", **PERSIST)
        st.markdown(lesson["the rules"])
        st.markdown(lesson["the guess"])
    with picture:
        rows = [
            {"Rule": NAMES[name]}
            | {f"Step for {g:g}": in_full(steady_step(name, g, 0.001, t).step) for g in GUESSED}
            for name in RULES
        ]
        tables.markdown_table(lesson["rules"], "What each of the four rules remembers, and how it steps.")
        tables.data_table(rows, key="guess_in_numbers")
    parts.read_below(code=list(RULES.values()), controls=controls)


def paths_figure(run: Race) -> go.Figure:
    """The paths, and the surface's grid, which is computed only where they are drawn."""
    return race_figure(run, contour_grid(run.surface), pinned_height(RACE_HEIGHT))


@st.fragment
def show_race() -> None:
    controls, picture = beside("race", WIDE_CONTROLS)
    names = {key: surface.name for key, surface in SURFACES.items()}
    with controls:
        name = segmented_choice("Surface", names, "race_surface", **PERSIST)
        times = parts.pick_value(TIMES, FACTORS, 1.0, "race_factor")
        kept = parts.pick_value("Momentum keeps of its last step", KEPT, MOMENTUM, "race_kept")
        is_of_paths = segmented_choice("Show", ("paths", "losses"), "race_shown", **PERSIST) == "paths"
        run, shown = shared_results.raced(name, times, kept), f"{name}_{times}_{kept}"
        for optimizer in run.diverged:
            st.warning(
                f"**{NAMES[optimizer]} diverges** at the learning rate {run.rates[optimizer]:.3g}: each step "
                "overshoots by more than the one before. After "
                f"{len(run.paths[optimizer]) - 1} updates the path is far outside the picture and ends.",
                icon=":material/trending_up:",
            )
        st.caption(lesson["the rates"])
    with picture:
        view, figure = ("paths", paths_figure) if is_of_paths else ("losses", race_loss_figure)
        charts.draw_of(f"race_{view}_{shown}", f"race {shown}", view, figure, run)
    more = [lesson["try the ravine"]] if name == "ravine" else []
    parts.read_below(lesson[name], lesson["the race"], *more, controls=controls, has_columns=True)


@st.fragment
def show_decay() -> None:
    """One network trained at a constant rate and at one that falls to 0, after a guess."""
    name, guess = "optimizers/predict decay", lesson["predict decay"]
    if not questions.is_answered(name):
        words, asked = in_order()
        words.markdown(lesson["decay"])
        with asked:
            questions.predict(name, guess)
        return
    questions.predict(name, guess)
    current = current_run.run_or_notice("decay")
    if current is None:
        return
    controls, picture = beside("decay", WIDE_CONTROLS)
    with controls:
        rate = parts.pick_value(
            "Learning rate of the first update", decay.RATES, decay.RATES[0], "decay_rate"
        )
    with picture:
        curves = current_run.analysis_result(current, decay.decay_curves, lesson["decaying"])
        if curves is None:
            return
        charts.draw(f"decay_{rate:g}", decay_figure, curves, rate)
        st.markdown(lesson[curves.finding(rate)])
        sizes = {"n_images": curves.n_images, "batch_size": decay.BATCH_SIZE, "epochs": decay.EPOCHS}
        folded = parts.here_or_folded(lesson["decayed network"].format(**sizes))
    with controls:
        parts.read_below(lesson["decay"], *folded, code=[decay.cosine_rate], controls=controls)


def one_weight() -> None:
    if (current := lesson_frame.captioned_run()) is not None:
        show_adam(current)
    else:
        parts.read_below(lesson["adam"], lesson["adam steps"])


@st.fragment
def show_adam(current: resources.TrainedRun) -> None:
    config = current.record.config
    is_same = config.training.optimizer == "adam"
    is_plain = not (config.training.dropout or config.training.shift or config.training.schedule != "none")
    rule = ("same rule" if is_plain else "same rule otherwise") if is_same else "other rule"
    rate = config.training.learning_rate if is_same else USUAL_LEARNING_RATE["adam"]
    gradients = shared_results.gradients_of(current.job_id, rate, current)
    controls, picture = beside("adam", WIDE_CONTROLS)
    with controls:
        layer, row, unit = pick_weight(current, gradients)
    own = gradients[:, weight_place(config.network, layer, row, unit)].astype(float)
    if not np.isfinite(own).all():
        picture.info(lesson["not finite"], icon=":material/trending_up:")
        return
    if not own.any():
        picture.info(lesson["no gradient"], icon=":material/info:")
        return
    updates = updates_of("adam", float(current.record.snapshots[0].weights[layer][row, unit]), own, rate)
    with controls:
        chosen = st.slider("Update t", 1, len(updates), 1, key="adam_update", **PERSIST)
    with picture:
        charts.draw("adam_trace", trace_figure, updates, chosen)
    with controls if present.is_phone() else picture:  # on a phone the picture stays, and words do not
        folded = parts.here_or_folded(lesson[rule], lesson["adam"])
    write_update(updates, chosen, rate)
    numbers, words = st.columns(2) if present.is_on() else (st.container(), st.container())
    with numbers, steps.folded("All ten updates in numbers", ":material/table:"):
        table(updates)
        text_elements.note(lesson["epsilon"])
    with words:
        parts.read_below(
            *folded, lesson["adam steps"], lesson["adam picture"], controls=words, has_columns=True
        )


def pick_weight(current: resources.TrainedRun, gradients: np.ndarray) -> tuple[int, int, int]:
    """Controls that choose a weight: its layer, its input, its neuron."""
    network = current.record.config.network
    layer = parts.choose_layer("Layer", len(network.hidden_units), "adam_layer")
    default = most_updated_weight(network, gradients, layer)
    return layer, *parts.pick_weight(network, layer, default, "adam", f"{current.job_id}_{layer}")


def write_update(updates: Sequence[Update], t: int, rate: float) -> None:
    """The formulas of one update with its numbers."""
    shown = updates[t - 1]
    terms = {name: float(term) for name, term in shown.terms.items()}
    m, v = (float(updates[t - 2].terms[name]) if t > 1 else 0.0 for name in ("m", "v"))
    g, after = float(shown.gradient), float(shown.state.values)
    root, epsilon = number(np.sqrt(terms["v_hat"])), number(adam_epsilon(t), 2)
    means = (
        rf"m &= {BETA_1:g} \cdot {factor(m)} + {1 - BETA_1:.3g} \cdot {factor(g)} \\ &= {number(terms['m'])}",
        rf"v &= {BETA_2:g} \cdot {factor(v)} + {1 - BETA_2:.3g} \cdot {factor(g)}^2"
        rf" \\ &= {number(terms['v'])}",
    )
    corrected = (
        rf"\hat m &= \frac{{m}}{{1 - {BETA_1:g}^{{{t}}}}} = {number(terms['m_hat'])}",
        rf"\hat v &= \frac{{v}}{{1 - {BETA_2:g}^{{{t}}}}} = {number(terms['v_hat'])}",
    )
    step = (
        rf"\text{{rate}} &= \frac{{\eta}}{{\sqrt{{\hat v}} + \varepsilon_t}}"
        rf" = \frac{{{rate:g}}}{{{root} + {epsilon}}} \\[12pt] &= {number(terms['rate'])}",
        rf"\text{{step}} &= -\,\text{{rate}} \cdot \hat m = \mathbf{{{number(terms['step'])}}}",
        rf"w &= {after - terms['step']:.6f} {terms['step']:+.6f} = {after:.6f}",
    )
    for column, lines in zip(st.columns(3), (means, corrected, step), strict=True):
        column.latex(r"\begin{aligned}" + r" \\[6pt] ".join(lines) + r"\end{aligned}")


def table(updates: Sequence[Update]) -> None:
    """Every quantity of every update."""
    names = {"m": "m", "v": "v", "m̂": "m_hat", "v̂": "v_hat", "Own rate": "rate", "Step": "step"}
    rows = [
        {"t": t, "g": float(update.gradient)}
        | {words: float(update.terms[name]) for words, name in names.items()}
        | {"Weight after": float(update.state.values)}
        for t, update in enumerate(updates, start=1)
    ]
    tables.data_table(rows, dict.fromkeys(("g", *names), "%.3e") | {"Weight after": "%.6f"}, "adam_table")


def four_trainings() -> None:
    """One network trained by each of the four rules."""
    left, right = in_order()
    with left:
        st.markdown(lesson["network"])
        settings.front("units", "batch")
        times = parts.pick_value(TIMES, (0.1, 1.0, 10.0), 1.0, "rates_times")
        base = experiments.comparison_config(choices.config(), epochs=EXPERIMENT_EPOCHS)
        rates = {name: round(times * USUAL_LEARNING_RATE[name], 6) for name in RULES}
        listed = ", ".join(f"{NAMES[name]} {rates[name]:g}" for name in RULES)
        shown = {**experiments.image_numbers(base.training), "epochs": EXPERIMENT_EPOCHS}
        st.caption(lesson["less"].format(**shown, rates=listed))
        configs = {
            NAMES[name]: replace(
                base, training=replace(base.training, optimizer=name, learning_rate=rates[name])
            )
            for name in RULES
        }
        n_updates = EXPERIMENT_EPOCHS * base.training.steps_per_epoch(len(resources.dataset().train_labels))
        awaited = Awaited(right, "the four loss curves are", partial(training_frame, n_updates), VIEWS)
        runs = experiments.trained("optimizers", configs, "Train with all four", right, awaited)
    if runs:
        with right:
            show_training(dict(zip(RULES, runs.values(), strict=True)))
            parts.read_below(lesson["result"], controls=left)


def show_training(by_name: dict[Optimizer, resources.TrainedRun]) -> None:
    """Losses of the four trainings, and what came of them."""
    curves = loss_curves({name: run.record for name, run in by_name.items()})
    *views, numbers = st.tabs(VIEWS)
    for view, (which, losses) in zip(views, curves.by_images.items(), strict=True):
        with view:
            shown = losses, which, curves.n_updates, curves.highest
            charts.draw(f"optimizer_{which}", training_figure, *shown)
    with numbers:
        tables.data_table(*numbers_of(by_name), "optimizer_table")
    winner = clear_winner({name: validated(run.record) for name, run in by_name.items()})
    st.markdown(lesson["too close"] if winner is None else lesson["winner"].format(name=NAMES[winner]))


def numbers_of(by_name: dict[Optimizer, resources.TrainedRun]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """A row for each of the four trainings, and the form of its numbers."""
    rows = [
        {
            "Optimiser": NAMES[name],
            "Validation accuracy (%)": 100 * result.accuracy,
            "95% interval": " – ".join(f"{100 * p:.1f}" for p in astuple(result.interval)),
            "Learning rate": f"{run.record.config.training.learning_rate:g}",
            "Training loss, last epoch": round(float(run.record.history.training_loss[-1]), 4),
            "Time (s)": round(run.record.seconds, 2),
        }
        for name, run in by_name.items()
        for result in (validated(run.record),)
    ]
    shorter = {  # to fit beside the settings
        "Validation accuracy (%)": st.column_config.NumberColumn("Validation (%)", format=tables.PERCENT),
        "Learning rate": "Rate",
        "Training loss, last epoch": st.column_config.NumberColumn("Training loss", format="%.4f"),
        "Time (s)": "%.2f",
    }
    return rows, shorter


lesson = lesson_frame.begin("optimizers")
lesson_frame.show(
    "optimizers",
    lesson,
    {
        "Four rules in four lines": show_rules,
        "The race: four rules on a surface": show_race,
        "One weight, ten updates by Adam": one_weight,
        "Learning-rate decay: a rate that falls": show_decay,
        "The four on the network": four_trainings,
    },
)
