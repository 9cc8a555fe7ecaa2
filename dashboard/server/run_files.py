"""Files of runs that browsers fetch by an address: a hundred phones that want one cost a hundred downloads.

The film of a run, and its network as a page to take home. Each goes to the browser as it is kept, compressed
with gzip, and not through Streamlit, which would send it anew with every run of a page.
"""

import functools
import gzip
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config

from dashboard.server.asgi import Middleware
from dashboard.server.headers import security_headers
from dashboard.server.static_files import YEAR_SECONDS, takes_gzip


@dataclass(frozen=True)
class Kind:
    """Files of one kind.

    Attributes:
        folder: In which they seem to lie, relative to a page.
        content_type: What a browser is told that they are.
        keeping: How long a browser may keep one, as the header Cache-Control says it.
        gone: The sentence where there is none (any more).
        policy: A Content Security Policy of their own; "" for that of the dashboard's pages.
    """

    folder: str
    content_type: str
    keeping: str
    gone: str
    policy: str = ""

    def address(self, name: str) -> str:
        """Of a file, relative to a page."""
        return f"{self.folder}{name}"


FILMS: Final = Kind(
    "film/",
    "application/octet-stream",
    f"public, immutable, max-age={YEAR_SECONDS}",
    "This film is no longer kept. Train the network again to see it.",
)
NETWORKS: Final = Kind(
    "network/",
    "text/html; charset=utf-8",
    "public, max-age=3600",
    "This network is no longer kept. Ask the person who gave you the address for a new one.",
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
)
"""The page itself says by their hashes which program and style sheet may be inline; both rules hold."""


def kept_files(most: int) -> Callable[[Callable[[str], bytes]], "KeptFiles"]:
    """Decorates what loads the file with a name, or raises a KeyError where there is none."""
    return lambda load: KeptFiles(load, most)


class KeptFiles:
    """Files by their names: those found are kept, for many who ask at once; empty where there is none.

    Args:
        load: Loads one; raises a KeyError where there is none (any more), which is not kept.
        most: How many are kept; the one asked for longest ago goes first.
    """

    def __init__(self, load: Callable[[str], bytes], most: int) -> None:
        functools.update_wrapper(self, load)
        self.kept = functools.lru_cache(most)(load)

    def __call__(self, name: str) -> bytes:
        """The file with a name."""
        try:
            return self.kept(name)
        except KeyError:
            return b""


class RunFiles(Middleware):
    """Answers the addresses of files of one kind.

    Args:
        app: What answers everything else.
        kind: Of the files.
        find: Gives the file with a name, compressed; empty where there is none. It may wait for a disk.
    """

    def __init__(self, app: ASGIApp, kind: Kind, find: Callable[[str], bytes]) -> None:
        super().__init__(app)
        self._kind, self._find = kind, find
        base = config.get_option("server.baseUrlPath").strip("/")
        self._folder = f"/{base}/{kind.folder}" if base else f"/{kind.folder}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a file, and hand on any other."""
        if scope["type"] != "http" or not scope["path"].startswith(self._folder):
            await self._app(scope, receive, send)
            return
        file = await run_in_threadpool(self._find, scope["path"].removeprefix(self._folder))
        await self._answer(file, Headers(scope=scope))(scope, receive, send)

    def _answer(self, file: bytes, asked: Headers) -> Response:
        """A file, or the sentence that says that it is not there."""
        kind = self._kind
        headers = {name.decode(): value.decode() for name, value in security_headers(asked.get("host", ""))}
        if not file:
            return PlainTextResponse(kind.gone, 404, headers)
        if kind.policy:
            headers["content-security-policy"] = kind.policy
        headers |= {"cache-control": kind.keeping, "vary": "Accept-Encoding"}
        if not takes_gzip(asked.get("accept-encoding", "")):
            return Response(gzip.decompress(file), headers=headers, media_type=kind.content_type)
        return Response(file, headers={**headers, "content-encoding": "gzip"}, media_type=kind.content_type)
