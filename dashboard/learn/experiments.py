"""Networks trained on a lesson page to compare them: a button, a panel while they train, records at the end.

An experiment is a few configs with a name each. They go through the engine, where equal ones are trained once
for everybody; their jobs belong to the visit, so that they are still there on return.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import streamlit as st

from dashboard.session import resources, visits
from dashboard.session.watching import watching
from dashboard.widgets import current_run
from dashboard.widgets.controls import primary_button
from mnist_core.config import DEFAULT, RunConfig
from mnist_core.engine.jobs import EngineBusyError, JobState, JobView

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


def trained(
    name: str, configs: Mapping[str, RunConfig], label: str
) -> dict[str, resources.TrainedRun] | None:
    """The records of an experiment, or what leads to them.

    Args:
        name: The experiment's name, unique among all pages.
        configs: What to train, by the words it is shown under. Others than last time are trained anew.
        label: What the button says, such as "Train both".

    Returns:
        The runs by the same words in the same order; None while there is a button or a panel instead.
    """
    known = _views(name)
    if [view.config for view in known] != list(configs.values()):
        _button(name, configs, label)
        return None
    if any(not view.state.is_final for view in known):
        _watch(name, tuple(configs))
        return None
    if failed := [view for view in known if view.state is JobState.FAILED]:
        st.error(failed[0].error, icon=":material/error:")
        _button(name, configs, "Try again")
        return None
    runs = finished(name, configs)
    if runs is None:
        _button(name, configs, label)
    return runs


def finished(name: str, configs: Mapping[str, RunConfig]) -> dict[str, resources.TrainedRun] | None:
    """The records of an experiment, as `trained` gives them; None as long as not all are there."""
    views = _views(name)
    is_done = all(view.state is JobState.FINISHED for view in views)
    if not is_done or [view.config for view in views] != list(configs.values()):
        return None
    runs = [resources.current(view.job_id) for view in views]
    by_words = {words: run for words, run in zip(configs, runs, strict=True) if run is not None}
    return by_words if len(by_words) == len(configs) else None


def _views(name: str) -> list[JobView]:
    """The jobs of an experiment that are still known."""
    jobs = visits.current_visit().experiments.get(name, ())
    return [view for view in map(resources.engine().view, jobs) if view is not None]


def owner(runs: Mapping[str, resources.TrainedRun]) -> str:
    """What the figures of an experiment belong to: its runs, whoever looks at them."""
    return " ".join(run.job_id for run in runs.values())


def _button(name: str, configs: Mapping[str, RunConfig], label: str) -> None:
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

    primary_button(label, ":material/play_arrow:", f"begin_{name}", on_click=begin)
    if busy := st.session_state.pop(f"busy_{name}", None):
        st.info(busy, icon=":material/hourglass:")


@watching(LIVE_SECONDS)
def _watch(name: str, labels: tuple[str, ...]) -> None:
    """One bar for each training; ends with one rerun of the whole page."""
    visit, engine, known = visits.current_visit(), resources.engine(), _views(name)
    if len(known) < len(labels) or all(view.state.is_final for view in known):
        st.rerun()
    for label, view in zip(labels, known, strict=True):
        done = 1.0 if view.state.is_final else current_run.fraction(view)
        st.progress(done, text=f"**{label}**: {_state(view)}")

    def stop() -> None:
        for view in known:
            engine.stop(view.job_id, visit.name)
        visit.experiments.pop(name, None)

    st.button("Stop", icon=":material/stop:", key=f"stop_{name}", on_click=stop)


def _state(view: JobView) -> str:
    if view.state is JobState.FAILED:
        return "failed"
    return "done" if view.state.is_final else current_run.status(view)
