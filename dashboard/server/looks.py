"""Looks for news that would find none, let go before a page runs; the others take turns.

A phone in a class looks every other second whether the class does something else, by running a part of its
page again. That costs the server 4 to 7 ms, and three times as much where many run at once. So a page says
what it shows, as a value that can be compared. While that value is the same, the browser's message is let go
on arrival, for 0.25 ms: no browser waits for an answer to what its own clock has asked. When it has changed,
for 300 phones in the same moment, few run at once, and a lecturer's click need not wait for all of them.
"""

import asyncio
import itertools
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import streamlit as st
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState

from dashboard.everybody import held
from mnist_core.bounds import LOOKS_AT_ONCE

HEADER: Final = "x-mlp-connection"
TURN_SECONDS: Final = 1.0
"""After which a turn ends whose page has not said that it is drawn: it may have become another page."""
State = Callable[[], Hashable]
"""What a part of a page would show now; called in the server's event loop, so it must not wait."""


@held
def turns() -> asyncio.Semaphore:
    """To look for news that are there."""
    return asyncio.Semaphore(LOOKS_AT_ONCE)


@held
def connections() -> dict[str, "Connection"]:
    """All that are open, by their numbers."""
    return {}


class Connection:
    """One websocket: what its page shows, and what its browser asks.

    Args:
        receive: Gives the browser's messages.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._coming: asyncio.Future[Message] | None = None
        self._turn_ends: asyncio.TimerHandle | None = None
        self._fragment = ""
        self._state: State = lambda: None
        self._shown: Hashable = None

    async def news(self) -> Message:
        """The next message that Streamlit has to see."""
        while True:
            message = await self._next()
            if not self._is_look(message):
                return message
            if self._state() != self._shown:
                return await self._in_turn(message)

    def show(self, fragment: str, state: State, shown: Hashable) -> None:
        """The page has drawn a part that looks for news; called in the page's thread.

        Args:
            fragment: Streamlit's id of that part.
            state: What it would show now.
            shown: What it does show.
        """
        self._fragment, self._state, self._shown = fragment, state, shown
        self._loop.call_soon_threadsafe(self._end_turn)

    def close(self) -> None:
        """Wait for nothing more."""
        self._end_turn()
        if self._coming is not None:
            self._coming.cancel()

    async def _next(self) -> Message:
        if self._coming is None:
            return await self._receive()
        coming, self._coming = self._coming, None
        return await coming

    async def _in_turn(self, look: Message) -> Message:
        """Hold a look back until it is its turn; what the visitor does meanwhile is not held back."""
        turn = asyncio.create_task(turns().acquire())
        try:
            while True:
                self._coming = self._coming or asyncio.ensure_future(self._receive())
                first: set[asyncio.Future[Any]] = {turn, self._coming}
                await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
                if turn.done():
                    self._begin_turn()
                    return look
                message = await self._next()
                if not self._is_look(message):
                    return message
        finally:
            if not turn.cancel() and self._turn_ends is None:  # it came, and the visitor has gone
                turns().release()

    def _begin_turn(self) -> None:
        self._end_turn()
        self._turn_ends = self._loop.call_later(TURN_SECONDS, self._end_turn)

    def _end_turn(self) -> None:
        if self._turn_ends is not None:
            self._turn_ends.cancel()
            self._turn_ends = None
            turns().release()

    def _is_look(self, message: Message) -> bool:
        """Whether it is the part's own clock that asks."""
        packed = message.get("bytes")
        if not self._fragment or not packed:
            return False
        try:
            rerun = BackMsg.FromString(packed).rerun_script
        except DecodeError:  # Streamlit says what is wrong with it
            return False
        return bool(rerun.is_auto_rerun and rerun.fragment_id == self._fragment)


@contextmanager
def showing(state: State) -> Iterator[None]:
    """Draw in this block what looks for news; it is drawn again by its own clock only when it has changed.

    Args:
        state: What it would show now.
    """
    shown = state()  # before it is drawn: what changes meanwhile is news
    yield
    connection = connections().get(st.context.headers.get(HEADER, ""))
    if connection is not None:
        connection.show(ThreadState.get().fragment_id or "", state, shown)


class LooksForNews:
    """ASGI middleware between the browsers and Streamlit, which sees only looks that find news.

    Args:
        app: What serves the connection.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._numbers = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or connection."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        number, connection = str(next(self._numbers)), Connection(receive)
        headers = [(name, value) for name, value in scope["headers"] if name != HEADER.encode()]
        headers.append((HEADER.encode(), number.encode()))
        connections()[number] = connection
        try:
            await self._app({**scope, "headers": headers}, connection.news, send)
        finally:
            del connections()[number]
            connection.close()
