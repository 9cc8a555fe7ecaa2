"""A lecturer's own questions on the pages of a class, with two students in one process."""

import json

import pytest
import streamlit as st
from paths import ROOT
from streamlit.testing.v1 import AppTest

from dashboard import site_map
from dashboard.classroom import own
from dashboard.elements.button_labels import plain
from mnist_core.bounds import MAX_OWN_QUESTIONS_BYTES

CLASSROOM, JOIN = site_map.CLASSROOM.path, site_map.JOIN.path
WRITTEN = """What do the inputs compute?
- a *weighted* sum
+ nothing

How many numbers?
number

What is a neuron like?
word"""


def visit():
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()


def press(app, label):
    next(button for button in app.button if plain(button.label) == label).click().run()
    assert not app.exception


def choose(student, number):
    """Press one of the answers."""
    buttons = [button for button in student.run().button if (button.key or "").startswith("own_answer")]
    buttons[number].click().run()
    assert not student.exception


def words(app):
    elements = (*app.markdown, *app.info, *app.success, *app.warning, *app.caption)
    return "\n".join(element.value for element in elements)


def clouds(app):
    """The words that the page shows as a cloud."""
    sent = [
        json.loads(element.proto.json)
        for element in app.get("bidi_component")
        if element.proto.component_name.endswith("cloud")
    ]
    return [[row["word"] for row in data["words"]] for data in sent]


@pytest.fixture(scope="module")
def lecturer(training_process):
    """Whose class is at the lecturer's own questions."""
    from dashboard.classroom import membership

    lecturer = visit()
    lecturer.switch_page(CLASSROOM).run()
    press(lecturer, "Open a class")
    lecturer.session_state["room_part"] = "Questions"
    yield lecturer.run()
    membership.rooms().close(lecturer.session_state["visit_id"])


@pytest.fixture
def host(lecturer):
    """The same, once the questions are written."""
    lecturer.text_area(key="own_text").set_value(WRITTEN).run()
    assert not lecturer.exception
    return lecturer


@pytest.fixture(scope="module")
def room(lecturer):
    """The class."""
    from dashboard.classroom import membership

    return membership.rooms().hosted(lecturer.session_state["visit_id"])


@pytest.fixture(scope="module")
def students(room):
    """Two who have joined."""
    joined = []
    for _ in range(2):
        student = visit()
        student.switch_page(JOIN).run()
        student.text_input(key="join_code").set_value(room.code)
        press(student, "Join")
        joined.append(student)
    return joined


def send(student, room, sent):
    """Type an answer and send it."""
    student.run()
    field = (student.number_input if isinstance(sent, float) else student.text_input)[0]
    field.set_value(sent)
    press(student, "Send")


def let(host, *words):
    """Let the class see these words and no others."""
    pills = next(group for group in host.run().button_group if (group.key or "").startswith("own_words"))
    pills.set_value(list(words)).run()
    assert not host.exception


def test_a_choice_is_answered_once_by_each_and_shown_when_the_lecturer_wants_it(host, room, students):
    host.button(key="own_ask_0").click().run()
    for student in students:
        student.run()
        assert "**What do the inputs compute?**" in words(student)
        choose(student, 0)
    choose(students[1], 1)
    host.run()
    assert "**2 answers**" in words(host)
    assert "50%" not in words(students[0].run())
    press(host, "Show the answers")
    assert "1 of 2 answers right" in words(host)
    seen = words(students[0].run())
    assert "a \\*weighted\\* sum" in seen
    assert ":material/check_circle: **B** · nothing" in seen
    assert "1 (50%)" in seen
    press(host, "Close it")
    assert not [button for button in students[0].run().button if "weighted" in button.label]


def test_numbers_are_a_histogram_for_the_class_and_a_sentence_on_a_phone(host, room, students):
    host.button(key="own_ask_1").click().run()
    for student, number in zip(students, (100.0, 25_450.0), strict=True):
        send(student, room, number)
    assert "Your answer: **25,450**" in words(students[1])
    host.run()
    press(host, "Show the answers")
    (chart,) = host.get("plotly_chart")
    assert sum(json.loads(chart.proto.spec)["data"][0]["y"]) == 2
    said = words(students[0].run())
    assert "The middle answer (median) is **12,775**. At least half of the 2 answers are from 100 to" in said


def test_a_word_is_seen_by_the_class_only_after_the_lecturer_has_let_it(host, room, students):
    host.button(key="own_ask_2").click().run()
    send(students[0], room, "Tree")
    send(students[1], room, "rude")
    host.run()
    press(host, "Show the answers")
    assert clouds(host) == clouds(students[0].run()) == []
    let(host, "tree")
    assert clouds(host) == clouds(students[1].run()) == [["tree"]]
    let(host)
    assert clouds(students[1].run()) == []


def test_an_answer_that_is_none_is_refused_and_questions_that_are_none_are_said_to_be(host, room, students):
    host.button(key="own_ask_2").click().run()
    send(students[0], room, "<script>")
    assert "A word has 1 to 24 letters" in words(students[0])
    assert room.own.latest().n_answers == 0
    host.text_area(key="own_text").set_value("Only this?").run()
    assert "Question 1\\: Below the question" in words(host)
    assert not [button for button in host.button if (button.key or "").startswith("own_ask")]


@pytest.mark.parametrize(
    ("content", "text", "problem"),
    [
        ("Größe?\nnumber".encode(), "Größe?\nnumber", ""),
        (
            b"x" * (MAX_OWN_QUESTIONS_BYTES + 1),
            None,
            "has 20,001 bytes, and questions may have 20,000. Shorten them",
        ),
        (b"\xff\x00", "\ufffd", ""),
        (None, None, ""),
    ],
)
def test_a_file_is_read_into_the_field_or_refused(monkeypatch, content, text, problem):
    state = {own._FILE: None if content is None else type("File", (), {"getvalue": lambda _: content})()}
    monkeypatch.setattr(st, "session_state", state)
    own._read_file()
    assert state.get(own._TEXT) == text
    assert problem in state.get(own._PROBLEM, "")
