"""A lecture with a hundred phones: everybody opens the shared link at once, and the lecturer goes on.

`python -m benchmarks.lecture` starts the dashboard, trains a small network as the lecturer does, lets 100
visitors open the link to it at the same moment over the real websocket, and then, while each of them looks at
another page every ten seconds, lets the lecturer go through the tour of 60 minutes in present mode. It prints
how long the visitors and the lecturer waited. With `--followers 300` as many phones have joined a class and
follow the lecturer, and it prints how long after each press their pages are there. With `--remote` a phone
turns the steps, alone and with 100 phones that follow, and it prints how soon the projected page follows.
"""

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlencode

from benchmarks import files, followers, remote
from benchmarks.harness.server import Server
from benchmarks.harness.visitor import View, wait_until_trained
from benchmarks.remote import Device
from dashboard.lecture.itinerary import read_tour
from dashboard.lecture.tour import Position

VISITORS = 100
SETTINGS = {"units": "3", "epochs": "1", "images": "300", "image": "42"}
PAGES = ("predict", "train", "evaluate", "glossary")
TOUR = 60
READING = 10
"""Seconds that a visitor looks at a page."""


@dataclass(frozen=True)
class Waits:
    """How long who waited for what, in milliseconds."""

    what: str
    times: int
    median: float
    longest: float


async def train_as_the_lecturer(port: int) -> None:
    """Train the network that is shared."""
    lecturer = Device(port)
    await lecturer.open()
    link = urlencode(SETTINGS)
    view = await lecturer.look("train", link)
    await lecturer.look("train", link, view.buttons["Train"])
    for _ in range(240):
        view = await lecturer.look("train", link)
        if "Train" in view.buttons and "Pause" not in view.buttons:
            break
        await asyncio.sleep(0.25)
    await lecturer.close()


async def hold_lecture(
    port: int, n_visitors: int, minutes: int, paths: Sequence[str] = ()
) -> tuple[list[View], list[float], list[float]]:
    """What each visitor got of the link, from the first file on, and how long later pages and her steps took.

    Raises:
        RuntimeError: Somebody got an exception or an error.
    """
    await wait_until_trained(port)
    await train_as_the_lecturer(port)
    students = [Device(port) for _ in range(n_visitors)]

    async def follow_the_link(student: Device) -> View:
        begun = time.perf_counter()
        await files.phone(port, paths)
        await student.open()
        view = await student.go("train", urlencode(SETTINGS))
        return replace(view, milliseconds=1000 * (time.perf_counter() - begun))

    first = await asyncio.gather(*map(follow_the_link, students))
    pages: list[float] = []
    is_over = asyncio.Event()

    async def read(seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(is_over.wait(), seconds)

    async def follow(student: Device, number: int) -> None:
        await read(READING * number / n_visitors)
        while not is_over.is_set():
            number += 1
            page = PAGES[number % len(PAGES)]
            pages.append((await student.go(page, urlencode(SETTINGS))).milliseconds)
            await read(READING)

    followers = [asyncio.create_task(follow(student, n)) for n, student in enumerate(students)]
    steps = await go_through_the_tour(port, minutes)
    is_over.set()
    await asyncio.gather(*followers)
    for student in students:
        await student.close()
    return first, pages, steps


async def go_through_the_tour(port: int, minutes: int) -> list[float]:
    """Milliseconds that each step took the lecturer, in present mode."""
    lecturer = Device(port)
    await lecturer.open()
    steps = []
    for number, step in enumerate(read_tour(minutes).steps, start=1):
        link = urlencode(Position(minutes, number).parameters())
        steps.append((await lecturer.go(step.page.address, link, is_presented=True)).milliseconds)
        await asyncio.sleep(2)
    await lecturer.close()
    return steps


def waits(what: str, times: Sequence[float]) -> Waits:
    """A row of the table."""
    return Waits(what, len(times), statistics.median(times), max(times))


def measure(n_visitors: int) -> list[Waits]:
    """All rows."""
    paths = files.files_of("train")
    with Server("app.py") as server:
        first, pages, steps = asyncio.run(hold_lecture(server.port, n_visitors, TOUR, paths))
        return [
            waits("the shared link, all at once", [view.milliseconds for view in first]),
            waits("a visitor's next page", pages),
            waits("the lecturer's next step", steps),
        ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--json", action="store_true", help="print data instead of a table")
    parser.add_argument("--visitors", type=int, default=VISITORS)
    parser.add_argument("--followers", type=int, default=0, help="phones that follow the lecturer instead")
    parser.add_argument("--remote", action="store_true", help="a phone that turns the steps instead")
    arguments = parser.parse_args()
    if arguments.remote:
        remote.measure((0, arguments.followers or VISITORS))
        return
    if arguments.followers:
        followers.measure(arguments.followers)
        return
    rows = measure(arguments.visitors)
    if arguments.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
        return
    print(f"{'what':32}{'times':>7}{'median ms':>11}{'longest ms':>12}")
    for row in rows:
        print(f"{row.what:32}{row.times:>7}{row.median:>11.0f}{row.longest:>12.0f}")


if __name__ == "__main__":
    main()
