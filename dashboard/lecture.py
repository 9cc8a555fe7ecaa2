"""What a lecture needs on every page: share and present in the sidebar, and the bar of the guided tour.

In present mode there is no sidebar; a slim bar above the page has what is needed instead.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import streamlit as st

from dashboard import present, sharing, tour
from dashboard.components.keyed_links import KeyedLink, keyed_links
from dashboard.tour import Position

CLOCK_SECONDS: Final = 20
"""How often the minutes gone are looked at."""
Pages = Mapping[str, Iterable[st.Page]]


def controls(pages: Pages, problem: str) -> None:
    """Draw them.

    Args:
        pages: All pages by section, for the menu of present mode.
        problem: What the address asks for in vain; empty for nothing.
    """
    present.enlarge()
    position = tour.current()
    if present.is_on():
        _bar(position, pages)
    else:
        with st.container(horizontal=True, horizontal_alignment="right", gap="small", key="lecture"):
            sharing.button()
            keyed_links([present.switch()], sharing.here(), key="present")
        if position is not None:
            _tour(position)
    sharing.dialog()
    if problem:
        st.warning(problem, icon=":material/link_off:")


def _bar(position: Position | None, pages: Pages) -> None:
    """All of it in one row, as little of it as will do."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="present_bar"):
        if position is not None:
            st.markdown(f"**{position.step} / {len(position.tour.steps)}**", width="content")
            _clock(position)
        st.space("stretch")
        if position is not None:
            with st.popover("", icon=":material/sticky_note_2:", type="tertiary", help="Notes", key="notes"):
                _notes(position)
        with st.popover("", icon=":material/menu:", type="tertiary", help="Pages", key="pages"):
            _menu(position, pages)
        sharing.button(is_small=True)
        _present_links(position)


@st.fragment
def _present_links(position: Position | None) -> None:
    keyed_links([*_ways(position), present.switch()], sharing.here(), key="present_keys", has_to_settle=True)


def _menu(position: Position | None, pages: Pages) -> None:
    for section, entries in pages.items():
        st.caption(section)
        for page in entries:
            st.page_link(page)
    if position is not None:
        st.button("Leave the tour", icon=":material/close:", on_click=tour.leave, key="tour_leave")


def _tour(position: Position) -> None:
    """The step, what to show and to ask, how late it is, and the way on."""
    step, here = position.current_step, sharing.here()
    with st.container(border=True, key="tour_bar", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(
                f":material/tour: **Step {position.step} of {len(position.tour.steps)}: {step.title}**",
                width="content",
            )
            _clock(position)
            if step.page != here:
                st.page_link(step.path, icon=":material/arrow_outward:", query_params=position.parameters())
            keyed_links(_ways(position), here, key="tour_ways")
            st.button("Leave the tour", type="tertiary", on_click=tour.leave, key="tour_leave")
        with st.expander("What to show, what to ask", expanded=True, key="tour_notes", type="compact"):
            _notes(position)


def _ways(position: Position | None) -> list[KeyedLink]:
    """The buttons to the step before and the one after."""
    if position is None:
        return []
    steps = position.tour.steps
    # In present mode a clicker's keys, too; elsewhere they move the page, as everybody expects.
    more = [("PageUp", "PageDown"), ("", "")][not present.is_on()]
    ways = []
    for label, key, extra, place in (
        ("Back", "b", more[0], position.step - 1),
        ("Next", "n", more[1], position.step + 1),
    ):
        is_possible = 1 <= place <= len(steps)
        goal = steps[place - 1] if is_possible else position.current_step
        words = f"{label}: {goal.title}" if is_possible else f"{label}: there is no such step"
        keys = (key, extra) if extra else (key,)
        there = tuple(position.parameters(place).items())
        ways.append(
            KeyedLink(label, f"{words} (key {key.upper()})", keys, goal.page, there, None, is_possible)
        )
    return ways


def _notes(position: Position) -> None:
    """What to show and what to ask; the answer only on demand, as the class may be looking."""
    step = position.current_step
    show, ask = st.columns(2, gap="large")
    show.markdown(f":material/visibility: **Show.** {step.show}")
    ask.markdown(f":material/question_answer: **Ask.** {step.ask}")
    if ask.toggle("The answer to hope for", key=f"tour_answer_{position.minutes}_{position.step}"):
        ask.markdown(step.hope_for)


@st.fragment(run_every=CLOCK_SECONDS)
def _clock(position: Position) -> None:
    """Minutes gone, beside the minutes after which the step should end."""
    planned, gone = position.tour.planned(position.step), tour.minutes_gone()
    words = f"minute {gone:.0f}, planned {planned:g} of {position.minutes}"
    st.caption(words, width="content", help="Minutes gone, and the minute by which this step should be over")
