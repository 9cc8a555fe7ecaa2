"""A few neurons with one input that follow a curve, with and without their bends: a section of a lesson."""

import pandas as pd
import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.learn import lesson_frame
from dashboard.widgets import charts, tables, text_elements
from dashboard.widgets.beside import WIDE_CONTROLS, beside, pinned_height
from dashboard.widgets.controls import PERSIST, segmented_choice
from mnist_core.figures.lessons.bends import bends_figure
from mnist_core.figures.style import PHONE_HEIGHT
from mnist_core.lessons.bends import CURVE_NAMES, MOST_NEURONS, follow_curve


@st.fragment
def section() -> None:
    """Choose a curve and how many neurons follow it; their sum, and how its weights are chosen."""
    lesson = read_lesson("learn", "bends")
    controls, picture = beside("bends", WIDE_CONTROLS)
    with controls:
        curve = segmented_choice("Curve", [*CURVE_NAMES], "bends_curve", **PERSIST)
        n_neurons = st.slider("Neurons", 1, MOST_NEURONS, 4, key="bends_n", **PERSIST)
        has_bends = st.toggle("With a bend (ReLU)", True, key="bends_on", **PERSIST)
        followed = follow_curve(curve, n_neurons, has_bends)
        gaps = {"Largest gap": f"{followed.gaps.max():.3f}", "Mean gap": f"{followed.gaps.mean():.3f}"}
        text_elements.metrics(gaps)
        st.markdown(lesson["bent" if has_bends else "straight"])
    drawn, numbers = picture.tabs(["The sum", "How the weights are chosen"])
    with drawn:
        charts.draw("bends", bends_figure, followed, has_bends, pinned_height(430, PHONE_HEIGHT))
    with numbers:
        columns = {"Bends at": followed.knots, "Output weight": followed.output_weights}
        st.markdown(lesson["rule"])
        tables.data_table(pd.DataFrame(columns), dict.fromkeys(columns, "%.3f"), "bends_table", row_height=28)
    lesson_frame.source(follow_curve)
