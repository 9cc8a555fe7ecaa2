"""A lecturer's remote: how long after each press the projected page has followed, alone and before a class.

The projector, the remote and the phones that follow are websockets; the phones are in a process of their own,
or the projector would wait here for what they receive. The projector notes when the server has told it of the
next page, at which a browser changes its address, and when all of that page is there.
"""

import asyncio
import multiprocessing
import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from typing import Final
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.followers import Follower
from benchmarks.harness.server import Server
from benchmarks.harness.visitor import View, Visitor, wait_until_trained
from dashboard.lecture.tour import Position

TOUR: Final = 60
PRESSES: Final = (*["Next"] * 16, *["Back"] * 16)
REST: Final = 2.0
"""Seconds between the projector's page and the next press."""
PATIENCE: Final = 60.0
"""Seconds for which a press is waited for."""


@dataclass(frozen=True)
class Followed:
    """How long after the presses of a remote something was there, in milliseconds.

    Attributes:
        n_phones: How many phones followed the lecturer meanwhile.
        what: What was there.
        times: Of each press.
    """

    n_phones: int
    what: str
    times: tuple[float, ...]


class Device(Visitor):
    """A browser tab that says where it is and whether it is in present mode."""

    async def go(self, page: str, link: str, is_presented: bool = False) -> View:
        """Open an address."""
        return await self._ask(page, self._opening(page, link, is_presented))

    @staticmethod
    def _opening(page: str, link: str, is_presented: bool) -> BackMsg:
        message = BackMsg()
        message.rerun_script.page_name, message.rerun_script.query_string = page, link
        context = message.rerun_script.context_info
        context.url, context.is_embedded = f"http://10.0.0.1/{page}", is_presented
        context.color_scheme = "light"
        return message


class Projector(Device):
    """The lecturer's tab, which leads a class and says nothing once its tour has begun.

    Args:
        port: Of the dashboard.
    """

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.came: asyncio.Queue[tuple[float, float]] = asyncio.Queue()
        self.code = ""

    async def lead(self) -> str:
        """Open a class whose phones follow; its link's secret."""
        view = await self.look("classroom")
        button = next(button for label, button in view.buttons.items() if label.startswith("Open a class"))
        view = await self.look("classroom", pressed=button)
        switch = WidgetState(id=view.groups["Phones follow me"], bool_value=True)
        view = await self.act("classroom", "", switch)
        return "\n".join(view.texts).split("join?class=")[1][:32]

    async def begin(self) -> str:
        """Open the first step of a tour and ask for a remote, then project the step; the remote's code."""
        first = Position(TOUR, 1)
        page, link = first.current_step.page.address, urlencode(first.parameters())
        view = await self.go(page, link)
        await self._socket.send(self._press(page, view.buttons["Remote"].id).SerializeToString())
        code = None
        while code is None:
            code = re.search(rb"remote=([0-9a-f]{32})", await asyncio.wait_for(self._socket.recv(), PATIENCE))
        await self._socket.send(self._opening(page, link, is_presented=True).SerializeToString())
        return code[1].decode()

    async def listen(self) -> None:
        """Note when a whole page begins and when all of it is there, whoever has asked for it."""
        begins = 0.0
        while True:
            message = ForwardMsg.FromString(await self._socket.recv())
            kind = message.WhichOneof("type")
            if kind == "new_session":  # of the page, or of a part of it that ends otherwise
                begins = time.perf_counter()
            if kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                self.came.put_nowait((begins, time.perf_counter()))

    async def follows(self, pressed: float) -> tuple[float, float]:
        """Milliseconds from a press until another page begins, and until all of it is there."""
        while True:
            begins, ends = await asyncio.wait_for(self.came.get(), PATIENCE)
            if begins > pressed:
                return 1000 * (begins - pressed), 1000 * (ends - pressed)

    def _press(self, page: str, button: str) -> BackMsg:
        return self._of_fragment(page, "", WidgetState(id=button, trigger_value=True))


class Remote(Visitor):
    """The phone in the lecturer's hand."""

    async def join(self, code: str) -> None:
        """Open the speaker view with a code."""
        await self.open()
        self._view_of_speaker = await self.look("tour", f"remote={code}&embed=true&alone=true")

    async def listen(self) -> None:
        """Take what the server shows of the steps."""
        while True:
            await self._socket.recv()

    async def press(self, label: str) -> float:
        """Press one of the two buttons; when it was pressed."""
        view = self._view_of_speaker
        button = view.buttons[label].id
        state = WidgetState(id=button, trigger_value=True)
        message, pressed = self._of_fragment("tour", view.fragments[button], state), time.perf_counter()
        await self._socket.send(message.SerializeToString())
        return pressed


async def steer(port: int, n_phones: int) -> list[Followed]:
    """Turn the steps of a tour by a remote while some phones follow the lecturer."""
    projector, remote = Projector(port), Remote(port)
    await projector.open()
    link = await projector.lead()
    with phones_that_follow(port, link, n_phones) as are_in:
        await asyncio.to_thread(are_in.wait)
        await remote.join(await projector.begin())
        listening = [asyncio.create_task(client.listen()) for client in (projector, remote)]
        await asyncio.sleep(REST)
        told, drawn = [], []
        for label in PRESSES:
            begins, ends = await projector.follows(await remote.press(label))
            told.append(begins)
            drawn.append(ends)
            await asyncio.sleep(REST)
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    for client in (projector, remote):
        await client.close()
    return [
        Followed(n_phones, "the next page begins", tuple(told)),
        Followed(n_phones, "all of it is there", tuple(drawn)),
    ]


@contextmanager
def phones_that_follow(port: int, link: str, n: int) -> Iterator[Event]:
    """Phones of a class in a process of their own; the event is set once all have joined."""
    context = multiprocessing.get_context("spawn")
    are_in = context.Event()
    process = context.Process(target=_follow, args=(port, link, n, are_in), daemon=True)
    process.start()
    try:
        yield are_in
    finally:
        process.terminate()
        process.join()


def _follow(port: int, link: str, n: int, are_in: Event) -> None:
    async def stay() -> None:
        phones = [Follower(port) for _ in range(n)]
        for phone in phones:
            await phone.join(link)
        are_in.set()
        await asyncio.gather(*(phone.listen() for phone in phones))

    asyncio.run(stay())


def measure(counts: Sequence[int], report: Callable[[str], None] = print) -> None:
    """Measure and print, for each number of phones that follow."""
    report(
        f"{'phones':>7}  {'after a press':24}{'presses':>8}{'median ms':>11}{'p95 ms':>9}{'longest ms':>12}"
    )
    with Server("app.py") as server:
        asyncio.run(wait_until_trained(server.port))
        for n_phones in counts:
            for row in asyncio.run(steer(server.port, n_phones)):
                report(line(row))


def line(row: Followed) -> str:
    """A row of the table."""
    p95 = statistics.quantiles(row.times, n=20, method="inclusive")[-1]
    numbers = f"{statistics.median(row.times):>11.0f}{p95:>9.0f}{max(row.times):>12.0f}"
    return f"{row.n_phones:>7}  {row.what:24}{len(row.times):>8}{numbers}"
