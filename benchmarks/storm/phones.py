"""A lecture of a minute with whole phones, for `benchmarks.storm`."""

import asyncio
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeVar

from benchmarks import files
from benchmarks.classroom import LESSON, at_random
from benchmarks.following import Client, Times
from benchmarks.harness.server import Server
from benchmarks.storm.results import Figure

JOIN_SECONDS: Final = 20.0
"""Within which all phones come."""
CLICK_SECONDS: Final = 2.0
"""From one click of the lecturer to the next."""
ANSWER_SECONDS: Final = 6.0
"""Within which everybody has answered."""
DRAW_SECONDS: Final = 10.0
"""Within which everybody has drawn."""
END_SECONDS: Final = 54.0
"""After which everybody leaves."""
AFTER_SECONDS: Final = 15.0
"""Between that and when open files are counted again."""
MAX_JOIN: Final = 1.0
MAX_LOOK: Final = 0.5
MAX_CLICK: Final = 1.0
SHOW: Final = {
    "Join": ":material/qr_code_2: Join",
    "Poll": ":material/bar_chart: Poll",
    "Handwriting": ":material/draw: Handwriting",
}
"""The parts of the lecturer's page, as their buttons say them."""


T = TypeVar("T")
Click = Callable[[], Awaitable[None]]


async def open_class(port: int, times: Mapping[str, list[float]]) -> tuple[Client, str]:
    """The lecturer's tab with a new class in it, and the class's code."""
    host = Client(port, "classroom", "lecturer", defaultdict(list, times))
    await host.open()
    await host.press("Open a class")
    return host, host.seen.split("# Class ")[1][:7]


class Hall:
    """Phones, what they waited for in seconds, and what went wrong for them."""

    def __init__(self, port: int, link: str, code: str, paths: Sequence[str]) -> None:
        self.looks: Times = defaultdict(list)
        self.waits: Times = defaultdict(list)
        self.done: dict[str, int] = defaultdict(int)
        self.over = asyncio.Event()
        self.phones: list[Client] = []
        self._port, self._link, self._code, self._paths = port, link, code, paths

    async def visit(self, phone: Client) -> None:
        """Come, answer, draw, and look until the end."""
        begun = time.perf_counter()
        await self._timed("files", files.phone(self._port, self._paths))
        await self._timed("websocket and first run", phone.open(f"class={self._link}"))
        await self._timed("press of Join", phone.press(f"Join class {self._code}"))
        self.waits["joining, from the first file"].append(time.perf_counter() - begun)
        self.done["joined"] += 1
        follows = asyncio.create_task(phone.follow(self.over))
        acts = asyncio.create_task(self._take_part(phone))
        await self.over.wait()
        acts.cancel()
        await asyncio.gather(acts, return_exceptions=True)
        await follows

    async def _take_part(self, phone: Client) -> None:
        await phone.wait_for("**A** ·")
        await asyncio.sleep(random.uniform(0, ANSWER_SECONDS))
        await self._timed("an answer", phone.answer())
        self.done["answered"] += 1
        await phone.wait_for("## Draw a ")
        await asyncio.sleep(random.uniform(0, DRAW_SECONDS))
        await self._timed("a drawing", phone.draw(int(phone.seen.split("## Draw a ")[1][0])))
        await phone.press("Hand in")
        self.done["drew"] += 1

    async def _timed(self, what: str, awaitable: Awaitable[object]) -> None:
        begun = time.perf_counter()
        await awaitable
        self.waits[what].append(time.perf_counter() - begun)


def script(host: Client) -> list[Click]:
    """What the lecturer presses, one click every `CLICK_SECONDS`."""

    def show(part: str) -> Click:
        return lambda: host.choose("Show", SHOW[part])

    def go(page: str) -> Click:
        return lambda: host.go(page)

    def press(label: str) -> Click:
        return lambda: host.press(label)

    waiting = [show("Poll"), show("Join")] * round(JOIN_SECONDS / CLICK_SECONDS / 2)
    poll = [go(LESSON), press("Ask the class"), *[go(LESSON)] * 3, press("Close the poll")]
    drawing = [show("Handwriting"), press("Ask for it"), *[show("Handwriting")] * 6]
    return [*waiting, *poll, press("Show the answer"), go("classroom"), *drawing]


async def lead(host: Client) -> list[float]:
    """Click by click, each at its time; how long each took in seconds."""
    begun, took = time.perf_counter(), []
    for number, click in enumerate(script(host)):
        await asyncio.sleep(max(0.0, begun + number * CLICK_SECONDS - time.perf_counter()))
        clicked = time.perf_counter()
        await click()
        took.append(time.perf_counter() - clicked)
    return took


async def click_meanwhile(port: int, work: Awaitable[T], bound: float | None = MAX_CLICK) -> tuple[T, Figure]:
    """A lecturer with a class clicks for as long as others do something; what these clicks came to."""
    host, _ = await open_class(port, {})
    doing, took = asyncio.ensure_future(work), []
    while not doing.done():
        clicked = time.perf_counter()
        await host.choose("Show", SHOW["Join" if len(took) % 2 else "Poll"])
        took.append(time.perf_counter() - clicked)
        await asyncio.wait({doing}, timeout=max(0.0, CLICK_SECONDS - took[-1]))
    await host.close()
    return await doing, Figure("a lecturer's clicks meanwhile, slowest, s", max(took), bound)


async def lecture(server: Server, n: int, paths: Sequence[str]) -> tuple[list[Figure], list[str]]:
    """Figures, and what went wrong."""
    descriptors = [server.open_files()]
    host, code = await open_class(server.port, {})
    hall = Hall(server.port, host.seen.split("join?class=")[1][:32], code, paths)
    hall.phones = [Client(server.port, "join", "phone", hall.looks) for _ in range(n)]
    ends = asyncio.get_running_loop().call_later(END_SECONDS, hall.over.set)
    coming = asyncio.create_task(_come(hall))
    follows = asyncio.create_task(host.follow(hall.over))
    clicks = await lead(host)
    await hall.over.wait()
    ends.cancel()
    descriptors.append(server.open_files())
    problems = await coming
    await follows
    await asyncio.gather(*(client.close() for client in hall.phones), return_exceptions=True)
    await asyncio.sleep(AFTER_SECONDS)
    descriptors.append(server.open_files())
    await host.close()
    problems += [
        f"{hall.done[did]} of {n} {did}." for did in ("joined", "answered", "drew") if hall.done[did] < n
    ]
    return figures(hall, clicks, descriptors), problems


async def _come(hall: Hall) -> list[str]:
    """Everybody comes at a moment of an own; the first few of what went wrong."""
    failures: list[str] = []

    async def visit(phone: Client) -> None:
        try:
            await hall.visit(phone)
        except Exception as error:  # whatever stops one phone is a finding, and the others go on
            failures.append(f"A phone met {type(error).__name__}: {error}")

    await at_random(hall.phones, JOIN_SECONDS, visit)
    return failures[:5]


def figures(hall: Hall, clicks: list[float], descriptors: list[int]) -> list[Figure]:
    """All of a lecture; the bounds are those of 300 phones."""
    looks = [milliseconds / 1000 for milliseconds in hall.looks["phone looks again"]]
    before, during, after = descriptors
    return [
        Figure("lecturer's clicks, slowest, s", max(clicks), MAX_CLICK),
        Figure("lecturer's clicks, p95, s", p95(clicks), MAX_CLICK),
        *(
            Figure(f"{what}, p95, s", p95(seconds), MAX_JOIN if what.startswith("joining") else None)
            for what, seconds in hall.waits.items()
        ),
        Figure("looks, p95, s", p95(looks), MAX_LOOK),
        Figure("looks", len(looks)),
        Figure("open files before", before),
        Figure("open files with everybody", during),
        Figure(f"open files {AFTER_SECONDS:.0f} s after they left", after),
    ]


def p95(seconds: Sequence[float]) -> float:
    """The 95th percentile; of fewer than two, nothing is known and it is infinite."""
    return statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 1 else float("inf")
