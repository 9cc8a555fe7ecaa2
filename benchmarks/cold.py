"""A cold server: how long until its first page and its first trained network.

`python -m benchmarks.cold` starts the dashboard three times. Each time a visitor opens the overview as soon
as the server listens; then another opens the train page and presses "Train" with settings of their own at
once. It prints seconds from the server's start until it listens, until the first page is whole, until the
classic network is there, and until the visitor's own run is; and the first page's time from its visitor's
side alone. From the second start on, the files are in the system's cache. Then the same three times with a
folder in which the runs of the start before are kept.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from benchmarks.harness.server import Server
from benchmarks.harness.visitor import Visitor, wait_until_trained
from benchmarks.load import Tally, following

TIMES = 3
LINK = "units=40&epochs=5"


@dataclass(frozen=True)
class Start:
    """Seconds from the start of a server, but for `first_page_s`, which is from the visitor's request."""

    listening_s: float
    first_page_s: float
    first_page_whole_s: float
    classic_trained_s: float
    own_trained_s: float


def start(environment: Mapping[str, str] | None = None) -> Start:
    """Start a server, with variables beside the usual ones, and be its first visitors."""
    begun = time.perf_counter()

    def now() -> float:
        return time.perf_counter() - begun

    async def look(port: int) -> float:
        visitor = Visitor(port)
        await visitor.open()
        await visitor.look("")
        await visitor.close()
        return now()

    async def wait(port: int) -> float:
        await wait_until_trained(port)
        return now()

    async def train(port: int) -> float:
        async with following(port, "train", Tally(), LINK) as visitor:
            await visitor.press("Train")
            await visitor.wait_for("The run shown: 40 hidden neurons")
            return now()

    async def visits(port: int) -> tuple[float, float, float]:
        page = await look(port)
        classic, own = await asyncio.gather(wait(port), train(port))
        return page, classic, own

    with Server("app.py", environment=environment) as server:
        listening = now()
        page, classic, own = asyncio.run(visits(server.port))
        return Start(listening, page - listening, page, classic, own)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--json", action="store_true", help="print data instead of a table")
    arguments = parser.parse_args()
    measured = {"for the first time": [asdict(start()) for _ in range(TIMES)]}
    with tempfile.TemporaryDirectory() as folder:
        again = [asdict(start({"MLP_RECORDS": folder})) for _ in range(TIMES + 1)]
        measured["with what was trained before"] = again[1:]
    if arguments.json:
        print(json.dumps(measured, indent=2))
        return
    for heading, starts in measured.items():
        print(heading)
        for name in starts[0]:
            times = [seconds[name] for seconds in starts]
            each = " ".join(f"{t:.2f}" for t in times)
            print(f"  {name.replace('_', ' '):22}{statistics.median(times):6.2f}   {each}")


if __name__ == "__main__":
    main()
