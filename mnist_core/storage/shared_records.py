"""Records of runs in a folder that outlasts the server, or that several servers share.

A run that went to its end lies there under its job's id, which begins with the key of its config, so that it
is found by either; a run that was stopped is found by its id alone, because its config does not tell it.
"""

import contextlib
import io
import logging
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

from mnist_core.analysis.reports import DigitReport, report_confusion
from mnist_core.bounds import MAX_SHARED_RECORDS, MAX_SHARED_RECORDS_BYTES
from mnist_core.config import N_DIGITS
from mnist_core.storage.claims import Claims
from mnist_core.storage.shared_folder import SharedFolder
from mnist_core.training.record import RecordError, RunRecord, load_record

Content = TypeVar("Content")

_STOPPED: Final = "-stopped"
_CONFUSION: Final = "confusion"

_log = logging.getLogger(__name__)


class SharedRecords:
    """Records with the reports of their networks; safe to use from several threads and servers.

    Args:
        root: The folder.
        max_bytes: Of all records together; those used longest ago make room.
        max_files: The same by their number.
        version: Letters and digits with which the names of the files begin; others are never read.
        keeps_own_images: Whether runs are kept in which own images took part.

    Attributes:
        claims: Who trains what at the moment.
    """

    def __init__(
        self,
        root: Path,
        max_bytes: int = MAX_SHARED_RECORDS_BYTES,
        max_files: int = MAX_SHARED_RECORDS,
        *,
        version: str = "",
        keeps_own_images: bool = True,
    ) -> None:
        self._folder = SharedFolder(root / "records", ".npz", max_bytes, max_files)
        self.claims = Claims(root / "claims")
        self._begins = f"{version}-" if version else ""
        self._keeps_own_images = keeps_own_images

    def put(self, job_id: str, record: RunRecord, report: DigitReport | None = None) -> None:
        """Keep a record; nothing happens if it is there already."""
        whole, stopped = self._names(job_id)
        name = stopped if record.is_stopped else whole
        is_private = record.mixture is not None and not self._keeps_own_images
        if is_private or self._folder.version(name) is not None:
            return
        file = io.BytesIO()
        record.save(file)
        if report is not None:
            with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(f"{_CONFUSION}.npy", _npy(report))
        self._folder.write(name, file.getvalue())

    def get(self, job_id: str) -> tuple[RunRecord, DigitReport | None] | None:
        """A run and its network's report; None if it is not there, or the file is damaged."""
        for name in self._names(job_id):
            content = self._folder.read(name)
            if content is None:
                continue
            try:
                record, report = read_despite_python(partial(_read, content))
            except (RecordError, ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile) as error:
                _log.warning("The shared record %s is damaged: %s", name, error)
                self._folder.delete(name)
                return None
            if not job_id.startswith(f"{record.config.key(record.dataset_fingerprint)}-"):
                _log.warning("The shared record %s is of another run", name)
                return None
            self._folder.touch(name)
            return record, report
        return None

    def find(self, key: str) -> str | None:
        """The job that trained a config to its end, by the config's key."""
        names = self._folder.names(f"{self._begins}{key}-")
        whole = (name for name in names if not name.endswith(_STOPPED))
        return next((name.removeprefix(self._begins) for name in whole), None)

    def __contains__(self, job_id: str) -> bool:
        return any(self._folder.version(name) is not None for name in self._names(job_id))

    def _names(self, job_id: str) -> tuple[str, str]:
        """Of the files of a run that went to its end, and of one that was stopped."""
        whole = f"{self._begins}{job_id}"
        return whole, f"{whole}{_STOPPED}"


def read_despite_python(read: Callable[[], Content]) -> Content:
    """What reads a record, once more where Python itself was at fault.

    Before 3.11.8 and 3.12.1 it may fail where two threads parse at the same time (its issue 106905), as NumPy
    does with the head of every array.
    """
    with contextlib.suppress(SystemError):
        return read()
    return read()


def _npy(report: DigitReport) -> bytes:
    file = io.BytesIO()
    np.save(file, report.confusion, allow_pickle=False)
    return file.getvalue()


def _read(content: bytes) -> tuple[RunRecord, DigitReport | None]:
    return load_record(io.BytesIO(content)), _report(content)


def _report(content: bytes) -> DigitReport | None:
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        if _CONFUSION not in arrays:
            return None
        confusion = arrays[_CONFUSION]
    if confusion.shape != (N_DIGITS, N_DIGITS) or confusion.dtype.kind not in "iu" or (confusion < 0).any():
        raise ValueError(f"a confusion matrix of shape {confusion.shape} and type {confusion.dtype}")
    return report_confusion(confusion)
