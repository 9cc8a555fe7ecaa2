"""What all visitors share: the dataset, the training engine, evaluations of records.

Nothing here waits for the network or for TensorFlow: the whole of MNIST is fetched in the background and
used from the next page on, and training happens in the engine's own process.
"""

import gc
import hashlib
import logging
import pickle
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any, Final, TypeVar

import plotly.graph_objects as go
import streamlit as st

from dashboard.server.held import held, held_until
from dashboard.session import present
from mnist_core.analysis.evaluation import Evaluation, evaluate_logits, logits_on_test_images
from mnist_core.analysis.reports import DigitReport
from mnist_core.arrays import Float32Array, IndexArray
from mnist_core.bounds import MAX_ANALYSES, MAX_FIGURES, MAX_TEST_PICTURES
from mnist_core.config import CLASSIC
from mnist_core.engine.engine import Engine
from mnist_core.engine.jobs import AnalysisView, JobState, T
from mnist_core.figures.digits import table_pictures
from mnist_core.figures.shown import (
    lowered,
    serialised_once,
    with_larger_text,
    with_legend_above,
    with_legend_inside,
    with_theme,
)
from mnist_core.figures.style import PHONE_HEIGHT, Theme
from mnist_core.images.dataset import DataError, Dataset, load_dataset, load_embedded
from mnist_core.images.download import download_dataset
from mnist_core.images.preparation import network_inputs
from mnist_core.storage import shared_folder
from mnist_core.storage.kept_records import is_named, kept_records
from mnist_core.storage.shared_records import SharedRecords
from mnist_core.sweeps.runner import Sweeps
from mnist_core.training.record import RunRecord

FigureLook = tuple[Theme, float, int, bool]
CLASSIC_VISITOR: Final = "everybody"
CLASSIC_RETRY_SECONDS: Final = 60.0
READ_SECONDS: Final = 5.0
"""For which the first page waits for the files of MNIST; reading them takes half of one."""
_log = logging.getLogger(__name__)
Drawn = TypeVar("Drawn")


class DatasetHolder:
    """The dataset in use, replaced once a better one has been read or fetched; older ones can be looked up.

    Args:
        seconds: How long the files on this machine are waited for. A network drive may never answer; until it
            does, the embedded images are used.
    """

    def __init__(self, seconds: float = READ_SECONDS) -> None:
        self._by_fingerprint: dict[str, Dataset] = {}
        self._is_read = threading.Event()
        threading.Thread(target=self._read, name="read-mnist", daemon=True).start()
        if not self._is_read.wait(seconds):
            slow = f"The files of MNIST on this machine have not answered for {seconds:g} seconds yet."
            _log.warning(slow)
            self._use(replace(load_embedded(), problems=(slow,)), only_if_none=True)

    def find(self, record: RunRecord) -> Dataset:
        """The dataset that a record was trained on; the one in use where that is not there (any more)."""
        return record.images_among(self._by_fingerprint.values()) or self.dataset

    def _use(self, dataset: Dataset, only_if_none: bool = False) -> None:
        if not (only_if_none and self._by_fingerprint):
            self._by_fingerprint[dataset.fingerprint] = self.dataset = dataset

    def _read(self) -> None:
        """Read what is on this machine, then fetch what is not."""
        self._use(load_dataset())
        self._is_read.set()
        if self.dataset.origin.kind == "embedded":
            self._use(self._fetched())

    def _fetched(self) -> Dataset:
        """The whole of MNIST; where it cannot be had, the images in use with a sentence about it."""
        try:
            return download_dataset()
        except DataError as error:
            _log.warning(error)
            return replace(self.dataset, problems=(*self.dataset.problems, str(error)))
        except Exception:
            _log.exception("MNIST could not be fetched")
            return replace(self.dataset, problems=(*self.dataset.problems, "MNIST could not be downloaded."))


@held
def _holder() -> DatasetHolder:
    return DatasetHolder()


@held
def shared_root() -> Path | None:
    """The folder that this server shares with others, if there is one."""
    return shared_folder.shared_root()


@held_until(Engine.close)
def engine() -> Engine:
    """The one training engine of this server.

    All large libraries are imported at this point, so the heap is frozen: Streamlit collects garbage after
    every run of a page, and need not look through the libraries each time.
    """
    root = shared_root()
    started = Engine(shared=kept_records() if root is None or is_named() else SharedRecords(root))
    gc.collect()
    gc.freeze()
    return started


@held
def sweeps() -> Sweeps:
    """The sweeps of this server's engine."""
    return Sweeps(engine())


def dataset() -> Dataset:
    """The images in use."""
    return _holder().dataset


def images() -> Callable[[], Dataset]:
    """A function that returns the images in use, and can be called from any thread."""
    holder = _holder()
    return lambda: holder.dataset


def ensure_classic_network(is_asked: bool = False) -> str:
    """Warm the worker and train the classic network, once.

    Args:
        is_asked: Try again at once if it failed; every page does so by itself, but not at every view.

    Returns:
        Its job.
    """
    images, tried = dataset(), _classic_tries()
    engine().warm(images)
    job_id, begun = tried.get(images.fingerprint, ("", 0.0))
    view = engine().view(job_id)
    has_failed = view is not None and view.state is JobState.FAILED
    if has_failed and not is_asked and monotonic() - begun < CLASSIC_RETRY_SECONDS:
        return job_id
    again = engine().submit(CLASSIC, images, CLASSIC_VISITOR, is_pinned=True)
    if again != job_id:
        tried[images.fingerprint] = again, monotonic()
    return again


@held
def _classic_tries() -> dict[str, tuple[str, float]]:
    """The last job of the classic network, and when it was begun, by the fingerprint of its images."""
    return {}


@dataclass(frozen=True, eq=False)
class TrainedRun:
    """The run that pages show, with the images it was trained on."""

    job_id: str
    record: RunRecord
    dataset: Dataset

    @property
    def evaluation(self) -> Evaluation:
        """The network judged on the test images."""
        return _evaluated(self.job_id, self)

    @property
    def report(self) -> DigitReport:
        """Which digits the network reads as which on the test images."""
        return _reported(self.job_id, self)

    def test_inputs(self, number: int) -> Float32Array:
        """A test image as this run's network is given it, shape (784,)."""
        image = self.dataset.test_images[number]
        inputs: Float32Array = network_inputs(image[None], self.record.config.training.preparation)[0]
        return inputs

    def analysis(self, analyse: Callable[[RunRecord, Dataset], T], visitor: str) -> AnalysisView[T]:
        """What the training process finds out about the run for a visitor; the first call begins it."""
        return engine().analysis(self.job_id, analyse, visitor)


def current(job_id: str) -> TrainedRun | None:
    """A run's record with its images; None while it trains, or when its record was dropped."""
    record = engine().record(job_id)
    if record is None:
        return None
    return TrainedRun(job_id, record, _holder().find(record))


def images_of(job_id: str) -> Dataset:
    """The images that a run was trained on; those in use where its record is not kept."""
    run = current(job_id)
    return dataset() if run is None else run.dataset


def cached_figure(owner: str, name: str, build: Callable[[], go.Figure]) -> go.Figure:
    """A figure drawn once for all visitors who look at it; not to be changed.

    Args:
        owner: What it is a figure of, such as the id of a job, or of several.
        name: Which figure of it.
        build: Draws it.
    """
    return _figure(owner, name, figure_look(), build)


def figure_look() -> FigureLook:
    """What a figure depends on besides its numbers: theme, size of text, pixels of height, room beside it."""
    return theme(), present.figure_scale(), present.most_chart_height(), not present.is_phone()


def with_look(figure: go.Figure, look: FigureLook) -> go.Figure:
    """A figure as pages with such a look show it, in the place of a figure that cannot be changed."""
    theme, scale, most, is_wide = look
    drawn = with_legend_inside(figure) if is_wide else lowered(figure, PHONE_HEIGHT)
    if not is_wide and 0 < (drawn.layout.height or 0) <= PHONE_HEIGHT:
        drawn = with_legend_above(drawn)
    return serialised_once(with_larger_text(with_theme(drawn, theme), scale, most))


def cached_figure_of(draw: Callable[..., go.Figure], *arguments: Any) -> go.Figure:
    """A figure, drawn once for all visitors who look at the same thing; not to be changed.

    Plotly checks every value that it is given, which takes ten times as long as finding the figure here:
    what is drawn is known by the bytes of its arguments.

    Args:
        draw: A function of `mnist_core.figures`.
        *arguments: Of it, small enough to be hashed at each call; for more there is `cached_figure`.
    """
    return cached_figure(_content_key(draw, arguments), "", lambda: draw(*arguments))


def cached_picture_of(draw: Callable[..., Drawn], *arguments: Any) -> Drawn:
    """The same of what is no figure, such as PNGs; the same in both themes and at all sizes.

    Args:
        draw: See `cached_figure_of`.
        *arguments: See `cached_figure_of`.
    """
    drawn: Drawn = _picture(_content_key(draw, arguments), lambda: draw(*arguments))
    return drawn


def test_pictures(images: Dataset, numbers: IndexArray) -> list[str]:
    """Test images as addresses that a table or a page shows, each drawn once for all visitors."""
    return [_test_picture(images.fingerprint, int(number), images) for number in numbers]


def _content_key(draw: Callable[..., Any], arguments: tuple[Any, ...]) -> str:
    content = pickle.dumps((draw.__module__, draw.__qualname__, arguments), protocol=5)
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def theme() -> Theme:
    """Whether the visitor's page is light or dark."""
    return "dark" if st.context.theme.type == "dark" else "light"


@st.cache_resource(show_spinner=False, max_entries=MAX_FIGURES)
def _figure(owner: str, name: str, look: FigureLook, _build: Callable[[], go.Figure]) -> go.Figure:
    return with_look(_build(), look)


@st.cache_resource(show_spinner=False, max_entries=MAX_TEST_PICTURES)
def _test_picture(fingerprint: str, number: int, _images: Dataset) -> str:
    return table_pictures(_images.test_images[[number]])[0]


@st.cache_resource(show_spinner=False, max_entries=MAX_FIGURES)
def _picture(key: str, _build: Callable[[], Any]) -> Any:
    return _build()


@st.cache_resource(show_spinner=False, max_entries=12)
def _evaluated(job_id: str, _current: TrainedRun) -> Evaluation:
    logits = engine().test_logits(job_id)
    if logits is None:  # another server trained it, or many were trained since
        logits = logits_on_test_images(_current.record, _current.dataset)
    return evaluate_logits(logits, _current.dataset.test_labels)


@st.cache_resource(show_spinner=False, max_entries=MAX_ANALYSES)
def _reported(job_id: str, _current: TrainedRun) -> DigitReport:
    return _current.evaluation.report
