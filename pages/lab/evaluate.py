"""Evaluate: how good the current run's network is on images it has never seen."""

from typing import Any, Final

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.elements.untrusted import is_whole, picked_point
from dashboard.session import present
from dashboard.widgets import charts, current_run, image_choice, tables, text_elements
from dashboard.widgets.contact_sheet import contact_sheet
from dashboard.widgets.controls import segmented_choice
from mnist_core.analysis.reports import DigitReport
from mnist_core.arrays import IndexArray
from mnist_core.config import N_DIGITS
from mnist_core.figures.curves import QUANTITIES, history_figure
from mnist_core.figures.lab.evaluation import calibration_figure, confusion_figure, score_figure
from mnist_core.figures.style import n_of, share_text, with_article
from mnist_core.take_home.script_lines import MNIST_FINGERPRINT
from mnist_core.training.stretches import borders

TRUE, READ = "confusion_true", "confusion_read"
N_MNIST: Final = 60_000
"""Training images of MNIST, of which the last ones are easier than the rest."""
ROW: Final = 1.45
"""Of a table that a projector shows to its end, in multiples of the root."""
IN_TABLE: Final = 30
ON_SHEET: Final = 12
"""Images of a cell beside the matrix."""
PER_ROW, PER_WIDE_ROW = 6, 10
OFFERED: Final = 4
"""Frequent mistakes with a button each, which a finger hits more easily than a cell of the matrix."""
PARTS: Final = {
    "Confusion matrix": ":material/grid_on:",
    "Digit by digit": ":material/format_list_numbered:",
    "Calibration": ":material/speed:",
    "Most confident mistakes": ":material/warning:",
    "Learning curves": ":material/show_chart:",
}


def select_cell() -> None:
    """Choose the cell that was clicked, or none."""
    picked = picked_point(st.session_state["confusion"])
    choose(*picked) if is_cell(picked) else choose(None, None)


def choose(true_digit: int | None, prediction: int | None) -> None:
    """Choose a cell of the matrix."""
    st.session_state[TRUE], st.session_state[READ] = true_digit, prediction


def is_cell(picked: object) -> bool:
    """Whether a browser picked a true digit and a prediction, and nothing else."""
    match picked:
        case [true_digit, prediction]:
            return is_whole(true_digit, N_DIGITS) and is_whole(prediction, N_DIGITS)
    return False


def show_confusion(report: DigitReport) -> None:
    """The confusion matrix, and beside it the images in one of its cells."""
    matrix, right = st.columns([5, 4], gap="medium")
    with right:
        buttons, sheet = st.container(), st.container()
        place = st.container()
        table = st.container()
    frequent = report.frequent_mistakes(OFFERED)
    with place:
        true_digit, prediction, unit = pick_by_keyboard(frequent[0] if frequent else None)
    with buttons:
        offer(report, frequent)
    cell = (true_digit, prediction)
    if true_digit is None and prediction is None and frequent:
        cell = frequent[0]
    with sheet:
        indices = show_images(*cell)
    with table:
        show_table(indices)
    options = {"on_select": select_cell, "selection_mode": "points", "height": "stretch"}
    with matrix:
        selected = cell if is_cell(cell) else None
        charts.draw("confusion", confusion_figure, report, unit == "% of row", selected, **options)


def pick_by_keyboard(usual: tuple[int, int] | None) -> tuple[int | None, int | None, str]:
    """Two digits that do the same as a click on a cell, and what the matrix counts in.

    Args:
        usual: The cell that is marked where none is chosen.
    """
    is_chosen = any(st.session_state.get(key) is not None for key in (TRUE, READ))
    true_hint, read_hint = ("choose", "choose") if is_chosen or usual is None else map(str, usual)
    with st.container(horizontal=True, gap="xsmall", key="confusion_pick"):
        digits: dict[str, Any] = {"options": range(N_DIGITS), "index": None, "width": 110}
        true_digit = st.selectbox("True digit", key=TRUE, placeholder=true_hint, **digits)
        prediction = st.selectbox("Prediction", key=READ, placeholder=read_hint, **digits)
        return true_digit, prediction, segmented_choice("Show", ("images", "% of row"), "confusion_unit")


def offer(report: DigitReport, pairs: list[tuple[int, int]]) -> None:
    """A button for each of some cells."""
    with st.container(horizontal=True, gap="xsmall"):
        for place, (true_digit, prediction) in enumerate(pairs):
            n = report.confusion[true_digit, prediction]
            true, read = with_article(true_digit), with_article(prediction)
            told = f"Show {n_of(n, 'image')} of {true}, read as {read}"
            label, key = f"{true_digit} → {prediction} · {n:,}", f"frequent_{place}"
            st.button(label, key=key, help=told, on_click=choose, args=(true_digit, prediction))


def show_images(true_digit: int | None, prediction: int | None) -> IndexArray:
    """The images of one cell, those first of which the network is most confident; their numbers."""
    if true_digit is None or prediction is None:
        st.info(lesson["no cell"], icon=":material/touch_app:")
        return evaluation.mistakes[:0]
    indices = evaluation.cell(true_digit, prediction)
    images = n_of(len(indices), "image")
    st.subheader(f"{images} of {with_article(true_digit)}, read as {with_article(prediction)}", anchor=False)
    if len(indices):
        contact_sheet(evaluation, current.dataset, indices[:ON_SHEET], PER_ROW)
    return indices


def show_table(indices: IndexArray) -> None:
    """The same images as a table, folded."""
    if not len(indices):
        return
    with st.expander("The most confident of them as a table", icon=":material/table_rows:"):
        image_choice.image_table(
            evaluation, current.dataset, indices[:IN_TABLE], "cell_images", has_digits=False
        )


def digit_by_digit(report: DigitReport) -> None:
    """Precision, recall and F1 of each digit."""
    left, right = st.columns([4, 5])
    with left:
        charts.draw("scores", score_figure, report)
    rows = [
        {
            "Digit": score.digit,
            "Precision (%)": 100 * score.precision,
            "Recall (%)": 100 * score.recall,
            "F1 (%)": 100 * score.f1,
            "Support": score.support,
        }
        for score in report.scored
    ]
    with right:
        percents = dict.fromkeys(("Precision (%)", "Recall (%)", "F1 (%)"), tables.PERCENT)
        tables.data_table(rows, percents, row_height=round(ROW * present.root_size()) if is_last else None)
    with st.container(key="wide_words"):
        text_elements.note(lesson["the scores"])
    if missing := ", ".join(str(score.digit) for score in report.scores if not score.support):
        text_elements.note(lesson["not scored"].format(digits=missing))


def confident_mistakes() -> None:
    """The misread images of which the network is most confident."""
    if not len(evaluation.mistakes):
        st.success("The network made no mistake on the test images.")
        return
    shown = evaluation.mistakes[:IN_TABLE]
    contact_sheet(evaluation, current.dataset, shown, PER_WIDE_ROW, has_true_digit=True)
    with st.expander("The same as a table", icon=":material/table_rows:"):
        image_choice.image_table(evaluation, current.dataset, shown, "mistakes")


def about_curves() -> str:
    """Why validation may look better than training, where there are both, and what else to look for."""
    if not record.history.has_validation:
        return lesson["the curves alone"]
    is_mnist = current.dataset.origin.fingerprint == MNIST_FINGERPRINT
    is_last_tenth = is_mnist and record.n_training_images + record.n_validation_images == N_MNIST
    reasons = ["the curves", "the curves mnist"] if is_last_tenth else ["the curves"]
    return " ".join(lesson[name] for name in (*reasons, "the curves end"))


def curves() -> None:
    """Loss and accuracy over the epochs, and how to read them."""
    with st.container(key="wide_words"):
        st.markdown(about_curves())
    for column, quantity in zip(st.columns(2), QUANTITIES, strict=True):
        with column:
            shown = record.history, quantity, record.timeline, borders(record.config)
            charts.draw(f"curve_{quantity}", history_figure, *shown)
    text_elements.note(lesson["test loss"].format(loss=f"{evaluation.loss:.3f}"))


lesson = read_lesson("lab", "evaluate")
st.title(lesson.title)
current = current_run.require_run()
record, evaluation = current.record, current.evaluation
result = lesson["result"].format(
    wrong=f"{evaluation.n_images - evaluation.n_right:,}",
    n=f"{evaluation.n_images:,}",
    right=share_text(evaluation.accuracy),
    low=f"{100 * evaluation.interval.low:.1f}",
    high=f"{100 * evaluation.interval.high:.1f}",
)
st.header(result, anchor=False, help=lesson["the interval"])
is_last = present.is_on() or present.is_phone()  # so that each part has a screen of its own
if not is_last:
    current_run.run_caption(current)
if not evaluation.is_finite:
    st.warning(lesson["no numbers"], icon=":material/trending_up:")
part = text_elements.part_of_page("Look at", PARTS, "evaluate_part", is_labelled=False)
if part == "Confusion matrix":
    show_confusion(current.report)
elif part == "Digit by digit":
    digit_by_digit(current.report)
elif part == "Most confident mistakes":
    confident_mistakes()
elif part == "Calibration":
    st.markdown(lesson["confidence"])
    charts.draw_of("calibration", current.job_id, "calibration", calibration_figure, evaluation)
else:
    curves()
if is_last:
    current_run.run_at_the_end(current)
