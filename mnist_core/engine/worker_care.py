"""Workers kept ready and small: warmed before they are needed, replaced when they have grown."""

import logging
import uuid
from concurrent.futures import CancelledError
from typing import Any, Final

from mnist_core.bounds import MAX_GROWTH, MAX_GROWTH_OF_BUSY, MAX_IDLE_GROWTH
from mnist_core.engine.background import Background
from mnist_core.engine.cluster import Cluster
from mnist_core.engine.process import worker
from mnist_core.images.dataset import DataError, Origin

ANSWER_SECONDS: Final = 10.0
"""For fetching a result that is there."""

_log = logging.getLogger(__name__)


class Upkeep:
    """Looks after the workers of a cluster.

    Args:
        cluster: Theirs.
        background: What waits for them.
    """

    def __init__(self, cluster: Cluster, background: Background) -> None:
        self._cluster, self._background = cluster, background
        self._baseline: dict[str, int] = {}  # bytes of each worker before its first job, by address
        self._origin: Origin | None = None

    def warm(self, origin: Origin) -> None:
        """Have every worker ready to train on some images, in the background, once for each dataset."""
        if self._origin != origin:
            self._origin = origin
            self._background.run(self._warm)

    def warm_again(self) -> None:
        """The same for the workers of another connection."""
        self._baseline.clear()
        self._background.run(self._warm)

    def is_too_large(self, address: str, n_bytes: int) -> bool:
        """Whether a worker is to be replaced though a training runs there; see `replace_if_grown`."""
        growth = n_bytes - self._baseline.get(address, n_bytes)
        return bool(address) and self._cluster.is_local and growth > MAX_GROWTH_OF_BUSY

    def replace_if_grown(self, address: str, n_bytes: int, is_anybody_waiting: bool) -> None:
        """Begin afresh with a new process: every compiled shape leaves some memory behind for good.

        Args:
            address: The worker's; empty if it, or what it takes, is not known.
            n_bytes: What it takes now.
            is_anybody_waiting: Whether a replacement would hold up a job.
        """
        if not address or not self._cluster.is_local:
            return
        limit = MAX_GROWTH if is_anybody_waiting else MAX_IDLE_GROWTH
        if n_bytes - self._baseline.setdefault(address, n_bytes) <= limit:
            return
        self._cluster.is_replacing = True
        try:
            self._cluster.client.restart_workers([address], timeout=120)
            self._baseline.clear()
            self._warm()
        except Exception:
            if not self._background.is_closed:
                _log.exception("The worker could not be replaced")
        finally:
            self._cluster.is_replacing = False

    def _warm(self) -> None:
        client = self._cluster.client
        if client is None or self._origin is None:
            return
        for address in client.nthreads():
            name = f"warm-{uuid.uuid4().hex}"
            future = client.submit(
                worker.make_ready, self._origin, key=name, workers=[address], pure=False, priority=10
            )
            future.add_done_callback(self._on_warmed)

    def _on_warmed(self, future: Any) -> None:
        """Note how large the worker is.

        Dask calls this in the one thread that it has for all callbacks. If the worker was replaced before the
        callback's turn came, the result is lost and no other worker may compute it again, so waiting for it
        would hold up every training for ever.
        """
        if not future.done():
            return
        try:
            n_bytes, address = future.result(timeout=ANSWER_SECONDS)
            if address:
                self._baseline.setdefault(address, n_bytes)
        except (
            CancelledError,
            TimeoutError,
            DataError,  # the first training brings the images
        ):  # with the connection or the worker; the next is warmed
            return
        except Exception:
            if not self._background.is_closed:
                _log.exception("The worker could not be warmed")
