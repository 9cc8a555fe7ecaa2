"""Where a lecturer leads the phones of a class: to the page that the lecturer's own tab shows.

That tab says at the end of each page where it is (`published`), which notifies all phones of the class; what
they do then is in `following`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st

from dashboard.classroom import membership
from dashboard.elements.prose import read_lesson
from dashboard.lecture import tour
from dashboard.server import looks
from dashboard.session import choices, linked_run, page_view
from dashboard.site_map import CLASSROOM, JOIN, TOUR
from mnist_core.classroom.lead import Place
from mnist_core.classroom.room import Room

_OF_THE_HOST: Final = (CLASSROOM.address, TOUR.address)
"""Pages that only a lecturer needs; phones show the page Join meanwhile."""


def switch(room: Room, key: str) -> None:
    """The lecturer's control that has the phones follow, or no longer.

    Args:
        room: The class.
        key: Of the control; the dialog may be above a page that has one, too.
    """

    def changed() -> None:
        room.lead.switch(st.session_state.get(key) is True)
        looks.notify(topic(room.name))

    st.session_state[key] = room.lead.view.is_on
    st.toggle(
        "Phones follow me", key=key, on_change=changed, help=read_lesson("lecture", "following")["switch"]
    )


@contextmanager
def published() -> Iterator[None]:
    """Draw the page in this block; at its end, also an early one, a lecturer's phones are brought there.

    A page that is ended early must not ask for the session's state, which would end it once more.
    """
    room, end_turn = membership.hosted_room(), looks.turn_of_page()
    place = None if room is None else _place_of(room)
    try:
        yield
        place = None if room is None else _place_of(room)  # the page has said which part it shows
    finally:
        end_turn()
        if room is not None and place is not None and room.lead.go(place):
            looks.notify(topic(room.name))


def _place_of(room: Room) -> Place:
    """Where the phones of a class should be now."""
    poll, own = room.polls.latest(), room.own.latest()
    is_asking = (poll is not None and poll.is_open) or (own is not None and own.is_open)
    if is_asking or page_view.address() in _OF_THE_HOST:
        return Place(JOIN.address)
    position, part = tour.current(), page_view.part()
    if position is not None and not part and position.current_step.page.address == page_view.address():
        part = position.current_step.part
    return Place(page_view.address(), choices.parameters() | linked_run.parameters(), part)


def topic(room_name: str) -> str:
    """What the phones of a class are notified by."""
    return f"lead {room_name}"
