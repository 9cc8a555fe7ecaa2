"""Overview: a digit goes through the trained network, and one button trains your own."""

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.lab import train
from dashboard.learn import lesson_frame
from dashboard.session import choices, resources
from dashboard.site_map import DRAW, EVALUATE, GLOSSARY, PREDICT, TRAIN
from dashboard.widgets import current_run, network, text_elements
from dashboard.widgets.controls import primary_button
from mnist_core.figures.style import share_text

WAYS = {
    TRAIN: "watch it learn",
    EVALUATE: "see its mistakes",
    PREDICT: "study one image",
    GLOSSARY: "look up a term",
}


@st.fragment
def digit_on_its_way(current: resources.TrainedRun) -> None:
    """One test image after the other, and what the network makes of it."""
    evaluation = current.evaluation
    number = choices.get("image") % evaluation.n_images

    def another() -> None:
        """The next test image."""
        choices.put("image", (number + 1) % evaluation.n_images)

    network.explained_on_test_image(current, number, "overview_network")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Another digit", icon=":material/skip_next:", on_click=another, key="overview_another")
        for page, shows in WAYS.items():
            st.page_link(page.path, label=f"{page.title}: {shows}", icon=page.icon, width="content")
    numbers = {"n": f"{evaluation.n_images:,}", "accuracy": share_text(evaluation.accuracy)}
    text_elements.note(f"{lesson['the lines']} {lesson['accuracy'].format(**numbers)}")


def actions() -> None:
    """The two things that a visitor can do at once."""
    with st.container(horizontal=True, vertical_alignment="center", key="main_actions_overview"):
        begins = primary_button("Train a network now", ":material/play_arrow:", "begin")
        st.page_link(DRAW.path, label="Draw a digit", icon=DRAW.icon, width="content")
    if begins and train.begin():
        st.switch_page(TRAIN.path)
    train.message()


lesson = read_lesson("start", "overview")
st.title(lesson.title)
words, buttons = st.columns([3, 2], gap="medium", vertical_alignment="center")
words.markdown(lesson["what happens"])
with buttons:
    actions()
if (current := current_run.run_or_notice()) is not None:
    digit_on_its_way(current)
st.header("How it fits together")
st.markdown(lesson["the course"])
lesson_frame.course()
