"""Time that was spent on work: neither waiting for others nor asleep with the whole machine."""

import time
from collections.abc import Callable
from typing import Final

PAUSE_SECONDS: Final = 10.0
"""A lap that is longer than this, and than `PAUSE_FACTOR` laps before it, was a pause of the machine."""
PAUSE_FACTOR: Final = 20.0


class Stopwatch:
    """Adds up laps, such as chunks of updates.

    Args:
        clock: Seconds that go on steadily.

    Attributes:
        seconds: Of all laps.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._mark = clock()
        self._n_laps = 0
        self.seconds = 0.0

    def skip(self) -> None:
        """Begin a lap; what has passed since the last one does not count."""
        self._mark = self._clock()

    def lap(self) -> None:
        """End a lap and begin the next; one that lasted absurdly long counts as an average one."""
        now = self._clock()
        lap, self._mark = now - self._mark, now
        usual = self.seconds / self._n_laps if self._n_laps else 0.0
        self._n_laps += 1
        self.seconds += usual if lap > max(PAUSE_SECONDS, PAUSE_FACTOR * usual) else lap
