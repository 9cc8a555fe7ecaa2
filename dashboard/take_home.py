"""Files of the run shown to take home, and the settings as a file that can be loaded again.

A file is made when its button is pressed, in a thread of its own; what needs Keras is made by
the training process.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final

import streamlit as st

from dashboard import choices, resources, widgets
from dashboard.code_panel import difference_words
from dashboard.lesson import read_lesson
from dashboard.strangers import content_of, plain
from mnist_core.config import RunConfig
from mnist_core.engine import Engine
from mnist_core.evaluation import report_run
from mnist_core.export import (
    curve_csv,
    epochs_csv,
    file_stem,
    keras_file,
    predictions_csv,
    weights_file,
)
from mnist_core.jobs import T
from mnist_core.keras_script import keras_script
from mnist_core.report import report_html
from mnist_core.scripts import Source, text_of
from mnist_core.settings_file import MAX_BYTES, SettingsError, read_settings, to_settings
from mnist_core.worker import Analysis

LONGEST_WAIT: Final = 120.0
"""Seconds a download waits for the training process, which may be at work on something else."""
_log = logging.getLogger(__name__)
_UPLOAD: Final = "settings_upload"
_LOADED: Final = "settings_loaded"
_REFUSED: Final = "settings_refused"


def files(current: resources.Current) -> None:
    """Buttons for the files of a run."""
    lesson, record, evaluation = read_lesson("lab", "code"), current.record, current.evaluation
    stem = file_stem(record.config, record.dataset_fingerprint)
    engine, job_id = resources.engine(), current.job_id  # not looked up in the thread of a download

    button = partial(_button, job_id)

    def report() -> bytes:
        script = text_of(keras_script(record.config, Source.of(current.dataset)))
        digits = wait_for(engine, job_id, report_run)
        return report_html(record, current.dataset, evaluation, digits, script).encode()

    st.markdown(lesson["files"])
    network, numbers, together = st.columns(3, gap="medium")
    with network:
        button("Network for Keras", f"{stem}.keras", lambda: wait_for(engine, job_id, keras_file), "hub")
        widgets.note(lesson["the keras file"])
        button(
            "Weights for NumPy", f"{stem}-weights.npz", lambda: weights_file(record.parameters), "data_array"
        )
        widgets.note(lesson["the weights file"])
    with numbers:
        history, steps = record.history, record.steps_per_epoch
        button("Epochs", f"{stem}-epochs.csv", lambda: epochs_csv(history).encode(), "table")
        st.caption("Loss and accuracy of each epoch.")
        button("Finer curve", f"{stem}-curve.csv", lambda: curve_csv(history, steps).encode(), "show_chart")
        st.caption("The same within the epochs.")
        button(
            "Predictions",
            f"{stem}-predictions.csv",
            lambda: predictions_csv(evaluation).encode(),
            "fact_check",
        )
        st.caption("Every test image: true digit, prediction, ten probabilities, loss.")
    with together:
        button("Report", f"{stem}-report.html", report, "description")
        st.caption("The run on one page, to open, print or hand in. It asks no host for anything.")


def wait_for(engine: Engine, job_id: str, analyse: Analysis | Callable[..., T]) -> Any:
    """What the training process makes of a run, as soon as it comes to it.

    Raises:
        RuntimeError: It failed, or nothing came for `LONGEST_WAIT`.
    """
    ends = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < ends:
        view = engine.analysis(job_id, analyse)
        if view.error is not None:
            raise RuntimeError(view.error)
        if view.result is not None:
            return view.result
        time.sleep(0.05)
    raise RuntimeError("The training process is busy with other work; try again later.")


def _button(job_id: str, label: str, name: str, make: Callable[[], bytes], icon: str) -> None:
    key = f"file_{label}"

    def made() -> bytes:
        try:
            return make()
        except Exception:  # Streamlit says on the button that it failed, and knows nothing of the run
            _log.exception("The file %s of run %s could not be made", name, job_id)
            raise

    st.download_button(
        label, made, name, "application/octet-stream", key=key, icon=f":material/{icon}:", on_click="ignore"
    )


def settings_file() -> None:
    """The settings as a file, and the way back."""
    lesson, config = read_lesson("lab", "code"), choices.config()
    st.markdown(lesson["settings file"])
    left, right = st.columns([1, 2], gap="medium", vertical_alignment="top")
    with left:
        name = f"{file_stem(config, '')}-settings.json"
        st.download_button(
            "Save the settings", to_settings(config), name, "application/json",
            key="settings_save", icon=":material/save:", on_click="ignore",
        )  # fmt: skip
    with right:
        st.file_uploader("Load a settings file", key=_UPLOAD, on_change=load, max_upload_size=1)
        if refused := st.session_state.get(_REFUSED):
            st.error(refused, icon=":material/block:")
        if loaded := st.session_state.get(_LOADED):
            _loaded(*loaded)


def load() -> None:
    """Take the settings of the file that was just put there, or say why not."""
    st.session_state[_LOADED] = st.session_state[_REFUSED] = None
    content = content_of(st.session_state.get(_UPLOAD))
    if content is None:
        return
    try:
        config = _settable(read_settings(content[: MAX_BYTES + 1]))
    except SettingsError as error:
        st.session_state[_REFUSED] = f"{plain(str(error))} Your settings stay as they are."
        return
    st.session_state[_LOADED] = (choices.config(), config)
    choices.choose(config)


def _settable(config: RunConfig) -> RunConfig:
    """The config, as the controls can be set to it.

    Raises:
        SettingsError: They would make something else of it.
    """
    if config.training.n_training_images == choices.ALL_IMAGES:  # as many as there can be: all
        config = replace(config, training=replace(config.training, n_training_images=None))
    made = choices.expressed(config)
    if made != config:
        words = difference_words(config, made).replace("*", "")
        raise SettingsError(f"{read_lesson('lab', 'code')['cannot be set']} {words}.")
    return made


def _loaded(before: RunConfig, config: RunConfig) -> None:
    changes = difference_words(config, before)
    st.success(
        f"Loaded: {changes}." if changes else "Loaded: the same settings as before.", icon=":material/check:"
    )

    def undo() -> None:
        choices.choose(before)
        st.session_state[_LOADED] = None

    if changes:
        st.button("Undo", icon=":material/undo:", key="settings_undo", on_click=undo)
