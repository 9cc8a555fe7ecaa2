"""The processes of deploy/ without containers: two dashboards behind nginx, a scheduler and two workers."""

import http.client
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil
from distributed import Client
from servers import on_the_sample

from benchmarks.harness.server import ROOT, free_port, wait_for
from benchmarks.harness.server import command as start_command

TEMPLATE = ROOT / "deploy" / "nginx.conf.template"
QUIET = {"DASK_DISTRIBUTED__ADMIN__LOW_LEVEL_LOG_LENGTH": "4"}


def nginx_conf(folder, **filled):
    """The template with its names filled in, as the image of nginx does; its path."""
    text = TEMPLATE.read_text()
    for name, value in filled.items():
        text = text.replace(f"${{{name}}}", str(value))
    path = folder / "nginx.conf"
    path.write_text(text)
    return path


def nginx_globals():
    """What nginx is told beside its configuration; started by root, it may use the folders of a test."""
    return "daemon off;" + (" user root;" if os.name == "posix" and os.geteuid() == 0 else "")


class Hall:
    """All of them, for one test; each may be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "store"
        self.port, scheduler = free_port(), free_port()
        self.scheduler = f"tcp://127.0.0.1:{scheduler}"
        self._processes: dict[str, subprocess.Popen] = {}
        dask = [sys.executable, "-m", "dask"]
        options = ["--host=127.0.0.1", f"--port={scheduler}", "--no-dashboard"]
        options += ["--dashboard-address=127.0.0.1:0"]
        self._start("scheduler", [*dask, "scheduler", *options], **QUIET)
        for name in ("worker 1", "worker 2"):
            options = ["--nworkers=1", "--nthreads=4", "--memory-limit=2GiB", "--no-dashboard"]
            options += ["--host=127.0.0.1", f"--local-directory={folder / name}"]
            self._start(name, [*dask, "worker", self.scheduler, *options])
        ports = {name: free_port() for name in ("dashboard 1", "dashboard 2")}
        for name, port in ports.items():
            command = start_command(port)
            self._start(
                name, command, DASK_SCHEDULER_ADDRESS=self.scheduler, MLP_STORE=str(self.store),
                STREAMLIT_SERVER_COOKIE_SECRET="of this test", **on_the_sample(folder),
            )  # fmt: skip
        first, second = (f"127.0.0.1:{port}" for port in ports.values())
        listening = f"127.0.0.1:{self.port}"
        conf = nginx_conf(folder, PORT=listening, RESOLVER="127.0.0.1", REPLICA_1=first, REPLICA_2=second)
        command = [
            shutil.which("nginx"),
            "-e",
            "stderr",
            "-p",
            f"{folder}/",
            "-c",
            str(conf),
            "-g",
            nginx_globals(),
        ]
        self._start("nginx", command)
        for port in (scheduler, self.port, *ports.values()):
            wait_for(port)
        with Client(self.scheduler, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)

    def get(self, path="/", cookie="", method="GET"):
        """What nginx answers: the status and the headers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, headers={"Cookie": cookie} if cookie else {})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, answer.headers

    def kill(self, name):
        """End a process and its children as a power cut would."""
        process = self._processes.pop(name)
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        for child in children:
            child.kill()
        process.wait(20)

    def busy_worker(self):
        """The worker that trains, once there is one."""
        with Client(self.scheduler, set_as_default=False) as client:
            for _ in range(600):
                trains = [a for a, keys in client.processing().items() if "train-" in str(keys)]
                if trains:
                    [pid] = client.run(os.getpid, workers=trains[:1]).values()
                    return next(n for n, p in self._processes.items() if pid in _family(p))
                time.sleep(0.05)
        raise TimeoutError("nothing trains")

    def saved(self, visit, part):
        """A part of a visit as it is saved by now; None before."""
        try:
            return json.loads((self.store / "visits" / f"{visit}.json").read_text())[part]
        except FileNotFoundError:
            return None

    def records(self):
        """Names of the runs that all dashboards see."""
        return sorted(path.name for path in (self.store / "records").glob("*.npz"))

    def log(self, name):
        """What a process has said."""
        return (self.folder / f"{name}.log").read_text()

    def close(self):
        """End what is left."""
        for name in list(self._processes):
            self.kill(name)

    def _start(self, name, command, **environment):
        with (self.folder / f"{name}.log").open("w") as output:
            self._processes[name] = subprocess.Popen(
                command, cwd=ROOT, env=os.environ | environment, stdout=output, stderr=subprocess.STDOUT
            )


def _family(process):
    return {process.pid, *(child.pid for child in psutil.Process(process.pid).children(recursive=True))}
