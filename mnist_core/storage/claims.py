"""Who trains which network, so that servers with one folder train it once.

A claim is a file that its server touches while it trains; that of a server which has ended or is silent does
not count. Where the folder fails, everybody trains: that costs time, and nothing else.
"""

import contextlib
import json
import logging
import os
import secrets
import socket
import time
from pathlib import Path
from typing import Final

import psutil

STALE_SECONDS: Final = 15.0
"""After which a claim that nobody has touched counts for nothing."""
FORGOTTEN_SECONDS: Final = 3600.0
_log = logging.getLogger(__name__)


class Claims:
    """Claims of this server and of others; safe to use from several threads.

    Args:
        folder: In which they are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._me = {"server": secrets.token_hex(8), "host": socket.gethostname(), "process": os.getpid()}
        self._held: set[str] = set()

    def take(self, key: str, job_id: str) -> str:
        """Claim the training of a network.

        Args:
            key: Of its config and images.
            job_id: What the training is called here.

        Returns:
            The job that trains it: this one, or that of another server.
        """
        path, new = self._folder / key, self._folder / f".{secrets.token_hex(8)}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                new.write_text(json.dumps({**self._me, "job": job_id}))
                os.link(new, path)  # whole, or not at all where there is one
            except FileExistsError:
                if holder := self.holder(key):
                    return holder
                new.replace(path)
            finally:
                new.unlink(missing_ok=True)
            self._held.add(key)
        except OSError as error:
            _log.warning("A training could not be claimed, and may be done by several servers: %s", error)
        return job_id

    def holder(self, key: str) -> str:
        """The job of another server that trains a network; "" if none does."""
        path = self._folder / key
        try:
            is_old = time.time() - path.stat().st_mtime > STALE_SECONDS
            claim = json.loads(path.read_text())
            is_ended = claim["host"] == self._me["host"] and not psutil.pid_exists(int(claim["process"]))
            is_mine = claim["server"] == self._me["server"]
            return "" if is_old or is_ended or is_mine else str(claim["job"])
        except (OSError, ValueError, KeyError, TypeError):
            return ""  # there is none, or it is damaged

    def release(self, key: str) -> None:
        """Let others train a network, if this server has claimed it."""
        if key in self._held:
            self._held.discard(key)
            with contextlib.suppress(OSError):
                (self._folder / key).unlink()

    def refresh(self) -> None:
        """Say that this server still trains what it has claimed, and remove what was forgotten."""
        for key in list(self._held):
            with contextlib.suppress(OSError):
                os.utime(self._folder / key)
        with contextlib.suppress(OSError):
            for path in self._folder.iterdir():
                if time.time() - path.stat().st_mtime > FORGOTTEN_SECONDS:
                    path.unlink(missing_ok=True)

    def close(self) -> None:
        """Release all."""
        for key in list(self._held):
            self.release(key)
