"""Classroom: the lecturer opens a room, and gathers answers and drawings in it."""

import streamlit as st

from dashboard import class_pulse, class_wall, classrooms, emphasis, lesson_frame, sharing, widgets
from dashboard.lesson import read_lesson
from mnist_core.room import HOST_AWAY_SECONDS, ROOM_SECONDS, Room, RoomError

PARTS = {"Join": ":material/qr_code_2:", "Poll": ":material/bar_chart:", "Handwriting": ":material/draw:"}
CODE = "<div style='font-size: clamp(4rem, 13vw, 9rem); font-weight: 700; letter-spacing: 0.12em'>{}</div>"


def open_class() -> None:
    try:
        classrooms.rooms().open(classrooms.me())
    except RoomError as error:
        st.session_state["room_problem"] = str(error)


def closed() -> None:
    """What a class is, and the button that opens one."""
    st.markdown(lesson["what it is"])
    st.button(
        emphasis.main_label("Open a class"),
        type="primary",
        icon=":material/co_present:",
        on_click=open_class,
        key="room_open",
    )
    if problem := st.session_state.pop("room_problem", ""):
        st.warning(problem, icon=":material/block:")
    hours, minutes = ROOM_SECONDS / 3600, HOST_AWAY_SECONDS / 60
    st.caption(lesson["forgotten"].format(hours=f"{hours:.0f}", minutes=f"{minutes:.0f}"))
    if classrooms.joined() is not None:
        st.info(lesson["joined elsewhere"], icon=":material/groups:")


@st.fragment(run_every=2.0)
def head_count() -> None:
    room = classrooms.hosted()  # that this page is open keeps the class open
    if room is None:
        st.rerun()
    n = room.n_members
    st.markdown(f"## :material/groups: {n} {'has' if n == 1 else 'have'} joined")


def joining(room: Room) -> None:
    """The code, large, and the same as a QR code."""
    link = sharing.link(classrooms.JOIN_PAGE, **{classrooms.CODE: room.code})
    left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left:
        st.markdown(lesson["how to join"])
        st.html(CODE.format(room.code))
        head_count()
    with right:
        sharing.show(link)
    sharing.show_place("class_address")


def poll(room: Room) -> None:
    """The poll opened last, and the way to the questions."""
    class_pulse.current(room)
    st.markdown(lesson["questions"])
    with st.container(horizontal=True):
        for page in lesson_frame.COURSE:
            st.page_link(page.path, label=page.title, icon=page.icon)


def ending(room: Room) -> None:
    with st.popover("End the class", icon=":material/logout:"):
        st.markdown(lesson["end"])
        if st.button(emphasis.main_label("End it and forget everything"), type="primary", key="room_end"):
            classrooms.rooms().close(room.host)
            st.rerun()


lesson = read_lesson("lecture", "classroom")
st.title(lesson.title)
room = classrooms.hosted()
if room is None:
    closed()
    st.stop()
with st.container(horizontal=True, vertical_alignment="center"):
    st.markdown(f"## Class {room.code}")
    st.page_link("pages/lecture/challenges.py", label="Challenge board", icon=":material/trophy:")
    ending(room)
part = widgets.part_of_page("Show", PARTS, "room_part", is_labelled=False)
if part == "Join":
    joining(room)
elif part == "Poll":
    poll(room)
else:
    class_wall.gather(room, widgets.current_run())
