"""How long a rerun of each page takes over the real websocket, beside an empty Streamlit page.

`python -m benchmarks.pages` starts an empty app and the dashboard, one after the other, lets 1 and then 20
visitors rerun every page, and prints the median, the 95th percentile and the ratio to the empty page with as
many visitors. In a lesson the guess is skipped first, and on the draw page there is a digit, so that all of
it is drawn. A rerun counts from the
visitor's message to "script finished".
"""

import argparse
import asyncio
import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from benchmarks.harness.server import Server
from benchmarks.harness.visitor import Visitor, wait_until_trained
from dashboard import site_map

PAGES = {page.stem: page.address for page in site_map.PAGES}
VISITORS = (1, 20)
FILLING = ("Show me without a guess", "Draw one for me")
"""Buttons that fill a page which waits for its visitor first."""
AS_STREAMLIT_IS = {"STREAMLIT_RUNNER_POST_SCRIPT_GC": "true"}
"""The empty page is Streamlit with its own settings; ours turn off one that costs more than the page."""
RERUNS = 11
"""Reruns of a page by each visitor, after it has been opened; the first is not counted."""


@dataclass(frozen=True)
class Row:
    """Times of one page in milliseconds."""

    page: str
    visitors: int
    median: float
    p95: float
    ratio: float


async def measure(port: int, page: str, n_visitors: int) -> list[float]:
    """Times of all counted reruns."""
    visitors = [Visitor(port) for _ in range(n_visitors)]
    for visitor in visitors:
        await visitor.open()

    async def walk(visitor: Visitor) -> list[float]:
        first = await visitor.look(page)
        for label in FILLING:
            if button := first.buttons.get(label):
                await visitor.look(page, pressed=button)
        views = [await visitor.look(page) for _ in range(RERUNS)]
        return [view.milliseconds for view in views[1:]]

    walks = await asyncio.gather(*(walk(visitor) for visitor in visitors))
    for visitor in visitors:
        await visitor.close()
    return [milliseconds for times in walks for milliseconds in times]


def compare(only: Sequence[str] = ()) -> tuple[list[Row], tuple[float, float]]:
    """All rows, or those of some pages, and the memory of the dashboard at the end."""
    rows: list[Row] = []
    empty: dict[int, float] = {}

    def add(page: str, n_visitors: int, times: list[float]) -> None:
        median = statistics.median(times)
        p95 = statistics.quantiles(times, n=20)[-1]
        base = empty.setdefault(n_visitors, median)
        rows.append(Row(page, n_visitors, median, p95, median / base))

    with Server("benchmarks/empty_page.py", environment=AS_STREAMLIT_IS) as server:
        for n_visitors in VISITORS:
            add("(empty)", n_visitors, asyncio.run(measure(server.port, "", n_visitors)))
    with Server("app.py") as server:
        asyncio.run(wait_until_trained(server.port))
        for page, address in PAGES.items():
            if only and page not in only:
                continue
            for n_visitors in VISITORS:
                add(page, n_visitors, asyncio.run(measure(server.port, address, n_visitors)))
        return rows, server.megabytes()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--json", action="store_true", help="print data instead of a table")
    parser.add_argument("--only", nargs="+", choices=PAGES, default=[], help="some pages instead of all")
    arguments = parser.parse_args()
    rows, (own, together) = compare(arguments.only)
    if arguments.json:
        memory = {"streamlit_mb": own, "together_mb": together}
        print(json.dumps({"rows": [asdict(row) for row in rows], "memory": memory}, indent=2))
        return
    print(f"{'page':12}{'visitors':>9}{'median ms':>11}{'p95 ms':>9}{'× empty':>9}")
    for row in rows:
        print(f"{row.page:12}{row.visitors:>9}{row.median:>11.1f}{row.p95:>9.1f}{row.ratio:>9.1f}")
    print(f"Memory: Streamlit process {own:.0f} MB, all processes {together:.0f} MB")


if __name__ == "__main__":
    main()
