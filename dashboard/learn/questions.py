"""Questions with answers to choose from, each answer with its reason: predict first, and check yourself.

A question is a part of a lesson file: its text, then a list in which the right answer is ticked and the
reason stands indented below each answer::

    How many weights has one hidden neuron?

    - [ ] 28
      That is one side of the image; the neuron sees every pixel.
    - [x] 784
      One for each pixel.

Answers belong to the visit, so that they survive page changes and a reload.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.classroom import polls
from dashboard.elements.markdown_blocks import parse_blocks
from dashboard.elements.untrusted import is_whole
from dashboard.learn import steps
from dashboard.lecture import way_in
from dashboard.session import present, visits
from dashboard.widgets.beside import in_order
from dashboard.widgets.controls import primary_button
from mnist_core.classroom.polls import PollQuestion

SKIPPED: Final = -1
"""The answer of a visitor who looked at the lesson without a guess."""
_JUST_ANSWERED: Final = "question_just_answered"
_PICTURE: Final = 0.43
_PICTURE_OVER_POLL: Final = 0.28
"""The shares of the width that a picture has beside its question."""
TICKS: Final = ("[ ] ", "[x] ")
"""How an answer begins: a wrong one, and the right one."""


@dataclass(frozen=True)
class Answer:
    """One answer to choose, and why it is right or wrong; both Markdown."""

    text: str
    is_right: bool
    reason: str


@dataclass(frozen=True)
class Question:
    """A question in Markdown with its answers, of which one is right."""

    text: str
    answers: tuple[Answer, ...]

    @property
    def right(self) -> Answer:
        """The answer that is ticked, of which there is one."""
        return next(answer for answer in self.answers if answer.is_right)

    def for_class(self, name: str) -> PollQuestion:
        """The same question to be put to a class."""
        texts, rights, reasons = zip(*((a.text, a.is_right, a.reason) for a in self.answers), strict=True)
        return PollQuestion(name, self.text, texts, reasons, rights.index(True))


@lru_cache(maxsize=100)
def parse_question(markdown: str) -> Question:
    """Read a question from a part of a lesson.

    Raises:
        ValueError: It has fewer than two answers, not one right answer, or an answer without a reason.
    """
    blocks = parse_blocks(markdown)
    end = next((block.map[0] for block in blocks if block.type == "bullet_list_open" and block.map), None)
    items = [block.content.split("\n") for block in blocks if block.content.startswith(TICKS)]
    read = tuple(Answer(first[4:], first[1] == "x", " ".join(reason)) for first, *reason in items)
    n_right = sum(answer.is_right for answer in read)
    if len(read) < 2 or n_right != 1 or not all(answer.reason for answer in read):  # noqa: PLR2004
        raise ValueError(
            f"A question needs two answers or more, one of them ticked and each with a reason; "
            f"{markdown[:60]!r} has {len(read)}, {n_right} ticked."
        )
    return Question("\n".join(markdown.splitlines()[:end]).strip(), read)


def predict(
    name: str,
    markdown: str,
    lead: str = "Predict first.",
    is_folded: bool = True,
    picture: Callable[[], None] | None = None,
) -> bool:
    """Ask for a guess before the answer is shown.

    Args:
        name: The question's name, which its answer is kept under.
        markdown: The question.
        lead: What stands before it as long as it is not answered.
        is_folded: Whether the answer, once it is given, is a line that holds why; else it is there without
            the question, which then has to stand elsewhere.
        picture: Draws what is asked about, beside the question; on a projector it stays after the answer.

    Returns:
        Whether the visitor has committed to a guess, or skipped it.
    """
    question, given = parse_question(markdown), visits.current_visit().answers
    if name in given:
        if picture is not None and present.is_on() and not steps.number():
            _answered_beside(name, question, given[name], picture)
        else:
            _answered(name, question, given[name], is_folded)
        return True
    with st.container(border=True):
        words = _beside(picture, name)
        with words:
            st.markdown(f":material/psychology_alt: **{lead}** {question.text}")
            if picture is not None and present.is_phone():
                picture()
        if not polls.panel(name, lambda: _commit(name, SKIPPED), way_in.show_small):
            with words:
                _ask_for_guess(name, question)
    return False


def _beside(picture: Callable[[], None] | None, name: str) -> DeltaGenerator:
    """The place of a question, beside its picture where there is room; a poll needs more of it below."""
    if picture is None or present.is_phone():
        return st.container()
    share = _PICTURE_OVER_POLL if polls.is_asked(name) else _PICTURE
    words, shown = st.columns([1 - share, share], gap="medium")
    with shown:
        picture()
    return words


def is_answered(name: str) -> bool:
    """Whether the visitor has answered a question, or skipped it."""
    return name in visits.current_visit().answers


def _answered(name: str, question: Question, given: int, is_folded: bool) -> None:
    """The guess and the answer in a line; why stands below it, open until another question is answered.

    In a section that a projector shows, why lies over it: the experiment has the rest of the screen.
    """
    line, icon = _in_a_line(question, given), ":material/psychology_alt:"
    is_open = st.session_state.get(_JUST_ANSWERED) == name
    with steps.folded(line, icon, is_open) if is_folded else st.container(border=True):
        is_wide = is_folded and not present.is_phone() and not steps.number()
        asked, answered = in_order() if is_wide else (st.container(), st.container())
        if is_folded:
            asked.markdown(question.text)
        elif given != SKIPPED:  # else the line says it
            asked.markdown(f"Your guess: **{question.answers[given].text}**")
        with answered:
            _show_answer(question, given)
        if steps.number():
            polls.result(name)
    if not steps.number():
        polls.result(name)
    polls.ask_button(question.for_class(name), is_answered=True)


def _answered_beside(name: str, question: Question, given: int, picture: Callable[[], None]) -> None:
    """A question that has a projector's screen of its own: its picture stays, answers have marks."""

    def ask_again() -> None:
        polls.ask_button(question.for_class(name), is_answered=True)

    with st.container(border=True, key="question_answered"):
        words = _beside(picture, name)
        words.markdown(question.text)
        if not polls.result(name, ask_again):
            with words:
                st.markdown("\n".join(_marked(n, question, given) for n in range(len(question.answers))))
                ask_again()
        guess = None if given == SKIPPED else question.answers[given]
        if guess is None or guess.is_right:
            st.success(question.right.reason, icon=":material/check_circle:")
        else:
            for place, answer in zip(in_order(0.5), (guess, question.right), strict=True):
                with place:
                    _feedback(answer)


def _marked(number: int, question: Question, given: int) -> str:
    """An answer in a list, the right one and the guess with a mark."""
    answer, is_guess = question.answers[number], number == given
    mark = "check_circle" if answer.is_right else "cancel" if is_guess else "radio_button_unchecked"
    text = f"**{answer.text}**" if answer.is_right else answer.text
    return f"- :material/{mark}: {text}{' (your guess)' if is_guess else ''}"


def _in_a_line(question: Question, given: int) -> str:
    right = f"the answer: **{question.right.text}**"
    if given == SKIPPED:
        return f"No guess; {right}"
    guess = question.answers[given]
    return (
        f"Your guess is right: **{guess.text}**"
        if guess.is_right
        else f"Your guess: **{guess.text}**; {right}"
    )


def _show_answer(question: Question, given: int) -> None:
    """What is to be said of the guess, and the right answer."""
    if given == SKIPPED:
        st.markdown(_answer(question.right))
        return
    guess = question.answers[given]
    _feedback(guess)
    if not guess.is_right:
        st.markdown(f"The answer: {_answer(question.right)}")


def _answer(answer: Answer) -> str:
    """The answer as a sentence, and its reason."""
    stop = "" if answer.text.endswith((".", "?", "!")) else "."
    return f"**{answer.text}{stop}** {answer.reason}"


def check(name: str, markdown: str) -> None:
    """A self-check question: an answer gets its feedback at once, and may be changed."""
    question, given = parse_question(markdown), visits.current_visit().answers
    key = f"answer_{name}"

    def answered() -> None:
        if is_whole(number := st.session_state.get(key), len(question.answers)):
            visits.current_visit().answers[name] = number

    st.session_state[key] = given.get(name)
    with st.container(border=True):
        words, answers = (st.container(), st.container()) if present.is_phone() else in_order()
        words.markdown(question.text)
        answers.radio(
            question.text,
            range(len(question.answers)),
            format_func=lambda number: question.answers[number].text,
            key=key,
            on_change=answered,
            label_visibility="collapsed",
        )
        if name in given:
            with answers if present.is_phone() else words:
                _feedback(question.answers[given[name]])


def _commit(name: str, number: int) -> None:
    """Keep a guess, or that there was none; in a class it counts there too."""
    visits.current_visit().answers[name] = number
    st.session_state[_JUST_ANSWERED] = name
    polls.committed(name, number)


def _ask_for_guess(name: str, question: Question) -> None:
    guess = st.radio(
        "Your guess",
        range(len(question.answers)),
        format_func=lambda number: question.answers[number].text,
        index=None,
        key=f"guess_{name}",
        label_visibility="collapsed",
    )

    with st.container(horizontal=True):
        primary_button(
            "That is my guess",
            ":material/check:",
            f"commit_{name}",
            disabled=guess is None,
            on_click=_commit,
            args=(name, guess),
        )
        polls.ask_button(question.for_class(name))
        skip = (name, SKIPPED)
        st.button("Show me without a guess", type="tertiary", key=f"skip_{name}", on_click=_commit, args=skip)


def _feedback(answer: Answer) -> None:
    if answer.is_right:
        st.success(answer.reason, icon=":material/check_circle:")
    else:
        st.warning(answer.reason, icon=":material/lightbulb:")
