"""A full lecture hall: many visitors at once over real websockets, some of them training.

`python -m benchmarks.load` starts the dashboard, waits until the classic network is there, and lets visitors
walk through its pages, each with a click every few seconds, while some train networks of their own. Like a
browser, a visitor also reruns what a page wants rerun by itself. It prints how long clicks took, what failed,
and memory before, during and after; then all of them press "Train" with the same settings at once, beside one
visitor who does.
"""

import argparse
import asyncio
import json
import random
import statistics
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field

from benchmarks.following import Client, Times
from benchmarks.pages import FILLING, PAGES, Server, wait_until_trained

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


async def press_together(port: int, n: int, seed: int) -> float:
    """Seconds until each of n visitors, who press "Train" with the same settings at once, sees the end.

    Raises:
        RuntimeError: Somebody got an exception or an error.
    """
    tally, gate = Tally(), asyncio.Event()

    async def press() -> None:
        async with following(port, "train", tally, f"units=48&seed={seed}") as visitor:
            await gate.wait()
            await tally.click(visitor, visitor.press("Train"))
            await visitor.wait_for("The run shown: 48 hidden units")

    tasks = [asyncio.create_task(press()) for _ in range(n)]
    await asyncio.sleep(2 + n / 10)
    begun = time.perf_counter()
    gate.set()
    await asyncio.gather(*tasks)
    if tally.errors:
        raise RuntimeError(tally.errors[0])
    return time.perf_counter() - begun


@dataclass(frozen=True)
class Result:
    """What was measured; memory in MB of the Streamlit process and of all together."""

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
    memory_before: tuple[float, float]
    memory_during: tuple[float, float]
    memory_after: tuple[float, float]
    one_presses_s: float
    all_press_s: float


def p95(times: Sequence[float]) -> float:
    """The 95th percentile; the largest of fewer than 20."""
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else max(times, default=0.0)


def measure(n_visitors: int, n_training: int, seconds: float) -> Result:
    """Let them walk, leave, and press together."""
    tally = Tally()

    async def everybody(port: int) -> None:
        walks = (walk(port, tally, number, seconds, number < n_training) for number in range(n_visitors))
        await asyncio.gather(*walks)

    with Server("app.py") as server:
        asyncio.run(wait_until_trained(server.port))
        asyncio.run(everybody_looks_once(server.port))
        before = server.megabytes()
        asyncio.run(everybody(server.port))
        during = server.megabytes()
        time.sleep(LEFT_SECONDS)
        after = server.megabytes()
        one = asyncio.run(press_together(server.port, 1, 1))
        together = asyncio.run(press_together(server.port, n_visitors, 2))
    clicks = [one for times in tally.clicks.values() for one in times]
    slowest = max(tally.clicks, key=lambda page: p95(tally.clicks[page]))
    reruns = tally.times["a visitor looks again"]
    return Result(
        n_visitors, n_training, len(clicks), statistics.median(clicks), p95(clicks), slowest,
        p95(tally.clicks[slowest]), len(reruns), p95(reruns), len(tally.errors),
        sorted(set(tally.errors))[:5], before, during, after, one, together,
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
    parser.add_argument("--json", action="store_true", help="print data instead of a table")
    arguments = parser.parse_args()
    result = measure(arguments.visitors, arguments.training, arguments.seconds)
    if arguments.json:
        print(json.dumps(asdict(result), indent=2))
        return
    for name, value in asdict(result).items():
        shown = tuple(round(v) for v in value) if isinstance(value, tuple) else value
        print(f"{name.replace('_', ' '):18} {f'{shown:,.1f}' if isinstance(shown, float) else shown}")


if __name__ == "__main__":
    main()
