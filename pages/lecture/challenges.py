"""Challenges: the best runs of the class, each under a name of its owner's choice."""

import streamlit as st

from dashboard.classroom import board, membership
from dashboard.elements.prose import read_lesson
from dashboard.session import page_view
from dashboard.site_map import CLASSROOM, JOIN
from dashboard.widgets import current_run

lesson = read_lesson("lecture", "challenges")
st.title(lesson.title)
hosted = membership.hosted_room()
room = hosted or membership.joined_room()
if room is None:
    st.markdown(lesson["what it is"])
    if not membership.explain_removal():
        st.info(lesson["no class"], icon=":material/groups:")
    st.page_link(JOIN.path, label="Join a class", icon=":material/login:")
    st.page_link(CLASSROOM.path, label="Open a class", icon=CLASSROOM.icon)
    page_view.stop()
current = current_run.require_run()
board.set_mark(room)
is_final = room.board.view().is_final
entering, standings = st.columns([1, 3], gap="medium")
with entering:
    st.markdown(lesson["what it is"])
    if not is_final:
        board.entry_form(room, current)
with standings:
    board.say_result()
    board.show_standings(is_final)
with entering:
    if hosted is not None:
        board.host_tools(hosted)
    with st.expander("How it is judged", icon=":material/gavel:"):
        st.markdown(lesson["how it is judged"])
