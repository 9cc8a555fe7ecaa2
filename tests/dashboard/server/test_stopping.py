"""Every way to stop the dashboard ends it within five seconds, and nothing is left."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field

import psutil
import pytest

from benchmarks.following import Client
from benchmarks.harness.server import command, free_port, project_folder
from benchmarks.harness.visitor import wait_until_trained

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="these are signals of Unix")


@dataclass
class Ended:
    """What the end of a dashboard came to, and what it left."""

    status: int
    seconds: float
    processes: list
    visit: str
    files: list = field(default_factory=list)
    saved: list = field(default_factory=list)
    log: str = ""


OTHER_CASES = [
    (["SIGHUP"], "trains"), (["SIGINT"], "begins"), (["SIGINT", "SIGINT"], "trains"), (["SIGTERM"], "begins"),
    (["SIGTERM"], "trains"),
    *((["SIGINT", seconds, "SIGINT"], "trains") for seconds in (0.15, 0.22, 0.27)),
]  # fmt: skip


@pytest.fixture(
    params=[
        (["SIGINT"], "trains"),
        *(pytest.param(case, marks=pytest.mark.load) for case in OTHER_CASES),
    ],
    ids=lambda case: "-".join(map(str, case[0] + [case[1]])),
)  # fmt: skip
def ended(request, tmp_path):
    """A dashboard that was visited and was sent the signals as a terminal sends them, to all its processes.

    Either its training process has just been started, or it trains; seconds pass between two signals.
    """
    signals, moment = request.param
    port, folder = free_port(), tmp_path / "tmp"
    folder.mkdir()
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            command(port), cwd=project_folder(), stdout=log, stderr=subprocess.STDOUT,
            env=os.environ | {"TMPDIR": str(folder), "MLP_STORE": str(tmp_path / "store")},
            start_new_session=True,
        )  # fmt: skip

    async def visit():
        visitor = Client(port, "train", "a visitor", defaultdict(list))
        for _ in range(300):
            try:
                await visitor.open("epochs=30")
            except OSError:
                await asyncio.sleep(0.1)
            else:
                break
        if moment == "trains":
            await wait_until_trained(port)
        while len(children := psutil.Process(process.pid).children(recursive=True)) < 2:
            await asyncio.sleep(0.02)
        await visitor.press("Train")
        begun = time.monotonic()
        for name in signals:
            if isinstance(name, str):
                os.killpg(process.pid, getattr(signal, name))
            else:
                await asyncio.sleep(name)
        status = await asyncio.to_thread(process.wait, 20)
        seconds = time.monotonic() - begun
        await visitor.close()
        alive = psutil.wait_procs(children, timeout=2)[1]
        left = [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
        return Ended(status, seconds, left, visitor.visit)

    try:
        end = asyncio.run(visit())
    finally:
        if process.poll() is None:
            process.kill()
    end.files, end.log = list(folder.iterdir()), (tmp_path / "log").read_text()
    end.saved = [path.read_text() for path in (tmp_path / "store" / "visits").glob("*.json")]
    return end


def test_a_signal_ends_it_in_order_and_what_was_made_just_before_is_saved(ended):
    assert ended.status == 0
    assert ended.seconds < 5
    assert not ended.processes
    assert not ended.files
    assert ended.log.splitlines()[-1] == "MLP Explainer has stopped."
    for word in ("traceback", "warning", "leaked"):
        assert word not in ended.log.lower()
    (visit,) = ended.saved
    assert ended.visit in visit
    assert len(json.loads(visit)["unfinished"]) == 1
