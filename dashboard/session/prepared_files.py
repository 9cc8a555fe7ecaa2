"""Files of a run that the training process prepares before they can be downloaded.

Streamlit computes a download in one of six threads that serve everybody, so nothing may wait there. A first
button begins the preparation, the page says what happens meanwhile, and the download button comes when the
file is there. The engine keeps the file, so all visitors with the same run share it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import streamlit as st

from dashboard.elements.live_region import announced
from dashboard.session import resources, visits
from dashboard.session.watching import watching
from mnist_core.engine.jobs import AnalysisView
from mnist_core.images.dataset import Dataset
from mnist_core.training.record import RunRecord

WATCHING_SECONDS: Final = 0.5
_PROBLEM: Final = "file_problem"
_WAITED: Final = "file_waited"


@dataclass(frozen=True)
class PreparedFile:
    """A file of a run.

    Attributes:
        label: Its name on the page.
        name: Its name where it is saved.
        analyse: Gives its content, in the training process.
        icon: A Material symbol.
        convert: What is done to the content when it is downloaded, within some milliseconds.
    """

    label: str
    name: str
    analyse: Callable[[RunRecord, Dataset], bytes]
    icon: str
    convert: Callable[[bytes], bytes] = bytes


def offer(current: resources.TrainedRun, file: PreparedFile) -> None:
    """The button that the file has at the moment, and what a visitor should know of it."""
    view = resources.engine().begun_analysis(current.job_id, file.analyse)
    problem = st.session_state.get(_key(_PROBLEM, current, file))
    if view is not None and view.error is not None:
        problem = view.error
    with announced(_news(current, file, view, problem), f"file_{file.label}"):
        if problem is not None:
            st.error(f"{file.label} could not be prepared. {problem}", icon=":material/error:")
            _begin_button("Try again", "refresh", current, file)
        elif view is None:
            _begin_button(f"Prepare: {file.label}", file.icon, current, file)
        elif view.result is None:
            _watch(current, file)
        else:
            _download(file, view.result)


def _begin_button(label: str, icon: str, current: resources.TrainedRun, file: PreparedFile) -> None:
    key = f"prepare_{file.label}"
    st.button(label, key=key, icon=f":material/{icon}:", on_click=_begin, args=(current, file))


def _begin(current: resources.TrainedRun, file: PreparedFile) -> None:
    engine = resources.engine()
    engine.forget_failure(current.job_id, file.analyse)
    view = engine.analysis(current.job_id, file.analyse, visits.current_visit().name)
    # The engine does not note that there is no run (any more) to prepare it from, or that too much waits.
    st.session_state[_key(_PROBLEM, current, file)] = view.error


@watching(WATCHING_SECONDS)
def _watch(current: resources.TrainedRun, file: PreparedFile) -> None:
    engine = resources.engine()
    view = engine.begun_analysis(current.job_id, file.analyse)
    if view is None or view.result is not None or view.error is not None:
        st.rerun()
    st.session_state[_key(_WAITED, current, file)] = True
    why = engine.problem or "This takes longer while others wait for theirs."
    st.info(f"{file.label} is being prepared. {why}", icon=":material/hourglass:")


def _news(
    current: resources.TrainedRun, file: PreparedFile, view: AnalysisView[bytes] | None, problem: str | None
) -> str:
    """What a screen reader says of the file; nothing to a visitor who did not wait for it."""
    if problem is not None:
        return f"{file.label} could not be prepared."
    if view is not None and view.result is None:
        return f"{file.label} is being prepared."
    if view is not None and st.session_state.pop(_key(_WAITED, current, file), False):
        return f"{file.label} is ready to download."
    return ""


def _key(name: str, current: resources.TrainedRun, file: PreparedFile) -> str:
    return f"{name}_{current.job_id}_{file.label}"


def _download(file: PreparedFile, content: bytes) -> None:
    """The file itself; as a function, or Streamlit would copy the bytes to its own store at every run."""
    key, icon = f"file_{file.label}", f":material/{file.icon}:"
    kind = "application/octet-stream"
    st.download_button(
        file.label, lambda: file.convert(content), file.name, kind, key=key, icon=icon, on_click="ignore"
    )
