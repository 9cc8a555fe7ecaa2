"""Follow me: the phones of a class show what its lecturer shows, until their owners look around.

Whenever the lecturer has gone on (`leading`), the phones are notified, and the server asks for the lecturer's
page in the name of each. Of a lesson they show the section that the lecturer shows. What a visitor had chosen
before comes back when the phone follows no more.
"""

from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import streamlit as st
from cachetools import LRUCache
from starlette.types import Message

from dashboard.classroom import membership
from dashboard.components.landing import land
from dashboard.elements.prose import read_lesson
from dashboard.lecture import leading
from dashboard.server import looks, places
from dashboard.server.held import held
from dashboard.session import choices, linked_run, page_view, present, visits
from dashboard.session.periodic import regularly
from dashboard.site_map import BY_STEM, JOIN, OVERVIEW, SitePage
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
        asked_for: The page that was asked for in its browser's name, until that one is drawn.
        shown: The settings and the run that it was given there.
        own: What it had before; None while it shows its own.
    """

    room: str
    is_following: bool
    number: int = 0
    place: Place = field(default_factory=lambda: Place(JOIN.address))
    comes_from: str | None = None
    asked_for: str | None = None
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
            looks.notify(leading.topic(name))
    before.clear()
    before.update(now)


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
    has_arrived = _has_arrived(follower)
    if follower.is_following and page_view.address() == came_from:  # a message of its browser took it back
        _set_out(follower)
    if follower.is_following and _has_wandered(follower):
        follower.is_following = False
    prose = read_lesson("lecture", "following")
    with st.container(horizontal=True, vertical_alignment="center", key="following"):
        if follower.is_following:
            text_elements.note(f":material/podcasts: {prose['following']}")
            st.button("Look around", type="tertiary", key="follow_leave", on_click=_leave)
        else:
            _look_around(follower)
            st.button(
                "Back to the lecturer", icon=":material/podcasts:", key="follow_back", on_click=_come_back
            )
    if follower.is_following:
        _keep_up(follower, lead)
        if has_arrived:  # its browser's address still says where it was
            st.query_params.from_dict(_parameters(follower.place))
        if follower.place.part:
            page_view.narrow(follower.place.part)
            land(follower.place.part, f"lead {follower.number}")


def _has_arrived(follower: _Follower) -> bool:
    """Whether the page that was asked for in the browser's name is shown; it is the phone's place then."""
    asked_for, follower.asked_for = follower.asked_for, None
    if page_view.address() != asked_for or not follower.is_following:
        return False
    if follower.shown is not None and follower.shown != _seen():  # by a control that runs a part of its page
        follower.is_following = False
        st.switch_page(_page(follower.place).path, query_params=choices.parameters())
    follower.place, follower.shown = Place(asked_for), None
    return True


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


def _leave() -> None:
    """Look around on this page, all of which is shown now."""
    if (follower := _followers().get(visits.current_visit().name)) is not None:
        follower.is_following = False


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
    if _page(follower.place).address != page_view.address():
        follower.comes_from = page_view.address()
        st.switch_page(_page(follower.place).path, query_params=_parameters(follower.place))


def _page(place: Place) -> SitePage:
    return BY_STEM.get(place.page, OVERVIEW)


def _parameters(place: Place) -> dict[str, str]:
    """What stands in the address of a phone that was brought to a place."""
    return choices.parameters() | ({page_view.PART: place.part} if place.part else {})


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
    if room is None or follower is None:
        looks.subscribe(leading.topic(room_name))
    else:
        looks.subscribe(leading.topic(room_name), partial(_ask, room, follower))
    if room is not None and room.lead.view != lead:
        if follower is None or room.lead.view.is_on != lead.is_on:
            st.rerun()
        if follower.is_following and not _has_wandered(follower):
            _keep_up(follower, room.lead.view)
            st.rerun()
    if places.runs_alone():  # no page is drawn
        looks.turn_of_page()()


def _ask(room: Room, follower: _Follower, place: places.Place, fragment: str) -> Message | None:
    """What a phone asks for when its lecturer has gone on: the page that it is brought to, where it follows.

    That spares it the run in which its page would find out where to go.
    """
    lead = room.lead.view
    if lead.is_on and follower.number == lead.number:
        return None
    if not (lead.is_on and follower.is_following) or lead.place is None or lead.place.page not in place.pages:
        return place.ask_for(fragment)
    follower.asked_for = lead.place.page
    part = {page_view.PART: lead.place.part} if lead.place.part else {}
    return place.ask_for_page(lead.place.page, part)


def _seen() -> _Own:
    """The settings and the run that the visit shows now."""
    return _Own(choices.values(), visits.current_visit().current)
