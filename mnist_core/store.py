"""Finished records, kept within bounds: the recent ones in memory, older ones in a temporary folder.

A record that no longer fits anywhere is dropped, the least recently used first; its settings train the same
network again.
"""

import tempfile
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Final

from mnist_core.record import RecordError, RunRecord, load_record
from mnist_core.shared_records import SharedRecords

MEMORY_BYTES: Final = 24_000_000
FOLDER_BYTES: Final = 500_000_000


class RecordStore:
    """Records by name, safe to use from several threads.

    Args:
        memory_bytes: What records may take in memory.
        folder_bytes: The same in the temporary folder.
        shared: Where records that are not here are looked for.
    """

    def __init__(
        self,
        memory_bytes: int = MEMORY_BYTES,
        folder_bytes: int = FOLDER_BYTES,
        shared: SharedRecords | None = None,
    ) -> None:
        self._shared = shared
        self._memory_bytes = memory_bytes
        self._folder_bytes = folder_bytes
        self._lock = threading.Lock()
        self._in_memory: OrderedDict[str, RunRecord] = OrderedDict()
        self._on_disk: OrderedDict[str, int] = OrderedDict()
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def put(self, name: str, record: RunRecord) -> None:
        """Keep a record; the oldest make room, but this one always stays in memory."""
        with self._lock:
            self._in_memory[name] = record
            self._in_memory.move_to_end(name)
            while len(self._in_memory) > 1 and self._n_bytes() > self._memory_bytes:
                self._spill(*self._in_memory.popitem(last=False))

    def get(self, name: str) -> RunRecord | None:
        """The record, or None if it was never kept or had to go."""
        with self._lock:
            if name in self._in_memory:
                self._in_memory.move_to_end(name)
                return self._in_memory[name]
            if name in self._on_disk:
                self._on_disk.move_to_end(name)
                try:
                    return load_record(self._path(name))
                except RecordError:
                    del self._on_disk[name]
        found = self._shared.get(name) if self._shared is not None else None
        if found is None:
            return None
        self.put(name, found[0])
        return found[0]

    def __contains__(self, name: str) -> bool:
        with self._lock:
            if name in self._in_memory or name in self._on_disk:
                return True
        return self._shared is not None and name in self._shared

    def close(self) -> None:
        """Remove the temporary folder."""
        with self._lock:
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

    def _spill(self, name: str, record: RunRecord) -> None:
        if name in self._on_disk:
            return
        try:
            path = self._path(name)
            record.save(path)
        except OSError:  # a full or read-only disk: the record is dropped, as when the folder is full
            return
        self._on_disk[name] = path.stat().st_size
        while sum(self._on_disk.values()) > self._folder_bytes:
            oldest, _ = self._on_disk.popitem(last=False)
            self._path(oldest).unlink(missing_ok=True)
