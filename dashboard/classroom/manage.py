"""What a lecturer does about who is in the class: lock it, give it a new code, and put members out."""

import math

import pandas as pd
import streamlit as st

from dashboard.classroom import membership
from dashboard.elements.prose import read_lesson
from dashboard.elements.untrusted import picked_rows
from dashboard.widgets import tables
from dashboard.widgets.controls import primary_button
from mnist_core.classroom.members import MemberView
from mnist_core.classroom.room import Room


def manage(room: Room) -> None:
    """A popover with everything; the page runs when it is opened, so that it shows who is there now."""
    icon = ":material/manage_accounts:"
    with st.popover("Manage the class", icon=icon, width="content", key="room_manage", on_change="rerun"):
        _door(room)
        _put_out(room)
        _members(room)


def _door(room: Room) -> None:
    """Who may come in."""
    prose, is_locked = read_lesson("lecture", "classroom"), room.members.is_locked
    locking, renewing = st.columns(2)
    locking.button(
        "Unlock the class" if is_locked else "Lock the class",
        icon=":material/lock_open:" if is_locked else ":material/lock:",
        key="room_lock",
        on_click=room.members.lock,
        args=(not is_locked,),
    )
    locking.caption(prose["lock"])
    renewing.button(
        "New code and link",
        icon=":material/autorenew:",
        key="room_renew",
        on_click=membership.rooms().renew_code,
        args=(room.host,),
    )
    renewing.caption(prose["new code"])


def _put_out(room: Room) -> None:
    """Those who were put out, over the table: below it a small screen would cut the button off."""
    if n_put_out := room.members.n_put_out:
        st.caption(read_lesson("lecture", "classroom")["let back"].format(n=n_put_out))
        st.button("Let them join again", key="room_forgive", on_click=room.members.forgive)


def _members(room: Room) -> None:
    """A table of all members, and over it, where it is always seen, what puts out those who are selected."""
    prose, views = read_lesson("lecture", "classroom"), room.list_members()
    n_present = sum(view.is_present for view in views)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"**{len(views)} joined · {n_present} here now**", width="content")
        over_the_table = st.container(width="content")
    if not views:
        st.caption(prose["no members"])
    else:
        st.caption(prose["put out"])
        event = tables.data_table(
            pd.DataFrame(map(_row, views)),
            key=f"room_members_{hash(tuple(view.number for view in views))}",
            height=min(200, 40 + 36 * len(views)),
            on_select="rerun",
            selection_mode="multi-row",
        )
        selected = {views[row].number for row in picked_rows(event, len(views))}
        with over_the_table:
            primary_button(
                f"Put out {len(selected)} selected",
                ":material/block:",
                "room_put_out",
                disabled=not selected,
                on_click=put_out,
                args=(room, selected),
            )
        st.caption(prose["members"])


def put_out(room: Room, numbers: set[int]) -> None:
    """Put out the members with these numbers; the link and the code that they know open nothing any more."""
    for name in room.members.names_of(numbers):
        room.put_out(name)
    membership.rooms().renew_code(room.host)


def _row(view: MemberView) -> dict[str, str | int]:
    return {
        "Member": view.number,
        "Joined": f"{math.floor(view.joined_seconds / 60)} min ago",
        "Here": "yes" if view.is_present else "no",
        "Answers": view.n_answers,
        "Drawings": view.n_drawings,
    }
