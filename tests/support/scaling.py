"""The processes of deploy/ without containers: two dashboards behind nginx, a scheduler and two workers."""

import http.client
import json
import os
import time
from contextlib import ExitStack
from pathlib import Path

from distributed import Client
from servers import on_the_sample

from benchmarks.harness.server import free_port, wait_for
from hall import nginx
from hall.processes import Processes, parts_of_a_hall


def nginx_conf(folder, port, *dashboards):
    """The template with its names filled in; its path."""
    path = folder / "nginx.conf"
    path.write_text(nginx.configuration(port, dashboards))
    return path


class Hall:
    """All of them, for one test; each may be killed, and none is started again by itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "store"
        self.port = free_port()
        ports = [free_port() for _ in range(3)]
        self.scheduler = f"tcp://127.0.0.1:{ports[0]}"
        environment = {
            "MLP_STORE": str(self.store), "STREAMLIT_SERVER_COOKIE_SECRET": "of this test",
            **on_the_sample(folder),
        }  # fmt: skip
        parts = parts_of_a_hall(
            f"127.0.0.1:{self.port}", ports, n_workers=2, folder=folder, environment=environment
        )
        self._names = [part.name for part in parts]
        self._logs = ExitStack()
        self._processes = Processes(parts, os.environ, print, output=self._output)
        self._processes.start()
        for port in (self.port, *ports):
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
        for process in self._processes.family(name):
            process.kill()
        self._names.remove(name)

    def busy_worker(self):
        """The worker that trains, once there is one."""
        with Client(self.scheduler, set_as_default=False) as client:
            for _ in range(600):
                trains = [a for a, keys in client.processing().items() if "train-" in str(keys)]
                if trains:
                    [pid] = client.run(os.getpid, workers=trains[:1]).values()
                    return next(name for name in self._names if pid in self._pids(name))
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
        self._processes.close()
        self._logs.close()

    def _pids(self, name):
        return {process.pid for process in self._processes.family(name)}

    def _output(self, name):
        return self._logs.enter_context((self.folder / f"{name}.log").open("wb"))
