"""The end: on a signal everything is closed in order, and nothing is left behind.

Uvicorn takes SIGTERM and Ctrl-C alone, waits for as long as a visitor does, and raises the signal once more
at the end. Here SIGHUP, the terminal that was closed, is taken too, and the process ends by itself.
"""

import asyncio
import atexit
import contextlib
import logging
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from multiprocessing import resource_tracker
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType
from typing import Final

import dask
from uvicorn import Server

from mnist_core.engine.cluster import CONNECTION

LEAVE_SECONDS: Final = 1
"""For which answers under way are waited for."""
PATIENCE_SECONDS: Final = 0.7
"""For which the training process may end by itself; it does not while it trains."""
CLOSE_SECONDS: Final = 2.0
"""For which all else may be closed."""
LAST_SECONDS: Final = 4.5
"""After a signal, when whatever is left is ended at once."""
SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)
_log = logging.getLogger(__name__)


def running_server() -> Server | None:
    """The server that this process runs, which has its signals; None if it is run in another way."""
    owner = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return owner if isinstance(owner, Server) else None


@asynccontextmanager
async def on_signals(server: Server | None) -> AsyncIterator[None]:
    """While the dashboard is served, a signal ends the server; a second one changes nothing.

    Args:
        server: Whose signals they are; without one they are left alone.
    """
    if server is not None and threading.current_thread() is threading.main_thread():
        server.config.timeout_graceful_shutdown = LEAVE_SECONDS
        logging.getLogger("uvicorn.error").addFilter(_is_of_interest)

        def stop(number: int, frame: FrameType | None) -> None:
            if not server.should_exit:
                server.should_exit = True
                last = threading.Timer(LAST_SECONDS, _end_at_once)
                last.daemon = True
                last.start()

        _shield_tracker()
        for number in SIGNALS:
            signal.signal(number, stop)
    yield


async def close(everything: Callable[[], None]) -> None:
    """Close what the dashboard has opened.

    Args:
        everything: Closes it; may take its time.
    """
    ending = asyncio.ensure_future(asyncio.to_thread(everything))
    try:
        await asyncio.wait({ending}, timeout=PATIENCE_SECONDS)
        for child in _kill_children():
            child.join(CLOSE_SECONDS)
        await asyncio.wait_for(ending, CLOSE_SECONDS)
    except TimeoutError:
        _log.warning("Not everything could be closed within %g seconds", CLOSE_SECONDS)
    except Exception:
        _log.exception("Not everything could be closed")
    _remove_scratch()


def end(server: Server | None) -> None:
    """End this process after a signal, while a second one still changes nothing.

    Uvicorn, asyncio and the interpreter each give the signals back on their way out, and Ctrl-C pressed again
    then would write a traceback after the last line.

    Args:
        server: Whose signals they were; without one, or without a signal, nothing happens.
    """
    if server is not None and server.should_exit:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        os._exit(0)


def _kill_children() -> list[BaseProcess]:
    """All processes that this one has started; they may not have ended yet."""
    children = multiprocessing.active_children()
    for child in children:
        child.kill()
    return children


def _remove_scratch() -> None:
    """Remove the folder that Dask leaves, with all of killed workers, unless another program uses it."""
    for thread in threading.enumerate():
        if thread.name == CONNECTION:  # it may still be starting a worker, until it sees that it was killed
            thread.join(CLOSE_SECONDS)
    for folder in {dask.config.get("temporary-directory", None), tempfile.gettempdir()} - {None}:
        scratch = Path(folder) / "dask-scratch-space"
        with contextlib.suppress(OSError):
            if scratch.is_dir():
                from distributed.diskutils import WorkSpace

                WorkSpace(str(scratch))._purge_leftovers()  # of processes that are gone, which Dask can tell
            if not any(path.is_dir() for path in scratch.iterdir()):
                shutil.rmtree(scratch)


def _shield_tracker() -> None:
    """Begin Python's tracker of semaphores so that SIGHUP, sent to the whole terminal, does not end it.

    A new one would know none of the semaphores and write a traceback for each. It ignores the other signals
    itself, and inherits that this one is ignored.
    """
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        resource_tracker.ensure_running()


def _is_of_interest(record: logging.LogRecord) -> bool:
    """Whether uvicorn's message is worth a line; that it cut off answers at the end is not."""
    return "timeout graceful shutdown exceeded" not in str(record.msg)


def _end_at_once() -> None:
    """End this process and those that it has started."""
    _kill_children()
    os._exit(0)
