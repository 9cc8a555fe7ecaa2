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

import re
from dataclasses import dataclass
from typing import Final

import streamlit as st

from dashboard import visits

SKIPPED: Final = -1
"""The answer of who looked at the lesson without a guess."""

_ANSWER: Final = re.compile(r"^- \[( |x)\] (.+)$")


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
        """The right answer."""
        return next(answer for answer in self.answers if answer.is_right)


def parse_question(markdown: str) -> Question:
    """Read a question from a part of a lesson.

    Raises:
        ValueError: It has fewer than two answers, not one right answer, or an answer without a reason.
    """
    text: list[str] = []
    answers: list[tuple[str, bool, list[str]]] = []
    for line in markdown.splitlines():
        if found := _ANSWER.match(line):
            answers.append((found[2], found[1] == "x", []))
        elif answers:
            answers[-1][2].append(line.strip())
        else:
            text.append(line)
    read = tuple(Answer(words, is_right, " ".join(reason).strip()) for words, is_right, reason in answers)
    n_right = sum(answer.is_right for answer in read)
    if len(read) < 2 or n_right != 1 or not all(answer.reason for answer in read):  # noqa: PLR2004
        raise ValueError(
            f"A question needs two answers or more, one of them ticked and each with a reason; "
            f"{markdown[:60]!r} has {len(read)}, {n_right} ticked."
        )
    return Question("\n".join(text).strip(), read)


def predict(name: str, markdown: str) -> bool:
    """Ask for a guess before the answer is shown.

    Args:
        name: The question's name, which its answer is kept under.
        markdown: The question.

    Returns:
        Whether the visitor has committed to a guess, or skipped it.
    """
    question, given = parse_question(markdown), visits.current_visit().answers
    with st.container(border=True):
        st.markdown(f":material/psychology_alt: **Predict first.** {question.text}")
        if name not in given:
            _ask_for_guess(name, question)
            return False
        if given[name] == SKIPPED:
            st.markdown(_answer(question.right))
            return True
        guess = question.answers[given[name]]
        st.markdown(f"Your guess: **{guess.text}**")
        _feedback(guess)
        if not guess.is_right:
            st.markdown(f"The answer: {_answer(question.right)}")
    return True


def _answer(answer: Answer) -> str:
    """The answer as a sentence, and its reason."""
    stop = "" if answer.text.endswith((".", "?", "!")) else "."
    return f"**{answer.text}{stop}** {answer.reason}"


def check(name: str, markdown: str) -> None:
    """A self-check question: an answer gets its feedback at once, and may be changed."""
    question, given = parse_question(markdown), visits.current_visit().answers
    key = f"answer_{name}"

    def answered() -> None:
        if st.session_state[key] is not None:
            visits.current_visit().answers[name] = st.session_state[key]

    st.session_state[key] = given.get(name)
    with st.container(border=True):
        st.radio(
            question.text,
            range(len(question.answers)),
            format_func=lambda number: question.answers[number].text,
            key=key,
            on_change=answered,
        )
        if name in given:
            _feedback(question.answers[given[name]])


def _ask_for_guess(name: str, question: Question) -> None:
    answers = visits.current_visit().answers
    guess = st.radio(
        "Your guess",
        range(len(question.answers)),
        format_func=lambda number: question.answers[number].text,
        index=None,
        key=f"guess_{name}",
        label_visibility="collapsed",
    )

    def commit(number: int) -> None:
        answers[name] = number

    with st.container(horizontal=True):
        st.button(
            "That is my guess",
            type="primary",
            icon=":material/check:",
            key=f"commit_{name}",
            disabled=guess is None,
            on_click=commit,
            args=(guess,),
        )
        st.button(
            "Show me without a guess", type="tertiary", key=f"skip_{name}", on_click=commit, args=(SKIPPED,)
        )


def _feedback(answer: Answer) -> None:
    if answer.is_right:
        st.success(answer.reason, icon=":material/check_circle:")
    else:
        st.warning(answer.reason, icon=":material/lightbulb:")
