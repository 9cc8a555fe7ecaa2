"""Images: MNIST, pixels as numbers, the ladder from guessing to a network, and what shuffling changes."""

from collections.abc import Iterable, Sequence

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.elements.untrusted import is_whole, picked_point
from dashboard.learn import experiments, ladder_map, lesson_frame, parts, shared_results, steps
from dashboard.learn.awaited import Awaited
from dashboard.session import present, resources
from dashboard.widgets import charts, current_run, image_choice, tables
from dashboard.widgets.beside import WIDE_CONTROLS, beside, in_order, kept, pinned_height
from dashboard.widgets.controls import PERSIST, segmented_choice
from mnist_core.config import N_PIXELS
from mnist_core.figures.digits import digit_grid
from mnist_core.figures.lessons import images as image_figures
from mnist_core.figures.lessons import ladder as ladder_figures
from mnist_core.figures.lessons import preparations
from mnist_core.figures.style import share_text, with_article
from mnist_core.images import preparation
from mnist_core.lessons import images as lesson_images
from mnist_core.lessons import ladder
from mnist_core.lessons.activations import zeros_of_run

EPOCHS = 3  # all four trainings of an experiment together take a few seconds
SQUARES_ON_A_PHONE = 190  # pixels: an image and its numbers, side by side
N_SHOWN = 48
SCALES = ("0 to 255", "0 to 1")
UNDIVIDED = ("Accuracy", "Loss with Adam", "Loss with SGD")


def show_accuracies(runs: dict[str, resources.TrainedRun], changed: list[str], title: str, key: str) -> None:
    results = {words: run.evaluation for words, run in runs.items()}
    inputs = results, changed, title
    charts.draw_of(key, experiments.owner(runs), title, preparations.accuracy_figure, *inputs)


def awaited_accuracies(place: DeltaGenerator, names: Iterable[str], views: Sequence[str] = ()) -> Awaited:
    """What `show_accuracies` will draw."""
    rows = list(names)
    return Awaited(place, "the four test accuracies are", lambda: preparations.accuracy_frame(rows), views)


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
    names = ["The numbers", "28 × 28 becomes 784", "Place in the list", "Shuffled"]
    numbers, unrolled, listed, shuffled = picture.tabs(names)
    with numbers:
        title = f"Training image {number}: {with_article(images.train_labels[number])}"
        values = image if scale == "0 to 255" else normalised
        show_numbers((image, normalised, (row, column), title), values)
        if scale == "0 to 255":
            st.markdown(lesson["a pixel"])
        else:
            st.markdown(lesson["normalised"])
            st.latex(rf"\frac{{{image[row, column]}}}{{255}} \approx {normalised[row, column]:.3f}")
    with unrolled:
        flatten(image, row, column)
    with listed:
        place(image, row, column)
    with shuffled:
        shuffle(image, row, column)
    lesson_frame.source(
        preparation.flatten, preparation.normalise, lesson_images.pixel_index, lesson_images.pixel_place
    )


def show_numbers(shown: tuple[np.ndarray, np.ndarray, tuple[int, int], str], values: np.ndarray) -> None:
    """An image, and the numbers of a pixel and its neighbours.

    Args:
        shown: As `pixel_figure` has them.
        values: The numbers to show, shape (28, 28).
    """
    _, _, (row, column), _ = shown
    height = pinned_height(image_figures.HEIGHT, SQUARES_ON_A_PHONE)
    with kept("numbers"):
        left, right = st.columns([11, 14] if present.is_phone() else 2)
    with left:
        options = {"on_select": pick, "selection_mode": "points"}
        charts.draw("pixels", image_figures.pixel_figure, *shown, height, **options)
    with right:
        charts.draw("neighbours", image_figures.neighbourhood_figure, values, row, column, height)


def flatten(image: np.ndarray, row: int, column: int) -> None:
    """The image as the list that a dense layer expects."""
    index, values = lesson_images.pixel_index(row, column), preparation.flatten(image[None])[0]
    charts.draw("unrolled", image_figures.unrolled_figure, image, values, row, column, index)
    st.markdown(lesson["flattened"])


def place(image: np.ndarray, row: int, column: int) -> None:
    """Where a pixel is in the list, and how to find it in the image again."""
    index = lesson_images.pixel_index(row, column)
    whole, rest = lesson_images.pixel_place(index)
    st.latex(
        rf"\begin{{gathered}} 28 \cdot \text{{row}} + \text{{column}} = "
        rf"28 \cdot {row} + {column} = {index} \\ "
        rf"x_{{{index}}} \approx {preparation.network_inputs(image[None])[0][index]:.3f} \\ "
        rf"{index} \div 28 = {whole} \ \text{{remainder}}\ {rest} \end{{gathered}}"
    )
    st.markdown(lesson["the index"])
    st.markdown(lesson["list"])


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
        label = "Train on usual and on shuffled pixels"
        runs = experiments.trained(
            "images: shuffled", orders, label, right, awaited_accuracies(right, orders)
        )
    if runs:
        with right:
            shown = [f"{100 * run.evaluation.accuracy:.1f}" for run in runs.values()]
            title = "Usual order: {}% and {}%, shuffled: {}% and {}%".format(*shown)
            changed = [words for words in runs if words.startswith("shuffled")]
            show_accuracies(runs, changed, title, "orders")
            overlap = lesson_images.do_all_overlap([run.evaluation.interval for run in runs.values()])
            st.markdown(lesson["same"] if overlap else lesson["differs"])
            parts.read_below(lesson["not the grid"], controls=left)
    lesson_frame.source(preparation.pixel_order, preparation.shuffle_pixels)


def undivided_training() -> None:
    """Networks trained with and without the division by 255."""
    left, right = in_order()
    with left:
        st.markdown(lesson["undivided"].format(epochs=EPOCHS))
        scales = lesson_images.dividing_configs(EPOCHS)
        label, awaited = "Train with and without the division", awaited_accuracies(right, scales, UNDIVIDED)
        runs = experiments.trained("images: undivided", scales, label, right, awaited)
    if runs:
        with right:
            show_undivided(runs)
        with right if present.is_phone() else left:  # below the result, and not above it
            parts.read_below(lesson["why"], controls=left)


def show_undivided(runs: dict[str, resources.TrainedRun]) -> None:
    """What the division changes: accuracies, losses, dead neurons."""
    adam, adam_255, sgd, sgd_255 = (run.record for run in runs.values())
    pairs = {"Adam": (adam, adam_255), "SGD": (sgd, sgd_255)}
    right, *losses = st.tabs(UNDIVIDED)
    for view, name in zip(losses, pairs, strict=True):
        with view:
            inputs = f"losses {name}", preparations.loss_figure, pairs, name
            charts.draw_of(f"loss_{name}", experiments.owner(runs), *inputs)
    accuracies = [share_text(run.evaluation.accuracy) for run in runs.values()]
    title = "Divided or not: Adam {} or {}, SGD {} or {}".format(*accuracies)
    with right:
        show_accuracies(runs, list(runs)[1::2], title, "scales")
    if all(run.evaluation.is_finite for run in runs.values()):
        show_dead(runs)
    else:
        st.warning(lesson["diverged"], icon=":material/trending_up:")


def show_dead(runs: dict[str, resources.TrainedRun]) -> None:
    """How many neurons of each network are dead, once they are counted, one network after the other."""
    said = []
    for words, run in runs.items():
        zeros = current_run.analysis_result(run, zeros_of_run, lesson["counting"])
        if zeros is None:
            return
        said.append(f"**{zeros.dead[0].sum()}** ({words})")
    n_units = len(zeros.dead[0])
    st.markdown(lesson["dead"].format(n=n_units, counts=", ".join(said)))


def draw() -> None:
    st.session_state.gallery_seed = st.session_state.get("gallery_seed", 0) + 1


@st.fragment
def data() -> None:
    """What MNIST is: some images of one digit, how many there are of each, and their means."""
    controls, picture = beside("gallery", WIDE_CONTROLS)
    with controls:
        digit = parts.pick_digit("Digit", "gallery_digit")
        st.button("Other samples", icon=":material/shuffle:", key="gallery_others", on_click=draw)
        st.markdown(lesson["data"])
    samples, counted, mean = picture.tabs(["Samples", "How many of each", "Mean digits"])
    with samples:
        gallery(digit)
        st.markdown(lesson["split"].format(dataset=images.name))
    with counted:
        counts = lesson_images.class_counts(images.train_labels)
        charts.draw("classes", image_figures.class_figure, counts)
        answer, share = counts.argmax(), 100 * counts.max() / counts.sum()
        st.markdown(lesson["balance"].format(digit=answer, share=f"{share:.1f}"))
    with mean:
        grid = digit_grid(parts.mean_digits(images), 5)
        st.image(grid, width="stretch", alt="The mean image of each digit, 0 to 4 above 5 to 9.")
        st.markdown(lesson["means"])
    lesson_frame.source(lesson_images.class_counts, lesson_images.mean_digits)


def gallery(digit: int) -> None:
    """Some images of one digit."""
    seed = st.session_state.get("gallery_seed", 0)
    numbers = lesson_images.sample_digit(images.train_labels, digit, N_SHOWN, seed)
    count = lesson_images.class_counts(images.train_labels)[digit]
    text = f"{len(numbers)} of the {count:,} training images with the label {digit}"
    if len(numbers):
        st.image(digit_grid(images.train_images[numbers], 12), text, width="stretch", alt=text)


@st.fragment
def rule() -> None:
    """A rule written by hand, and what it gets wrong."""
    controls, picture = beside("rule", WIDE_CONTROLS)
    with controls:
        limit = st.slider(
            "It is a 1 if the ink is below", 0.02, 0.2, 0.08, 0.005, format="%.3f", key="ink_limit", **PERSIST
        )
        st.markdown(lesson["rule"])
    amounts, is_one = shared_results.ink(images.fingerprint), images.train_labels == 1
    judged = ladder.judge_ink_rule(amounts, is_one, limit)
    with picture:
        charts.draw("ink", ladder_figures.ink_figure, *ladder.ink_counts(amounts, is_one), limit, judged)
    lesson_frame.source(ladder.ink_amounts, ladder.judge_ink_rule)


def climb() -> None:
    """The ladder, whose last two rungs are trained when asked."""
    counted = ladder_map.counted(images.fingerprint, images).result()
    controls, picture = beside("ladder", is_pinned=False)
    with controls:
        st.markdown(lesson["ladder"].format(n=f"{len(images.test_labels):,}"))
        configs = {ladder_figures.NAMES[name]: config for name, config in ladder.TRAINED.items()}
        runs = experiments.trained("images: ladder", configs, "Train the last two") or {}
    rungs = zip(ladder.TRAINED, runs.values(), strict=False)
    trained = {name: ladder.trained_rung(run.evaluation) for name, run in rungs}
    with picture:
        charts.draw("ladder", ladder_figures.ladder_figure, {**counted.rungs, **trained}, counted.answer)
        if trained:
            straight, bent = trained["straight"], trained["bent"]
            name = "bend pays" if bent.interval.low > straight.interval.high else "bend unclear"
            accuracies = {rung: f"{100 * trained[rung].accuracy:.1f}" for rung in ladder.TRAINED}
            st.markdown(lesson[name].format(**accuracies, n=f"{len(images.test_labels):,}"))
    with steps.folded("What each rung uses, what it lacks, and the lesson about it", ":material/stairs:"):
        table = lesson["ladder table"].format(answer=counted.answer)
        tables.markdown_table(table, "The rungs of the ladder, from the bottom up")
    lesson_frame.source(ladder.read_by_ink, ladder.mean_images, ladder.biases_of_means, ladder.read_by_sums)


lesson = lesson_frame.begin("images")
images = resources.dataset()
lesson_frame.show(
    "images",
    lesson,
    {
        "MNIST: 70,000 handwritten digits": data,
        "A pixel is a number": explore,
        "Why not write rules by hand?": rule,
        "From guessing to a neural network: a ladder": climb,
        "Does the network see the picture?": shuffled_training,
        "Why divide the pixels by 255?": undivided_training,
    },
)
