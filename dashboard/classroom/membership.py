"""The classes of this server, and what this visit is in one of them: its host, a member, or nothing.

State lives in `mnist_core.classroom.rooms`; here is the one place that ties it to visits and the clock.
"""

import os
import time
from typing import Final

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from dashboard.elements.prose import read_lesson
from dashboard.server import looks, visitors
from dashboard.server.held import held
from dashboard.session import resources, visits
from dashboard.session.periodic import regularly
from dashboard.site_map import CLASSROOM, JOIN
from mnist_core.classroom.room import Room, grouped
from mnist_core.classroom.rooms import Classrooms
from mnist_core.classroom.shared_rooms import SharedClassrooms

SWEEP_SECONDS: Final = 60.0
"""How often rooms whose time is up are forgotten, also when no page is open."""
WAS_IN: Final = "was_in"
"""The session's key for the class that it was in, until the join page has said why it no longer is."""
LINK: Final = "class"
"""The parameter of a link to the join page; its value is the secret of the class, not the code."""
WORD: Final = "MLP_CLASS_WORD"
"""The environment's variable with the word that opens a class; Streamlit's secrets call it `class_word`."""


@held
def rooms() -> Classrooms:
    """All rooms of this server, or of those that share a folder."""
    root = resources.shared_root()
    classes = Classrooms(time.monotonic) if root is None else SharedClassrooms(root, time.time)
    regularly(SWEEP_SECONDS, "sweep-rooms", classes.sweep)
    return classes


def class_word() -> str:
    """The word that must be typed before a class is opened; "" if none is asked for."""
    return os.environ.get(WORD, "").strip() or _secret_word()


@held
def _secret_word() -> str:
    """The word among Streamlit's secrets, which it reads anew each time while there are none."""
    try:
        return str(st.secrets.get("class_word", "")).strip()
    except StreamlitSecretNotFoundError:
        return ""


def host_id() -> str:
    """Who this visit is when it leads a class: its secret name, never to be shown."""
    return visits.current_visit().name


def member_id() -> str:
    """Who this browser is as a member of a class: a secret name, never to be shown.

    The same for all its tabs, so that a phone that scans the code again is the same member; where the browser
    has no cookie of ours, the visit's.
    """
    return visitors.checked(st.context.cookies.get(visitors.COOKIE, "")) or visits.current_visit().name


def id_in(room: Room) -> str:
    """This visit's id in a room: the host's where it leads the room, else the member's."""
    return host_id() if room.host == host_id() else member_id()


def hosted_room() -> Room | None:
    """The room that this visit hosts."""
    return rooms().hosted(host_id())


def joined_room() -> Room | None:
    """The room that this browser has joined; none in a tab that hosts a room itself."""
    return rooms().joined(member_id(), host_id())


def prioritize_host() -> None:
    """Serve the clicks of a lecturer before the phones of her class."""
    if hosted_room() is not None:
        looks.prioritize()


def explain_removal() -> bool:
    """Tell a former member why the class is over for them; False if there is nothing to say."""
    if not (name := st.session_state.get(WAS_IN, "")):
        return False
    prose, room = read_lesson("lecture", "join"), rooms().named(name)
    if room is None:
        st.info(prose["ended"], icon=":material/logout:")
    elif room.members.is_put_out(member_id()):
        st.warning(prose["put out"], icon=":material/block:")
    elif room.members.knows(member_id()):
        st.info(prose["no place"], icon=":material/hourglass:")
    else:  # left in another tab
        return False
    return True


def sidebar() -> None:
    """The way back to the class, on every page."""
    if (room := hosted_room()) is not None:
        label = f"Class {grouped(room.code)} ({room.n_members})"
        st.sidebar.page_link(CLASSROOM.path, label=label, icon=CLASSROOM.icon)
    elif (room := joined_room()) is not None:
        label = f"In class {grouped(room.code)}"
        st.sidebar.page_link(JOIN.path, label=label, icon=JOIN.icon)
