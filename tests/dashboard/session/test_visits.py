"""Whose visit is kept, and whose goes first."""

import gc

from clock import Clock

from dashboard.server import visitors
from dashboard.server.visitors import Presence
from dashboard.session import visits
from dashboard.session.visit import Visit
from dashboard.session.visits import Visits

NAME = "0123456789abcdef" * 2


def answered(name):
    return Visit(name, answers={"loss/predict": 1})


def test_a_thousand_empty_visits_push_nobody_out():
    kept = Visits(max_visits=3)
    lecturer = answered("lecturer")
    kept.note_shown(lecturer)
    for number in range(1_000):
        kept.note_shown(kept.open_session(f"stranger {number}").visit)
    gc.collect()
    assert kept.find("lecturer") is lecturer
    assert kept.find("stranger 999") is None


def test_of_visits_with_something_in_them_the_one_seen_longest_ago_without_a_session_goes():
    kept = Visits(max_visits=3)
    kept.note_shown(answered("looks on"))
    session = kept.open_session("looks on")
    for name in ("a", "b", "c", "d"):
        kept.note_shown(answered(name))
    assert [name for name in "abcd" if kept.find(name)] == ["c", "d"]
    assert kept.find("looks on") is session.visit


def test_an_empty_visit_lasts_as_long_as_its_session_and_a_reload_finds_it():
    kept = Visits()
    session = kept.open_session(NAME)
    reloaded = kept.open_session(NAME)
    assert reloaded.visit is session.visit
    assert not kept.is_over(NAME)
    del session
    gc.collect()
    assert not kept.is_over(NAME)
    del reloaded
    gc.collect()
    assert kept.is_over(NAME)
    assert not kept.is_over("whoever never came")
    assert kept.find(NAME) is None


def test_the_jobs_of_living_visits_are_those_a_session_shows():
    kept = Visits()
    session = kept.open_session(NAME)
    session.visit.show_run("job-1")
    kept.note_shown(Visit("asleep", runs=["job-2"]))
    assert kept.living_jobs() == {"job-1": 0}


def test_a_visitor_has_gone_after_two_minutes_without_a_connection(monkeypatch):
    clock = Clock()
    presence = Presence(clock)
    monkeypatch.setattr(visitors, "presence", lambda: presence)
    presence.connect(NAME)
    assert not visits.is_gone(NAME)
    presence.disconnect(NAME)
    clock.now += 119
    assert not visits.is_gone(NAME)
    clock.now += 2
    assert visits.is_gone(NAME)
