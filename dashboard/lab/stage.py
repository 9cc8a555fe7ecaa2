"""The stage of the train page: accuracy, curves and network, in one frame before, during and after a run.

Nothing on it changes its place or its size while a network learns; only the numbers and the picture do.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st

from dashboard.components.save_chart import save_chart
from dashboard.elements.live_region import announced
from dashboard.session import choices, present, resources
from dashboard.session.watching import watching
from dashboard.widgets import charts, current_run
from dashboard.widgets import network as network_panel
from mnist_core.arrays import Float32Array
from mnist_core.config import RunConfig
from mnist_core.engine.jobs import JobState, JobView
from mnist_core.figures.curves import QUANTITIES, Quantity, live_curve
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import Parameters, initial_parameters
from mnist_core.take_home.files import slug
from mnist_core.training.record import History, RunRecord

LIVE_SECONDS: Final = 0.25
WAIT_SECONDS: Final = 1.0
"""Between two looks at a run that waits: of a class that trains at once, most do."""
_SOON: Final = 3.0
"""Seconds until it begins for which it is not worth to draw less: the picture would be put up anew."""
NETWORK_HEIGHT: Final = 0.36
"""Of the layers in the picture, as a share of the window's."""
_CHART_HEIGHT, _ON_A_PHONE = 0.25, 0.2
"""Of a curve with its axes."""
_ROOM_BELOW: Final = 8
_LOW, _HIGH = 120, 300
"""Pixels between which the height of a curve stays."""
_TITLES: Final[dict[Quantity, str]] = {"accuracy": "Accuracy (%) by epoch", "loss": "Loss (nats) by epoch"}
_WATCHED: Final = "run_watched"


@dataclass(frozen=True, eq=False)
class Scene:
    """What the stage shows of a run at one moment.

    Attributes:
        config: What is trained.
        parameters: The network as it is.
        history: What was reported so far.
        steps_per_epoch: Updates in an epoch.
        share: How much of the training is done, 0 to 1.
        status: What happens, in a line.
        news: What a screen reader says of it.
        is_over: Whether the training has ended.
    """

    config: RunConfig
    parameters: Parameters
    history: History
    steps_per_epoch: float
    share: float
    status: str
    news: str = ""
    is_over: bool = False


def before_training(config: RunConfig, status: str) -> None:
    """The network that a training with these settings begins with, and empty curves."""
    _still(_beginning(config, status))


def live(view: JobView) -> None:
    """The run as it waits or goes; each ends with one rerun of the whole page."""
    if view.state is JobState.QUEUED and view.seconds_until_begin > _SOON:
        _waiting(view.job_id)
        _picture(_beginning(view.config, ""))
    else:
        _learning(view.job_id)


def finished(current: resources.TrainedRun) -> None:
    """The same after the end: the network that was learned, and whole curves."""
    record = current.record
    n_steps = record.config.training.epochs * record.steps_per_epoch
    scene = Scene(
        record.config,
        record.parameters,
        record.history,
        record.steps_per_epoch,
        share=record.steps_done / n_steps,
        status=_end_in_words(record),
        news=_last_news(current),
        is_over=True,
    )
    _still(scene)


def _end_in_words(record: RunRecord) -> str:
    end = "Stopped" if record.is_stopped else "Trained"
    return (
        f"{end}: {record.steps_done:,} updates in {record.seconds:.1f} s, "
        f"{record.images_per_second:,.0f} images a second"
    )


def _last_news(current: resources.TrainedRun) -> str:
    """What a screen reader says once to a visitor who has waited for the end of a run."""
    if st.session_state.pop(_WATCHED, "") != current.job_id:
        return ""
    end = "Stopped." if current.record.is_stopped else "Trained."
    shown = accuracies(current.record.config, current.record.history, is_over=True)
    return " ".join((end, *(f"{name}: {value}." for name, value in shown.items())))


@st.fragment
def _still(scene: Scene) -> None:
    """A fragment as the one that learns is, so that everything keeps its place when the run ends."""
    _numbers(scene)
    selected = _picture(scene)
    if selected is not None:
        inputs, number, label = _image(scene)
        source = network_panel.test_image_in_words(number, label)
        network_panel.calculation(selected, scene.parameters, inputs, source)


def _beginning(config: RunConfig, status: str, news: str = "") -> Scene:
    parameters = initial_parameters(config.network, config.training.seed)
    return Scene(config, parameters, History.joined(()), 1.0, 0.0, status, news)


@watching(WAIT_SECONDS)
def _waiting(job_id: str) -> None:
    """When it begins: drawing more than that would hold up those who train."""
    view = resources.engine().view(job_id)
    if view is None or view.state is not JobState.QUEUED:
        st.rerun()
    status = current_run.status(view)
    _numbers(_beginning(view.config, status, news=status))
    st.session_state[_WATCHED] = job_id


@watching(LIVE_SECONDS)
def _learning(job_id: str) -> None:
    view = resources.engine().view(job_id)
    if view is None or view.state.is_final:
        st.rerun()
    st.session_state[_WATCHED] = job_id
    share, status = current_run.fraction(view), current_run.status(view)
    scene = Scene(view.config, view.parameters, view.history, _per_epoch(view), share, status, _news(view))
    _numbers(scene)
    _picture(scene)


def _news(view: JobView) -> str:
    """What a screen reader says of a run: a sentence for each epoch, and not for each step."""
    if view.progress is None:
        return current_run.status(view)
    return f"Training: epoch {view.progress.epoch} of {view.progress.epochs}."


def _per_epoch(view: JobView) -> float:
    return view.progress.n_steps / view.progress.epochs if view.progress else 1.0


def _numbers(scene: Scene) -> None:
    """How many it reads right, and how far the training is."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="stage_numbers"):
        for label, value in accuracies(scene.config, scene.history, is_over=scene.is_over).items():
            st.metric(label, value, width="content")
        with announced(scene.news, "run"):
            st.progress(min(1.0, scene.share), text=scene.status)


def _picture(scene: Scene) -> tuple[int, int] | None:
    """The curves, and the network at work; the layer and the number of the neuron that is selected."""
    with st.container(horizontal=True, gap="medium", key="stage_curves"):
        for quantity in reversed(QUANTITIES):
            with st.container(key=f"stage_{quantity}", gap="xxsmall"):
                _curve(scene, quantity)
    inputs, _, label = _image(scene)
    with st.container(key="stage_network"):
        return network_panel.at_work(scene.parameters, inputs, label, "train_network", height=NETWORK_HEIGHT)


def _image(scene: Scene) -> tuple[Float32Array, int, int]:
    """The test image that the predict page shows, prepared for the network; its number, and its digit."""
    images = resources.dataset()
    number = min(int(choices.get("image")), len(images.test_images) - 1)
    inputs = network_inputs(images.test_images[number][None], scene.config.training.preparation)[0]
    return inputs, number, int(images.test_labels[number])


def _curve(scene: Scene, quantity: Quantity) -> None:
    """A curve under its title, in a frame that keeps its place until the browser has loaded what draws it."""
    scale = present.figure_scale()
    share = _ON_A_PHONE if present.is_phone() else _CHART_HEIGHT
    height = float(np.clip(share * present.screen()[1], _LOW, _HIGH))
    data, specification = live_curve(
        scene.history,
        quantity,
        scene.config.training.epochs,
        scene.steps_per_epoch,
        theme=resources.theme(),
        height=height / scale,
        scale=scale,
    )
    title = _TITLES[quantity]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{title}**")
        save_chart(f"stage_{quantity}", slug(title), charts.chart_format(), "content")
    with st.container(height=round(height) + _ROOM_BELOW, border=False):
        charts.vega(data, specification, f"curve_{quantity}", alt=title)


def accuracies(config: RunConfig, history: History, *, is_over: bool) -> dict[str, str]:
    """The last accuracies, a dash where there is none yet; of the training images those of the last epoch.

    Args:
        config: What is trained.
        history: Of the run.
        is_over: Whether it has ended; until then the training images are those since the last report.
    """
    shown = {"Training accuracy": history.training_accuracy if is_over else history.curve_accuracy}
    if config.training.validation_share:
        shown = {"Validation accuracy": history.validation_accuracy} | shown
    return {name: f"{100 * values[-1]:.1f}%" if len(values) else "–" for name, values in shown.items()}
