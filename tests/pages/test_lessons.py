"""Every lesson has its parts, its questions can be answered, and its frame keeps what the visitor said."""

import re
from typing import get_args

import pytest
from paths import ROOT
from streamlit.testing.v1 import AppTest

from dashboard import site_map
from dashboard.elements.prose import read_lesson
from dashboard.learn.lesson_frame import CHECKS
from dashboard.learn.questions import parse_question
from dashboard.site_map import COURSE
from mnist_core.config import ACTIVATIONS
from mnist_core.lessons.surfaces import SURFACES
from mnist_core.lessons.testing import Finding

QUESTION = """How many?

- [ ] Ten
  Too many.
- [x] Two
  As many as
  there are.
"""


def test_a_question_is_its_text_and_answers_with_reasons():
    question = parse_question(QUESTION)
    assert question.text == "How many?"
    assert [answer.text for answer in question.answers] == ["Ten", "Two"]
    assert question.right.reason == "As many as there are."


@pytest.mark.parametrize(
    "markdown",
    [
        "No answers.",
        "One.\n\n- [x] a\n  b",
        "None right.\n\n- [ ] a\n  b\n- [ ] c\n  d",
        "Two right.\n\n- [x] a\n  b\n- [x] c\n  d",
        "No reason.\n\n- [x] a\n- [ ] c\n  d",
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(markdown):
    with pytest.raises(ValueError, match="A question needs two answers or more"):
        parse_question(markdown)


@pytest.mark.parametrize("page", COURSE, ids=lambda page: page.stem)
def test_a_lesson_has_a_question_a_guess_misconceptions_and_three_checks(page):
    lesson = read_lesson("learn", page.stem)
    assert lesson["question"].strip().endswith("?")
    assert lesson["misconceptions"]
    for part in ("predict", *CHECKS):
        assert parse_question(lesson[part]).right


def test_the_right_answer_is_not_always_at_the_same_place():
    places = [
        [answer.is_right for answer in parse_question(read_lesson("learn", page.stem)[part]).answers].index(
            True
        )
        for page in COURSE
        for part in ("predict", *CHECKS)
    ]
    assert max(places.count(place) for place in set(places)) < 0.6 * len(places)


@pytest.mark.parametrize("page", COURSE, ids=lambda page: page.stem)
def test_a_page_names_only_parts_that_its_lesson_has_and_uses_all(page):
    script = (ROOT / page.path).read_text()
    parts = set(read_lesson("learn", page.stem)) - {"question", "predict", "misconceptions", *CHECKS}
    assert set(re.findall(r"""lesson\[["']([^"'{]+)["']\]""", script)) <= parts
    computed = {*SURFACES, *ACTIVATIONS, *get_args(Finding)}  # parts named by a choice on the page
    assert [
        part for part in parts - computed if f'"{part}"' not in script and f"'{part}'" not in script
    ] == []


@pytest.fixture(scope="module")
def app(training_process):
    started = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    started.switch_page(COURSE[0].path).run()
    return started


def test_nothing_is_shown_before_a_guess_and_a_guess_gets_its_reason(app):
    stem = COURSE[0].stem
    assert not app.header
    question = parse_question(read_lesson("learn", stem)["predict"])
    wrong = [answer.is_right for answer in question.answers].index(False)
    app.radio(key=f"guess_{stem}/predict").set_value(wrong).run()
    app.button(key=f"commit_{stem}/predict").click().run()
    assert not app.exception
    assert any(question.answers[wrong].reason in warning.value for warning in app.warning)
    assert any(question.right.reason in text.value for text in app.markdown)


def test_a_check_answers_at_once_and_survives_a_page_change(app):
    stem = COURSE[0].stem
    for _ in range(120):
        if any(header.value == "Check yourself" for header in app.header):
            break
        app.run()
    for part in CHECKS:
        question = parse_question(read_lesson("learn", stem)[part])
        right = [answer.is_right for answer in question.answers].index(True)
        app.radio(key=f"answer_{stem}/{part}").set_value(right).run()
        assert any(question.right.reason in success.value for success in app.success)
    app.switch_page(site_map.GLOSSARY.path).run()
    app.switch_page(COURSE[0].path).run()
    assert len(app.success) >= len(CHECKS)
    assert not app.exception
