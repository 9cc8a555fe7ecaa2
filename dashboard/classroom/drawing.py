"""A digit that a class was asked for, on a phone: the square to draw it in, and what was handed in."""

from collections.abc import Hashable
from typing import Any, Final

import streamlit as st

from dashboard.classroom import membership
from dashboard.components.canvas import canvas, strokes_of
from dashboard.elements.live_region import announced
from dashboard.elements.prose import read_lesson
from dashboard.widgets.controls import primary_button
from mnist_core.classroom.room import Room
from mnist_core.classroom.walls import Drawing, WallError
from mnist_core.figures.digits import framed
from mnist_core.images.drawing import DrawingError, Stroke, prepare_like_mnist, render

_SHEET: Final = "class_sheet"
_CANVAS: Final = "class_canvas"


def shown_to(room: Room, member: str) -> Hashable:
    """What `draw` depends on, for a member."""
    own = [(drawing.number, drawing.reading) for drawing in room.wall.drawings_by(member)]
    return room.wall.requested_digit(member), room.wall.is_open, room.wall.n_asked, tuple(own)


def draw(room: Room) -> None:
    """The square to draw the wanted digit in, what was handed in, and what became of it."""
    prose, wanted = read_lesson("lecture", "join"), room.wall.requested_digit(membership.member())
    own = room.wall.drawings_by(membership.member())
    if wanted is None:
        st.info(prose["all drawn" if room.wall.is_open else "no drawing"], icon=":material/check:")
    else:
        with announced(f"Draw a {wanted}.", "class"):
            st.markdown(f"## Draw a {wanted}")
        _sheet(room, wanted)
    _handed_in(own)


def _sheet(room: Room, digit: int) -> None:
    """The square, empty for each digit that is asked for, and the button that hands it in.

    What is drawn stays when the same digit is asked for again; why it was refused does not.
    """
    sheet: dict[str, Any] = st.session_state.setdefault(
        _SHEET, {"revision": 0, "asked": None, "refusal": None}
    )
    if sheet["asked"] != (room.name, digit):
        revision = sheet["revision"] + 1
        sheet |= {"asked": (room.name, digit), "strokes": (), "revision": revision, "begun": revision}

    def refuse(error: Exception) -> None:
        sheet["refusal"] = room.name, room.wall.n_asked, str(error)

    def received(sent: Any) -> None:
        try:
            sheet["strokes"] = strokes_of(sent)
            sheet["refusal"] = None
        except DrawingError as error:
            refuse(error)
            sheet["revision"] += 1

    def hand_in() -> None:
        prepared = prepare_like_mnist(render(sheet["strokes"]))
        if prepared is None:
            return
        try:
            room.wall.add(membership.member(), digit, prepared.image)
        except WallError as error:
            refuse(error)
            return
        sheet.update(strokes=(), revision=sheet["revision"] + 1, refusal=None)

    strokes: tuple[Stroke, ...] = sheet["strokes"]
    hint = f"Draw a {digit} here"
    canvas(strokes, sheet["revision"], sheet["begun"], key=_CANVAS, on_change=received, hint=hint)
    primary_button(
        f"Hand in my {digit}",
        ":material/send:",
        "class_hand_in",
        disabled=not strokes,
        on_click=hand_in,
        width="stretch",
    )
    match sheet["refusal"]:
        case (room.name, room.wall.n_asked, sentence):
            st.warning(sentence, icon=":material/block:")


def _handed_in(own: tuple[Drawing, ...]) -> None:
    """A member's drawings as the network is given them, and what it read once that is shown."""
    if not own:
        return
    prose = read_lesson("lecture", "join")
    st.markdown(prose["handed in"])
    captions = [_caption(drawing) for drawing in own]
    alts = [f"Your {drawing.digit}, as the network is given it." for drawing in own]
    st.image([framed(drawing.image) for drawing in own], caption=captions, width=84, alt=alts)
    if any(drawing.reading is not None for drawing in own):
        st.caption(prose["readings"])


def _caption(drawing: Drawing) -> str:
    return f"{drawing.digit}" if drawing.reading is None else f"{drawing.digit} → {drawing.reading}"
