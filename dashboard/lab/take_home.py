"""Files of the run shown to take home, and the settings as a file that can be loaded again.

Small files are computed when their buttons are pressed; what takes longer, or needs Keras, the training
process prepares first (`dashboard/session/prepared_files.py`).
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Final

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.elements.untrusted import content_of, escape_markdown
from dashboard.lab.code import difference_words
from dashboard.lecture import hand_out
from dashboard.session import choices, networks, prepared_files, resources, visits
from dashboard.session.choices import View
from dashboard.session.prepared_files import PreparedFile
from dashboard.widgets import text_elements
from mnist_core.bounds import MAX_SETTINGS_BYTES
from mnist_core.config import ALL_IMAGES, RunConfig
from mnist_core.take_home.files import (
    curve_csv,
    epochs_csv,
    file_stem,
    for_excel,
    keras_file,
    predictions_file,
    weights_file,
)
from mnist_core.take_home.network_page import file_name
from mnist_core.take_home.report import report_file
from mnist_core.take_home.settings_file import SettingsError, read_settings, to_settings

_log = logging.getLogger(__name__)
_COMMA: Final = "tables_have_decimal_comma"
_UPLOAD: Final = "settings_upload"
_LOADED: Final = "settings_loaded"
_REFUSED: Final = "settings_refused"


def files(current: resources.TrainedRun) -> None:
    """Buttons for the files of a run."""
    lesson, record = read_lesson("lab", "code"), current.record
    stem = file_stem(record.config, record.dataset_fingerprint)
    history, timeline = record.history, record.timeline

    st.markdown(lesson["files"])
    network, numbers, together = st.columns(3, gap="medium")
    with network:
        prepared_files.offer(current, PreparedFile("Network for Keras", f"{stem}.keras", keras_file, "hub"))
        text_elements.note(lesson["the keras file"])
        name = f"{stem}-weights.npz"
        _download("Weights for NumPy", name, partial(weights_file, record.parameters), "data_array")
        text_elements.note(lesson["the weights file"])
    with numbers:
        form = for_excel if visits.current_visit().has_decimal_comma else bytes
        per_epoch, curve = partial(epochs_csv, history, record.config), partial(curve_csv, history, timeline)
        _download("Epochs", f"{stem}-epochs.csv", lambda: form(per_epoch().encode()), "table")
        st.caption("Loss and accuracy of each epoch.")
        _download("Finer curve", f"{stem}-curve.csv", lambda: form(curve().encode()), "show_chart")
        st.caption("The same within the epochs.")
        table = PreparedFile("Predictions", f"{stem}-predictions.csv", predictions_file, "fact_check", form)
        prepared_files.offer(current, table)
        st.caption("Every test image: true digit, prediction, ten probabilities, loss.")
        _choose_decimal_comma()
    with together:
        prepared_files.offer(
            current, PreparedFile("Report", f"{stem}-report.html", report_file, "description")
        )
        st.caption("The run on one page, to open, print or hand in. It works without an internet connection.")
        if networks.can_be_read(current):
            name, page = file_name(record), partial(networks.page_of, current)
            _download("Network as a web page", name, page, "draw")
            text_elements.note(lesson["the web page"])
            hand_out.to_phone(current)


def _choose_decimal_comma() -> None:
    """How numbers are written in the tables of this visit."""
    visit = visits.current_visit()

    def choose() -> None:
        visit.has_decimal_comma = st.session_state.get(_COMMA) is True

    why = read_lesson("lab", "code")["decimal comma"]
    st.toggle("Decimal comma, semicolons", visit.has_decimal_comma, key=_COMMA, on_change=choose, help=why)


def _download(label: str, name: str, build: Callable[[], bytes], icon: str) -> None:
    """A button for a file that is computed when it is pressed, within 50 ms, from what is in memory.

    Streamlit computes it in one of six threads that serve the downloads of everybody: nothing may wait there.
    """

    def content() -> bytes:
        try:
            return build()
        except Exception:  # Streamlit says on the button that it failed, and does not know the file
            _log.exception("The file %s could not be computed", name)
            raise

    st.download_button(
        label, content, name, "application/octet-stream",
        key=f"file_{label}", icon=f":material/{icon}:", on_click="ignore",
    )  # fmt: skip


def settings_file(view: View) -> None:
    """The settings as a file, and the way back."""
    lesson, config = read_lesson("lab", "code"), view.config
    st.markdown(lesson["settings file"])
    left, right = st.columns([1, 2], gap="medium", vertical_alignment="top")
    with left:
        name = f"{file_stem(config, '')}-settings.json"
        st.download_button(
            "Save the settings", to_settings(config), name, "application/json",
            key="settings_save", icon=":material/save:", on_click="ignore",
        )  # fmt: skip
    with right:
        st.file_uploader("Load a settings file", key=_UPLOAD, on_change=load, args=(view,), max_upload_size=1)
        if refused := st.session_state.get(_REFUSED):
            st.error(refused, icon=":material/block:")
        if loaded := st.session_state.get(_LOADED):
            _loaded(*loaded)


def load(view: View) -> None:
    """Take the settings of the file that was just put there, or say why not."""
    st.session_state[_LOADED] = st.session_state[_REFUSED] = None
    content = content_of(st.session_state.get(_UPLOAD))
    if content is None:
        return
    try:
        config = _settable(read_settings(content[: MAX_SETTINGS_BYTES + 1]))
    except SettingsError as error:
        refused = f"{escape_markdown(str(error))} Choose a file that was saved on this page."
        st.session_state[_REFUSED] = f"{refused} Your settings stay as they are."
        return
    st.session_state[_LOADED] = (difference_words(config, view.config), view.restorer())
    view.choose(config)


def _settable(config: RunConfig) -> RunConfig:
    """The config, as the controls can be set to it.

    Raises:
        SettingsError: They would make something else of it.
    """
    if config.training.n_training_images == ALL_IMAGES:  # as many as there can be: all
        config = config.with_changes(n_training_images=None)
    nearest = choices.expressed(config)
    if nearest != config:
        words = difference_words(config, nearest).replace("*", "")
        raise SettingsError(f"{read_lesson('lab', 'code')['cannot be set']} {words}.")
    return config


def _loaded(changes: str, restore: Callable[[], None]) -> None:
    st.success(
        f"Loaded: {changes}." if changes else "Loaded: the same settings as before.", icon=":material/check:"
    )

    def undo() -> None:
        restore()
        st.session_state[_LOADED] = None

    if changes:
        st.button("Undo", icon=":material/undo:", key="settings_undo", on_click=undo)
