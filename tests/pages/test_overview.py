"""The overview: what it says of the network shown and of the lessons is counted."""

from training_process import classic

from dashboard.elements.prose import read_lesson
from dashboard.site_map import COURSE, OVERVIEW

WORDS_A_MINUTE = 100
"""Of a learner who reads in a second language and does the experiments on the way."""


def test_the_minutes_that_each_lesson_takes_are_those_of_its_words():
    assert "Each lesson takes ten to twenty minutes" in read_lesson("start", "overview")["the course"]
    minutes = {
        page.stem: sum(len(text.split()) for text in read_lesson("learn", page.stem).values())
        / WORDS_A_MINUTE
        for page in COURSE
    }
    assert {stem: taken for stem, taken in minutes.items() if not 10 <= taken <= 20} == {}


def test_the_accuracy_is_that_of_the_network_that_is_drawn(app):
    app.switch_page(OVERVIEW.path).run()
    assert not app.exception
    evaluation = classic().evaluation
    accuracy, n = f"{100 * evaluation.accuracy:.1f}", f"{evaluation.n_images:,}"
    said = f"This network reads {accuracy}% of {n} test images correctly."
    assert any(said in text.value for text in app.markdown)


def test_every_lesson_is_named_where_the_course_is_told():
    course = read_lesson("start", "overview")["the course"]
    assert [page.stem for page in COURSE if f"]({page.stem})" not in course] == []
