"""The run that a page shows, or what it says until there is one."""

from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.session import choices, resources, visits
from dashboard.session.watching import watching
from mnist_core.config import SETTINGS, RunConfig
from mnist_core.engine.jobs import JobState, JobView, T
from mnist_core.figures.style import n_of
from mnist_core.images.dataset import Dataset
from mnist_core.settings import Setting
from mnist_core.training.record import RunRecord
from mnist_core.training.stretches import borders

_A_MOMENT: Final = 2.0
"""Seconds that need not be said."""
_FEW: Final = 1.5
"""Minutes or hours from which a time is given in them."""


def link_problems() -> None:
    """Say what the link that opened this visit asked for and cannot have."""
    for problem in choices.problems():
        st.warning(problem, icon=":material/link_off:")


def describe(config: RunConfig) -> str:
    """A run's network in a few words, and each other setting that is not as usual."""
    unusual = [
        f"no {setting.words}" if value in (0, "none") else f"{setting.words} {setting.write(value)}"
        for name, setting in SETTINGS.items()
        if not _is_said(setting) and (value := config.value_of(name)) != setting.default
    ]
    return ", ".join(
        (
            config.network.words,
            n_of(config.training.epochs, "epoch"),
            f"batches of {config.training.batch_size}",
            *unusual,
            *(border.words for border in borders(config)),
        )
    )


def _is_said(setting: Setting) -> bool:
    """Whether a setting is said of every run: those whose controls stand in front."""
    return any(control.place == "front" for control in setting.controls)


def require_run() -> resources.TrainedRun:
    """The visit's current run, or the classic one; without any a panel that says so, and the page ends."""
    run = run_or_notice()
    if run is None:
        st.stop()
    return run


def run_or_notice(place: str = "") -> resources.TrainedRun | None:
    """The same for a page that has more to show: without any run a panel that says so, and None.

    Args:
        place: Of a second panel on the same page.
    """
    visit = visits.current_visit()
    run = resources.current(visit.current) if visit.current else None
    if run is None:
        run = classic_or_notice(place)
        view = resources.engine().view(visit.current) if visit.current else None
        if run is not None and view is not None and _has_lost_its_network(view):
            st.info(read_lesson("lab", "train")[f"{lost_network(view)} elsewhere"], icon=":material/info:")
    return run


def classic_or_notice(place: str = "") -> resources.TrainedRun | None:
    """The classic run, whatever the visit's current one is; until it is trained a panel, and None.

    Args:
        place: Of a second panel on the same page.
    """
    job_id = resources.ensure_classic_network()
    run = resources.current(job_id)
    if run is None:
        _wait_for(job_id, place)
    return run


def _has_lost_its_network(view: JobView) -> bool:
    """Whether a run had a network whose record has been dropped to make space."""
    return view.outcome is not None and view.outcome.steps_done > 0


def lost_network(view: JobView) -> str:
    """The part of the Train page's text about a run whose network is not kept any more."""
    if view.own_source is not None:
        return "gone class" if view.own_source == "class" else "gone own"
    return "gone paused" if view.state is JobState.STOPPED else "gone"


def run_at_the_end(current: resources.TrainedRun) -> None:
    """The same below all else; on a projector in one line, of which nothing is cut."""
    with st.container(key="run_at_the_end"):
        run_caption(current)


def run_caption(current: resources.TrainedRun) -> None:
    """One line that says which run a page shows."""
    record = current.record
    state = "It is paused." if record.is_stopped else kept_network(record)
    run = f"The run shown: {describe(record.config)}, {record.dataset_name}."
    st.caption(f":material/model_training: {run} {state}".strip())
    if record.has_diverged:
        st.warning(
            "The weights of this run grew without limit, because the learning rate was too large. "
            "Train again with a smaller one.",
            icon=":material/trending_up:",
        )


def kept_network(record: RunRecord) -> str:
    """What early stopping did to a run, in a sentence; "" where its last network is the one that is kept."""
    if record.has_ended_early:
        end = f"Early stopping ended it after epoch {record.epochs_done}."
        return (
            f"{end} The network of epoch {record.kept_epoch} is kept, where the validation loss was lowest."
        )
    if record.kept_epoch < record.epochs_done:
        return f"The network of its epoch {record.kept_epoch} is kept, where the validation loss was lowest."
    return ""


@watching(0.5)
def _wait_for(job_id: str, place: str) -> None:
    view = resources.engine().view(job_id)
    if view is None or view.state in (JobState.FINISHED, JobState.STOPPED):
        st.rerun()
    if view.state is JobState.FAILED:
        st.error(view.error, icon=":material/error:")
        st.info(read_lesson("reference", "faults")["no network"], icon=":material/menu_book:")
        if st.button("Try again", icon=":material/refresh:", key=f"classic_again{place}"):
            resources.ensure_classic_network(is_asked=True)
            st.rerun()
        return
    st.info(
        "The classic network is being trained for you; this page opens by itself.",
        icon=":material/hourglass:",
    )
    st.progress(fraction(view), text=status(view))


def analysis_result(
    current: resources.TrainedRun, analyse: Callable[[RunRecord, Dataset], T], waiting: str
) -> T | None:
    """What the training process finds out about a run; until then a line that says so, and None.

    Args:
        current: The run.
        analyse: A function of a module; its result is computed once for everybody.
        waiting: What is being done, such as "Counting which digit is read as which".
    """
    view = current.analysis(analyse, visits.current_visit().name)
    if view.error is not None:
        st.error(view.error, icon=":material/error:")
        st.button(
            "Try again",
            icon=":material/refresh:",
            key=f"again_{analyse.__name__}",
            on_click=resources.engine().forget_failure,
            args=(current.job_id, analyse),
        )
    elif view.result is None:
        _watch_analysis(current, analyse, waiting)
    return view.result


@watching(0.5)
def _watch_analysis(
    current: resources.TrainedRun, analyse: Callable[[RunRecord, Dataset], Any], waiting: str
) -> None:
    view = current.analysis(analyse, visits.current_visit().name)
    if view.result is not None or view.error is not None:
        st.rerun()
    why = resources.engine().problem or "This takes a moment, and longer while others wait for theirs."
    st.info(f"{waiting}. {why}", icon=":material/hourglass:")


def fraction(view: JobView) -> float:
    """How much of a job is done, 0 to 1."""
    return view.progress.step / view.progress.n_steps if view.progress else 0.0


def status(view: JobView) -> str:
    """What a job does at the moment, in a line."""
    problem = resources.engine().problem
    if view.is_stopping:
        return f"Pausing. {problem or ''}".strip()
    if problem:
        return problem
    if view.state is JobState.QUEUED and view.position:
        return f"Waiting: number {view.position} in the queue. {_times(view)}"
    if view.progress is None:
        return f"Getting ready. {_until_first_report(view)}"
    progress = view.progress
    return (
        f"Epoch {progress.epoch} of {progress.epochs} · update {progress.step:,} of {progress.n_steps:,} · "
        f"{progress.images_per_second:,.0f} images per second · {duration(view.seconds_left)} left"
    )


def _times(view: JobView) -> str:
    begin, end = duration(view.seconds_until_begin), duration(view.seconds_left)
    ending = "soon after" if begin == end else f"in about {end}"
    return f"Training begins in about {begin} and ends {ending}."


def _until_first_report(view: JobView) -> str:
    """What a training waits for that was sent to the training process."""
    if view.is_first:
        return "The first training takes longer, because it loads TensorFlow."
    return _times(view) if view.seconds_until_begin > _A_MOMENT else "It begins in a moment."


def duration(seconds: float) -> str:
    """A time in words, as exact as an estimate is."""
    minutes = seconds / 60
    if minutes < _FEW:
        return f"{max(1, round(seconds))} s"
    return f"{round(minutes)} minutes" if minutes / 60 < _FEW else f"{minutes / 60:.1f} hours"
