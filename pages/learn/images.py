"""Images: pixels as numbers, flattened, normalised, shuffled; and what a network makes of each."""

from dataclasses import replace
from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from dashboard.elements.untrusted import is_whole, picked_point
from dashboard.learn import experiments, lesson_frame
from dashboard.session import resources
from dashboard.widgets import charts, image_choice
from mnist_core.config import (
    N_DIGITS,
    N_PIXELS,
    OPTIMIZER_NAMES,
    USUAL_LEARNING_RATE,
    RunConfig,
    TrainingConfig,
)
from mnist_core.figures.digits import digit_grid
from mnist_core.figures.lessons import images as image_figures
from mnist_core.figures.lessons import preparations
from mnist_core.images import preparation
from mnist_core.lessons import images as lesson_images
from mnist_core.network import passes

EPOCHS = 3  # all four trainings of an experiment together take a few seconds
N_SHOWN = 48
SCALES = ("0 to 255", "0 to 1")
KEPT = {"persist_state": "session"}

lesson = lesson_frame.begin("images")
images = resources.dataset()


@st.cache_data(show_spinner=False, max_entries=4)
def means(fingerprint: str) -> np.ndarray:
    return lesson_images.mean_digits(images.train_images, images.train_labels)


@st.cache_data(show_spinner=False, max_entries=20)
def n_dead(job_id: str, _run: resources.TrainedRun) -> int:
    inputs = preparation.network_inputs(_run.dataset.test_images, _run.record.config.training.preparation)
    return int(passes.dead_units(_run.record.parameters, inputs)[0].sum())


def accuracies_of(runs: dict[str, resources.TrainedRun], changed: list[str], title: str) -> go.Figure:
    results = {words: run.evaluation for words, run in runs.items()}
    return experiments.figure(runs, title, lambda: preparations.accuracy_figure(results, changed, title))


def pick() -> None:
    number = picked_point(st.session_state.get("pixels"))
    if is_whole(number, N_PIXELS):
        st.session_state.pixel_row, st.session_state.pixel_column = lesson_images.pixel_place(number)


@st.fragment
def explore() -> None:
    st.header("A pixel is a number")
    st.markdown(lesson["a pixel"])
    number = image_choice.pick_image(images.train_labels)
    st.session_state.setdefault("pixel_row", 13)
    st.session_state.setdefault("pixel_column", 15)
    first, second, third = st.columns(3)
    row = first.slider("Row of the pixel", 0, 27, key="pixel_row", **KEPT)
    column = second.slider("Column of the pixel", 0, 27, key="pixel_column", **KEPT)
    scale = third.segmented_control("Numbers", SCALES, default=SCALES[0], required=True, key="scale", **KEPT)
    image = images.train_images[number]
    inputs = preparation.network_inputs(image[None])[0]
    normalised = inputs.reshape(image.shape)
    left, right = st.columns(2)
    with left:
        title = f"Training image {number}: a {images.train_labels[number]}"
        figure = resources.cached_figure_of(image_figures.pixel_figure, image, normalised, row, column, title)
        charts.chart(figure, "pixels", on_select=pick, selection_mode="points")
    with right:
        values = image if scale == SCALES[0] else normalised
        charts.chart(
            resources.cached_figure_of(image_figures.neighbourhood_figure, values, row, column), "neighbours"
        )
    st.markdown(lesson["normalised"])
    st.latex(rf"\frac{{{image[row, column]}}}{{255}} = {normalised[row, column]:.3f}")

    st.header("28 × 28 becomes 784")
    st.markdown(lesson["flattened"])
    index = lesson_images.pixel_index(row, column)
    charts.chart(
        resources.cached_figure_of(
            image_figures.unrolled_figure, image, preparation.flatten(image[None])[0], row, column, index
        ),
        "unrolled",
    )
    st.markdown(lesson["the index"])
    st.latex(rf"28 \cdot \text{{row}} + \text{{column}} = 28 \cdot {row} + {column} = {index}")
    st.latex(rf"x_{{{index}}} = {inputs[index]:.3f}")
    whole, rest = lesson_images.pixel_place(index)
    st.latex(rf"{index} \div 28 = {whole} \ \text{{remainder}}\ {rest}")
    lesson_frame.source(
        preparation.flatten, preparation.normalise, lesson_images.pixel_index, lesson_images.pixel_place
    )

    st.header("Does the network see the picture?")
    st.markdown(lesson["shuffled"])
    shuffled, place = preparation.shuffle_pixels(image[None])[0], lesson_images.shuffled_place(row, column)
    charts.chart(
        resources.cached_figure_of(image_figures.shuffle_figure, image, shuffled, (row, column), place),
        "shuffled",
    )


explore()
lesson_frame.source(preparation.pixel_order, preparation.shuffle_pixels)
st.markdown(lesson["shuffle training"].format(epochs=EPOCHS))
plain = TrainingConfig(epochs=EPOCHS)
orders = {
    f"{words}, start {seed + 1}": RunConfig(training=replace(plain, preparation=preparation, seed=seed))
    for words, preparation in (("usual", "usual"), ("shuffled", "shuffled"))
    for seed in (0, 1)
}
runs = experiments.trained("images: shuffled", orders, "Train on usual and on shuffled pixels")
if runs:
    results = {words: run.evaluation for words, run in runs.items()}
    shown = [f"{100 * result.accuracy:.1f}" for result in results.values()]
    title = f"Usual order {shown[0]} and {shown[1]} % right, shuffled {shown[2]} and {shown[3]} %"
    changed = [words for words in runs if words.startswith("shuffled")]
    charts.chart(accuracies_of(runs, changed, title), "orders")
    intervals = [result.interval for result in results.values()]
    overlap = max(interval.low for interval in intervals) <= min(interval.high for interval in intervals)
    st.markdown(lesson["same"] if overlap else lesson["differs"])
    st.markdown(lesson["not the grid"])

st.header("Why divide by 255?")
st.markdown(lesson["undivided"].format(epochs=EPOCHS))
scales = {
    f"{OPTIMIZER_NAMES[optimizer]}, {words}": RunConfig(
        training=replace(
            plain, preparation=preparation, optimizer=optimizer, learning_rate=USUAL_LEARNING_RATE[optimizer]
        )
    )
    for optimizer in ("adam", "sgd")
    for words, preparation in (("0 to 1", "usual"), ("0 to 255", "undivided"))
}
runs = experiments.trained("images: undivided", scales, "Train with and without the division")
if runs:
    (adam, adam_255, sgd, sgd_255), names = runs.values(), list(runs)
    pairs = {"Adam": (adam.record, adam_255.record), "SGD": (sgd.record, sgd_255.record)}
    for column, name in zip(st.columns(2), pairs, strict=True):
        build = partial(preparations.loss_figure, pairs, name)
        with column:
            charts.chart(experiments.figure(runs, f"losses {name}", build), f"loss_{name}")
    results = {words: run.evaluation for words, run in runs.items()}
    accuracies = [f"{100 * result.accuracy:.1f} %" for result in results.values()]
    title = "Right with and without the division: Adam {} and {}, SGD {} and {}".format(*accuracies)
    charts.chart(accuracies_of(runs, names[1::2], title), "scales")
    if all(result.is_finite for result in results.values()):
        dead = ", ".join(f"**{n_dead(run.job_id, run)}** ({words})" for words, run in runs.items())
        n_units = adam.record.config.network.hidden_units[0]
        st.markdown(f"Hidden neurons, of {n_units}, that pass on 0 for every test image: {dead}.")
    else:
        st.warning(lesson["diverged"], icon=":material/trending_up:")
    st.markdown(lesson["why"])


def draw() -> None:
    st.session_state.gallery_seed = st.session_state.get("gallery_seed", 0) + 1


@st.fragment
def gallery() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        digit = st.pills(
            "Digit", range(N_DIGITS), default=3, required=True, key="gallery_digit", wrap=True, **KEPT
        )
        st.button("Other samples", icon=":material/shuffle:", key="gallery_others", on_click=draw)
    found = lesson_images.sample_digit(
        images.train_labels, digit, N_SHOWN, st.session_state.get("gallery_seed", 0)
    )
    text = f"{len(found)} of the {counts[digit]:,} training images with the label {digit}"
    if len(found):
        st.image(digit_grid(images.train_images[found], 12), text, width="stretch", alt=text)


st.header("The images and their labels")
st.markdown(lesson["labels"])
counts = lesson_images.class_counts(images.train_labels)
left, right = st.columns(2)
with left:
    charts.chart(resources.cached_figure_of(image_figures.class_figure, counts), "classes")
with right:
    st.markdown(lesson["means"])
    grid = digit_grid(means(images.fingerprint), 5)
    st.image(grid, width="stretch", alt="The mean image of each digit, 0 to 4 above 5 to 9.")
    share = 100 * counts.max() / counts.sum()
    st.markdown(f"Always answering {counts.argmax()} would be right for {share:.1f} % of these images.")
gallery()
lesson_frame.source(lesson_images.class_counts, lesson_images.mean_digits, preparation.network_inputs)
lesson_frame.finish("images", lesson)
