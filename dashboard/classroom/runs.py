"""The runs of a class as one live picture: how they enter it, and how its lecturer and its members see it."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from typing import Final

import pandas as pd
import streamlit as st

from dashboard.classroom import membership
from dashboard.elements.prose import read_lesson
from dashboard.session import present, resources, visits
from dashboard.site_map import TRAIN
from dashboard.widgets import charts, current_run, tables, text_elements
from dashboard.widgets.beside import beside
from dashboard.widgets.controls import PERSIST, segmented_choice
from mnist_core.bounds import MAX_CLASS_RUNS
from mnist_core.classroom.room import Room
from mnist_core.classroom.runs import ClassRun, RunsView
from mnist_core.engine.jobs import JobState, JobView
from mnist_core.figures.lab.class_runs import AXES, COLORS, class_runs_alt, class_runs_chart, runs_table
from mnist_core.figures.style import share_text

LIVE_SECONDS: Final = 2.0
HEIGHT, HEIGHT_ON_A_PHONE = 400, 340
"""Pixels of the picture."""
_OWN: Final = "class_runs_own"


@dataclass
class OwnRuns:
    """What has become of the runs of this session in a class.

    Attributes:
        room: The class.
        looked_at: Jobs that had ended; their runs have entered, if they could.
        awaited: Jobs that had not ended, whose end is told.
        ended: Those of them that have ended since; a thread of the engine adds them.
    """

    room: str = ""
    looked_at: set[str] = field(default_factory=set)
    awaited: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)


def enter() -> None:
    """Have the runs of this visit that have ended enter the class that it is in."""
    jobs, own = visits.current_visit().runs, _own()
    if own.looked_at.issuperset(jobs) or (room := membership.joined_room()) is None:
        return
    if own.room != room.name:
        own = st.session_state[_OWN] = OwnRuns(room.name)
    runs = []
    for job_id in [job_id for job_id in jobs if job_id not in own.looked_at]:
        view = resources.engine().view(job_id)
        if view is not None and not view.state.is_final:
            _await_end(own, job_id)
            continue
        own.looked_at.add(job_id)
        if view is not None and (run := run_of(view)) is not None:
            runs.append(run)
    if runs:
        room.runs.add(membership.member_id(), runs)


def _own() -> OwnRuns:
    own: OwnRuns = st.session_state.setdefault(_OWN, OwnRuns())
    return own


def _await_end(own: OwnRuns, job_id: str) -> None:
    if job_id not in own.awaited:
        own.awaited.add(job_id)
        resources.engine().watch(job_id, lambda: own.ended.add(job_id))


def run_of(view: JobView) -> ClassRun | None:
    """A run that has ended, as a class has it; None without validation images, and with own images.

    A paused run is the same network as one of as many epochs as it has done, so that is what it is shown as,
    unless its end decides what came before.
    """
    if view.outcome is None or view.outcome.validation_accuracy is None or view.own_images:
        return None
    config = view.config
    if view.state is JobState.STOPPED:
        record = resources.engine().record(view.job_id)
        schedules = (config.training.schedule, *(chapter.schedule for chapter in config.chapters))
        is_open = config.training.patience > 0 or "cosine" in schedules
        if record is None or is_open:
            return None
        config = replace(config, training=replace(config.training, epochs=record.epochs_done))
    return ClassRun(config, view.outcome.validation_accuracy)


def shown_to(room: Room) -> Hashable:
    """What `for_member` depends on."""
    return room.runs.settled_revision if _is_free(room) else None


def own_ended() -> set[str]:
    """The jobs of this session whose end is news for its class; it grows while it is held."""
    return _own().ended


def for_member(room: Room) -> None:
    """The picture on a member's page, while there is nothing to answer or to draw."""
    if not _is_free(room):
        return
    has_runs = bool(room.runs.view().runs)
    if has_runs:
        st.header(read_lesson("lecture", "classroom")["runs heading"])
    if has_runs or room.activity == "nothing":
        _panel(room, "no runs of mine")
        st.page_link(TRAIN.path, label="Train a network", icon=TRAIN.icon)


def _is_free(room: Room) -> bool:
    """Whether nothing is asked just now: what is asked is seen alone, and reaches all phones at once."""
    poll = room.polls.latest()
    return not (room.wall.is_open or (poll is not None and poll.is_open))


@st.fragment(run_every=LIVE_SECONDS)
def for_host(when_empty: Callable[[], None]) -> None:
    """The picture on the lecturer's page, or what stands in its place before the first run."""
    room = membership.hosted_room()
    if room is None:
        st.rerun()
    _panel(room, "no runs")
    if not room.runs.view().runs:
        when_empty()


def _panel(room: Room, when_empty: str) -> None:
    """What is across and what is colour, and right of it the picture; without a run what to do."""
    prose, view = read_lesson("lecture", "classroom"), room.runs.view()
    if not view.runs:
        st.info(prose[when_empty], icon=":material/scatter_plot:")
        return
    highest = max(view.runs, key=lambda run: run.validation_accuracy)
    controls, picture = beside("class_runs", is_pinned=False)
    with controls:
        x = segmented_choice("Across", list(AXES), "class_runs_x", **PERSIST)
        color = segmented_choice("Colour", list(COLORS), "class_runs_color", first="epochs", **PERSIST)
        text_elements.note(prose["the runs"])
        text_elements.note(prose["highest run"].format(settings=current_run.describe(highest.config)))
        text_elements.note(prose["runs are judged"])
        if view.is_full:
            text_elements.note(prose["runs are full"].format(n=f"{MAX_CLASS_RUNS:,}"))
    table = room.cached(("runs", view.revision), lambda: runs_table(view.runs, current_run.describe))
    with picture:
        st.markdown(f"**{_headline(view, highest)}**")
        height = HEIGHT_ON_A_PHONE if present.is_phone() else HEIGHT
        data, specification = class_runs_chart(
            table, x, color, height, theme=resources.theme(), scale=present.figure_scale()
        )
        charts.vega(data, specification, "class_runs", alt=class_runs_alt(x, color))
        _as_table(view)


def _headline(view: RunsView, highest: ClassRun) -> str:
    runs = "1 run" if len(view.runs) == 1 else f"{len(view.runs):,} runs"
    return f"{runs} · highest validation accuracy {share_text(highest.validation_accuracy)}"


def _as_table(view: RunsView) -> None:
    """The same in words, for who cannot point at a run; sent only to who asks for it."""
    if st.toggle("Show all runs as a table", key="class_runs_table", **PERSIST):
        rows = [
            {
                "Validation accuracy (%)": 100 * run.validation_accuracy,
                "Settings": current_run.describe(run.config),
            }
            for run in view.runs
        ]
        tables.data_table(pd.DataFrame(rows), {"Validation accuracy (%)": tables.PERCENT}, "class_runs_rows")
