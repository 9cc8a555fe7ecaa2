"""The report of a class: what it counts, and that nothing in it is anybody's."""

import csv
import io
import re

import numpy as np
import pytest

from mnist_core.classroom.challenges import Judged, Result
from mnist_core.classroom.own_questions import read_questions
from mnist_core.classroom.polls import PollQuestion
from mnist_core.classroom.runs import ClassRun
from mnist_core.classroom.summary import summarize
from mnist_core.config import CLASSIC, DEFAULT
from mnist_core.take_home.class_report import COLUMNS, class_report_csv, class_report_html, plain_text

MEMBERS = [f"secret-{number}" for number in range(4)]
QUESTION = PollQuestion(
    "loss/predict", "Which [loss](glossary#loss) is **lower**?", ("`0.1`", "0.2"), ("yes", "no"), 0
)
CHOICE, NUMBER, WORD = read_questions(
    "What do inputs <compute>?\n- a sum\n+ nothing\n\nHow many?\nnumber\n\nWhat does it look like?\nword"
)


def describe(config):
    return f"{config.network.hidden_units[0]} neurons"


@pytest.fixture
def room(rooms):
    """A class in which everything was done once."""
    room = rooms.open("the host")
    for member in MEMBERS:
        rooms.join(room.code, member)
    poll = room.ask(QUESTION)
    for member, choice in zip(MEMBERS, (0, 0, 0, 1), strict=True):
        room.polls.answer(poll.number, member, choice)
    for question, answers in ((CHOICE, (1, 0, 1)), (NUMBER, (3, 3, 5)), (WORD, ("Anna", "brain", "brain"))):
        asked = room.ask_own(question)
        for member, answer in zip(MEMBERS, answers, strict=False):
            room.own.answer(asked.number, member, answer)
    room.own.let(asked.number, ["brain"])
    room.own.show(asked.number, True)
    room.ask_for_drawings(7)
    for member, ink in zip(MEMBERS, (10, 20, 30), strict=False):
        room.wall.add(member, 7, np.full((28, 28), ink, np.uint8))
    numbers = [drawing.number for drawing in room.wall.view().drawings]
    room.wall.show_readings(dict(zip(numbers, (7, 7, 1), strict=True)))
    room.runs.add(MEMBERS[0], [ClassRun(DEFAULT, 0.95), ClassRun(DEFAULT.with_changes(epochs=6), 0.96)])
    judged = Judged(4_800, 5_000)
    room.board.set_mark(Result("mark", CLASSIC, 9_375, 5, 60_000, judged, judged))
    return room


def test_a_class_is_summed_up_in_counts(room):
    summary = summarize(room)
    assert summary.n_members == 4
    assert [question.counts for question in summary.questions] == [
        (("`0.1`", 3), ("0.2", 1)),
        (("a sum", 1), ("nothing", 2)),
        (("3", 2), ("5", 1)),
        (("brain", 2),),
    ]
    assert [question.share_right for question in summary.questions] == [
        0.75,
        pytest.approx(2 / 3),
        None,
        None,
    ]
    assert [question.n_held_back for question in summary.questions] == [0, 0, 0, 1]
    assert (summary.n_drawings, summary.n_read) == (3, 2)
    assert [accuracy for _, accuracy in summary.runs] == [0.96, 0.95]
    assert summary.board == ()  # the mark alone is no entry


def test_a_histogram_is_made_of_the_numbers_themselves(rooms):
    room = rooms.open("the host")
    for member, answer in (("a", 1234.56789012345), ("b", 1234.56789012355)):
        rooms.join(room.code, member)
        asked = room.own.latest() or room.ask_own(NUMBER)
        room.own.answer(asked.number, member, answer)
    (question,) = summarize(room).questions
    assert sorted(question.numbers) == [(1234.56789012345, 1), (1234.56789012355, 1)]
    assert question.counts == (("1,234.56789", 1), ("1,234.56789", 1))
    page = class_report_html(summarize(room), describe, "")
    assert page.count("<span>1 (50%)</span>") == 2  # written they are the same, and they have a bar each


def test_large_numbers_of_the_report_are_written_out(rooms):
    room = rooms.open("the host")
    for member, answer in (("a", 784.0), ("b", 25_450.0)):
        rooms.join(room.code, member)
        room.own.answer((room.own.latest() or room.ask_own(NUMBER)).number, member, answer)
    assert "<span>784 to 13,117</span>" in class_report_html(summarize(room), describe, "")


def test_words_that_are_not_shown_to_the_class_are_held_back_although_they_were_let(room):
    room.own.show(room.own.latest().number, False)
    word = summarize(room).questions[-1]
    assert (word.counts, word.n_held_back, word.n_answers) == ((), 3, 3)


def test_a_wall_that_was_not_judged_has_no_accuracy(room):
    room.ask_for_drawings(3)
    room.wall.remove_all()
    assert (summarize(room).n_drawings, summarize(room).n_read) == (0, None)


def test_the_page_has_bars_shares_and_all_parts_and_asks_no_host(room):
    page = class_report_html(summarize(room), describe, "32 neurons")
    assert "<h3>Which loss is lower?</h3><p>4 answers, 75% right</p>" in page
    assert '<div class="bar right"><span>0.1</span><span><i style="width:100.0%"></i></span>' in page
    assert "What do inputs &lt;compute&gt;?" in page
    assert "<span>2 (67%)</span>" in page
    assert "3 answers; 1 with words that the class was not shown" in page
    assert "read 2 of them (66.7%) as the digit that was asked for; 95% interval" in page
    assert "96.0%" in page
    assert "No run was entered." in page
    assert "default-src 'none'" in page
    assert not re.search(r"<script|<img|https?:|url\(", page)


def test_neither_file_has_a_name_a_member_a_word_that_was_not_shown_or_the_code(room):
    summary = summarize(room)
    for content in (class_report_html(summary, describe, ""), class_report_csv(summary, describe)):
        assert not re.search(f"Anna|anna|secret|the host|{room.code}|{room.link}", content)


def test_the_table_has_a_line_for_each_answer_and_run(room):
    lines = list(csv.reader(io.StringIO(class_report_csv(summarize(room), describe))))
    assert tuple(lines[0]) == COLUMNS
    assert ["question", "Which loss is lower?", "0.1", "3", "75.0", "yes"] in lines
    assert ["question", "What does it look like?", "words that were not shown", "1", "33.3", ""] in lines
    assert ["handwriting", "read as the digit asked for", "", "2", "66.7", ""] in lines
    assert ["run", "validation accuracy", "32 neurons", "1", "96.0", ""] in lines
    assert {len(line) for line in lines} == {len(COLUMNS)}


def test_the_table_has_commas_in_its_numbers_where_people_write_0_5(room):
    table = class_report_csv(summarize(room), describe, has_decimal_comma=True)
    lines = list(csv.reader(io.StringIO(table), delimiter=";"))
    assert tuple(lines[0]) == COLUMNS
    assert ["question", "Which loss is lower?", "0.1", "3", "75,0", "yes"] in lines
    assert ["run", "validation accuracy", "32 neurons", "1", "96,0", ""] in lines
    assert {len(line) for line in lines} == {len(COLUMNS)}


def test_the_board_has_places_and_settings_and_no_names(room):
    judged = Judged(4_900, 5_000)
    small = CLASSIC.with_changes(hidden_units=(8,))
    room.board.enter(MEMBERS[0], "Anna", Result("job", small, 9_375, 5, 60_000, judged, judged))
    summary = summarize(room)
    assert {row.place for _, rows in summary.board for row in rows} == {0, 1}
    page = class_report_html(summary, describe, "")
    assert "8 neurons" in page
    assert ">mark<" in page
    assert "Anna" not in page


@pytest.mark.parametrize("answer", ["=1+1", "+x", "-x", "@x"])
def test_a_spreadsheet_computes_no_answer(rooms, answer):
    room = rooms.open("the host")
    room.ask_own(read_questions(f"Which?\n- {answer}\n- b")[0])
    lines = list(csv.reader(io.StringIO(class_report_csv(summarize(room), describe))))
    assert lines[2][2] == f"'{answer}"


@pytest.mark.parametrize(
    ("markdown", "words"),
    [("a [link](x#y) here", "a link here"), ("**bold**, `code` and *more*", "bold, code and more")],
)
def test_a_lessons_question_is_written_without_marks(markdown, words):
    assert plain_text(markdown) == words


def test_a_class_in_which_nothing_was_done_has_an_empty_report(rooms):
    page = class_report_html(summarize(rooms.open("the host")), describe, "")
    assert page.count("No question was asked.") == 1
    assert "No digit was handed in." in page
    assert "No run with validation images was trained." in page
