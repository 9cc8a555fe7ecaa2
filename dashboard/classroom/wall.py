"""The class's own test set, as its host sees it: a wall of drawings, and a network judged on them."""

from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from dashboard.classroom import class_hand, membership
from dashboard.components.wall import Tile, sprite, wall
from dashboard.elements.prose import read_lesson
from dashboard.session import present, resources
from dashboard.widgets import charts, current_run, text_elements
from dashboard.widgets.beside import in_order
from dashboard.widgets.controls import PERSIST, primary_button
from mnist_core.analysis.evaluation import Evaluation, evaluate
from mnist_core.classroom.class_test_set import to_npz
from mnist_core.classroom.room import Room
from mnist_core.classroom.walls import Asked, Drawing, WallView
from mnist_core.config import N_DIGITS
from mnist_core.figures.digits import framed
from mnist_core.figures.lab.evaluation import confusion_figure
from mnist_core.figures.style import share_text, with_article

LIVE_SECONDS: Final = 1.0
VERDICT, HAND = "What the network makes of it", "The class’s hand"
PARTS: Final = {VERDICT: ":material/fact_check:", HAND: ":material/school:"}
SHOWN: Final = 400
"""Drawings shown on the wall, the latest; more are neither legible nor quick to send."""
_DRAWINGS: Final = 0.45
"""The share of the width that drawings have, beside their confusion matrix."""


def host_wall(room: Room, current: resources.TrainedRun, when_empty: Callable[[], None]) -> None:
    """Ask for digits, watch the wall grow, and judge the network on it.

    Args:
        room: The class.
        current: The run whose network is judged.
        when_empty: Draws what stands in the place of the wall before the first drawing.
    """
    prose, view = read_lesson("lecture", "classroom"), room.wall.view()
    if view.asked is None:
        st.markdown(prose["the wall"])
    with st.container(horizontal=True, vertical_alignment="center"):
        options: list[Asked] = ["each", *range(N_DIGITS)]
        look: dict[str, Any] = {"format_func": _in_words, "key": "wall_asked", "width": 360, **PERSIST}
        asked = st.selectbox("Everybody draws", options, label_visibility="collapsed", **look)
        label = "Ask for it" if view.asked is None else "Ask for more"
        primary_button(label, ":material/draw:", "wall_ask", on_click=room.ask_for_drawings, args=(asked,))
    if view.asked is not None:
        st.fragment(_wall, run_every=LIVE_SECONDS if view.is_open else None)(current, when_empty)
    else:
        when_empty()


def _in_words(asked: Asked) -> str:
    return f"Everybody draws a {'different digit' if asked == 'each' else asked}"


def _wall(current: resources.TrainedRun, when_empty: Callable[[], None]) -> None:
    """The drawings with the buttons for them, and once they are judged beside them what came of it."""
    room = membership.hosted_room()
    if room is None:
        st.rerun()
    view = room.wall.view()
    judged = _judged(room, view, current) if view.drawings and view.is_judged else None
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"## {_headline(view, judged)}", width="content")
        part = _part() if judged is not None else None
    if not view.drawings:
        when_empty()
        return
    if judged is None:
        _drawings(room, view, current, None)
        return
    room.wall.show_readings(_readings(view, judged))  # the current run may have changed
    drawings, judgement = in_order(_DRAWINGS)
    with drawings:
        _drawings(room, view, current, judged)
    with judgement:
        if part == VERDICT:
            _matrix(room, view, current, judged)
        else:
            class_hand.host_hand(view, current)
    if part == VERDICT:
        _numbers(view, current, judged)


def _drawings(room: Room, view: WallView, current: resources.TrainedRun, judged: Evaluation | None) -> None:
    """The wall with the buttons for it; one that is judged scrolls, with its judgement beside it."""
    with st.container(key=None if judged is None else "wall_judged"):
        picked = _tiles(room, view, judged)
    _buttons(room, view, current)
    _picked(room, picked, is_told=judged is None)


def _part() -> str:
    """What is shown beside a wall that is judged."""
    return text_elements.part_of_page("Show", PARTS, "wall_part", is_labelled=False)


def _headline(view: WallView, judged: Evaluation | None) -> str:
    """How many drawings there are, what was asked for, and which share of them the network has read."""
    n = len(view.drawings)
    parts = [f"{n} drawing{'' if n == 1 else 's'}"]
    if judged is not None:
        parts.append(f"{share_text(judged.accuracy)} read correctly")
    if view.asked is not None:
        words = _in_words(view.asked)
        parts.append(words[0].lower() + words[1:] if view.is_open else "no more are taken")
    return " · ".join(parts)


def _tiles(room: Room, view: WallView, judged: Evaluation | None) -> int | None:
    """The wall itself; the number of the drawing that is picked."""
    drawings = view.drawings[-SHOWN:]
    if len(drawings) < len(view.drawings):
        st.caption(f"The latest {SHOWN} of {len(view.drawings):,}.")
    address = room.cached(("sprite", view.revision), lambda: sprite(view.images[-SHOWN:]))
    readings = _readings(view, judged) if judged else {}
    tiles = [_tile(drawing, readings.get(drawing.number)) for drawing in drawings]
    return wall(address, tiles, key="class_wall")


def _tile(drawing: Drawing, reading: int | None) -> Tile:
    if reading is None:
        return Tile(drawing.number, "", f"A drawing, asked for as {with_article(drawing.digit)}")
    alt = f"A drawing, asked for as {with_article(drawing.digit)}, read as {with_article(reading)}"
    return Tile(drawing.number, f"{drawing.digit} → {reading}", alt, drawing.digit == reading)


def _picked(room: Room, number: int | None, is_told: bool) -> None:
    """The buttons for the picked drawing and for the member who drew it.

    Args:
        room: Whose wall it is.
        number: Of the drawing; None for none.
        is_told: Whether it is said what picking one is for; what was judged has that room.
    """
    prose = read_lesson("lecture", "classroom")
    drew = "" if number is None else room.wall.member_who_drew(number)
    if number is None or not drew:
        if is_told:
            st.caption(prose["pick one"])
        return
    with st.container(horizontal=True):
        if st.button("Take the picked drawing down", icon=":material/delete:", key="wall_remove"):
            room.wall.remove(number)
            st.rerun()
        with st.popover("The person who drew this", icon=":material/person:"):
            st.markdown(prose["the person who drew this"].format(n=len(room.wall.drawings_by(drew))))
            if st.button(
                "Take down all of these drawings", icon=":material/delete:", key="wall_remove_member"
            ):
                room.wall.remove_all_of(drew)
                st.rerun()
            if st.button("Put this person out", icon=":material/block:", key="wall_put_out"):
                room.put_out(drew)
                membership.rooms().renew_code(room.host)
                st.rerun()


def _buttons(room: Room, view: WallView, current: resources.TrainedRun) -> None:
    with st.container(horizontal=True):
        if not view.is_judged and primary_button(
            "Judge the network on them", ":material/fact_check:", "wall_judge"
        ):
            room.wall.show_readings(_readings(view, _judged(room, view, current)))
            st.rerun()
        if view.is_open and st.button("Take no more", icon=":material/stop:", key="wall_stop"):
            room.wall.stop()
            st.rerun()
        with st.popover("Empty the wall", icon=":material/delete_sweep:"):
            st.markdown(read_lesson("lecture", "classroom")["empty the wall"])
            if primary_button("Take all down", None, "wall_remove_all"):
                room.wall.remove_all()
                st.rerun()
        st.download_button(
            "Download as .npz",
            lambda: to_npz(view.images, view.labels),
            "class-digits.npz",
            "application/octet-stream",
            icon=":material/download:",
            key="wall_download",
            on_click="ignore",
        )


def _judged(room: Room, view: WallView, current: resources.TrainedRun) -> Evaluation:
    """The current run's network on the drawings; counted again only when one of the two has changed."""
    record = current.record
    places = tuple(drawing.number for drawing in view.drawings)

    def build() -> Evaluation:
        return evaluate(record.parameters, view.images, view.labels, record.config.training.preparation)

    return room.cached(("judged", places, current.job_id), build)


def _readings(view: WallView, judged: Evaluation) -> dict[int, int]:
    """The number of each drawing with the digit read."""
    numbers = (drawing.number for drawing in view.drawings)
    return dict(zip(numbers, judged.predictions.tolist(), strict=True))


def _matrix(room: Room, view: WallView, current: resources.TrainedRun, judged: Evaluation) -> None:
    places, look = tuple(drawing.number for drawing in view.drawings), resources.figure_look()
    figure = room.cached(
        ("matrix", places, current.job_id, look),
        lambda: resources.with_look(confusion_figure(judged.report), look),
    )
    charts.chart(figure, "class_confusion", height="stretch")


def _numbers(view: WallView, current: resources.TrainedRun, judged: Evaluation) -> None:
    """Accuracy with its interval, and the drawings misread."""
    prose = read_lesson("lecture", "classroom")
    current_run.run_caption(current)
    numbers, misread = in_order(_DRAWINGS)
    with numbers:
        if taught := class_hand.taught_in_words(current, view):
            st.info(taught, icon=":material/school:")
        low, high = 100 * judged.interval.low, 100 * judged.interval.high
        text_elements.metrics(
            {
                "Accuracy on the class's digits": share_text(judged.accuracy),
                "95% interval": f"{low:.1f} – {high:.1f}%",
                f"Misread, of {judged.n_images:,}": f"{len(judged.mistakes):,}",
                "On the usual test images": share_text(current.evaluation.accuracy),
            }
        )
        st.markdown(prose["not a sample"])
    with misread:
        st.markdown("**Misread, the most confident mistakes first**")
        _mistakes(view, judged)


def _mistakes(view: WallView, judged: Evaluation) -> None:
    if not len(judged.mistakes):
        st.success("The network misread none of them.", icon=":material/check_circle:")
        return
    shown = judged.mistakes[:40]
    pairs = [(view.drawings[i].digit, int(judged.predictions[i])) for i in shown]
    st.image(
        [framed(view.drawings[i].image) for i in shown],
        caption=[f"{digit} → {reading}" for digit, reading in pairs],
        width=present.scaled(84),
        alt=[
            f"Asked for as {with_article(digit)}, read as {with_article(reading)}" for digit, reading in pairs
        ],
    )
