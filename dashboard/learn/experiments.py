"""Networks trained on a lesson page to compare them: a button, a panel while they train, records at the end.

An experiment is a few configs with a name each. They go through the engine, where equal ones are trained once
for everybody; their jobs belong to the visit, so that they are still there on return.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import Any, Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.learn.awaited import Awaited
from dashboard.session import page_view, resources, visits
from dashboard.session.watching import watching
from dashboard.widgets import current_run
from dashboard.widgets.controls import primary_button
from mnist_core.config import DEFAULT, RunConfig, TrainingConfig
from mnist_core.engine.jobs import EngineBusyError, JobState, JobView, T
from mnist_core.images.dataset import Dataset
from mnist_core.training.record import RunRecord

LIVE_SECONDS: Final = 0.4
N_IMAGES: Final = 10_000
"""Training images of a comparison at most, so that it takes a few seconds."""


def comparison_config(config: RunConfig, **changes: Any) -> RunConfig:
    """A config for trainings that are compared: few images, and validation images in any case.

    Args:
        config: The visitor's.
        **changes: What else differs in its training.
    """
    n_images = min(N_IMAGES, len(resources.dataset().train_labels))
    share = config.training.validation_share or DEFAULT.training.validation_share
    common = {"n_training_images": n_images, "validation_share": share}
    return replace(config, training=replace(config.training, **common | changes))


def image_numbers(training: TrainingConfig) -> dict[str, int]:
    """How many training images the trainings of a comparison have, and how many of them are set aside."""
    n_trained_on, n_aside = training.split_sizes(len(resources.dataset().train_labels))
    return {"n_images": n_trained_on + n_aside, "n_aside": n_aside}


def trained(
    name: str,
    configs: Mapping[str, RunConfig],
    label: str,
    place: DeltaGenerator | None = None,
    awaited: Awaited | None = None,
) -> dict[str, resources.TrainedRun] | None:
    """The records of an experiment, or what leads to them.

    Args:
        name: The experiment's name, unique among all pages.
        configs: What to train, by the words it is shown under. Others than last time are trained anew.
        label: What the button says, such as "Train both".
        place: Where the bars stand while the trainings last, such as where the results come; None for here.
        awaited: The chart of the results, drawn without data until the button is pressed.

    Returns:
        The runs by the same words in the same order; None while there is a button or a panel instead.
    """
    jobs = trained_jobs(name, configs, label, place=place, awaited=awaited)
    runs = None if jobs is None else _runs(jobs)
    if jobs is not None and runs is None:
        _button(name, configs, label, awaited)
    return runs


def trained_jobs(
    name: str,
    configs: Mapping[str, RunConfig],
    label: str,
    bars: Sequence[str] = (),
    *,
    place: DeltaGenerator | None = None,
    awaited: Awaited | None = None,
) -> dict[str, str] | None:
    """The same without reading the records, which takes long where there are many: the jobs.

    Args:
        name: See `trained`.
        configs: See `trained`.
        label: See `trained`.
        bars: What the bar of each training is called while they last, if not by its words; those of one name
            share a bar.
        place: See `trained`.
        awaited: See `trained`.
    """
    known = _views(name)
    if [view.config for view in known] != list(configs.values()):
        _button(name, configs, label, awaited)
        return None
    if any(not view.state.is_final for view in known):
        with nullcontext() if place is None else place.container(key=f"trainings_{name}"):
            _watch(name, tuple(bars or configs))
        return None
    if failed := [view for view in known if view.state is JobState.FAILED]:
        st.error(failed[0].error, icon=":material/error:")
        _button(name, configs, "Try again", awaited)
        return None
    jobs = finished_jobs(name, configs)
    if jobs is None:
        _button(name, configs, label, awaited)
    return jobs


def finished(name: str, configs: Mapping[str, RunConfig]) -> dict[str, resources.TrainedRun] | None:
    """The records of an experiment, as `trained` gives them; None as long as not all are there."""
    jobs = finished_jobs(name, configs)
    return None if jobs is None else _runs(jobs)


def finished_jobs(name: str, configs: Mapping[str, RunConfig]) -> dict[str, str] | None:
    """The jobs of an experiment by their words; None as long as not all are done, or if one was dropped."""
    views, records = _views(name), resources.engine().records
    is_done = all(view.state is JobState.FINISHED and view.job_id in records for view in views)
    if not is_done or [view.config for view in views] != list(configs.values()):
        return None
    return {words: view.job_id for words, view in zip(configs, views, strict=True)}


def _runs(jobs: Mapping[str, str]) -> dict[str, resources.TrainedRun] | None:
    runs = {words: resources.current(job_id) for words, job_id in jobs.items()}
    there = {words: run for words, run in runs.items() if run is not None}
    return there if len(there) == len(runs) else None


def analysed(
    jobs: Mapping[str, str], analyse: Callable[[RunRecord, Dataset], T], waiting: str
) -> dict[str, T] | None:
    """What the training process finds out about each run of an experiment; None until all is there.

    Args:
        jobs: By their words.
        analyse: As for `current_run.analysis_result`.
        waiting: What is being done, in words; "" to say nothing of it.
    """
    engine, visitor = resources.engine(), visits.current_visit().name
    for _ in range(len(jobs) + 1):
        views = {words: engine.analysis(job, analyse, visitor) for words, job in jobs.items()}  # asks for all
        results = {words: view.result for words, view in views.items() if view.result is not None}
        missing = next((job for words, job in jobs.items() if words not in results), None)
        if missing is None:
            return results
        run = resources.current(missing) if waiting else None
        if run is None or current_run.analysis_result(run, analyse, waiting) is None:
            return None
        # It has come since it was asked for, and nothing is drawn that would wait for the others.
    return None


def _views(name: str) -> list[JobView]:
    """The jobs of an experiment that are still known."""
    jobs = visits.current_visit().experiments.get(name, ())
    return [view for view in map(resources.engine().view, jobs) if view is not None]


def owner(runs: Mapping[str, resources.TrainedRun | str]) -> str:
    """What the figures of an experiment belong to: its runs or jobs, whoever looks at them."""
    return " ".join(run if isinstance(run, str) else run.job_id for run in runs.values())


def _button(name: str, configs: Mapping[str, RunConfig], label: str, awaited: Awaited | None) -> None:
    def begin() -> None:
        visit, engine, images = visits.current_visit(), resources.engine(), resources.dataset()
        jobs: list[str] = []
        try:
            for config in configs.values():
                jobs.append(engine.submit(config, images, visit.name))  # the queue may fill midway
        except EngineBusyError as error:
            for job in jobs:
                engine.stop(job, visit.name)
            st.session_state[f"busy_{name}"] = str(error)
            return
        visit.experiments[name] = tuple(jobs)

    page_view.note_trainings(configs.values())
    primary_button(label, ":material/play_arrow:", f"begin_{name}", on_click=begin)
    if busy := st.session_state.pop(f"busy_{name}", None):
        st.info(busy, icon=":material/hourglass:")
    if awaited is not None:
        awaited.draw(name, label)


@watching(LIVE_SECONDS)
def _watch(name: str, labels: tuple[str, ...]) -> None:
    """The bars, one for each label; ends with one rerun of the whole page."""
    visit, engine, known = visits.current_visit(), resources.engine(), _views(name)
    if len(known) < len(labels) or all(view.state.is_final for view in known):
        st.rerun()
    groups: dict[str, list[JobView]] = {}
    for label, view in zip(labels, known, strict=True):
        groups.setdefault(label, []).append(view)
    with st.container(gap="xsmall"):
        for label, views in groups.items():
            done = sum(1.0 if view.state.is_final else current_run.fraction(view) for view in views)
            st.progress(done / len(views), text=f"**{label}**: {_state(views)}")

    def stop() -> None:
        for view in known:
            engine.stop(view.job_id, visit.name)
        visit.experiments.pop(name, None)

    st.button("Stop", icon=":material/stop:", key=f"stop_{name}", on_click=stop)


def _state(views: Sequence[JobView]) -> str:
    """What the trainings of a bar do at the moment."""
    if any(view.state is JobState.FAILED for view in views):
        return "failed"
    under_way = [view for view in views if not view.state.is_final]
    if not under_way:
        return "done"
    if len(views) == 1:
        return current_run.status(under_way[0])
    return f"{len(views) - len(under_way)} of {len(views)} done"
