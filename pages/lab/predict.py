"""Predict: one test image, and what the current run's network makes of it."""

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.widgets import charts, current_run, image_choice, network, tables
from mnist_core.figures.digits import digit_figure
from mnist_core.figures.lab.evaluation import probability_figure

lesson = read_lesson("lab", "predict")
st.title(lesson.title)
current = current_run.require_run()
current_run.run_caption(current)
evaluation, images = current.evaluation, current.dataset
number = image_choice.pick_image(evaluation.labels, evaluation.mistakes)
label = int(evaluation.labels[number])
left, right = st.columns([2, 3])
with left:
    charts.draw("digit", digit_figure, images.test_images[number], f"Test image {number}: a {label}")
with right:
    charts.draw("outputs", probability_figure, evaluation.probabilities[number], label)
st.header("On its way through the network")
st.markdown(read_lesson("lab", "network")["how to read it"])
network.explained_on_test_image(current, number, "predict_network")
st.header("From logits to probabilities")
st.markdown(lesson["softmax"])
tables.data_table(
    {
        "Digit": list(range(10)),
        "Logit": evaluation.logits[number].astype(float).round(3),
        "Probability": evaluation.probabilities[number].astype(float).round(6),
    },
    {"Probability": st.column_config.ProgressColumn(min_value=0, max_value=1, format="%.4f")},
)
