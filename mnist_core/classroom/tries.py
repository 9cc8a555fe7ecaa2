"""Wrong codes and words: how many may be typed, by one visit and by all visits of all servers together.

A visit costs a stranger nothing, so a bound for each visit holds nobody up. The bound for all of them is a
token bucket: a wrong code takes a token, and tokens come back at a fixed rate. While there are none, no code
is looked at, not even a right one; otherwise guessing would simply go on.
"""

import math
from collections import deque

from cachetools import LRUCache

from mnist_core.bounds import (
    MAX_GUESSING_VISITS,
    MAX_SAVED_WRONG_CODES,
    MAX_WRONG_TRIES,
    SECONDS_PER_WRONG_CODE,
    TRY_SECONDS,
)
from mnist_core.classroom.guards import Guard, RoomState
from mnist_core.classroom.polls import Clock


class Tries:
    """Counts wrong codes; whoever uses it lets one thread at a time check and count.

    Args:
        clock: The time.
        guard: Keeps what all visits share where other servers see it, if there are any.
    """

    def __init__(self, clock: Clock, guard: Guard | None = None) -> None:
        self._clock = clock
        self._guard = guard or Guard()
        self._by_visit: LRUCache[str, deque[float]] = LRUCache(MAX_GUESSING_VISITS)
        self._n_left, self._counted_at = float(MAX_SAVED_WRONG_CODES), clock()
        self._guard.attach(self)

    def visit_must_wait(self, visit: str) -> bool:
        """Whether this visit has typed all the wrong codes that it may for now."""
        now = self._clock()
        moments = self._by_visit.get(visit, ())
        return sum(now - moment < TRY_SECONDS for moment in moments) >= MAX_WRONG_TRIES

    @property
    def seconds_to_wait(self) -> int:
        """Until the next code is looked at, whoever types it; 0 if one is looked at now."""
        with self._guard.reading():
            n_left = self._refilled(self._clock())
        return 0 if n_left >= 1 else math.ceil((1 - n_left) * SECONDS_PER_WRONG_CODE)

    def count(self, visit: str) -> None:
        """A visit has typed a wrong code."""
        now = self._clock()
        self._by_visit.setdefault(visit, deque(maxlen=MAX_WRONG_TRIES)).append(now)
        with self._guard.changing():
            self._n_left, self._counted_at = self._refilled(now) - 1, now

    def state(self) -> RoomState:
        """What all visits share, as plain values."""
        return {"n_left": self._n_left, "counted_at": self._counted_at}

    def restore(self, state: RoomState) -> None:
        """Take over what `state` described."""
        self._n_left, self._counted_at = float(state["n_left"]), float(state["counted_at"])

    def forget(self) -> None:
        """Go on without the other servers, because what was shared with them is gone."""

    def _refilled(self, now: float) -> float:
        n_new = max(0.0, now - self._counted_at) / SECONDS_PER_WRONG_CODE
        return min(float(MAX_SAVED_WRONG_CODES), self._n_left + n_new)
