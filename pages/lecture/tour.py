"""Guided tour: the tours with their steps, where one is begun and gone on with, and the keys of a lecture."""

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.lecture import own_tour_editor, paper, readiness, rehearsal, speaker, tour
from dashboard.lecture.itinerary import LENGTHS, OWN, Tour, read_tour
from dashboard.lecture.tour import Position
from dashboard.session import page_keys
from dashboard.site_map import OVERVIEW, TRAIN
from dashboard.widgets import tables, text_elements
from dashboard.widgets.controls import primary_button


def offer(offered: Tour, position: Position | None) -> None:
    """One tour: how to begin it or go on, its rehearsal, and its steps."""
    st.markdown(f"**{offered.title}.** {offered.about}")
    with st.container(horizontal=True, vertical_alignment="center"):
        if position is not None and position.minutes == offered.number and not position.is_over:
            go_on(position)
        else:
            begin(offered)
        rehearsal.button(offered)
    rehearsal.outcome(offered)
    columns = {
        "Minute": [f"{offered.planned(number):g}" for number in range(len(offered.steps))],
        "Step": [step.title for step in offered.steps],
        "Question to the class": [step.ask for step in offered.steps],
    }
    tables.word_table(columns, alt=f"The steps of the tour of {offered.minutes:g} minutes.")
    if offered.slack:
        text_elements.note(lesson["slack"].format(slack=f"{offered.slack:g}", minutes=offered.minutes))
    paper.links(offered)


def begin(offered: Tour) -> None:
    """The way to the first step."""
    label = "Begin your own tour" if offered.is_own else f"Begin the tour of {offered.minutes} minutes"
    if primary_button(label, ":material/play_arrow:", f"tour_begin_{offered.name}"):
        tour.leave()  # another one that is under way
        first = Position(offered.number, 1).parameters()
        st.switch_page(offered.steps[0].page.path, query_params=first)


def own() -> None:
    """The visitor's own tour, how to make one, and the tour that a link has brought."""
    own_tour_editor.offer_linked()
    made = tour.own_tour()
    if made is not None and made.steps:
        offer(made.tour, position)
    own_tour_editor.edit()


def end(position: Position) -> None:
    """What a tour that is over has shown, and the ways on."""
    with st.container(border=True, key="tour_finish"):
        st.header(f"The end of the tour of {position.tour.minutes:g} minutes")
        st.markdown(position.tour.finish)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(OVERVIEW.path, label="Back to the overview", icon=OVERVIEW.icon)
            st.page_link(TRAIN.path, label="Train a network of your own", icon=TRAIN.icon)
            st.button("End this tour", icon=":material/close:", on_click=tour.leave, key="tour_end")
    st.header("Another tour")


def go_on(position: Position) -> None:
    """The way back to the step where the lecture stands, and the way out."""
    label = f"**Go on with step {position.step}: {position.current_step.title}**"
    parameters, icon = position.parameters(), ":material/play_arrow:"
    st.page_link(position.current_step.page.path, label=label, icon=icon, query_params=parameters)
    st.button("End this tour", icon=":material/close:", on_click=tour.leave, key="tour_end")


lesson = read_lesson("lecture", "tour")
if (printed := paper.asked()) is not None:
    paper.show(*printed)
    st.stop()
if speaker.is_asked():
    speaker.show()
    st.stop()
st.title(lesson.title)
position = tour.current()
names = [*(f"{minutes} minutes" for minutes in LENGTHS), lesson["own tour"]]
opened = len(LENGTHS) if own_tour_editor.is_linked() else 0
if position is not None:
    opened = len(LENGTHS) if position.minutes == OWN else LENGTHS.index(position.minutes)
if position is not None and position.is_over:
    end(position)
    opened = (opened + 1) % len(names)
else:
    st.markdown(lesson["what it is"])
*tabs, own_tab = st.tabs(names, default=names[opened])
for tab, minutes in zip(tabs, LENGTHS, strict=True):
    with tab:
        offer(read_tour(minutes), position)
with own_tab:
    own()
left, right = st.columns([3, 2], gap="large")
with left:
    st.header("Before the lecture")
    st.markdown(lesson["before"])
    prose = read_lesson("lecture", "rehearsal")
    st.subheader(prose["ready"])
    readiness.show()
    st.markdown(f"{prose['what it does']} {prose['what it does not do']}")
with right:
    st.header("Keys")
    st.markdown(lesson["keys"])
    page_keys.switch()
