"""One command for a large hall on one machine.

`python -m hall` starts as many dashboards as the machine's cores allow, nginx before them, and Dask workers
that train; it prints one address with its QR code, starts again what ends, and ends all on Ctrl-C.
"""

import os
import secrets
import signal
import socket
import sys
import threading
import time
from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import segno

from dashboard.server import connections
from dashboard.server.networks import own_addresses
from hall import command_line
from hall.processes import LOCAL, Part, Processes, parts_of_a_hall, scratch
from mnist_core.storage.kept_records import SETTING as RECORDS
from mnist_core.storage.kept_records import default_root
from mnist_core.storage.shared_folder import SETTING as STORE

COOKIE_SECRET: Final = "STREAMLIT_SERVER_COOKIE_SECRET"
START_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.3
WAY_OUT: Final = (
    "Install it (on Debian: apt-get install nginx-light), or run one dashboard: streamlit run app.py"
)
SIGNALS: Final = ("SIGINT", "SIGTERM", "SIGHUP")


def main(words: Sequence[str] | None = None) -> int:
    """Run until a signal comes.

    Args:
        words: Of the command line; None for those of this process.

    Returns:
        What the process ends with.
    """
    arguments = command_line.read(words)
    if _is_taken(arguments.port):
        return _refuse(f"Port {arguments.port} is in use. End what uses it, or choose another: --port 8600.")
    ended = threading.Event()
    for name in SIGNALS:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: ended.set())
    connections.raise_limit()
    with scratch() as folder:
        try:
            parts = _parts(arguments, Path(folder))
        except FileNotFoundError as error:
            return _refuse(f"{error} {WAY_OUT}")
        processes = Processes(parts, os.environ, _say)
        processes.start()
        try:
            if not _are_listening(parts, ended):
                return 0 if ended.is_set() else _refuse("Not everything could be started; see above.")
            _print_address(arguments.port, arguments.dashboards)
            while not ended.wait(LOOK_SECONDS):
                processes.replace_ended()
        finally:
            processes.close()
    _say("The hall has been closed.")
    return 0


def environment_of_dashboards(folder: Path, given: Mapping[str, str]) -> dict[str, str]:
    """What the dashboards share: a secret of this start, and folders for classes and for runs.

    Classes and visits end with the hall, in its folder; runs outlast it, where those of one server do. What
    was set by whoever starts the hall stays so.
    """
    return {
        STORE: given.get(STORE) or str(folder / "store"),
        RECORDS: given.get(RECORDS) or ("" if given.get(STORE) else str(default_root())),
        "STREAMLIT_SERVER_COOKIE_SECRET": given.get("STREAMLIT_SERVER_COOKIE_SECRET")
        or secrets.token_hex(32),
    }


def _parts(arguments: Namespace, folder: Path) -> list[Part]:
    return parts_of_a_hall(
        str(arguments.port),
        _free_ports(arguments.dashboards + 1),
        n_workers=arguments.workers,
        folder=folder,
        environment=environment_of_dashboards(folder, os.environ),
        options=[f"--browser.serverAddress={_likeliest()}", f"--browser.serverPort={arguments.port}"],
    )


def _are_listening(parts: Sequence[Part], ended: threading.Event) -> bool:
    """Wait until all listen; False if one does not in time, or a signal has come."""
    ends = time.monotonic() + START_SECONDS
    waiting = [part for part in parts if part.port]
    while waiting and time.monotonic() < ends and not ended.wait(0.1):
        waiting = [part for part in waiting if not _is_taken(part.port)]
    return not waiting


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOCAL, port)) == 0


def _free_ports(n: int) -> list[int]:
    """Ports that nobody listens at, all different."""
    probes = [socket.socket() for _ in range(n)]
    for probe in probes:
        probe.bind((LOCAL, 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _likeliest() -> str:
    """The address of this machine that phones most likely reach; "localhost" if it is in no network."""
    return next((own.address for own in own_addresses() if own.kind in ("room", "unassigned")), "localhost")


def _print_address(port: int, n_dashboards: int) -> None:
    address = f"http://{_likeliest()}:{port}"
    _say(f"\n  MLP Explainer is ready, on {n_dashboards} dashboards: {address}\n")
    segno.make(address, error="m").terminal(compact=True, out=sys.stdout, border=2)
    _say("\n  Ctrl-C ends all of it.\n")


def _say(line: str) -> None:
    print(line, flush=True)


def _refuse(line: str) -> int:
    print(line, file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
