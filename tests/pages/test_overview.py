"""The overview: what it says of the network shown and of the lessons is counted."""

from training_process import classic

from dashboard.elements.prose import read_lesson
from dashboard.site_map import COURSE, OVERVIEW

WORDS_A_MINUTE = 100
"""Of a learner who reads in a second language and does the experiments on the way."""


EITHER_OR = {
    "optimizers": [
        ("same rule", "same rule otherwise", "other rule"),
        ("decay helps", "decay calms", "decay harms"),
        ("winner", "too close"),
    ],
    "testing": [("turned", "gap", "underfit", "close"), ("early stopping", "nothing stopped")],
}
"""Parts of a lesson of which a visitor reads one, by its stem."""


def words_of(stem):
    """How many words of a lesson are read at most."""
    counts = {part: len(text.split()) for part, text in read_lesson("learn", stem).items()}
    unread = (sorted(counts[part] for part in parts)[:-1] for parts in EITHER_OR.get(stem, ()))
    return sum(counts.values()) - sum(map(sum, unread))


def test_the_minutes_that_each_lesson_takes_are_those_of_its_words():
    assert "Each lesson takes ten to twenty minutes" in read_lesson("start", "overview")["the course"]
    minutes = {page.stem: words_of(page.stem) / WORDS_A_MINUTE for page in COURSE}
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
