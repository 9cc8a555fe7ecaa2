"""Classroom: the lecturer opens a room, and gathers answers and drawings in it."""

from functools import partial

import streamlit as st

from dashboard.classroom import manage, membership, own, polls, report, runs, wall
from dashboard.elements.prose import read_lesson
from dashboard.lecture import hand_out, leading, phone_test, sharing, way_in
from dashboard.server import connections
from dashboard.session import page_view, present, resources, visits
from dashboard.site_map import CHALLENGES, COURSE
from dashboard.widgets import current_run, text_elements
from dashboard.widgets.controls import primary_button
from mnist_core.bounds import HOST_AWAY_SECONDS, MAX_CLASS_WORD, ROOM_SECONDS
from mnist_core.classroom.members import RoomError
from mnist_core.classroom.room import Room, grouped

PARTS = {
    "Join": ":material/qr_code_2:",
    "Poll": ":material/bar_chart:",
    "Questions": ":material/quiz:",
    "Handwriting": ":material/draw:",
    "Runs": ":material/scatter_plot:",
}


def open_class() -> None:
    rooms, word = membership.rooms(), membership.class_word()
    try:
        if word:
            rooms.check_word(word, st.session_state.get("room_word", ""), membership.host_id())
        rooms.open(membership.host_id())
        rooms.leave(membership.member_id())
    except RoomError as error:
        st.session_state["room_problem"] = str(error)


def closed() -> None:
    """What a class is, and the button that opens one."""
    st.markdown(lesson["what it is"])
    if membership.class_word():
        st.text_input(
            "Word for opening a class",
            max_chars=MAX_CLASS_WORD,
            help=lesson["word"],
            key="room_word",
            width=400,
        )
    primary_button("Open a class", ":material/co_present:", "room_open", on_click=open_class)
    if problem := st.session_state.pop("room_problem", ""):
        st.warning(problem, icon=":material/block:")
    if connections.is_too_low():
        st.warning(lesson["few phones"].format(n=connections.n_phones()), icon=":material/group_off:")
    hours, minutes = ROOM_SECONDS / 3600, HOST_AWAY_SECONDS / 60
    st.caption(lesson["forgotten"].format(hours=f"{hours:.0f}", minutes=f"{minutes:.0f}"))
    if membership.joined_room() is not None:
        st.info(lesson["joined elsewhere"], icon=":material/groups:")


@st.fragment(run_every=2.0)
def head_count() -> None:
    room = membership.hosted_room()  # that this page is open keeps the class open
    if room is None:
        st.rerun()
    n = room.n_members
    here = f"{room.members.n_present} here now"
    st.markdown(f"## :material/groups: {n} {'has' if n == 1 else 'have'} joined · {here}")
    if room.members.is_locked:
        st.info(lesson["locked"], icon=":material/lock:")
    elif membership.rooms().is_guessed:
        st.warning(lesson["guessed"], icon=":material/warning:")


def joining(room: Room) -> None:
    """The way into the class, and the same as a link."""
    with way_in.show(room, "page"):
        head_count()
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        sharing.show_link(way_in.link_to(room))
        leading.switch(room, "room_lead")
    sharing.warn_if_unreachable()


def poll(room: Room) -> None:
    """The poll opened last, and the way to the questions."""
    polls.current(room, way_in.show_small)
    is_empty = room.polls.latest() is None
    if is_empty:
        st.markdown(lesson["questions"])
    with st.container(horizontal=True, vertical_alignment="center"):
        for page in COURSE:
            st.page_link(page.path, label=page.title, icon=page.icon)
        with st.popover("Can somebody answer twice?", icon=":material/how_to_vote:", type="tertiary"):
            st.markdown(lesson["votes"])
    if is_empty:
        waiting(room, "Poll")


def waiting(room: Room, part: str) -> None:
    """While nothing has come in: the way into the class, large, and what will appear; not on a phone."""
    if not present.is_phone():
        with way_in.show(room, part.lower()):
            st.markdown(lesson[f"awaited {part}"])


def ending(room: Room) -> None:
    with st.popover("End the class", icon=":material/logout:", key="class_end"):
        st.markdown(lesson["end"])
        with st.container(horizontal=True, gap="xsmall"):
            report.buttons(room, judged_by())
            if primary_button("End it and forget everything", None, "room_end"):
                membership.rooms().close(room.host)
                st.rerun()
        report.words()


def judged_by() -> str:
    """The network that reads the drawings, in words."""
    view = resources.engine().view(visits.current_visit().current or resources.ensure_classic_network())
    return current_run.describe(view.config) if view is not None else ""


def tools(room: Room, part: str) -> None:
    """The board, what only the lecturer does, and whether the class is locked; last on a phone."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="class_tools"):
        st.page_link(CHALLENGES.path, label="Challenge board", icon=CHALLENGES.icon)
        hand_out.button()
        manage.manage(room)
        ending(room)
        if part == "Join":
            phone_test.show("class", st.popover)
            sharing.change_address("class_address", st.popover)
        if room.members.is_locked:  # last, because a popover that changes its place closes
            st.badge("Locked", icon=":material/lock:")


def chosen_part() -> str:
    """Which part of the class the page shows."""
    return text_elements.part_of_page("Show", PARTS, "room_part", is_labelled=False)


def head(room: Room) -> str:
    """The class's code over everything, beside it the part that is shown."""
    with st.container(horizontal=True, vertical_alignment="center", key="class_head"):
        st.title(f"Class {grouped(room.code)}", width="content")
        return chosen_part()


lesson = read_lesson("lecture", "classroom")
room = membership.hosted_room()
if room is None:
    st.title(lesson.title)
    closed()
    page_view.stop()
part = head(room)
if not present.is_on():
    tools(room, part)
if part == "Join":
    joining(room)
elif part == "Poll":
    poll(room)
elif part == "Questions":
    own.for_host(room, partial(waiting, room, part))
elif part == "Runs":
    runs.for_host(partial(waiting, room, part))
else:
    wall.host_wall(room, current_run.require_run(), partial(waiting, room, part))
if present.is_on():  # last, so that what the class looks at is seen whole
    tools(room, part)
