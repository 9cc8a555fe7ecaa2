"""How many files and connections the server may have open, and for how many phones that is enough."""

import logging
import sys
from typing import Final

from mnist_core.bounds import MAX_OPEN_FILES

FILES_OF_SESSION: Final = 4
"""The websocket, and three of the event loop that Streamlit makes for each session."""
FILES_OF_LEFT: Final = 3
MAX_LEFT: Final = 128
"""Sessions that have left and are kept for a while, should they return."""
FILES_OF_SERVER: Final = 40
N_EXPECTED: Final = 300
"""Phones in a large lecture hall."""
_log = logging.getLogger(__name__)


def n_phones(limit: int | None = None) -> int:
    """How many phones can be here at the same time.

    Args:
        limit: Files that may be open; None asks the system.
    """
    if limit is None:
        limit = _limit()
    return max(0, (limit - FILES_OF_SERVER - FILES_OF_LEFT * MAX_LEFT) // FILES_OF_SESSION)


def raise_limit() -> None:
    """Let the server open as many files as the system allows; the log says if they are too few."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_OPEN_FILES)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            try:
                resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            except (OSError, ValueError) as error:
                _log.warning("The limit of open files stays at %d: %s", soft, error)
    if n_phones() < N_EXPECTED:
        _log.warning(
            "This system lets the dashboard open %d files, which is enough for %d phones at a time. "
            "For more, raise the limit with `ulimit -n` before the start.",
            _limit(), n_phones(),
        )  # fmt: skip


def _limit() -> int:
    """Files that may be open at the moment."""
    if sys.platform == "win32":
        return MAX_OPEN_FILES  # sockets there are no files, and have no limit of their own
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_OPEN_FILES if soft == resource.RLIM_INFINITY else soft
