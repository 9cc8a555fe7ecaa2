"""Files that are made at a press and fetched right after: how long they stay.

Streamlit forgets a file that no page shows as soon as two runs have ended, whoever's they are. In a hall of
100 phones that is sooner than a browser can ask for it.
"""

import time
from typing import Final

from streamlit.runtime import media_file_manager
from streamlit.runtime.media_file_manager import MediaFileMetadata
from streamlit.runtime.media_file_storage import MediaFileKind

KEPT_SECONDS: Final = 60.0


class KeptAWhile(MediaFileMetadata):
    """What Streamlit notes of a file; of one to download, that it may go only when it is old enough."""

    def __init__(self, kind: MediaFileKind) -> None:
        super().__init__(kind)
        self._made = time.monotonic()

    def mark_for_delete(self) -> None:
        """Let it go with the next run, or keep it for now."""
        if time.monotonic() - self._made > KEPT_SECONDS:
            super().mark_for_delete()


def keep_a_while() -> None:
    """Have Streamlit note it of each file from now on."""
    media_file_manager.MediaFileMetadata = KeptAWhile  # type: ignore[assignment, misc]
