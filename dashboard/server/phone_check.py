"""Whether a phone reaches the dashboard: a short address that answers by itself, and counts its answers.

The lecturer's page shows the address as a QR code and looks how often it was opened. Nothing is kept of a
phone that opens it, and what it gets needs neither a cookie nor a session of Streamlit.
"""

import re
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cachetools import TTLCache
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config

from dashboard.server.asgi import Middleware
from dashboard.server.headers import security_headers
from dashboard.server.held import held
from mnist_core.bounds import MAX_PHONE_CHECKS, MAX_PHONES_SEEN, PHONE_CHECK_BYTES, PHONE_CHECK_SECONDS

FOLDER: Final = "phone"
"""The first part of the address; the second is the name of the check."""
_NAME: Final = re.compile(f"[0-9a-f]{{{2 * PHONE_CHECK_BYTES}}}")
_PAGE: Final = Path(__file__).with_suffix(".html").read_text(encoding="utf-8")
_SEEN: Final = "Your phone is here", "It reaches the dashboard. The page that shows the code has seen it."
_UNKNOWN: Final = (
    "This code is no longer in use",
    "It was shown a while ago. Scan the code on the page again.",
)


class PhoneChecks:
    """How often the address of each check was opened; safe to use from several threads.

    Args:
        clock: The time in seconds, never going back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._seen: TTLCache[str, int] = TTLCache(MAX_PHONE_CHECKS, PHONE_CHECK_SECONDS, timer=clock)

    def open(self) -> str:
        """Begin a check; its name, which cannot be guessed."""
        name = secrets.token_hex(PHONE_CHECK_BYTES)
        with self._lock:
            self._seen[name] = 0
        return name

    def n_seen(self, name: str) -> int | None:
        """How often its address was opened; None where it is over."""
        with self._lock:
            n: int | None = self._seen.get(name)
            return n

    def note(self, name: str) -> bool:
        """Its address was opened; whether there is such a check."""
        with self._lock:
            if name not in self._seen:
                return False
            # In its place, so that it does not last longer for being asked.
            self._seen[name] = min(self._seen[name] + 1, MAX_PHONES_SEEN)
            return True


@held
def checks() -> PhoneChecks:
    """The checks of this server."""
    return PhoneChecks()


class PhoneCheck(Middleware):
    """Answers the addresses of checks.

    Args:
        app: What answers everything else.
    """

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app)
        base = config.get_option("server.baseUrlPath").strip("/")
        self._first_page = f"/{base}/" if base else "/"
        self._folder = f"{self._first_page}{FOLDER}/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a phone, and hand on any other request."""
        is_check = scope["type"] == "http" and scope["path"].startswith(self._folder)
        if not is_check or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        name = scope["path"].removeprefix(self._folder)
        is_known = _NAME.fullmatch(name) is not None and checks().note(name)
        title, words = _SEEN if is_known else _UNKNOWN
        page = _PAGE.format(title=title, words=words, link=self._first_page)
        ours = security_headers(Headers(scope=scope).get("host", ""))
        headers = {name.decode(): value.decode() for name, value in ours} | {"cache-control": "no-store"}
        await HTMLResponse(page, 200 if is_known else 404, headers)(scope, receive, send)
