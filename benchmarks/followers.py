"""Phones that follow a lecturer: how long after the press each of them shows the page, and what a step costs.

Each phone is a websocket that has joined the class and then says nothing: the server wakes it.
"""

import asyncio
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.following import Client
from benchmarks.harness.server import Server
from benchmarks.harness.visitor import Visitor, wait_until_trained
from dashboard.lecture.tour import Position

STEPS: Final = (
    ("train", {"units": "8"}), ("neurons", {"units": "8"}), ("predict", {"image": "42"}), ("loss", {}),
    ("evaluate", {}), ("glossary", {}), ("learning", Position(60, 9).parameters()),
)  # fmt: skip
"""Where the lecturer goes, one after the other: a page and what stands in its address; at last a tour's step,
of whose lesson the phones show one section."""
PATIENCE: Final = 120.0
"""Seconds for which the last phone is waited for."""
REST: Final = 1.0
"""Seconds between the last phone's page and the lecturer's next press."""
HURRY: Final = 2.0
"""Seconds between two presses of a lecturer who does not wait for the phones."""


@dataclass(frozen=True)
class Led:
    """What one step of the lecturer took.

    Attributes:
        page: Where the lecturer went.
        own: Milliseconds until the lecturer's own page was there.
        phones: Milliseconds from the press until the page of each phone was there, in order.
        cpu: Milliseconds of a core that the server has had.
    """

    page: str
    own: float
    phones: tuple[float, ...]
    cpu: float


class Follower(Visitor):
    """A phone that says nothing once it has joined.

    Args:
        port: Of the dashboard.
    """

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.came: asyncio.Queue[tuple[str, float]] = asyncio.Queue()

    async def join(self, link: str) -> None:
        """Open the link to a class, and press its button."""
        await self.open()
        view = await self.look("join", f"class={link}")
        button = next(button for label, button in view.buttons.items() if label.startswith("Join class"))
        await self.look("join", f"class={link}", button)

    async def listen(self) -> None:
        """Note when which page is there, whoever has asked for it."""
        page = ""
        while True:
            message = ForwardMsg.FromString(await self._socket.recv())
            kind = message.WhichOneof("type")
            if kind == "navigation":
                page = message.navigation.page_script_hash
            if kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                self.came.put_nowait((page, time.perf_counter()))

    async def arrives(self, page: str, begun: float) -> float:
        """Milliseconds from a moment until a page is there."""
        while True:
            where, when = await self.came.get()
            if where == page and when > begun:
                return 1000 * (when - begun)


class Lecturer(Client):
    """The lecturer's tab, which opens the class and has its phones follow."""

    @property
    def place(self) -> str:
        """Streamlit's hash of the page that is shown."""
        return self._visitor.place

    async def lead(self) -> str:
        """Open a class whose phones follow; its link's secret."""
        await self.open()
        await self.press("Open a class")
        await self._act("", "presses", WidgetState(id=self._groups["Phones follow me"], bool_value=True))
        return self.seen.split("join?class=")[1][:32]


async def follow(server: Server, n: int, report: Callable[[Led], None]) -> None:
    """Let some phones follow a lecturer from page to page, and report each step."""
    await wait_until_trained(server.port)
    lecturer = Lecturer(server.port, "classroom", "the lecturer", defaultdict(list))
    link = await lecturer.lead()
    phones = [Follower(server.port) for _ in range(n)]
    for phone in phones:
        await phone.join(link)
    listening = [asyncio.create_task(phone.listen()) for phone in phones]
    for step in STEPS:
        report(await _step(server, lecturer, phones, *step))
    report(await _hurry(server, lecturer, phones))
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    for client in (lecturer, *phones):
        await client.close()


async def _step(
    server: Server, lecturer: Lecturer, phones: list[Follower], page: str, parameters: dict[str, str]
) -> Led:
    """One press, after a rest, until the last phone is there."""
    await asyncio.sleep(REST)
    cpu, begun = server.cpu_seconds(), time.perf_counter()
    await lecturer.go(page, urlencode(parameters))
    own = 1000 * (time.perf_counter() - begun)
    times = await _arrivals(lecturer, phones, begun)
    return Led(page, own, times, 1000 * (server.cpu_seconds() - cpu))


async def _hurry(server: Server, lecturer: Lecturer, phones: list[Follower]) -> Led:
    """All pages once more without a wait for phones: the slowest own page, and the phones on the last one."""
    cpu, slowest, begun = server.cpu_seconds(), 0.0, 0.0
    for page, parameters in STEPS[:-1]:
        begun = time.perf_counter()
        await lecturer.go(page, urlencode(parameters))
        slowest = max(slowest, 1000 * (time.perf_counter() - begun))
        await asyncio.sleep(HURRY)
    times = await _arrivals(lecturer, phones, begun)
    return Led("in a hurry", slowest, times, 1000 * (server.cpu_seconds() - cpu))


async def _arrivals(lecturer: Lecturer, phones: list[Follower], begun: float) -> tuple[float, ...]:
    came = asyncio.gather(*(phone.arrives(lecturer.place, begun) for phone in phones))
    return tuple(sorted(await asyncio.wait_for(came, PATIENCE)))


def measure(n: int) -> None:
    """Measure and print, step by step."""
    print(f"{'page':12}{'own ms':>9}{'p50 ms':>9}{'p95 ms':>9}{'last ms':>9}{'CPU ms':>9}", flush=True)
    with Server("app.py") as server:
        asyncio.run(follow(server, n, lambda step: print(_line(step), flush=True)))


def _line(step: Led) -> str:
    p50 = statistics.median(step.phones)
    p95 = statistics.quantiles(step.phones, n=20, method="inclusive")[-1]
    return f"{step.page:12}{step.own:>9.0f}{p50:>9.0f}{p95:>9.0f}{step.phones[-1]:>9.0f}{step.cpu:>9.0f}"
