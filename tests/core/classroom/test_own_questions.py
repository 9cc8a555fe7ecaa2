"""Questions of a lecturer's own: how they are written, who answers, and what the class sees."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.bounds import MAX_ANSWERS, MAX_OWN_QUESTIONS, MAX_OWN_QUESTIONS_BYTES
from mnist_core.classroom.own_answers import OwnQuestions
from mnist_core.classroom.own_questions import OwnQuestion, QuestionError, checked_answer, read_questions

WRITTEN = """What do the 784 inputs compute?
- a weighted sum
+ nothing
-  ReLU

How many numbers does training change?
number

What does a neuron remind you of?
word
"""
CHOICE = OwnQuestion("choice", "What do the 784 inputs compute?", ("a weighted sum", "nothing", "ReLU"), (1,))
NUMBER = OwnQuestion("number", "How many numbers does training change?")
WORD = OwnQuestion("word", "What does a neuron remind you of?")


def test_questions_are_read_as_they_are_written():
    assert read_questions(WRITTEN) == (CHOICE, NUMBER, WORD)
    assert read_questions(WRITTEN.replace("\n", "\r\n")) == (CHOICE, NUMBER, WORD)
    (without,) = read_questions("Tea or coffee?\n- tea\n- coffee")
    assert without.right == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "1 to 50 questions"),
        ("Only a question?", "Question 1: Below"),
        ("Why?\n- one", "2 to 8 answers, not 1"),
        ("Why?\n" + "- x\n" * 2, "the same"),
        ("Why?\n" + "\n".join(f"- {n}" for n in range(9)), "2 to 8 answers"),
        ("Why?\n- a\nb", "Question 1: Below"),
        ("A?\nword\n\nB?\nwords", "Question 2: Below"),
        ("x" * 301 + "\nword", "1 to 300 characters, and this one has 301. Shorten it."),
        ("Why?\n- a\n- " + "x" * 121, "1 to 120 characters, and this one has 121. Shorten it."),
        ("A?\nword\n\n" * (MAX_OWN_QUESTIONS + 1), "1 to 50 questions"),
        ("x" * (MAX_OWN_QUESTIONS_BYTES + 1), "20,000 bytes, and these have 20,001. Shorten them."),
    ],
)
def test_what_is_not_written_as_it_must_be_is_refused_in_a_sentence(text, why):
    with pytest.raises(QuestionError, match=why):
        read_questions(text)


@given(st.text(max_size=200))
def test_any_text_is_questions_or_is_refused(text):
    with suppress(QuestionError):
        assert read_questions(text)


@pytest.mark.parametrize(
    ("question", "sent", "kept"),
    [
        (CHOICE, 2, 2),
        (NUMBER, 25_450, 25_450.0),
        (NUMBER, -0.5, -0.5),
        (WORD, "  Light   switch ", "light switch"),
        (WORD, "Größe", "grösse"),
        (WORD, "o’clock", "o’clock"),
    ],
)
def test_an_answer_is_kept_as_it_is_counted(question, sent, kept):
    assert checked_answer(question, sent) == kept


@pytest.mark.parametrize(
    ("question", "sent"),
    [
        (CHOICE, 3), (CHOICE, -1), (CHOICE, True), (CHOICE, "1"), (CHOICE, None), (CHOICE, 1.0),
        (NUMBER, float("nan")), (NUMBER, float("inf")), (NUMBER, 1e10), (NUMBER, "7"), (NUMBER, True),
        (WORD, ""), (WORD, "x" * 25), (WORD, "<b>"), (WORD, "a.b"), (WORD, "a_b"), (WORD, 7),
        (WORD, "\u202e"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused(question, sent):
    with pytest.raises(QuestionError) as refused:
        checked_answer(question, sent)
    assert question != WORD or "digits, spaces, hyphens" in str(refused.value)


def test_a_member_has_one_answer_which_may_be_changed_until_the_question_closes():
    own = OwnQuestions(is_member=lambda name: name != "stranger")
    number = own.ask(CHOICE).number
    own.answer(number, "a", 0)
    own.answer(number, "a", 1)
    own.answer(number, "b", 2)
    view = own.latest("a")
    assert (view.counts, view.n_answers, view.n_right, view.own) == (((0, 0), (1, 1), (2, 1)), 2, 1, 1)
    with pytest.raises(QuestionError, match="not in this class"):
        own.answer(number, "stranger", 0)
    own.close()
    with pytest.raises(QuestionError, match="closed"):
        own.answer(number, "a", 0)
    own.ask(NUMBER)
    with pytest.raises(QuestionError, match="closed"):
        own.answer(number, "b", 0)


def test_the_class_sees_nothing_before_it_is_shown_and_no_word_before_it_is_let():
    own = OwnQuestions()
    number = own.ask(WORD).number
    for member, word in (("a", "tree"), ("b", "Tree"), ("c", "rude"), ("d", "net")):
        own.answer(number, member, word)
    assert own.latest().counts == (("tree", 2), ("rude", 1), ("net", 1))
    assert own.latest("a").for_class().counts == ()
    own.show(number, True)
    assert own.latest().for_class().counts == ()
    own.let(number, ["tree", "never said"])
    assert own.latest("a").for_class().counts == (("tree", 2),)
    assert own.latest("a").for_class().own == "tree"
    own.let(number, [])
    assert own.latest().for_class().counts == ()


def test_answers_and_questions_are_bounded():
    own = OwnQuestions()
    number = own.ask(NUMBER).number
    for n in range(MAX_ANSWERS):
        own.answer(number, f"member {n}", n)
    with pytest.raises(QuestionError, match="no more are taken"):
        own.answer(number, "another", 1)
    own.answer(number, "member 0", 7)
    for _ in range(MAX_OWN_QUESTIONS):
        own.ask(CHOICE)
    assert len(own.all_asked()) == MAX_OWN_QUESTIONS
    assert NUMBER not in [asked.question for asked in own.all_asked()]


def test_a_room_asks_one_thing_at_a_time_and_forgets_who_leaves(rooms):
    room = rooms.open("host")
    rooms.join(room.code, "a")
    rooms.join(room.code, "b")
    first = room.ask_own(CHOICE)
    room.own.answer(first.number, "a", 1)
    assert room.activity == "own"
    second = room.ask_own(WORD)
    for member in ("a", "b"):
        room.own.answer(second.number, member, "tree")
    assert [view.n_answers for view in room.list_members()] == [2, 1]
    room.leave("a")
    assert [asked.n_answers for asked in room.own.all_asked()] == [1, 1]
    room.put_out("b")
    assert [asked.n_answers for asked in room.own.all_asked()] == [1, 0]
    room.ask_for_drawings(3)
    assert not room.own.latest().is_open
    rooms.close("host")
    assert room.own.all_asked() == ()


def test_a_room_is_the_same_on_another_server(rooms):
    room = rooms.open("host")
    rooms.join(room.code, "a")
    for question, answer in ((CHOICE, 1), (NUMBER, 0.5), (WORD, "tree")):
        number = room.ask_own(question).number
        room.own.answer(number, "a", answer)
    room.own.let(number, ["tree"])
    other = rooms.open("another host")
    other.restore(json.loads(json.dumps(room.state())))
    assert other.own.all_asked() == room.own.all_asked()
    before = room.state()
    del before["own"]  # as a file has it that was written before
    other.restore(before)
    assert other.own.all_asked() == ()
