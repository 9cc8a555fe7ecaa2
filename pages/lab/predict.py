"""Predict: one test image, and what the current run's network makes of it."""

import random

import numpy as np
import streamlit as st

from dashboard import choices, widgets
from dashboard.lesson import read_lesson
from mnist_core.figures.digits import digit_figure
from mnist_core.figures.judgement import probability_figure

lesson = read_lesson("lab", "predict")
st.title(lesson.title)
current = widgets.current_run()
widgets.run_caption(current)
evaluation, images = current.evaluation, current.dataset
if choices.get("image") >= evaluation.n_images:
    choices.put("image", 0)


def pick(candidates: np.ndarray) -> None:
    """Another of these images, at random."""
    others = candidates[candidates != choices.get("image")]
    if len(others):
        choices.put("image", int(random.choice(others)))


with st.container(horizontal=True, vertical_alignment="bottom"):
    digit = st.selectbox("Digit", ["any", *range(10)], key="predict_digit", width=120)
    only_mistakes = st.toggle("Only mistakes", key="predict_mistakes")
    allowed = evaluation.mistakes if only_mistakes else np.arange(evaluation.n_images)
    if digit != "any":
        allowed = allowed[evaluation.labels[allowed] == digit]
    pick_one = {"on_click": pick, "args": (allowed,), "disabled": not len(allowed)}
    st.button("Another one", icon=":material/shuffle:", type="primary", **pick_one)
    st.number_input("Number of the image", 0, evaluation.n_images - 1, width=200, **choices.bind("image"))
if not len(allowed):
    st.info(lesson["none"], icon=":material/info:")
elif len(allowed) < evaluation.n_images:
    st.caption(f"{len(allowed):,} images to choose from.")

number = choices.get("image")
label = int(evaluation.labels[number])
left, right = st.columns([2, 3])
figure = digit_figure(images.test_images[number], f"Test image {number}: a {label}")
with left:
    widgets.chart(figure, "digit")
with right:
    widgets.chart(probability_figure(evaluation.probabilities[number], label), "outputs")
st.subheader("From logits to probabilities")
st.markdown(lesson["softmax"])
st.dataframe(
    {
        "Digit": list(range(10)),
        "Logit": evaluation.logits[number].astype(float).round(3),
        "Probability": evaluation.probabilities[number].astype(float).round(6),
    },
    hide_index=True,
    width="stretch",
    column_config={"Probability": st.column_config.ProgressColumn(min_value=0, max_value=1, format="%.4f")},
)
