"""How many files and connections the server may have open, and which it refuses or closes.

When few are left, new visitors are refused, so that those who are connected can go on.

Who has sent no whole request head after ten seconds is disconnected: Uvicorn waits for ever, and each takes
one of the files. When few are left, they are waited for only a second. Websockets, answers and uploads under
way are left alone: their heads have come.
"""

import asyncio
import contextlib
import logging
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final
from weakref import WeakKeyDictionary

from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from uvicorn import Server

from dashboard.server import visitors
from dashboard.server.asgi import Middleware
from mnist_core.bounds import MAX_LEFT_SESSIONS, MAX_OPEN_FILES, MAX_SILENT_SECONDS, RESERVED_FILES

FILES_OF_SESSION: Final = 4
"""The websocket, and three of the event loop that Streamlit makes for each session."""
FILES_OF_LEFT: Final = 3
FILES_OF_SERVER: Final = 48
N_EXPECTED: Final = 300
"""Phones in a large lecture hall."""
FULL: Final = "The server has no room for another visitor. Try again in a minute."
LOOK_SECONDS: Final = 1.0
"""Between two looks for silent connections, and how long each is waited for when few files are left."""
HURRIED_SECONDS: Final = 0.25
"""Between two looks when few files are left: the next ones already wait to be let in."""
_log = logging.getLogger(__name__)


class FileReserve(Middleware):
    """Refuses a new session while few files are left.

    A tab that is back, after a reload, may use half of the reserve: a full hall shuts no lecturer out.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or connection."""
        if scope["type"] == "websocket" and not has_room(_reserved_for(scope)):
            _log.warning("A visitor was refused: nearly all of the %d files are open.", _limit())
            await PlainTextResponse(FULL, status_code=503)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _reserved_for(scope: Scope) -> int:
    """Files that a new session has to leave."""
    return RESERVED_FILES // 2 if visitors.is_back(scope) else RESERVED_FILES


def has_room(n_reserved: int = RESERVED_FILES) -> bool:
    """Whether this number of files would still be left after one more session."""
    return n_open() + FILES_OF_SESSION + n_reserved <= _limit()


def n_open() -> int:
    """Files that this process has open; all that it may have if not even that can be found out."""
    if sys.platform == "win32":
        return 0
    try:
        return sum(1 for _ in os.scandir("/dev/fd"))
    except OSError:
        return _limit()


def n_phones(limit: int | None = None) -> int:
    """How many phones can be here at the same time, also if each of them has just been reloaded.

    Args:
        limit: Files that may be open; None asks the system.
    """
    left = (_limit() if limit is None else limit) - FILES_OF_SERVER - RESERVED_FILES
    n_reloaded = left // (FILES_OF_SESSION + FILES_OF_LEFT)
    return max(
        0, min(n_reloaded, MAX_LEFT_SESSIONS), (left - FILES_OF_LEFT * MAX_LEFT_SESSIONS) // FILES_OF_SESSION
    )


def is_too_low() -> bool:
    """Whether a large lecture hall would not fit."""
    return n_phones() < N_EXPECTED


def raise_limit() -> None:
    """Let the server open as many files as the system allows; the log says if they are too few."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_OPEN_FILES)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            try:
                resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            except (OSError, ValueError) as error:
                _log.warning("The limit of open files stays at %d: %s", soft, error)
    if is_too_low():
        _log.warning(
            "This system lets the dashboard open %d files, which is enough for %d phones at a time. "
            "For more, raise the limit with `ulimit -n` before the start.",
            _limit(),
            n_phones(),
        )


class SilentConnections:
    """Finds and closes connections that say nothing.

    Args:
        clock: Seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: WeakKeyDictionary[Any, tuple[Any, float]] = WeakKeyDictionary()

    def close_old(self, connections: set[Any], patience: float = MAX_SILENT_SECONDS) -> int:
        """Close those that have been waited for too long.

        Args:
            connections: Uvicorn's protocols, all that are open.
            patience: Seconds for which each is waited for.

        Returns:
            How many were closed.
        """
        n_closed = 0
        for connection in list(connections):
            if not hasattr(connection, "timeout_keep_alive_task"):
                continue  # a websocket
            request = connection.cycle
            if request is not None and not request.response_complete:
                self._waiting.pop(connection, None)
                continue
            before, since = self._waiting.get(connection, (None, 0.0))
            if connection not in self._waiting or before is not request:
                self._waiting[connection] = request, self._clock()
            elif self._clock() - since >= patience:
                connection.transport.abort()
                n_closed += 1
        return n_closed


@asynccontextmanager
async def closing_silent(server: Server | None) -> AsyncIterator[None]:
    """Look after the connections of a server while it runs."""
    task = None if server is None else asyncio.create_task(_keep_closing(server))
    yield
    if task is not None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _keep_closing(server: Server) -> None:
    silent = SilentConnections()
    while True:
        roomy = has_room()
        silent.close_old(server.server_state.connections, MAX_SILENT_SECONDS if roomy else LOOK_SECONDS)
        await asyncio.sleep(LOOK_SECONDS if roomy else HURRIED_SECONDS)


def _limit() -> int:
    """Files that may be open at the moment."""
    if sys.platform == "win32":
        return MAX_OPEN_FILES  # sockets there are no files, and have no limit of their own
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_OPEN_FILES if soft == resource.RLIM_INFINITY else soft
