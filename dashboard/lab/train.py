"""The runs of the visit on the train page: begin, stop, watch, look at the end, choose among them."""

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.elements.untrusted import picked_rows
from dashboard.lab import stage
from dashboard.session import choices, resources, visits
from dashboard.widgets import tables
from dashboard.widgets.controls import primary_button
from dashboard.widgets.current_run import duration, lost_network
from dashboard.widgets.text_elements import note
from mnist_core.chapters import MAX_CHAPTERS
from mnist_core.config import LIMITS, SETTINGS, RunConfig
from mnist_core.engine.jobs import EngineBusyError, JobState, JobView
from mnist_core.figures.style import n_of
from mnist_core.settings import ConfigError, Setting
from mnist_core.training.stretches import borders, chapters_in_words, with_more_epochs, with_next_chapter

MORE_EPOCHS: Final = 5
"""That a finished run is trained further at a press."""
_SHORT: Final = 12
"""Characters of what changes that a button has room for."""
_MESSAGE: Final = "run_message"


def begin(config: RunConfig | None = None) -> bool:
    """Train a run, or what the choices describe; False, with a message for the page, if the queue is full."""
    job_id = _submit(config or choices.run_config())
    if job_id is None:
        return False
    visits.current_visit().show_run(job_id)
    view = resources.engine().view(job_id)
    if view is not None and view.state.is_final:  # somebody has trained it before
        stage.play_film_of(job_id)
    return True


def go_on(view: JobView, config: RunConfig) -> None:
    """Continue a run from where it is; one that goes on as it was replaces a paused one in the table.

    Args:
        view: The run.
        config: The same to its end, for more epochs, or with another chapter.
    """
    choices.choose(config)
    job_id = _submit(config, view.job_id)
    if job_id is None:
        return
    visit = visits.current_visit()
    if view.state is JobState.STOPPED and config == view.config:
        visit.rename({view.job_id: job_id})
    visit.show_run(job_id)
    done = view.outcome.steps_done if view.outcome is not None else 0
    stage.play_film_of(job_id, done)


def more_epochs(config: RunConfig) -> int:
    """How many epochs more a finished run can be trained: a few, up to what is allowed."""
    return int(min(MORE_EPOCHS, LIMITS["epochs"].highest - config.training.epochs))


def train_again(view: JobView) -> None:
    """Train a network anew whose record was dropped: the same settings give the same one, bit for bit."""
    choices.choose(view.config)
    job_id = _submit(view.config)
    if job_id is not None:
        visit = visits.current_visit()
        visit.rename({view.job_id: job_id})
        visit.show_run(job_id)


def _submit(config: RunConfig, beginning: str = "") -> str | None:
    """The job that trains a network for this visit; None, with a message for the page, if it may not."""
    visitor = visits.current_visit().name
    try:
        return resources.engine().submit(config, resources.images_of(beginning), visitor, beginning=beginning)
    except EngineBusyError as error:
        st.session_state[_MESSAGE] = str(error)
        return None


def is_empty(view: JobView) -> bool:
    """Whether a run was stopped before its first update, so that it has nothing to show."""
    return view.state is JobState.STOPPED and view.outcome is not None and not view.outcome.steps_done


def problem(view: JobView | None) -> None:
    """Why a run has nothing to show, if there is one that has not."""
    if view is not None and view.state is JobState.FAILED:
        st.error(view.error, icon=":material/error:")
    elif view is not None and is_empty(view):
        st.info(read_lesson("lab", "train")["paused at once"], icon=":material/pause_circle:")


def way_to_a_run() -> str:
    """What to do where no run is shown, and how long a training takes."""
    seconds = resources.engine().estimated_seconds(choices.run_config(), resources.dataset())
    words = read_lesson("lab", "train")["no run selected" if _listed_runs() else "no run"]
    return words.format(duration=duration(seconds))


def lost_network_notice(view: JobView) -> None:
    """A run whose network is not kept any more, and a way to have it again."""
    st.info(read_lesson("lab", "train")[lost_network(view)], icon=":material/info:")
    if view.own_source is None:
        label, icon = "Train it again", ":material/refresh:"
        st.button(label, icon=icon, key="train_again", on_click=train_again, args=(view,))


@dataclass(frozen=True)
class NextChapter:
    """How a run can go on with the settings that were moved since.

    Attributes:
        config: Of the longer run; None where that is not possible.
        words: What there is to say of it.
    """

    config: RunConfig | None
    words: str

    @property
    def label(self) -> str:
        """Of its button, short enough for a phone."""
        news = borders(self.config)[-1].news if self.config is not None else ()
        n = f"{len(news)} change{'s' if len(news) > 1 else ''}"
        return f"Go on: {news[0] if len(news) == 1 and len(news[0]) <= _SHORT else n}"


def next_chapter(view: JobView | None) -> NextChapter | None:
    """The next chapter of a run that has ended or is paused; None unless settings of updates were moved."""
    if view is None or view.outcome is None or not view.outcome.steps_done:
        return None
    lesson, timeline, done = read_lesson("lab", "train"), view.timeline, view.outcome.steps_done
    epoch = timeline.epoch_of(done)
    try:
        config = with_next_chapter(view.config, epoch, choices.config(), MORE_EPOCHS)
    except ConfigError:
        return NextChapter(None, lesson["no more chapters"].format(n=MAX_CHAPTERS))
    if config is None:
        return None
    n, changes = config.training.epochs - epoch, " and ".join(borders(config)[-1].changes)
    words = lesson["next chapter"].format(epochs=n_of(n, "epoch"), changes=changes)
    is_unfinished = done < timeline.ends[epoch]
    return NextChapter(
        config, words + (f" {lesson['unfinished'].format(epoch=epoch)}" if is_unfinished else "")
    )


def train_button(chapter: NextChapter | None) -> None:
    """The main button; where a run can also go on, it says that it begins anew."""
    label = "Train anew" if chapter is not None and chapter.config is not None else "Train"
    primary_button(label, ":material/play_arrow:", "train", on_click=begin)


def pause_or_go_on(view: JobView | None, chapter: NextChapter | None, *, is_kept: bool) -> None:
    """The button beside "Train": what can be done with the run that is shown.

    Args:
        view: The run; None before any.
        chapter: How it can go on with other settings; None where none were moved.
        is_kept: Whether its network is.
    """
    if view is not None and is_kept and chapter is not None and chapter.config is not None:
        arguments = (view, chapter.config)
        st.button(chapter.label, key="next_chapter", on_click=go_on, args=arguments)
    elif view is None or not view.state.is_final:
        job = (view.job_id if view is not None else "",)
        st.button(
            "Pause", icon=":material/pause:", key="stop", on_click=stop, args=job, disabled=view is None
        )
    elif is_kept:
        _go_on_as_before(view)


def show_next_chapter(view: JobView, chapter: NextChapter) -> None:
    """What goes on with other settings; and below it, how the run goes on as it was trained so far."""
    note(chapter.words)
    if chapter.config is not None:
        _go_on_as_before(view, " as before", type="tertiary")


def _go_on_as_before(view: JobView, more: str = "", **options: Any) -> None:
    """The button that continues a paused run to its end, or trains a finished one for more epochs."""
    if view.has_ended_early:
        return
    if view.state is JobState.STOPPED:
        label, icon, key, config = "Continue", ":material/resume:", "go_on", view.config
    elif (n := more_epochs(view.config)) and (longer := with_more_epochs(view.config, n)):
        label, icon, key = n_of(n, "more epoch"), ":material/fast_forward:", "train_further"
        config = longer
    else:
        return
    st.button(f"{label}{more}", icon=icon, key=key, on_click=go_on, args=(view, config), **options)


def stop(job_id: str) -> None:
    """End the run early, or only leave it if others wait for the same network."""
    visit = visits.current_visit()
    if resources.engine().stop(job_id, visit.name) == "left":
        visit.current = None
        st.session_state[_MESSAGE] = read_lesson("lab", "train")["left"]


def message() -> None:
    """What begin or stop had to say, once."""
    if text := st.session_state.pop(_MESSAGE, None):
        st.info(text, icon=":material/info:")


def _listed_runs() -> list[JobView]:
    """The runs in the table, the latest first."""
    known = [resources.engine().view(job_id) for job_id in reversed(visits.current_visit().runs)]
    return [view for view in known if view is not None and not is_empty(view)]


def run_table() -> None:
    """The runs of this visit; the one selected is the current run everywhere."""
    visit, views = visits.current_visit(), _listed_runs()
    if not views:
        return
    has_chapters = any(view.config.chapters for view in views)
    has_own = any(view.own_images for view in views)
    st.subheader("Runs of this visit")
    event = tables.data_table(
        pd.DataFrame([_row(view, view.job_id == visit.current, has_chapters, has_own) for view in views]),
        {
            "Validation accuracy (%)": tables.PERCENT,
            "Parameters": st.column_config.NumberColumn(format="localized"),
        },
        f"runs_{len(views)}",
        on_select="rerun",
        selection_mode="single-row",
    )
    chosen = [views[row].job_id for row in picked_rows(event, len(views))]
    if chosen and chosen[0] != visit.current:
        visit.current = chosen[0]
        st.rerun()
    st.caption(read_lesson("lab", "train")["the table"])


def _row(view: JobView, is_current: bool, has_chapters: bool, has_own: bool) -> dict[str, object]:
    """A run in the table; its chapters and its own images are told where any run has some."""
    validation = view.outcome.validation_accuracy if view.outcome else None
    chapters = {"Chapters": chapters_in_words(view.config)} if has_chapters else {}
    return {
        "Shown": "●" if is_current else "",
        **{
            setting.words.capitalize(): _in_cell(setting, view.config.value_of(name))
            for name, setting in SETTINGS.items()
            if setting.is_column
        },
        **chapters,
        **({"Own images": view.own_images or "none"} if has_own else {}),
        "Parameters": view.config.network.n_parameters,
        "Validation accuracy (%)": 100 * validation if validation is not None else None,
        "State": view.state.value,
    }


def _in_cell(setting: Setting, value: Any) -> Any:
    """A number as it is, so that the column is ruled to the right; all else as it is written."""
    return value if isinstance(value, int | float) else setting.write(value)
