"""The stage of the train page: accuracy, curves and network, in one frame before, during and after a run.

Nothing on it changes its place or its size while a network learns; only the numbers and the picture do. A
training that is over before one has looked is not shown as it goes, but as a film afterwards.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import streamlit as st

from dashboard.components.film import FilmFile, film_view
from dashboard.elements.live_region import announced
from dashboard.session import choices, films, present, resources
from dashboard.session.watching import watching
from dashboard.widgets import charts, current_run
from dashboard.widgets import network as network_panel
from mnist_core.arrays import Float32Array
from mnist_core.config import RunConfig
from mnist_core.engine.jobs import JobState, JobView
from mnist_core.figures.curves import last_batches
from mnist_core.figures.style import n_of, share_text
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import Parameters, initial_parameters
from mnist_core.training.history import History
from mnist_core.training.record import RunRecord
from mnist_core.training.stretches import Timeline, borders, timeline_of

LIVE_SECONDS: Final = 0.25
WAIT_SECONDS: Final = 1.0
"""Between two looks at a run that waits: of a class that trains at once, most do."""
SHORT_SECONDS: Final = 4.0
"""A training that takes less is shown as a film: one sees more of it than three pictures."""
_TOO_FAST: Final = "This training is too fast to follow. Its film begins as soon as it has ended."
_SOON: Final = 3.0
"""Seconds until it begins for which it is not worth to draw less: the picture would be put up anew."""
NETWORK_HEIGHT: Final = 0.33
"""Of the layers in the picture, as a share of the window's."""
_CURVE_HEIGHT: Final = 0.2
"""Of a curve with its axes."""
_WATCHED: Final = "run_watched"
_FILM_TO_PLAY: Final = "film_to_play"
"""The job whose film is played by itself, because it was just asked for, and from which update on."""
_SHOWINGS: Final = "film_showings"
"""How many films played by themselves in this visit."""


@dataclass(frozen=True, eq=False)
class Scene:
    """What the stage shows of a run at one moment.

    Attributes:
        config: What is trained.
        parameters: The network as it is.
        history: What was reported so far.
        timeline: Which updates belong to which epoch.
        share: How much of the training is done, 0 to 1.
        status: What happens, in a line.
        news: What a screen reader says of it.
        is_over: Whether the training has ended.
        epoch: Whose network it is, of a training that has ended.
        n_validation: Images that validate, where that is said.
        film: Of a training that has ended.
        told: What stands in its place.
        ahead: What a press on "Train" would play; nothing is looked for while a network learns.
    """

    config: RunConfig
    parameters: Parameters
    history: History
    timeline: Timeline
    share: float
    status: str
    news: str = ""
    is_over: bool = False
    epoch: int = 0
    n_validation: int = 0
    film: FilmFile | None = None
    told: str = "When a training has ended, its film can be played here."
    ahead: FilmFile | None = None


def play_film_of(job_id: str, begin: int = 0) -> None:
    """Play the film of a training that was just asked for as soon as it can be.

    Args:
        job_id: Of the training.
        begin: Updates after which it begins, where those before were seen already.
    """
    wanted, before = st.session_state.get(_FILM_TO_PLAY, ("", 0))
    st.session_state[_FILM_TO_PLAY] = job_id, max(begin, before if wanted == job_id else 0)


def before_training(config: RunConfig, status: str) -> None:
    """The network that a training with these settings begins with, and empty curves."""
    _still(replace(_beginning(config, status), ahead=_film_ahead()))


def live(view: JobView) -> None:
    """The run as it waits or goes; each ends with one rerun of the whole page."""
    if view.state is JobState.QUEUED and view.seconds_until_begin > _SOON:
        _waiting(view.job_id)
        _picture(_start_of(view, ""))
    else:
        _learning(view.job_id)


def finished(current: resources.TrainedRun) -> None:
    """The same after the end: the network that was learned, and whole curves."""
    record = current.record
    scene = Scene(
        record.config,
        record.parameters,
        record.history,
        record.timeline,
        share=record.steps_done / record.timeline.n_steps,
        status=_end_in_words(record),
        news=_last_news(current),
        is_over=True,
        epoch=record.kept_epoch,
        n_validation=record.n_validation_images,
        film=films.film_of(current, *_occasion(current.job_id)),
        ahead=_film_ahead(),
    )
    _still(scene)


def _occasion(job_id: str) -> tuple[str, int]:
    """Names the showing of a film that plays by itself, and says from which update on.

    The name is "" where nobody has just asked for the run.
    """
    wanted, begin = st.session_state.get(_FILM_TO_PLAY, ("", 0))
    if wanted != job_id:
        return "", 0
    del st.session_state[_FILM_TO_PLAY]
    st.session_state[_SHOWINGS] = n = st.session_state.get(_SHOWINGS, 0) + 1
    return f"{job_id} {n}", begin


def _end_in_words(record: RunRecord) -> str:
    if record.has_ended_early:
        end = f"Stopped early after epoch {record.epochs_done} of {record.config.training.epochs}"
        return f"{end}, with the network of epoch {record.kept_epoch}"
    end = "Paused" if record.is_stopped else "Trained"
    done = f"{end}: {n_of(record.steps_done, 'update')} in {record.seconds:.1f} s"
    if not record.epochs_done:
        done += ", within the first epoch"
    if present.is_phone():  # in one line, so that the network below is seen
        return done
    return f"{done} with {record.library}, {record.images_per_second:,.0f} images per second"


def _last_news(current: resources.TrainedRun) -> str:
    """What a screen reader says once to a visitor who has waited for the end of a run."""
    if st.session_state.pop(_WATCHED, "") != current.job_id:
        return ""
    record = current.record
    end = "Paused." if record.is_stopped else "Trained."
    shown = accuracies(record.config, record.history, epoch=record.kept_epoch, is_over=True)
    told = (f"{name}: {value}." for name, value in shown.items())
    return " ".join(filter(None, (end, current_run.kept_network(record), *told)))


@st.fragment
def _still(scene: Scene) -> None:
    """A fragment as the one that learns is, so that everything keeps its place when the run ends."""
    _numbers(scene)
    selected = _picture(scene)
    if selected is not None:
        inputs, number, label = _image(scene)
        source = network_panel.test_image_in_words(number, label)
        network_panel.calculation(selected, scene.parameters, inputs, source)


_start: Final = lru_cache(maxsize=16)(initial_parameters)
"""Drawn once for all visitors who look at the same settings."""


def _beginning(config: RunConfig, status: str, news: str = "") -> Scene:
    parameters = _start(config.network, config.training.seed, config.training.initializer)
    return Scene(config, parameters, History.joined(()), timeline_of(config, 1), 0.0, status, news)


def _start_of(view: JobView, status: str, news: str = "") -> Scene:
    """Where a training begins: at random weights, or where the one before has ended."""
    beginning = _beginning(view.config, status, news)
    before = resources.current(view.beginning) if view.beginning else None
    if before is None:
        return beginning
    record, timeline = before.record, view.timeline
    share = record.steps_done / timeline.n_steps
    return replace(
        beginning, parameters=record.parameters, history=record.history, timeline=timeline, share=share
    )


@watching(WAIT_SECONDS)
def _waiting(job_id: str) -> None:
    """When it begins: drawing more than that would hold up those who train."""
    view = resources.engine().view(job_id)
    if view is None or view.state is not JobState.QUEUED:
        st.rerun()
    status = current_run.status(view)
    _numbers(_start_of(view, status, news=status))
    st.session_state[_WATCHED] = job_id


@watching(LIVE_SECONDS)
def _learning(job_id: str) -> None:
    view = resources.engine().view(job_id)
    if view is None or view.state.is_final:
        st.rerun()
    st.session_state[_WATCHED] = job_id
    share, status = current_run.fraction(view), current_run.status(view)
    if _is_short(view):
        play_film_of(job_id)
        scene = replace(_start_of(view, status, _news(view)), share=share, told=_TOO_FAST)
    else:
        st.session_state.pop(_FILM_TO_PLAY, None)  # it is seen as it goes
        scene = Scene(view.config, view.parameters, view.history, view.timeline, share, status, _news(view))
    _numbers(scene)
    _picture(scene)


def _is_short(view: JobView) -> bool:
    """Whether all that is trained takes so little time that its film shows more."""
    seconds = view.progress.seconds + view.progress.seconds_left if view.progress else view.seconds_left
    return seconds < SHORT_SECONDS


def _news(view: JobView) -> str:
    """What a screen reader says of a run: a sentence for each epoch, and not for each step."""
    if view.progress is None:
        return current_run.status(view)
    return f"Training: epoch {view.progress.epoch} of {view.progress.epochs}."


def _numbers(scene: Scene) -> None:
    """How far the training is."""
    with st.container(key="stage_numbers"), announced(scene.news, "run"):
        st.progress(min(1.0, scene.share), text=scene.status)


def _picture(scene: Scene) -> tuple[int, int] | None:
    """Accuracies, curves and the network at work; layer and number of the neuron that is selected."""
    inputs, _, label = _image(scene)
    with st.container(key="stage"):
        return film_view(
            "train_stage",
            parameters=scene.parameters,
            inputs=inputs,
            label=label,
            history=scene.history,
            timeline=scene.timeline,
            borders=borders(scene.config),
            numbers=accuracies(
                scene.config,
                scene.history,
                is_over=scene.is_over,
                epoch=scene.epoch,
                n_validation=scene.n_validation,
            ),
            n_validation=scene.n_validation,
            film=scene.film,
            told=scene.told,
            ahead=scene.ahead,
            height=NETWORK_HEIGHT,
            curve_height=_CURVE_HEIGHT,
            kind=charts.chart_format(),
        )


def _film_ahead() -> FilmFile | None:
    """The film that a press on "Train" would play, if a network with these settings is there."""
    job_id = resources.engine().finished_job_for(choices.run_config().key(resources.dataset().fingerprint))
    current = resources.current(job_id) if job_id else None
    film = films.film_of(current) if current else None
    return film if film and film.url else None  # one that the page brings itself need not be brought twice


def _image(scene: Scene) -> tuple[Float32Array, int, int]:
    """The test image that the predict page shows, prepared for the network; its number, and its digit."""
    images = resources.dataset()
    number = min(int(choices.get("image")), len(images.test_images) - 1)
    inputs = network_inputs(images.test_images[number][None], scene.config.training.preparation)[0]
    return inputs, number, int(images.test_labels[number])


def accuracies(
    config: RunConfig, history: History, *, is_over: bool, epoch: int = 0, n_validation: int = 0
) -> dict[str, str]:
    """The last accuracies, a dash where there is none yet; of the training images those of the last epoch.

    Args:
        config: What is trained.
        history: Of the run.
        is_over: Whether it has ended; until then the training images are those since the last report.
        epoch: Whose accuracies they are, of a run that has ended; said unless it is the last one, as 0 is.
        n_validation: How many images validate, where that is to be said.
    """
    at = f", epoch {epoch}" if 0 < epoch < len(history.training_accuracy) else ""
    images = f", all {n_validation:,} images" if n_validation and not at else ""
    values = history.training_accuracy if is_over else history.curve_accuracy
    of_which = "mean of the epoch" if is_over else last_batches(history)  # as the end of its curve says
    shown = {", ".join(filter(None, (f"Training accuracy{at}", of_which))): values}
    if config.training.validation_share:
        shown = {f"Validation accuracy{images}{at}": history.validation_accuracy} | shown
    return {name: share_text(values[epoch - 1]) if len(values) else "–" for name, values in shown.items()}
