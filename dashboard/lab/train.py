"""The runs of the visit on the train page: begin, stop, watch, look at the end, choose among them."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from dashboard.elements.live_region import announced
from dashboard.elements.prose import read_lesson
from dashboard.elements.untrusted import picked_rows
from dashboard.session import choices, resources, visits
from dashboard.session.watching import watching
from dashboard.site_map import EVALUATE
from dashboard.widgets import charts, current_run, tables, text_elements
from dashboard.widgets import network as network_panel
from mnist_core.config import SETTINGS, RunConfig
from mnist_core.engine.jobs import EngineBusyError, JobState, JobView
from mnist_core.figures.curves import QUANTITIES, history_figure, live_curve
from mnist_core.images.preparation import network_inputs
from mnist_core.settings import Setting
from mnist_core.training.record import RunRecord

LIVE_SECONDS: Final = 0.25
WAIT_SECONDS: Final = 1.0
"""Between two looks at a run that waits: of a class that trains at once, most do."""
_MESSAGE: Final = "run_message"
_WATCHED: Final = "run_watched"


def begin(config: RunConfig | None = None) -> bool:
    """Train a run, or what the choices describe; False, with a message for the page, if the queue is full."""
    job_id = _submit(config or choices.config())
    if job_id is not None:
        visits.current_visit().show_run(job_id)
    return job_id is not None


def train_again(view: JobView) -> None:
    """Train a network anew whose record was dropped: the same settings give the same one, bit for bit."""
    choices.choose(view.config)
    job_id = _submit(view.config)
    if job_id is not None:
        visit = visits.current_visit()
        visit.rename({view.job_id: job_id})
        visit.show_run(job_id)


def _submit(config: RunConfig) -> str | None:
    """The job that trains a network for this visit; None, with a message for the page, if it may not."""
    try:
        return resources.engine().submit(config, resources.dataset(), visits.current_visit().name)
    except EngineBusyError as error:
        st.session_state[_MESSAGE] = str(error)
        return None


def is_empty(view: JobView) -> bool:
    """Whether a run was stopped before its first update, so that it has nothing to show."""
    return view.state is JobState.STOPPED and view.outcome is not None and not view.outcome.steps_done


def lost_network_notice(view: JobView) -> None:
    """A run whose network is not kept any more, and a way to have it again."""
    name = "gone stopped" if view.state is JobState.STOPPED else "gone"
    st.info(read_lesson("lab", "train")[name], icon=":material/info:")
    st.button(
        "Train it again", icon=":material/refresh:", key="train_again", on_click=train_again, args=(view,)
    )


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


def live_run(view: JobView) -> None:
    """The run as it waits or goes; each ends with one rerun of the whole page."""
    (_waiting if view.state is JobState.QUEUED else _learning)(view.job_id)


@watching(WAIT_SECONDS)
def _waiting(job_id: str) -> None:
    """When it begins: there is nothing to draw yet, and drawing would hold up those who train."""
    view = resources.engine().view(job_id)
    if view is None or view.state is not JobState.QUEUED:
        st.rerun()
    _progress(view)


@watching(LIVE_SECONDS)
def _learning(job_id: str) -> None:
    view = resources.engine().view(job_id)
    if view is None or view.state.is_final:
        st.rerun()
    _progress(view)
    for column, quantity in zip(st.columns(2), QUANTITIES, strict=True):
        epochs, theme = view.config.training.epochs, resources.theme()
        data, spec = live_curve(view.history, quantity, epochs, _per_epoch(view), theme)
        column.markdown(f"**{quantity.capitalize()} while it trains**")
        with column:
            charts.vega(data, spec, f"live_{quantity}")
    _learning_network(view)


def _progress(view: JobView) -> None:
    with announced(_news(view), "run"):
        st.progress(current_run.fraction(view), text=current_run.status(view))
    st.session_state[_WATCHED] = view.job_id


def _news(view: JobView) -> str:
    """What a screen reader says of a run: a sentence for each epoch, and not for each step."""
    if view.progress is None:
        return current_run.status(view)
    return f"Training: epoch {view.progress.epoch} of {view.progress.epochs}."


def _learning_network(view: JobView) -> None:
    """The weights taking shape, on the test image that the predict page shows."""
    images, prose = resources.dataset(), read_lesson("lab", "network")
    number = _image_number(len(images.test_images))
    inputs = network_inputs(images.test_images[number][None], view.config.training.preparation)[0]
    st.markdown(f"**{prose['at the moment']}**")
    network_panel.at_work(view.parameters, inputs, int(images.test_labels[number]), "train_network")
    text_elements.note(prose["while it trains"])


def _image_number(n_images: int) -> int:
    """The test image that the predict page shows, where there are as many."""
    return min(int(choices.get("image")), n_images - 1)


def _per_epoch(view: JobView) -> float:
    return view.progress.n_steps / view.progress.epochs if view.progress else 1.0


def finished_run(current: resources.TrainedRun) -> None:
    """The results of the run: its numbers, its curves, and the network at work."""
    record, history = current.record, current.record.history
    with announced(_last_news(current), "run"):
        current_run.run_caption(current)
    if record.epochs_done == 0:
        st.info(read_lesson("lab", "train")["stopped early"], icon=":material/stop_circle:")
    _facts(record)
    for column, quantity in zip(st.columns(2), QUANTITIES, strict=True):
        with column:
            charts.draw(f"curve_{quantity}", history_figure, history, quantity, record.steps_per_epoch)
    st.markdown(f"**{read_lesson('lab', 'network')['trained']}**")
    number = _image_number(current.evaluation.n_images)
    network_panel.explained_on_test_image(current, number, "train_network")
    label = "Judge it on the test images"
    st.page_link(EVALUATE.path, label=label, icon=":material/arrow_forward:")


def _last_news(current: resources.TrainedRun) -> str:
    """What a screen reader says once to a visitor who has waited for the end of a run."""
    if st.session_state.pop(_WATCHED, "") != current.job_id:
        return ""
    end = "Stopped." if current.record.is_stopped else "Trained."
    return " ".join((end, *(f"{name}: {value}." for name, value in _accuracies(current.record).items())))


def _accuracies(record: RunRecord) -> dict[str, str]:
    history, accuracies = record.history, {}
    if history.has_validation:
        accuracies["Validation accuracy"] = f"{100 * history.validation_accuracy[-1]:.1f} %"
    if len(history.training_accuracy):
        accuracies["Training accuracy, last epoch"] = f"{100 * history.training_accuracy[-1]:.1f} %"
    return accuracies


def _facts(record: RunRecord) -> None:
    text_elements.metrics(
        {
            **_accuracies(record),
            "Updates of the weights": f"{record.steps_done:,}",
            "Time": f"{record.seconds:.1f} s",
            "Images a second": f"{record.images_per_second:,.0f}",
        }
    )


def run_table() -> None:
    """The runs of this visit; the one selected is the current run everywhere."""
    visit = visits.current_visit()
    known = [resources.engine().view(job_id) for job_id in reversed(visit.runs)]
    views = [view for view in known if view is not None and not is_empty(view)]
    if not views:
        return
    st.subheader("Runs of this visit")
    event = tables.data_table(
        pd.DataFrame([_row(view, view.job_id == visit.current) for view in views]),
        {"Validation accuracy (%)": "%.2f"},
        f"runs_{len(views)}",
        on_select="rerun",
        selection_mode="single-row",
    )
    chosen = [views[row].job_id for row in picked_rows(event, len(views))]
    if chosen and chosen[0] != visit.current:
        visit.current = chosen[0]
        st.rerun()
    st.caption(read_lesson("lab", "train")["the table"])


def _row(view: JobView, is_current: bool) -> dict[str, object]:
    validation = view.outcome.validation_accuracy if view.outcome else None
    return {
        "Shown": "●" if is_current else "",
        **{
            setting.words.capitalize(): _in_cell(setting, view.config.value_of(name))
            for name, setting in SETTINGS.items()
            if setting.is_column
        },
        "Parameters": view.config.network.n_parameters,
        "Validation accuracy (%)": 100 * validation if validation is not None else None,
        "State": view.state.value,
    }


def _in_cell(setting: Setting, value: Any) -> Any:
    """A number as it is, so that the column is ruled to the right; all else as it is written."""
    return value if isinstance(value, int | float) else setting.write(value)
