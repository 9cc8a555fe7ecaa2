"""What a lecture needs on every page: share and present above it, and the bar of the guided tour.

In present mode there is no sidebar; a slim bar above the page has what is needed instead.
"""

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from dashboard.components.keyed_links import KeyedLink
from dashboard.components.landing import land
from dashboard.elements import look
from dashboard.elements.untrusted import escape_markdown
from dashboard.lecture import rehearsal, remote, share_dialog, speaker, tour
from dashboard.lecture.tour import Position
from dashboard.session import page_keys, page_view, present, resources

CLOCK_SECONDS: Final = 20
"""How often the minutes gone are looked at."""
PHONE: Final = 640
"""Pixels of width up to which a screen is a phone's."""
_NOTES: Final = "notes_are_open"
Pages = Mapping[str, Iterable[st.Page]]


def controls(pages: Pages) -> None:
    """Draw the row above the page, after the address has said where a tour stands.

    Args:
        pages: All pages by section, for the menu of present mode.
    """
    look.apply(resources.theme(), present.is_on(), present.is_alone())
    if present.is_alone():
        return
    problem = tour.load()
    rehearsal.strip()
    position = tour.current()
    remote.obey(position)
    if present.is_on():
        if position is not None:
            look.add("present_tour")
        st.fragment(_bar, run_every=CLOCK_SECONDS if position else None)(position, pages)
    else:
        with st.container(horizontal=True, horizontal_alignment="right", gap="small", key="lecture"):
            share_dialog.button()
            page_keys.links([present.switch()], key="present")
        if position is not None:
            _tour(position)
    share_dialog.dialog()
    speaker.dialog()
    if position is not None and (part := position.current_step.part) and _is_there(position):
        land(part, f"{position.minutes} {position.step}")
    if problem:
        st.warning(escape_markdown(problem), icon=":material/link_off:")


def _bar(position: Position | None, pages: Pages) -> None:
    """The whole bar in one row, with as few words as possible; a fragment, which the clock runs again."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="present_bar"):
        if position is not None:
            _progress(position)
        if position is not None and not position.is_over:
            st.button("Notes", type="tertiary", key="notes", on_click=_toggle_notes)
        with st.popover("Pages", type="tertiary", key="pages"):
            _menu(position, pages)
        if share_dialog.button(is_quiet=True):
            st.rerun()  # the dialog belongs to the page, or the clock would close it
        page_keys.links([*_step_links(position), present.switch()], key="present_keys")
    if position is not None and not position.is_over and st.session_state.get(_NOTES):
        with st.container(key="tour_strip"):
            notes, more = st.columns([7, 1], gap="large")
            with notes:
                _notes(position)
            with more:
                is_pressed = speaker.button()
            if is_pressed:
                st.session_state[_NOTES] = False  # they will be on the speaker's own screen
                st.rerun()  # as for the dialog of Share


def _toggle_notes() -> None:
    st.session_state[_NOTES] = not st.session_state.get(_NOTES)


def _progress(position: Position) -> None:
    """The number of the step, the minutes gone, and the minute by which the step should end."""
    planned, gone = position.tour.planned(position.step), tour.minutes_gone()
    with st.container(horizontal=True, width="content", vertical_alignment="center", key="present_progress"):
        st.markdown("**The end**" if position.is_over else f"**{_place(position, '/')}**", width="content")
        st.caption(f"min {gone:.0f}, until {planned:.0f}", width="content")


def _place(position: Position, of: str) -> str:
    """The number of the step and of all steps."""
    return f"{position.step} {of} {len(position.tour.steps)}"


def _menu(position: Position | None, pages: Pages) -> None:
    """All pages, and with a tour the way back to it and out of it."""
    if position is not None:
        _step_page_link(position)
        if st.button("Leave the tour", icon=":material/close:", on_click=tour.leave, key="tour_leave"):
            st.rerun()
    for section, entries in pages.items():
        st.caption(section)
        for page in entries:
            st.page_link(page)


def _step_page_link(position: Position) -> None:
    """A link to the page of the step, where another one is shown."""
    step = position.current_step
    if not _is_there(position):
        label = step.title if position.is_over else f"Step {position.step}: {step.title}"
        st.page_link(step.page.path, label=label, icon=":material/undo:", query_params=position.parameters())


def _is_there(position: Position) -> bool:
    """Whether the page of the step is shown."""
    return position.current_step.page.address == page_view.address()


def _tour(position: Position) -> None:
    """The step, what to show and to ask, how late it is, and the way on."""
    step = position.current_step
    title = step.title if position.is_over else f"Step {_place(position, 'of')}: {step.title}"
    with st.container(border=True, key="tour_bar", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="tour_head"):
            st.markdown(f":material/tour: **{title}**", width="content")
            _clock(position)
            _step_page_link(position)
            page_keys.links(_step_links(position), key="tour_ways")
            speaker.button()
            st.button("Leave the tour", type="tertiary", on_click=tour.leave, key="tour_leave")
        if position.is_over or remote.is_steered():  # then the speaker's own screen has them
            return
        is_wide = present.screen()[0] > PHONE
        with st.expander("What to show, what to ask", expanded=is_wide, key="tour_notes", type="compact"):
            _notes(position)


def _step_links(position: Position | None) -> list[KeyedLink]:
    """The buttons to the step before and the one after."""
    if position is None:
        return []
    back = _step_link(position, -1, "Back", "←", ("b", "PageUp"))
    return [back, _step_link(position, 1, "Next", "→", ("n", "PageDown"))]


def _step_link(position: Position, by: int, label: str, sign: str, keys: tuple[str, str]) -> KeyedLink:
    place = position.step + by
    goal = position.tour.at(place)
    return KeyedLink(
        sign if present.is_on() else label,
        f"{label}: {goal.title if goal else 'there is no such step'}",
        # In present mode a clicker's keys, too; elsewhere they move the page, as everybody expects.
        keys if present.is_on() else keys[:1],
        page=(goal or position.current_step).page.address,
        query=urlencode(position.parameters(place)),
        is_possible=goal is not None,
    )


def _notes(position: Position) -> None:
    """What to show and what to ask; the answer only on demand, as the class may be looking."""
    step = position.current_step
    show, ask = st.columns(2, gap="large")
    if step.show:  # a lecturer's own step may have no words
        show.markdown(f":material/visibility: **Show.** {step.show}")
    if step.ask:
        ask.markdown(f":material/question_answer: **Ask.** {step.ask}")
    if step.hope_for and ask.toggle(
        "The likely answers", key=f"tour_answer_{position.minutes}_{position.step}"
    ):
        ask.markdown(step.hope_for)
    if step.if_it_goes_wrong and show.toggle(
        "If it goes wrong", key=f"tour_wrong_{position.minutes}_{position.step}"
    ):
        show.markdown(step.if_it_goes_wrong)


@st.fragment(run_every=CLOCK_SECONDS)
def _clock(position: Position) -> None:
    """The minutes gone, and the minute by which the step should end."""
    planned, gone = position.tour.planned(position.step), tour.minutes_gone()
    until = "" if position.is_over else f"; this step ends at {planned:g}"
    st.caption(f"minute {gone:.0f} of {position.tour.minutes:g}{until}", width="content")
