"""Predict: one test image, and what the current run's network makes of it."""

import random

import numpy as np
import streamlit as st

from dashboard import widgets
from mnist_core.figures.digits import digit_figure
from mnist_core.figures.judgement import probability_figure
from mnist_core.figures.style import alt_text

st.title("What does it read?")
current = widgets.current_run()
widgets.run_caption(current)
evaluation, images = current.evaluation, current.dataset

if "image" not in st.session_state:
    asked = st.session_state.pop("image_kept", st.query_params.get("image", "0"))
    is_valid = str(asked).isdecimal() and len(str(asked)) < 6 and int(asked) < evaluation.n_images
    if not is_valid:
        st.warning(
            f"image must be a whole number from 0 to {evaluation.n_images - 1}, not {str(asked)[:40]!r}."
        )
    st.session_state["image"] = int(asked) if is_valid else 0
st.session_state["image"] = min(st.session_state["image"], evaluation.n_images - 1)


def pick(candidates: np.ndarray) -> None:
    """Another of these images, at random."""
    others = [int(i) for i in candidates if i != st.session_state["image"]]
    if others:
        st.session_state["image"] = random.choice(others)


with st.container(horizontal=True, vertical_alignment="bottom"):
    digit = st.selectbox("Digit", ["any", *range(10)], key="predict_digit", width=120)
    only_mistakes = st.toggle("Only mistakes", key="predict_mistakes")
    allowed = evaluation.mistakes if only_mistakes else np.arange(evaluation.n_images)
    if digit != "any":
        allowed = allowed[evaluation.labels[allowed] == digit]
    st.button(
        "Another one",
        icon=":material/shuffle:",
        type="primary",
        on_click=pick,
        args=(allowed,),
        disabled=not len(allowed),
    )
    st.number_input("Number of the image", 0, evaluation.n_images - 1, key="image", width=200)
if not len(allowed):
    st.info("There is no such image: the network made no mistake there.")
elif len(allowed) < evaluation.n_images:
    st.caption(f"{len(allowed):,} images to choose from.")

number = st.session_state["image"]
st.session_state["image_kept"] = number
st.query_params["image"] = str(number)
label = int(evaluation.labels[number])
left, right = st.columns([2, 3])
figure = digit_figure(images.test_images[number], f"Test image {number}: a {label}")
left.plotly_chart(figure, width="stretch", key="digit", alt=alt_text(figure))
figure = probability_figure(evaluation.probabilities[number], label)
right.plotly_chart(figure, width="stretch", key="outputs", alt=alt_text(figure))
st.subheader("From logits to probabilities")
st.markdown(
    "The output layer gives ten **logits**, any numbers at all. Softmax turns them into probabilities that sum to 1."
)
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
