"""The map at the head of every lesson: the numbers of the ladder itself, and the lesson's own rungs."""

import re
from concurrent.futures import Future

import pytest
from training_process import classic

from dashboard.elements.prose import read_lesson
from dashboard.learn import ladder_map
from dashboard.session import resources
from dashboard.site_map import COURSE
from mnist_core.analysis.intervals import wilson_interval
from mnist_core.lessons.ladder import RUNGS, Rung

STEMS = [page.stem for page in COURSE]


def shown(app):
    """The maps of a page, as HTML."""
    return [html.proto.body for html in app.get("html") if '<div class="ladder">' in html.proto.body]


def items(html):
    return re.findall("<li.*?</li>", html)


@pytest.mark.parametrize("stem", STEMS)
def test_each_lesson_begins_with_the_ladder_and_its_own_rungs_marked(stem, app):
    app.switch_page(f"pages/learn/{stem}.py").run()
    images = resources.dataset()
    counted = ladder_map.counted(images.fingerprint, images).result()
    app.run()
    (html,) = shown(app)
    accuracies = [rung.accuracy for rung in counted.rungs.values()]
    expected = [f"{100 * accuracy:.1f}%" for accuracy in accuracies]
    rows = items(html)
    assert [row.split("<b>")[1].split("</b>")[0] for row in rows[:4]] == expected
    assert f"{100 * classic().evaluation.accuracy:.1f}%" in rows[-1]
    marked = {name for name, row in zip(RUNGS, rows, strict=True) if "aria-current" in row}
    assert marked == set(ladder_map.EXPLAINED.get(stem, ()))
    assert read_lesson("learn", "ladder")[stem] in html


def test_a_lesson_without_a_rung_of_its_own_says_so():
    for stem, line in read_lesson("learn", "ladder").items():
        assert line.startswith("This lesson: " if stem in ladder_map.EXPLAINED else "About ")


def test_the_marked_rungs_are_those_that_the_table_of_the_ladder_gives_the_lesson():
    lines = read_lesson("learn", "images")["ladder table"].splitlines()[2:]
    for rung, line in zip(RUNGS, lines, strict=True):
        cell = line.split("|")[-2]
        named = set(re.findall(r"\]\((\w+)\)", cell)) or {"images"}
        assert named == {stem for stem, rungs in ladder_map.EXPLAINED.items() if rung in rungs}


def test_a_rung_that_is_not_trained_has_a_dash_that_a_screen_reader_explains():
    half = Rung(0.5, wilson_interval(1, 2))
    rows = items(ladder_map.as_html({"always": half}, 7, ("ink",), "a < b"))
    assert rows[0] == "<li>Always 7: <b>50.0%</b></li>"
    assert all("not trained yet" in row and "–" in row for row in rows[1:])
    assert [' aria-current="step"' in row for row in rows] == [name == "ink" for name in RUNGS]
    assert "a &lt; b" in ladder_map.as_html({}, 7, (), "a < b")


def test_while_the_rungs_are_counted_a_lesson_does_not_wait_for_them(app, monkeypatch):
    never = Future()
    monkeypatch.setattr(ladder_map, "counted", lambda *_: never)
    app.switch_page("pages/learn/loss.py").run()
    assert not app.exception
    assert app.title
    assert not shown(app)
