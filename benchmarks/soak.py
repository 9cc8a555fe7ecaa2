"""Long life: whether 500 trainings and 2,000 page views leave anything behind.

`python -m benchmarks.soak` starts the dashboard and lets visitors come and go, three at a time. Each opens a
link with settings nobody had before, trains, looks at pages by chance, and leaves. After every hundred
trainings, and at the end when the server has forgotten all of them but one, it prints the resident memory of
the Streamlit process and of all processes together, and the open handles and threads of both.
The exit status is 1 if a limit was broken. `--faults` does the same in a hall whose parts fail
(`benchmarks.faults`).
"""

import argparse
import asyncio
import itertools
import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import psutil

from benchmarks.faults import soak_with_faults
from benchmarks.harness.server import Server
from benchmarks.harness.visitor import wait_until_trained
from benchmarks.load import LEFT_SECONDS, Tally, everybody_looks_once, following
from benchmarks.memory import links
from benchmarks.pages import FILLING, PAGES

N_TRAININGS = 500
PAGES_A_TRAINING = 4
AT_A_TIME = 3
N_ROWS = 5
MAX_GROWTH = 150
"""Megabytes (10⁶ bytes) that either number may grow by from the first row of visitors to the last."""
MAX_LEFT = 10
"""Handles, and threads, that may be more at the end than before: pools grow to their size."""


@dataclass(frozen=True)
class Row:
    """What the server holds at one moment; memory in megabytes, "together" with its children."""

    moment: str
    streamlit: float
    together: float
    handles: int
    handles_together: int
    threads: int
    threads_together: int

    @classmethod
    def of(cls, moment: str, server: Server) -> "Row":
        """Look now."""
        own = psutil.Process(server.process.pid)
        while True:
            try:
                everybody = [own, *own.children(recursive=True)]
                return cls(
                    moment, *server.megabytes(), own.num_fds(), sum(each.num_fds() for each in everybody),
                    own.num_threads(), sum(each.num_threads() for each in everybody),
                )  # fmt: skip
            except psutil.NoSuchProcess:  # the worker was replaced just now
                continue


def all_links(n: int) -> Iterator[str]:
    """Settings that nobody had before: a hundred networks to compile, and other seeds of them."""
    seeds = (f"{link}&seed={seed}" for seed in itertools.count(1) for link in links())
    return itertools.islice(seeds, n)


async def visit(port: int, link: str, tally: Tally, dice: random.Random, n_pages: int) -> None:
    """Come, train, look around, leave."""
    async with following(port, "train", tally, link) as visitor:
        await tally.click(visitor, visitor.press("Train"))
        await asyncio.wait_for(visitor.wait_for("Trained: "), 120)
        for page in dice.choices(list(PAGES.values()), k=n_pages):
            await tally.click(visitor, visitor.go(page))
            for label in FILLING:
                if label in visitor.buttons:
                    await tally.click(visitor, visitor.press(label))


async def everybody(port: int, some: Iterator[str], tally: Tally, n_pages: int) -> None:
    """Visitors come and go, a few at a time."""

    async def one_after_the_other(number: int) -> None:
        dice = random.Random(number)
        for link in some:
            await visit(port, link, tally, dice, n_pages)

    await asyncio.gather(*(one_after_the_other(number) for number in range(AT_A_TIME)))


def soak(n_trainings: int, n_pages: int) -> tuple[list[Row], Tally]:
    """All rows, and what the visitors found."""
    tally, some = Tally(), all_links(n_trainings)
    with Server("app.py") as server:
        asyncio.run(wait_until_trained(server.port))
        asyncio.run(everybody_looks_once(server.port))
        rows = [Row.of("before", server)]
        for number in range(N_ROWS):
            part = itertools.islice(some, n_trainings // N_ROWS)
            asyncio.run(everybody(server.port, part, tally, n_pages))
            rows.append(Row.of(f"{(number + 1) * (n_trainings // N_ROWS)} trainings", server))
        time.sleep(LEFT_SECONDS)
        asyncio.run(everybody_looks_once(server.port))  # Streamlit forgets who left as the next one comes
        rows.append(Row.of("all have left", server))
    return rows, tally


def broken(rows: list[Row], tally: Tally) -> list[str]:
    """Sentences about what was not as it should be."""
    before, first, last = rows[0], rows[1], rows[-1]
    grown = max(last.streamlit - first.streamlit, last.together - first.together)
    left = max(last.handles - before.handles, last.threads - before.threads)
    left = max(left, last.handles_together - before.handles_together)
    left = max(left, last.threads_together - before.threads_together)
    problems = [f"{len(tally.errors)} errors, such as: {tally.errors[0]}"] if tally.errors else []
    if grown > MAX_GROWTH:
        problems.append(f"Memory grew by {grown:.0f} MB; {MAX_GROWTH} are allowed.")
    if left > MAX_LEFT:
        problems.append(f"{left} handles or threads are left; {MAX_LEFT} are allowed.")
    return problems


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--trainings", type=int, default=N_TRAININGS, help=f"at least {N_ROWS}")
    parser.add_argument("--pages", type=int, default=PAGES_A_TRAINING, help="page views for each training")
    parser.add_argument("--json", action="store_true", help="print data instead of a table")
    parser.add_argument("--faults", action="store_true", help="an hour in a hall whose parts fail at random")
    parser.add_argument("--minutes", type=float, default=60.0, help="with --faults, how long")
    parser.add_argument("--seed", type=int, default=1, help="with --faults, of their order and times")
    arguments = parser.parse_args()
    if arguments.faults:
        problems = soak_with_faults(arguments.minutes, arguments.seed)
        print("\n".join(problems))
        sys.exit(bool(problems))
    rows, tally = soak(arguments.trainings, arguments.pages)
    n_views = sum(len(times) for times in tally.clicks.values())
    problems = broken(rows, tally)
    if arguments.json:
        data = {"rows": [asdict(row) for row in rows], "views": n_views, "problems": problems}
        print(json.dumps(data, indent=2))
    else:
        print(f"{'':16}{'Streamlit MB':>13}{'all MB':>8}{'handles':>9}{'all':>6}{'threads':>9}{'all':>6}")
        for row in rows:
            print(
                f"{row.moment:16}{row.streamlit:>13.0f}{row.together:>8.0f}{row.handles:>9}"
                f"{row.handles_together:>6}{row.threads:>9}{row.threads_together:>6}"
            )
        print(f"{n_views} pages seen, {len(tally.errors)} errors")
        print("\n".join(problems))
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
