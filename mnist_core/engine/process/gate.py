"""One training computes at a time, the most urgent first; the others pause in the middle of their work.

A training process has several threads, but two trainings at once would only slow each other down. Each passes
the gate, and lets go of it between two chunks of updates when a more urgent one waits.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

PATIENCE_SECONDS: Final = 10.0
"""After which one that waits at the gate has a turn, however little urgent it is."""
TURN_SECONDS: Final = 1.0
"""How long such a turn lasts at least."""
LOOK_SECONDS: Final = 0.2
"""Between two looks, while it waits, at whether it was stopped."""


class Gate:
    """Lets one thread through at a time; a lower rank is more urgent.

    Args:
        clock: Seconds that go on steadily.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._waiting: dict[int, tuple[int, float]] = {}  # pass → its rank, and since when it waits
        self._holder: int | None = None
        self._held_since = 0.0
        self._n_passes = 0

    @contextmanager
    def through(self, rank: int, is_stopped: Callable[[], bool]) -> Iterator[Callable[[], None]]:
        """Wait for the gate and hold it.

        Args:
            rank: Of what is done behind it.
            is_stopped: Whether there is nothing to wait for any more: then it goes on without the gate.

        Yields:
            What lets others through for as long as they are more urgent; to be called between two chunks.
        """
        with self._changed:
            self._n_passes += 1
            me = self._n_passes
            self._wait(me, rank, is_stopped)
        try:
            yield lambda: self._give_way(me, rank, is_stopped)
        finally:
            with self._changed:
                if self._holder == me:
                    self._hand_over()

    def _give_way(self, me: int, rank: int, is_stopped: Callable[[], bool]) -> None:
        with self._changed:
            if self._holder != me or self._clock() - self._held_since < TURN_SECONDS:
                return
            if self._is_wanted(rank):
                self._hand_over()
                self._wait(me, rank, is_stopped)

    def _is_wanted(self, rank: int) -> bool:
        urgent = (other < rank for other, _ in self._waiting.values())
        return any(urgent) or any(map(self._is_late, self._waiting.values()))

    def _is_late(self, waiting: tuple[int, float]) -> bool:
        return self._clock() - waiting[1] > PATIENCE_SECONDS

    def _wait(self, me: int, rank: int, is_stopped: Callable[[], bool]) -> None:
        self._waiting[me] = rank, self._clock()
        if self._holder is None:
            self._hand_over()
        while not self._changed.wait_for(lambda: self._holder == me, timeout=LOOK_SECONDS):
            if is_stopped():
                del self._waiting[me]
                return

    def _hand_over(self) -> None:
        """Give the gate to whoever has waited too long, or else to the most urgent."""

        def order(name: int) -> tuple[bool, int, float]:
            rank, since = self._waiting[name]
            is_late = self._is_late((rank, since))
            return not is_late, 0 if is_late else rank, since

        self._holder = min(self._waiting, key=order, default=None)
        if self._holder is not None:
            del self._waiting[self._holder]
            self._held_since = self._clock()
        self._changed.notify_all()
