"""Join: the page on a student's phone, which follows what the class does."""

import streamlit as st

from dashboard import class_drawing, class_pulse, classrooms, emphasis
from dashboard.lesson import read_lesson
from mnist_core.room import RoomError

FOLLOW_SECONDS = 2.0


def join(code: str) -> None:
    try:
        classrooms.rooms().join(code, classrooms.me())
    except RoomError as error:
        st.session_state["join_problem"] = str(error)
    else:
        st.session_state["was_in"] = True


def leave() -> None:
    classrooms.rooms().leave(classrooms.me())
    st.session_state["was_in"] = False


def door() -> None:
    """A code to type, or the one that the link brought."""
    if st.session_state.pop("was_in", False):
        st.info(lesson["ended"], icon=":material/logout:")
    linked = st.query_params.get(classrooms.CODE, "")[:8].upper()
    if linked.isascii() and linked.isalpha():
        label = emphasis.main_label(f"Join class {linked}")
        st.button(
            label, type="primary", icon=":material/login:", on_click=join, args=(linked,), key="join_linked"
        )
    st.markdown(lesson["what it is"])
    with st.form("join_form", border=False):
        typed = st.text_input("Code of the class", max_chars=8, placeholder="four letters", key="join_code")
        kind, label = ("secondary", "Join") if linked else ("primary", emphasis.main_label("Join"))
        if st.form_submit_button(label, type=kind, icon=":material/login:"):
            join(typed)
            st.rerun()
    if problem := st.session_state.pop("join_problem", ""):
        st.warning(problem, icon=":material/block:")
    st.caption(lesson["no names"])


@st.fragment(run_every=FOLLOW_SECONDS)
def follow() -> None:
    """What the class does now; looks again every other second."""
    room = classrooms.joined()
    if room is None:
        st.rerun()
    st.session_state["was_in"] = True
    if room.activity == "poll":
        class_pulse.answer_poll(room)
    elif room.activity == "wall":
        class_drawing.draw(room)
    else:
        st.info(lesson["waiting"], icon=":material/hourglass:")


lesson = read_lesson("lecture", "join")
room = classrooms.joined()
st.title(lesson.title if room is None else f"Class {room.code}")
if room is None:
    door()
    st.stop()
follow()
st.divider()
with st.container(horizontal=True, vertical_alignment="center"):
    st.page_link("pages/lecture/challenges.py", label="Challenge board", icon=":material/trophy:")
    st.button("Leave the class", type="tertiary", icon=":material/logout:", on_click=leave, key="join_leave")
st.caption(lesson["look around"])
