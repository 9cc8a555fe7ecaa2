"""Looks for news that would find none, let go before a page runs; the others take turns.

A phone in a class looks every other second whether the class does something else, by running a part of its
page again. That costs the server 4 to 7 ms, and three times as much where many run at once. So a page says
what it shows, as a value that can be compared. While that value is the same, the browser's message is let go
on arrival, for 0.25 ms: no browser waits for an answer to what its own clock has asked. When it has changed,
for 300 phones in the same moment, few run at once, and a lecturer's click need not wait for all of them.

A page that must not wait for its own clock subscribes to a topic. When somebody notifies those who wait for
it, the message that the browser's clock would have sent is made here, and no page needs a clock. Where it is
known already which page comes next, that one is asked for, which spares the run that would find it out.
"""

import asyncio
import itertools
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import streamlit as st
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState

from dashboard.server.asgi import Middleware, with_header
from dashboard.server.held import held
from dashboard.server.places import Place, current_place
from dashboard.server.turns import turns

HEADER: Final = "x-mlp-connection"
TURN_SECONDS: Final = 1.0
"""After which a turn ends whose page has not said that it is drawn: it may have become another page."""
Asking = Callable[[Place, str], Message | None]
"""What a page asks for when it is notified, given its place and the part of it that waits; None if nothing is
news. Called as a `StateReader` is."""
StateReader = Callable[[], Hashable]
"""What a part of a page would show now; called in the server's event loop, so it must not wait."""


@held
def connections() -> dict[str, "Connection"]:
    """All open connections, by their numbers."""
    return {}


class Connection:
    """One websocket: what its page shows, and what its browser asks.

    Attributes:
        has_priority: Whether a lecturer of a class looks at the page.
        loop: Of the server.
        turn: How many turns it has had.

    Args:
        receive: Gives the browser's messages.
    """

    def __init__(self, receive: Receive) -> None:
        self.has_priority = False
        self.loop = asyncio.get_running_loop()
        self.turn = 0
        self._receive = receive
        self._coming: asyncio.Future[Message] | None = None
        self._notified: asyncio.Future[None] = self.loop.create_future()
        self._topics: dict[str, tuple[str, Asking]] = {}  # of each, the part of the page that waits
        self._due: dict[str, None] = {}
        self._place = Place("", "", None)
        self._turn_ends: asyncio.TimerHandle | None = None
        self._fragment = ""
        self._state: StateReader = lambda: None
        self._shown: Hashable = None

    async def news(self) -> Message:
        """The next message that Streamlit has to see."""
        while True:
            if not await self._browser_speaks():
                asked = self._notice() if self.has_priority else await self._in_turn(self._notice)
                if asked is not None:
                    return asked
                continue
            message = await self._next()
            said = _read(message)
            if not self._is_look(said):
                if self.has_priority and not _clock_of(said):
                    turns().pause(is_page=not said.rerun_script.fragment_id)
                return message
            if self._state() != self._shown:
                return await self._look_in_turn(message)

    def show(self, fragment: str, state: StateReader, shown: Hashable) -> None:
        """The page has drawn a part that looks for news; called in the page's thread.

        Args:
            fragment: Streamlit's id of that part.
            state: What it would show now.
            shown: What it does show.
        """
        self._fragment, self._state, self._shown = fragment, state, shown
        with suppress(RuntimeError):  # the server is ending
            self.loop.call_soon_threadsafe(self._end_turn)

    def drawn(self, place: Place, turn: int | None = None) -> None:
        """The page is drawn, at this place; called in the page's thread.

        Args:
            place: Where.
            turn: In which of its turns it was begun. One that was broken off by the next page ends no turn of
                that one, or more would run at once each time that a lecturer does not wait for the phones.
        """
        self._place = place
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self._end_turn, turn)
            if self.has_priority:
                self.loop.call_soon_threadsafe(turns().resume)

    def subscribe(self, topic: str, fragment: str, place: Place, asking: Asking = Place.ask_for) -> None:
        """Have a part of the page run when somebody notifies those who wait for a topic, or ask for more."""
        self._place = place
        self._topics[topic] = fragment, asking

    def waits_for(self, topic: str) -> bool:
        """Whether a part of the page runs for this topic."""
        return topic in self._topics

    def notify(self, topic: str) -> None:
        """Have the page ask for what this topic is about; called in the server's event loop."""
        self._due[topic] = None
        if not self._notified.done():
            self._notified.set_result(None)

    def close(self) -> None:
        """End the turn, and stop waiting for the browser's next message."""
        self._end_turn()
        if self._coming is not None:
            self._coming.cancel()

    async def _browser_speaks(self) -> bool:
        """Wait for the browser's next message or for a notice; whether there is a message."""
        self._coming = self._coming or asyncio.ensure_future(self._receive())
        first: set[asyncio.Future[Any]] = {self._coming, self._notified}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        return self._coming.done()

    def _notice(self) -> Message | None:
        """The message for one of the topics that are due; None where the page waits for none of them."""
        topic = next(iter(self._due), "")
        self._due.pop(topic, None)
        if not self._due and self._notified.done():
            self._notified = self.loop.create_future()
        if topic not in self._topics:
            return None
        fragment, asking = self._topics[topic]
        return asking(self._place, fragment)

    async def _next(self) -> Message:
        if self._coming is None:
            return await self._receive()
        coming, self._coming = self._coming, None
        return await coming

    async def _look_in_turn(self, look: Message) -> Message:
        return await self._in_turn(lambda: look) or look

    async def _in_turn(self, look: Callable[[], Message | None]) -> Message | None:
        """Hold a look back until it is its turn; what the visitor does meanwhile is not held back.

        Args:
            look: Makes it; None if it is not needed any more.
        """
        turn, has_begun = asyncio.create_task(turns().acquire()), False
        try:
            while True:
                self._coming = self._coming or asyncio.ensure_future(self._receive())
                first: set[asyncio.Future[Any]] = {turn, self._coming}
                await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
                if turn.done():
                    asked = look()
                    if has_begun := asked is not None:
                        self._begin_turn()
                    return asked
                message = await self._next()
                if not self._is_look(_read(message)):
                    return message
        finally:
            if not turn.cancel() and not has_begun:  # it came, and is not needed any more
                turns().release()

    def _begin_turn(self) -> None:
        self._end_turn()
        self.turn += 1
        self._turn_ends = self.loop.call_later(TURN_SECONDS, self._end_turn)

    def _end_turn(self, turn: int | None = None) -> None:
        if self._turn_ends is not None and turn in (None, self.turn):
            self._turn_ends.cancel()
            self._turn_ends = None
            turns().release()

    def _is_look(self, said: BackMsg) -> bool:
        """Whether the part that looks for news asks, by its clock."""
        return bool(self._fragment) and _clock_of(said) == self._fragment


@contextmanager
def showing(state: StateReader) -> Iterator[None]:
    """Draw in this block what looks for news; it is drawn again by its own clock only when it has changed.

    Args:
        state: What it would show now.
    """
    shown = state()  # before it is drawn: what changes meanwhile is news
    yield
    if (connection := _connection()) is not None:
        connection.show(ThreadState.get().fragment_id or "", state, shown)


def turn_of_page() -> Callable[[], None]:
    """What is to be called when the page is drawn, so that another phone has its turn."""
    if (connection := _connection()) is None:
        return lambda: None
    turn = connection.turn
    return lambda: connection.drawn(current_place(), turn)


def subscribe(topic: str, asking: Asking = Place.ask_for) -> None:
    """Have the part of the page that is being drawn run again when somebody notifies those who wait.

    Args:
        topic: What they wait for.
        asking: What is asked for instead, where that can be known without this part.
    """
    if (connection := _connection()) is not None:
        connection.subscribe(topic, ThreadState.get().fragment_id or "", current_place(), asking)


def can_notify() -> bool:
    """Whether this page can be notified, which takes our middleware."""
    return _connection() is not None


def notify(topic: str) -> None:
    """Run the parts of all pages that wait for a topic; from any thread."""
    waiting = [each for each in tuple(connections().values()) if each.waits_for(topic)]

    def notify_each() -> None:
        for connection in waiting:
            connection.notify(topic)

    if waiting:
        with suppress(RuntimeError):  # the server is ending
            waiting[0].loop.call_soon_threadsafe(notify_each)


def prioritize() -> None:
    """Serve the visitor of this page before the phones that wait for news."""
    if (connection := _connection()) is not None:
        connection.has_priority = True


def _connection() -> Connection | None:
    return connections().get(st.context.headers.get(HEADER, ""))


class LooksForNews(Middleware):
    """Lets Streamlit see only looks that find news."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app)
        self._numbers = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or connection."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        number, connection = str(next(self._numbers)), Connection(receive)
        connections()[number] = connection
        try:
            await self._app(with_header(scope, HEADER, number), connection.news, send)
        finally:
            del connections()[number]
            connection.close()


def _read(message: Message) -> BackMsg:
    """What a browser says; nothing where it cannot be read, and Streamlit says what is wrong with it."""
    said = BackMsg()
    try:
        said.ParseFromString(message.get("bytes") or b"")
    except DecodeError:
        said.Clear()
    return said


def _clock_of(said: BackMsg) -> str:
    """The part of a page whose own clock speaks; "" if it is something else."""
    asked = said.rerun_script
    return str(asked.fragment_id) if asked.is_auto_rerun else ""
