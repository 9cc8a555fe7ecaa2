"""Evaluate: how good the current run's network is on images it has never seen."""

from typing import Any

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.elements.untrusted import is_whole, picked_point
from dashboard.widgets import charts, current_run, image_choice, tables, text_elements
from dashboard.widgets.controls import segmented_choice
from mnist_core.analysis.reports import DigitReport, report_run
from mnist_core.config import N_DIGITS
from mnist_core.figures.curves import QUANTITIES, history_figure
from mnist_core.figures.lab.evaluation import calibration_figure, confusion_figure, score_figure

SHOWN = 30
TRUE, READ = "confusion_true", "confusion_read"


def select_cell() -> None:
    """Choose the cell that was clicked, or none."""
    picked = picked_point(st.session_state["confusion"])
    st.session_state[TRUE], st.session_state[READ] = picked if is_cell(picked) else (None, None)


def is_cell(picked: object) -> bool:
    """Whether a browser picked a true digit and a prediction, and nothing else."""
    match picked:
        case [true_digit, prediction]:
            return is_whole(true_digit, N_DIGITS) and is_whole(prediction, N_DIGITS)
    return False


def show_confusion(report: DigitReport) -> None:
    """The confusion matrix, and the images in one of its cells."""
    left, right = st.columns([4, 3])
    with left:
        unit = segmented_choice("Show", ("images", "% of row"), "confusion_unit")
        shown = report, unit == "% of row"
        options = {"on_select": select_cell, "selection_mode": "points"}
        charts.draw("confusion", confusion_figure, *shown, **options)
    with right:
        with st.container(horizontal=True):  # the same as a click, without a mouse
            digits: dict[str, Any] = {"options": range(N_DIGITS), "index": None, "width": 160}
            true_digit = st.selectbox("True digit", key=TRUE, placeholder="any", **digits)
            prediction = st.selectbox("Read as", key=READ, placeholder="any", **digits)
        if true_digit is None or prediction is None:
            st.info(lesson["no cell"], icon=":material/touch_app:")
            return
        indices = evaluation.cell(true_digit, prediction)
        st.subheader(f"{len(indices)} images of a {true_digit}, read as a {prediction}")
        if len(indices) > SHOWN:
            st.caption(f"The {SHOWN} most confident of them.")
        if len(indices):
            image_choice.image_table(
                evaluation, current.dataset, indices[:SHOWN], "cell_images", has_digits=False
            )


def digit_by_digit(report: DigitReport) -> None:
    """Precision, recall and F1 of each digit."""
    left, right = st.columns([4, 5])
    with left:
        charts.draw("scores", score_figure, report)
    rows = [
        {
            "Digit": score.digit,
            "Precision (%)": round(100 * score.precision, 1),
            "Recall (%)": round(100 * score.recall, 1),
            "F1 (%)": round(100 * score.f1, 1),
            "Support": score.support,
        }
        for score in report.scores
    ]
    with right:
        tables.data_table(rows)
    text_elements.note(lesson["the scores"])


lesson = read_lesson("lab", "evaluate")
st.title(lesson.title)
current = current_run.require_run()
current_run.run_caption(current)
record, evaluation = current.record, current.evaluation
if not evaluation.is_finite:
    st.warning("Some outputs are not finite numbers; they are counted as equal guesses for every digit.")

half = 50 * evaluation.interval.width
low, high = 100 * evaluation.interval.low, 100 * evaluation.interval.high
text_elements.metrics(
    {
        "Test accuracy": f"{100 * evaluation.accuracy:.1f} % ± {half:.1f}",
        "95 % interval": f"{low:.1f} – {high:.1f} %",
        f"Misread, of {evaluation.n_images:,}": f"{evaluation.n_images - evaluation.n_right:,}",
        "Test loss (nats)": f"{evaluation.loss:.3f}",
    }
)
st.markdown(lesson["the interval"])

st.header("How it learned")
st.markdown(lesson["the curves"])
for column, quantity in zip(st.columns(2), QUANTITIES, strict=True):
    with column:
        charts.draw(f"curve_{quantity}", history_figure, record.history, quantity, record.steps_per_epoch)

st.header("What it mixes up")
st.markdown(lesson["the matrix"])
report = current_run.analysis_result(current, report_run, lesson["counting"])
if report is not None:
    show_confusion(report)
    st.header("Digit by digit")
    digit_by_digit(report)

st.header("Its most confident mistakes")
if len(evaluation.mistakes):
    image_choice.image_table(evaluation, current.dataset, evaluation.mistakes[:SHOWN], "mistakes")
else:
    st.success("It made no mistake on the test images.")

st.header("Is it as sure as it should be?")
st.markdown(lesson["confidence"])
charts.draw_of("calibration", current.job_id, "calibration", calibration_figure, evaluation)
