"""A square that a session draws in, kept apart from its element, which ends with its page."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

import streamlit as st

from dashboard.components.canvas import strokes_of
from dashboard.session import visits
from mnist_core.images.drawing import DrawingError, Stroke


@dataclass
class Pad:
    """What a session has drawn; the visit keeps the strokes, also over a reload.

    Attributes:
        visit: The visit's name.
        strokes: On the canvas.
        revision: Grows when the strokes were changed by the server, so that the browser takes them.
        problem: A sentence about the last thing the canvas sent, if it was refused.
    """

    FIELD: ClassVar[Literal["strokes", "painted"]]
    """Where the visit keeps the strokes."""

    visit: str
    strokes: tuple[Stroke, ...]
    revision: int = 0
    problem: str = ""

    @classmethod
    def of_session(cls) -> Self:
        """The one of this session."""
        visit, key = visits.current_visit(), f"pad_{cls.FIELD}"
        pad: Self | None = st.session_state.get(key)
        if pad is None or pad.visit != visit.name:  # a new session, or one whose visit was found again
            revision = 0 if pad is None else pad.revision + 1
            pad = st.session_state[key] = cls(visit.name, getattr(visit, cls.FIELD), revision)
        return pad

    def receive(self, sent: Any) -> None:
        """Take what the canvas sent; what is no drawing leaves the one before, here and in the browser."""
        try:
            self.keep(strokes_of(sent))
        except DrawingError as error:
            self.problem = str(error)
            self.revision += 1

    def keep(self, strokes: tuple[Stroke, ...]) -> None:
        """Have other strokes, here and in the visit."""
        self.strokes, self.problem = strokes, ""
        setattr(visits.current_visit(), self.FIELD, strokes)


class Painting(Pad):
    """The weights that a session has painted."""

    FIELD = "painted"
