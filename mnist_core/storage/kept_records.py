"""Records that outlast the server: runs of yesterday are there at once, in the folder of this user's caches.

`MLP_RECORDS` names another folder, or "none". Each file says in its name by which version of the training it
was made: a version that might train other weights finds none of them, and they make room like any other. Own
images and drawings are never kept: runs in which they took part end with the server.
"""

import hashlib
import logging
import os
from functools import cache
from pathlib import Path
from typing import Final

import pooch

import mnist_core
from mnist_core.bounds import MAX_KEPT_RECORDS, MAX_KEPT_RECORDS_BYTES
from mnist_core.storage.shared_folder import writable
from mnist_core.storage.shared_records import SharedRecords
from mnist_core.training.record import library_versions

SETTING: Final = "MLP_RECORDS"
NONE: Final = "none"
_PROGRAM: Final = (
    "config.py",
    "chapters.py",
    "training_config.py",
    "settings.py",
    "training",
    "network",
    "images/dataset.py",
    "images/preparation.py",
    "images/moving.py",
)
"""Of this package, what decides the numbers of a run."""
_log = logging.getLogger(__name__)


def kept_records() -> SharedRecords | None:
    """Where finished and stopped runs outlast this server; None where nothing may or can be kept."""
    named = os.environ.get(SETTING, "")
    if named.strip().lower() == NONE:
        return None
    root = Path(named) if named else default_root()
    try:
        writable(root)
    except OSError as error:
        _log.warning("Runs end with this server: %s cannot be written (%s). %s names another folder.",
                     root, error, SETTING)  # fmt: skip
        return None
    return SharedRecords(
        root, MAX_KEPT_RECORDS_BYTES, MAX_KEPT_RECORDS, version=training_version(), keeps_own_images=False
    )


def default_root() -> Path:
    """The folder of this user's caches, in which MNIST is, too."""
    return Path(pooch.os_cache("mlp-explainer"))


def is_named() -> bool:
    """Whether `MLP_RECORDS` names a folder."""
    return os.environ.get(SETTING, NONE).strip().lower() not in ("", NONE)


@cache
def training_version() -> str:
    """Twelve digits that change with what may change the numbers of a run: its program and libraries."""
    package = Path(mnist_core.__file__).parent
    digest = hashlib.sha256(repr(sorted(library_versions().items())).encode())
    for part in _PROGRAM:
        files = sorted((package / part).rglob("*.py")) if (package / part).is_dir() else [package / part]
        for file in files:
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
