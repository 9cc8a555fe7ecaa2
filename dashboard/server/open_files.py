"""How many files and connections the server may have open, and for how many phones that is enough.

When they run low, nobody else is let in, so that those who are here go on.
"""

import logging
import os
import sys
from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.server import tabs
from mnist_core.bounds import MAX_LEFT_SESSIONS, MAX_OPEN_FILES, RESERVED_FILES

FILES_OF_SESSION: Final = 4
"""The websocket, and three of the event loop that Streamlit makes for each session."""
FILES_OF_LEFT: Final = 3
FILES_OF_SERVER: Final = 48
N_EXPECTED: Final = 300
"""Phones in a large lecture hall."""
FULL: Final = "The server has as many visitors as it can. Try again in a minute."
_log = logging.getLogger(__name__)


class FileReserve:
    """ASGI middleware that refuses a new session while few files are left.

    A tab that is back, after a reload, may use half of the reserve: a full hall shuts no lecturer out.

    Args:
        app: What serves the connection.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or connection."""
        if scope["type"] == "websocket" and not has_room(RESERVED_FILES // (2 if tabs.is_back(scope) else 1)):
            _log.warning("A visitor was refused: nearly all of the %d files are open.", _limit())
            await PlainTextResponse(FULL, status_code=503)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def has_room(n_reserved: int = RESERVED_FILES) -> bool:
    """Whether one more session leaves so many files."""
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
            _limit(), n_phones(),
        )  # fmt: skip


def _limit() -> int:
    """Files that may be open at the moment."""
    if sys.platform == "win32":
        return MAX_OPEN_FILES  # sockets there are no files, and have no limit of their own
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_OPEN_FILES if soft == resource.RLIM_INFINITY else soft
