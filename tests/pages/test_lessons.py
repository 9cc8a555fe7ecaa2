"""Every lesson has its parts, its questions can be answered, and its frame keeps what the visitor said."""

import re
from typing import get_args

import pytest
from paths import ROOT
from streamlit.testing.v1 import AppTest
from training_process import opened_lesson, run_until, run_until_trained, skip_guess

from dashboard import site_map
from dashboard.elements.prose import read_lesson
from dashboard.learn.lesson_frame import CHECKS
from dashboard.learn.questions import parse_question
from dashboard.site_map import COURSE
from mnist_core.config import ACTIVATIONS
from mnist_core.lessons import decay, generalizing, testing
from mnist_core.lessons.exercises import EXERCISES
from mnist_core.lessons.surfaces import SURFACES

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


@pytest.mark.parametrize("page", COURSE, ids=lambda page: page.stem)
def test_a_guess_names_the_section_that_answers_it_since_a_projector_shows_one_at_a_time(page):
    asked, script = read_lesson("learn", page.stem)["predict"], (ROOT / page.path).read_text()
    assert re.findall(r"[Ff]urther down|[Bb]elow,", asked) == []
    named = re.findall(r"under “([^”]+)”", asked)
    assert [heading for heading in named if f'"{heading}"' not in script] == []


def test_the_right_answer_is_not_always_at_the_same_place():
    places = [
        [answer.is_right for answer in parse_question(read_lesson("learn", page.stem)[part]).answers].index(
            True
        )
        for page in COURSE
        for part in ("predict", *CHECKS)
    ]
    assert max(places.count(place) for place in set(places)) < 0.6 * len(places)


_SAID_ELSEWHERE = {"testing": (ROOT / "dashboard/learn/overfitting.py").read_text()}
"""What says parts of a lesson beside its page."""


@pytest.mark.parametrize("page", COURSE, ids=lambda page: page.stem)
def test_a_page_names_only_parts_that_its_lesson_has_and_uses_all(page):
    script = (ROOT / page.path).read_text() + _SAID_ELSEWHERE.get(page.stem, "")
    parts = set(read_lesson("learn", page.stem)) - {"question", "predict", "misconceptions", *CHECKS}
    assert set(re.findall(r"""lesson\[["']([^"'{]+)["']\]""", script)) <= parts
    computed = {
        *SURFACES,
        *ACTIVATIONS,
        *get_args(testing.Finding),
        *get_args(decay.Finding),
        *get_args(generalizing.Finding),
        *generalizing.CURES,
        *(f"{cure} measured" for cure in generalizing.CURES),
        *(f"{kind} {name}" for name in EXERCISES for kind in ("exercise", "answer")),
    }  # parts named by a choice on the page
    assert [
        part for part in parts - computed if f'"{part}"' not in script and f"'{part}'" not in script
    ] == []


@pytest.mark.usefixtures("training_process")
def test_nothing_is_shown_before_a_guess_and_a_guess_gets_its_reason():
    stem = COURSE[0].stem
    app = opened_lesson(stem)
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
    app.switch_page(COURSE[0].path).run()
    skip_guess(app, stem)
    run_until(app, lambda: any(header.value == "Check yourself" for header in app.header))
    for part in CHECKS:
        question = parse_question(read_lesson("learn", stem)[part])
        right = [answer.is_right for answer in question.answers].index(True)
        app.radio(key=f"answer_{stem}/{part}").set_value(right).run()
        assert any(question.right.reason in success.value for success in app.success)
    app.switch_page(site_map.GLOSSARY.path).run()
    app.switch_page(COURSE[0].path).run()
    assert len(app.success) >= len(CHECKS)
    assert not app.exception


def answered(stem, is_right=None, **context):
    """A lesson after its guess: skipped, right or wrong."""
    visit = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    visit.context = context
    visit.run().switch_page(f"pages/learn/{stem}.py").run()
    if is_right is None:
        visit.button(key=f"skip_{stem}/predict").click().run()
    else:
        answers = parse_question(read_lesson("learn", stem)["predict"]).answers
        number = [answer.is_right for answer in answers].index(is_right)
        visit.radio(key=f"guess_{stem}/predict").set_value(number).run()
        visit.button(key=f"commit_{stem}/predict").click().run()
    return run_until_trained(visit)


def headings(visit):
    return [header.value for header in visit.header]


PRESENTED = {"is_embedded": True, "url": "http://localhost:8501/"}


@pytest.mark.parametrize("page", COURSE, ids=lambda page: page.stem)
def test_a_projector_shows_the_sections_of_a_desk_one_at_a_time(page, training_process):
    on_a_desk = headings(answered(page.stem))
    assert on_a_desk[-2:] == ["What people often get wrong", "Check yourself"]
    projector = answered(page.stem, **PRESENTED)
    assert headings(projector) == []
    for place, heading in enumerate(on_a_desk, start=1):
        projector.query_params["section"] = str(place)
        projector.run()
        assert not projector.exception
        assert headings(projector) == [heading]
        assert any(caption.value == f"{place} of {len(on_a_desk)}" for caption in projector.caption)


@pytest.mark.parametrize(
    ("said", "shown"),
    [("", []), ("0", []), ("x", []), ("-1", []), ("1.5", []), ("999", []), ("99", ["Check yourself"])],
)
def test_a_section_that_is_no_number_or_too_large_does_no_harm(said, shown, training_process):
    projector = answered("neurons", **PRESENTED)
    projector.query_params["section"] = said
    projector.run()
    assert not projector.exception
    assert headings(projector) == shown
    assert projector.title[0].value == "Neurons and layers"


def test_a_section_in_the_address_changes_nothing_on_a_desk(training_process):
    desk = answered("neurons")
    everything = headings(desk)
    desk.query_params["section"] = "2"
    assert headings(desk.run()) == everything


@pytest.mark.parametrize(
    ("is_right", "said"),
    [
        (True, "Your guess is right: **{right}**"),
        (False, "Your guess: **{wrong}**; the answer: **{right}**"),
        (None, "No guess; the answer: **{right}**"),
    ],
)
def test_an_answered_guess_is_a_line_that_says_right_or_wrong_and_holds_the_reason(
    is_right, said, training_process
):
    visit = answered("neurons", is_right)
    question = parse_question(read_lesson("learn", "neurons")["predict"])
    wrong = next(answer.text for answer in question.answers if not answer.is_right)
    line = said.format(right=question.right.text, wrong=wrong)
    (guess,) = [expander for expander in visit.expander if expander.label == line]
    texts = [text.value for text in (*guess.markdown, *guess.success, *guess.warning)]
    assert question.text in texts
    assert any(question.right.reason in text for text in texts)
