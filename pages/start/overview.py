"""Overview: a digit goes through the trained network, and one button trains your own."""

import streamlit as st

from dashboard import lesson_frame, resources, runs, widgets
from dashboard.lesson import read_lesson
from mnist_core.data import network_inputs
from mnist_core.figures.digits import flow_figure

WAYS = {
    "pages/lab/train.py": ("Train: sliders and live curves", ":material/model_training:"),
    "pages/lab/evaluate.py": ("Evaluate: where does it fail?", ":material/grid_on:"),
    "pages/lab/predict.py": ("Predict: one image, ten outputs", ":material/search:"),
    "pages/reference/glossary.py": ("Glossary: every term explained", ":material/menu_book:"),
}

lesson = read_lesson("start", "overview")
st.title(lesson.title)
left, right = st.columns([2, 3], gap="large")
with left:
    st.markdown(lesson["what happens"])
    begin = st.button("Train a network now", type="primary", icon=":material/play_arrow:", width="stretch")
    if begin and runs.begin():
        st.switch_page("pages/lab/train.py")
    runs.message()
    for page, (label, icon) in WAYS.items():
        st.page_link(page, label=label, icon=icon)
with right:
    current = widgets.current_run()
    evaluation, images = current.evaluation, current.dataset
    number = st.session_state.setdefault("overview_image", 0) % evaluation.n_images
    preparation = current.record.config.training.preparation
    inputs = network_inputs(images.test_images[number : number + 1], preparation)
    parameters = current.record.parameters
    figure = resources.drawn(
        flow_figure,
        images.test_images[number],
        parameters.hidden_activations(inputs)[-1][0],
        parameters.contributions(inputs)[0],
        evaluation.probabilities[number],
    )
    widgets.chart(figure, "flow")

    def another() -> None:
        """The next test image."""
        st.session_state["overview_image"] = number + 1

    st.button("Another digit", icon=":material/skip_next:", on_click=another)
    accuracy = f"Of {evaluation.n_images:,} test images this network reads {100 * evaluation.accuracy:.1f} %"
    st.caption(f"{lesson['the lines']} {accuracy} right.")
st.header("How it all hangs together")
st.markdown(lesson["the course"])
lesson_frame.course()
