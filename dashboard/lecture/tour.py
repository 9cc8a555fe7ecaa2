"""Where a lecture stands: which tour and which step, kept in the address as `?tour=30&step=4`.

The address decides, so that a reload, a bookmark and the browser's back button all do what they should.
Streamlit's own links leave the parameters out; then the position is put back.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from time import monotonic
from typing import Final

import streamlit as st

from dashboard.lecture.itinerary import LENGTHS, OWN, OWN_NAME, Step, Tour, listed, read_tour
from dashboard.lecture.own_tour import OwnTour, OwnTourError, read_own_tour
from dashboard.session import choices, page_view, resources, visits
from dashboard.site_map import COURSE, LAB

_POSITION: Final = "tour_position"


class TourError(ValueError):
    """A link asks for a tour or a step that does not exist; the message says which do."""


@dataclass(frozen=True)
class Position:
    """Where a lecture stands: which tour, and which step of it, counted from 1; after the last, its end."""

    minutes: int
    step: int

    @property
    def tour(self) -> Tour:
        """All steps, as they are written."""
        if self.minutes == OWN:
            own = own_tour()
            assert own is not None, "a position is one that there is"
            return own.tour
        return read_tour(self.minutes)

    @property
    def current_step(self) -> Step:
        """What to show and to ask now."""
        step = self.tour.at(self.step)
        assert step is not None, "a position is one that there is"
        return step

    @property
    def is_over(self) -> bool:
        """Whether all steps have been shown."""
        return self.step > len(self.tour.steps)

    def parameters(self, step: int | None = None) -> dict[str, str]:
        """What a link to this step or another one has: its place, and the part that it is about."""
        goal = self.tour.at(step or self.step)
        part = {page_view.PART: goal.part} if goal is not None and goal.part else {}
        return self.place_in_address(step) | part

    def place_in_address(self, step: int | None = None) -> dict[str, str]:
        """What stands in the address for this step or another one."""
        return {"tour": str(self.minutes or OWN_NAME), "step": str(step or self.step)}


def parse_position(tour: str, step: str) -> Position:
    """Where an address says that a lecture stands.

    Raises:
        TourError: There is no such tour, or it has no such step.
    """
    lengths = [str(minutes) for minutes in LENGTHS]
    if tour == OWN_NAME:
        own = own_tour()
        if own is None or not own.steps:
            raise TourError(
                "The link asks for a step of a tour of your own, and there is none here. "
                "Open the tour’s link or file on the page Guided tour first."
            )
        minutes, name, n_steps = OWN, "your own tour", len(own.steps)
    elif tour in lengths:
        minutes, name, n_steps = int(tour), f"the tour of {tour} minutes", len(read_tour(int(tour)).steps)
    else:
        raise TourError(
            f"The link asks for a tour of {tour[:20]!r} minutes; there are {listed(lengths)}. "
            "Choose one on the page Guided tour."
        )
    number = int(step) if re.fullmatch(r"[0-9]{1,3}", step) else 0
    if not 1 <= number <= n_steps + 1:
        raise TourError(
            f"The link asks for step {step[:20]!r} of {name}, which has the steps 1 to {n_steps}."
        )
    return Position(minutes, number)


def _is_in_own(position: Position) -> bool:
    own = own_tour()
    return own is not None and 1 <= position.step <= len(own.steps) + 1


def own_tour() -> OwnTour | None:
    """The tour of the visitor's own; None without one."""
    written = visits.current_visit().own_tour
    return _read(written) if written else None


@lru_cache(maxsize=64)
def _read(written: str) -> OwnTour | None:
    try:
        return read_own_tour(written.encode())
    except OwnTourError:  # of another version of the dashboard
        return None


def load() -> str:
    """At the start of a page: take the position from the address, or put it back where a link left it out.

    Returns:
        A sentence about an address that asks for a tour or step that does not exist; else empty.
    """
    is_new_session = _POSITION not in st.session_state
    kept: Position | None = st.session_state.setdefault(_POSITION, None)
    if kept is not None and (kept.minutes == OWN and not _is_in_own(kept)):
        kept = st.session_state[_POSITION] = None  # its steps were taken out meanwhile
    if "tour" not in st.query_params:
        if kept is not None:
            st.query_params.update(kept.place_in_address())
        return ""
    try:
        asked = parse_position(st.query_params["tour"], st.query_params.get("step", "1"))
    except TourError as error:
        st.session_state[_POSITION] = None
        return str(error)
    if asked != kept:
        st.session_state[_POSITION] = asked
        _arrive(asked, is_new_session)
    return ""


def current() -> Position | None:
    """Where this visit's lecture stands; None without one."""
    position: Position | None = st.session_state.get(_POSITION)
    return position


def leave() -> None:
    """End the tour, and take it out of the address."""
    st.session_state[_POSITION] = None
    visits.current_visit().tour_begun = None
    kept = {name: value for name, value in st.query_params.items() if name not in ("tour", "step")}
    st.query_params.from_dict(kept)


def minutes_gone() -> float:
    """Minutes since the tour was begun."""
    begun = visits.current_visit().tour_begun
    return 0.0 if begun is None else (monotonic() - begun[1]) / 60


def _arrive(position: Position, is_new_session: bool) -> None:
    """Begin a step: its settings and its run, and nothing moved, answered or trained already on its page.

    A reload is a new session of a visit that has begun the tour. It must not change what was done since.
    """
    visit = visits.current_visit()
    has_begun = visit.tour_begun is not None and visit.tour_begun[0] == position.minutes
    if not has_begun:
        visit.tour_begun = (position.minutes, monotonic())
    if position.is_over or (is_new_session and has_begun):
        return
    step = position.current_step
    in_link = {name: choices.get(name) for name in st.query_params if name in choices.CHOICES}
    choices.reset({**step.settings, **in_link} if is_new_session else step.settings)
    visit.current = _run_of(step)
    if step.page in (*COURSE, *LAB):  # what is typed on the pages of a class stays
        page_view.forget_controls(step.page.address)
    visit.answers.pop(f"{step.page.stem}/predict", None)
    of_page = [name for name in visit.experiments if name.startswith(step.page.stem)]
    for name in of_page:
        del visit.experiments[name]


def _run_of(step: Step) -> str | None:
    """The run that a page shows when a step begins; None for the classic network, and on Train for no run."""
    if step.run != "trained":
        return None
    return resources.engine().finished_job_for(choices.run_config().key(resources.dataset().fingerprint))
