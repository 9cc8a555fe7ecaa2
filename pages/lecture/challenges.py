"""Challenges: the best runs of the class, each under a name of its owner's choice."""

import streamlit as st

from dashboard import class_board, classrooms
from dashboard.lesson import read_lesson
from dashboard.widgets import current_run

lesson = read_lesson("lecture", "challenges")
st.title(lesson.title)
st.markdown(lesson["what it is"])
hosted = classrooms.hosted()
room = hosted or classrooms.joined()
if room is None:
    if not classrooms.why_out():
        st.info(lesson["no class"], icon=":material/groups:")
    st.page_link("pages/lecture/join.py", label="Join a class", icon=":material/login:")
    st.page_link("pages/lecture/classroom.py", label="Open a class", icon=":material/co_present:")
    st.stop()
current = current_run.require_run()
class_board.set_mark(room)
is_final = room.board.view().is_final
class_board.entering(room, current, is_final)
class_board.standings(is_final)
if hosted is not None:
    class_board.hosting(hosted)
with st.expander("How it is judged", icon=":material/gavel:"):
    st.markdown(lesson["how it is judged"])
