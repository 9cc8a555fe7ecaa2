"""What every lesson page has around its own content: question, guess, source, checks, and the way on."""

import inspect
import textwrap
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from typing import Any, Final

import streamlit as st

from dashboard.elements.prose import Lesson, read_lesson
from dashboard.learn import asked, ladder_map, questions, steps
from dashboard.session import page_view, present, resources, visits
from dashboard.site_map import COURSE, TRAIN, SitePage
from dashboard.widgets import current_run
from dashboard.widgets.beside import in_order

COLUMNS: Final = 3
"""Lessons side by side on the overview: wide enough for the longest title."""
CHECKS: Final = ("check 1", "check 2", "check 3")


def begin(stem: str) -> Lesson:
    """The head of a lesson: title, question, guess, and ladder; nothing below it is drawn before the guess.

    A link that asks for a section by its name, as a step of a tour does, opens it without the guess, which a
    class has made by raising hands.

    Args:
        stem: Of the lesson's files.

    Returns:
        Its prose.
    """
    lesson = read_lesson("learn", stem)
    st.title(lesson.title)
    is_named = steps.is_named()
    is_answered = is_named or present.is_alone() or questions.is_answered(f"{stem}/predict")
    is_one_section = page_view.only_part() or (present.is_on() and (steps.number() or is_named))
    if is_answered and is_one_section:
        return lesson
    with st.container(gap="xsmall", key="lesson_question"):
        st.markdown(f"**{lesson['question']}**")
        picture = partial(asked.show, stem)
        is_answered = questions.predict(f"{stem}/predict", lesson["predict"], picture=picture)
        ladder_map.show(stem)
    if not (is_answered or is_named):
        _ways_on(stem)
        page_view.stop()
    return lesson


def show(
    stem: str,
    lesson: Lesson,
    sections: Mapping[str, Callable[[], None]],
    current: resources.TrainedRun | None = None,
) -> None:
    """The sections of a lesson and its foot: one below the other, or on a projector one at a time.

    Args:
        stem: Of the lesson's files.
        lesson: Its prose.
        sections: What draws each section, by its heading.
        current: The run that all of them look at; which one it is stands below the first section, because
            what is above it would push the first picture down.
    """
    foot = {
        "What people often get wrong": lambda: _misconceptions(lesson),
        "Check yourself": lambda: _checks(stem, lesson),
    }
    steps.note((*sections, *foot))
    if current is not None:
        sections = _with_caption(sections, current)
    if steps.draw({**sections, **foot}):
        _ways_on(stem)


def _with_caption(
    sections: Mapping[str, Callable[[], None]], current: resources.TrainedRun
) -> Mapping[str, Callable[[], None]]:
    """The sections, the first one with the line about the run; on a projector the line is drawn here."""
    if present.is_on() or not sections:
        _caption(current)
        return sections
    title, draw = next(iter(sections.items()))

    def first() -> None:
        draw()
        _caption(current)

    return {**sections, title: first}


def _misconceptions(lesson: Lesson) -> None:
    """The list, in two columns where there is room for them."""
    if present.is_phone():
        st.markdown(lesson["misconceptions"])
        return
    points = lesson["misconceptions"].split("\n- ")
    half = (len(points) + 1) // 2
    left, right = in_order(0.5)
    left.markdown("\n- ".join(points[:half]))
    right.markdown("- " + "\n- ".join(points[half:]))


def _checks(stem: str, lesson: Lesson) -> None:
    """The three questions one below the other; on a projector each behind a tab, beside its answer."""
    names = [f"Question {number}" for number, _ in enumerate(CHECKS, start=1)]
    places = st.tabs(names) if present.is_on() else [st.container() for _ in names]
    for place, part in zip(places, CHECKS, strict=True):
        with place:
            questions.check(f"{stem}/{part}", lesson[part])


def network(stem: str, lesson: Lesson) -> resources.TrainedRun:
    """The run that the rest of a lesson looks at; without one a panel that says so, and the lesson's foot."""
    current = current_run.run_or_notice()
    if current is None:
        show(stem, lesson, {})
        page_view.stop()
    return current


def captioned_run() -> resources.TrainedRun | None:
    """The run that a section looks at, after a line that says which; without one a panel, and None.

    On a projector the line stands below the question, and not above each section too.
    """
    current = current_run.run_or_notice()
    if current is not None:
        _caption(current)
    return current


def _caption(current: resources.TrainedRun) -> None:
    if not steps.number():
        current_run.run_caption(current)


def source(*functions: Callable[..., Any], label: str = "The code that does it") -> None:
    """The library's own source of some functions, folded away; on a projector in the row of the title."""
    icon = ":material/code:"
    if steps.number():
        with st.container(key="section_code"), st.popover("Code", icon=icon, type="tertiary", help=label):
            _codes(functions)
    else:
        with st.expander(label, icon=icon):
            _codes(functions)


def _codes(functions: Iterable[Callable[..., Any]]) -> None:
    for function in functions:
        st.code(_source_of(function), language="python")


def progress() -> None:
    """How many lessons are finished, in the sidebar."""
    n_finished = sum(_is_finished(page) for page in COURSE)
    st.sidebar.progress(n_finished / len(COURSE), text=f"Lessons finished: {n_finished} of {len(COURSE)}")


def course() -> None:
    """Every lesson with its question, in order; a tick for the finished ones."""
    for row in range(0, len(COURSE), COLUMNS):
        for number, (column, page) in enumerate(
            zip(st.columns(COLUMNS), COURSE[row:], strict=False), row + 1
        ):
            with column.container(border=True, height="stretch"):
                icon = ":material/check_circle:" if _is_finished(page) else page.icon
                st.page_link(page.path, label=f"**{number}. {page.title}**", icon=icon)
                st.caption(read_lesson("learn", page.stem)["question"])


def _is_finished(page: SitePage) -> bool:
    """Whether this visit made its guess and answered the checks of a lesson."""
    given = visits.current_visit().answers
    return all(f"{page.stem}/{part}" in given for part in ("predict", *CHECKS))


@lru_cache(maxsize=100)
def _source_of(function: Callable[..., Any]) -> str:
    return textwrap.dedent(inspect.getsource(function))


def _ways_on(stem: str) -> None:
    """Links to the lesson before and the one after."""
    place = [page.stem for page in COURSE].index(stem)
    st.divider()
    left, right = st.columns(2)
    if place > 0:
        page = COURSE[place - 1]
        left.page_link(page.path, label=f"Before: {page.title}", icon=":material/arrow_back:")
    if place + 1 < len(COURSE):
        page = COURSE[place + 1]
        right.page_link(page.path, label=f"Next: {page.title}", icon=":material/arrow_forward:")
    else:
        right.page_link(TRAIN.path, label="To the lab: train", icon=":material/arrow_forward:")
