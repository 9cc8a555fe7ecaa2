"""Which browser a connection comes from, and which of its tabs, known before a page runs for the first time.

A cookie names the browser, so that the telephone that scans a class's code a second time is known again. It
says nothing else of it, and scripts cannot read it. What belongs to one tab only, such as the right to lead a
class, goes by the tab's name.

The first page has a script (`first_page`) that gives each tab a name, a random number that the tab keeps over
reloads, and sends it with the websocket's handshake as one more subprotocol. Here it becomes a header,
which pages read as `st.context.headers`. It is a secret: whoever knows it sees that tab's visit. So it
stands in no address, which proxies and servers write into their logs.
"""

import re
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from typing import Final

from cachetools import FIFOCache
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from dashboard.server.asgi import Middleware, editing_headers, with_header
from dashboard.server.embedding import cookie_options
from dashboard.server.held import held
from mnist_core.bounds import MAX_LEFT_TABS

COOKIE: Final = "mlp_browser"
COOKIE_SECONDS: Final = 24 * 3600
HEADER: Final = "x-mlp-visit"
PREFIX: Final = "visit-"
NAME: Final = re.compile(r"[0-9a-f]{32}")
"""Of a tab, which draws it itself, and of a browser, whose name this server has drawn."""
_PROTOCOLS: Final = b"sec-websocket-protocol"


class Presence:
    """Which tabs are connected, and when the others left; safe to use from several threads.

    Args:
        clock: The time in seconds, never going back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._connections: Counter[str] = Counter()
        self._left: FIFOCache[str, float] = FIFOCache(MAX_LEFT_TABS)

    def connect(self, name: str) -> None:
        """A connection of this tab has begun."""
        with self._lock:
            self._connections[name] += 1
            self._left.pop(name, None)

    def disconnect(self, name: str) -> None:
        """A connection of this tab has ended; it may have another one, after a reload."""
        with self._lock:
            self._connections[name] -= 1
            if self._connections[name] > 0:
                return
            del self._connections[name]
            self._left[name] = self._clock()

    def seconds_away(self, name: str) -> float | None:
        """Seconds since the tab left: 0 while it is connected, None if it was never seen."""
        with self._lock:
            if name in self._connections:
                return 0.0
            return self._clock() - self._left[name] if name in self._left else None


@held
def presence() -> Presence:
    """Who is connected to this server."""
    return Presence()


class TabNames(Middleware):
    """Turns the tab's name in a websocket's handshake into a header, and notes who is here."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or connection."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        name, scope = _split(scope)
        if not name:
            await self._app(scope, receive, send)
            return
        presence().connect(name)
        try:
            await self._app(scope, receive, send)
        finally:
            presence().disconnect(name)


def is_back(scope: Scope) -> bool:
    """Whether a websocket comes from a tab that was here before."""
    name, _ = _split(scope)
    return bool(name) and presence().seconds_away(name) is not None


def _split(scope: Scope) -> tuple[str, Scope]:
    """The tab's name, or "", and the request with it as a header instead of among the subprotocols."""
    name, headers = "", []
    for key, value in scope["headers"]:
        if key != _PROTOCOLS:
            headers.append((key, value))
            continue
        entries = [entry.strip() for entry in value.decode("latin-1").split(",")]
        named = [entry.removeprefix(PREFIX) for entry in entries if entry.startswith(PREFIX)]
        name = next((entry for entry in named if NAME.fullmatch(entry)), name)
        left = ", ".join(entry for entry in entries if not entry.startswith(PREFIX))
        headers.append((key, left.encode("latin-1")))
    return name, with_header({**scope, "headers": headers}, HEADER, name)


class BrowserCookie(Middleware):
    """Gives a browser its name with the first page that it asks for."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a cookie, if a page is asked for without one."""
        if _is_page(scope) and not browser_of(Headers(scope=scope).get("cookie", "")):
            send = editing_headers(send, lambda headers: headers.append("set-cookie", new_cookie(scope)))
        await self._app(scope, receive, send)


def browser_of(cookies: str) -> str:
    """The browser's name in a Cookie header; "" where there is none of ours."""
    if COOKIE not in cookies:
        return ""
    try:
        jar = SimpleCookie(cookies)
    except CookieError:
        return ""
    return checked(jar[COOKIE].value) if COOKIE in jar else ""


def checked(name: object) -> str:
    """The name, or "" if no tab and no browser of ours can have it."""
    return name if isinstance(name, str) and NAME.fullmatch(name) else ""


def new_cookie(scope: Scope) -> str:
    """The Set-Cookie header that names a browser for a day.

    Args:
        scope: The request that it answers.
    """
    options = f"Max-Age={COOKIE_SECONDS}; Path=/; HttpOnly; {cookie_options(scope)}"
    return f"{COOKIE}={secrets.token_hex(16)}; {options}"


def _is_page(scope: Scope) -> bool:
    """Whether a browser asks for a page, and not for a file or Streamlit's own routes."""
    if scope["type"] != "http" or scope["method"] != "GET" or "/_stcore/" in scope["path"]:
        return False
    return "." not in scope["path"].rpartition("/")[2] and "/media/" not in scope["path"]
