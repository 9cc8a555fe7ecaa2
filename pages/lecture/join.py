"""Join: the page on a student's phone, which follows what the class does."""

from collections.abc import Hashable

import streamlit as st

from dashboard.classroom import drawing, membership, own, polls, runs
from dashboard.elements import button_labels
from dashboard.elements.prose import read_lesson
from dashboard.server import looks
from dashboard.session import visits
from dashboard.session.visit import Visit
from dashboard.site_map import CHALLENGES, CLASSROOM
from dashboard.widgets.controls import primary_button
from mnist_core.bounds import MAX_LINK, MAX_TYPED_CODE
from mnist_core.classroom.members import RoomError
from mnist_core.classroom.room import grouped
from mnist_core.classroom.shared_rooms import SharedClassrooms

FOLLOW_SECONDS = 2.0
WIDTH = 420  # pixels of what is typed and pressed here: this is a phone's page


def join(typed: str = "", link: str = "") -> None:
    rooms, member = membership.rooms(), membership.member_id()
    try:
        room = rooms.join_by_link(link, member) if link else rooms.join(typed, member)
    except RoomError as error:
        st.session_state["join_problem"] = str(error)
    else:
        st.session_state[membership.WAS_IN] = room.name


def leave() -> None:
    membership.rooms().leave(membership.member_id())
    st.session_state[membership.WAS_IN] = ""


def door() -> None:
    """The class that the link brought, or a code to type."""
    was_in = membership.explain_removal()
    st.session_state[membership.WAS_IN] = ""
    link = st.query_params.get(membership.LINK, "")[:MAX_LINK]
    linked = membership.rooms().linked(link) if link else None
    if linked is not None:
        label, icon = f"Join class {grouped(linked.code)}", ":material/login:"
        look = {"on_click": join, "kwargs": {"link": link}, "width": "stretch"}
        with st.container(key="main_actions_join", width=WIDTH):
            primary_button(label, icon, "join_linked", **look)
        st.caption(lesson["no names"])  # before what few need: another class
    elif link and not was_in:
        st.warning(lesson["old link"], icon=":material/link_off:")
    st.markdown(lesson["what it is" if linked is None else "another class"])
    with st.form("join_form", border=False, width=WIDTH):
        typed = st.text_input(
            "Code of the class", max_chars=MAX_TYPED_CODE, placeholder="six letters", key="join_code"
        )
        kind, label = ("secondary", "Join") if linked else ("primary", button_labels.main_label("Join"))
        if st.form_submit_button(label, type=kind, icon=":material/login:", width="stretch"):
            if typed.strip():
                join(typed)
            else:
                st.session_state["join_problem"] = lesson["nothing typed"]
            st.rerun()
    if problem := st.session_state.pop("join_problem", ""):
        st.warning(problem, icon=":material/block:")
    if linked is None:
        st.caption(lesson["no names"])


def news(member: str, visit: Visit) -> looks.StateReader:
    """What `follow` would show a member now; always news where it would have to be read from files."""
    rooms, own_ended = membership.rooms(), runs.own_ended()

    def state() -> Hashable:
        room = None if isinstance(rooms, SharedClassrooms) else rooms.joined(member, visit.name)
        if room is None:
            return object()
        poll = polls.shown_to(room, member, visit.answers) if room.activity == "poll" else None
        asked = own.shown_to(room, member) if room.activity == "own" else None
        wall = drawing.shown_to(room, member) if room.activity == "wall" else None
        return room.name, room.code, room.activity, poll, asked, wall, runs.shown_to(room), len(own_ended)

    return state


@st.fragment(run_every=FOLLOW_SECONDS)
def follow(code: str) -> None:
    """What the class does now; looks every other second whether that, or the class's code, has changed."""
    room = membership.joined_room()
    if room is None or room.code != code:
        st.rerun()
    st.session_state[membership.WAS_IN] = room.name
    runs.enter()
    with looks.showing(news(membership.member_id(), visits.current_visit())):
        if room.activity == "poll":
            polls.answer_poll(room)
        elif room.activity == "own":
            own.answer(room)
        elif room.activity == "wall":
            drawing.draw(room)
        else:
            st.info(lesson["waiting"], icon=":material/hourglass:")
        runs.for_member(room)


lesson = read_lesson("lecture", "join")
if membership.hosted_room() is not None:
    st.title(lesson.title)
    st.info(lesson["leads"], icon=":material/co_present:")
    st.page_link(CLASSROOM.path, label="Back to your class", icon=CLASSROOM.icon)
    st.stop()
room = membership.joined_room()
st.title(lesson.title if room is None else f"Class {grouped(room.code)}")
if room is None:
    door()
    st.stop()
follow(room.code)
with st.container(horizontal=True, vertical_alignment="center"):
    st.page_link(CHALLENGES.path, label="Challenge board", icon=CHALLENGES.icon)
    st.button("Leave the class", type="tertiary", icon=":material/logout:", on_click=leave, key="join_leave")
st.caption(lesson["look around"])
