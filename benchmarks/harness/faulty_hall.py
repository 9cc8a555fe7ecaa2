"""A hall whose parts are killed, cut off and left without a disk, and what they say meanwhile."""

import os
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import IO

import psutil

from benchmarks.harness.server import free_port, wait_for
from hall.__main__ import LOOK_SECONDS, environment_of_dashboards
from hall.processes import LOCAL, Processes, parts_of_a_hall
from mnist_core.storage.kept_records import SETTING as RECORDS

N_DASHBOARDS, N_WORKERS = 2, 2
CUT_SECONDS = 2.0, 8.0
"""How long the network says nothing."""
FULL_SECONDS = 10.0
"""How long no process of a dashboard can write a file."""


class FaultyHall:
    """Two dashboards behind nginx, a scheduler and two workers, which are started again when they end.

    Args:
        folder: For all that they write.
    """

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.said: dict[str, list[str]] = defaultdict(list)
        self._pipes: dict[str, IO[bytes]] = {}
        self._closed = threading.Event()
        ports = [free_port() for _ in range(1 + N_DASHBOARDS)]
        environment = {**environment_of_dashboards(folder, {}), RECORDS: str(folder / "records")}
        parts = parts_of_a_hall(
            f"{LOCAL}:{self.port}", ports, n_workers=N_WORKERS, folder=folder, environment=environment
        )
        self._names = [part.name for part in parts]
        self._processes = Processes(parts, os.environ, self.said["hall"].append, output=self._pipe)
        self._processes.start()
        for port in (*ports, self.port):
            wait_for(port)
        threading.Thread(target=self._replace, name="replace-ended", daemon=True).start()

    def megabytes(self) -> tuple[float, float]:
        """Resident memory of the dashboards, and of all processes; not a number while one is missing."""
        try:
            sizes = {
                name: sum(process.memory_info().rss / 1e6 for process in self._processes.family(name))
                for name in self._names
            }
        except psutil.NoSuchProcess:
            return float("nan"), float("nan")
        return sum(size for name, size in sizes.items() if name.startswith("dashboard")), sum(sizes.values())

    def tracebacks(self) -> list[str]:
        """The last line of each traceback that a part has printed, with the part's name."""
        found = []
        for name, lines in self.said.items():
            for number, line in enumerate(lines):
                if line.startswith("Traceback"):
                    rest = (text for text in lines[number + 1 :] if text and not text.startswith(" "))
                    found.append(f"{name}: {next(rest, 'it has no end')}")
        return found

    def kill(self, kind: str, dice: random.Random) -> None:
        """End a worker, a dashboard or the scheduler, any one of its kind, as a power cut would."""
        name = dice.choice([name for name in self._names if name.startswith(kind)])
        try:
            family = self._processes.family(name)
        except psutil.NoSuchProcess:
            return  # it has not been started again yet
        for process in family:
            _unless_gone(process.kill)

    def cut(self, dice: random.Random) -> None:
        """Let nothing through between browsers and dashboards for a while, without closing a connection."""
        try:
            family = self._processes.family("nginx")
        except psutil.NoSuchProcess:
            return
        for process in family:
            _unless_gone(process.suspend)
        time.sleep(dice.uniform(*CUT_SECONDS))
        for process in family:
            _unless_gone(process.resume)

    def fill_disk(self) -> None:
        """Let no dashboard write a byte to a file for a while."""
        limited = []
        for number in range(1, N_DASHBOARDS + 1):
            try:
                process = psutil.Process(self._processes.pid(f"dashboard {number}"))
                limited.append((process, process.rlimit(psutil.RLIMIT_FSIZE)))
                process.rlimit(psutil.RLIMIT_FSIZE, (0, limited[-1][1][1]))
            except psutil.NoSuchProcess:
                continue
        time.sleep(FULL_SECONDS)
        for process, limits in limited:
            _unless_gone(lambda process=process, limits=limits: process.rlimit(psutil.RLIMIT_FSIZE, limits))

    def close(self) -> None:
        """End all of it."""
        self._closed.set()
        self._processes.close()

    def _replace(self) -> None:
        while not self._closed.wait(LOOK_SECONDS):
            self._processes.replace_ended()

    def _pipe(self, name: str) -> IO[bytes]:
        """What a part writes to; it is read here, because a full disk must not silence it."""
        if name not in self._pipes:
            reads, writes = os.pipe()
            self._pipes[name] = os.fdopen(writes, "wb")
            lines, source = self.said[name], os.fdopen(reads, encoding="utf-8", errors="replace")
            threading.Thread(
                target=lambda: lines.extend(line.rstrip("\n") for line in source), daemon=True
            ).start()
        return self._pipes[name]


def _unless_gone(act: Callable[[], object]) -> None:
    """Do something to a process that may have ended meanwhile."""
    try:
        act()
    except psutil.NoSuchProcess:
        return
