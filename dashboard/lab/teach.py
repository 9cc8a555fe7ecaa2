"""A visitor's own digits on the draw page: kept with their right labels, shown as walls, changed, filed."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Final, Literal

import numpy as np
import streamlit as st

from dashboard.components.wall import Tile, sprite, wall
from dashboard.elements.prose import read_lesson
from dashboard.elements.untrusted import content_of, escape_markdown, is_whole
from dashboard.lab.draw import SessionDrawing
from dashboard.session import resources, visits
from dashboard.widgets import taught, text_elements
from mnist_core.arrays import ByteArray
from mnist_core.bounds import MAX_OWN_DIGITS, MAX_OWN_FILE_BYTES
from mnist_core.config import N_DIGITS
from mnist_core.figures.style import article
from mnist_core.images import own_digits
from mnist_core.images.drawing import Stroke
from mnist_core.images.own_digits import OwnDigit, OwnDigits, OwnDigitsError, images_of
from mnist_core.images.own_digits_file import read_npz, to_npz
from mnist_core.images.preparation import network_inputs

_BEFORE, _PROBLEM, _UPLOAD = "own_digits_before", "own_digits_problem", "own_digits_upload"
_PARTS: Final = {"teach": False, "test": True}
"""The two walls, and whether the images on them test."""
_CHANGED: Final = "own_digits_changed"
"""The session's key for whether the rest of the page has yet to show a change."""


def correction(image: ByteArray, reading: int, strokes: Sequence[Stroke]) -> None:
    """Keep an image with its right label.

    Args:
        image: As the network is given it, uint8 (28, 28).
        reading: The digit that the network reads.
        strokes: How it was drawn; none for a photograph.
    """
    if st.session_state.pop(_CHANGED, False):
        st.rerun()
    pixels = image.tobytes()
    kept = next((digit for digit in _kept() if digit.pixels == pixels), None)
    current = reading if kept is None else kept.label
    key = f"own_label_{current}_{kept is None}"

    def keep() -> None:
        label = st.session_state.get(key)
        if is_whole(label, N_DIGITS):
            _change(lambda digits: own_digits.add(digits, image, label, strokes), "pen")

    def keep_as_read() -> None:
        _change(lambda digits: own_digits.add(digits, image, reading, strokes), "pen")

    others = [digit for digit in range(N_DIGITS) if digit != current]
    if kept is None:
        label = "That was wrong, it is a"
    else:
        part = "tests" if kept.is_test else "teaches"
        label = f"Kept as {article(current)} {current}; it {part}. No, it is a"
    with st.container(horizontal=True, vertical_alignment="bottom", key="own_correction"):
        st.pills(label, others, key=key, on_change=keep, width="content")
        if kept is None:
            st.button(f"Right: keep this {reading}", key="own_right", on_click=keep_as_read, type="tertiary")
    _show_problem("pen")


@st.fragment
def panel(current: resources.TrainedRun) -> None:
    """The visit's own digits, and training on them."""
    if st.session_state.pop(_CHANGED, False):
        st.rerun()
    lesson, kept = read_lesson("lab", "teach"), _kept()
    st.header(lesson.title)
    st.markdown(lesson["rule"].format(most=MAX_OWN_DIGITS) if kept else lesson["empty"])
    if kept:
        readings = _readings(current, kept)
        for column, (part, is_test) in zip(st.columns(2, gap="medium"), _PARTS.items(), strict=True):
            with column.container(key=f"own_wall_{part}"):
                _wall(part, tuple(digit for digit in kept if digit.is_test is is_test), readings)
    _files(kept)
    if kept:
        taught.training(current, kept)
    taught.outcome(current)


def _kept() -> OwnDigits:
    return visits.current_visit().own_digits


def _change(change: Callable[[OwnDigits], OwnDigits], place: Literal["pen", "wall"] = "wall") -> None:
    """Change the visit's digits, so that it can be undone; or say why not, at a place of the page."""
    visit = visits.current_visit()
    try:
        changed = change(visit.own_digits)
    except OwnDigitsError as error:
        st.session_state[_PROBLEM] = place, str(error)
        return
    if changed != visit.own_digits:
        st.session_state[_BEFORE], visit.own_digits = (visit.name, visit.own_digits), changed
    st.session_state[_PROBLEM], st.session_state[_CHANGED] = None, True


def _undo() -> None:
    name, before = st.session_state.pop(_BEFORE, ("", ()))
    visit = visits.current_visit()
    if name == visit.name:
        visit.own_digits, st.session_state[_CHANGED] = before, True


def _show_problem(place: Literal["pen", "wall"]) -> None:
    where, problem = st.session_state.get(_PROBLEM) or ("", "")
    if where == place:
        st.warning(escape_markdown(problem), icon=":material/block:")


def _readings(current: resources.TrainedRun, digits: OwnDigits) -> dict[int, int]:
    """What the run shown reads, by the numbers of the images."""
    record = current.record
    with np.errstate(all="ignore"):  # weights that grew without bound
        inputs = network_inputs(images_of(digits), record.config.training.preparation)
        read = record.parameters.logits(inputs).argmax(axis=1)
    return dict(zip((digit.number for digit in digits), read.tolist(), strict=True))


def _wall(part: str, digits: OwnDigits, readings: dict[int, int]) -> None:
    """The images of one part, and what can be done with the one that is picked."""
    lesson = read_lesson("lab", "teach")
    n_right = sum(readings[digit.number] == digit.label for digit in digits)
    right = f" · {n_right} read correctly" if digits else ""
    st.markdown(f"**{lesson[part]}: {len(digits)}{right}**")
    if not digits:
        text_elements.note(lesson["no test" if part == "test" else "no teacher"])
        return
    picked = wall(
        _sprite(hashlib.blake2b(images_of(digits).tobytes()).digest(), digits),
        [_tile(digit, readings[digit.number]) for digit in digits],
        key=f"own_{part}",
    )
    digit = next((digit for digit in digits if digit.number == picked), None)
    if digit is None:
        text_elements.note(lesson["pick"])
    else:
        _picked(part, digit)


@st.cache_resource(show_spinner=False, max_entries=100)
def _sprite(content: bytes, _digits: OwnDigits) -> str:
    """The picture of a wall, made once while its images stay: of 200 images it takes 20 ms, and has 40 kB."""
    return sprite(images_of(_digits))


def _tile(digit: OwnDigit, reading: int) -> Tile:
    alt = f"Your {digit.label}, read as {article(reading)} {reading}"
    caption = f"{digit.label}" if reading == digit.label else f"{digit.label} → {reading}"
    return Tile(digit.number, caption, alt, reading == digit.label)


def _picked(part: str, digit: OwnDigit) -> None:
    """Another label for an image, or none at all."""
    key = f"own_relabel_{digit.number}_{digit.label}"

    def relabel() -> None:
        label = st.session_state.get(key)
        if is_whole(label, N_DIGITS):
            _change(lambda digits: own_digits.relabel(digits, digit.number, label))

    with st.container(horizontal=True, vertical_alignment="bottom", key=f"own_picked_{part}"):
        st.selectbox(
            "The picked image is a", range(N_DIGITS), digit.label, key=key, on_change=relabel, width=160
        )
        st.button(
            "Remove it", icon=":material/delete:", key=f"own_remove_{part}",
            on_click=_change, args=(lambda digits: own_digits.remove(digits, digit.number),),
        )  # fmt: skip
        if digit.strokes:
            st.button(
                "Put it on the canvas", icon=":material/draw:", key=f"own_redraw_{part}",
                on_click=_redraw, args=(digit,),
            )  # fmt: skip


def _redraw(digit: OwnDigit) -> None:
    """Have the strokes of an image on the canvas again."""
    drawing = SessionDrawing.of_session()
    drawing.keep(digit.strokes)
    drawing.revision += 1
    st.session_state["draw_source"], st.session_state[_CHANGED] = "canvas", True


def _files(kept: OwnDigits) -> None:
    """Undo, take along, bring back, and remove all."""
    with st.container(horizontal=True, vertical_alignment="center", key="own_files"):
        name, _ = st.session_state.get(_BEFORE, ("", ()))
        if name == visits.current_visit().name:
            st.button("Undo", icon=":material/undo:", key="own_undo", on_click=_undo)
        if kept:
            st.download_button(
                "Download as .npz", lambda: to_npz(kept), "own-digits.npz", "application/octet-stream",
                icon=":material/download:", key="own_download", on_click="ignore",
            )  # fmt: skip
        with st.popover("Load a file", icon=":material/upload:"):
            size = MAX_OWN_FILE_BYTES // 10**6
            label = f"Own digits (.npz, up to {size} MB)"
            st.file_uploader(label, ["npz"], key=_UPLOAD, on_change=_load, max_upload_size=size)
        if kept:
            with st.popover("Remove all", icon=":material/delete_sweep:"):
                st.button(f"Remove all {len(kept)}", key="own_clear", on_click=_change, args=(lambda _: (),))
    _show_problem("wall")


def _load() -> None:
    content = content_of(st.session_state.get(_UPLOAD))
    if content is not None:
        _change(lambda digits: own_digits.joined(digits, read_npz(content)))
