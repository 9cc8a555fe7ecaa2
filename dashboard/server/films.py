"""The films of runs, as files that browsers keep: a hundred phones that watch one cost a hundred downloads.

A film goes to the browser as it is kept, compressed with gzip, and not through Streamlit, which would send it
anew with every run of the page.
"""

import gzip
from collections.abc import Callable
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config

from dashboard.server.asgi import Middleware
from dashboard.server.headers import security_headers
from dashboard.server.static_files import YEAR_SECONDS, takes_gzip

_FOLDER: Final = "film/"
_GONE: Final = "This film is no longer kept. Train the network again to see it."
_TYPE: Final = "application/octet-stream"


def address(name: str) -> str:
    """Of a film, relative to a page."""
    return f"{_FOLDER}{name}"


class Films(Middleware):
    """Answers the addresses of films.

    Args:
        app: What answers everything else.
        find: Gives the film with a name, empty where there is none; it may wait for a disk.
    """

    def __init__(self, app: ASGIApp, find: Callable[[str], bytes]) -> None:
        super().__init__(app)
        self._find = find
        base = config.get_option("server.baseUrlPath").strip("/")
        self._folder = f"/{base}/{_FOLDER}" if base else f"/{_FOLDER}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a film, and hand on any other."""
        if scope["type"] != "http" or not scope["path"].startswith(self._folder):
            await self._app(scope, receive, send)
            return
        film = await run_in_threadpool(self._find, scope["path"].removeprefix(self._folder))
        await _answer(film, Headers(scope=scope))(scope, receive, send)


def _answer(film: bytes, asked: Headers) -> Response:
    """A film, or the sentence that says that it is no longer there."""
    headers = {name.decode(): value.decode() for name, value in security_headers(asked.get("host", ""))}
    if not film:
        return PlainTextResponse(_GONE, 404, headers)
    headers |= {"cache-control": f"public, immutable, max-age={YEAR_SECONDS}", "vary": "Accept-Encoding"}
    if not takes_gzip(asked.get("accept-encoding", "")):
        return Response(gzip.decompress(film), headers=headers, media_type=_TYPE)
    return Response(film, headers={**headers, "content-encoding": "gzip"}, media_type=_TYPE)
