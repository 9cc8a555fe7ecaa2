"""A photograph on the draw page: what was found in it, which digit is read, the frame that corrects both."""

from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import Any, Final
from urllib.parse import urlsplit

import streamlit as st

from dashboard.components.photo_frame import choice_of, photo_frame
from dashboard.elements.prose import Lesson
from dashboard.elements.untrusted import content_of
from dashboard.lecture.addresses import is_local
from dashboard.widgets import text_elements
from mnist_core.arrays import ByteArray
from mnist_core.figures.lab.photographs import marked_photograph
from mnist_core.images.photograph_files import PhotographError
from mnist_core.images.photographs import Frame, Photograph, read_photograph

CROWDED: Final = 5
"""Things of a digit's size, from which on a photograph may show a line of print."""
LEAST_TURN: Final = 1.0
"""Degrees from which on it is said that a digit was turned back."""
_revisions: Final = count(1)


@dataclass
class ReadPhotograph:
    """A photograph that a session has uploaded.

    Attributes:
        photograph: What was found in it.
        chosen: The place of the digit that is read.
        frame: Where the visitor has said that the digit is; None for where it was found.
        revision: Another number for each photograph, and whenever the server changed the frames, so that
            the browser takes them.
        problem: A sentence about the last frame, if nothing was found inside it.
        is_picked: Whether the visitor has said which digit is to be read.
    """

    photograph: Photograph
    chosen: int = field(init=False)
    frame: Frame | None = None
    revision: int = field(default_factory=lambda: next(_revisions))
    problem: str = ""
    is_picked: bool = False

    def __post_init__(self) -> None:
        self.chosen = self.photograph.best

    @property
    def ink(self) -> ByteArray:
        """Of the digit that is read, uint8 (560, 560)."""
        return self.photograph.digits[self.chosen].ink

    @property
    def gray(self) -> ByteArray:
        """The whole picture, uint8 (h, w)."""
        return self.photograph.gray

    @property
    def is_crowded(self) -> bool:
        """Whether there are as many signs as in a line of print, and the visitor has picked none of them."""
        return self.photograph.n_found >= CROWDED and not self.is_picked

    @property
    def frames(self) -> list[Frame]:
        """Around each digit, or the visitor's one."""
        return [digit.frame for digit in self.photograph.digits] if self.frame is None else [self.frame]

    @cached_property
    def marked(self) -> str:
        """The picture with what was found, as an address."""
        return marked_photograph(self.photograph)

    def choose(self, sent: Any, file: Any) -> None:
        """Take what the browser sent: another digit, or a frame in which the file is read again."""
        choice = choice_of(sent, len(self.photograph.digits))
        if isinstance(choice, tuple):
            self.read_again(file, choice)
            return
        self.revision = next(_revisions)
        if choice is not None:
            self.chosen, self.problem, self.is_picked = choice, "", True

    def read_again(self, file: Any, frame: Frame | None) -> None:
        """Read the file inside a frame, or all of it; where nothing is found all stays, which is said."""
        content = content_of(file)
        if content is None:
            return
        try:
            self.photograph = read_photograph(content, frame)
        except PhotographError as error:
            self.problem = str(error)
        else:
            self.__dict__.pop("marked", None)
            self.chosen, self.frame, self.problem = self.photograph.best, frame, ""
            self.is_picked = frame is not None
            if frame is None:  # else the browser knows its own frame, and may be further by now
                self.revision = next(_revisions)


def show_found(read: ReadPhotograph, key: str, lesson: Lesson) -> None:
    """The photograph with its frames, and a sentence on what was found.

    Args:
        read: The photograph.
        key: Of the control that took it, whose file is read again.
        lesson: The page's text.
    """
    photograph = read.photograph

    def file() -> Any:
        return st.session_state.get(key)

    photo_frame(
        read.marked,
        lesson["photograph alt"],
        read.frames,
        min(read.chosen, len(read.frames) - 1),
        read.revision,
        key=f"{key}_frame",
        on_change=lambda sent: read.choose(sent, file()),
    )
    if read.problem:
        st.warning(read.problem, icon=":material/crop_free:")
    sentences = [lesson["dark on light" if photograph.is_dark_on_light else "light on dark"]]
    if photograph.n_found > 1:
        several = [lesson["several digits"].format(n=photograph.n_found)]
        if photograph.n_found > len(photograph.digits):
            several.append(lesson["more digits"].format(n=len(photograph.digits)))
        sentences = [*several, *sentences]
    if photograph.lines.any():
        sentences.append(lesson["lines removed"])
    turn = photograph.digits[min(read.chosen, len(photograph.digits) - 1)].turn
    if abs(turn) >= LEAST_TURN:
        way = "down" if turn > 0 else "up"
        sentences.append(lesson["turned back"].format(degrees=f"{abs(turn):.0f}", way=way))
    sentences.append(lesson["frame"])
    text_elements.note(" ".join(sentences))
    if read.frame is not None:
        st.button(
            "Look for the digit again", on_click=lambda: read.read_again(file(), None), key=f"{key}_again"
        )


def can_use_camera() -> bool:
    """Whether the browser lets a page use its camera: only over https, or on the server's own machine."""
    parts = urlsplit(st.context.url or "")
    return parts.scheme in ("", "https") or is_local(parts.hostname or "")
