"""Follow me: the phones of a class show what its lecturer shows, until their owners look around.

The lecturer's page says at its end where it is (`published`). That notifies all phones of the class, and the
part of each of them that waits goes there. What a visitor had chosen before comes back when the phone follows
no more.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import streamlit as st
from cachetools import LRUCache

from dashboard.classroom import membership
from dashboard.components.landing import land
from dashboard.elements.prose import read_lesson
from dashboard.lecture import tour
from dashboard.server import looks, places
from dashboard.server.held import held
from dashboard.session import choices, linked_run, page_view, present, visits
from dashboard.session.periodic import regularly
from dashboard.site_map import BY_STEM, CLASSROOM, JOIN, OVERVIEW, TOUR
from dashboard.widgets import text_elements
from mnist_core.bounds import MAX_FOLLOWERS
from mnist_core.classroom.lead import LeadView, Place
from mnist_core.classroom.room import Room
from mnist_core.classroom.shared_rooms import SharedClassrooms

LOOK_SECONDS: Final = 2.0
"""How often a phone looks that no one notifies, without our middlewares."""
WATCH_SECONDS: Final = 0.5
"""How often a server looks whether a lecturer on another one has gone on: once for all its phones."""
_SESSION: Final = "follows"
"""The session's key for that this tab has been seen, and not only its visit."""
_OF_THE_HOST: Final = (CLASSROOM.address, TOUR.address)
"""Pages that only a lecturer needs; phones show the page Join meanwhile."""


@dataclass
class _Own:
    """What a visitor had before the phone followed: the settings, and the current run."""

    choices: dict[str, Any]
    run: str | None


@dataclass
class _Follower:
    """One visit in a class whose lecturer leads.

    Attributes:
        room: The name of the class.
        is_following: Whether it goes where the lecturer goes.
        number: Of the place that it was brought to last.
        place: That place.
        comes_from: The page that it leaves for that place, until it is there.
        shown: The settings and the run that it was given there.
        own: What it had before; None while it shows its own.
    """

    room: str
    is_following: bool
    number: int = 0
    place: Place = field(default_factory=lambda: Place(JOIN.address))
    comes_from: str | None = None
    shown: _Own | None = None
    own: _Own | None = None


@held
def _followers() -> LRUCache[str, _Follower]:
    """All followers of this server, by the names of their visits."""
    return LRUCache(MAX_FOLLOWERS)


@held
def _seen_leads() -> dict[str, LeadView]:
    """Where lecturers were when this server looked last, of several that share classes."""
    regularly(WATCH_SECONDS, "watch-leads", tell_of_others)
    return {}


def tell_of_others() -> None:
    """Notify the phones of each class whose lecturer, on another server, has gone on since the last time."""
    before, now = _seen_leads(), membership.rooms().leads()
    for name, lead in now.items():
        if before.get(name) != lead:
            looks.notify(_topic(name))
    before.clear()
    before.update(now)


# The lecturer.


def switch(room: Room, key: str) -> None:
    """The lecturer's control that has the phones follow, or no longer.

    Args:
        room: The class.
        key: Of the control; the dialog may be above a page that has one, too.
    """

    def changed() -> None:
        room.lead.switch(st.session_state.get(key) is True)
        looks.notify(_topic(room.name))

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
            looks.notify(_topic(room.name))


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


# A phone.


def follow() -> None:
    """On every page of a member: go where the lecturer is, now and whenever the lecturer goes on."""
    if present.is_alone():
        return
    name, room = visits.current_visit().name, membership.joined_room()
    follower = _followers().get(name)
    if room is None or (follower is not None and follower.room != room.name):
        _end(name)
    if room is None:
        return
    lead = room.lead.view
    if not lead.is_on:
        _end(name)
    else:
        if name not in _followers():
            # Who has the page Join open is there to follow; another tab may be looking at something.
            _followers()[name] = _Follower(room.name, page_view.address() == JOIN.address)
        if _SESSION not in st.session_state:
            _after_reload(_followers()[name])
        _go_on(_followers()[name], lead)
    st.session_state[_SESSION] = True
    if isinstance(membership.rooms(), SharedClassrooms):
        _seen_leads()  # from now on this server looks
    st.fragment(_wait, run_every=None if looks.can_notify() else LOOK_SECONDS)(room.name, lead)


def _after_reload(follower: _Follower) -> None:
    """Bring the phone to the same place once more; the address alone does not say all of it."""
    if page_view.address() == follower.place.page and follower.is_following:
        follower.number, follower.shown = -1, None


def _go_on(follower: _Follower, lead: LeadView) -> None:
    """Notice that a visitor looks around, or bring the phone to the lecturer."""
    came_from, follower.comes_from = follower.comes_from, None
    if follower.is_following and page_view.address() == came_from:  # a message of its browser took it back
        _set_out(follower)
    if follower.is_following and _has_wandered(follower):
        follower.is_following = False
    prose = read_lesson("lecture", "following")
    with st.container(horizontal=True, vertical_alignment="center", key="following"):
        if follower.is_following:
            text_elements.note(f":material/podcasts: {prose['following']}")
        else:
            _look_around(follower)
            st.button(
                "Back to the lecturer", icon=":material/podcasts:", key="follow_back", on_click=_come_back
            )
    if follower.is_following:
        _keep_up(follower, lead)
        if follower.place.part:
            land(follower.place.part, f"lead {follower.number}")


def _has_wandered(follower: _Follower) -> bool:
    """Whether the visitor has gone to another page, or changed something on this one."""
    shown = follower.shown
    return page_view.address() != follower.place.page or (shown is not None and shown != _seen())


def _look_around(follower: _Follower) -> None:
    """Keep what the visitor has moved, and on another page give back all that was there before."""
    own, shown, seen = follower.own, follower.shown, _seen()
    if own is None or shown is None:
        return
    own.choices |= {name: value for name, value in seen.choices.items() if value != shown.choices[name]}
    if seen.run != shown.run:
        own.run = seen.run
    follower.shown = seen
    if page_view.address() != follower.place.page:
        _give_back(follower)


def _come_back() -> None:
    follower = _followers().get(visits.current_visit().name)
    if follower is not None:
        follower.is_following, follower.number, follower.place = True, -1, Place(page_view.address())
        follower.shown = None


def _keep_up(follower: _Follower, lead: LeadView) -> None:
    """Bring the phone to the lecturer, if it is not there."""
    place = lead.place
    if place is None or follower.number == lead.number:
        return
    if follower.own is None:
        follower.own = _seen()
    choices.replace_by_link(place.parameters)
    asked = place.parameters.get(linked_run.RUN)
    visits.current_visit().current = None if asked is None else linked_run.resolve(asked)
    follower.number, follower.place, follower.shown = lead.number, place, _seen()
    if place.page == JOIN.address:
        _give_back(follower)
    _set_out(follower)


def _set_out(follower: _Follower) -> None:
    """Go to the place that the phone is brought to, where another page is shown."""
    page = BY_STEM.get(follower.place.page, OVERVIEW)
    if page.address != page_view.address():
        follower.comes_from = page_view.address()
        st.switch_page(page.path, query_params=choices.parameters())


def _give_back(follower: _Follower) -> None:
    """Show the visitor's own settings and run again."""
    if follower.own is not None:
        choices.replace_all(follower.own.choices)
        visits.current_visit().current = follower.own.run
    follower.own = follower.shown = None


def _end(name: str) -> None:
    if (follower := _followers().pop(name, None)) is not None:
        _give_back(follower)


def _wait(room_name: str, lead: LeadView) -> None:
    """An invisible part of the page that runs when the lecturer goes on.

    Args:
        room_name: Of the class.
        lead: As it was when the page was drawn.
    """
    room, follower = membership.joined_room(), _followers().get(visits.current_visit().name)
    looks.subscribe(_topic(room_name))
    if room is not None and room.lead.view != lead:
        if follower is None or room.lead.view.is_on != lead.is_on:
            st.rerun()
        if follower.is_following and not _has_wandered(follower):
            _keep_up(follower, room.lead.view)
            st.rerun()
    if places.runs_alone():  # no page is drawn
        looks.turn_of_page()()


def _seen() -> _Own:
    """The settings and the run that the visit shows now."""
    return _Own(choices.values(), visits.current_visit().current)


def _topic(room_name: str) -> str:
    """What the phones of a class are notified by."""
    return f"lead {room_name}"
