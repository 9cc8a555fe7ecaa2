"""A folder that several servers share: whole files or none, one writer at a time, bounded in number and size.

`MLP_STORE` names it; without it every server keeps what it has in its own memory. Nothing that goes wrong
with the folder may stop a lecture: what cannot be written is logged, what cannot be read is as
if it were not there.
"""

import logging
import math
import os
import re
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

SETTING: Final = "MLP_STORE"
LOCK_SECONDS: Final = 5.0
"""How long a writer waits for another one before it gives up: each holds the lock for milliseconds."""
_POLL_SECONDS: Final = 0.002
_STALE_SECONDS: Final = 3600.0
_PRUNE_EVERY: Final = 20
_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,80}")

Version = tuple[int, int, int]
"""Changes whenever a file is replaced: its number on the disk, time of change and size."""
UNKNOWN: Final[Version] = (0, 0, 0)
"""Of a file that may be there or not, because the folder does not answer."""

_log = logging.getLogger(__name__)


def shared_root() -> Path | None:
    """The folder that `MLP_STORE` names; None without one, or where it cannot be written, which is logged."""
    named = os.environ.get(SETTING, "")
    if not named:
        return None
    root = Path(named)
    try:
        return writable(root)
    except OSError as error:
        _log.error(
            "%s is %r, which is no folder that can be written (%s): nothing is shared with other servers.",
            SETTING, named, error,
        )  # fmt: skip
        return None


def writable(root: Path) -> Path:
    """A folder, made if there is none.

    Raises:
        OSError: It cannot be written.
    """
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=root):
        return root


class SharedFolder:
    """Files by name, safe to use from several threads, processes and machines.

    Names have letters, digits and hyphens only, so none can lead anywhere else.

    Args:
        path: The folder, made if there is none.
        suffix: Of its files, such as ".json".
        max_bytes: Together; those changed longest ago make room.
        max_files: The same by their number.
        max_seconds: After which a file that was not changed goes anyway.
    """

    def __init__(
        self, path: Path, suffix: str, max_bytes: int, max_files: int, max_seconds: float = math.inf
    ) -> None:
        self._path, self._suffix = path, suffix
        self._max_bytes, self._max_files, self._max_seconds = max_bytes, max_files, max_seconds
        self._counting = threading.Lock()
        self._n_writes = self._n_written = 0

    def read(self, name: str) -> bytes | None:
        """What a file holds; None if there is none, or cannot be one of this name, or it cannot be read."""
        if not _NAME.fullmatch(name):
            return None
        try:
            return self._file(name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            _log.warning("%s could not be read: %s", self._file(name), error)
            return None

    def write(self, name: str, content: bytes) -> bool:
        """Put a file in the place of the one before, whole or not at all; whether that could be done."""
        try:
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self._path, prefix=".", suffix=".part")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                Path(temporary).replace(self._file(name))
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError as error:
            _log.warning("%s could not be written: %s", self._file(name), error)
            return False
        self._count(len(content), name)
        return True

    def version(self, name: str) -> Version | None:
        """Which file is there, without reading it; None if there is none, or cannot be one of this name."""
        try:
            facts = self._file(name).stat()
        except (FileNotFoundError, ValueError):
            return None
        except OSError as error:
            _log.warning("%s could not be looked at: %s", self._file(name), error)
            return UNKNOWN
        return facts.st_ino, facts.st_mtime_ns, facts.st_size

    def names(self, prefix: str = "") -> list[str]:
        """Of all files, or of those that begin so, in the order of the alphabet; none if nothing answers."""
        return sorted(self._listed(prefix))

    def touch(self, name: str) -> None:
        """Count a file as just changed, so that others make room before it."""
        try:
            os.utime(self._file(name))
        except OSError:
            return

    def age(self, name: str) -> float:
        """Seconds since a file was changed; 0 if there is none."""
        version = self.version(name)
        return 0.0 if version is None else max(0.0, time.time() - version[1] / 1e9)

    def delete(self, name: str) -> None:
        """Remove a file; nothing happens if there is none."""
        try:
            self._file(name).unlink(missing_ok=True)
        except OSError as error:
            _log.warning("%s could not be removed: %s", self._file(name), error)

    @contextmanager
    def lock(self, name: str) -> Iterator[bool]:
        """Be the only one who changes a file; False if that could not be had in time, which is logged."""
        held = FileLock(
            self._file(name).with_name(f".{name}.lock"), LOCK_SECONDS, poll_interval=_POLL_SECONDS
        )
        try:
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            held.acquire()
        except (OSError, Timeout, NotImplementedError) as error:
            _log.warning("%s could not be locked: %s", self._file(name), error)
            yield False
            return
        try:
            yield True
        finally:
            held.release()

    def _file(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"A name has 1 to 80 letters, digits and hyphens; {name[:40]!r} is none.")
        return self._path / f"{name}{self._suffix}"

    def _listed(self, prefix: str = "") -> list[str]:
        try:
            files = [entry.name for entry in os.scandir(self._path) if entry.name.startswith(prefix)]
        except FileNotFoundError:
            return []
        except OSError as error:
            _log.warning("%s could not be looked at: %s", self._path, error)
            return []
        names = (name.removesuffix(self._suffix) for name in files if name.endswith(self._suffix))
        return [name for name in names if _NAME.fullmatch(name)]

    def _count(self, n_bytes: int, name: str) -> None:
        """Look at the bounds with the first file written and now and then afterwards."""
        with self._counting:
            is_first = self._n_writes == 0
            self._n_writes, self._n_written = self._n_writes + 1, self._n_written + n_bytes
            if (
                not is_first
                and self._n_writes < _PRUNE_EVERY
                and self._n_written < self._max_bytes // _PRUNE_EVERY
            ):
                return
            self._n_writes, self._n_written = 1, 0
        self._prune(name)

    def _prune(self, kept: str) -> None:
        sizes: list[tuple[float, int, Path]] = []
        for path in map(self._file, self._listed()):
            try:
                facts = path.stat()
            except OSError:  # another server was quicker
                continue
            sizes.append((facts.st_mtime, facts.st_size, path))
        n_bytes, n_files = sum(size for _, size, _ in sizes), len(sizes)
        for changed, size, path in sorted(sizes):
            is_old = time.time() - changed > self._max_seconds
            if n_bytes <= self._max_bytes and n_files <= self._max_files and not is_old:
                break
            if path != self._file(kept):
                path.unlink(missing_ok=True)
                n_bytes, n_files = n_bytes - size, n_files - 1
        for path in self._path.glob(".*.part"):  # of a server that was killed while it wrote
            try:
                if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                    path.unlink(missing_ok=True)
            except OSError:
                continue
