"""Looks for news that would find none, let go before a page runs.

A phone in a class looks every other second whether the class does something else, by running a part of its
page again. That costs the server 4 to 7 ms, and 300 phones take all that it has. So a page says what it
shows, as a value that can be compared. While that value is the same, the browser's message is let go on
arrival, for 0.25 ms: no browser waits for an answer to what its own clock has asked.
"""

import itertools
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import streamlit as st
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState

from dashboard.everybody import held

HEADER: Final = "x-mlp-connection"
State = Callable[[], Hashable]
"""What a part of a page would show now; called in the server's event loop, so it must not wait."""


@dataclass
class Connection:
    """What one websocket's page shows.

    Attributes:
        fragment: The part that looks for news, by Streamlit's id; "" if there is none.
        state: What that part would show now.
        shown: What it does show.
    """

    fragment: str = ""
    state: State = lambda: None
    shown: Hashable = None

    def is_needless(self, message: Message) -> bool:
        """Whether a message from the browser asks for nothing but what the page shows already."""
        packed = message.get("bytes")
        if not self.fragment or not packed:
            return False
        try:
            asked = BackMsg.FromString(packed)
        except DecodeError:  # Streamlit says what is wrong with it
            return False
        rerun = asked.rerun_script
        return rerun.is_auto_rerun and rerun.fragment_id == self.fragment and self.state() == self.shown


@held
def connections() -> dict[str, Connection]:
    """All that are open, by their numbers."""
    return {}


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
        connection.state, connection.shown = state, shown
        connection.fragment = ThreadState.get().fragment_id or ""


class LooksForNews:
    """ASGI middleware that lets go what `Connection.is_needless`.

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
        number, connection = str(next(self._numbers)), Connection()

        async def receive_news() -> Message:
            while connection.is_needless(message := await receive()):
                pass
            return message

        headers = [(name, value) for name, value in scope["headers"] if name != HEADER.encode()]
        headers.append((HEADER.encode(), number.encode()))
        connections()[number] = connection
        try:
            await self._app({**scope, "headers": headers}, receive_news, send)
        finally:
            del connections()[number]
