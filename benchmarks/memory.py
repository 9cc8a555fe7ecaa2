"""How much memory the dashboard takes, and whether training many different networks makes it grow.

`python -m benchmarks.memory` starts the dashboard and lets 100 visitors come one after the other. Each opens
a link with settings nobody had before, presses "Train", waits for the end and looks at the evaluate page, so
that the server compiles, trains, keeps, draws and judges 100 different networks. It prints the resident
memory of the Streamlit process and of all processes together before, every 20 networks and at the end, and
the highest seen in between; the exit status is 1 if a limit was broken.
"""

import argparse
import asyncio
import itertools
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from benchmarks.pages import Server, Visitor, wait_until_trained
from mnist_core.config import OPTIMIZERS

N_NETWORKS = 100
NETWORKS_A_ROW = 20
MAX_STREAMLIT = 400
MAX_TOGETHER = 1_600
MAX_GROWTH = 150
"""The limits in megabytes (10⁶ bytes); the growth is that of either number, at the end of the networks."""


@dataclass(frozen=True)
class Row:
    """Resident memory in megabytes at one moment."""

    moment: str
    streamlit: float
    together: float


def links() -> Iterator[str]:
    """The settings of each network as a link has them; no two compile the same loop."""
    batch_sizes = itertools.cycle([8, 16, 32, 64, 128, 256, 512])
    for units, optimizer in itertools.product(range(8, 2 * N_NETWORKS + 1, 8), OPTIMIZERS):
        yield f"units={units}&optimizer={optimizer}&batch={next(batch_sizes)}&epochs=1&images=1000"


async def train(server: Server, link: str) -> Row:
    """One visit; returns the highest memory seen while it lasted."""
    visitor = Visitor(server.port)
    await visitor.open()
    seen = [server.megabytes()]
    view = await visitor.look("train", link)
    view = await visitor.look("train", link, pressed=view.buttons["Train"])
    while not view.buttons["Stop"].disabled:
        await asyncio.sleep(0.1)
        seen.append(server.megabytes())
        view = await visitor.look("train", link)
    await visitor.look("evaluate")
    seen.append(server.megabytes())
    await visitor.close()
    return Row("highest", max(own for own, _ in seen), max(together for _, together in seen))


async def measure(server: Server) -> list[Row]:
    """The rows of the table: before, every 20 networks, and the highest number of each column."""
    await wait_until_trained(server.port)
    rows = [Row("before", *server.megabytes())]
    visits: list[Row] = []
    for link in links():
        visits.append(await train(server, link))
        if len(visits) % NETWORKS_A_ROW == 0:
            rows.append(Row(f"after {len(visits)}", *server.megabytes()))
    every = [*rows, *visits]
    rows.append(Row("highest", max(row.streamlit for row in every), max(row.together for row in every)))
    return rows


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
    server = Server("app.py")
    try:
        rows = asyncio.run(measure(server))
    finally:
        server.stop()
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
