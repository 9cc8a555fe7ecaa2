"""A digit that a class was asked for, on a phone: the square to draw it in, and what was handed in."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import streamlit as st

from dashboard.classroom import membership
from dashboard.components.canvas import canvas, strokes_of
from dashboard.elements.live_region import announced
from dashboard.elements.prose import read_lesson
from dashboard.widgets.controls import primary_button
from mnist_core.classroom.room import Room
from mnist_core.classroom.walls import Drawing, WallError
from mnist_core.figures.digits import table_pictures
from mnist_core.figures.style import MUTED, RIGHT, WRONG, with_article
from mnist_core.images.drawing import DrawingError, Stroke, prepare_like_mnist, render

_SHEET: Final = "class_sheet"
_CANVAS: Final = "class_canvas"
_PER_ROW: Final = 10
"""Drawings in a row, one of each digit; on a phone there are fewer."""


@dataclass
class Sheet:
    """The square of a session, empty for each digit that is asked for.

    What is drawn stays when the same digit is asked for again; why it was refused does not.

    Attributes:
        asked: The class and the digit it is for.
        strokes: What is drawn.
        revision: Grows when the strokes were changed by the server, so that the browser takes them.
        begun: The revision at which it was empty.
        refusal: The class, how often it had been asked to draw, and why a drawing was refused then.
    """

    asked: tuple[str, int] | None = None
    strokes: tuple[Stroke, ...] = ()
    revision: int = 0
    begun: int = 0
    refusal: tuple[str, int, str] | None = None

    def begin(self, room: Room, digit: int) -> None:
        """Empty the square where it was for another digit or class."""
        if self.asked != (room.name, digit):
            self.asked, self.strokes = (room.name, digit), ()
            self.begun = self.revision = self.revision + 1

    def receive(self, room: Room, sent: Any) -> None:
        """Take what the canvas sent; what is no drawing leaves the one before, here and in the browser."""
        try:
            self.strokes, self.refusal = strokes_of(sent), None
        except DrawingError as error:
            self._refuse(room, error)
            self.revision += 1

    def hand_in(self, room: Room, digit: int) -> None:
        """Put the drawing on the class's wall."""
        prepared = prepare_like_mnist(render(self.strokes))
        if prepared is None:
            return
        try:
            room.wall.add(membership.member_id(), digit, prepared.image)
        except WallError as error:
            self._refuse(room, error)
        else:
            self.strokes, self.refusal = (), None
            self.revision += 1

    def _refuse(self, room: Room, error: Exception) -> None:
        self.refusal = room.name, room.wall.n_asked, str(error)


def shown_to(room: Room, member: str) -> Hashable:
    """What `draw` depends on, for a member."""
    own = [(drawing.number, drawing.reading) for drawing in room.wall.drawings_by(member)]
    return room.wall.requested_digit(member), room.wall.is_open, room.wall.n_asked, tuple(own)


def draw(room: Room) -> None:
    """The square to draw the requested digit in, what was handed in, and what became of it."""
    prose, requested = read_lesson("lecture", "join"), room.wall.requested_digit(membership.member_id())
    own = room.wall.drawings_by(membership.member_id())
    if requested is None:
        st.info(prose["all drawn" if room.wall.is_open else "no drawing"], icon=":material/check:")
    else:
        with announced(f"Draw a {requested}.", "class"):
            st.markdown(f"## Draw a {requested}")
        _sheet(room, requested)
    _handed_in(own)


def _sheet(room: Room, digit: int) -> None:
    """The square, and the button that hands in what is drawn there."""
    sheet: Sheet = st.session_state.setdefault(_SHEET, Sheet())
    sheet.begin(room, digit)
    canvas(
        sheet.strokes,
        sheet.revision,
        sheet.begun,
        key=_CANVAS,
        on_change=lambda sent: sheet.receive(room, sent),
        hint=f"Draw {with_article(digit)} here",
    )
    is_empty, hand_in = not sheet.strokes, sheet.hand_in
    label, icon, key = f"Hand in my {digit}", ":material/send:", "class_hand_in"
    look: dict[str, Any] = {"on_click": hand_in, "args": (room, digit), "width": "stretch"}
    with st.container(key="main_actions_class"):
        primary_button(label, icon, key, disabled=is_empty, **look)
    match sheet.refusal:
        case (room.name, room.wall.n_asked, sentence):
            st.warning(sentence, icon=":material/block:")


def _handed_in(own: tuple[Drawing, ...]) -> None:
    """A member's drawings as the network is given them, and what it read once that is shown."""
    if not own:
        return
    prose = read_lesson("lecture", "join")
    st.markdown(prose["handed in"])
    pictures = table_pictures(np.stack([drawing.image for drawing in own]))
    cards = map(_card, own, pictures)
    st.html(f'<div class="contact-sheet" style="--per-row: {_PER_ROW}">{"".join(cards)}</div>')
    if any(drawing.reading is not None for drawing in own):
        st.caption(prose["readings"])


def _card(drawing: Drawing, picture: str) -> str:
    """A drawing as the lecturer's wall shows it: framed as right or wrong once its reading is shown."""
    digit, reading = drawing.digit, drawing.reading
    told, color, words = f"Your {digit}, as the network is given it", MUTED, f"{digit}"
    if reading is not None:
        told, color = f"{told}: read as {with_article(reading)}", RIGHT if reading == digit else WRONG
        words = f"{digit} → {reading}" if reading == digit else f"<b>{digit} → {reading}</b>"
    look = f"border: 3px solid {color}; border-radius: 6px"
    return (
        f'<figure><img src="{picture}" alt="{told}." style="{look}">'
        f'<figcaption style="text-align: center; font-size: 0.95rem">{words}</figcaption></figure>'
    )
