"""The classes of this server, and what this visit is in one of them: its host, a member, or nothing.

State lives in `mnist_core.classroom`; here is the one place that ties it to visits and the clock.
"""

import time
from typing import Final

import streamlit as st

from dashboard import resources, visits
from dashboard.everybody import held
from dashboard.regularly import regularly
from mnist_core.classroom import Classrooms
from mnist_core.room import Room
from mnist_core.shared_classes import SharedClassrooms

SWEEP_SECONDS: Final = 60.0
"""How often rooms whose time is up are forgotten, also when nobody looks at any page."""
JOIN_PAGE: Final = "join"
CODE: Final = "class"
"""The parameter of a link to the join page."""


@held
def rooms() -> Classrooms:
    """All rooms of this server, or of those that share a folder."""
    root = resources.shared_root()
    made = Classrooms(time.monotonic) if root is None else SharedClassrooms(root, time.time)
    regularly(SWEEP_SECONDS, "sweep-rooms", made.sweep)
    return made


def me() -> str:
    """Who this visit is in a room: its secret name, never to be shown."""
    return visits.current_visit().name


def hosted() -> Room | None:
    """The room that this visit hosts."""
    return rooms().hosted(me())


def joined() -> Room | None:
    """The room that this visit has joined."""
    return rooms().joined(me())


def sidebar() -> None:
    """The way back to the class, on every page."""
    if (room := hosted()) is not None:
        label = f"Class {room.code} ({room.n_members})"
        st.sidebar.page_link("pages/lecture/classroom.py", label=label, icon=":material/co_present:")
    elif (room := joined()) is not None:
        label = f"In class {room.code}"
        st.sidebar.page_link("pages/lecture/join.py", label=label, icon=":material/groups:")
