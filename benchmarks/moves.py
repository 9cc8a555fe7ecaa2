"""How long a page takes to answer when a slider is moved, over the real websocket.

`python -m benchmarks.moves` opens every lesson, skips its guess and moves each slider of it to other places,
one after the other, as a visitor would who tries everything. It prints the median and the slowest time from
the visitor's message to "script finished", and the exit status is 1 if a median is above the limit. No place
is visited twice, so that no figure comes from the cache.
"""

import argparse
import asyncio
import json
import statistics
import sys
from dataclasses import asdict, dataclass

import numpy as np
from streamlit.proto.Slider_pb2 import Slider

from benchmarks.harness.server import Server
from benchmarks.harness.visitor import Visitor, wait_until_trained
from dashboard.site_map import COURSE

MAX_MEDIAN = 150
"""Milliseconds."""
MAX_PLACES = 12
"""Moves of each slider at most."""


@dataclass(frozen=True)
class Row:
    """Times of the moves of one slider in milliseconds."""

    page: str
    slider: str
    moves: int
    median: float
    slowest: float


def places(slider: Slider) -> list[float]:
    """Values to move it to, none of them the one it has."""
    n_steps = round((slider.max - slider.min) / slider.step)
    steps = np.unique(np.linspace(0, n_steps, min(n_steps, MAX_PLACES) + 1).round())
    values = [slider.min + slider.step * float(step) for step in steps]
    return [value for value in values if value != slider.default[0]]


async def measure(port: int) -> list[Row]:
    """The rows of the table."""
    await wait_until_trained(port)
    rows = []
    for page in COURSE:
        visitor = Visitor(port)
        await visitor.open()
        first = await visitor.look(page.stem)
        await visitor.look(page.stem, pressed=first.buttons["Show me without a guess"])
        view = await visitor.look(page.stem)
        for slider, fragment in view.sliders.values():
            times = [
                (await visitor.move(page.stem, slider, fragment, value)).milliseconds
                for value in places(slider)
            ]
            if times:
                rows.append(Row(page.stem, slider.label, len(times), statistics.median(times), max(times)))
        await visitor.close()
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--json", action="store_true", help="print data instead of a table")
    as_json = parser.parse_args().json
    with Server("app.py") as server:
        rows = asyncio.run(measure(server.port))
    if as_json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        print(f"{'page':13}{'slider':34}{'moves':>6}{'median ms':>11}{'slowest ms':>12}")
        for row in rows:
            print(f"{row.page:13}{row.slider[:32]:34}{row.moves:>6}{row.median:>11.0f}{row.slowest:>12.0f}")
    sys.exit(1 if any(row.median > MAX_MEDIAN for row in rows) else 0)


if __name__ == "__main__":
    main()
