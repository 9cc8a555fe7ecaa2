"""Finished records, kept within bounds: the recent ones in memory, older ones in a temporary folder.

Where no disk takes them, more stay in memory. A record that no longer fits anywhere is dropped, the least
recently used first; its settings train the same network again.
"""

import contextlib
import logging
import math
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path

from mnist_core.bounds import RECORDS_DISKLESS_BYTES, RECORDS_FOLDER_BYTES, RECORDS_MEMORY_BYTES
from mnist_core.storage.shared_records import SharedRecords, read_despite_python
from mnist_core.training.record import RecordError, RunRecord, load_record

_log = logging.getLogger(__name__)


class RecordStore:
    """Records by name, safe to use from several threads.

    Args:
        memory_bytes: What records may take in memory.
        folder_bytes: The same in the temporary folder.
        shared: Where records that are not here are looked for.
        run: Runs what writes to the disk; perhaps in a thread, so that nobody waits for it.
    """

    def __init__(
        self,
        memory_bytes: int = RECORDS_MEMORY_BYTES,
        folder_bytes: int = RECORDS_FOLDER_BYTES,
        shared: SharedRecords | None = None,
        run: Callable[[Callable[[], None]], None] = lambda function: function(),
    ) -> None:
        self._shared, self._run = shared, run
        self._memory_bytes = memory_bytes
        self._folder_bytes = folder_bytes
        self._lock = threading.Lock()  # nobody reads or writes a file with it
        self._making_room = threading.Lock()
        self._in_memory: OrderedDict[str, RunRecord] = OrderedDict()
        self._on_disk: OrderedDict[str, int] = OrderedDict()
        self._pinned: set[str] = set()
        self._wanted: Callable[[], Mapping[str, int]] = dict
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def prefer(self, wanted: Callable[[], Mapping[str, int]]) -> None:
        """Drop the records that nobody wants first, and then of whoever has most.

        Args:
            wanted: The names of the wanted ones, and how many newer ones their owner has of each; asked only
                when room is short.
        """
        self._wanted = wanted

    def pin(self, name: str) -> None:
        """Never drop the record of this name, and keep it in memory."""
        with self._lock:
            self._pinned.add(name)

    def put(self, name: str, record: RunRecord) -> None:
        """Keep a record in memory; the oldest make room for it."""
        with self._lock:
            self._in_memory[name] = record
            self._in_memory.move_to_end(name)
            is_full = self._n_bytes() > self._memory_bytes
        if is_full:
            self._run(self._make_room)

    def get(self, name: str) -> RunRecord | None:
        """The record, or None if it was never kept or had to go."""
        with self._lock:
            if name in self._in_memory:
                self._in_memory.move_to_end(name)
                return self._in_memory[name]
            if is_on_disk := name in self._on_disk:
                self._on_disk.move_to_end(name)
        if is_on_disk:
            try:
                return read_despite_python(lambda: load_record(self._path(name)))
            except RecordError:
                with self._lock:
                    self._on_disk.pop(name, None)
        stored = self._shared.get(name) if self._shared is not None else None
        if stored is None:
            return None
        self.put(name, stored[0])
        return stored[0]

    def __contains__(self, name: str) -> bool:
        with self._lock:
            if name in self._in_memory or name in self._on_disk:
                return True
        return self._shared is not None and name in self._shared

    def close(self) -> None:
        """Remove the temporary folder."""
        with self._making_room, self._lock:
            if self._folder is not None:
                self._folder.cleanup()
                self._folder = None
            self._on_disk.clear()

    def _n_bytes(self) -> int:
        return sum(record.n_bytes for record in self._in_memory.values())

    def _path(self, name: str) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="mlp-explainer-", ignore_cleanup_errors=True)
        return Path(self._folder.name) / f"{name}.npz"

    def _make_room(self) -> None:
        """Write the oldest records of memory into the folder until the others fit; the newest stays."""
        with self._making_room:
            while oldest := self._oldest_above_bound():
                name, record = oldest
                is_kept = name in self._on_disk or self._write(name, record)
                self._drop_files()
                with self._lock:
                    if not is_kept and self._n_bytes() <= max(self._memory_bytes, RECORDS_DISKLESS_BYTES):
                        return
                    del self._in_memory[name]

    def _oldest_above_bound(self) -> tuple[str, RunRecord] | None:
        """What leaves memory next; None where it is within its bound, or all that is left has to stay."""
        with self._lock:
            if self._n_bytes() <= self._memory_bytes:
                return None
            *others, _ = self._in_memory.items()
            return next(((name, record) for name, record in others if name not in self._pinned), None)

    def _write(self, name: str, record: RunRecord) -> bool:
        """Write a record into the folder; False if no disk takes it."""
        try:
            path = self._path(name)
            record.save(path)
            n_bytes = path.stat().st_size
        except OSError as error:
            _log.warning("No disk takes the record of %s: %s", name, error)
            with contextlib.suppress(OSError):
                self._path(name).unlink()  # the half that was written
            return False
        with self._lock:
            self._on_disk[name] = n_bytes
        return True

    def _drop_files(self) -> None:
        """Bring the folder within its bound."""
        while True:
            with self._lock:
                droppable = [key for key in self._on_disk if key not in self._pinned]
                if sum(self._on_disk.values()) <= self._folder_bytes or not droppable:
                    return
                wanted = self._wanted()
                first = max(droppable, key=lambda key: wanted.get(key, math.inf))  # the oldest of several
                del self._on_disk[first]
            self._path(first).unlink(missing_ok=True)
