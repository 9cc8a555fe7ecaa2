"""The sections of a lesson: one below the other, or on a projector one at a time, each a screen of its own.

The address says which one is shown, so that it can be shared and the browser's back button undoes a step.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.components.keyed_links import KeyedLink
from dashboard.elements import look
from dashboard.session import page_keys, page_view, present

_PARAMETER: Final = "section"


def number() -> int:
    """The section that a projector shows, from 1; 0 for the question and the guess, and elsewhere.

    A link may say its number, or as a tour does its name, whose number is known once the sections are noted.
    """
    if not present.is_on():
        return 0
    said = st.query_params.get(_PARAMETER, "")
    if not said:
        said = page_view.parts().get(st.query_params.get(page_view.PART, ""), {}).get(_PARAMETER, "")
    return int(said) if re.fullmatch("[0-9]{1,2}", said) else 0


def is_named() -> bool:
    """Whether a link has asked for a section by its name, and the question has not been gone back to."""
    return bool(st.query_params.get(page_view.PART)) and st.query_params.get(_PARAMETER) != "0"


def note(sections: Iterable[str]) -> None:
    """Note which sections the lesson has, before anything asks for the number of one."""
    page_view.note_parts({title: {_PARAMETER: str(place)} for place, title in enumerate(sections, start=1)})


def folded(label: str, icon: str, is_open: bool = False) -> DeltaGenerator:
    """What is folded away; in a section that a projector shows it lies over the rest, which keeps its place.

    Args:
        label: Of what opens it.
        icon: Beside the label.
        is_open: Whether it is open at first, where it lies over nothing.
    """
    return st.popover(label, icon=icon) if number() else st.expander(label, is_open, icon=icon)


def draw(sections: Mapping[str, Callable[[], None]]) -> bool:
    """Draw all sections under their headings, or the one that a projector shows, or the one asked for alone.

    Args:
        sections: What draws each section, by its heading.

    Returns:
        Whether the last one is drawn.
    """
    note(sections)
    if not present.is_on():
        only = page_view.only_part()
        for title in [only] if only in sections else sections:
            st.header(title)
            page_view.note_shown_part(title)
            sections[title]()
        return only not in sections
    titles = list(sections)
    place = min(number(), len(titles))
    page_view.note_part(titles[place - 1] if place else "")
    look.add(*(["sections", "section"] if place else ["sections"]))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="section_row"):
        if place:
            st.header(titles[place - 1], width="content")
        if not present.is_alone():
            st.space("stretch")
            page_keys.links(_ways(titles, place), key="section_keys")
            st.caption(f"{place} of {len(titles)}", width="content")
    if place:
        page_view.note_shown_part(titles[place - 1])
        sections[titles[place - 1]]()
    return place == len(titles) and not present.is_alone()


def _ways(titles: list[str], place: int) -> list[KeyedLink]:
    """The buttons to the section before and to the next one."""
    names = ["the question", *titles]
    return [
        _way("‹", "Back", names, place - 1, "k"),
        _way(f"{names[place + 1]} ›" if place < len(titles) else "›", "On", names, place + 1, "j"),
    ]


def _way(label: str, direction: str, names: list[str], goal: int, key: str) -> KeyedLink:
    is_possible = 0 <= goal < len(names)
    where = names[goal] if is_possible else "there is no such section"
    others = st.query_params.to_dict()
    return KeyedLink(
        label,
        f"{direction}: {where}",
        (key,),
        query=urlencode(others | {_PARAMETER: str(goal)}),
        is_possible=is_possible,
    )
