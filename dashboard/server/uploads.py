"""How many uploaded files the server keeps: Streamlit bounds the size of each, and nothing else.

A file stays in memory until its page is left, and one browser could send any number of them. What is still
arriving counts by the bytes that have come, so an upload that sends nothing takes no memory from others.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime import exists, get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from dashboard.server.asgi import Middleware
from dashboard.server.visitors import browser_of
from mnist_core import bounds

LOOK_SECONDS: Final = 5.0
"""Between two looks whether the session of a silent upload is still there."""
LOOK_BYTES: Final = 1_000_000
"""That arrive between two looks at the memory of all uploads."""
_PATH: Final = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+\Z")


class _UploadEndedError(Exception):
    """An upload is not taken any further; the arguments are the HTTP status and a sentence."""


@dataclass(eq=False)
class _Upload:
    """An upload that is arriving; `browser` is the name in its cookie, "" where none came."""

    session: str
    browser: str = ""
    n_bytes: int = 0

    def is_of_same_visitor(self, other: "_Upload") -> bool:
        """Whether both come from one browser, or from one of its tabs where no cookie says so."""
        return self.session == other.session or (self.browser != "" and self.browser == other.browser)


def is_open(session: str) -> bool:
    """Whether the browser of a session is connected; always so where no Streamlit runs."""
    return not exists() or get_instance().is_active_session(session)


class UploadLimits(Middleware):
    """Refuses or ends an upload beyond the bounds of `mnist_core.bounds`.

    Args:
        app: What takes it.
        is_open: Whether a session is still there.
        kept: The number of a session's files, and the bytes of everybody's.
    """

    def __init__(
        self,
        app: ASGIApp,
        is_open: Callable[[str], bool] = is_open,
        kept: Callable[[str], tuple[int, int]] | None = None,
    ) -> None:
        super().__init__(app)
        self._is_open = is_open
        self._kept = kept or _kept
        self._under_way: set[_Upload] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, unless more is sent than a page may send."""
        is_upload = scope["type"] == "http" and scope["method"] == "PUT"
        match = _PATH.search(scope["path"]) if is_upload else None
        if match is None:
            await self._app(scope, receive, send)
            return
        upload = _Upload(match[1], browser_of(Headers(scope=scope).get("cookie", "")))
        try:
            self._check_room(upload)
            self._under_way.add(upload)
            async with asyncio.timeout(bounds.MAX_UPLOAD_SECONDS):
                await self._app(scope, lambda: self._receive(receive, upload), send)
        except _UploadEndedError as ended:
            status, words = ended.args
            await PlainTextResponse(words, status_code=status)(scope, receive, send)
        except TimeoutError:
            late = f"A file must arrive within {bounds.MAX_UPLOAD_SECONDS:.0f} seconds. Try a smaller one."
            await PlainTextResponse(late, status_code=408)(scope, receive, send)
        finally:
            self._under_way.discard(upload)

    def _check_room(self, upload: _Upload) -> None:
        n_own = sum(map(upload.is_of_same_visitor, self._under_way))
        if n_own >= bounds.MAX_UPLOADS_AT_ONCE:
            raise _UploadEndedError(
                429, f"{n_own} of your files are still arriving. Try again when one of them is here."
            )
        n_files = self._kept(upload.session)[0] + sum(u.session == upload.session for u in self._under_way)
        if n_files >= bounds.MAX_UPLOADED_FILES:
            most = bounds.MAX_UPLOADED_FILES
            raise _UploadEndedError(
                413, f"This page keeps at most {most} uploaded files. Reload the page, then try again."
            )
        self._check_memory(upload)

    def _check_memory(self, upload: _Upload) -> None:
        n_bytes = self._kept(upload.session)[1] + sum(other.n_bytes for other in self._under_way)
        if n_bytes > bounds.MAX_UPLOADED_BYTES:
            raise _UploadEndedError(
                413, "The server has no room for another uploaded file. Try again later, or draw the digit."
            )

    async def _receive(self, receive: Receive, upload: _Upload) -> Message:
        """The next part of an upload, counted."""
        message = await self._next_message(receive, upload)
        before = upload.n_bytes // LOOK_BYTES
        upload.n_bytes += len(message.get("body", b""))
        if upload.n_bytes // LOOK_BYTES > before:
            self._check_memory(upload)
        return message

    async def _next_message(self, receive: Receive, upload: _Upload) -> Message:
        coming = asyncio.ensure_future(receive())
        try:
            for _ in range(round(bounds.MAX_UPLOAD_SILENCE / LOOK_SECONDS)):
                await asyncio.wait({coming}, timeout=LOOK_SECONDS)
                if not self._is_open(upload.session):
                    raise _UploadEndedError(400, "The page of this upload has been closed. Open it again.")
                if coming.done():
                    return coming.result()
        finally:
            coming.cancel()
        silence = f"Nothing of this file came for {bounds.MAX_UPLOAD_SILENCE:.0f} seconds. Upload it again."
        raise _UploadEndedError(408, silence)


def _kept(session: str) -> tuple[int, int]:
    """The number of a session's files, and the bytes of everybody's."""
    manager = get_instance().uploaded_file_mgr if exists() else None
    if not isinstance(manager, MemoryUploadedFileManager):
        return 0, 0
    stats = [stat for family in manager.get_stats().values() for stat in family]
    return len(manager.file_storage.get(session, ())), sum(stat.byte_length for stat in stats)
