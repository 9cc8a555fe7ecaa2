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
from mnist_core.figures.style import share_text, with_article

NETWORK_HEIGHT = 0.35
"""Of the layers, as a share of the window's height: the outputs above them stay in view."""

NETWORK, LOGITS, EVIDENCE, FOOL = "The network", "Logits", "Evidence", "Fool it"
PARTS = {
    NETWORK: ":material/hub:",
    LOGITS: ":material/functions:",
    EVIDENCE: ":material/contrast:",
    FOOL: ":material/psychology_alt:",
}


WIDE = 1200
"""Pixels of a projector from which what was read stands beside the choice of the image."""


def image_height(is_alone: bool) -> int:
    """Pixels of the image: what the screen has room for below the controls, on a phone beside bars.

    Args:
        is_alone: Whether it stands in a row with its controls and the outputs, above a part of the page.
    """
    if present.is_phone():
        return 150
    if is_alone:
        return round(11 * present.root_size())
    return round(13.4 * present.root_size()) if present.is_on() else 290


def show_logits() -> None:
    left, right = in_order()
    words, bars = (right, left) if present.is_phone() else (left, right)
    with words:
        st.markdown(lesson["softmax"])
    with bars:
        if evaluation.is_finite:
            charts.draw("logits", logit_figure, evaluation.logits[number], label)
        else:
            tables.data_table({"Digit": list(range(10)), "Logit": evaluation.logits[number]})


lesson = read_lesson("lab", "predict")
st.title(lesson.title)
current = current_run.require_run()
evaluation, images = current.evaluation, current.dataset
offered = PARTS if evaluation.is_finite else {name: PARTS[name] for name in (NETWORK, LOGITS)}
with st.container(horizontal=True, vertical_alignment="center", key="predict_top"):
    part = text_elements.part_of_page("Look at", offered, "predict_part", is_labelled=False)
    with st.container(key="predict_run"):
        current_run.run_caption(current)
with st.container(key={NETWORK: "predict_stage", LOGITS: "predict_row"}.get(part)):
    choice, image, outputs = (st.container(key=f"predict_{name}") for name in ("choice", "image", "outputs"))
    way = st.container(key="predict_way") if part == NETWORK else None
picked = told = choice
if present.is_on() and present.screen()[0] >= WIDE and part not in (NETWORK, LOGITS):  # where each row counts
    picked, told = choice.columns([0.68, 0.32], vertical_alignment="bottom")
with picked:
    number = image_choice.pick_image(evaluation.labels, evaluation.mistakes)
label = int(evaluation.labels[number])
title = f"Test image {number}: {with_article(label)}"
if part in (NETWORK, LOGITS):
    with image:
        charts.draw("digit", digit_figure, images.test_images[number], title, image_height(part != NETWORK))
    with outputs:
        marked_bars(evaluation.probabilities[number], label, key="predict_bars")
else:  # which show the image themselves, and need the room
    read = int(evaluation.predictions[number])
    share = share_text(float(evaluation.probabilities[number, read]))
    told.markdown(f"**{title}, read as {with_article(read)}** with a softmax output of {share}")
if way is not None:
    with way:
        look = {"height": NETWORK_HEIGHT, "is_beside_chart": True}
        network.explained_on_test_image(current, number, "predict_network", **look)
    is_narrow = present.is_phone() or present.is_on()
    with st.container() if is_narrow else image:  # beside the network, which so is wholly in the first screen
        text_elements.note(read_lesson("lab", "network")["how to read it"])
elif part == LOGITS:
    show_logits()
elif part == EVIDENCE:
    evidence_of(current, images.test_images[number])
else:
    fool(current, images.test_images[number], label)
