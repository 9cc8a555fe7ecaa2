"""The last look at the course: every lesson in one drawing, with the numbers of one image."""

import streamlit as st

from dashboard.components.course_map import show_course_map
from dashboard.session import page_view, resources
from dashboard.site_map import COURSE
from mnist_core.figures.lessons.script import course_map
from mnist_core.figures.style import with_article
from mnist_core.lessons.script import recap

_IMAGE = 0
"""The training image that is shown."""


def section(run: resources.TrainedRun, words: str, about: str) -> None:
    """The drawing, a card for each lesson before this one.

    Args:
        run: Of the classic network.
        words: What is seen, Markdown.
        about: Whose numbers these are; says `number` and `label` of the image.
    """
    lessons = {page.address: page.title for page in COURSE[:-1]}
    numbers = recap(run.record, run.dataset, run.evaluation, _IMAGE)
    with st.container(key="wide_words_recap"):
        st.markdown(words)
    wide, tall = (course_map(numbers, lessons, n) for n in ((len(lessons) + 1) // 2, 2))
    show_course_map(wide, tall, page_view.address(), key="course_map")
    st.caption(about.format(number=_IMAGE, label=with_article(numbers.label)))
