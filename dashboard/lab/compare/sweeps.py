"""Sweeps on a page: begin one, watch it grow, stop it, and look at what came of it."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.lab.compare import time_left
from dashboard.session import resources, visits
from dashboard.session.watching import watching
from dashboard.widgets import charts, tables
from dashboard.widgets.beside import pinned_height
from dashboard.widgets.current_run import duration
from mnist_core.engine.jobs import EngineBusyError, JobState
from mnist_core.figures.awaited import awaited_figure
from mnist_core.figures.lab.sweeps import (
    HEIGHT,
    LIVE_HEIGHT,
    accuracy_figure,
    accuracy_frame,
    live_accuracies,
    time_figure,
    value_text,
)
from mnist_core.sweeps.plans import SWEEPS, VARIANTS, Plan
from mnist_core.sweeps.results import JudgedOn, accuracy_on, collect
from mnist_core.sweeps.runner import SweepView

LIVE_SECONDS: Final = 0.5
_MESSAGE: Final = "sweep_message"
_LEFT: Final = "sweep_left"
"""State, with the sweep's id: the seconds that are shown as left."""


def chart_height() -> int:
    """Pixels of an accuracy's chart: on a phone its axis is seen above the bar with the button."""
    return pinned_height(HEIGHT)


def begin(name: str, plan: Plan) -> None:
    """Train a plan under a name of this visit, which may have had another one before."""
    visit = visits.current_visit()
    try:
        sweep_id = resources.sweeps().submit(plan.configs, resources.dataset(), visit.name)
    except EngineBusyError as error:
        st.session_state[_MESSAGE] = str(error)
        return
    visit.sweeps.pop(name, None)
    visit.sweeps[name] = plan, sweep_id


def message() -> None:
    """Show once the message of a sweep that was begun or stopped."""
    if text := st.session_state.pop(_MESSAGE, None):
        st.info(text, icon=":material/info:")


def sweep_panel(name: str, judge: JudgedOn, is_wide: bool = True) -> SweepView | None:
    """A sweep of this visit: a panel while it trains, its figures at the end, both with what failed.

    Args:
        name: What it was begun under.
        judge: The images whose accuracy is shown.
        is_wide: Whether the time stands beside the accuracy rather than below it.

    Returns:
        The sweep once it has ended; None while it trains, or if the server has forgotten it.
    """
    plan, sweep_id = visits.current_visit().sweeps[name]
    view = resources.sweeps().view(sweep_id)
    if view is None:
        st.info(read_lesson("lab", "compare")["sweep gone"], icon=":material/info:")
        return None
    if not view.state.is_final:
        _watch(name, judge, is_wide)
        return None
    _problems(view)
    if any(point.is_finished for point in view.points):
        _show(name, plan, view, judge, is_wide)
    return view


@watching(LIVE_SECONDS)
def _watch(name: str, judge: JudgedOn, is_wide: bool) -> None:
    """The sweep as it goes; ends with one rerun of the whole page."""
    sweeps = visits.current_visit().sweeps
    view = resources.sweeps().view(sweeps[name][1]) if name in sweeps else None
    if view is None or view.state.is_final:
        st.rerun()
    plan, sweep_id = sweeps[name]

    def stop() -> None:
        if resources.sweeps().stop(sweep_id, visits.current_visit().name) == "left":
            visits.current_visit().sweeps.pop(name)
            st.session_state[_MESSAGE] = read_lesson("lab", "compare")["sweep left"]

    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(1.0, view.fraction), text=_status(view))
        st.button("Stop", icon=":material/stop:", key=f"stop_{name}", on_click=stop)
    result = collect(plan, view.points, judge)
    with _place(is_wide)[0]:
        if result.lines:
            st.markdown("**Accuracy so far**")
            height = min(LIVE_HEIGHT, chart_height())
            charts.vega(*live_accuracies(result, plan.values, resources.theme(), height), f"live_{name}")
        else:
            said = "The accuracy is drawn here as soon as a network is trained."
            charts.draw(f"awaited_{name}", awaited_figure, accuracy_frame(plan, judge, chart_height()), said)


def _place(is_wide: bool) -> list[Any]:
    """Where the accuracy stands, from before the first training to the end, and where the time does."""
    return [*st.columns([3, 2])] if is_wide else [st.container(), st.container()]


def _status(view: SweepView) -> str:
    done = f"{view.n_done} of {len(view.points)} networks trained"
    if problem := resources.engine().problem:
        return f"{done} · {problem}"
    if view.seconds_left is not None and view.n_done:
        key = f"{_LEFT}_{view.sweep_id}"
        st.session_state[key] = time_left.steady(st.session_state.get(key), view.seconds_left)
        return f"{done} · about {duration(st.session_state[key])} left"
    waits = view.state is JobState.QUEUED
    return f"{done} · {'waiting for the training process' if waits else 'the first is being trained'}"


def _problems(view: SweepView) -> None:
    """Say which trainings were stopped, and which failed."""
    if view.state is JobState.STOPPED:
        n_finished = sum(point.is_finished for point in view.points)
        text = f"Stopped: {n_finished} of {len(view.points)} networks were trained to their end."
        st.info(text, icon=":material/stop_circle:")
    errors = sorted({point.error for point in view.points if point.error})
    if errors:
        n_failed = sum(point.error is not None for point in view.points)
        st.error(f"{n_failed} of {len(view.points)} trainings failed. {errors[0]}", icon=":material/error:")


def _show(name: str, plan: Plan, view: SweepView, judge: JudgedOn, is_wide: bool) -> None:
    result = collect(plan, view.points, judge)
    if not result.lines:
        st.info(read_lesson("lab", "compare")["no validation"], icon=":material/info:")
        return
    owner = f"{view.sweep_id} {judge} {sum(point.is_finished for point in view.points)}"
    left, right = _place(is_wide)
    with left:
        chart = st.container()
        is_closer = st.toggle("Closer: from the lowest accuracy on, not from 0", key=f"closer_{name}")
        what, inputs = f"accuracy {chart_height()} {is_closer}", (chart_height(), plan.values, is_closer)
        with chart:
            charts.draw_of(f"accuracy_{name}", owner, what, accuracy_figure, result, *inputs)
    with right:
        charts.draw_of(f"time_{name}", owner, "time", time_figure, result)
    spread = max(line.spread for line in result.lines)
    prose = read_lesson("lab", "compare")
    seeds = f" {prose['seeds'].format(spread=f'{100 * spread:.1f}')}" if result.n_seeds > 1 else ""
    st.caption(f"{prose[judge]} {prose['bars']}{seeds}")
    label = f"All {len(view.points)} trainings" if len(view.points) > 1 else "The training"
    with st.expander(label, icon=":material/table_rows:"):
        _table(name, plan, view)


def _table(name: str, plan: Plan, view: SweepView) -> None:
    """Every training of the sweep, and a way to keep them."""
    tables.data_table(pd.DataFrame(_rows(plan, view)), tables.RESULT_FORMATS, f"table_{name}")
    jobs = [point.job_id for point in view.points if point.is_finished and point.job_id]

    def keep() -> None:
        for job_id in jobs:
            visits.current_visit().add_run(job_id)
        st.session_state[_MESSAGE] = read_lesson("lab", "compare")["kept"]

    st.button("Add them to my runs", icon=":material/playlist_add:", key=f"keep_{name}", on_click=keep)


def _rows(plan: Plan, view: SweepView) -> list[dict[str, object]]:
    names = [line.name for line in plan.lines for _ in line.configs]
    rows = []
    for line, value, point in zip(names, plan.values, view.points, strict=True):
        row: dict[str, object] = {"Line": line} if line and plan.setting != VARIANTS else {}
        row |= {SWEEPS[plan.setting].axis: value_text(plan.setting, value)}
        row |= {"Seed": point.config.training.seed, "Parameters": point.config.network.n_parameters}
        for judge in ("validation", "test"):
            accuracy = accuracy_on(point.outcome, judge) if point.outcome else None
            row[f"{judge.capitalize()} accuracy (%)"] = 100 * accuracy[0] if accuracy else None
        row["Time (s)"] = point.outcome.seconds if point.outcome else None
        rows.append(row | {"State": point.state.value})
    return rows
