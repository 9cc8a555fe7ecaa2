"""The server that every test and benchmark starts: the README's command, in a folder as people have it.

Nothing is passed but the port, that no browser is to be opened, and that runs of earlier servers are not
found: what is measured is what people start for the first time.
The folder is a copy of the project with a `.venv` of some thousand files in it, where the README's way of
installing leaves one. With Streamlit's file watcher every visitor once waited there.
"""

import atexit
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import IO, Final

import psutil

ROOT: Final = Path(__file__).parents[2]
LOCAL: Final = "127.0.0.1"
N_FOREIGN_FILES: Final = 3_000
N_IN_A_FOLDER: Final = 30
START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 20.0
_LEFT_OUT: Final = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", "node_modules")


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind((LOCAL, 0))
        return int(probe.getsockname()[1])


def command(port: int, script: str = "app.py") -> list[str]:
    """What starts a server: the README's command, with no option that changes what it does."""
    where = ["--server.headless=true", f"--server.port={port}"]
    return [sys.executable, "-m", "streamlit", "run", script, *where]


def limited(started: list[str], soft_limit: int | None, hard_limit: int | None = None) -> list[str]:
    """A command that begins with limits of open files, as systems have them; None leaves one as it is."""
    limits = [
        f"ulimit -{kind}n {n} && " for kind, n in (("S", soft_limit), ("H", hard_limit)) if n is not None
    ]
    return ["sh", "-c", f'{"".join(limits)}exec "$@"', "sh", *started] if limits else started


@cache
def project_folder() -> Path:
    """A copy of the project with a `.venv` in it, made once and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="mlp-project-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copytree(ROOT, folder, ignore=_LEFT_OUT, dirs_exist_ok=True)
    packages = folder / ".venv" / "lib" / "python3" / "site-packages"
    for number in range(N_FOREIGN_FILES // N_IN_A_FOLDER):
        package = packages / f"package_{number}"
        package.mkdir(parents=True)
        for module in range(N_IN_A_FOLDER):
            (package / f"module_{module}.py").touch()
    return folder


class Server:
    """A server of its own, with the time and memory of its process and of its children.

    Args:
        script: What it runs, in the project's folder.
        folder: Where it is started; None for `project_folder`.
        output: Where what it writes goes; None for nowhere.
        environment: Variables beside those of this process.
        soft_limit: Of open files, with which the server begins; None for that of this process.
        hard_limit: The same, up to which the server may raise it; not below the soft limit.

    Raises:
        TimeoutError: It did not listen within `START_SECONDS`.
    """

    def __init__(
        self,
        script: str = "app.py",
        *,
        folder: Path | None = None,
        output: IO[str] | None = None,
        environment: Mapping[str, str] | None = None,
        soft_limit: int | None = None,
        hard_limit: int | None = None,
    ) -> None:
        self.port = free_port()
        written = subprocess.DEVNULL if output is None else output
        self.process = subprocess.Popen(
            limited(command(self.port, script), soft_limit, hard_limit),
            cwd=folder or project_folder(), env={"MLP_RECORDS": "none", **os.environ, **(environment or {})},
            stdout=written, stderr=subprocess.STDOUT,
        )  # fmt: skip
        wait_for(self.port)

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://{LOCAL}:{self.port}"

    def megabytes(self) -> tuple[float, float]:
        """Resident memory of the server, and of all its processes together."""
        own = psutil.Process(self.process.pid)
        processes = [own, *own.children(recursive=True)]
        sizes = [process.memory_info().rss / 1e6 for process in processes]
        return sizes[0], sum(sizes)

    def cpu_seconds(self) -> float:
        """What the server's own process, without its children, has had of a core."""
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)

    def open_files(self) -> int:
        """Files and connections that the server's own process has open."""
        return int(psutil.Process(self.process.pid).num_fds())

    def stop(self) -> None:
        """End it and its children, unless it has ended."""
        if self.process.poll() is not None:
            return
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.terminate()
        self.process.wait(STOP_SECONDS)
        psutil.wait_procs(children, timeout=5)


def wait_for(port: int) -> None:
    """Until something listens at a port.

    Raises:
        TimeoutError: Nothing did within `START_SECONDS`.
    """
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends:
        with socket.socket() as probe:
            if probe.connect_ex((LOCAL, port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens at port {port}")
