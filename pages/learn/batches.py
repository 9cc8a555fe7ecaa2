"""Epochs and batches: what one update sees, how good its direction is, and what the batch size costs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from dashboard.learn import experiments, lesson_frame
from dashboard.session import choices, resources
from dashboard.widgets import charts, current_run, settings
from mnist_core.figures.digits import digit_grid
from mnist_core.figures.lessons.batches import accuracy_figure, angle_figure, length_figure, time_figure
from mnist_core.lessons.batches import EpochPlan, GradientSpread, gradient_of, spreads_of_run
from mnist_core.training.training_set import TrainingImages, training_images

SHOWN = 64
EXPERIMENT_SIZES = (1, 8, 32, 128, 1_024)
EXPERIMENT_IMAGES = 10_000

lesson = lesson_frame.begin("batches")
st.header("One epoch, cut into batches")
st.markdown(lesson["one epoch"])
settings.front("epochs", "batch")
config = choices.config()
chosen = training_images(config, resources.dataset())
plan = EpochPlan(len(chosen.labels), config.training.batch_size)
left = f" + {plan.n_left:,}" if plan.n_left else ""
last = f"The last batch has only **{plan.n_left:,}**." if plan.n_left else "The last batch is full."
st.latex(rf"{plan.n_images:,} = {plan.n_full:,} \times {plan.batch_size:,}{left}".replace(",", r"{,}"))
st.markdown(
    f"**{plan.n_images:,} training images** in batches of {plan.batch_size:,} make "
    f"**{plan.n_batches:,} updates** an epoch, {plan.n_batches * config.training.epochs:,} in "
    f"{config.training.epochs} epoch{'s' if config.training.epochs > 1 else ''}. {last}"
)


@st.fragment
def show_batch(chosen: TrainingImages, plan: EpochPlan) -> None:
    """The images of one batch of one epoch."""
    one, other = st.columns(2)
    epochs, keep = chosen.config.training.epochs, {"persist_state": "session"}
    epoch = one.number_input("Epoch", 1, epochs, key=f"batch_epoch_{epochs}", **keep)
    number = other.number_input(
        f"Batch, of {plan.n_batches:,}", 1, plan.n_batches, key=f"batch_number_{plan.n_batches}", **keep
    )
    indices = chosen.batch(epoch, number)
    shown = indices[:SHOWN]
    more = f"the first {SHOWN} of them" if len(indices) > SHOWN else "all of them"
    labels = " ".join(map(str, chosen.labels[shown]))
    grid = digit_grid(chosen.images[shown], min(16, len(shown)), 2)
    st.image(grid, width=min(1_020, 64 * len(shown)), alt=f"Training images of these digits: {labels}.")
    st.caption(f"{len(indices):,} images in this batch, {more} shown. Their labels: {labels}")


st.markdown(lesson["the batch"])
show_batch(chosen, plan)


@st.fragment
def show_gradients(spreads: Mapping[int, Sequence[GradientSpread]]) -> None:
    """Angle and length of the gradients at one moment of a run."""
    moment = 0
    if len(spreads) > 1:
        moment = st.select_slider(
            "Epochs trained", list(spreads), key="batch_moment", persist_state="session"
        )
        st.caption(lesson["the moment"])
    one, other = st.columns(2)
    with one:
        charts.chart(resources.cached_figure_of(angle_figure, spreads[moment]), "angles")
    with other:
        charts.chart(resources.cached_figure_of(length_figure, spreads[moment]), "lengths")


st.header("Which way does a batch point?")
st.markdown(lesson["the gradient"])
if (current := current_run.run_or_notice()) is not None:
    current_run.run_caption(current)
    if not current.record.has_diverged:
        spreads = current_run.analysis_result(current, spreads_of_run, lesson["computing"])
        if spreads is not None:
            show_gradients(spreads)
lesson_frame.source(TrainingImages.batch, gradient_of)

st.header("Many small steps or few large ones?")
st.markdown(lesson["trade"])
n_images = min(EXPERIMENT_IMAGES, len(resources.dataset().train_labels))
training = replace(config.training, n_training_images=n_images)
layers = " + ".join(map(str, config.network.hidden_units))
st.caption(f"{lesson['less']} {layers} hidden units; epochs: {training.epochs}.")
runs = experiments.trained(
    "batches",
    {f"{n:,}": replace(config, training=replace(training, batch_size=n)) for n in EXPERIMENT_SIZES},
    "Train with five batch sizes",
)
if runs:
    found = dict(zip(EXPERIMENT_SIZES, runs.values(), strict=True))
    one, other = st.columns(2)
    with one:
        accuracies = {size: run.evaluation.accuracy for size, run in found.items()}
        intervals = {size: run.evaluation.interval for size, run in found.items()}
        charts.chart(resources.cached_figure_of(accuracy_figure, accuracies, intervals), "batch_accuracy")
    with other:
        charts.chart(
            resources.cached_figure_of(
                time_figure, {size: run.record.seconds for size, run in found.items()}
            ),
            "batch_time",
        )
    whole_numbers = st.column_config.NumberColumn(format="accounting", step=1)  # 1,024
    st.dataframe(
        [
            {
                "Batch size": size,
                "Updates in all": run.record.steps_done,
                "Time (s)": round(run.record.seconds, 2),
                "Test accuracy (%)": round(100 * run.evaluation.accuracy, 2),
                "Images a second": round(run.record.images_per_second),
            }
            for size, run in found.items()
        ],
        hide_index=True,
        width="stretch",
        column_config={
            "Batch size": whole_numbers,
            "Updates in all": st.column_config.NumberColumn("Updates", format="accounting", step=1),
            "Time (s)": st.column_config.NumberColumn(format="%.2f"),
            "Images a second": whole_numbers,
            "Test accuracy (%)": st.column_config.NumberColumn(format="%.2f"),
        },
    )
lesson_frame.finish("batches", lesson)
