"""The answers to a poll as bars, for the page of its host and in one piece for a phone."""

import math
from collections.abc import Callable
from typing import Final

import streamlit as st

from dashboard.components.tally import tally_bar
from mnist_core.classroom.polls import PollView
from mnist_core.figures.style import MUTED, RIGHT

LETTERS: Final = "ABCDEFGH"
_BAR: Final = (
    '<div style="display: flex; align-items: center; gap: 0.7rem; margin: -0.7rem 0 0.3rem">'
    '<div style="flex: 1; height: 1.4rem; border-radius: 4px; background: rgba(128, 128, 128, 0.15)">'
    '<div style="width: {width:.1f}%; height: 100%; border-radius: 4px; background: {color}"></div></div>'
    '<strong style="min-width: 6rem">{text}</strong></div>'
)


def tally(
    poll: PollView, key: str, has_reason: bool = True, controls: Callable[[], None] = lambda: None
) -> None:
    """The answers of a poll with a bar beside each, and once it is revealed the right one marked.

    Args:
        poll: As this visitor sees it.
        key: Of its elements.
        has_reason: Say why the right answer is right; not where the page says it anyway.
        controls: Draws what the host does with the poll, beside the headline, where it is always seen.
    """
    question = poll.question
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{headline(poll)}**", width="content")
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            controls()
    with st.container(gap="xsmall", key=f"tally_{key}"):
        for number, (letter, answer) in enumerate(zip(LETTERS, question.answers, strict=False)):
            is_right, share, text = _bar(poll, number)
            words, bar = st.columns([2, 3], vertical_alignment="center")
            words.markdown(f"{':material/check_circle: ' if is_right else ''}**{letter}** · {answer}")
            with bar:
                tally_bar(share, text, RIGHT if is_right else MUTED, key=f"tally_{key}_{number}")
    if poll.is_revealed and has_reason:
        st.success(question.reasons[question.right], icon=":material/check_circle:")


def tally_for_a_phone(poll: PollView) -> None:
    """The same as `tally` in a single element, because hundreds of phones are sent it at the same moment."""
    parts = [f"**{headline(poll)}**"]
    for number, (letter, answer) in enumerate(zip(LETTERS, poll.question.answers, strict=False)):
        is_right, share, text = _bar(poll, number)
        mark = ":material/check_circle: " if is_right else ""
        color = RIGHT if is_right else MUTED
        parts += [f"{mark}**{letter}** · {answer}", bar_markup(share, text, color)]
    st.markdown("\n\n".join(parts), unsafe_allow_html=True)
    if poll.is_revealed:
        st.success(poll.question.reasons[poll.question.right], icon=":material/check_circle:")


def bar_markup(share: float, text: str, color: str) -> str:
    """A bar as HTML: how long it is, 0 to 1, our own text behind it, and a CSS colour."""
    return _BAR.format(width=100 * share, color=color, text=text)


def _bar(poll: PollView, number: int) -> tuple[bool, float, str]:
    """Of one answer: whether it is known to be the right one, its share of all, and both as a text."""
    count, n = poll.counts[number], poll.n_answers
    is_right = poll.is_revealed and number == poll.question.right
    if poll.is_hidden and poll.is_open:
        return is_right, 0.0, "hidden"
    return (is_right, count / n, f"{count} ({100 * count / n:.0f}%)") if n else (is_right, 0.0, "0")


def headline(poll: PollView) -> str:
    """How many have answered, and how long there is still time or how many were right."""
    answers = "1 answer" if poll.n_answers == 1 else f"{poll.n_answers} answers"
    if poll.is_open:
        return f"{answers} · {time_left(poll)}"
    if not poll.is_revealed or not poll.n_answers:
        return f"{answers} · the poll is closed"
    by_chance = 100 / len(poll.counts)
    share = 100 * poll.n_right / poll.n_answers
    return f"{poll.n_right} of {answers} right: {share:.0f}%. Guessing blindly gives {by_chance:.0f}%"


def time_left(poll: PollView, step: int = 1) -> str:
    """In minutes and seconds, rounded up to a multiple of `step` seconds."""
    minutes, seconds = divmod(step * math.ceil(poll.seconds_left / step), 60)
    return f"{minutes}:{seconds:02} left"
