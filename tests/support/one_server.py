"""What all processes of a test run share: compiled loops, and the dashboards that tests share.

The first test that needs one starts it, in whichever process of pytest-xdist that is; the run itself ends it,
and fails if its log has an error that no test caused. So the classic network is trained once.
"""

import json
import os
import re
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
import pytest
from filelock import FileLock
from paths import NO_TENSORFLOW, ROOT
from servers import on_the_sample
from tiers import is_usual

from benchmarks.harness.server import STOP_SECONDS, Server
from dashboard.server.embedding import SITES

FOLDER = pytest.StashKey[Path]()
"""Where the notes and logs of this run's dashboards are."""
SLIDES = "http://localhost:*"
"""The site whose pages may show these dashboards in a frame."""
EVERYTHING = ":"
"""What every error says."""
NOWHERE = "/proc/nowhere"  # where not even an administrator can make a folder
_kept = []
"""Those started in this process: one that is dropped would warn that it still runs."""


@dataclass(frozen=True)
class Shared:
    """A dashboard.

    Attributes:
        pid: Of its process.
        address: Without a slash at the end.
        log: The file that it writes.
        caused: What every error says that a test causes on purpose; "" where none does.
    """

    pid: int
    address: str
    log: str
    caused: str


def pytest_configure(config):
    """Agree with the other processes on a folder, and keep there what XLA has compiled for one of them."""
    shared = getattr(config, "workerinput", {}).get("server_folder")
    folder = config.stash[FOLDER] = Path(shared or tempfile.mkdtemp(prefix="mlp-tests-"))
    compiled = folder / "compiled"
    compiled.mkdir(exist_ok=True)
    os.environ.setdefault("TF_XLA_FLAGS", f"--tf_xla_persistent_cache_directory={compiled}")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    """Tell a worker of pytest-xdist the folder."""
    node.workerinput["server_folder"] = str(node.config.stash[FOLDER])


def shared_server(config, name, root=None, path="", caused="", environment=None):
    """One of these dashboards by its name; who asks first starts it.

    Args:
        config: Of pytest.
        name: Of the dashboard, for its files.
        root: What makes the folder of its code, given an empty one; None for the project's own.
        path: Under which it is served.
        caused: What every error says that a test causes on purpose; "" where none does.
        environment: Variables beside those of this process.
    """
    folder = config.stash[FOLDER]
    note, log = folder / f"{name}.json", folder / f"{name}.log"
    with FileLock(folder / f"{name}.lock"):
        if not note.exists():
            code = root(folder / name) if root else ROOT
            paths = [str(code), *([str(NO_TENSORFLOW)] if is_usual(config) else [])]
            known = (
                on_the_sample(folder / "empty")
                | {"PYTHONPATH": os.pathsep.join(paths), SITES: SLIDES}
                | (environment or {})
            )
            with log.open("w") as output:
                server = Server(folder=code, output=output, environment=known)
            _kept.append(server)
            started = Shared(server.process.pid, server.address + path, str(log), caused)
            note.write_text(json.dumps(asdict(started)))
        return Shared(**json.loads(note.read_text()))


@pytest.fixture(scope="session")
def address(request):
    """Of the dashboard as it is, without a slash at the end."""
    return shared_server(request.config, "dashboard").address


@pytest.fixture(scope="session")
def strangers(request):
    """One whose clients break its protocol, so that it may complain; without a home and temporary files."""
    nowhere = dict.fromkeys(("HOME", "TMPDIR", "KERAS_HOME", "XDG_CACHE_HOME"), NOWHERE)
    return shared_server(request.config, "strangers", caused=EVERYTHING, environment=nowhere)


@pytest.fixture(scope="session")
def strangers_address(strangers):
    """Where it is, without a slash at the end."""
    return strangers.address


@pytest.hookimpl(trylast=True)  # when the workers have ended
def pytest_sessionfinish(session):
    """End the dashboards, and say what they have to complain about."""
    if hasattr(session.config, "workerinput"):
        return
    folder = session.config.stash[FOLDER]
    for note in sorted(folder.glob("*.json")):
        for line in _ended(Shared(**json.loads(note.read_text()))):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            session.config.get_terminal_writer().line(f"{note.stem} of the tests: {line}", red=True)
    shutil.rmtree(folder, ignore_errors=True)


def _ended(shared):
    """End a dashboard; the lines of its log if one of them tells of an error that no test caused."""
    lines = Path(shared.log).read_text().splitlines()
    try:
        server = psutil.Process(shared.pid)
        processes = [server, *server.children(recursive=True)]
        server.terminate()
        psutil.wait_procs(processes, timeout=STOP_SECONDS)
    except psutil.NoSuchProcess:
        return ["it ended by itself", *lines]
    lines = Path(shared.log).read_text().splitlines()
    if not shared.caused:
        return lines if any("Traceback" in line or "Error" in line for line in lines) else []
    return [
        line for line in lines if re.match(r"[\w.]+(Error|Exception):", line) and shared.caused not in line
    ]
