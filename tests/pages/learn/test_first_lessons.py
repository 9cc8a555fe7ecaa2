"""The overview and the lessons on images, neurons, activations and the loss: how they are written."""

import re

import pytest
from training_process import opened_lesson

from dashboard.elements.prose import read_lesson
from dashboard.learn.lesson_frame import CHECKS
from dashboard.learn.questions import parse_question
from dashboard.site_map import COURSE
from mnist_core.config import CLASSIC, NetworkConfig
from mnist_core.images.preparation import flatten, normalise
from mnist_core.network.parameters import initial_parameters

LESSONS = ("images", "neurons", "activations", "loss")
TEXTS = (("start", "overview"), *(("learn", stem) for stem in LESSONS))
BANNED = re.compile(
    r"\d %|pass(es|ed)? on\b|derivative by|reads? right|read right|Had each|hidden units?\b|"
    r"nobody can|hangs? together|as many|start weights|, for (?!example|each|every|who)|Tempting",
    re.IGNORECASE,
)


@pytest.mark.parametrize(("section", "stem"), TEXTS)
def test_a_text_has_none_of_the_words_that_the_register_bans(section, stem):
    parts = read_lesson(section, stem).items()
    found = {name: [word.group() for word in BANNED.finditer(text)] for name, text in parts}
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize("stem", LESSONS)
@pytest.mark.parametrize("part", ["predict", *CHECKS])
def test_the_right_answer_is_never_the_longest(stem, part):
    question = parse_question(read_lesson("learn", stem)[part])
    wrong = [len(answer.text) for answer in question.answers if not answer.is_right]
    assert len(question.right.text) <= max(wrong)


@pytest.mark.parametrize("stem", LESSONS)
def test_a_guess_says_under_which_heading_it_is_decided(stem, app):
    (heading,) = re.findall("under “(.+?)”", read_lesson("learn", stem)["predict"])
    app.switch_page(f"pages/learn/{stem}.py").run()
    app.button(key=f"skip_{stem}/predict").click().run()
    assert heading in [header.value for header in app.header]


@pytest.mark.parametrize("stem", [page.stem for page in COURSE])
@pytest.mark.parametrize("is_presented", [False, True], ids=["at a desk", "on a projector"])
def test_a_question_has_its_picture_and_on_a_projector_keeps_it_and_marks_each_answer(
    stem, is_presented, training_process
):
    app = opened_lesson(stem)
    if is_presented:
        app.context = {"is_embedded": True, "url": "http://localhost:8501/"}
        app.run()
    assert len(pictures(app)) == 1
    question = parse_question(read_lesson("learn", stem)["predict"])
    wrong = next(number for number, answer in enumerate(question.answers) if not answer.is_right)
    app.radio(key=f"guess_{stem}/predict").set_value(wrong).run()
    app.button(key=f"commit_{stem}/predict").click().run()
    assert not app.exception
    assert bool(pictures(app)) == is_presented or stem == "script"
    marked = [text.value for text in app.markdown if ":material/radio_button_unchecked:" in text.value]
    assert len(marked) == int(is_presented)
    if is_presented:
        lines = marked[0].splitlines()
        assert lines[wrong] == f"- :material/cancel: {question.answers[wrong].text} (your guess)"
        assert f"- :material/check_circle: **{question.right.text}**" in lines
        assert len(lines) == len(question.answers)
        assert [box.value for box in app.warning][:1] == [question.answers[wrong].reason]
        assert [box.value for box in app.success][:1] == [question.right.reason]


def pictures(app):
    """What is drawn beside a question: HTML, or for the last lesson the calls of its script."""
    drawn = [html.proto.body for html in app.get("html") if 'class="asked' in html.proto.body]
    return drawn + [code.value for code in app.code if code.value.startswith("model.compile")]


def test_flattening_leaves_left_and_right_neighbours_side_by_side_and_a_row_apart_those_below(sample):
    assert "28 places apart" in read_lesson("learn", "images")["misconceptions"]
    places = flatten(sample.train_images[:1].astype(int) * 0 + range_of_places())[0]
    assert (places[1] - places[0], places[28] - places[0]) == (1, 28)


def range_of_places():
    return [[28 * row + column for column in range(28)] for row in range(28)]


def test_undivided_pixels_make_the_first_sums_255_times_as_large(sample):
    weights = initial_parameters(CLASSIC.network, 0).weights[0]
    images = flatten(sample.train_images[:20])
    assert images @ weights == pytest.approx(255 * (normalise(images) @ weights), rel=1e-2, abs=1e-2)


def test_the_parameters_named_in_the_guess_on_activations_are_counted():
    reasons = " ".join(
        a.reason for a in parse_question(read_lesson("learn", "activations")["predict"]).answers
    )
    assert f"{NetworkConfig((32, 32)).n_parameters:,} parameters" in reasons
    assert f"{784 * 10 + 10:,}" in reasons
