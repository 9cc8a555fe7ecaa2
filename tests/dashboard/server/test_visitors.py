"""Tabs and browsers have names that nobody else can say, and a tab is here while it is connected."""

import asyncio
from pathlib import Path

import pytest
from clock import Clock

from dashboard.server import visitors
from dashboard.server.first_page import first_page
from dashboard.server.visitors import HEADER, BrowserCookie, Presence, TabNames, browser_of

NAME = "0123456789abcdef" * 2


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
    first, second = (browser_of(cookie_given("/").split(";")[0]) for _ in range(2))
    assert first
    assert first != second


def test_the_script_stands_before_all_others_of_streamlits_first_page():
    import streamlit

    served = first_page((Path(streamlit.__file__).parent / "static" / "index.html").read_bytes())
    assert served.index(b"mlp-explainer-visit") < served.index(b"prerenderReady")
    assert served.count(b"<script>") == 2
