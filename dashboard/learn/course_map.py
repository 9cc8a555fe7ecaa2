"""The last look at the course: every lesson in one drawing, with the numbers of one image."""

import streamlit as st

from dashboard.components.course_map import show_course_map
from dashboard.elements.prose import read_lesson
from dashboard.session import page_view, resources
from dashboard.site_map import COURSE
from mnist_core.figures.lessons.course_map import course_map
from mnist_core.lessons.script import recap

_IMAGE = 0
"""The training image that is shown."""


def section(run: resources.TrainedRun) -> None:
    """The drawing, a card for each lesson before this one.

    Args:
        run: Of the classic network.
    """
    lesson, lessons = read_lesson("learn", "script"), {page.address: page.title for page in COURSE[:-1]}
    numbers = recap(run.record, run.dataset, run.evaluation, _IMAGE)
    st.markdown(lesson["recap"])
    wide, tall = (course_map(numbers, lessons, n) for n in ((len(lessons) + 1) // 2, 2))
    show_course_map(wide, tall, page_view.address(), key="course_map")
    st.caption(lesson["recap numbers"].format(number=_IMAGE, label=numbers.label))
