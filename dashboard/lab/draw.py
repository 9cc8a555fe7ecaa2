"""What a visitor has drawn or photographed, and what is made of it."""

import hashlib
import random
import time
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard.elements.untrusted import content_of
from dashboard.lab.photograph import ReadPhotograph
from dashboard.session import resources
from dashboard.session.pads import Pad
from mnist_core.analysis.neighbours import Neighbours, hidden_places, nearest_in_hidden, nearest_in_pixels
from mnist_core.arrays import ByteArray
from mnist_core.config import N_DIGITS
from mnist_core.figures.lab.drawing import Picture, step_pictures
from mnist_core.images.drawing import Prepared, render
from mnist_core.images.photograph_files import PhotographError
from mnist_core.images.photographs import read_photograph
from mnist_core.images.sample_drawings import sample

DrawingSource = Literal["canvas", "file", "camera"]
_PAUSE: Final = 0.03  # seconds


@dataclass
class SessionDrawing(Pad):
    """What a session has drawn and photographed.

    Attributes:
        sample: The digit that was last drawn for the visitor.
        photographs: What each source of photographs gave; a sentence where it could not be read.
    """

    FIELD = "strokes"

    sample: int | None = None
    photographs: dict[DrawingSource, ReadPhotograph | str] = field(default_factory=dict)

    def draw_sample(self) -> None:
        """Put a digit onto the canvas, another one than last time."""
        self.sample = random.choice([digit for digit in range(N_DIGITS) if digit != self.sample])
        self.keep(sample(self.sample))
        self.revision += 1

    def read_file(self, source: DrawingSource, file: Any) -> None:
        """Read an uploaded file; None forgets the one before."""
        self.photographs.pop(source, None)
        content = content_of(file)
        if content is not None:
            try:
                self.photographs[source] = ReadPhotograph(read_photograph(content))
            except PhotographError as error:
                self.photographs[source] = str(error)

    def picture(self, source: DrawingSource) -> ByteArray | None:
        """The ink of a source, uint8 (h, w); None if there is none."""
        if source == "canvas":
            return render(self.strokes) if self.strokes else None
        read = self.read(source)
        return None if read is None else read.ink

    def read(self, source: DrawingSource) -> ReadPhotograph | None:
        """What a source of photographs gave; None for nothing, or for a file that could not be read."""
        read = self.photographs.get(source)
        return read if isinstance(read, ReadPhotograph) else None


def yield_to_sender() -> None:
    """Let the server's own thread send the bars before the rest of the page is computed.

    Without the pause both want the interpreter at once, and the bars change 25 ms later (`benchmarks.pen`).
    """
    time.sleep(_PAUSE)


def steps(prepared: Prepared, is_plain: bool, gray: ByteArray | None) -> dict[str, Picture]:
    """The pictures of `figures.lab.drawing.step_pictures`, drawn once while the drawing stays."""
    content = hashlib.blake2b(repr(prepared.picture.shape).encode())
    for pixels in (prepared.picture, gray):
        content.update(b"" if pixels is None else pixels.tobytes())
    return _steps(content.digest(), is_plain, prepared, gray)


def nearest(current: resources.TrainedRun, image: ByteArray) -> tuple[Neighbours, Neighbours]:
    """The training images nearest to an image, in pixels and in the hidden layer.

    Args:
        current: The run, its numbers finite.
        image: uint8 (28, 28).
    """
    return _nearest(current.job_id, image.tobytes(), current, image)


@st.cache_resource(show_spinner=False, max_entries=60)
def _steps(
    content: bytes, is_plain: bool, _prepared: Prepared, _gray: ByteArray | None
) -> dict[str, Picture]:
    return step_pictures(_prepared, is_plain, _gray)


@st.cache_resource(show_spinner=False, max_entries=200)
def _nearest(
    job_id: str, content: bytes, _current: resources.TrainedRun, _image: ByteArray
) -> tuple[Neighbours, Neighbours]:
    images, labels = _current.dataset.train_images, _current.dataset.train_labels
    parameters, preparation = _current.record.parameters, _current.record.config.training.preparation
    places = _places(job_id, _current)
    in_hidden = nearest_in_hidden(parameters, places, images, labels, _image, preparation)
    return nearest_in_pixels(images, labels, _image), in_hidden


@st.cache_resource(show_spinner=False, max_entries=3)
def _places(job_id: str, _current: resources.TrainedRun) -> NDArray[np.float16]:
    """Where the hidden layer puts each training image: 4 MB a run with 32 units, 31 MB with 256."""
    training = _current.record.config.training
    return hidden_places(_current.record.parameters, _current.dataset.train_images, training.preparation)
