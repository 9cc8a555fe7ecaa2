"""Connections that say nothing: who has sent no whole request head after ten seconds is disconnected.

Uvicorn waits for ever, and each takes one of the files that the server may have open; when few are left, they
are waited for only a second. Websockets, answers and uploads under way are left alone: their heads have come.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final
from weakref import WeakKeyDictionary

from uvicorn import Server

from dashboard.server import open_files
from mnist_core.bounds import MAX_SILENT_SECONDS

LOOK_SECONDS: Final = 1.0


class SilentConnections:
    """Finds and closes them.

    Args:
        clock: Seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: WeakKeyDictionary[Any, tuple[Any, float]] = WeakKeyDictionary()

    def close_old(self, connections: set[Any], patience: float = MAX_SILENT_SECONDS) -> int:
        """Close those that have been waited for too long.

        Args:
            connections: Uvicorn's protocols, all that are open.
            patience: Seconds for which each is waited for.

        Returns:
            How many were closed.
        """
        n_closed = 0
        for connection in list(connections):
            if not hasattr(connection, "timeout_keep_alive_task"):
                continue  # a websocket
            request = connection.cycle
            if request is not None and not request.response_complete:
                self._waiting.pop(connection, None)
                continue
            before, since = self._waiting.get(connection, (None, 0.0))
            if connection not in self._waiting or before is not request:
                self._waiting[connection] = request, self._clock()
            elif self._clock() - since >= patience:
                connection.transport.abort()
                n_closed += 1
        return n_closed


@asynccontextmanager
async def closing(server: Server | None) -> AsyncIterator[None]:
    """Look after the connections of a server while it runs."""
    task = None if server is None else asyncio.create_task(_keep_closing(server))
    yield
    if task is not None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _keep_closing(server: Server) -> None:
    silent = SilentConnections()
    while True:
        patience = MAX_SILENT_SECONDS if open_files.has_room() else LOOK_SECONDS
        silent.close_old(server.server_state.connections, patience)
        await asyncio.sleep(LOOK_SECONDS)
