"""The questions of the lessons from learning to the last, and the words of those lessons."""

import re

import pytest
from paths import ROOT

from dashboard.elements.prose import read_lesson
from dashboard.learn.questions import parse_question
from dashboard.site_map import COURSE

STEMS = ("learning", "batches", "optimizers", "starting_weights", "testing", "generalizing", "script")
BANNED = (
    r"\d %",
    r"derivatives? by",
    r"reads? right",
    r"[Nn]obody",
    r"updates an epoch",
    r"\bas many \w+ as\b",
)


def test_batches_come_before_optimisers_which_use_them():
    assert tuple(page.stem for page in COURSE if page.stem in STEMS) == STEMS


@pytest.mark.parametrize("stem", STEMS)
def test_the_right_answer_is_never_the_longest(stem):
    lesson = read_lesson("learn", stem)
    for part in (name for name in lesson if re.match(r"predict|check \d", name)):
        question = parse_question(lesson[part])
        wrong = [len(answer.text) for answer in question.answers if not answer.is_right]
        assert len(question.right.text) < max(wrong), part


@pytest.mark.parametrize("stem", STEMS)
def test_no_sentence_has_what_the_register_bans(stem):
    places = [f"pages/learn/{stem}.md", f"pages/learn/{stem}.py", f"mnist_core/figures/lessons/{stem}.py"]
    for place in places:
        text = (ROOT / place).read_text()
        assert [found for banned in BANNED for found in re.findall(banned, text)] == [], place
