"""Whose visit is kept, and whose goes first."""

import asyncio
import gc
import threading
from pathlib import Path

import pytest
from clock import Clock

from dashboard.server import held, visitors
from dashboard.server.first_page import first_page
from dashboard.server.held import held_until
from dashboard.server.visitors import HEADER, BrowserCookie, Presence, TabNames, browser_of, new_cookie
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


def test_what_belongs_to_everybody_is_made_once_also_by_threads_that_ask_together(monkeypatch):
    monkeypatch.setattr(held, "_in_use", [])
    n_made, closed = [], []
    begin = threading.Barrier(8)

    @held_until(closed.append)
    def thing():
        """A thing."""
        n_made.append(1)
        return object()

    def ask():
        begin.wait()
        thing()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(n_made) == 1
    the_one = thing()
    held.close()
    assert closed == [the_one]
    assert thing() is not the_one


def test_what_is_older_is_closed_later_and_a_failure_stops_nothing(monkeypatch, caplog):
    monkeypatch.setattr(held, "_in_use", [])
    closed = []

    @held_until(lambda _: closed.append("engine"))
    def engine():
        """The engine."""

    @held_until(lambda _: 1 / 0)
    def visits_of_it():
        """The visits."""
        return engine()

    visits_of_it()
    held.close()
    assert closed == ["engine"]
    assert "The visits. could not be closed" in caplog.text


def test_a_tab_is_here_while_one_of_its_connections_is():
    clock = Clock()
    presence = Presence(clock)
    assert presence.seconds_away(NAME) is None
    presence.connect(NAME)
    presence.connect(NAME)  # a reload, before the old connection has ended
    presence.disconnect(NAME)
    assert presence.seconds_away(NAME) == 0
    presence.disconnect(NAME)
    clock.now += 90
    assert presence.seconds_away(NAME) == 90


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


def sent_through(middleware, scope):
    """What an application behind a middleware is given, and what the middleware sends."""
    given, sent = [], []

    async def app(scope, receive, send):
        given.append(scope)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        sent.append(message)

    asyncio.run(middleware(app)(scope, None, send))
    return given[0], sent[0]


def handshake(*protocols, **headers):
    named = {"sec-websocket-protocol": ", ".join(protocols)} | headers
    raw = [(name.encode(), value.encode()) for name, value in named.items()]
    scope, _ = sent_through(TabNames, {"type": "websocket", "path": "/_stcore/stream", "headers": raw})
    given = {name.decode(): value.decode() for name, value in scope["headers"]}
    return {"name": given.get(HEADER), "protocols": given["sec-websocket-protocol"]}


def test_the_name_of_the_tab_becomes_a_header_and_the_other_subprotocols_keep_their_places():
    answer = handshake("streamlit", "token", "session", f"visit-{NAME}")
    assert answer == {"name": NAME, "protocols": "streamlit, token, session"}
    assert visitors.presence().seconds_away(NAME) is not None


@pytest.mark.parametrize("name", ["", "x", "A" * 32, NAME + "0", "../" * 10])
def test_what_is_no_name_is_dropped(name):
    assert handshake("streamlit", f"visit-{name}")["name"] is None


def test_a_header_that_a_client_made_look_like_ours_is_dropped():
    assert handshake("streamlit", **{HEADER: NAME})["name"] is None


def cookie_given(path, cookie=""):
    headers = [(b"cookie", cookie.encode())] if cookie else []
    scope = {"type": "http", "method": "GET", "path": path, "headers": headers}
    return dict(sent_through(BrowserCookie, scope)[1]["headers"]).get(b"set-cookie", b"").decode()


@pytest.mark.parametrize("path", ["/", "/train", "/base/join"])
def test_a_browser_is_named_with_its_first_page_and_keeps_the_name(path):
    cookie = cookie_given(path)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert browser_of(cookie.split(";")[0])
    assert not cookie_given(path, cookie.split(";")[0])


@pytest.mark.parametrize("path", ["/static/js/index.js", "/_stcore/health", "/media/1.png", "/favicon.png"])
def test_nothing_but_a_page_names_a_browser(path):
    assert not cookie_given(path)


@pytest.mark.parametrize("cookies", ["", "mlp_browser=", "mlp_browser=evil", "x=1; mlp_browser=" + "g" * 32])
def test_a_cookie_that_the_server_did_not_give_names_nobody(cookies):
    assert browser_of(cookies) == ""


def test_two_browsers_have_two_names():
    first, second = (browser_of(new_cookie().split(";")[0]) for _ in range(2))
    assert first
    assert first != second


def test_the_script_stands_before_all_others_of_streamlits_first_page():
    import streamlit

    served = first_page((Path(streamlit.__file__).parent / "static" / "index.html").read_bytes())
    assert served.index(b"mlp-explainer-visit") < served.index(b"prerenderReady")
    assert served.count(b"<script>") == 2
