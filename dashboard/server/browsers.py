"""A cookie by which the server knows a browser again: the telephone that scans a class's code a second time.

It names the browser and says nothing else of it; scripts cannot read it. What belongs to one tab only, such
as the right to lead a class, goes by the tab's name (`tabs`).
"""

import re
import secrets
from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE: Final = "mlp_browser"
COOKIE_SECONDS: Final = 24 * 3600
NAME: Final = re.compile(r"[0-9a-f]{32}")


class BrowserCookie:
    """ASGI middleware that gives a browser its name with the first page that it asks for.

    Args:
        app: What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not _is_page(scope) or browser_of(Headers(scope=scope).get("cookie", "")):
            await self._app(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                cookie = (b"set-cookie", new_cookie().encode())
                message = {**message, "headers": [*message.get("headers", ()), cookie]}
            await send(message)

        await self._app(scope, receive, send_with_cookie)


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
    """The name, or "" if it is none that the server gave."""
    return name if isinstance(name, str) and NAME.fullmatch(name) else ""


def new_cookie() -> str:
    """The Set-Cookie header that names a browser for a day."""
    options = f"Max-Age={COOKIE_SECONDS}; Path=/; HttpOnly; SameSite=Lax"
    return f"{COOKIE}={secrets.token_hex(16)}; {options}"


def _is_page(scope: Scope) -> bool:
    """Whether a browser asks for a page, and not for a file or Streamlit's own routes."""
    if scope["type"] != "http" or scope["method"] != "GET" or "/_stcore/" in scope["path"]:
        return False
    return "." not in scope["path"].rpartition("/")[2] and "/media/" not in scope["path"]
