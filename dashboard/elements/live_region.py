"""What a screen reader says by itself when something changes that only the eye would see.

One live region of the whole document holds the sentence, beside the page and out of sight. It outlasts the
parts of a page that come and go, and so its changes are read aloud, politely: after what is being read.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st

from dashboard.components.loader import Component

_component: Final = Component("news")


@contextmanager
def announced(text: str, key: str) -> Iterator[None]:
    """Have a sentence read aloud when it has changed, with what is drawn within; the eye sees only that.

    Args:
        text: The sentence; the same one again is not repeated, and "" leaves what was said before.
        key: Of the part of the page that it is about.
    """
    with st.container(gap=None):  # or the pixel that the sentence takes would have a gap before it
        yield
        _component(key=f"news_{key}", data={"text": text}, height=1)
