"""A hall under faults at random: what was finished stays, memory stays, no log has a traceback.

`python -m benchmarks.soak --faults` starts two dashboards behind nginx with a scheduler and two workers, and
lets people come, train a network that nobody had before, look at pages, and leave. Meanwhile, at times drawn
from a seed, a worker, a dashboard or the scheduler is killed, the network says nothing for some seconds, or
nothing can be written to the disk. Who loses the connection comes again, as a browser does. At the end the
last hundred runs that somebody saw finished are asked for once more, fewer than the records have room for:
each must be the same training, told by its speed, which no two trainings share. It needs Linux, where a
process can be told how large its files may be.
"""

import asyncio
import itertools
import math
import random
import statistics
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from websockets.exceptions import WebSocketException

from benchmarks.following import Client
from benchmarks.harness.faulty_hall import FaultyHall
from benchmarks.harness.visitor import wait_until_trained
from benchmarks.load import everybody_looks_once
from benchmarks.memory import links
from benchmarks.pages import PAGES

N_PEOPLE = 12
N_ROWS = 12
PAUSE_SECONDS = 3.0
"""Between two pages of a person, on average."""
QUIET_SECONDS = 20.0, 40.0
"""From the end of a fault to the next."""
AFTER_SECONDS = 60.0
"""After a fault, a page may still say that something cannot be reached."""
PATIENCE = 120.0
"""Seconds for one run to be seen finished, with what befalls it."""
N_ASKED = 100
"""Finished runs that are asked for at the end: 500 MB of records are kept, some 270 of these networks."""
MAX_GROWTH = 150.0
"""Megabytes that the dashboards may have more in the last quarter of the time than in the second."""
LOST = (OSError, TimeoutError, WebSocketException)
"""What a browser sees of a fault: it then comes again."""


@dataclass
class Story:
    """What has happened.

    Attributes:
        faults: Their names, and when each began and ended.
        finished: What the page said of each run that was seen finished, by its link.
        errors: Sentences on pages, and when they were seen.
        n_lost: Connections that ended or did not answer.
        rows: Minutes, faults, runs, and megabytes of the dashboards and of all.
    """

    faults: list[tuple[str, float, float]] = field(default_factory=list)
    finished: dict[str, str] = field(default_factory=dict)
    errors: list[tuple[float, str]] = field(default_factory=list)
    n_lost: int = 0
    rows: list[tuple[float, int, int, float, float]] = field(default_factory=list)

    def unexplained(self) -> list[str]:
        """Errors on pages that no fault explains."""
        return [
            sentence
            for moment, sentence in self.errors
            if not any(begun <= moment <= ended + AFTER_SECONDS for _, begun, ended in self.faults)
        ]

    def growth(self) -> float:
        """Megabytes of the dashboards from the second quarter of the rows to the last; 0 for too few rows."""
        sizes = [row[3] for row in self.rows if not math.isnan(row[3])]
        quarter = len(sizes) // 4
        if not quarter:
            return 0.0
        return statistics.median(sizes[-quarter:]) - statistics.median(sizes[quarter : 2 * quarter])


@asynccontextmanager
async def person(port: int, page: str, link: str) -> AsyncIterator[Client]:
    """Somebody on a page, whose clocks run."""
    client, is_over = Client(port, page, "somebody", defaultdict(list)), asyncio.Event()
    clock = None
    try:
        async with asyncio.timeout(PATIENCE / 2):
            await client.open(link)
        clock = asyncio.create_task(client.follow(is_over))
        yield client
    finally:
        is_over.set()
        if clock is not None:
            clock.cancel()
            await asyncio.gather(clock, return_exceptions=True)
        with suppress(*LOST, AttributeError):  # it may never have been connected
            await client.close()


async def train(port: int, link: str) -> str:
    """Come with settings, train them if nobody has, and read what the page says of the run."""
    async with person(port, "train", link) as client:
        async with asyncio.timeout(PATIENCE):
            if "Trained: " not in client.seen:
                await client.press("Train")
            await client.wait_for("Trained: ")
        return next(line for line in client.seen.splitlines() if line.startswith("Trained: "))


async def live(port: int, some: Iterator[str], story: Story, ends: float, dice: random.Random) -> None:
    """Train, look at some pages, and again, until the time is over."""
    for link in some:
        while time.monotonic() < ends and link not in story.finished:
            try:
                story.finished[link] = await train(port, link)
                async with person(port, dice.choice(list(PAGES.values())), link) as client:
                    for page in dice.choices(list(PAGES.values()), k=3):
                        await asyncio.sleep(dice.uniform(0.5, 1.5) * PAUSE_SECONDS)
                        async with asyncio.timeout(PATIENCE):
                            await client.go(page)
            except LOST:
                story.n_lost += 1
                await asyncio.sleep(1.0)
            except RuntimeError as error:
                story.errors.append((time.monotonic(), str(error)))
                await asyncio.sleep(1.0)
            except StopIteration:  # the button is not there: the page is at something else
                await asyncio.sleep(1.0)
        if time.monotonic() >= ends:
            return


def break_things(hall: FaultyHall, story: Story, ends: float, dice: random.Random) -> None:
    """One fault after the other, until there is no time for another one."""
    faults = {
        "a worker is killed": lambda: hall.kill("worker", dice),
        "a dashboard is killed": lambda: hall.kill("dashboard", dice),
        "the scheduler is killed": lambda: hall.kill("scheduler", dice),
        "the network is cut": lambda: hall.cut(dice),
        "the disk is full": hall.fill_disk,
    }
    while time.monotonic() + QUIET_SECONDS[1] + AFTER_SECONDS < ends:
        time.sleep(dice.uniform(*QUIET_SECONDS))
        name, begun = dice.choice(list(faults)), time.monotonic()
        story.faults.append((name, begun, begun + PATIENCE))
        faults[name]()
        story.faults[-1] = (name, begun, time.monotonic())


async def crowd(hall: FaultyHall, story: Story, minutes: float, seed: int) -> None:
    """All people, until the time is over, with a row of numbers now and then."""
    begun = time.monotonic()
    ends = begun + 60 * minutes
    some = (f"{link}&seed={number}" for number in itertools.count(1) for link in links())
    people = [
        asyncio.create_task(live(hall.port, some, story, ends, random.Random(f"{seed} {number}")))
        for number in range(N_PEOPLE)
    ]
    for number in range(1, N_ROWS + 1):
        await asyncio.sleep(max(0.0, begun + number * 60 * minutes / N_ROWS - time.monotonic()))
        row = (minutes * number / N_ROWS, len(story.faults), len(story.finished), *hall.megabytes())
        story.rows.append(row)
        print("| {:.1f} | {} | {} | {:,.0f} | {:,.0f} |".format(*row), flush=True)
    await asyncio.gather(*people)


async def lost_runs(port: int, story: Story) -> list[str]:
    """Links of the last finished runs that are not those that were seen before."""
    lost = []
    for link, before in [*story.finished.items()][-N_ASKED:]:
        try:
            if await train(port, link) != before:
                lost.append(link)
        except (RuntimeError, *LOST):
            lost.append(link)
    return lost


def soak_with_faults(minutes: float, seed: int) -> list[str]:
    """Run it, print a table, and return sentences about what was not as it should be."""
    story = Story()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        hall = FaultyHall(Path(folder))
        try:
            asyncio.run(wait_until_trained(hall.port))
            asyncio.run(everybody_looks_once(hall.port))
            print("| minutes | faults | runs seen finished | dashboards, MB | all, MB |")
            print("| ---: | ---: | ---: | ---: | ---: |")
            dice = random.Random(seed)
            ends = time.monotonic() + 60 * minutes
            threading.Thread(target=break_things, args=(hall, story, ends, dice), daemon=True).start()
            asyncio.run(crowd(hall, story, minutes, seed))
            lost = asyncio.run(lost_runs(hall.port, story))
        finally:
            hall.close()
    kinds = Counter(name for name, _, _ in story.faults)
    print("\n" + ", ".join(f"{name}: {n} times" for name, n in kinds.most_common()))
    n_asked = min(N_ASKED, len(story.finished))
    print(f"{n_asked - len(lost)} of the last {n_asked} finished runs are there at the end")
    print(f"{story.n_lost} connections lost, {len(story.errors)} errors shown beside a fault or after it")
    return problems_of(story, lost, hall.tracebacks())


def problems_of(story: Story, lost: list[str], tracebacks: list[str]) -> list[str]:
    """Sentences about what was not as it should be."""
    unexplained, growth = story.unexplained(), story.growth()
    problems = []
    if lost:
        problems.append(f"{len(lost)} of the last finished runs are lost, such as {lost[0]}.")
    if unexplained:
        problems.append(f"{len(unexplained)} errors that no fault explains, such as: {unexplained[0]}")
    if growth > MAX_GROWTH:
        problems.append(f"The dashboards grew by {growth:.0f} MB; {MAX_GROWTH:.0f} are allowed.")
    if tracebacks:
        problems.append(f"{len(tracebacks)} tracebacks: {Counter(tracebacks).most_common(8)}")
    return problems
