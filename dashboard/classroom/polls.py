"""The class pulse: a question put to the whole room, its answers as they come in, and the right one.

The lecturer opens a poll where the question stands, on its lesson's page; members answer on the join page, or
on the lesson's page itself. One member has one answer, which may be changed while the poll is open and the
member has not seen the truth.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Final

import streamlit as st

from dashboard.classroom import membership
from dashboard.classroom.answers import LETTERS, tally, tally_for_a_phone, time_left
from dashboard.elements import button_labels
from dashboard.elements.live_region import announced
from dashboard.elements.prose import read_lesson
from dashboard.session import visits
from dashboard.widgets.beside import in_order
from dashboard.widgets.controls import primary_button
from mnist_core.classroom.polls import PollError, PollQuestion, PollView
from mnist_core.classroom.room import Room

LIVE_SECONDS: Final = 1.0
STEP_SECONDS: Final = 10
"""In which members see the time run out: each change is a run of the page for each of them."""
_QUESTION: Final = 0.34
"""The share of the width that a question has beside its answers."""
_UNANSWERED: Final = 0.76
"""The share of the width that answers have beside the way into the class."""
_HIDE: Final = "pulse_hidden"
_PROBLEM: Final = "pulse_problem"


def ask_button(question: PollQuestion, is_answered: bool = False) -> None:
    """The host's button that opens a poll; nothing for others.

    Args:
        question: What is asked.
        is_answered: The host's page shows the answer; it is taken away, so that the class cannot read it.
    """
    room = membership.hosted_room()
    if room is None:
        return

    def ask() -> None:
        visits.current_visit().answers.pop(question.name, None)
        room.ask(question)

    label = "Ask the class again" if is_answered else "Ask the class"
    st.button(label, icon=":material/groups:", key=f"ask_{question.name}", on_click=ask)


def panel(name: str, reveal: Callable[[], None], way_in: Callable[[Room], None]) -> bool:
    """The host's view of a question's poll, in the place of the guess.

    Args:
        name: The question's.
        reveal: Called when the host wants the answer shown, before the page runs.
        way_in: Draws how one joins the class, beside the answers until there is one.

    Returns:
        Whether there is such a poll.
    """
    room = membership.hosted_room()
    poll = None if room is None else room.polls.find(name)
    if room is None or poll is None or poll.is_revealed:
        return False
    if poll.is_open:
        _live(name, poll.number, way_in)
        return True

    def controls() -> None:
        if st.button("Ask again", icon=":material/replay:", key=f"again_{name}"):
            room.ask(poll.question, poll.is_hidden)
            st.rerun()
        primary_button("Show the answer", ":material/visibility:", f"reveal_{name}", on_click=reveal)

    tally(poll, f"closed_{name}", controls=controls)
    return True


def is_asked(name: str) -> bool:
    """Whether the visitor's class has been asked a question."""
    return _of_class(name) is not None


def _of_class(name: str) -> PollView | None:
    """The poll of a question in the class that the visitor leads or is in."""
    room = membership.hosted_room() or membership.joined_room()
    return None if room is None else room.polls.find(name)


def committed(name: str, choice: int) -> None:
    """A visitor has made a guess on the question's own page, or skipped it, and now sees the answer.

    Args:
        name: The question's.
        choice: The number of the answer; below 0 for none.
    """
    if (room := membership.hosted_room()) is not None:
        room.polls.reveal(name)
    if (room := membership.joined_room()) is not None and choice >= 0:
        poll = room.polls.find(name)
        if poll is not None and poll.is_open:
            _answer(room, poll, choice, is_final=True)


def result(name: str, controls: Callable[[], None] = lambda: None) -> bool:
    """What the class said to a question whose answer is on the page.

    Args:
        name: The question's.
        controls: Draws what the host does with it, beside the headline.

    Returns:
        Whether the class has been shown the answer, and its own ones are drawn.
    """
    poll = _of_class(name)
    if poll is not None and poll.is_revealed:
        tally(poll, f"result_{name}", has_reason=False, controls=controls)
        return True
    if poll is not None and poll.is_open:
        st.caption(read_lesson("lecture", "join")["still open"])
    return False


def current(room: Room, way_in: Callable[[Room], None]) -> None:
    """The host's view of the poll opened last, on the classroom's page.

    Args:
        room: The class.
        way_in: See `panel`.
    """
    poll = room.polls.latest()
    if poll is None:
        st.info(read_lesson("lecture", "classroom")["no poll"], icon=":material/lightbulb:")
        return
    name = poll.question.name
    question, answers = in_order(_QUESTION)
    question.markdown(poll.question.text)

    def reveal() -> None:
        room.polls.reveal(name)

    with answers:
        if not panel(name, reveal, way_in):
            tally(poll, f"current_{name}")


def shown_to(room: Room, member: str, answers: Mapping[str, int]) -> Hashable:
    """What `answer_poll` depends on; the others' answers only once the poll is closed.

    Args:
        room: The class.
        member: Who looks.
        answers: What that visit has answered, by the question's name.
    """
    poll = room.polls.latest(member)
    if poll is None:
        return None
    others = time_left(poll, STEP_SECONDS) if poll.is_open else poll.counts
    given = answers.get(poll.question.name)
    return poll.number, poll.is_open, poll.is_revealed, poll.own, poll.is_own_final, given, others


def answer_poll(room: Room) -> None:
    """A member's view of the poll, on the join page."""
    poll = room.polls.latest(membership.member_id())
    if poll is None:
        return
    prose, given = read_lesson("lecture", "join"), visits.current_visit().answers
    name = poll.question.name
    if poll.is_revealed and poll.own is not None:
        given.setdefault(name, poll.own)
    elif poll.is_open and name in given and not poll.is_own_final and given[name] >= 0:
        _answer(room, poll, given[name], is_final=True)  # a guess made on the lesson's page before
        poll = room.polls.latest(membership.member_id()) or poll
    # Its own words are marked up, with formulas and links, and the region would read the marks.
    question = f"question {poll.number}"
    news = f"Here is {question}." if poll.is_open else f"Here is what the class answered to {question}."
    with announced(news, "class"):
        st.markdown(poll.question.text)
    if not poll.is_open:
        tally_for_a_phone(poll)
        _own(poll)
        if not poll.is_revealed:
            st.info(prose["closed"], icon=":material/hourglass:")
    elif name in given:
        _own(poll)
        st.info(prose["seen" if given[name] < 0 else "counted"], icon=":material/how_to_reg:")
    else:
        _choose(room, poll)


def _choose(room: Room, poll: PollView) -> None:
    """The answers as buttons, and what is to be said of the last one."""
    key = f"class_answer_{room.name}_{poll.number}"
    answer_buttons(poll.question.answers, poll.own, key, lambda choice: _answer(room, poll, choice))
    number, problem = st.session_state.pop(_PROBLEM, (0, ""))
    if problem and number == poll.number:
        st.warning(problem, icon=":material/block:")
    prose = read_lesson("lecture", "join")
    st.caption(f"{prose['choose' if poll.own is None else 'chosen']} {time_left(poll, STEP_SECONDS)}.")


def answer_buttons(answers: Sequence[str], own: int | None, key: str, choose: Callable[[int], None]) -> None:
    """The answers to a question as buttons that a thumb meets; the one given stands out.

    Args:
        answers: In Markdown.
        own: The number of the one given; None for none.
        key: Of the elements.
        choose: Called with the number of an answer that is pressed, before the page runs.
    """
    for number, (letter, answer) in enumerate(zip(LETTERS, answers, strict=False)):
        is_own, label = number == own, f"**{letter}** · {answer}"
        st.button(
            button_labels.main_label(label) if is_own else label,
            type="primary" if is_own else "secondary",
            icon=":material/check:" if is_own else None,
            key=f"{key}_{number}",
            on_click=choose,
            args=(number,),
            width="stretch",
        )


def _own(poll: PollView) -> None:
    if poll.own is not None:
        st.markdown(f"Your answer: **{LETTERS[poll.own]} · {poll.question.answers[poll.own]}**")


def _answer(room: Room, poll: PollView, choice: int, is_final: bool = False) -> None:
    try:
        room.polls.answer(poll.number, membership.member_id(), choice, is_final)
    except PollError as error:
        st.session_state[_PROBLEM] = poll.number, str(error)


@st.fragment(run_every=LIVE_SECONDS)
def _live(name: str, number: int, way_in: Callable[[Room], None]) -> None:
    """The answers as they come in; ends with one rerun of the whole page."""
    room = membership.hosted_room()
    poll = None if room is None else room.polls.find(name)
    if room is None or poll is None or poll.number != number or not poll.is_open:
        st.rerun()

    def hide() -> None:
        room.polls.hide(bool(st.session_state.get(_HIDE)))

    def controls() -> None:
        st.session_state[_HIDE] = poll.is_hidden
        st.toggle("Hide the bars until it is closed", key=_HIDE, on_change=hide)
        if primary_button("Close the poll", ":material/stop:", f"close_{name}"):
            room.polls.close()
            st.rerun()

    if poll.n_answers:
        tally(poll, f"live_{name}", controls=controls)
        return
    answers, beside = in_order(_UNANSWERED)
    with beside:
        way_in(room)
    with answers:
        tally(poll, f"live_{name}", controls=controls)
