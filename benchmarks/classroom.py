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
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from benchmarks import files
from benchmarks.following import Client, Times
from benchmarks.harness.server import Server
from benchmarks.harness.visitor import wait_until_trained

MAX_P95: Final = 1_500
"""Milliseconds that a lecture can bear."""
LESSON: Final = "neurons"
LOOK_SECONDS: Final = 2.0
JOIN_SECONDS: Final = 30.0
ANSWER_SECONDS: Final = 20.0
DRAW_SECONDS: Final = 30.0


@dataclass(frozen=True)
class Row:
    """Times of one kind of rerun in milliseconds."""

    what: str
    reruns: int
    median: float
    p95: float
    slowest: float


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


async def lecture(server: Server, n: int, times: Times, paths: Sequence[str] = ()) -> list[str]:
    """A lecture, from the first who joins to its end; what went wrong.

    Args:
        server: The dashboard's.
        n: Students.
        times: Where milliseconds are noted.
        paths: Files that each student's telephone fetches first.
    """
    host = Client(server.port, "classroom", "the lecturer", times)
    await host.open()
    await host.press("Open a class")
    code, link = host.seen.split("# Class ")[1][:7], host.seen.split("join?class=")[1][:32]
    phones = [Client(server.port, "join", "a student", times) for _ in range(n)]
    over, following = asyncio.Event(), []

    async def join(phone: Client) -> None:
        await files.phone(server.port, paths)
        await phone.open(f"class={link}")
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
        await phone.wait_for("**A** ·")
        await asyncio.sleep(random.uniform(0, ANSWER_SECONDS))
        await phone.answer()

    await asyncio.gather(*(answer(phone) for phone in phones))
    await host.press("Close the poll")
    seen = host.seen
    await host.press("Show the answer")
    await asyncio.gather(*(phone.wait_for("answers right:") for phone in phones))
    return [] if f"**{len(phones)} answers" in seen else [f"not {len(phones)} answers: {seen!r}"]


async def drawings(host: Client, phones: list[Client]) -> list[str]:
    """Ask, draw and judge; what went wrong."""
    await host.go("classroom")
    await host.choose("Show", ":material/draw: Handwriting")
    await host.press("Ask for it")

    async def draw(phone: Client) -> None:
        await phone.wait_for("## Draw a ")
        await asyncio.sleep(random.uniform(0, DRAW_SECONDS))
        await phone.draw(int(phone.seen.split("## Draw a ")[1][0]))
        await phone.press("Hand in")

    await asyncio.gather(*(draw(phone) for phone in phones))
    await host.press("Judge the network")
    await host.wait_for("no random sample")
    seen = host.seen
    await asyncio.gather(*(phone.wait_for("the digit that the network read") for phone in phones))
    return [] if f"{len(phones)} drawings" in seen else [f"not {len(phones)} drawings: {seen!r}"]


def compare(n: int) -> tuple[list[Row], dict[str, float], list[str]]:
    """The rows, the server's memory in megabytes before and after, and what went wrong."""
    times: Times = defaultdict(list)
    paths = files.files_of("join")
    with Server("benchmarks/empty_page.py") as server:
        times["an empty page"] = asyncio.run(empty(server.port, n))
    with Server("app.py") as server:
        asyncio.run(wait_until_trained(server.port))
        before = server.megabytes()[0]
        problems = asyncio.run(lecture(server, n, times, paths))
        memory = {"before": before, "after": server.megabytes()[0]}
    rows = [
        Row(what, len(each), statistics.median(each), statistics.quantiles(each, n=20)[-1], max(each))
        for what, each in times.items()
        if len(each) > 1
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
