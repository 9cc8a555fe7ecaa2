"""Predict: one test image, and what the current run's network makes of it."""

import streamlit as st

from dashboard.components.bars import marked_bars
from dashboard.elements.prose import read_lesson
from dashboard.lab.evidence import evidence_of
from dashboard.lab.fooling import fool
from dashboard.session import present
from dashboard.widgets import charts, current_run, image_choice, network, tables, text_elements
from dashboard.widgets.beside import in_order
from mnist_core.figures.digits import digit_figure
from mnist_core.figures.lab.evaluation import logit_figure
from mnist_core.figures.style import article

NETWORK_HEIGHT = 0.39
"""Of the layers, as a share of the window's height: the outputs above them stay in view."""

PARTS = (
    "Logits",
    "Evidence",
    "Fool it",
)


def image_height() -> int:
    """Pixels of the image: what the screen has room for below the controls, on a phone beside bars."""
    if present.is_phone():
        return 150
    return round(13.4 * present.root_size()) if present.is_on() else 290


lesson = read_lesson("lab", "predict")
st.title(lesson.title)
current = current_run.require_run()
evaluation, images = current.evaluation, current.dataset
current_run.run_caption(current)
with st.container(key="predict_stage"):
    choice, image, outputs, way = (
        st.container(key=f"predict_{name}") for name in ("choice", "image", "outputs", "way")
    )
with choice:
    number = image_choice.pick_image(evaluation.labels, evaluation.mistakes)
label = int(evaluation.labels[number])
with image:
    title = f"Test image {number}: {article(label)} {label}"
    charts.draw("digit", digit_figure, images.test_images[number], title, image_height())
with outputs:
    marked_bars(evaluation.probabilities[number], label, key="predict_bars")
with way:
    look = {"height": NETWORK_HEIGHT, "is_beside_chart": True}
    network.explained_on_test_image(current, number, "predict_network", **look)
is_narrow = present.is_phone() or present.is_on()
with st.container() if is_narrow else image:  # beside the network, so that the tabs begin in the first screen
    text_elements.note(read_lesson("lab", "network")["how to read it"])
parts = st.tabs(PARTS if evaluation.is_finite else PARTS[:1])
with parts[0]:
    left, right = in_order()
    with left:
        st.markdown(lesson["softmax"])
    with right:
        if evaluation.is_finite:
            charts.draw("logits", logit_figure, evaluation.logits[number], label)
        else:
            tables.data_table({"Digit": list(range(10)), "Logit": evaluation.logits[number]})
if evaluation.is_finite:
    with parts[1]:
        evidence_of(current, images.test_images[number])
    with parts[2]:
        fool(current, images.test_images[number], label)
