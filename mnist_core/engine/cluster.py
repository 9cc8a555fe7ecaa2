"""The connection to Dask: a local worker process, or the cluster at an address, found again when it is lost.

A thread connects, looks after the connection, and connects anew for as long as it takes; nobody else waits.
What the engine runs there is the engine's own business: it is told when a connection begins and when one
was lost with everything that ran on it.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any, Final

from mnist_core.engine.process import worker
from mnist_core.engine.process.local_worker import (
    block_signals,
    configure_dask,
    kill_workers,
    start_local_cluster,
)

LOOK_SECONDS: Final = 2.0
"""Between two looks at the connection, and before a second try to connect."""
MAX_RETRY_SECONDS: Final = 30.0
CONNECT_SECONDS: Final = 5.0
"""How long a scheduler elsewhere is waited for, before the visitors are told and it is tried again."""
LOCAL_CONNECT_SECONDS: Final = 20.0
ANSWER_SECONDS: Final = 5.0
"""How long a scheduler may take to say how many workers it has."""
MAX_SILENCES: Final = 4
"""Looks without an answer after which a scheduler elsewhere is given up; one in this process is only busy."""
WORKERLESS_SECONDS: Final = 120.0
"""After which a local cluster whose worker does not come back is replaced."""
MAX_TRIES: Final = 3
"""How often a training or an analysis is handed out, if the connection breaks while it runs."""
CLOSE_SECONDS: Final = 2.5
"""How long the end of the connection is waited for."""
END_SECONDS: Final = 60.0
"""What a local cluster may take to end meanwhile: one that is interrupted keeps its port and threads."""
HANG_SECONDS: Final = 8.0
"""After which a training process that gives no sign of life is said to hang."""
REPLACE_SECONDS: Final = 25.0
"""After which a local one is replaced."""
CLOCK_SECONDS: Final = 10.0
"""How far the clock may be set back: Dask and Tornado wait for times of day, and would wait that long."""

AGAIN: Final = "The server tries again, and trainings begin as soon as it answers. Nothing you made is lost."
"""What every sentence about a missing training process ends with."""
ELSEWHERE: Final = (
    "A process on another computer cannot be replaced from here: its trainings go on when it answers again, "
    "and begin anew if it is restarted there. You can stop your run; your settings stay as they are."
)
"""What a sentence about one elsewhere that hangs ends with."""
CONNECTION: Final = "dask-connection"
"""The name of the thread that keeps the connection."""
_log = logging.getLogger(__name__)


def is_lost(error: Exception) -> bool:
    """Whether no result came because the connection to the scheduler is gone, and with it all that ran."""
    from distributed.comm import CommClosedError

    return isinstance(error, CancelledError | CommClosedError)


class Cluster:
    """A client of Dask that is replaced when it has lost its scheduler; safe to use from several threads.

    Args:
        address: Of a Dask scheduler; None starts a local worker.
    """

    def __init__(self, address: str | None) -> None:
        self._address = address
        self._client: Any = None
        self._stream: Any = None
        self._local: Any = None
        self._n_slots = self._n_threads = 1
        self._n_silences = 0
        self._workerless_since: float | None = None
        self._clock = _clock()
        self._problem: str | None = None
        self._given_up: Any = None
        self._silences: dict[str, tuple[float, float]] = {}  # worker → last sign of life, silent seconds
        self._looked = time.monotonic()
        self.is_replacing = False
        self._wake = threading.Event()
        self._closed = threading.Event()

    def start(
        self,
        on_event: Callable[[Any], None],
        on_ready: Callable[[], None],
        on_lost: Callable[[], None],
    ) -> None:
        """Begin to connect, in the background.

        Args:
            on_event: Gets what workers tell on `worker.TOPIC`.
            on_ready: Called when a connection begins, and when the number of workers has changed.
            on_lost: Called when a connection is gone, before there is another one.
        """
        self._on_event, self._on_ready, self._on_lost = on_event, on_ready, on_lost
        threading.Thread(target=self._keep_connected, name=CONNECTION, daemon=True).start()

    @property
    def client(self) -> Any:
        """The Dask client; None while there is no connection."""
        return self._client

    @property
    def is_local(self) -> bool:
        """Whether the worker is a process of this machine that the cluster started."""
        return self._address is None

    @property
    def n_slots(self) -> int:
        """Trainings that can compute at the same time, at least 1: one on each worker."""
        return self._n_slots

    @property
    def n_threads(self) -> int:
        """Trainings and analyses that can be begun and not ended at the same time, at least 1."""
        return self._n_threads

    @property
    def problem(self) -> str | None:
        """Why nothing can be trained at the moment, in a sentence; None if nothing is wrong."""
        return self._problem

    def give_up(self, client: Any) -> None:
        """Replace a client that was found to have lost its scheduler, unless it was already."""
        self._given_up = client
        self._wake.set()

    def close(self) -> None:
        """End the connection, and the local worker."""
        self._closed.set()
        self._wake.set()
        self._end(self._detach())

    def _keep_connected(self) -> None:
        block_signals()
        n_failures = 0
        while not self._closed.is_set():
            try:
                if self._client is None:
                    self._connect()
                    n_failures = 0
                self._check()
            except Exception as error:
                if self._closed.is_set():
                    break
                n_failures += 1
                self._handle_loss(error)
            self._wake.wait(min(LOOK_SECONDS * 2 ** max(0, n_failures - 1), MAX_RETRY_SECONDS))
            self._wake.clear()
        self._end(self._detach())  # what began after `close` had looked

    def _connect(self) -> None:
        from distributed import Client

        configure_dask()
        if self._address is None and self._local is None:
            self._local = start_local_cluster()
        patience = LOCAL_CONNECT_SECONDS if self.is_local else CONNECT_SECONDS
        client = Client(self._local or self._address, set_as_default=False, timeout=patience)
        client.subscribe_topic(worker.TOPIC, self._on_event)
        threads = client.nthreads()
        self._n_slots, self._n_threads = max(1, len(threads)), max(1, sum(threads.values()))
        self._n_silences, self._workerless_since, self._clock = 0, None, _clock()
        self._client, self._stream = client, client.scheduler_comm
        self._set_problem(None)
        self._on_ready()

    def _check(self) -> None:
        """See whether the scheduler is there, and how many workers it has.

        Raises:
            OSError: The connection is gone.
        """
        client = self._client
        if self._is_clock_set_back():
            raise ConnectionError("the clock was set back")
        # Dask connects again by itself, but nothing that ran is known then, and no event comes any more.
        is_other = client.status != "running" or client.scheduler_comm is not self._stream
        if is_other or self._given_up is client:
            raise ConnectionError("the scheduler closed the connection")
        try:
            identity = client.sync(client.scheduler.identity, n_workers=-1, callback_timeout=ANSWER_SECONDS)
        except TimeoutError:
            self._n_silences += 1
            if self.is_local:
                return
            self._set_problem(f"The training process does not answer. {AGAIN}")
            if self._n_silences >= MAX_SILENCES:
                raise
            return
        self._n_silences = 0
        workers = identity["workers"]
        self._listen({address: facts["last_seen"] for address, facts in workers.items()})
        self._count(len(workers), sum(facts["nthreads"] for facts in workers.values()))

    def _listen(self, seen: dict[str, float]) -> None:
        """Note for how long each worker has given no sign of life; replace a local one that hangs.

        Only time in which this process was awake counts, or each would hang after a sleep of the machine.

        Args:
            seen: When the scheduler last heard of each worker, by its address.
        """
        now = time.monotonic()
        passed, self._looked = min(now - self._looked, 2 * LOOK_SECONDS), now
        silences: dict[str, tuple[float, float]] = {}
        for address, last in seen.items():
            before, silent = self._silences.get(address, (last, 0.0))
            silences[address] = last, silent + passed if last == before else 0.0
        self._silences = silences
        for nanny in list(self._local.workers.values()) if self._local is not None else []:
            _, silent = silences.get(nanny.worker_address, (0.0, 0.0))
            if silent > REPLACE_SECONDS and nanny.pid:
                _log.warning("The training process %s hangs and is replaced", nanny.pid)
                os.kill(nanny.pid, signal.SIGKILL)  # and its nanny starts another one
                del silences[nanny.worker_address]

    def _silent_workers(self) -> str | None:
        """Which workers give no sign of life, in a sentence; None if all of them do."""
        n_silent = sum(silent > HANG_SECONDS for _, silent in self._silences.values())
        if not n_silent:
            return None
        if self.is_local:
            return f"The training process does not answer, and is replaced in a moment. {AGAIN}"
        if n_silent == len(self._silences):
            return f"The training process does not answer. {ELSEWHERE}"
        return f"{n_silent} of {len(self._silences)} training processes give no answer. {ELSEWHERE}"

    def _is_clock_set_back(self) -> bool:
        before, self._clock = self._clock, _clock()
        return self._clock < before - CLOCK_SECONDS

    def _count(self, n_workers: int, n_threads: int) -> None:
        if n_threads:
            self._workerless_since = None
            self._set_problem(self._silent_workers())
        else:
            now = time.monotonic()
            self._workerless_since = self._workerless_since or now
            if not self.is_replacing:
                self._set_problem(f"No training process is ready at the moment. {AGAIN}")
            if self.is_local and now - self._workerless_since > WORKERLESS_SECONDS:
                raise ConnectionError("the local worker did not come back")
        size = max(1, n_workers), max(1, n_threads)
        if size != (self._n_slots, self._n_threads):
            self._n_slots, self._n_threads = size
            self._on_ready()

    def _handle_loss(self, error: Exception) -> None:
        was_there = self._client is not None
        if was_there:
            _log.warning("The connection to Dask was lost: %s", error)
        elif self._problem is None:
            _log.exception("No training process")
        why = _in_a_line(error)
        if self.is_local:
            self._set_problem(f"The training process could not be started ({why}). {AGAIN}")
        else:
            self._set_problem(f"The training process cannot be reached. {AGAIN}")
        parts = self._detach()
        if was_there:
            self._on_lost()
        self._end(parts)

    def _detach(self) -> tuple[Any, Any]:
        parts = self._client, self._local
        self._client = self._stream = self._local = None
        return parts

    def _end(self, parts: tuple[Any, Any]) -> None:
        kill_workers(parts[1])  # one that is busy would not end, and nobody would hear of what it does
        closing = threading.Thread(target=_close, args=(parts,), name="dask-closing", daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)

    def _set_problem(self, problem: str | None) -> None:
        if problem != self._problem:
            if problem is not None:
                _log.warning(problem)
            self._problem = problem


def _clock() -> float:
    """By how many seconds the clock on the wall is ahead of one that is never set."""
    return time.time() - time.monotonic()


def _close(parts: tuple[Any, Any]) -> None:
    """Close a client and its local cluster, as far as they are there."""
    for part, seconds in zip(parts, (2.0, END_SECONDS), strict=True):
        if part is not None:
            try:
                part.close(timeout=seconds)
            except Exception as error:  # what is gone already need not be closed
                _log.warning("A part of Dask could not be closed: %s", error)


def _in_a_line(error: Exception) -> str:
    """What went wrong, short enough for a sentence."""
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:200]
