"""`python -m hall`: one address, several dashboards; what dies comes back, and nothing is left at the end."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import psutil
import pytest
from hostile import Client
from missing import end_test
from servers import on_the_sample
from waiting import until

from benchmarks.harness.server import ROOT, free_port

pytestmark = pytest.mark.load


def test_one_command_serves_replaces_what_dies_and_leaves_nothing(tmp_path):
    if shutil.which("nginx") is None:
        end_test("no nginx on this machine")
    port = free_port()
    log = tmp_path / "log.txt"
    environment = os.environ | on_the_sample(tmp_path) | {"TMPDIR": str(tmp_path), "MLP_RECORDS": ""}
    with log.open("w") as output:
        hall = subprocess.Popen(
            [sys.executable, "-m", "hall", "--port", str(port), "--dashboards", "2"],
            cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        until(lambda: "Ctrl-C ends all of it" in log.read_text() or hall.poll() is not None)
        said = log.read_text()
        assert re.search(rf"on 2 dashboards: http://[\w.]+:{port}\n", said)
        assert "█" in said, "a QR code"
        first, _ = _dashboards(hall)
        first.kill()
        until(lambda: "has ended (-9) and is started again" in log.read_text())
        until(lambda: len(_dashboards(hall)) == 2)
        visitor = Client(f"http://127.0.0.1:{port}")
        assert visitor.ask("glossary").texts
        visitor.close()
        family = psutil.Process(hall.pid).children(recursive=True)
    finally:
        hall.send_signal(signal.SIGINT)
        begun = time.monotonic()
        hall.wait(30)
    assert hall.returncode == 0
    assert time.monotonic() - begun < 20
    assert log.read_text().endswith("The hall has been closed.\n")
    assert not any(process.is_running() for process in family)
    assert not list(tmp_path.glob("mlp-hall-*"))


def _dashboards(hall):
    family = psutil.Process(hall.pid).children(recursive=True)
    return [each for each in family if "streamlit" in " ".join(each.cmdline())]
