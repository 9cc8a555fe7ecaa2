"""The page "Inside": the film of the training, with the test images at each of its moments."""

from typing import Final

import streamlit as st

from dashboard.components.film import film_view
from dashboard.elements.prose import read_lesson
from dashboard.session import films, present, resources
from dashboard.widgets import charts, current_run, image_choice
from mnist_core.analysis.film_views import film_views

_HEIGHTS: Final = (0.24, 0.29)
_HEIGHTS_ON_A_PROJECTOR: Final = (0.19, 0.24)
"""Of the layers in the picture and of another view, as shares of the window's height."""


@st.fragment
def film(current: resources.TrainedRun) -> None:
    """The network at work on one image, the confusion matrix and the map, at every moment of the training."""
    lesson, record = read_lesson("lab", "film"), current.record
    if not record.film or not record.steps_done:
        st.info(lesson["none"], icon=":material/movie:")
        return
    views = current_run.analysis_result(current, film_views, lesson["counting"])
    if views is None:
        return
    picture = st.container()  # first, so that all of it is seen at once on a projector
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        with st.popover("Another image", icon=":material/image_search:"):
            number = image_choice.pick_image(current.evaluation.labels, current.evaluation.mistakes)
        st.markdown(lesson["introduction"])
    network, view = _HEIGHTS_ON_A_PROJECTOR if present.is_on() else _HEIGHTS
    with picture:
        film_view(
            "inside_film",
            parameters=record.parameters,
            inputs=current.test_inputs(number),
            label=int(current.evaluation.labels[number]),
            history=record.history,
            timeline=record.timeline,
            numbers={},
            film=films.film_of(current),
            views=films.views_of(current, views),
            height=network,
            curve_height=view,
            kind=charts.chart_format(),
        )
