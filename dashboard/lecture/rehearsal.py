"""The rehearsal of a tour: it walks from step to step by itself and notes what a page does not show.

It first has the networks trained that the tour shows, through the engine. Then it opens each step as the
lecturer would, by its address, and looks at what the page has drawn. A page that lacks something is given
some seconds, because the training process may still compute it. What the buttons of a step's part would train
is begun there and trained while it walks on, so that in the lecture a press is answered at once. When all of
that is trained it ends on the page of the tours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.lecture import promises, tour
from dashboard.lecture.itinerary import Step, Tour
from dashboard.lecture.tour import Position
from dashboard.session import choices, page_view, resources, visits
from dashboard.site_map import TOUR
from mnist_core.config import RunConfig
from mnist_core.engine.jobs import EngineBusyError, JobState, JobView

LOOK_SECONDS: Final = 0.5
PATIENCE: Final = 16
"""Looks at a page that does not show all yet."""
ASK_AGAIN: Final = 4
"""Looks at another page than the step's, after which it is asked for again: a message of a slow browser, sent
before it had changed its page, takes the session back."""
_REHEARSAL: Final = "tour_rehearsal"


@dataclass
class Rehearsal:
    """How far a rehearsal is, and what it has found.

    Attributes:
        minutes: Which tour, by its number.
        jobs: What is trained for it before it begins to walk.
        ahead: What is trained for the buttons of a step, by the number of the step.
        step: The one it stands at, from 1; 0 while networks are trained.
        n_looks: How often this step was looked at.
        n_busy: How often of these something was trained ahead, for which its page may have had to wait.
        problems: What a step's page did not show, by the number of the step.
        is_over: Whether it has ended.
        refusal: Why not all networks are trained; empty if they are.
    """

    minutes: int
    jobs: tuple[str, ...] = ()
    ahead: dict[int, tuple[str, ...]] = field(default_factory=dict)
    step: int = 0
    n_looks: int = 0
    n_busy: int = 0
    problems: dict[int, list[str]] = field(default_factory=dict)
    is_over: bool = False
    refusal: str = ""


def current() -> Rehearsal | None:
    """The rehearsal of this session, under way or over; None without one."""
    rehearsal: Rehearsal | None = st.session_state.get(_REHEARSAL)
    return rehearsal


def begin(rehearsed: Tour) -> None:
    """Have the networks of a tour trained, and then walk it."""
    rehearsal = st.session_state[_REHEARSAL] = Rehearsal(rehearsed.number)
    steps = [step for step in rehearsed.steps if step.run in ("none", "trained")]
    rehearsal.jobs = _train(rehearsal, dict.fromkeys(choices.config_of(step.settings) for step in steps))


def _train(rehearsal: Rehearsal, configs: Iterable[RunConfig]) -> tuple[str, ...]:
    """Begin trainings; the jobs of those for which there is room."""
    visit, images, jobs = visits.current_visit(), resources.dataset(), []
    try:
        for config in configs:
            jobs.append(resources.engine().submit(config, images, visit.name))  # the queue may fill midway
    except EngineBusyError as error:
        rehearsal.refusal = str(error)
    return tuple(jobs)


def button(rehearsed: Tour) -> None:
    """The button that rehearses a tour."""
    icon, key = ":material/directions_walk:", f"rehearse_{rehearsed.name}"
    st.button("Rehearse", icon=icon, key=key, on_click=begin, args=(rehearsed,))


def outcome(rehearsed: Tour) -> None:
    """What the last rehearsal of a tour has found."""
    rehearsal, prose = current(), read_lesson("lecture", "rehearsal")
    if rehearsal is None or not rehearsal.is_over or rehearsal.minutes != rehearsed.number:
        return
    n = len(rehearsed.steps)
    missing = {number: problems for number, problems in rehearsal.problems.items() if problems}
    if len(rehearsal.problems) < n:
        stopped = prose["stopped" if rehearsal.step else "stopped before"]
        st.info(stopped.format(step=rehearsal.step, n=n), icon=":material/stop:")
    elif not missing and not rehearsal.refusal:
        st.success(prose["all shown"].format(n=n), icon=":material/check_circle:")
    if missing:
        lines = [
            f"{number}. **{rehearsed.steps[number - 1].title}**: {' '.join(problems)}"
            for number, problems in missing.items()
        ]
        headline = prose["some missing"].format(n_missing=len(missing), n=n)
        st.warning("\n".join([f"{headline}\n", *lines]), icon=":material/warning:")
    if rehearsal.refusal:
        st.warning(rehearsal.refusal, icon=":material/hourglass:")


def stop() -> None:
    """End it where it stands."""
    if (rehearsal := current()) is not None:
        rehearsal.is_over = True
    tour.leave()


def strip() -> None:
    """While a rehearsal is under way, on every page: where it stands, and on to the next step."""
    rehearsal = current()
    if rehearsal is not None and not rehearsal.is_over:
        with st.container(border=True, horizontal=True, vertical_alignment="center", key="rehearsal"):
            _walk()
            st.button("Stop the rehearsal", icon=":material/stop:", key="rehearsal_stop", on_click=stop)


@st.fragment(run_every=LOOK_SECONDS)
def _walk() -> None:
    """Look at what there is by now, and go on if that is all or has been waited for."""
    rehearsal = current()
    if rehearsal is None or rehearsal.is_over:
        st.rerun()
    steps = Position(rehearsal.minutes, 1).tour.steps
    if rehearsal.step == 0:
        if _are_trained(rehearsal.jobs):
            _go_to(rehearsal, 1)
        return
    step = steps[rehearsal.step - 1]
    if rehearsal.step not in rehearsal.problems:
        st.markdown(f"**Rehearsal.** Step {rehearsal.step} of {len(steps)}: {step.title}", width="content")
        problems = _problems(rehearsal)
        if problems is None:
            return
        rehearsal.problems[rehearsal.step] = problems
        rehearsal.ahead[rehearsal.step] = _train(rehearsal, _behind_buttons(step))
    if rehearsal.step < len(steps):
        _go_to(rehearsal, rehearsal.step + 1)
    if _are_trained(_ahead(rehearsal)):
        _note_failures(rehearsal)
        rehearsal.is_over = True
        tour.leave()
        st.switch_page(TOUR.path)


def _behind_buttons(step: Step) -> tuple[RunConfig, ...]:
    """What the buttons of the part would train that the page of a step shows now."""
    view = page_view.last_view()
    if view is None or view.address != step.page.address or not step.part:
        return ()
    return view.trainings.get(step.part, ())


def _are_trained(jobs: Sequence[str]) -> bool:
    """Whether trainings have ended; if not, how many have is said."""
    views = _views(jobs)
    n_done = sum(view.state.is_final for view in views)
    if n_done < len(views):
        st.markdown(f"**Rehearsal.** Networks trained: {n_done} of {len(views)}", width="content")
    return n_done == len(views)


def _is_training(rehearsal: Rehearsal) -> bool:
    """Whether something is trained ahead now."""
    return not all(view.state.is_final for view in _views(_ahead(rehearsal)))


def _ahead(rehearsal: Rehearsal) -> list[str]:
    return [job for jobs in rehearsal.ahead.values() for job in jobs]


def _views(jobs: Sequence[str]) -> list[JobView]:
    return [view for view in map(resources.engine().view, jobs) if view is not None]


def _note_failures(rehearsal: Rehearsal) -> None:
    for number, jobs in rehearsal.ahead.items():
        for view in map(resources.engine().view, jobs):
            if view is not None and view.state is JobState.FAILED:
                rehearsal.problems[number].append(f"A training of this step has failed. {view.error}")


def _go_to(rehearsal: Rehearsal, step: int) -> None:
    rehearsal.step, rehearsal.n_looks, rehearsal.n_busy = step, 0, 0
    _open(Position(rehearsal.minutes, step))


def _open(position: Position) -> None:
    st.switch_page(position.current_step.page.path, query_params=position.parameters())


def _problems(rehearsal: Rehearsal) -> list[str] | None:
    """What the page of the step does not show; None as long as it may still come."""
    position, view = Position(rehearsal.minutes, rehearsal.step), page_view.last_view()
    rehearsal.n_looks += 1
    rehearsal.n_busy += _is_training(rehearsal)
    is_patient = rehearsal.n_looks - rehearsal.n_busy < PATIENCE
    if view is None or not position.place_in_address().items() <= view.parameters.items():
        if is_patient and rehearsal.n_looks % ASK_AGAIN == 0:
            _open(position)
        return None if is_patient else ["The page could not be opened, or was not drawn to its end."]
    problems = promises.broken(position.current_step, promises.shown_now(view))
    return None if problems and is_patient and problems != [promises.NEEDS_CLASS] else problems
