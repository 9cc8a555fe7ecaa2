"""Every way to stop the dashboard ends it within five seconds, and nothing is left."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict

import psutil
import pytest

from benchmarks.following import Client
from benchmarks.harness.server import command, free_port, project_folder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="these are signals of Unix")


def has_tensorflow(process):
    """Whether a process has loaded it; one that has just ended has not."""
    try:
        return any("tensorflow" in file.path for file in process.memory_maps())
    except (psutil.Error, OSError):
        return False


@pytest.fixture(params=[["SIGTERM"], ["SIGHUP"], ["SIGINT"], ["SIGINT", "SIGINT"]], ids="+".join)
def ended(request, tmp_path):
    """A dashboard that was visited, trained, and was then sent the signals as a terminal sends them."""
    port, folder = free_port(), tmp_path / "tmp"
    folder.mkdir()
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            command(port), cwd=project_folder(), stdout=log, stderr=subprocess.STDOUT,
            env=os.environ | {"TMPDIR": str(folder)}, start_new_session=True,
        )  # fmt: skip

    async def visit():
        visitor = Client(port, "train", "a visitor", defaultdict(list))
        for _ in range(300):
            try:
                await visitor.open()
            except OSError:
                await asyncio.sleep(0.1)
            else:
                break
        for _ in range(600):
            children = psutil.Process(process.pid).children(recursive=True)
            if any(map(has_tensorflow, children)):
                break
            await asyncio.sleep(0.1)
        begun = time.monotonic()
        for name in request.param:
            os.killpg(process.pid, getattr(signal, name))
        status = await asyncio.to_thread(process.wait, 20)
        seconds = time.monotonic() - begun
        await visitor.close()
        alive = psutil.wait_procs(children, timeout=2)[1]
        return status, seconds, [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]

    try:
        status, seconds, alive = asyncio.run(visit())
    finally:
        if process.poll() is None:
            process.kill()
    return status, seconds, alive, list(folder.iterdir()), (tmp_path / "log").read_text()


def test_a_signal_ends_it_in_order(ended):
    status, seconds, alive, left, log = ended
    assert status == 0
    assert seconds < 5
    assert not alive
    assert not left
    assert log.splitlines()[-1] == "MLP Explainer has stopped."
    assert "Traceback" not in log
    assert "leaked" not in log
