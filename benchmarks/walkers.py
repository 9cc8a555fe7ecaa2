"""How many people may walk through a hall: clicks by the number of visitors, on one dashboard and on several.

`python -m benchmarks.walkers` starts `python -m hall` with 1 and with 2 dashboards, one after the other, and
lets 100, 200 and 300 visitors walk through all pages, each with a click every five seconds. It prints how
long their clicks took, what failed, and what the dashboards had of a core together. The visitors themselves
have part of the same cores.
"""

import argparse
import asyncio
import signal
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from benchmarks.files import files_of
from benchmarks.harness.server import STOP_SECONDS, free_port, project_folder
from benchmarks.harness.visitor import wait_until_trained
from benchmarks.load import Tally, everybody_looks_once, p95, walk


@contextmanager
def hall(n_dashboards: int) -> Iterator[tuple[int, psutil.Process]]:
    """A hall with so many dashboards and one worker: its port, and its process."""
    port = free_port()
    command = [sys.executable, "-m", "hall", f"--port={port}", f"--dashboards={n_dashboards}", "--workers=1"]
    process = subprocess.Popen(command, cwd=project_folder(), stdout=subprocess.PIPE, text=True)
    try:
        next(line for line in process.stdout or () if "http" in line)  # all of it listens
        asyncio.run(wait_until_trained(port))
        yield port, psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(3 * STOP_SECONDS)


def seconds_of_dashboards(started: psutil.Process) -> float:
    """What the dashboards of a hall have had of a core."""
    servers = [each for each in started.children(recursive=True) if "streamlit" in each.cmdline()]
    return sum(sum(server.cpu_times()[:2]) for server in servers)


async def everybody(port: int, n_visitors: int, seconds: float, tally: Tally) -> None:
    """They all walk."""
    walks = (walk(port, tally, number, seconds, trains=False) for number in range(n_visitors))
    await asyncio.gather(*walks)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--visitors", type=int, nargs="+", default=[100, 200, 300])
    parser.add_argument("--dashboards", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--seconds", type=float, default=40.0, help="how long they walk")
    arguments = parser.parse_args()
    files_of("train")  # by a browser, once
    print(
        "| dashboards | visitors | clicks a second | median, ms | 95%, ms | of a core a click, ms | errors |"
    )
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for n_dashboards in arguments.dashboards:
        with hall(n_dashboards) as (port, started):
            for _ in range(n_dashboards):
                asyncio.run(everybody_looks_once(port))
            for n_visitors in arguments.visitors:
                tally, before = Tally(), seconds_of_dashboards(started)
                asyncio.run(everybody(port, n_visitors, arguments.seconds, tally))
                clicks = [milliseconds for times in tally.clicks.values() for milliseconds in times]
                core = 1000 * (seconds_of_dashboards(started) - before) / len(clicks)
                rate, middle = len(clicks) / arguments.seconds, statistics.median(clicks)
                numbers = (
                    f"{rate:.1f} | {middle:,.0f} | {p95(clicks):,.0f} | {core:.0f} | {len(tally.errors)}"
                )
                print(f"| {n_dashboards} | {n_visitors} | {numbers} |", flush=True)


if __name__ == "__main__":
    main()
