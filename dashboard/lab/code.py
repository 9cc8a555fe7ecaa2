"""The page "Code": which settings it is about, how they differ from the run shown, and their code."""

from dataclasses import dataclass
from typing import Final, Literal

import streamlit as st

from dashboard.components.code import code_view, drawing_of
from dashboard.elements.prose import Lesson, read_lesson
from dashboard.lab import stage
from dashboard.lab import train as train_panel
from dashboard.lab.notebook import notebook_cells
from dashboard.session import choices, resources, visits
from dashboard.session.choices import View
from dashboard.session.watching import watching
from dashboard.widgets import current_run, text_elements
from dashboard.widgets.controls import primary_button
from mnist_core.analysis.comparison import CHAPTERS
from mnist_core.config import DEFAULT, SETTINGS, RunConfig
from mnist_core.engine.jobs import JobState
from mnist_core.figures.style import share_text
from mnist_core.images.dataset import Dataset
from mnist_core.take_home.files import file_stem
from mnist_core.take_home.keras_script import keras_script
from mnist_core.take_home.notebook import Cell, to_notebook
from mnist_core.take_home.numpy_script import numpy_script
from mnist_core.take_home.script_lines import Source, changed_lines, text_of
from mnist_core.take_home.settings_file import differences

Form = Literal["Keras script", "Notebook", "NumPy"]
FORMS: Final[dict[Form, str]] = {
    "Keras script": ":material/code:",
    "Notebook": ":material/menu_book:",
    "NumPy": ":material/calculate:",
}
_MOVED: Final = "code_moved"
"""Under this the session keeps beside which run the page's controls were moved, to what, and from what."""
_PREFIX: Final = "line "


@dataclass(frozen=True, eq=False)
class CodePageRun:
    """The run that the page is about.

    Attributes:
        job_id: Of the run.
        config: Of the run.
        view: The settings that the page shows and changes.
        dataset: Its images.
        current: The run once it is trained; None before, or when it is no longer kept.
        is_active: Whether it waits or trains.
        is_empty: Whether it was paused before its first update.
        error: Why it failed, if it did.
    """

    job_id: str
    config: RunConfig
    view: View
    dataset: Dataset
    current: resources.TrainedRun | None
    is_active: bool = False
    is_empty: bool = False
    error: str | None = None


def find_run() -> CodePageRun:
    """The visit's current run, also while it trains; else the classic one."""
    job_id = visits.current_visit().current
    view = resources.engine().view(job_id) if job_id else None
    current = resources.current(job_id) if job_id else None
    if view is None or (current is None and view.state is JobState.FINISHED):
        job_id = resources.ensure_classic_network()
        view, current = resources.engine().view(job_id), resources.current(job_id)
        if view is None:  # it was forgotten just now
            st.rerun()
    images = current.dataset if current else resources.dataset()
    error = view.error if view.state is JobState.FAILED else None
    own_view = _view(view.job_id, view.config)
    is_active, is_empty = not view.state.is_final, train_panel.is_empty(view)
    return CodePageRun(view.job_id, view.config, own_view, images, current, is_active, is_empty, error)


def _view(job_id: str, config: RunConfig) -> View:
    """The run's settings, unless the controls are at something not trained yet or were moved on this page."""
    chosen = choices.run_config()
    moved_beside, moved_to, moved_from = st.session_state.get(_MOVED, (None, None, None))
    before = moved_from if moved_beside == job_id else None
    shown = None
    if chosen != config and (moved_beside, moved_to) != (job_id, chosen):
        runs = (resources.engine().view(run) for run in visits.current_visit().runs)
        if chosen == DEFAULT or any(run is not None and run.config == chosen for run in runs):
            shown, before = config, chosen

    def moved() -> None:
        st.session_state[_MOVED] = (job_id, choices.run_config(), before)

    return View(shown, moved)


def _back(shown: CodePageRun) -> None:
    """Show the run's settings again; other pages get those that the first move here replaced."""
    moved_beside, _, before = st.session_state.pop(_MOVED, (None, None, None))
    choices.choose(before if before and moved_beside == shown.job_id else shown.config)


def controls(shown: CodePageRun) -> None:
    """Train the settings, or go back to those of the run shown."""
    is_same = shown.view.config == shown.config

    def train() -> None:
        train_panel.begin(shown.view.config)

    is_trained = is_same and shown.error is None
    label, icon = "Train these settings", ":material/play_arrow:"
    primary_button(label, icon, "code_train", disabled=is_trained, on_click=train)
    st.button(
        "Back to the run’s settings", icon=":material/undo:", key="code_back",
        on_click=_back, args=(shown,), disabled=is_same,
    )  # fmt: skip


def progress(shown: CodePageRun) -> None:
    """How far a training is that was asked for, or why there is none."""
    train_panel.message()
    if shown.error is not None:
        st.error(shown.error, icon=":material/error:")
    elif shown.is_active:
        _watch(shown.job_id)


def status(form: Form, shown: CodePageRun) -> None:
    """Whose numbers the code has: the run's, or those of no run yet."""
    lesson = read_lesson("lab", "code")
    if shown.dataset.mixture is not None:
        st.info(lesson["own images"].format(images=shown.dataset.mixture.words), icon=":material/draw:")
    if changes := difference_words(shown.view.config, shown.config):
        marked = "" if form == "Notebook" else f" {lesson['marked']}"
        st.info(f"Not the run shown: {changes}.{marked}", icon=":material/difference:")
    elif shown.current is not None:
        st.caption(f"{accuracy_words(shown.current)} {why_not_equal(shown.current) or lesson['same']}")


def accuracy_words(current: resources.TrainedRun) -> str:
    """How good the run's network is on the test images."""
    evaluation = current.evaluation
    low, high = 100 * evaluation.interval.low, 100 * evaluation.interval.high
    accuracy = f"{share_text(evaluation.accuracy)}, 95% interval {low:.1f} to {high:.1f}%"
    return f"Test accuracy of the run: {accuracy}."


def why_not_equal(current: resources.TrainedRun) -> str:
    """Why a run's code does not train the same network; "" unless it was paused or learned own images."""
    record, lesson, why = current.record, read_lesson("lab", "code"), []
    if record.is_stopped:
        epochs = record.config.training.epochs
        why.append(lesson["paused"].format(n=f"{record.steps_done:,}", epochs=epochs))
    if record.mixture is not None:
        why.append(lesson["mixture"])
    return " ".join(why)


def difference_words(config: RunConfig, other: RunConfig) -> str:
    """What a config has instead of another's settings, in Markdown; "" if they are the same."""
    changes = differences(config, other)
    ours, theirs = changes.pop(CHAPTERS, ("", ""))
    words = []
    for name, (value, other_value) in changes.items():
        setting = SETTINGS[name]
        values = f"**{setting.write(value)}** instead of {setting.write(other_value)}"
        words.append(f"{setting.phrase or setting.words} {values}")
    return ", ".join([*words, f"**{ours}** on the way instead of “{theirs}”"] if ours else words)


@watching(stage.LIVE_SECONDS)
def _watch(job_id: str) -> None:
    view = resources.engine().view(job_id)
    if view is None or view.state.is_final:
        st.rerun()
    st.progress(current_run.fraction(view), text=current_run.status(view))
    st.caption(read_lesson("lab", "code")["training"])


def show(form: Form, shown: CodePageRun) -> None:
    """The code of the settings, to be read, copied and taken home."""
    config, lesson = shown.view.config, read_lesson("lab", "code")
    images = shown.dataset if config == shown.config else resources.dataset()
    source = Source.of(images)
    stem = file_stem(config, images.fingerprint)
    write = numpy_script if form == "NumPy" else keras_script
    lines = write(config, source)
    if form == "Notebook":
        current = shown.current if config == shown.config else None
        result = f"{accuracy_words(current)} {why_not_equal(current)}".strip() if current else ""
        _notebook(notebook_cells(config, source, result), stem, source)
    else:
        changed = changed_lines(lines, write(shown.config, Source.of(shown.dataset)))
        name = "numpy" if form == "NumPy" else "keras"
        explanations = {about.removeprefix(_PREFIX): text for about, text in lesson.items()}
        code_view(lines, explanations, drawing_of(config, images, source), changed, key=f"code_{name}")
        with st.container(horizontal=True, vertical_alignment="center"):
            _download(f"{stem}-{name}.py", text_of(lines), "text/x-python")
            text_elements.note(_advice(name, source, lesson))
        with st.expander("The whole script, to copy", icon=":material/content_copy:"):
            st.code(text_of(lines), language="python")


def _notebook(cells: list[Cell], stem: str, source: Source) -> None:
    lesson = read_lesson("lab", "code")
    with st.container(horizontal=True, vertical_alignment="center"):
        _download(f"{stem}.ipynb", to_notebook(cells), "application/x-ipynb+json")
        text_elements.note(_advice("notebook", source, lesson))
    with st.container(border=True):
        for cell in cells:
            if cell.kind == "code":
                st.code(cell.text, language="python")
            else:
                st.markdown(cell.text)
            if cell.folded:
                st.expander(cell.summary).markdown(cell.folded)


def _download(name: str, text: str, mime: str) -> None:
    st.download_button(
        "Download", text, name, mime, icon=":material/download:", key="code_download", on_click="ignore"
    )


def _advice(name: str, source: Source, lesson: Lesson) -> str:
    more = {"sample": f" {lesson['sample']}", "file": f" {lesson['own file']}"}
    return lesson[name] + more.get(source.kind, "")
