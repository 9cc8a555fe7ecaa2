"""Own images of trainings that have not ended, for the server that goes on when theirs is lost.

What a record is at the end, they are until then: in the folder that several servers share, each under the
name of the visit that trains, and only as long as that training waits or runs.
"""

import io
import logging
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core.bounds import MAX_SHARED_OWN_IMAGES_BYTES, MAX_SHARED_VISITS, SHARED_VISIT_SECONDS
from mnist_core.images.mixture import Mixture
from mnist_core.storage.shared_folder import SharedFolder

_log = logging.getLogger(__name__)


class OwnImages:
    """The own images that trainings of visits are under way with.

    Args:
        root: The shared folder.
    """

    def __init__(self, root: Path) -> None:
        self._folder = SharedFolder(
            root / "own-images", ".npz", MAX_SHARED_OWN_IMAGES_BYTES, MAX_SHARED_VISITS, SHARED_VISIT_SECONDS
        )

    def keep_only(self, visit: str, mixtures: Collection[Mixture]) -> None:
        """Have the images of a visit's unfinished trainings, and no others of this visit."""
        wanted = {_file_name(visit, mixture.digest): mixture for mixture in mixtures}
        present = self._folder.names(f"{visit}-")
        for name in present:
            if name not in wanted:
                self._folder.delete(name)
        for name, mixture in wanted.items():
            if name not in present:
                file = io.BytesIO()
                np.savez_compressed(file, allow_pickle=False, **mixture.to_dict())
                self._folder.write(name, file.getvalue())

    def find(self, visit: str, digest: str) -> Mixture | None:
        """The images of a visit's training; None where they are not there, damaged, or others.

        Args:
            visit: Its name.
            digest: Of the mixture.
        """
        content = self._folder.read(_file_name(visit, digest))
        if content is None:
            return None
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                stored = {name: file[name] for name in Mixture.__dataclass_fields__}
            values: dict[str, Any] = {n: part if part.ndim else part.item() for n, part in stored.items()}
            mixture = Mixture(**values)
        except Exception as error:  # zipfile, zlib, struct and NumPy name no common class
            _log.warning("Own images of a training are damaged: %s", error)
            return None
        return mixture if mixture.digest == digest else None


def _file_name(visit: str, digest: str) -> str:
    return f"{visit}-{digest[:40]}"
