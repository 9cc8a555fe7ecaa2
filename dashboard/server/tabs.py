"""Which tab of which browser a connection comes from, known before a page runs for the first time.

The first page has a script (`first_page`) that gives each tab a name, a random number that the tab keeps over
reloads, and sends it with the websocket's handshake as one more subprotocol. Here it becomes a header,
which pages read as `st.context.headers`. It is a secret: whoever knows it sees that tab's visit. So it
stands in no address, which proxies and servers write into their logs.
"""

import re
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.server.held import held
from mnist_core.bounds import MAX_LEFT_TABS

HEADER: Final = "x-mlp-visit"
PREFIX: Final = "visit-"
NAME: Final = re.compile(r"[0-9a-f]{32}")
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
        self._left: OrderedDict[str, float] = OrderedDict()

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
            while len(self._left) > MAX_LEFT_TABS:
                self._left.popitem(last=False)

    def is_here(self, name: str) -> bool:
        """Whether the tab is connected now."""
        with self._lock:
            return name in self._connections

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


class TabNames:
    """ASGI middleware that turns the name in a websocket's handshake into a header, and notes who is here.

    Args:
        app: What serves the connection.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or connection."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        name, headers = _split(scope["headers"])
        if not name:
            await self._app({**scope, "headers": headers}, receive, send)
            return
        presence().connect(name)
        try:
            headers.append((HEADER.encode(), name.encode()))
            await self._app({**scope, "headers": headers}, receive, send)
        finally:
            presence().disconnect(name)


def is_back(scope: Scope) -> bool:
    """Whether a websocket comes from a tab that was here before."""
    name, _ = _split(scope["headers"])
    return bool(name) and presence().seconds_away(name) is not None


def _split(headers: list[tuple[bytes, bytes]]) -> tuple[str, list[tuple[bytes, bytes]]]:
    """The tab's name, or "", and the headers without it and without what a client made look like ours."""
    name, others = "", []
    for key, value in headers:
        if key == _PROTOCOLS:
            entries = [entry.strip() for entry in value.decode("latin-1").split(",")]
            named = [entry.removeprefix(PREFIX) for entry in entries if entry.startswith(PREFIX)]
            name = next((entry for entry in named if NAME.fullmatch(entry)), name)
            left = ", ".join(entry for entry in entries if not entry.startswith(PREFIX))
            others.append((key, left.encode("latin-1")))
        elif key != HEADER.encode():
            others.append((key, value))
    return name, others
