"""Challenges: the best runs of the class, each under a name of its owner's choice."""

import streamlit as st

from dashboard.classroom import board, membership
from dashboard.elements.prose import read_lesson
from dashboard.session import page_view
from dashboard.site_map import CLASSROOM, JOIN
from dashboard.widgets import current_run
from dashboard.widgets.beside import in_order
from mnist_core.classroom.room import Room

ENTERING = 0.27
"""The share of the width that the form has, so that all tables are seen beside it."""


def tools(hosted: Room | None) -> None:
    """What only the host can do, and the rules."""
    if hosted is not None:
        board.host_tools(hosted)
    with st.popover("How it is judged", icon=":material/rule:"):
        st.markdown(lesson["how it is judged"])


lesson = read_lesson("lecture", "challenges")
head = st.container(horizontal=True, vertical_alignment="center", key="class_head")
head.title(lesson.title, width="content")
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
with head:  # where nothing that is said moves them
    tools(hosted)
if is_final:
    board.say_result()
    board.show_standings(is_final)
else:
    entering, standings = in_order(ENTERING)
    with entering:
        board.entry_form(room, current)
        board.say_result()
    with standings:
        board.show_standings(is_final)
