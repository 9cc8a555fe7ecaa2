"""More visitors than a lecture hall has, and some who take what they can: what is left for the lecturer.

`python -m benchmarks.storm` starts the README's command for each part, with a soft limit of 256 open files as
macOS has it, and prints a Markdown table: a figure, its bound where it has one, and how much of a core the
server and these clients had. The clients compute on the same machine, so their share tells whose limit a slow
figure is. The exit status is 1 if a bound is broken or something went wrong.

`phones100` and `phones300`: as many phones come within 20 s (the page's files, the websocket, the first run,
the press of Join), answer a poll, draw, and look every other second until second 54. The lecturer presses
something every 2 s, in all parts of this paragraph. `trainings` and `trainings3000`: tiny trainings from many
sessions. `reloads`: a tab that is loaded a thousand times.

`queue`: the largest trainings of four strangers before the lecturer's own. `class100`: a hundred press Train
at once, each with other settings, and watch.
"""

import argparse
import asyncio
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import nullcontext
from typing import Any, Final

import psutil

from benchmarks.files import files_of
from benchmarks.harness.server import Server
from benchmarks.harness.visitor import Visitor, wait_until_trained
from benchmarks.parts import sampled
from benchmarks.storm import phones, trainings
from benchmarks.storm.results import Figure, Measured, data, table

SOFT_LIMIT: Final = 256
"""Open files with which the server begins."""
N_RELOADS: Final = 1_000
N_AT_ONCE: Final = 4
"""Reloads at the same time."""


Findings = tuple[list[Figure], list[str]]
Part = Callable[[Server], Coroutine[Any, Any, Findings]]


def lecture(n: int) -> Part:
    """A lecture with as many phones."""
    return lambda server: phones.lecture(server, n, files_of("join"))


def tiny_trainings(n_sessions: int, n_each: int) -> Part:
    """As many tiny trainings, and what a lecturer feels meanwhile."""
    return lambda server: _felt(server, trainings.tiny(server.port, n_sessions, n_each), None)


def reloads(server: Server) -> Coroutine[Any, Any, Findings]:
    """A tab is loaded again and again, and what a lecturer feels meanwhile."""
    return _felt(server, _reload(server))


async def _felt(
    server: Server, work: Awaitable[Findings], bound: float | None = phones.MAX_CLICK
) -> Findings:
    (figures, problems), felt = await phones.click_meanwhile(server.port, work, bound)
    return [*figures, felt], problems


async def _reload(server: Server) -> Findings:
    """A tab is loaded again and again, without a name that it keeps, while the lecturer does nothing."""
    host, code = await phones.open_class(server.port, {})
    begun = time.perf_counter()
    left = iter(range(N_RELOADS))

    async def reload() -> None:
        for _ in left:
            visitor = Visitor(server.port)
            await visitor.open()
            await visitor.look("join")
            await visitor.close()

    await asyncio.gather(*(reload() for _ in range(N_AT_ONCE)))
    seconds = time.perf_counter() - begun
    for _ in range(N_RELOADS // 10):
        await host.come_back()
    problems = [] if f"# Class {code}" in host.seen else ["The class is not the lecturer's any more."]
    await host.press("Lock the class")
    problems += [] if "Unlock the class" in host.buttons else ["The lecturer's press did nothing."]
    await host.close()
    figures = [Figure("loads of another tab", N_RELOADS), Figure("seconds that these took", seconds)]
    return [*figures, Figure("reloads of the lecturer's tab after them", N_RELOADS // 10)], problems


PARTS: Final[dict[str, Part]] = {
    "queue": trainings.largest,
    "class100": lambda server: trainings.at_once(server.port, 100),
    "phones100": lecture(100),
    "reloads": reloads,
    "phones300": lecture(300),
    "trainings": tiny_trainings(20, 25),
    "trainings3000": tiny_trainings(60, 50),
}


def measure(name: str, is_sampled: bool) -> Measured:
    """Run one part on a server of its own, with py-spy looking on if it is to be sampled."""
    if name.startswith("phones"):
        files_of("join")
    with Server("app.py", soft_limit=SOFT_LIMIT) as server:
        asyncio.run(wait_until_trained(server.port))
        begun, before = time.perf_counter(), _cpu_seconds(server)
        spy = sampled(server.process.pid) if is_sampled else nullcontext(Counter[str]())
        with spy as samples:
            figures, problems = asyncio.run(PARTS[name](server))
        seconds = time.perf_counter() - begun
        after = _cpu_seconds(server)
    of_server, own, whole = ((now - then) / seconds for now, then in zip(after, before, strict=True))
    return Measured(name, tuple(figures), tuple(problems), of_server, own, whole, samples)


def _cpu_seconds(server: Server) -> tuple[float, float, float]:
    """Of the server's own process, of this one, and of the whole machine."""
    own, whole = psutil.Process().cpu_times(), psutil.cpu_times()
    busy = sum(whole) - whole.idle - getattr(whole, "iowait", 0.0)
    return server.cpu_seconds(), float(own.user + own.system), float(busy)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks.storm", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print data instead of tables")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--spy", action="store_true", help="say what the server did, with py-spy")
    arguments = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # of the clients; the server has its own
    parts = []
    for name in arguments.parts:
        parts.append(measure(name, arguments.spy))
        if not arguments.json:
            print(table(parts[-1]), flush=True)
    if arguments.json:
        print(json.dumps([data(measured) for measured in parts], indent=2, allow_nan=False))
    sys.exit(0 if all(measured.is_good for measured in parts) else 1)


if __name__ == "__main__":
    main()
