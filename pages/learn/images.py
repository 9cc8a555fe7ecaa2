"""Images: pixels as numbers, flattened, normalised, shuffled; and what a network makes of each."""

import numpy as np
import streamlit as st

from dashboard.elements.untrusted import is_whole, picked_point
from dashboard.learn import experiments, lesson_frame, parts
from dashboard.session import resources
from dashboard.widgets import charts, image_choice
from dashboard.widgets.beside import beside, in_order
from dashboard.widgets.controls import PERSIST, segmented_choice
from mnist_core.config import N_PIXELS
from mnist_core.figures.digits import digit_grid
from mnist_core.figures.lessons import images as image_figures
from mnist_core.figures.lessons import preparations
from mnist_core.images import preparation
from mnist_core.lessons import images as lesson_images
from mnist_core.network import passes

EPOCHS = 3  # all four trainings of an experiment together take a few seconds
N_SHOWN = 48
SCALES = ("0 to 255", "0 to 1")


@st.cache_data(show_spinner=False, max_entries=4)
def means(fingerprint: str) -> np.ndarray:
    return lesson_images.mean_digits(images.train_images, images.train_labels)


@st.cache_data(show_spinner=False, max_entries=20)
def n_dead(job_id: str, _run: resources.TrainedRun) -> int:
    inputs = preparation.network_inputs(_run.dataset.test_images, _run.record.config.training.preparation)
    return int(passes.dead_units(_run.record.parameters, inputs)[0].sum())


def show_accuracies(runs: dict[str, resources.TrainedRun], changed: list[str], title: str, key: str) -> None:
    results = {words: run.evaluation for words, run in runs.items()}
    inputs = results, changed, title
    charts.draw_of(key, experiments.owner(runs), title, preparations.accuracy_figure, *inputs)


def pick() -> None:
    number = picked_point(st.session_state.get("pixels"))
    if is_whole(number, N_PIXELS):
        st.session_state.pixel_row, st.session_state.pixel_column = lesson_images.pixel_place(number)


@st.fragment
def explore() -> None:
    """One pixel of one image: its number, its place in the list, and where shuffling takes it."""
    st.session_state.setdefault("pixel_row", 13)
    st.session_state.setdefault("pixel_column", 15)
    controls, picture = beside("pixel")
    with controls:
        number = image_choice.pick_image(images.train_labels)
        row = st.slider("Row of the pixel", 0, 27, key="pixel_row", **PERSIST)
        column = st.slider("Column of the pixel", 0, 27, key="pixel_column", **PERSIST)
        scale = segmented_choice("Numbers", SCALES, "scale", **PERSIST)
        image = images.train_images[number]
        normalised = preparation.network_inputs(image[None])[0].reshape(image.shape)
        st.latex(rf"\frac{{{image[row, column]}}}{{255}} = {normalised[row, column]:.3f}")
    numbers, unrolled, shuffled = picture.tabs(["The numbers", "28 × 28 becomes 784", "Shuffled"])
    with numbers:
        title = f"Training image {number}: a {images.train_labels[number]}"
        values = image if scale == "0 to 255" else normalised
        show_numbers((image, normalised, row, column, title), values)
    with unrolled:
        flatten(image, row, column)
    with shuffled:
        shuffle(image, row, column)
    st.markdown(lesson["a pixel"])
    st.markdown(lesson["normalised"])
    lesson_frame.source(
        preparation.flatten, preparation.normalise, lesson_images.pixel_index, lesson_images.pixel_place
    )


def show_numbers(shown: tuple[np.ndarray, np.ndarray, int, int, str], values: np.ndarray) -> None:
    """An image, and the numbers of a pixel and its neighbours.

    Args:
        shown: As `pixel_figure` has them.
        values: The numbers to show, shape (28, 28).
    """
    _, _, row, column, _ = shown
    left, right = st.columns(2)
    with left:
        options = {"on_select": pick, "selection_mode": "points"}
        charts.draw("pixels", image_figures.pixel_figure, *shown, **options)
    with right:
        charts.draw("neighbours", image_figures.neighbourhood_figure, values, row, column)


def flatten(image: np.ndarray, row: int, column: int) -> None:
    """The image as the list that a dense layer expects."""
    index, values = lesson_images.pixel_index(row, column), preparation.flatten(image[None])[0]
    charts.draw("unrolled", image_figures.unrolled_figure, image, values, row, column, index)
    whole, rest = lesson_images.pixel_place(index)
    st.latex(
        rf"\begin{{gathered}} 28 \cdot \text{{row}} + \text{{column}} = "
        rf"28 \cdot {row} + {column} = {index} \\ "
        rf"x_{{{index}}} = {preparation.network_inputs(image[None])[0][index]:.3f} \\ "
        rf"{index} \div 28 = {whole} \ \text{{remainder}}\ {rest} \end{{gathered}}"
    )
    st.markdown(lesson["the index"])
    st.markdown(lesson["flattened"])


def shuffle(image: np.ndarray, row: int, column: int) -> None:
    """The same numbers in another order."""
    shuffled, place = preparation.shuffle_pixels(image[None])[0], lesson_images.shuffled_place(row, column)
    charts.draw("shuffled", image_figures.shuffle_figure, image, shuffled, (row, column), place)


def shuffled_training() -> None:
    """Networks trained on the usual and on the shuffled order."""
    left, right = in_order()
    with left:
        st.markdown(lesson["shuffled"])
        st.markdown(lesson["shuffle training"].format(epochs=EPOCHS))
        orders = lesson_images.shuffling_configs(EPOCHS)
        runs = experiments.trained("images: shuffled", orders, "Train on usual and on shuffled pixels")
    if runs:
        with right:
            shown = [f"{100 * run.evaluation.accuracy:.1f}" for run in runs.values()]
            title = f"Usual order {shown[0]} and {shown[1]} % right, shuffled {shown[2]} and {shown[3]} %"
            changed = [words for words in runs if words.startswith("shuffled")]
            show_accuracies(runs, changed, title, "orders")
            overlap = lesson_images.do_all_overlap([run.evaluation.interval for run in runs.values()])
            st.markdown(lesson["same"] if overlap else lesson["differs"])
            st.markdown(lesson["not the grid"])
    lesson_frame.source(preparation.pixel_order, preparation.shuffle_pixels)


def undivided_training() -> None:
    """Networks trained with and without the division by 255."""
    left, right = in_order()
    with left:
        st.markdown(lesson["undivided"].format(epochs=EPOCHS))
        scales = lesson_images.dividing_configs(EPOCHS)
        runs = experiments.trained("images: undivided", scales, "Train with and without the division")
    if runs:
        with right:
            show_undivided(runs)
        st.markdown(lesson["why"])


def show_undivided(runs: dict[str, resources.TrainedRun]) -> None:
    """What the division changes: losses, accuracies, dead neurons."""
    adam, adam_255, sgd, sgd_255 = (run.record for run in runs.values())
    pairs = {"Adam": (adam, adam_255), "SGD": (sgd, sgd_255)}
    right, *losses = st.tabs(["Accuracy", *(f"Loss with {name}" for name in pairs)])
    for view, name in zip(losses, pairs, strict=True):
        with view:
            inputs = f"losses {name}", preparations.loss_figure, pairs, name
            charts.draw_of(f"loss_{name}", experiments.owner(runs), *inputs)
    accuracies = [f"{100 * run.evaluation.accuracy:.1f} %" for run in runs.values()]
    title = "Right with and without the division: Adam {} and {}, SGD {} and {}".format(*accuracies)
    with right:
        show_accuracies(runs, list(runs)[1::2], title, "scales")
    if all(run.evaluation.is_finite for run in runs.values()):
        dead = ", ".join(f"**{n_dead(run.job_id, run)}** ({words})" for words, run in runs.items())
        n_units = adam.config.network.hidden_units[0]
        st.markdown(f"Hidden neurons, of {n_units}, that pass on 0 for every test image: {dead}.")
    else:
        st.warning(lesson["diverged"], icon=":material/trending_up:")


def labels() -> None:
    """How many images of each digit there are, and their means."""
    counts = lesson_images.class_counts(images.train_labels)
    left, right = st.columns(2)
    with left:
        charts.draw("classes", image_figures.class_figure, counts)
    with right:
        st.markdown(lesson["means"])
        grid = digit_grid(means(images.fingerprint), 5)
        st.image(grid, width="stretch", alt="The mean image of each digit, 0 to 4 above 5 to 9.")
        share = 100 * counts.max() / counts.sum()
        st.markdown(f"Always answering {counts.argmax()} would be right for {share:.1f} % of these images.")
    st.markdown(lesson["labels"])
    lesson_frame.source(lesson_images.class_counts, lesson_images.mean_digits, preparation.network_inputs)


def draw() -> None:
    st.session_state.gallery_seed = st.session_state.get("gallery_seed", 0) + 1


@st.fragment
def gallery() -> None:
    """Some images of one digit."""
    controls, picture = beside("gallery", 0.24)
    with controls:
        digit = parts.pick_digit("Digit", "gallery_digit")
        st.button("Other samples", icon=":material/shuffle:", key="gallery_others", on_click=draw)
    seed = st.session_state.get("gallery_seed", 0)
    numbers = lesson_images.sample_digit(images.train_labels, digit, N_SHOWN, seed)
    count = lesson_images.class_counts(images.train_labels)[digit]
    text = f"{len(numbers)} of the {count:,} training images with the label {digit}"
    if len(numbers):
        picture.image(digit_grid(images.train_images[numbers], 12), text, width="stretch", alt=text)


lesson = lesson_frame.begin("images")
images = resources.dataset()
lesson_frame.show(
    "images",
    lesson,
    {
        "A pixel is a number": explore,
        "Does the network see the picture?": shuffled_training,
        "Why divide by 255?": undivided_training,
        "The images and their labels": labels,
        "How differently they are written": gallery,
    },
)
