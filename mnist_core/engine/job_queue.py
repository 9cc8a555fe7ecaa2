"""Which waiting training goes next: visitors take turns, short trainings first, and nothing waits for ever.

Analyses of trained networks wait here, too, and count like trainings: only their lane is another one.

Each entry has a cost: the seconds its visitors had lately, plus its own, minus those it has waited. The
lowest goes first. Nobody who arrives later has a cost below 0, so that whatever has waited as long as its
visitors had, and as it takes, is overtaken no more. A queue knows no Dask; its owner holds a lock.
"""

import math
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import IntEnum
from operator import itemgetter
from typing import Final

from mnist_core.bounds import MAX_WAITING, MAX_WAITING_SECONDS, MAX_WAITING_SECONDS_OF_ONE
from mnist_core.engine.jobs import EngineBusyError

HALF_LIFE_SECONDS: Final = 300.0
"""After which a visitor's past trainings count half."""


class Lane(IntEnum):
    """How long a training takes; one of each lane at a time runs on a worker, the shorter first.

    Analyses are handed out by themselves (`analyses`), and computed before all trainings.
    """

    ANALYSIS = -1
    PINNED = 0
    SHORT = 1
    MEDIUM = 2
    LONG = 3


_LATER: Final = "Try again in a moment; your settings stay as they are."


@dataclass(frozen=True)
class _Kind:
    """How a sentence calls what waits: `wait` follows a number, `take_too_long` is a whole sentence."""

    name: str
    wait: str
    take_too_long: str


_ANALYSES: Final = _Kind(
    "analysis",
    "analyses are waiting",
    f"The analyses that wait take {{hours}}, and no more are taken. {_LATER}",
)
_TRAININGS: Final = _Kind(
    "training",
    "networks are waiting to be trained",
    "The networks of this size that wait take {hours} to train, and no more are taken. Try a smaller network "
    "or fewer epochs, or try again later; your settings stay as they are.",
)
_LANE_SECONDS: Final = {Lane.SHORT: 20.0, Lane.MEDIUM: 300.0}


def lane_of(nominal_seconds: float, is_pinned: bool = False) -> Lane:
    """The lane of a training by its nominal seconds, which a slow machine does not change."""
    if is_pinned:
        return Lane.PINNED
    return next((lane for lane, most in _LANE_SECONDS.items() if nominal_seconds <= most), Lane.LONG)


@dataclass(frozen=True, eq=False)
class Entry:
    """A training or an analysis that waits.

    Attributes:
        job_id: Names it.
        lane: How long it takes, roughly.
        seconds: How long it takes, estimated.
        visitors: Who waits for it; may change meanwhile.
        since: When it began to wait.
        number: Its place in the order of arrival.
    """

    job_id: str
    lane: Lane
    seconds: float
    visitors: Collection[str]
    since: float
    number: int


class JobQueue:
    """Waiting trainings in the order in which they go.

    Args:
        max_waiting: How many may wait.
        clock: Seconds that go on steadily.
    """

    def __init__(self, max_waiting: int = MAX_WAITING, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_waiting, self._clock = max_waiting, clock
        self._entries: dict[str, Entry] = {}
        self._had: dict[str, tuple[float, float]] = {}  # visitor → seconds had, and when that was noted
        self._n_added = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._entries

    def check_room(self, visitor: str, lane: Lane, seconds: float) -> None:
        """Whether one more training or analysis may wait; a visitor's only one always may.

        Raises:
            EngineBusyError: There are too many.
        """
        kind = _ANALYSES if lane is Lane.ANALYSIS else _TRAININGS
        waiting = list(self._entries.values())
        n_waiting = sum((entry.lane is Lane.ANALYSIS) == (lane is Lane.ANALYSIS) for entry in waiting)
        if n_waiting >= self._max_waiting:
            raise EngineBusyError(f"{n_waiting} other {kind.wait}, and no more are taken. {_LATER}")
        own = sum(entry.seconds for entry in waiting if visitor and set(entry.visitors) == {visitor})
        if own and own + seconds > MAX_WAITING_SECONDS_OF_ONE:
            raise EngineBusyError(
                f"What you are waiting for takes about {own / 60:.0f} minutes to compute, and this "
                f"{kind.name} about {max(1, math.ceil(seconds / 60))} more; "
                f"at most {MAX_WAITING_SECONDS_OF_ONE / 60:.0f} minutes may wait. Stop a training, or try "
                "again when one is done. Your settings stay as they are."
            )
        in_lane = sum(entry.seconds for entry in waiting if entry.lane is lane)
        if in_lane and in_lane + seconds > MAX_WAITING_SECONDS:
            raise EngineBusyError(kind.take_too_long.format(hours=f"about {in_lane / 3600:.1f} hours"))

    def add(self, job_id: str, lane: Lane, seconds: float, visitors: Collection[str]) -> None:
        """Have a training wait; see `check_room`."""
        self._n_added += 1
        self._entries[job_id] = Entry(job_id, lane, seconds, visitors, self._clock(), self._n_added)

    def put_back(self, job_id: str, lane: Lane, seconds: float, visitors: Collection[str]) -> None:
        """Have a training that had begun wait again, ahead of all others of its lane."""
        self._n_added += 1
        self._entries[job_id] = Entry(job_id, lane, seconds, visitors, -math.inf, -self._n_added)

    def remove(self, job_id: str) -> None:
        """Have it wait no more."""
        self._entries.pop(job_id, None)

    def next(self, is_open: Callable[[Lane], bool] = lambda lane: True) -> Entry | None:
        """Take the entry that goes next out of the queue, and charge its visitors with its seconds.

        Args:
            is_open: Whether a training of a lane may begin now; asked once for each lane.
        """
        lanes = [lane for lane in Lane if is_open(lane)]
        allowed = [entry for entry in self._entries.values() if entry.lane in lanes]
        if not allowed:
            return None
        entry = min(allowed, key=self._order)
        del self._entries[entry.job_id]
        self.charge(entry.visitors, entry.seconds)
        return entry

    def charge(self, visitors: Collection[str], seconds: float) -> None:
        """Note that visitors had so many seconds together."""
        for visitor in list(visitors):
            self._had[visitor] = self.had(visitor) + seconds / len(visitors), self._clock()
        if len(self._had) > 2 * self._max_waiting:
            self._had = {name: had for name, had in self._had.items() if self.had(name) > 1}

    def had(self, visitor: str) -> float:
        """Seconds of training a visitor had lately."""
        seconds, noted = self._had.get(visitor, (0.0, 0.0))
        age = (self._clock() - noted) / HALF_LIFE_SECONDS
        return seconds * math.pow(0.5, age)

    def in_order(self) -> list[Entry]:
        """Who waits, the next first, if nobody else arrives: lane by lane, visitors taking turns."""
        taken: dict[str, float] = {}
        rows: list[tuple[Lane, float, int, Entry]] = []
        ordered = sorted(((self._order(entry), entry) for entry in self._entries.values()), key=itemgetter(0))
        for (_, cost, number), entry in ordered:
            share = min((taken.get(visitor, 0.0) for visitor in entry.visitors), default=0.0)
            for visitor in entry.visitors:
                taken[visitor] = taken.get(visitor, 0.0) + entry.seconds
            rows.append((entry.lane, share + cost, number, entry))
        return [entry for *_, entry in sorted(rows, key=lambda row: row[:3])]

    def _order(self, entry: Entry) -> tuple[bool, float, int]:
        had = min((self.had(visitor) for visitor in list(entry.visitors)), default=0.0)
        waited = self._clock() - entry.since
        return entry.lane is not Lane.PINNED, had + entry.seconds - waited, entry.number
