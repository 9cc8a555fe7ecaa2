"""Processes that are started again when they end, and that all end with the hall."""

import os
import sys

import pytest
from waiting import until

from hall import processes as module
from hall.processes import Part, Processes, parts_of_a_hall

ENDS = [sys.executable, "-c", ""]
STAYS = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(600)"]
IS_STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('here', flush=True); time.sleep(600)",
]


@pytest.fixture
def start(tmp_path):
    """Starts processes whose clock is set by hand, and ends them."""
    opened, started = [], []

    def output(name):
        opened.append((tmp_path / f"{name}.log").open("wb"))
        return opened[-1]

    def begin(**commands):
        said, now = [], [0.0]
        parts = [Part(name, command) for name, command in commands.items()]
        processes = Processes(parts, os.environ, said.append, output, lambda: now[0])
        started.append(processes)
        processes.start()
        return processes, said, now

    yield begin
    for processes in started:
        processes.close()
    for file in opened:
        file.close()


def wait_for_end(processes, name):
    processes._started[name].process.wait(20)


def test_who_ends_after_a_while_is_started_again_at_once(start):
    processes, said, now = start(dashboard=STAYS)
    pid, now[0] = processes.pid("dashboard"), 100.0
    processes.replace_ended()
    assert processes.pid("dashboard") == pid, "it still runs"
    processes._started["dashboard"].process.kill()
    wait_for_end(processes, "dashboard")
    processes.replace_ended()
    assert processes.pid("dashboard") != pid
    assert said == ["dashboard has ended (-9) and is started again."]


def test_who_ends_at_once_is_waited_for_longer_and_longer_and_said_once_each_time(start):
    processes, said, now = start(dashboard=ENDS)
    waits = []
    for _ in range(8):
        wait_for_end(processes, "dashboard")
        begun, pid = now[0], processes.pid("dashboard")
        while processes.pid("dashboard") == pid:
            processes.replace_ended()
            now[0] += 1
        waits.append(now[0] - begun - 1)
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60]
    assert len(said) == 8


def test_all_end_with_the_hall_also_who_does_not_listen(start, tmp_path, monkeypatch):
    processes, _, _ = start(dashboard=STAYS, worker=IS_STUBBORN)
    for name in ("dashboard", "worker"):
        until((tmp_path / f"{name}.log").read_bytes)
    families = [each for name in ("dashboard", "worker") for each in processes.family(name)]
    monkeypatch.setattr(module, "STOP_SECONDS", 0.2)
    processes.close()
    assert not any(process.is_running() for process in families)


def test_what_trains_ends_when_no_dashboard_needs_it_any_more(tmp_path, monkeypatch):
    parts = parts_of_a_hall("8501", [1, 2, 3], n_workers=1, folder=tmp_path, environment={})
    processes, ended = Processes(parts, os.environ, print), []
    monkeypatch.setattr(processes, "_end", ended.append)
    processes._started = dict.fromkeys(part.name for part in parts)
    processes.close()
    assert ended == [["nginx", "dashboard 2", "dashboard 1"], ["worker 1", "scheduler"]]
