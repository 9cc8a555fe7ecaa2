"""What tests in a real browser share: a dashboard of their own."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def dashboard(log, root=ROOT, **environment):
    """A server of its own, of this code or of a copy of it; its address."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    command += ["--server.fileWatcherType=none"]  # as source files change, pages would run again
    with log.open("w") as output:
        server = subprocess.Popen(
            [*command, f"--server.port={port}"],
            cwd=root, env=os.environ | environment, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def draw(page, canvas, lines):
    """Draw in the square of 280 units with the mouse: every point is a pointer event of the browser."""
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    for line in lines:
        places = [(box["x"] + x * box["width"] / 280, box["y"] + y * box["height"] / 280) for x, y in line]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place)
        page.mouse.up()


def saved(page, press, path):
    """Press something that saves a file, and keep it; the name that it has."""
    with page.expect_download(timeout=60_000) as waiting:
        press()
    waiting.value.save_as(path)
    return waiting.value.suggested_filename
