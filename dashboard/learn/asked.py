"""The picture beside the question of a lesson."""

import streamlit as st

from dashboard.session import resources
from mnist_core.config import CLASSIC
from mnist_core.figures.lessons.asked import ASKED
from mnist_core.images.dataset import Dataset
from mnist_core.take_home.keras_script import calls_of_model
from mnist_core.take_home.script_lines import Source


def show(stem: str) -> None:
    """Draw what the question of a lesson is about.

    Args:
        stem: Of the lesson's files.
    """
    images = resources.dataset()
    if stem in ASKED:
        st.html(_picture(stem, images.fingerprint, images))
    else:  # the last lesson asks about its script
        st.code(calls_of_model(CLASSIC, Source.of(images)), language="python", wrap_lines=True)


@st.cache_resource(show_spinner=False, max_entries=50)
def _picture(stem: str, fingerprint: str, _images: Dataset) -> str:
    return ASKED[stem](_images)
