"""Generalising better: cures for overfitting side by side, what each does, and what many images do."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from dashboard.learn import dropout, experiments, lesson_frame, many_images, parts
from dashboard.learn.awaited import Awaited
from dashboard.session import present, resources
from dashboard.widgets import charts, tables
from dashboard.widgets.beside import WIDE_CONTROLS, beside, in_order
from dashboard.widgets.controls import PERSIST, segmented_choice
from mnist_core.arrays import Float32Array
from mnist_core.figures.digits import digit_grid
from mnist_core.figures.lab.neurons import weight_grid
from mnist_core.figures.lessons import generalizing as figures
from mnist_core.figures.style import with_minus
from mnist_core.lessons.generalizing import (
    CURES,
    LEAST_IMAGES,
    N_IMAGES,
    N_MORE,
    SEEDS,
    Cure,
    Judged,
    Mean,
    Result,
    compare_cures,
    copies_of,
    cure_config,
    images_to_judge,
    judge,
    mean_of_seeds,
    starting_images,
)
from mnist_core.training.training_set import TrainingImages, training_images

EXPERIMENT = "generalizing/cures"
CONFIGS = {f"{cure}, seed {seed}": cure_config(cure, seed) for cure in CURES for seed in SEEDS}
BARS = [cure for cure in CURES for _ in SEEDS]
TRAINING_OF = {cure: cure_config(cure, 0).training for cure in CURES}
N_OF = {"n_images": N_IMAGES, "n_more": N_MORE}
VIEWS = ("Gap", "Loss", "Accuracy", "In numbers")
ROWS, EPOCHS_SHOWN = 6, 10  # images and epochs on the wall


@st.fragment
def wall() -> None:
    """A few training images as each epoch shows them."""
    controls, picture = beside("wall")
    with controls:
        shift = st.slider("Shift by up to (pixels)", 0, 3, 2, key="generalizing_shift", **PERSIST)
        st.markdown(lesson["wall"].format(shift=shift, **N_OF))
        n_places = (2 * shift + 1) ** 2
        n_pictures = f"{n_places * N_IMAGES:,}".replace(",", "{,}")
        st.latex(
            rf"\begin{{aligned}} (2 \cdot {shift} + 1)^2 &= {n_places} \text{{ places}} \\ "
            rf"{n_places} \cdot {N_IMAGES} &= {n_pictures} \text{{ pictures}} \end{{aligned}}"
        )
    chosen = training_images(cure_config("shifted copies", 0).with_changes(shift=shift), images)
    labels = ", ".join(map(str, chosen.digits[:ROWS]))
    with picture:
        alt = f"A row for each of these digits: {labels}. In each column it stands at another place."
        grid = digit_grid(copies_of(chosen, ROWS, EPOCHS_SHOWN), EPOCHS_SHOWN, 2)
        st.image(grid, width=present.scaled(66 * EPOCHS_SHOWN), alt=alt)
        st.caption(f"Rows: training images {labels}. Columns: epochs 1 to {EPOCHS_SHOWN}.")
    code = [TrainingImages.shifts, TrainingImages.seen]
    parts.read_below(lesson["wall kinds"], code=code, controls=controls)


def compare() -> None:
    """The same network without and with five cures: trained here, and what came of it."""
    left, right = in_order()
    with left.container(gap="xsmall"):
        base = CONFIGS["dropout, seed 0"]
        n_parameters = base.network.n_parameters
        numbers = {"n_parameters": n_parameters, "per_image": n_parameters / N_IMAGES, **N_OF}
        st.markdown(lesson["compare"].format(**numbers))
        n_judged = len(images_to_judge(images)[0])
        same = lesson["same otherwise"].format(of=TRAINING_OF, **N_OF, n_judged=n_judged)
        if not present.is_on():
            st.caption(same)
        if len(images.train_labels) < LEAST_IMAGES:
            n_available = len(images.train_labels)
            st.info(lesson["too few"].format(needed=LEAST_IMAGES, n_available=n_available))
            return
        awaited = Awaited(right, "the gap with each cure is", lambda: figures.gap_frame(CURES), VIEWS)
        jobs = experiments.trained_jobs(
            EXPERIMENT, CONFIGS, "Train with five cures", BARS, place=right, awaited=awaited
        )
    with right:
        judged = judged_runs(jobs, lesson["judging"])
        if jobs is not None and judged is not None:
            show_comparison(judged, experiments.owner(jobs))
    folded = [same] if present.is_on() else []
    parts.read_below(*folded, code=[judge, mean_of_seeds], controls=left)


def judged_runs(jobs: Mapping[str, str] | None, waiting: str) -> dict[Cure, list[Judged]] | None:
    """What was measured of all runs, by their cure; None until all are there.

    Args:
        jobs: Of the experiment; None before they are done.
        waiting: What is said meanwhile; "" for nothing.
    """
    measured = None if jobs is None else experiments.analysed(jobs, judge, waiting)
    if measured is None:
        return None
    return {cure: [measured[f"{cure}, seed {seed}"] for seed in SEEDS] for cure in CURES}


@st.fragment
def show_comparison(judged: Mapping[Cure, Sequence[Judged]], owner: str) -> None:
    """Curves of one seed, the gaps of all, and both in numbers."""
    results = compare_cures(judged)
    gap, loss, accuracy, numbers = st.tabs(VIEWS)
    with gap:
        charts.draw_of("cures_gap", owner, "gap", figures.gap_figure, results)
        words = lesson["gap"], *findings(results), losses_in_words(results)
        parts.read_below(*words, controls=gap)
    for tab, quantity in ((loss, "loss"), (accuracy, "accuracy")):
        with tab:
            runs = {cure: of_seeds[0] for cure, of_seeds in judged.items()}
            charts.draw_of(f"cures_{quantity}", owner, quantity, figures.curves_figure, runs, quantity)
            told = lesson["loss curves" if quantity == "loss" else "accuracy curves"]
            told = told.format(**numbers_of_turn(judged["nothing"][0]))
            parts.read_below(told, lesson["measured afterwards"], controls=tab)
    with numbers:
        tables.data_table([row_of(cure, result) for cure, result in results.items()], key="cures_numbers")


def numbers_of_turn(run: Judged) -> dict[str, float]:
    """Where the validation loss of a run is lowest, and where its losses end."""
    ends = {"end": run.loss[-1], "training": run.training_loss[-1]}
    return {"best_epoch": run.best_epoch, "best": run.loss[run.best_epoch], **ends}


def findings(results: Mapping[Cure, Result]) -> list[str]:
    """Which cures did better than nothing, which worse, and of which that cannot be said."""
    gains: dict[str, list[str]] = {"better": [], "worse": [], "unclear": []}
    for cure, result in results.items():
        if cure != "nothing":
            gains[result.finding].append(f"{cure} ({points(result.gain.mean)})")
    return [lesson[finding].format(cures=", ".join(cures)) for finding, cures in gains.items() if cures]


def losses_in_words(results: Mapping[Cure, Result]) -> str:
    """How many cures end with a lower loss than nothing."""
    n_lower = sum(result.loss.mean < results["nothing"].loss.mean for result in results.values())
    return lesson["losses"].format(n_lower=n_lower)


def points(share: float) -> str:
    """A difference of accuracies in percentage points, with its sign."""
    return with_minus(f"{100 * share:+.1f}")


def row_of(cure: Cure, result: Result) -> dict[str, str]:
    """A cure in numbers: means and 95% intervals over the seeds."""

    def written(mean: Mean, form: str = ".1f", factor: float = 100) -> str:
        return with_minus(f"{factor * mean.mean:{form}} ± {factor * (mean.high - mean.mean):{form}}")

    return {
        "Cure": cure,
        "Training (%)": written(result.training),
        "Validation (%)": written(result.accuracy),
        "Gap": written(result.gap),
        "Gain": tables.MISSING if cure == "nothing" else written(result.gain, "+.1f").replace("± +", "± "),
        "Loss": written(result.loss, ".2f", 1),
    }


@st.fragment
def weights() -> None:
    """Why a cure works, and what it does to the weights."""
    controls, picture = beside("cure", WIDE_CONTROLS)
    with controls:
        cure = segmented_choice("Cure", CURES[1:], "generalizing_cure", **PERSIST)
        st.markdown(lesson[cure])
        jobs = experiments.finished_jobs(EXPERIMENT, CONFIGS)
        judged = judged_runs(jobs, lesson["judging"] if present.is_on() else "")
        if judged is not None:
            st.markdown(lesson[f"{cure} measured"].format(**numbers_of(compare_cures(judged), cure)))
    if jobs is None or judged is None:
        controls.info(lesson["train first"], icon=":material/model_training:")
        with picture:
            show_starting_weights(cure)
        return
    with picture:
        show_weights(judged, cure, experiments.owner(jobs))
    parts.read_below(lesson["rows"], controls=controls)


def numbers_of(results: Mapping[Cure, Result], cure: Cure) -> dict[str, Any]:
    """What a cure's sentence names: its means, and those of nothing; shares in percent."""
    in_percent = ("gap", "thinned", "moved")
    numbers = {
        f"{name}{end}": (100 if name in in_percent else 1) * getattr(result, name).mean
        for end, result in (("", results[cure]), ("_nothing", results["nothing"]))
        for name in (*in_percent, "loss", "weight_size")
    }
    epochs = ", ".join(map(str, results[cure].kept_epochs))
    return numbers | {"epochs": epochs, "of": TRAINING_OF, **N_OF}


def show_starting_weights(cure: Cure) -> None:
    """The first neurons before training, and the empty frames of what comes of it."""
    images_of_weights, scale = starting_images(CONFIGS["nothing, seed 0"])
    empty = np.zeros_like(images_of_weights)
    rows = {"Before training": images_of_weights, "Trained with nothing: not yet": empty}
    draw_rows(rows | {f"Trained with {cure}: not yet": empty}, scale)


def draw_rows(rows: Mapping[str, Float32Array], scale: float) -> None:
    """The weight images of the first neurons, a row for each network.

    Args:
        rows: Shape (k, 28, 28), by what is said of them.
        scale: The size from which on an image shows a weight in full colour.
    """
    room = present.phone_width()
    for words, weight_images in rows.items():
        grid = weight_grid(weight_images, range(len(weight_images)), scale, resources.theme(), room)
        alt = f"{words}: the weights of {len(weight_images)} neurons as images."
        st.image(grid, caption=words, width="stretch", alt=alt)


def show_weights(judged: Mapping[Cure, Sequence[Judged]], cure: Cure, owner: str) -> None:
    """The first neurons before training, after it with nothing, and with a cure; and the sizes of all."""
    nothing, cured = judged["nothing"][0], judged[cure][0]
    rows = {"Before training": nothing.starting_weights, "Trained with nothing": nothing.weights}
    rows |= {f"Trained with {cure}": cured.weights}
    scale = max(nothing.full_color, cured.full_color)
    tiles, sizes = st.tabs(["Weight images", "Sizes"])
    with tiles:
        draw_rows(rows, scale)
    with sizes:
        results = compare_cures(judged)
        charts.draw_of("cures_sizes", owner, f"sizes {cure}", figures.sizes_figure, results, cure)


lesson = lesson_frame.begin("generalizing")
images = resources.dataset()
lesson_frame.show(
    "generalizing",
    lesson,
    {
        "Data augmentation: shifted copies": wall,
        "Dropout, neuron by neuron": dropout.section,
        "Overfitting with 500 images, and five cures": compare,
        "Why does each cure work?": weights,
        "Do the cures help with all images?": many_images.section,
    },
)
