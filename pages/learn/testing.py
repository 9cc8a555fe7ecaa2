"""Testing: who sees which images, overfitting on purpose, and how sure a test accuracy is."""

from dataclasses import asdict, replace

import numpy as np
import streamlit as st

from dashboard.learn import experiments, lesson_frame
from dashboard.session import choices, resources
from dashboard.widgets import charts, current_run, settings, text_elements
from mnist_core.analysis.evaluation import Evaluation
from mnist_core.analysis.intervals import wilson_interval
from mnist_core.config import DEFAULT, NetworkConfig, RunConfig, TrainingConfig
from mnist_core.figures.curves import QUANTITIES
from mnist_core.figures.lessons import testing as figures
from mnist_core.images.dataset import Dataset
from mnist_core.lessons import testing
from mnist_core.training.training_set import make_wrong_labels

IMAGE_COUNTS = (100, 300, 1_000, 3_000)
TEST_COUNTS = (100, 300, 1_000, 3_000, 10_000)
PRESETS = {"Few images": (300, 256, 0), "Wrong labels": (3_000, 256, 30), "Few neurons": (3_000, 2, 0)}
EPOCHS, SEEDS, N_DRAWS = 30, range(5), 500
KEPT = {"persist_state": "session"}


@st.cache_data(max_entries=24, show_spinner=False)
def winners(job_ids: tuple[str, ...], _evaluations: list[Evaluation]) -> list[testing.Winner]:
    """The best of several runs, chosen on parts of the test images of several sizes up to one half."""
    is_right = np.array([evaluation.labels == evaluation.predictions for evaluation in _evaluations])
    half = is_right.shape[1] // 2
    sizes = [n for n in TEST_COUNTS if n < half] + [half]
    return [testing.choose_winner(is_right, n, N_DRAWS) for n in sizes]


def tex(number: int) -> str:
    """A whole number in LaTeX, its thousands apart."""
    return f"{number:,}".replace(",", "{,}")


@st.fragment
def split(images: Dataset) -> None:
    """The three roles to scale, and when each has its turn, for the settings of the next run."""
    st.markdown(lesson["split"])
    st.slider("Set aside for validation (%)", 0, 50, **choices.bind("validation"))
    training, n_available = choices.config().training, len(images.train_labels)
    n_training, n_validation = training.split_sizes(n_available)
    n_unused = n_available - n_training - n_validation
    steps = training.steps_per_epoch(n_available)
    left, right = st.columns(2, gap="large")
    with left:
        figure = resources.cached_figure_of(
            figures.split_figure, n_training, n_validation, n_unused, len(images.test_labels)
        )
        charts.chart(figure, "split")
    with right:
        charts.chart(
            resources.cached_figure_of(figures.timeline_figure, training.epochs, steps, n_validation > 0),
            "timeline",
        )
    st.caption(
        f"For your settings of the next run; epochs: {training.epochs}, batch size: {training.batch_size:,}."
    )
    if n_validation:
        used, share = tex(n_training + n_validation), f"{training.validation_share:.2f}"
        st.markdown(
            rf"Validate: $\max(1, \text{{round}}({used} \cdot {share})) = {tex(n_validation)}$  "
            "\n"
            rf"Train: ${used} - {tex(n_validation)} = {tex(n_training)}$"
        )
    else:
        st.info(lesson["no validation"], icon=":material/info:")
    text_elements.table(lesson["roles"], "What training, validation and test images are for.")
    lesson_frame.source(TrainingConfig.split_sizes)


@st.fragment
def overfit(images: Dataset) -> None:
    """A network trained on the spot with few images, many neurons or wrong labels, and what came of it."""
    st.markdown(lesson["overfitting"])
    half = len(images.train_labels) // 2  # as many others validate
    counts = sorted({min(n, half) for n in IMAGE_COUNTS})
    st.session_state.setdefault("testing_images", 300)

    def use(n_images: int, units: int, wrong: int) -> None:
        choices.put("units", units)
        st.session_state["testing_images"] = min(n_images, counts[-1])
        st.session_state["testing_wrong"] = wrong

    with st.container(horizontal=True):
        for name, preset in PRESETS.items():
            st.button(name, icon=":material/tune:", key=f"testing_{name}", on_click=use, args=preset)
    left, middle, right = st.columns(3, gap="medium")
    with left:
        n_images = st.select_slider(
            "Training images", counts, format_func=lambda n: f"{n:,}", key="testing_images", **KEPT
        )
    with middle:
        settings.front("units")
    with right:
        wrong = st.slider("Wrong training labels (%)", 0, 50, step=10, key="testing_wrong", **KEPT)
    training = TrainingConfig(
        epochs=EPOCHS, n_training_images=2 * n_images, validation_share=0.5, wrong_label_share=wrong / 100
    )
    config = RunConfig(NetworkConfig((choices.get("units"),)), training)
    n_training, n_validation = training.split_sizes(len(images.train_labels))
    numbers = {"epochs": EPOCHS, "n_training": n_training, "n_validation": n_validation}
    st.caption(lesson["same otherwise"].format(**numbers))
    runs = experiments.trained("testing/overfitting", {"The network": config}, "Train it")
    if runs is not None:
        show_fit(runs["The network"])
    lesson_frame.source(testing.find_overfitting, make_wrong_labels)


def show_fit(run: resources.TrainedRun) -> None:
    """The curves of the experiment, and what they say in words and numbers."""
    record, wrong_share = run.record, run.record.config.training.wrong_label_share
    fit = testing.find_overfitting(record.history, record.n_validation_images, wrong_share)
    words = {
        "turned": lesson["turned"],
        "underfit": lesson["underfit"],
        "gap": lesson["gap"],
        "close": lesson["close"],
    }
    st.info(words[fit.finding].format(**asdict(fit)), icon=":material/search:")
    facts = st.container(horizontal=True, gap="medium")
    low, high = 100 * fit.interval.low, 100 * fit.interval.high
    facts.metric("Training accuracy", f"{100 * fit.training_accuracy:.1f} %", width="content")
    facts.metric("Validation accuracy", f"{100 * fit.accuracy:.1f} %", width="content")
    facts.metric("Its 95 % interval", f"{low:.1f} – {high:.1f} %", width="content")
    facts.metric("Gap in points", f"{100 * fit.gap:.1f}", width="content")
    if fit.finding == "turned":
        before, after = 100 * fit.accuracy_at_best, 100 * fit.accuracy
        st.markdown(lesson["loss and accuracy"].format(before=before, after=after, **asdict(fit)))
    for column, quantity in zip(st.columns(2, gap="large"), QUANTITIES, strict=True):
        with column:
            figure = resources.cached_figure_of(
                figures.overfitting_figure, record.history, quantity, fit, 1 - wrong_share
            )
            charts.chart(figure, f"testing_{quantity}")
    if wrong_share:
        counted = testing.count_wrong_labels(record, run.dataset)
        right_share = 100 * (1 - wrong_share)
        st.markdown(lesson["wrong labels"].format(**asdict(counted), right_share=right_share))


@st.fragment
def interval(evaluation: Evaluation) -> None:
    """The accuracy of the current run, as fewer or more images would have shown it."""
    st.markdown(lesson["interval"])
    counts = sorted({*TEST_COUNTS, evaluation.n_images})
    n_images = st.select_slider(
        "Number of test images", counts, evaluation.n_images, lambda n: f"{n:,}", key="testing_tested", **KEPT
    )
    measured = [testing.measured_on(evaluation.accuracy, n) for n in counts]
    chosen = measured[counts.index(n_images)]
    left, right = st.columns([3, 2], gap="large")
    with left:
        charts.chart(resources.cached_figure_of(figures.narrowing_figure, measured, chosen), "narrowing")
    with right:
        low, high = 100 * chosen.interval.low, 100 * chosen.interval.high
        st.metric(f"95 % interval for {chosen.n_right:,} of {n_images:,}", f"{low:.1f} – {high:.1f} %")
        st.metric("Its width in points", f"{100 * chosen.width:.1f}")
        p = chosen.accuracy
        st.latex(r"\text{margin} \approx 1.96 \sqrt{p\,(1-p)\,/\,n}")
        st.latex(rf"= 1.96 \sqrt{{{p:.3f} \cdot {1 - p:.3f} \,/\, {tex(n_images)}}}")
        st.latex(rf"= {100 * chosen.margin:.1f} \text{{ points}}")
        st.markdown(lesson["interval formula"])
    lesson_frame.source(wilson_interval, testing.measured_on)


@st.fragment
def seeds() -> None:
    """Five runs that differ in their seed, and what choosing the best of them by the test would be worth."""
    st.markdown(lesson["seeds"])
    share = 100 * DEFAULT.training.validation_share
    st.caption(f"Each: {current_run.describe(DEFAULT)}; {share:.0f} % of the training images validate.")
    configs = {f"Seed {n}": replace(DEFAULT, training=replace(DEFAULT.training, seed=n)) for n in SEEDS}
    runs = experiments.trained("testing/seeds", configs, "Train all five")
    if runs is None:
        return
    evaluations = [run.evaluation for run in runs.values()]
    spread = testing.spread_of(evaluations)
    figure = experiments.figure(runs, "seeds", lambda: figures.seeds_figure(evaluations, list(runs), spread))
    charts.chart(figure, "seeds")
    st.caption(lesson["seeds note"])
    st.header("Why the test images are used once")
    choose(winners(tuple(run.job_id for run in runs.values()), evaluations))


@st.fragment
def choose(found: list[testing.Winner]) -> None:
    """How much the best of five flatters, by the number of test images it was chosen on."""
    st.markdown(lesson["once"].format(n_draws=N_DRAWS))
    counts = [winner.n_choosing for winner in found]
    n_choosing = st.select_slider(
        "Test images the choice is made on",
        counts,
        counts[-1],
        lambda n: f"{n:,}",
        key=f"testing_of_{counts[-1]}",
        **KEPT,
    )
    winner = found[counts.index(n_choosing)]
    left, right = st.columns([3, 2], gap="large")
    with left:
        charts.chart(resources.cached_figure_of(figures.winner_figure, found, winner), "winners")
    with right:
        st.metric(f"On the {n_choosing:,} it was chosen by", f"{100 * winner.accuracy_choosing:.2f} %")
        st.metric("On all other test images", f"{100 * winner.accuracy_others:.2f} %")
        st.metric("Points too flattering", f"{100 * winner.flattery:.2f}")
        st.markdown(lesson["once result"])
    lesson_frame.source(testing.choose_winner)


lesson = lesson_frame.begin("testing")
dataset = resources.dataset()

st.header("Three roles for the images")
split(dataset)

st.header("Overfitting, on purpose")
overfit(dataset)

st.header("How sure is an accuracy?")
if (current := current_run.run_or_notice()) is not None:
    current_run.run_caption(current)
    if current.record.has_diverged or not current.evaluation.is_finite:
        st.warning(lesson["interval diverged"], icon=":material/error:")
    else:
        interval(current.evaluation)

st.header("Five seeds")
seeds()

lesson_frame.finish("testing", lesson)
