"""No part of a page runs before the browser knows that the whole page is drawn.

Streamlit ends the run of a page in two steps. Where a part of the page is asked for between them, it runs the
part and never tells the browser of the page's end (its issue 9921). The browser then puts the part into what
is left of the page before: that stays, or all of the screen becomes blank ("Bad delta path index"). So what
asks for a part waits here until the page's end has been sent, in the order in which it came.
"""

import asyncio
from collections import deque
from typing import Any, Final

from starlette.types import Message, Receive, Scope, Send

from dashboard.server import messages
from dashboard.server.asgi import Middleware

PATIENCE_SECONDS: Final = 10.0
"""After which a page counts as drawn, whatever has become of its end."""


class PageRuns:
    """Whether the page of one websocket is being drawn, and what its browser may ask for meanwhile.

    Args:
        receive: Gives the browser's messages.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._coming: asyncio.Future[Message] | None = None
        self._waiting: deque[Message] = deque()
        self._drawn = asyncio.Event()
        self._drawn.set()
        self._at_latest: asyncio.TimerHandle | None = None

    async def next(self) -> Message:
        """The next message that Streamlit may see."""
        while True:
            if self._waiting and self._drawn.is_set():
                return self._passed(self._waiting.popleft())
            message = await self._browser_speaks()
            if message is None:
                continue
            said = messages.read(message)
            if said.rerun_script.fragment_id and not self._drawn.is_set():
                if not messages.clock_of(said):  # a clock asks again
                    self._waiting.append(message)
            elif self._waiting and messages.asks_for_page(said):  # the page makes up for an end that is lost
                self._waiting.append(message)
                self._drawn.set()
            else:
                return self._passed(message)

    def told(self, message: Message) -> None:
        """The browser is told something: that a page begins, or that one is drawn."""
        if messages.tells_of_page(message):
            self._begin()
        elif not self._drawn.is_set() and messages.tells_of_end(message):
            self._drawn.set()

    def close(self) -> None:
        """Stop waiting for the browser."""
        if self._coming is not None:
            self._coming.cancel()
        if self._at_latest is not None:
            self._at_latest.cancel()

    def _passed(self, message: Message) -> Message:
        if messages.asks_for_page(messages.read(message)):
            self._begin()
        return message

    def _begin(self) -> None:
        self._drawn.clear()
        if self._at_latest is not None:
            self._at_latest.cancel()
        self._at_latest = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._drawn.set)

    async def _browser_speaks(self) -> Message | None:
        """The browser's next message; None where the page is drawn before it and something waits for that."""
        self._coming = self._coming or asyncio.ensure_future(self._receive())
        if self._waiting:
            drawn = asyncio.create_task(self._drawn.wait())
            first: set[asyncio.Future[Any]] = {self._coming, drawn}
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
            drawn.cancel()
            if not self._coming.done():
                return None
        coming = self._coming
        message = await coming
        self._coming = None
        return message


class WholePagesFirst(Middleware):
    """Has parts of a page wait until the page is drawn."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or connection."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        runs = PageRuns(receive)

        async def tell(message: Message) -> None:
            runs.told(message)
            await send(message)

        try:
            await self._app(scope, runs.next, tell)
        finally:
            runs.close()
