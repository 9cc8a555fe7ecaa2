"""Epochs and batches: what one update sees, how good its direction is, and what the batch size costs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard.learn import experiments, lesson_frame, parts
from dashboard.learn.awaited import Awaited
from dashboard.session import choices, present, resources
from dashboard.widgets import charts, current_run, settings, tables
from dashboard.widgets.beside import CONTROLS, beside, in_order
from dashboard.widgets.controls import PERSIST, segmented_choice
from mnist_core.config import OPTIMIZER_NAMES
from mnist_core.figures.digits import digit_grid
from mnist_core.figures.lessons.batches import (
    accuracy_figure,
    angle_figure,
    length_figure,
    progress_figure,
    progress_frame,
    time_figure,
)
from mnist_core.figures.style import n_of, with_minus
from mnist_core.lessons.batches import EpochPlan, GradientSpread, gradient_of, spreads_of_run, uphill_images
from mnist_core.lessons.training_curves import (
    AGAINST,
    Against,
    clear_winner,
    standing,
    training_curve,
    validated,
)
from mnist_core.training.training_set import TrainingImages, shuffled_order, training_images

SHOWN = 64
N_UPHILL, UPHILL_COLUMNS = 20, 10  # images that are shown, and how many in a row
EXPERIMENT_SIZES = (1, 8, 32, 128, 1_024)
RATE_FACTORS = (0.1, 0.3, 1.0, 3.0, 10.0)
HIGHEST_RATE = 1.0
VIEWS = ("Loss", "Accuracy", "Time", "In numbers")


def one_epoch() -> None:
    """The updates of an epoch in numbers, and the images of one of them."""
    controls, picture = beside("one_epoch")
    with controls:
        settings.control_of("epochs")
        settings.control_of("batch")
        st.markdown(lesson["one epoch"])
    config = choices.config()
    chosen = training_images(config, resources.dataset())
    plan = EpochPlan(len(chosen.labels), config.training.batch_size)
    with picture:
        write_plan(plan, config.training.epochs)
        show_batch(chosen, plan)


def write_plan(plan: EpochPlan, epochs: int) -> None:
    """How many updates one epoch makes, and the whole training."""
    left = f" + {plan.n_left:,}" if plan.n_left else ""
    last = "The last batch is full, too."
    if plan.n_left:
        last = f"The last batch has only **{n_of(plan.n_left, 'image')}**."
    st.latex(rf"{plan.n_images:,} = {plan.n_full:,} \times {plan.batch_size:,}{left}".replace(",", r"{,}"))
    st.markdown(
        f"**{plan.n_images:,} training images** in batches of {plan.batch_size:,} make "
        f"**{n_of(plan.n_batches, 'update')}** per epoch, {plan.n_batches * epochs:,} in "
        f"{n_of(epochs, 'epoch')}. {last}"
    )


@st.fragment
def show_batch(chosen: TrainingImages, plan: EpochPlan) -> None:
    """The images of one batch of one epoch."""
    left, right = st.columns(2)
    epochs, n = chosen.config.training.epochs, plan.n_batches
    epoch = left.number_input("Epoch", 1, epochs, key=f"batch_epoch_{epochs}", **PERSIST)
    number = right.number_input(f"Batch, of {n:,}", 1, n, key=f"batch_number_{n}", **PERSIST)
    indices = chosen.batch(epoch, number)
    shown = indices[:SHOWN]
    more = f" You see the first {SHOWN}." if len(indices) > SHOWN else ""
    labels = " ".join(map(str, chosen.labels[shown]))
    grid = digit_grid(chosen.images[shown], min(16, len(shown)), 2)
    st.image(grid, width=min(1_020, 64 * len(shown)), alt=f"Training images of these digits: {labels}.")
    st.caption(f"This batch has {n_of(len(indices), 'image')}.{more} Their labels: {labels}")
    st.markdown(lesson["the batch"])


def directions() -> None:
    """The gradients of batches beside the gradient of all images."""
    if (current := lesson_frame.captioned_run()) is not None and not current.record.has_diverged:
        spreads = current_run.analysis_result(current, spreads_of_run, lesson["computing"])
        if spreads is not None:
            show_gradients(spreads, current)
    lesson_frame.source(TrainingImages.batch, TrainingImages.order, shuffled_order, gradient_of)


@st.fragment
def show_gradients(spreads: Mapping[int, Sequence[GradientSpread]], current: resources.TrainedRun) -> None:
    """Angle and length of the gradients at one moment of a run, and the images that point uphill."""
    controls, picture = beside("moment")
    with controls:
        moment = 0
        if len(spreads) > 1:
            moment = parts.pick_value("Epochs trained", list(spreads), None, "batch_moment", "{}")
        st.markdown(lesson["the gradient"])
    angles, lengths, uphill = picture.tabs(["Angles", "Lengths", "Images that point uphill"])
    with angles:
        charts.draw("angles", angle_figure, spreads[moment])
        parts.read_below(lesson["angles"], controls=angles)
    with lengths:
        charts.draw("lengths", length_figure, spreads[moment])
        parts.read_below(lesson["lengths"], controls=lengths)
    with uphill:
        show_uphill(spreads[moment][0], current, moment)


def show_uphill(singles: GradientSpread, current: resources.TrainedRun, moment: int) -> None:
    """The images of single gradients that point uphill, and why training works all the same."""
    chosen = training_images(current.record.config, current.dataset)
    uphill = uphill_images(current.record.snapshots[moment], chosen, singles)
    when = f"After {n_of(moment, 'epoch')}" if moment else "Before training"
    shown = uphill.indices[:N_UPHILL]
    numbers = {"n_uphill": len(uphill.indices), "n_draws": len(singles.angles), "n_right": uphill.n_right}
    said = lesson["uphill" if len(shown) else "none uphill"].format(moment=when, **numbers)
    if not len(shown):
        st.markdown(said)
    else:
        is_read = 2 * uphill.n_right > len(uphill.indices)
        st.markdown(f"{said} {lesson['uphill read' if is_read else 'uphill misread']}")
        labels = " ".join(map(str, chosen.labels[shown]))
        grid = digit_grid(chosen.images[shown], min(UPHILL_COLUMNS, len(shown)), 2)
        width = present.scaled(64 * min(UPHILL_COLUMNS, len(shown)))
        st.image(grid, width=width, alt=f"Images of these digits: {labels}.")
        which = "All of them" if len(shown) == len(uphill.indices) else f"{len(shown)} of them"
        st.caption(f"{which}, the strongest pull first. Their labels: {labels}")
    pulls = {name: with_minus(f"{getattr(uphill, name):+.2f}") for name in ("uphill", "downhill")}
    outweighed = lesson["outweighed"].format(**pulls, n_images=len(chosen.labels))
    parts.read_below(outweighed, controls=st.container())


def trade() -> None:
    """The same network trained with batches of five sizes."""
    left, right = in_order(CONTROLS)
    with left:
        st.markdown(lesson["trade"])
        times = parts.pick_value("Learning rate times", RATE_FACTORS, 1.0, "batches_times")
        rate = min(HIGHEST_RATE, times * choices.config().training.learning_rate)
        base = experiments.comparison_config(choices.config(), learning_rate=rate)
        layers, epochs = " + ".join(map(str, base.network.hidden_units)), base.training.epochs
        shown = {**experiments.image_numbers(base.training), "layers": layers, "rate": rate}
        shown |= {
            "epochs": n_of(epochs, "epoch"),
            "optimizer": OPTIMIZER_NAMES[base.training.optimizer],
        }
        st.caption(lesson["less"].format(**shown))
        configs = {
            f"Batches of {n:,}": replace(base, training=replace(base.training, batch_size=n))
            for n in EXPERIMENT_SIZES
        }
        awaited = Awaited(right, "the five loss curves are", lambda: progress_frame(pick_against()), VIEWS)
        runs = experiments.trained("batches", configs, "Train with five batch sizes", right, awaited)
    if runs:
        with right:
            show_trade(dict(zip(EXPERIMENT_SIZES, runs.values(), strict=True)), experiments.owner(runs))
            parts.read_below(lesson["result"], controls=left)


def show_trade(by_size: dict[int, resources.TrainedRun], owner: str) -> None:
    """What each size of batch costs and brings."""
    records = {size: run.record for size, run in by_size.items()}
    curves, accuracy, times, numbers = st.tabs(VIEWS)
    with curves:
        show_curves(records, owner)
    with accuracy:
        results = {size: validated(record) for size, record in records.items()}
        charts.draw("batch_accuracy", accuracy_figure, results, clear_winner(results))
    with times:
        charts.draw("batch_time", time_figure, {size: record.seconds for size, record in records.items()})
    with numbers:
        tables.data_table(*numbers_of(records), row_height=30)


def pick_against() -> Against:
    """What the losses are drawn against."""
    against: Against = segmented_choice("Against", AGAINST, "batches_against", **PERSIST)
    return against


@st.fragment
def show_curves(records: Mapping[int, resources.RunRecord], owner: str) -> None:
    """The training losses after the same number of updates, of epochs, or of seconds."""
    against = pick_against()
    curves = {size: training_curve(record, against) for size, record in records.items()}
    charts.draw_of("batch_curves", owner, against, progress_figure, curves, standing(curves), against)


def numbers_of(records: Mapping[int, resources.RunRecord]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """A row for each batch size, and the form of its numbers."""
    rows = [
        {
            "Batch size": size,
            "Updates in all": record.steps_done,
            "Time (s)": round(record.seconds, 2),
            "Validation accuracy (%)": 100 * validated(record).accuracy,
            "Images per second": round(record.images_per_second),
        }
        for size, record in records.items()
    ]
    whole_numbers = st.column_config.NumberColumn(format="accounting", step=1)  # 1,024
    formats: dict[str, Any] = dict.fromkeys(("Batch size", "Images per second"), whole_numbers)
    formats["Updates in all"] = st.column_config.NumberColumn("Updates", format="accounting", step=1)
    formats["Validation accuracy (%)"] = st.column_config.NumberColumn(
        "Validation (%)", format=tables.PERCENT
    )
    return rows, formats | {"Time (s)": "%.2f"}


lesson = lesson_frame.begin("batches")
lesson_frame.show(
    "batches",
    lesson,
    {
        "One epoch, cut into batches": one_epoch,
        "Which way does a batch point?": directions,
        "Many rough steps or few precise ones?": trade,
    },
)
