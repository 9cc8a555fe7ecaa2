"""How many uploaded files the server keeps: Streamlit bounds the size of each, and nothing else.

A file stays in memory until its page is left, and one browser could send any number of them.
"""

import asyncio
import re
from collections import Counter
from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import exists, get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

MAX_FILES: Final = 8
"""Of one session: the pages have three places for a file, and a replaced one may not be gone yet."""
MAX_BYTES: Final = 400_000_000
"""Of all sessions together: a hundred photographs from telephones."""
MAX_SECONDS: Final = 180
"""One upload may take as long: ten megabytes over a slow telephone."""
LARGEST: Final = 10_500_000
"""Bytes that an upload under way is taken for (`server.maxUploadSize` and what goes around the file)."""
_PATH: Final = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+\Z")


class UploadLimits:
    """ASGI middleware that refuses an upload where there are as many as there may be.

    Args:
        app: What takes it.
        max_files: Of one session.
        max_bytes: Of all together.
    """

    def __init__(self, app: ASGIApp, max_files: int = MAX_FILES, max_bytes: int = MAX_BYTES) -> None:
        self._app = app
        self._max_files = max_files
        self._max_bytes = max_bytes
        self._under_way: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        found = _PATH.search(scope["path"]) if scope["type"] == "http" and scope["method"] == "PUT" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        if refusal := self._refusal(found[1]):
            await PlainTextResponse(refusal, status_code=413)(scope, receive, send)
            return
        self._under_way[found[1]] += 1
        try:
            async with asyncio.timeout(MAX_SECONDS):
                await self._app(scope, receive, send)
        except TimeoutError:
            late = f"An upload has {MAX_SECONDS} seconds."
            await PlainTextResponse(late, status_code=408)(scope, receive, send)
        finally:
            self._under_way[found[1]] -= 1
            self._under_way += Counter()  # forgets who has none

    def _refusal(self, session: str) -> str:
        """Why no more is taken; empty if it is."""
        n_files, n_bytes = _kept(session)
        if n_files + self._under_way[session] >= self._max_files:
            return f"There are {self._max_files} uploaded files here, and no more are taken. Reload the page."
        if n_bytes + LARGEST * (1 + self._under_way.total()) > self._max_bytes:
            return "The server keeps as many uploaded files as it can. Try again later, or draw the digit."
        return ""


def _kept(session: str) -> tuple[int, int]:
    """The number of a session's files, and the bytes of everybody's."""
    manager = get_instance().uploaded_file_mgr if exists() else None
    if not isinstance(manager, MemoryUploadedFileManager):
        return 0, 0
    stats = [stat for family in manager.get_stats().values() for stat in family]
    return len(manager.file_storage.get(session, ())), sum(stat.byte_length for stat in stats)
