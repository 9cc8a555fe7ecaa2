"""How much memory the dashboard takes, and whether training many different networks makes it grow.

`python -m benchmarks.memory` starts the dashboard and lets 100 visitors come one after the other. Each opens
a link with settings nobody had before, presses "Train", waits for the end and looks at the evaluate page, so
that 100 different networks are compiled, trained, kept, judged and drawn. It prints the resident memory of
the Streamlit process and of all processes together: before; for every 20 networks the most at the end of a
visit, when nothing is being trained; and the most at any time, trainings included. The exit status is 1 if a
limit was broken.
"""

import argparse
import asyncio
import itertools
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import psutil

from benchmarks.harness.server import Server
from benchmarks.harness.visitor import Visitor, wait_until_trained
from mnist_core.config import OPTIMIZERS

N_NETWORKS = 100
NETWORKS_A_ROW = 20
MAX_STREAMLIT = 600
MAX_TOGETHER = 1_600
MAX_GROWTH = 400
"""The limits in megabytes (10⁶ bytes); growth is that of either number from "before" to the last networks.
Streamlit keeps who has left for two minutes, in which most of these visitors come; see `benchmarks.soak`."""
LOOKS_A_SECOND = 10
PATIENCE = 120
"""Seconds that a training may take, in which a busy machine may have to replace the worker."""


@dataclass(frozen=True)
class Row:
    """Resident memory in megabytes."""

    moment: str
    streamlit: float
    together: float


def links() -> Iterator[str]:
    """The settings of each network as a link has them; no two compile the same loop."""
    batch_sizes = itertools.cycle([8, 16, 32, 64, 128, 256, 512])
    for units, optimizer in itertools.product(range(8, 2 * N_NETWORKS + 1, 8), OPTIMIZERS):
        yield f"units={units}&optimizer={optimizer}&batch={next(batch_sizes)}&epochs=1&images=1000"


def megabytes(server: Server) -> tuple[float, float]:
    """Memory of the Streamlit process, and of all processes together."""
    while True:
        try:
            return server.megabytes()
        except psutil.NoSuchProcess:  # the worker was replaced just now
            continue


async def train(server: Server, link: str) -> list[tuple[float, float]]:
    """One visit; the memory at several moments of it, the last one after the training."""
    visitor = Visitor(server.port)
    await visitor.open()
    view = await visitor.look("train", link)
    view = await visitor.look("train", link, pressed=view.buttons["Train"])
    seen = [megabytes(server)]
    while "Pause" in view.buttons:
        if len(seen) > PATIENCE * LOOKS_A_SECOND:
            raise TimeoutError(f"{link}: the training did not end.")
        await asyncio.sleep(1 / LOOKS_A_SECOND)
        seen.append(megabytes(server))
        view = await visitor.look("train", link)
    await visitor.look("evaluate")
    seen.append(megabytes(server))
    await visitor.close()
    return seen


def most(moment: str, seen: Sequence[tuple[float, float]]) -> Row:
    """The highest of each number."""
    return Row(moment, max(own for own, _ in seen), max(together for _, together in seen))


async def measure(server: Server) -> list[Row]:
    """The rows of the table."""
    await wait_until_trained(server.port)
    always, at_rest = [megabytes(server)], []
    rows = [most("before", always)]
    for number, link in enumerate(links(), start=1):
        seen = await train(server, link)
        always += seen
        at_rest.append(seen[-1])
        if number % NETWORKS_A_ROW == 0:
            rows.append(most(f"{number - NETWORKS_A_ROW + 1} to {number}", at_rest[-NETWORKS_A_ROW:]))
    return [*rows, most("at any time", always)]


def broken_limits(rows: list[Row]) -> list[str]:
    """A sentence for each limit that was broken."""
    before, after, highest = rows[0], rows[-2], rows[-1]
    checks = [
        ("The Streamlit process took", highest.streamlit, MAX_STREAMLIT),
        ("All processes together took", highest.together, MAX_TOGETHER),
        ("The Streamlit process grew by", after.streamlit - before.streamlit, MAX_GROWTH),
        ("All processes together grew by", after.together - before.together, MAX_GROWTH),
    ]
    return [f"{what} {size:.0f} MB; {limit} is the limit." for what, size, limit in checks if size > limit]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--json", action="store_true", help="print data instead of a table")
    as_json = parser.parse_args().json
    with Server("app.py") as server:
        rows = asyncio.run(measure(server))
    broken = broken_limits(rows)
    if as_json:
        print(json.dumps({"rows": [asdict(row) for row in rows], "broken_limits": broken}, indent=2))
    else:
        print(f"{'networks':12}{'Streamlit MB':>14}{'together MB':>14}")
        for row in rows:
            print(f"{row.moment:12}{row.streamlit:>14.0f}{row.together:>14.0f}")
        print("\n".join(broken) or "Every limit was kept.")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
