"""Small text, numbers in a row, and the parts of a page."""

from collections.abc import Mapping
from typing import Final, TypeVar

import streamlit as st

from dashboard.components.landing import land
from dashboard.session import page_view, present
from dashboard.widgets.controls import PERSIST, segmented_choice

Part = TypeVar("Part", bound=str)
HIGHEST: Final = 0.15
"""Of a window, in which the name of a part that is brought into view stands: the rest is the part's."""


def part_of_page(
    label: str, parts: Mapping[Part, str], key: str, is_labelled: bool = True, is_low: bool = False
) -> Part:
    """Which part of a page is shown: what a link asks for, else as it was left, at first the first one.

    Args:
        label: What the choice is about.
        parts: The icon of each part, by its name.
        key: Of the control.
        is_labelled: Whether the label is seen, or only read out.
        is_low: Whether the parts begin below the first screen: one that is pressed is then brought into view.
    """
    page_view.note_parts({name: {page_view.PART: name} for name in parts})
    words = {name: f"{icon} {name}" for name, icon in parts.items()}
    asked = next((name for name in parts if name == st.query_params.get(page_view.PART)), None)
    if asked is not None and present.is_alone():
        return asked
    if asked is not None and page_view.take_part_to_open(asked):
        st.session_state.pop(key, None)
    part: Part = segmented_choice(label, words, key, first=asked, is_labelled=is_labelled, **PERSIST)
    if is_low:
        _bring_into_view(part, f"{key}_brought")
    page_view.note_shown_part(part)
    page_view.note_part(part)
    return part


def _bring_into_view(part: str, key: str) -> None:
    """Scroll to a part that is another one than before, as often as there is another one."""
    before, times = st.session_state.get(key, (part, 0))
    times += part != before
    st.session_state[key] = part, times
    if times:
        land(part, f"{key} {times}", HIGHEST)


def layer_names(n_hidden: int) -> list[str]:
    """What the layers with weights are called, the output layer last; a single hidden one has no number."""
    hidden = ["hidden layer"] if n_hidden == 1 else [f"hidden layer {n}" for n in range(1, n_hidden + 1)]
    return [*hidden, "output layer"]


def metrics(values: Mapping[str, str]) -> None:
    """Numbers in a row, each under its label, as wide as it needs."""
    with st.container(horizontal=True, gap="medium"):
        for label, value in values.items():
            st.metric(label, value, width="content")


def note(text: str) -> None:
    """Small gray text that may have links and code in it.

    Streamlit's captions are see-through, and their links with them: 2.6 to 1 on white, where 4.5 can be read.

    Args:
        text: One paragraph of Markdown.
    """
    st.markdown(f":small[:gray[{text}]]")
