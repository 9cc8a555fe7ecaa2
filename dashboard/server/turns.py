"""Turns of the phones of a class: few of their pages run at once, and none while a lecturer's is drawn.

Python lets one thread at a time compute, so each page that runs makes all others slower.
"""

import asyncio
import time
from typing import Final

from dashboard.server.held import held
from mnist_core.bounds import LOOKS_AT_ONCE

PAUSE_SECONDS: Final = 0.15
"""For which no phone is shown news after its lecturer has pressed something."""
PAGE_SECONDS: Final = 2.0
"""The same while a lecturer's page is drawn, at most."""
_LOOK_SECONDS: Final = 0.02
"""Between two looks whether a pause has ended."""


class Turns:
    """Lets few look at once, and none for a moment after a lecturer has done something."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(LOOKS_AT_ONCE)
        self._paused_until = 0.0

    async def acquire(self) -> None:
        """Wait for a turn."""
        await self._free.acquire()
        try:
            while (rest := self._paused_until - time.monotonic()) > 0:
                await asyncio.sleep(min(rest, _LOOK_SECONDS))
        except asyncio.CancelledError:
            self._free.release()
            raise

    def release(self) -> None:
        """End a turn, so that another connection may have one."""
        self._free.release()

    def pause(self, *, is_page: bool) -> None:
        """Give no turns for a while, because a lecturer has pressed something.

        Args:
            is_page: Whether that draws a whole page, whose end is told by `resume`.
        """
        self._paused_until = time.monotonic() + (PAGE_SECONDS if is_page else PAUSE_SECONDS)

    def resume(self) -> None:
        """Give turns again."""
        self._paused_until = 0.0


@held
def turns() -> Turns:
    """The turns of this server, shared by all its connections."""
    return Turns()
