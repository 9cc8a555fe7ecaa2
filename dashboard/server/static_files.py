"""Streamlit's own scripts, styles and fonts, and the first page, answered from memory.

A phone that was never here asks for about a hundred of them. Streamlit answers each uncompressed, through
threads, middlewares and the disk. Here each is read and compressed once, in a thread, and an answer is one
look-up by the path, so that a path that leads out of the folder finds nothing. A path that Streamlit knows
nothing of gets the first page, as it does there; all else that is not here (yet) is Streamlit's to answer.
"""

import gzip
import hashlib
import logging
import mimetypes
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config, file_util
from streamlit.path_security import is_unsafe_path_pattern

from dashboard.server.asgi import Middleware
from dashboard.server.first_page import first_page
from dashboard.server.headers import security_headers

YEAR_SECONDS: Final = 365 * 24 * 60 * 60
INDEX: Final = "index.html"
_TYPES: Final = {
    ".js": "application/javascript",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""Types that a computer may have registered wrongly, as Streamlit gives them."""
_ROUTES: Final = frozenset({"app", "auth", "component", "media", "oauth2callback"})
"""Streamlit's own, beside `_stcore`: the first part of a path."""
_PACKED: Final = (".gif", ".png", ".webp", ".woff2")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class StaticFile:
    """A file in memory, with the headers of its answers.

    Attributes:
        plain: Its bytes.
        packed: The same, compressed with gzip; empty if that makes it no smaller.
        etag: Names its contents.
        headers: Of every answer with it.
    """

    plain: bytes
    packed: bytes
    etag: bytes
    headers: tuple[tuple[bytes, bytes], ...]


class StaticFiles(Middleware):
    """Answers the files of a folder from memory.

    Args:
        app: What answers everything else.
        folder: The files; None for Streamlit's.
        edit: What is done to the first page.
    """

    def __init__(
        self,
        app: ASGIApp,
        folder: Path | None = None,
        edit: Callable[[bytes], bytes] = first_page,
    ) -> None:
        super().__init__(app)
        self._folder = folder or Path(file_util.get_static_dir())
        self._edit = edit
        base = config.get_option("server.baseUrlPath").strip("/")
        self._base = f"/{base}/" if base else "/"
        self._files: dict[str, StaticFile] = {}
        self._names: frozenset[str] = frozenset()
        self.loading = threading.Thread(target=self._load, name="static-files", daemon=True)
        self.loading.start()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a file, and hand on any other."""
        file = self._file(scope["path"]) if scope["type"] == "http" else None
        if file is None or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        if "range" in asked:
            await self._app(scope, receive, send)
            return
        headers = [*file.headers, *security_headers(asked.get("host", ""))]
        if _is_known(asked.get("if-none-match", ""), file.etag):
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        body = file.plain
        if file.packed and takes_gzip(asked.get("accept-encoding", "")):
            body = file.packed
            headers.append((b"content-encoding", b"gzip"))
        headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body if scope["method"] == "GET" else b""})

    def _file(self, path: str) -> StaticFile | None:
        """What is answered at a path; None if that is Streamlit's to answer."""
        file = self._files.get(path)
        if file is not None or not path.startswith(self._base) or path.endswith("/"):
            return file
        name = path.removeprefix(self._base)
        parts = name.split("/")
        is_route = parts[0] in _ROUTES or "_stcore" in parts
        if is_route or name in self._names or is_unsafe_path_pattern(name):
            return None
        return self._files.get(self._base)

    def _load(self) -> None:
        """Read and compress every file, the first page and small files first."""
        try:
            paths = sorted(
                (path for path in self._folder.rglob("*") if path.is_file()),
                key=lambda path: (path.name != INDEX, path.stat().st_size),
            )
            self._names = frozenset(path.relative_to(self._folder).as_posix() for path in paths)
            for path in paths:
                self._add(path)
        except OSError:
            _log.exception("Files of the first page could not be read; they are answered from the disk")

    def _add(self, path: Path) -> None:
        name = path.relative_to(self._folder).as_posix()
        if name != INDEX:
            self._files[self._base + name] = read(path.read_bytes(), name)
            return
        file = read(self._edit(path.read_bytes()), name)
        self._files[self._base] = self._files[self._base + INDEX] = file


def read(content: bytes, name: str) -> StaticFile:
    """A file as it is kept.

    Args:
        content: Its bytes.
        name: Its path in the folder.
    """
    packed = b"" if name.endswith(_PACKED) else gzip.compress(content, 9, mtime=0)
    is_changing = name.endswith(".html") or name == "manifest.json"
    keeping = "no-cache" if is_changing else f"public, immutable, max-age={YEAR_SECONDS}"
    etag = f'W/"{hashlib.blake2b(content, digest_size=16).hexdigest()}"'.encode()
    suffix = Path(name).suffix
    content_type = _TYPES.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")
    headers = (
        (b"content-type", content_type.encode()),
        (b"cache-control", keeping.encode()),
        (b"etag", etag),
        (b"vary", b"Accept-Encoding"),
    )
    return StaticFile(content, packed if len(packed) < len(content) else b"", etag, headers)


def takes_gzip(accepted: str) -> bool:
    """Whether a browser takes what is compressed with gzip, by its header Accept-Encoding."""
    weights = {}
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        weights[name.strip()] = weight.replace(" ", "").removeprefix("q=").strip("0.") != "" or not weight
    return weights.get("gzip", weights.get("*", False))


def _is_known(known: str, etag: bytes) -> bool:
    """Whether a browser has the file already, by its header If-None-Match."""
    names = {name.strip().removeprefix("W/") for name in known.split(",")}
    return "*" in names or etag.decode().removeprefix("W/") in names
