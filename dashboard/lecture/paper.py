"""A tour on paper: a script for the lecturer, with all notes and answers, and a worksheet for students."""

from typing import Final, Literal

import streamlit as st

from dashboard.components.print_button import print_button
from dashboard.elements.prose import read_lesson
from dashboard.lecture import sharing
from dashboard.lecture.itinerary import LENGTHS, OWN_NAME, Step, Tour, read_tour
from dashboard.lecture.tour import own_tour
from dashboard.session import page_view
from dashboard.site_map import CLASSROOM, JOIN, TOUR

Kind = Literal["script", "worksheet"]
KINDS: Final[dict[Kind, str]] = {"script": ":material/description:", "worksheet": ":material/edit_note:"}
_KIND: Final = "paper"
_MINUTES: Final = "of"
_LINES: Final = '<div class="paper-lines"></div>'
"""Room to write; its look is in `dashboard/elements/print.css`."""


def asked() -> tuple[Kind, Tour] | None:
    """What the address asks to see as it is printed; None for nothing that there is."""
    kind = next((kind for kind in KINDS if kind == st.query_params.get(_KIND)), None)
    of = st.query_params.get(_MINUTES)
    own = own_tour() if of == OWN_NAME else None
    minutes = next((minutes for minutes in LENGTHS if str(minutes) == of), None)
    tour = own.tour if own is not None else minutes and read_tour(minutes)
    return (kind, tour) if kind is not None and tour else None


def links(tour: Tour) -> None:
    """The ways to the papers of a tour."""
    with st.container(horizontal=True):
        for kind, icon in KINDS.items():
            query = {_KIND: kind, _MINUTES: tour.name}
            st.page_link(TOUR.path, label=f"{kind.capitalize()} to print", icon=icon, query_params=query)


def show(kind: Kind, tour: Tour) -> None:
    """Draw a paper, as it is printed."""
    prose = read_lesson("lecture", "tour")
    with st.container(horizontal=True, vertical_alignment="center"):
        print_button(key="paper_print")
        st.page_link(TOUR.path, label="Back to the tours", icon=":material/undo:")
    with st.container(key="paper"):
        st.title(tour.title)
        st.markdown(prose[kind])
        if kind == "script":
            st.markdown(tour.about)
        for number, step in enumerate(tour.steps, start=1):
            with st.container(key=f"paper_step_{number}"):
                if kind == "script":
                    _notes(tour, number, step)
                else:
                    _question(number, step)
        if kind == "script":
            with st.container(key="paper_step_end"):
                st.header("The end")
                st.markdown(tour.finish)


def _notes(tour: Tour, number: int, step: Step) -> None:
    """All that the lecturer has to know of a step."""
    begins, ends = tour.planned(number - 1), tour.planned(number)
    where = f"{step.page.title}, {step.part}" if step.part else step.page.title
    st.header(f"{number}. {step.title}")
    least = f"speaking and showing take about {step.least_minutes:.1f} of them"
    st.markdown(f"Minute {begins:g} to {ends:g}, {least} · page **{where}**")
    for name, words in step.notes.items():
        st.markdown(f"**{name}.** {words}")


def _question(number: int, step: Step) -> None:
    """A question with room for the answer, and the code that opens the page where it is answered."""
    with st.container(horizontal=True, gap="medium"):
        with st.container():
            st.header(f"{number}. {step.title}")
            st.markdown(step.ask)
            st.html(_LINES)
        with st.container(key=f"paper_code_{number}", gap="xsmall"):
            settings = {name: str(value) for name, value in step.settings.items()}
            page = JOIN if step.page == CLASSROOM else step.page  # where a student finds what the class does
            part = {page_view.PART: step.part} if step.part and page == step.page else {}
            address = sharing.link(page.address, **settings, **part)
            st.image(sharing.qr_svg(address), alt=f"A QR code that opens {address}")
            st.markdown(f":small[{page.title}]")
