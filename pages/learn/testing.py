"""Testing: who sees which images, overfitting on purpose, and how sure a test accuracy is."""

from dataclasses import replace
from functools import partial
from typing import Literal

import streamlit as st

from dashboard.learn import experiments, lesson_frame, overfitting, parts, shared_results
from dashboard.learn.awaited import Awaited
from dashboard.session import choices, page_view, present, resources
from dashboard.widgets import charts, current_run, settings, tables, text_elements
from dashboard.widgets.beside import WIDE_CONTROLS, beside, in_order
from dashboard.widgets.controls import PERSIST, segmented_choice
from mnist_core.analysis.evaluation import Evaluation
from mnist_core.analysis.intervals import wilson_interval
from mnist_core.config import DEFAULT, NetworkConfig, RunConfig, TrainingConfig
from mnist_core.figures.curves import QUANTITIES, Quantity
from mnist_core.figures.lessons import splits
from mnist_core.figures.lessons import testing as figures
from mnist_core.figures.style import n_of, share_text, with_minus
from mnist_core.lessons import testing
from mnist_core.lessons.tenths import read_tenths
from mnist_core.training.training_set import make_wrong_labels

IMAGE_COUNTS = (100, 300, 1_000, 3_000)
PRESETS = {"Wrong labels": (3_000, 256, 30), "Few images": (300, 256, 0), "Few neurons": (3_000, 2, 0)}
EPOCHS = 30
VIEWS: dict[Quantity | Literal["early stopping"], str] = {
    **{quantity: quantity.capitalize() for quantity in QUANTITIES},
    "early stopping": "Early stopping",
}
SEED_CONFIGS = {f"Seed {n}": replace(DEFAULT, training=replace(DEFAULT.training, seed=n)) for n in range(5)}


def tex(number: int) -> str:
    """A whole number in LaTeX, its thousands apart."""
    return f"{number:,}".replace(",", "{,}")


@st.fragment
def split() -> None:
    """The three roles to scale, and when each has its turn, for the settings of the next run."""
    controls, picture = beside("split", WIDE_CONTROLS, is_pinned=False)
    with controls:
        settings.control_of("validation")
    training, n_available = choices.config().training, len(images.train_labels)
    n_training, n_validation = training.split_sizes(n_available)
    n_unused = n_available - n_training - n_validation
    steps = training.steps_per_epoch(n_available)
    with picture:
        counts = n_training, n_validation, n_unused, len(images.test_labels)
        charts.draw("split", splits.split_figure, *counts)
        charts.draw("timeline", splits.timeline_figure, training.epochs, steps, n_validation > 0)
    with controls:
        epochs, size = n_of(training.epochs, "epoch"), f"{training.batch_size:,}"
        st.caption(lesson["your settings"].format(epochs=epochs, batch_size=size))
        if n_validation:
            used, share = tex(n_training + n_validation), f"{training.validation_share:.2f}"
            st.markdown(
                rf"Validation: $\max(1, \text{{round}}({used} \cdot {share})) = {tex(n_validation)}$  "
                "\n"
                rf"Training: ${used} - {tex(n_validation)} = {tex(n_training)}$"
            )
        else:
            st.info(lesson["no validation"], icon=":material/info:")
        tables.markdown_table(lesson["roles"], "What training, validation and test images are for.")
    parts.read_below(lesson["split"], code=[TrainingConfig.split_sizes], controls=controls)


def last_tenth() -> None:
    """Why validation images may be easier than others: each tenth of the images, read without a network."""
    words, picture = in_order()
    words.markdown(lesson["last tenth"])
    words.markdown(lesson["same kind"])
    with picture:
        current = current_run.run_or_notice("tenths")
        tenths = current and current_run.analysis_result(current, read_tenths, lesson["reading"])
        if tenths is not None:
            charts.draw("tenths", figures.tenths_figure, tenths)
            said = lesson["easier" if tenths.last_is_easier else "not easier"]
            low, high = (100 * accuracy for accuracy in tenths.others)
            last = 100 * tenths.of_training[-1].accuracy
            st.markdown(said.format(low=low, high=high, last=last))
    lesson_frame.source(read_tenths)


@st.fragment
def overfit() -> None:
    """A network trained on the spot with few images, many neurons or wrong labels, and what came of it."""
    left, right = in_order()
    shown, bars = right.container(), None if present.is_phone() else right.container()
    with left.container(gap="xsmall"):
        config = pick_experiment()
        n_training, n_validation = config.training.split_sizes(len(images.train_labels))
        frame = partial(figures.overfitting_frame, EPOCHS)
        awaited = Awaited(shown, "its training and validation losses are", frame)
        runs = experiments.trained("testing/overfitting", {"The network": config}, "Train it", bars, awaited)
        numbers = {"epochs": EPOCHS, "n_training": n_training, "n_validation": n_validation}
        st.caption(lesson["same otherwise"].format(**numbers))
    with shown:
        if runs is None:
            st.markdown(lesson["overfitting"])
        else:
            show_fit(runs["The network"])
    words = [] if runs is None else [lesson["overfitting"]]
    parts.read_below(*words, code=[testing.find_overfitting, make_wrong_labels], controls=left)


def pick_experiment() -> RunConfig:
    """Controls for the images, the neurons and the wrong labels, and buttons that set all three."""
    half = len(images.train_labels) // 2  # the same number is used for validation
    counts = sorted({min(n, half) for n in IMAGE_COUNTS})
    st.session_state.setdefault("testing_images", counts[-1])
    st.session_state.setdefault("testing_wrong", 30)

    def use(n_images: int, units: int, wrong: int) -> None:
        choices.put("units", units)
        st.session_state["testing_images"] = min(n_images, counts[-1])
        st.session_state["testing_wrong"] = wrong

    with st.container(horizontal=True):
        for name, preset in PRESETS.items():
            st.button(name, icon=":material/tune:", key=f"testing_{name}", on_click=use, args=preset)
    page_view.note_trainings(overfitting_config(min(n, counts[-1]), *more) for n, *more in PRESETS.values())
    n_images = parts.pick_value("Training images", counts, None, "testing_images", "{:,}")
    settings.control_of("units")
    wrong = st.slider("Wrong training labels (%)", 0, 50, step=10, key="testing_wrong", **PERSIST)
    return overfitting_config(n_images, choices.get("units"), wrong)


def overfitting_config(n_images: int, units: int, wrong: int) -> RunConfig:
    """A network to overfit on so many images, with as many for validation, and percent of wrong labels."""
    training = TrainingConfig(
        epochs=EPOCHS, n_training_images=2 * n_images, validation_share=0.5, wrong_label_share=wrong / 100
    )
    return RunConfig(NetworkConfig((units,)), training)


def show_fit(run: resources.TrainedRun) -> None:
    """The curves of the experiment, and below each what it says in words and numbers."""
    record, wrong_share = run.record, run.record.config.training.wrong_label_share
    fit = testing.find_overfitting(record.history, record.n_validation_images, wrong_share)
    # Not tabs: a chart drawn behind one takes another width for its legend.
    view = segmented_choice("Show", VIEWS, "testing_view", is_labelled=False, **PERSIST)
    if view == "early stopping":
        early_stopping(run)
        return
    charts.draw(f"testing_{view}", figures.overfitting_figure, record.history, view, fit, 1 - wrong_share)
    if view == "loss":
        said = overfitting.finding_in_words(fit, has_wrong_labels=bool(wrong_share))
        st.info(said, icon=":material/search:")
    else:
        text_elements.metrics(overfitting.accuracies_of(fit))
        parts.read_below(*overfitting.words_on_accuracy(run, fit), controls=st.container())


def early_stopping(run: resources.TrainedRun) -> None:
    """The networks that were kept after each epoch, and the best one beside the last one."""
    kept = current_run.analysis_result(run, testing.look_at_kept_moments, lesson["looking again"])
    if kept is None:
        return
    charts.draw("testing_kept", figures.kept_figure, run.record.history, kept)
    moments = {kept.best_epoch: kept.stopped, run.record.epochs_done: kept.final}
    text_elements.metrics(
        {
            f"Test accuracy, epoch {epoch}": f"{share_text(result.accuracy)}"
            f" ({100 * result.interval.low:.1f} – {100 * result.interval.high:.1f})"
            for epoch, result in moments.items()
        }
    )
    is_last = kept.best_epoch == run.record.epochs_done
    words = lesson["nothing stopped" if is_last else "early stopping"].format(best_epoch=kept.best_epoch)
    parts.read_below(words, controls=st.container())


def how_sure() -> None:
    current = lesson_frame.captioned_run()
    if current is not None and (current.record.has_diverged or not current.evaluation.is_finite):
        st.warning(lesson["interval diverged"], icon=":material/error:")
    elif current is not None:
        interval(current.evaluation)


@st.fragment
def interval(evaluation: Evaluation) -> None:
    """The accuracy of the current run, as fewer or more images would have shown it."""
    counts = sorted({*shared_results.TEST_COUNTS, evaluation.n_images})
    controls, picture = beside("interval", WIDE_CONTROLS)
    with controls:
        label = "Number of test images"
        n_images = parts.pick_value(label, counts, evaluation.n_images, "testing_tested", "{:,}")
    measured = [testing.measured_on(evaluation.accuracy, n) for n in counts]
    chosen = measured[counts.index(n_images)]
    with picture:
        charts.draw("narrowing", figures.narrowing_figure, measured, chosen)
    with controls:
        low, high = 100 * chosen.interval.low, 100 * chosen.interval.high
        st.metric(f"95% interval for {chosen.n_right:,} of {n_images:,}", f"{low:.1f} – {high:.1f}%")
        st.metric("Its width in percentage points", f"{100 * chosen.interval.width:.1f}")
        p = chosen.accuracy
        st.latex(
            r"\begin{aligned} \text{margin} &\approx 1.96 \sqrt{p\,(1-p)\,/\,n} \\ "
            rf"&= 1.96 \sqrt{{{p:.3f} \cdot {1 - p:.3f} \,/\, {tex(n_images)}}} \\ "
            rf"&= {100 * chosen.margin:.1f} \text{{ percentage points}} \end{{aligned}}"
        )
    words = lesson["interval"], lesson["interval formula"]
    parts.read_below(*words, code=[wilson_interval, testing.measured_on])


@st.fragment
def seeds() -> None:
    """Five runs that differ in their seed."""
    left, right = in_order()
    with left:
        st.markdown(lesson["seeds"])
        share = 100 * DEFAULT.training.validation_share
        st.caption(lesson["each seed"].format(settings=current_run.describe(DEFAULT), share=share))
        awaited = Awaited(
            right, "the five test accuracies are", partial(figures.seeds_frame, list(SEED_CONFIGS))
        )
        runs = experiments.trained("testing/seeds", SEED_CONFIGS, "Train all five", right, awaited)
    if runs is not None:
        evaluations = [run.evaluation for run in runs.values()]
        inputs = evaluations, list(runs), testing.spread_of(evaluations)
        with right:
            charts.draw_of("seeds", experiments.owner(runs), "seeds", figures.seeds_figure, *inputs)
            st.caption(lesson["seeds note"])


@st.fragment
def once() -> None:
    """How much the best of five flatters, by the number of test images it was chosen on."""
    runs = experiments.finished("testing/seeds", SEED_CONFIGS)
    if runs is None:
        return
    evaluations = [run.evaluation for run in runs.values()]
    by_size = shared_results.winners(tuple(run.job_id for run in runs.values()), evaluations)
    counts = [winner.n_choosing for winner in by_size]
    controls, picture = beside("once", WIDE_CONTROLS)
    with controls:
        label, key = "Test images the choice is made on", f"testing_of_{counts[-1]}"
        n_choosing = parts.pick_value(label, counts, counts[-1], key, "{:,}")
        winner = by_size[counts.index(n_choosing)]
        st.metric(f"On the {n_choosing:,} it was chosen by", share_text(winner.accuracy_choosing))
        st.metric("On all other test images", share_text(winner.accuracy_others))
        st.metric("Percentage points too good", with_minus(f"{100 * winner.flattery:z.1f}"))
    with picture:
        charts.draw("winners", figures.winner_figure, by_size, winner)
    words = lesson["once"].format(n_draws=shared_results.N_DRAWS), lesson["once result"]
    parts.read_below(*words, code=[testing.choose_winner])


lesson = lesson_frame.begin("testing")
images = resources.dataset()
sections = {
    "Training, validation and test images": split,
    "Overfitting, on purpose": overfit,
    "How sure is an accuracy?": how_sure,
    "Five seeds": seeds,
}
if experiments.finished("testing/seeds", SEED_CONFIGS) is not None:
    sections["Why the test images are used only once"] = once
sections["Is the last tenth easier?"] = last_tenth
lesson_frame.show("testing", lesson, sections)
