"""A class of 100 on one server: everybody joins, answers a poll, and hands in a drawing.

`python -m benchmarks.classroom` lets as many visitors follow the join page over real websockets, each looking
again every two seconds as the page does in a browser, while the lecturer's page watches once a second. It
prints how long each kind of rerun took, beside an empty page that as many visitors rerun in the same rhythm,
and the server's memory. The exit status is 1 if an answer or a drawing was lost or counted twice, or if the
95th percentile of a row is above the limit.
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Final

from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.pages import Server, View, Visitor, wait_until_trained
from mnist_core.samples import sample

MAX_P95: Final = 1_500
"""Milliseconds that a lecture can bear."""
LESSON: Final = "neurons"
LOOK_SECONDS: Final = 2.0
JOIN_SECONDS: Final = 30.0
ANSWER_SECONDS: Final = 20.0
DRAW_SECONDS: Final = 30.0
Times = dict[str, list[float]]


@dataclass(frozen=True)
class Row:
    """Times of one kind of rerun in milliseconds."""

    what: str
    reruns: int
    median: float
    p95: float
    slowest: float


class Client:
    """A visitor that stays on one page and looks again whenever the page's own clock says so."""

    def __init__(self, port: int, page: str, kind: str, times: Times) -> None:
        self.page = page
        self.seen = ""
        self.buttons: dict[str, str] = {}
        self._kind = kind
        self._visitor = Visitor(port)
        self._times = times
        self._fragments: dict[str, str] = {}
        self._components: dict[str, str] = {}
        self._groups: dict[str, str] = {}
        self._clocks: dict[str, float] = {}
        self._turn = asyncio.Lock()

    async def open(self, link: str = "") -> None:
        """Connect, and see the page."""
        await self._visitor.open()
        self._take(await self._visitor.look(self.page, link), "opens a page")

    async def go(self, page: str) -> None:
        """Another page."""
        async with self._turn:
            self.page = page
            self._take(await self._visitor.look(page), "opens a page")

    async def press(self, label: str) -> None:
        """Press the first button whose label begins so."""
        async with self._turn:
            button = next(name for text, name in self.buttons.items() if text.startswith(label))
            await self._act(self._fragments[button], "presses", WidgetState(id=button, trigger_value=True))

    async def choose(self, label: str, option: str) -> None:
        """Choose an option of a segmented control that stands in no fragment."""
        async with self._turn:
            state = WidgetState(id=self._groups[label])
            state.string_array_value.data.append(option)
            await self._act("", "presses", state)

    async def draw(self, digit: int) -> None:
        """Send a drawing, as the canvas does when the pen is lifted."""
        strokes = [{"width": s.width, "points": [list(p) for p in s.points]} for s in sample(digit)]
        async with self._turn:
            name = self._components["canvas"]
            state = WidgetState(id=name, json_value=json.dumps({"drawing": {"strokes": strokes}}))
            await self._act(self._fragments[name], "lifts the pen", state)

    async def follow(self, until: asyncio.Event) -> None:
        """Let the page's own clocks run it again and again."""
        while not until.is_set():
            await asyncio.sleep(min(self._clocks.values(), default=LOOK_SECONDS))
            async with self._turn:
                for fragment in tuple(self._clocks):
                    if fragment in self._clocks:
                        view = await self._visitor.act(self.page, fragment, is_clock=True)
                        self._take(view, "looks again")

    async def wait_for(self, words: str) -> None:
        """Until the page says something; its own clock lets it look."""
        while words not in self.seen:
            await asyncio.sleep(0.1)

    async def close(self) -> None:
        """Leave."""
        await self._visitor.close()

    async def _act(self, fragment: str, what: str, *states: WidgetState) -> None:
        self._take(await self._visitor.act(self.page, fragment, *states), what)

    def _take(self, view: View, what: str) -> None:
        self.seen = "\n".join((*view.texts, *view.alerts, *view.buttons))
        if view.is_whole:
            self.buttons, self._fragments, self._components, self._groups, self._clocks = {}, {}, {}, {}, {}
        self.buttons |= {text: button.id for text, button in view.buttons.items()}
        self._fragments |= view.fragments
        self._components |= view.components
        self._groups |= view.groups
        self._clocks |= view.clocks
        self._times[f"{self._kind} {what}"].append(view.milliseconds)


async def at_random(clients: list[Client], seconds: float, do: Callable[[Client], Awaitable[None]]) -> None:
    """Let everybody do something, each at a moment of its own."""

    async def one(client: Client) -> None:
        await asyncio.sleep(random.uniform(0, seconds))
        await do(client)

    await asyncio.gather(*(one(client) for client in clients))


async def empty(port: int, n: int) -> list[float]:
    """An empty page in the same rhythm."""
    times: Times = defaultdict(list)
    clients = [Client(port, "", "empty", times) for _ in range(n)]

    async def walk(client: Client) -> None:
        await client.open()
        for _ in range(6):
            await asyncio.sleep(LOOK_SECONDS)
            await client.go("")

    await at_random(clients, LOOK_SECONDS, walk)
    for client in clients:
        await client.close()
    return times["empty opens a page"][n:]


async def lecture(server: Server, n: int, times: Times) -> list[str]:
    """A lecture, from the first who joins to its end; what went wrong."""
    host = Client(server.port, "classroom", "the lecturer", times)
    await host.open()
    await host.press("Open a class")
    code = host.seen.split("#### Class ")[1][:4]
    phones = [Client(server.port, "join", "a student", times) for _ in range(n)]
    over, following = asyncio.Event(), []

    async def join(phone: Client) -> None:
        await phone.open(f"class={code}")
        await phone.press(f"Join class {code}")
        following.append(asyncio.create_task(phone.follow(over)))

    following.append(asyncio.create_task(host.follow(over)))
    await at_random(phones, JOIN_SECONDS, join)
    problems = [*await poll(host, phones), *await drawings(host, phones)]
    over.set()
    await asyncio.gather(*following)
    await host.press("End it and forget everything")
    for client in (host, *phones):
        await client.close()
    return problems


async def poll(host: Client, phones: list[Client]) -> list[str]:
    """Ask, answer, close and show; what went wrong."""
    await host.go(LESSON)
    await host.press("Ask the class")

    async def answer(phone: Client) -> None:
        await phone.wait_for("**D** ·")
        await asyncio.sleep(random.uniform(0, ANSWER_SECONDS))
        await phone.press(f"**{random.choice('ABCD')}** ·")

    await asyncio.gather(*(answer(phone) for phone in phones))
    await host.press("Close the poll")
    found = host.seen
    await host.press("Show the answer")
    await asyncio.gather(*(phone.wait_for("answers right:") for phone in phones))
    return [] if f"**{len(phones)} answers" in found else [f"not {len(phones)} answers: {found!r}"]


async def drawings(host: Client, phones: list[Client]) -> list[str]:
    """Ask, draw and judge; what went wrong."""
    await host.go("classroom")
    await host.choose("Show", ":material/draw: Handwriting")
    await host.press("Ask for it")

    async def draw(phone: Client) -> None:
        await phone.wait_for("### Draw a ")
        await asyncio.sleep(random.uniform(0, DRAW_SECONDS))
        await phone.draw(int(phone.seen.split("### Draw a ")[1][0]))
        await phone.press("Hand in")

    await asyncio.gather(*(draw(phone) for phone in phones))
    await host.press("Judge the network")
    await host.wait_for("no random sample")
    found = host.seen
    await asyncio.gather(*(phone.wait_for("what the network read") for phone in phones))
    return [] if f"{len(phones)} drawings" in found else [f"not {len(phones)} drawings: {found!r}"]


def compare(n: int) -> tuple[list[Row], dict[str, float], list[str]]:
    """The rows, the server's memory in megabytes before and after, and what went wrong."""
    times: Times = defaultdict(list)
    with Server("benchmarks/empty_page.py") as server:
        times["an empty page"] = asyncio.run(empty(server.port, n))
    with Server("app.py") as server:
        asyncio.run(wait_until_trained(server.port))
        before = server.megabytes()[0]
        problems = asyncio.run(lecture(server, n, times))
        memory = {"before": before, "after": server.megabytes()[0]}
    rows = [
        Row(what, len(one), statistics.median(one), statistics.quantiles(one, n=20)[-1], max(one))
        for what, one in times.items()
        if len(one) > 1
    ]
    return rows, memory, problems


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--json", action="store_true", help="print data instead of a table")
    parser.add_argument("--students", type=int, default=100)
    arguments = parser.parse_args()
    rows, memory, problems = compare(arguments.students)
    if arguments.json:
        print(json.dumps({"rows": [asdict(row) for row in rows], "memory": memory, "problems": problems}))
    else:
        print(f"{'what':28}{'reruns':>8}{'median ms':>11}{'p95 ms':>9}{'slowest ms':>12}")
        for row in rows:
            print(f"{row.what:28}{row.reruns:>8}{row.median:>11.1f}{row.p95:>9.1f}{row.slowest:>12.1f}")
        print(f"Memory of the Streamlit process: {memory['before']:.0f} MB, {memory['after']:.0f} MB")
        print(*problems, sep="\n")
    sys.exit(1 if problems or any(row.p95 > MAX_P95 for row in rows) else 0)


if __name__ == "__main__":
    main()
