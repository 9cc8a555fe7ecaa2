"""Epochs and batches: what one update sees, how good its direction is, and what the batch size costs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from dashboard.learn import experiments, lesson_frame, parts
from dashboard.session import choices, resources
from dashboard.widgets import charts, current_run, settings, tables
from dashboard.widgets.beside import CONTROLS, beside, in_order
from dashboard.widgets.controls import PERSIST
from mnist_core.figures.digits import digit_grid
from mnist_core.figures.lessons.batches import accuracy_figure, angle_figure, length_figure, time_figure
from mnist_core.lessons.batches import EpochPlan, GradientSpread, gradient_of, spreads_of_run
from mnist_core.training.training_set import TrainingImages, shuffled_order, training_images

SHOWN = 64
EXPERIMENT_SIZES = (1, 8, 32, 128, 1_024)
EXPERIMENT_IMAGES = 10_000


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
    """How many updates an epoch makes, and the whole training."""
    left = f" + {plan.n_left:,}" if plan.n_left else ""
    last = f"The last batch has only **{plan.n_left:,}**." if plan.n_left else "The last batch is full."
    st.latex(rf"{plan.n_images:,} = {plan.n_full:,} \times {plan.batch_size:,}{left}".replace(",", r"{,}"))
    st.markdown(
        f"**{plan.n_images:,} training images** in batches of {plan.batch_size:,} make "
        f"**{plan.n_batches:,} updates** an epoch, {plan.n_batches * epochs:,} in "
        f"{epochs} epoch{'s' if epochs > 1 else ''}. {last}"
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
    more = f"the first {SHOWN} of them" if len(indices) > SHOWN else "all of them"
    labels = " ".join(map(str, chosen.labels[shown]))
    grid = digit_grid(chosen.images[shown], min(16, len(shown)), 2)
    st.image(grid, width=min(1_020, 64 * len(shown)), alt=f"Training images of these digits: {labels}.")
    st.caption(f"{len(indices):,} images in this batch, {more} shown. Their labels: {labels}")
    st.markdown(lesson["the batch"])


def directions() -> None:
    """The gradients of batches beside the gradient of all images."""
    if (current := lesson_frame.captioned_run()) is not None and not current.record.has_diverged:
        spreads = current_run.analysis_result(current, spreads_of_run, lesson["computing"])
        if spreads is not None:
            show_gradients(spreads)
    st.markdown(lesson["the gradient"])
    lesson_frame.source(TrainingImages.batch, TrainingImages.order, shuffled_order, gradient_of)


@st.fragment
def show_gradients(spreads: Mapping[int, Sequence[GradientSpread]]) -> None:
    """Angle and length of the gradients at one moment of a run."""
    moment = 0
    if len(spreads) > 1:
        controls, picture = beside("moment", 0.24)
        with controls:
            moment = parts.pick_value("Epochs trained", list(spreads), None, "batch_moment", "{}")
            st.caption(lesson["the moment"])
    else:
        picture = st.container()
    left, right = picture.columns(2)
    with left:
        charts.draw("angles", angle_figure, spreads[moment])
    with right:
        charts.draw("lengths", length_figure, spreads[moment])


def trade() -> None:
    """The same network trained with batches of five sizes."""
    config = choices.config()
    n_images = min(EXPERIMENT_IMAGES, len(resources.dataset().train_labels))
    training = replace(config.training, n_training_images=n_images)
    layers = " + ".join(map(str, config.network.hidden_units))
    left, right = in_order(CONTROLS)
    with left:
        st.markdown(lesson["trade"])
        st.caption(f"{lesson['less']} {layers} hidden units; epochs: {training.epochs}.")
        runs = experiments.trained(
            "batches",
            {f"{n:,}": replace(config, training=replace(training, batch_size=n)) for n in EXPERIMENT_SIZES},
            "Train with five batch sizes",
        )
    if runs:
        with right:
            show_trade(dict(zip(EXPERIMENT_SIZES, runs.values(), strict=True)))


def show_trade(by_size: dict[int, resources.TrainedRun]) -> None:
    """What each size of batch costs and brings."""
    left, right = st.columns(2)
    with left:
        accuracies = {size: run.evaluation.accuracy for size, run in by_size.items()}
        intervals = {size: run.evaluation.interval for size, run in by_size.items()}
        charts.draw("batch_accuracy", accuracy_figure, accuracies, intervals)
    with right:
        charts.draw("batch_time", time_figure, {size: run.record.seconds for size, run in by_size.items()})
    rows = [
        {
            "Batch size": size,
            "Updates in all": run.record.steps_done,
            "Time (s)": round(run.record.seconds, 2),
            "Test accuracy (%)": round(100 * run.evaluation.accuracy, 2),
            "Images a second": round(run.record.images_per_second),
        }
        for size, run in by_size.items()
    ]
    whole_numbers = st.column_config.NumberColumn(format="accounting", step=1)  # 1,024
    formats = dict.fromkeys(("Batch size", "Images a second"), whole_numbers)
    formats["Updates in all"] = st.column_config.NumberColumn("Updates", format="accounting", step=1)
    tables.data_table(rows, formats | dict.fromkeys(("Time (s)", "Test accuracy (%)"), "%.2f"), row_height=30)


lesson = lesson_frame.begin("batches")
lesson_frame.show(
    "batches",
    lesson,
    {
        "One epoch, cut into batches": one_epoch,
        "Which way does a batch point?": directions,
        "Many small steps or few large ones?": trade,
    },
)
