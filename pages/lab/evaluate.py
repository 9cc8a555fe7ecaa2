"""Evaluate: how good the current run's network is on images it has never seen."""

import streamlit as st

from dashboard import widgets
from mnist_core.figures.curves import history_figure
from mnist_core.figures.judgement import calibration_figure, confusion_figure, score_figure
from mnist_core.figures.style import alt_text

SHOWN = 30

st.title("How good is it?")
current = widgets.current_run()
widgets.run_caption(current)
record, evaluation = current.record, current.evaluation
if not evaluation.is_finite:
    st.warning("Some outputs are not finite numbers; they are counted as equal guesses for every digit.")

half = 50 * (evaluation.interval.high - evaluation.interval.low)
facts = st.columns(3)
facts[0].metric("Test accuracy", f"{100 * evaluation.accuracy:.2f} % ± {half:.2f}")
facts[1].metric("Read right", f"{evaluation.n_right:,} of {evaluation.n_images:,}")
facts[2].metric("Test loss (nats)", f"{evaluation.loss:.3f}")
st.markdown(
    "The test images took no part in training. The ± is a 95 % interval: with other test images of the same kind, "
    f"an accuracy from {100 * evaluation.interval.low:.1f} % to {100 * evaluation.interval.high:.1f} % would be no surprise."
)

st.header("How it learned")
st.markdown(
    "The training figure of an epoch is a **running mean** taken while the network still changes; validation is measured "
    "after the epoch. That is why validation is often the better of the two in epoch 1. Later, a training curve that "
    "goes on improving while validation does not is **overfitting**."
)
for column, quantity in zip(st.columns(2), ("loss", "accuracy"), strict=True):
    figure = history_figure(record.history, quantity, record.steps_per_epoch)
    column.plotly_chart(figure, width="stretch", key=f"curve_{quantity}", alt=alt_text(figure))

st.header("What it mixes up")
st.markdown("Rows are true digits, columns what the network read. **Click a cell** to see its images.")
left, right = st.columns([3, 2])
with left:
    unit = st.segmented_control(
        "Show", ["images", "% of row"], default="images", required=True, key="confusion_unit"
    )
    figure = confusion_figure(evaluation, by_row=unit == "% of row")
    event = st.plotly_chart(
        figure,
        width="stretch",
        key="confusion",
        on_select="rerun",
        selection_mode="points",
        alt=alt_text(figure),
    )
with right:
    points = event.selection.points
    if points:
        true_digit, prediction = points[0]["customdata"]
        found = evaluation.cell(true_digit, prediction)
        st.subheader(f"{len(found)} images of a {true_digit}, read as a {prediction}")
        if len(found) > SHOWN:
            st.caption(f"The {SHOWN} most confident of them.")
        if len(found):
            widgets.image_table(evaluation, current.dataset, found[:SHOWN], "cell_images")
    else:
        st.info("No cell is selected yet. Click one with many mistakes.", icon=":material/touch_app:")

st.header("Digit by digit")
left, right = st.columns([3, 2])
figure = score_figure(evaluation)
left.plotly_chart(figure, width="stretch", key="scores", alt=alt_text(figure))
right.dataframe(
    [
        {
            "Digit": score.digit,
            "Precision (%)": round(100 * score.precision, 1),
            "Recall (%)": round(100 * score.recall, 1),
            "F1 (%)": round(100 * score.f1, 1),
            "Support": score.support,
        }
        for score in evaluation.scores
    ],
    hide_index=True,
    width="stretch",
)
st.caption(
    "Precision: of the images read as this digit, how many are it. Recall: of the images of this digit, how many were "
    "read as it. F1 is their harmonic mean, support the number of images."
)

st.header("Its most confident mistakes")
if len(evaluation.mistakes):
    widgets.image_table(evaluation, current.dataset, evaluation.mistakes[:SHOWN], "mistakes")
else:
    st.success("It made no mistake on the test images.")

st.header("Is it as sure as it should be?")
st.markdown(
    "Of the images it reads with 80–90 % confidence, 80–90 % should be right. Points below the line: **too sure**; "
    "above: not sure enough."
)
figure = calibration_figure(evaluation)
st.plotly_chart(figure, width="stretch", key="calibration", alt=alt_text(figure))
