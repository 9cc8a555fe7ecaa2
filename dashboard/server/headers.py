"""Headers of every answer of the server: what a page may load, who may frame it, what it may use of a device.

A page needs nothing from any other host, so the Content Security Policy allows nothing from there. What it
leaves open beyond the server itself, and why, stands in docs/security.md beside each part of the policy.
"""

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Final

import streamlit as st
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from dashboard.server.asgi import Middleware, editing_headers
from dashboard.server.embedding import framing_sites
from dashboard.server.first_page import first_page

PLAIN: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), serial=(), "
    "midi=(), display-capture=(), browsing-topics=()",
}
"""The headers that are the same for every answer. The draw page has a camera; nothing else is asked for."""
_HOST: Final = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_INLINE: Final = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


class SecurityHeaders(Middleware):
    """Adds the headers to every answer over HTTP."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the headers that a page from here has."""
        if scope["type"] == "http":
            ours = security_headers(Headers(scope=scope).get("host", ""))
            named = {name.decode(): value.decode() for name, value in ours}
            send = editing_headers(send, lambda headers: headers.update(named))
        await self._app(scope, receive, send)


@lru_cache(maxsize=16)
def security_headers(host: str) -> tuple[tuple[bytes, bytes], ...]:
    """The headers of an answer, as ASGI has them.

    Args:
        host: What the browser calls this server.
    """
    named = {**PLAIN, "Content-Security-Policy": content_policy(host)}
    return tuple((name.lower().encode(), value.encode()) for name, value in named.items())


def content_policy(host: str) -> str:
    """The Content Security Policy of an answer.

    Args:
        host: What the browser calls this server, from a header that a stranger may have written. Older
            Safaris do not take "'self'" to allow a websocket to the same server, so it is named once more.
    """
    own = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    parts = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", "blob:", "'wasm-unsafe-eval'", *inline_scripts()]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": f"'self' data:{own}",
        "worker-src": "'self'",
        "frame-src": "'none'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": " ".join(["'self'", *framing_sites()]),
    }
    return "; ".join(f"{name} {value}" for name, value in parts.items())


@lru_cache(maxsize=1)
def inline_scripts() -> tuple[str, ...]:
    """The hashes of the scripts that stand in the first page, as Streamlit has it and as it is served."""
    page = (Path(st.__file__).parent / "static" / "index.html").read_bytes()
    scripts = dict.fromkeys(_INLINE.findall(page) + _INLINE.findall(first_page(page)))
    digests = (hashlib.sha256(script).digest() for script in scripts)
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
