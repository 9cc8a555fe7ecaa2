"""The processes of `deploy/` without containers: which there are, how they start, are replaced and end."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

import psutil

from hall import nginx

ROOT: Final = Path(__file__).parents[1]
LOCAL: Final = "127.0.0.1"
SOON_SECONDS: Final = 10.0
"""Who ends sooner after its start waits before it is started again, each time twice as long."""
MAX_WAIT_SECONDS: Final = 60.0
STOP_SECONDS: Final = 6.0
"""For which all may end by themselves; a dashboard takes five at most."""


@dataclass(frozen=True)
class Part:
    """One of the processes.

    Attributes:
        name: Such as "dashboard 2".
        command: What starts it.
        environment: Variables beside those of this process.
        port: At which it listens; 0 for none.
        trains: Whether dashboards need it until they have ended.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    trains: bool = False


def parts_of_a_hall(
    listening: str,
    ports: Sequence[int],
    *,
    n_workers: int,
    folder: Path,
    environment: Mapping[str, str],
    options: Sequence[str] = (),
) -> list[Part]:
    """A scheduler, workers, dashboards and nginx before them, in the order in which they are started.

    Args:
        listening: Where nginx does: a port, or an address and a port.
        ports: Of the scheduler and of each dashboard.
        n_workers: Processes that train.
        folder: For the files of nginx and of the workers.
        environment: Of the dashboards, beside the scheduler's address.
        options: More of theirs.
    """
    at, *dashboards = ports
    scheduler, dask = f"tcp://{LOCAL}:{at}", [sys.executable, "-m", "dask"]
    conf = folder / "nginx.conf"
    conf.write_text(nginx.configuration(listening, [f"{LOCAL}:{port}" for port in dashboards]))
    alone = [f"--host={LOCAL}", "--no-dashboard"]
    command = [*dask, "scheduler", *alone, f"--port={at}", f"--dashboard-address={LOCAL}:0"]
    # Events of trainings bring whole networks.
    parts = [Part("scheduler", command, {"DASK_DISTRIBUTED__ADMIN__LOW_LEVEL_LOG_LENGTH": "4"}, at, True)]
    for number in range(1, n_workers + 1):
        command = [*dask, "worker", scheduler, *alone, "--nworkers=1", "--nthreads=4", "--memory-limit=2GiB"]
        command.append(f"--local-directory={folder / f'worker {number}'}")
        parts.append(Part(f"worker {number}", command, trains=True))
    served = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    for number, port in enumerate(dashboards, 1):
        command = [*served, f"--server.port={port}", f"--server.address={LOCAL}", *options]
        variables = {"DASK_SCHEDULER_ADDRESS": scheduler, **environment}
        parts.append(Part(f"dashboard {number}", command, variables, port))
    parts.append(Part("nginx", nginx.command(folder, conf), port=int(listening.rpartition(":")[2])))
    return parts


@dataclass
class _Started:
    """A process, when it was started, and how often it ended soon after that."""

    process: subprocess.Popen[bytes]
    since: float
    n_soon: int = 0
    again: float | None = None


class Processes:
    """Starts processes, starts again what ends, and ends them all.

    Args:
        parts: All of them, in the order in which they are started.
        environment: The variables of this process.
        say: Called with a sentence when one is started again.
        output: Gives the file that what a part writes goes to; None for where this process writes.
        clock: Seconds.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        environment: Mapping[str, str],
        say: Callable[[str], None],
        output: Callable[[str], IO[bytes] | None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._parts = {part.name: part for part in parts}
        self._environment, self._say, self._output, self._clock = environment, say, output, clock
        self._started: dict[str, _Started] = {}

    def start(self) -> None:
        """Start all that do not run."""
        for name in self._parts:
            if name not in self._started:
                self._started[name] = _Started(self._begin(name), self._clock())

    def replace_ended(self) -> None:
        """Start again what has ended; who ends soon after each start waits longer and longer."""
        now = self._clock()
        for name, started in self._started.items():
            if started.process.poll() is None:
                continue
            if started.again is None:
                started.n_soon = started.n_soon + 1 if now - started.since < SOON_SECONDS else 0
                wait = min(MAX_WAIT_SECONDS, 2.0**started.n_soon) if started.n_soon else 0.0
                started.again = now + wait
                later = f" in {wait:.0f} seconds" if wait else ""
                self._say(f"{name} has ended ({started.process.returncode}) and is started again{later}.")
            if now >= started.again:
                started.process, started.since, started.again = self._begin(name), now, None

    def pid(self, name: str) -> int:
        """The number of a process, for who wants to look at it."""
        return self._started[name].process.pid

    def family(self, name: str) -> list[psutil.Process]:
        """A process and all that it has started."""
        process = psutil.Process(self.pid(name))
        return [process, *process.children(recursive=True)]

    def close(self) -> None:
        """End all: nginx first, so that nobody comes in, and what trains last, because dashboards miss it."""
        names = list(reversed(self._started))
        for is_last in (False, True):
            self._end([name for name in names if self._parts[name].trains is is_last])
        self._started.clear()

    def _end(self, names: Sequence[str]) -> None:
        """End some, at the same time; who does not end in time is killed."""
        families = []
        for name in names:
            process = self._started[name].process
            if process.poll() is None:
                families += self.family(name)
                process.terminate()
        _, left = psutil.wait_procs(families, timeout=STOP_SECONDS)
        for process in left:
            process.kill()
        psutil.wait_procs(left, timeout=STOP_SECONDS)
        for name in names:
            self._started[name].process.wait(STOP_SECONDS)

    def _begin(self, name: str) -> subprocess.Popen[bytes]:
        part, output = self._parts[name], self._output(name)
        # In a session of its own: Ctrl-C in the terminal is for who ends all of them in order.
        return subprocess.Popen(
            part.command, cwd=ROOT, env={**self._environment, **part.environment},
            stdout=subprocess.DEVNULL if output is None else output,
            stderr=None if output is None else subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip


def scratch() -> "tempfile.TemporaryDirectory[str]":
    """A folder for what the processes write, removed at the end."""
    return tempfile.TemporaryDirectory(prefix="mlp-hall-", ignore_cleanup_errors=True)
