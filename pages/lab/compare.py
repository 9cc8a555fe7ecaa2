"""Compare: runs side by side, one setting swept over a list of values, and experiments ready to run."""

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.lab.compare import pair, ready_made, sweep_form
from dashboard.lab.compare import runs as compared_runs
from dashboard.session import present
from dashboard.site_map import TRAIN
from dashboard.widgets import current_run, text_elements
from dashboard.widgets.beside import beside

PARTS = {
    "Runs": ":material/stacked_line_chart:",
    "Sweep": ":material/linear_scale:",
    "Experiments": ":material/science:",
}


def runs() -> None:
    """The visit's runs, all together and two by two."""
    offered = compared_runs.comparable_runs()
    controls, picture = beside("compare_runs")
    with controls:
        chosen = compared_runs.choose_runs(offered)
        if len(offered) == 1:
            st.info(lesson["one run"], icon=":material/lightbulb:")
            st.page_link(TRAIN.path, label="Train another one", icon=TRAIN.icon)
        else:
            text_elements.note(lesson["intervals"])
    with picture:
        if chosen:
            compared_runs.accuracies(chosen)
    if not chosen:
        return
    st.header("Side by side")
    compared_runs.side_by_side(chosen)
    if len(chosen) == 1:
        st.info(lesson["choose two"], icon=":material/touch_app:")
        return
    st.header("Does chance explain the difference?")
    pair.compare_pair(chosen)


def what_to_do() -> None:
    """What the page is for; on a projector below all else, so that a part has the whole screen."""
    with st.container(key="wide_words_compare"):
        st.markdown(lesson["what to do"])


lesson = read_lesson("lab", "compare")
st.title(lesson.title)
if not present.is_on():
    what_to_do()
part = text_elements.part_of_page("Look at", PARTS, "compare_part", is_labelled=False)
if part == "Runs":
    current_run.require_run()  # the classic network is one of them
    runs()
elif part == "Sweep":
    sweep_form.sweep_one_setting()
else:
    ready_made.choose_experiment()
if present.is_on():
    what_to_do()
