"""A full lecture hall: many visitors at once over real websockets, some of them training.

`python -m benchmarks.load` starts the dashboard, waits until the classic network is there, and lets visitors
walk through its pages, each with a click every few seconds, while some train networks of their own. Like a
browser, a visitor also reruns what a page wants rerun by itself. It prints how long clicks took, what failed,
how much of a core the server's process took for a click, and memory before, during and after. Then all press
"Train" with the same settings at once, beside one visitor who does; how many trainings that was is counted by
what they are shown, because no two trainings end with the same number of images per second.

`--rounds 2` has others come when all have left; memory must not grow from round to round. `--parts` tells by
py-spy which part of the server has the interpreter (`benchmarks.parts`), and slows it a little.
"""

import argparse
import asyncio
import json
import random
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import asdict, dataclass, field

from benchmarks import files
from benchmarks.following import Client, Times
from benchmarks.harness.server import Server
from benchmarks.harness.visitor import wait_until_trained
from benchmarks.pages import FILLING, PAGES
from benchmarks.parts import sampled

CLICK_SECONDS = 5.0
"""From one click of a visitor to the next, on average."""
LEFT_SECONDS = 150.0
"""Until the server has forgotten who left: Streamlit keeps a session for two minutes, should they return."""


@dataclass
class Tally:
    """What all visitors together found.

    Attributes:
        clicks: Milliseconds of each click, by page.
        times: Milliseconds of each rerun, by who did what.
        errors: Sentences.
    """

    clicks: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    times: Times = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)

    async def click(self, visitor: Client, doing: Awaitable[None]) -> None:
        """Let a visitor do something, and note how long it took or what was wrong with it."""
        page, begun = visitor.page or "overview", time.perf_counter()
        try:
            await doing
        except (RuntimeError, TimeoutError) as error:
            self.errors.append(f"{page}: {error or 'no answer'}")
        else:
            self.clicks[page].append(1000 * (time.perf_counter() - begun))


@asynccontextmanager
async def following(port: int, page: str, tally: Tally, link: str = "") -> AsyncIterator[Client]:
    """A visitor on a page, which it follows until it leaves."""
    visitor, is_over = Client(port, page, "a visitor", tally.times), asyncio.Event()
    await tally.click(visitor, visitor.open(link))
    clock = asyncio.create_task(visitor.follow(is_over))
    yield visitor
    is_over.set()
    (ended,) = await asyncio.gather(clock, return_exceptions=True)
    if isinstance(ended, Exception):
        tally.errors.append(f"{visitor.page or 'overview'}: {ended}")
    await visitor.close()


async def walk(port: int, tally: Tally, number: int, seconds: float, trains: bool) -> None:
    """One visitor who clicks through the pages until the time is over; who trains begins with that."""
    dice = random.Random(number)

    def pause() -> Awaitable[None]:
        return asyncio.sleep(dice.uniform(0.5, 1.5) * CLICK_SECONDS)

    await asyncio.sleep(dice.uniform(0, CLICK_SECONDS))
    end = time.monotonic() + seconds
    link = f"units={40 + number}&epochs=3" if trains else ""
    await files.phone(port, files.files_of("train"))
    async with following(port, "train" if trains else "", tally, link) as visitor:
        if trains:
            await tally.click(visitor, visitor.press("Train"))
        while time.monotonic() < end:
            await pause()
            visitor.page = dice.choice(list(PAGES.values()))
            await tally.click(visitor, visitor.go(visitor.page))
            for label in FILLING:
                if label in visitor.buttons:
                    await pause()
                    await tally.click(visitor, visitor.press(label))


async def press_together(port: int, n: int, seed: int) -> tuple[float, int]:
    """Let n visitors press "Train" with the same settings at once.

    Returns:
        Seconds until each of them sees the end; how many trainings it took.

    Raises:
        RuntimeError: Somebody got an exception or an error.
    """
    tally, gate = Tally(), asyncio.Event()
    speeds: set[str] = set()
    ends: list[float] = []

    async def press() -> None:
        async with following(port, "train", tally, f"units=48&seed={seed}") as visitor:
            await gate.wait()
            await tally.click(visitor, visitor.press("Train"))
            await visitor.wait_for("The run shown: 48 hidden neurons")
            ends.append(time.perf_counter())
            speeds.update(line for line in visitor.seen.splitlines() if line.startswith("Trained: "))

    tasks = [asyncio.create_task(press()) for _ in range(n)]
    await asyncio.sleep(2 + n / 10)
    begun = time.perf_counter()
    gate.set()
    await asyncio.gather(*tasks)
    if tally.errors:
        raise RuntimeError(tally.errors[0])
    return max(ends) - begun, len(speeds)


@dataclass(frozen=True)
class Result:
    """What was measured; memory in MB of the Streamlit process and of all together, after each round."""

    visitors: int
    training: int
    clicks: int
    p50: float
    p95: float
    slowest_page: str
    slowest_page_p95: float
    reruns: int
    reruns_p95: float
    errors: int
    first_errors: Sequence[str]
    cpu_ms_per_click: float
    memory_before: tuple[float, float]
    memory_during: Sequence[tuple[float, float]]
    memory_after: Sequence[tuple[float, float]]
    one_presses_s: float
    all_press_s: float
    trainings_for_all: int
    parts_percent: dict[str, float]


def p95(times: Sequence[float]) -> float:
    """The 95th percentile; the largest of fewer than 20."""
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else max(times, default=0.0)


def measure(n_visitors: int, n_training: int, seconds: float, n_rounds: int, has_parts: bool) -> Result:
    """Let them walk, leave, and press together."""
    tally, parts = Tally(), Counter[str]()
    cpu, during, after = 0.0, [], []

    async def everybody(port: int, first: int) -> None:
        numbers = range(first, first + n_visitors)
        await asyncio.gather(
            *(walk(port, tally, number, seconds, number < first + n_training) for number in numbers)
        )

    files.files_of("train")
    with Server("app.py") as server:
        asyncio.run(wait_until_trained(server.port))
        asyncio.run(everybody_looks_once(server.port))
        before = server.megabytes()
        for number in range(n_rounds):
            with sampled(server.process.pid) if has_parts else nullcontext(Counter[str]()) as counted:
                begun = server.cpu_seconds()
                asyncio.run(everybody(server.port, number * n_visitors))
                cpu += server.cpu_seconds() - begun
            parts += counted
            during.append(server.megabytes())
            time.sleep(LEFT_SECONDS)
            after.append(server.megabytes())
        alone, _ = asyncio.run(press_together(server.port, 1, 1))
        together, n_trainings = asyncio.run(press_together(server.port, n_visitors, 2))
    clicks = [milliseconds for times in tally.clicks.values() for milliseconds in times]
    slowest = max(tally.clicks, key=lambda page: p95(tally.clicks[page]))
    reruns = tally.times["a visitor looks again"]
    return Result(
        n_visitors, n_training, len(clicks), statistics.median(clicks), p95(clicks), slowest,
        p95(tally.clicks[slowest]), len(reruns), p95(reruns), len(tally.errors),
        sorted(set(tally.errors))[:5], 1000 * cpu / len(clicks), before, during, after, alone, together,
        n_trainings, {part: 100 * n / parts.total() for part, n in parts.most_common()},
    )  # fmt: skip


async def everybody_looks_once(port: int) -> None:
    """Every page once, so that what is kept for all visitors is there before memory is measured."""
    async with following(port, "", Tally()) as visitor:
        for page in PAGES.values():
            await visitor.go(page)
            for label in FILLING:
                if label in visitor.buttons:
                    await visitor.press(label)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--visitors", type=int, default=100)
    parser.add_argument(
        "--training", type=int, default=10, help="how many of them train networks of their own"
    )
    parser.add_argument("--seconds", type=float, default=120.0, help="how long they walk")
    parser.add_argument("--rounds", type=int, default=1, help="how often, with others each time")
    parser.add_argument("--parts", action="store_true", help="what each part of the server costs (py-spy)")
    parser.add_argument("--json", action="store_true", help="print data instead of a table")
    arguments = parser.parse_args()
    result = measure(
        arguments.visitors, arguments.training, arguments.seconds, arguments.rounds, arguments.parts
    )
    if arguments.json:
        print(json.dumps(asdict(result), indent=2))
        return
    for name, value in asdict(result).items():
        print(f"{name.replace('_', ' '):18} {shown(value)}")


def shown(value: object) -> str:
    """A value of the result, its numbers rounded."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {shown(one)}" for name, one in value.items()) or "not asked for"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(shown, value)) + "]"
    return f"{value:,.1f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
