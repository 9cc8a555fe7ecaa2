"""The runs of a class: what its members have trained, and how well each network reads its validation images.

A run enters by itself when its member's page sees that it has ended. Equal configs are the same network, so
each is kept once, whoever trained it first. Whose a run is stays here; nothing that is shown says it.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from mnist_core.bounds import MAX_CLASS_RUNS, MAX_CLASS_RUNS_OF_ONE
from mnist_core.classroom.guards import Guard, IsMember, RoomState, anybody
from mnist_core.classroom.polls import Clock
from mnist_core.config import RunConfig

STEP_SECONDS: Final = 10.0
"""In which phones are shown new runs: each change is a run of the page for every one of them."""

NO_RUNS: Final[RoomState] = {"revision": 0, "runs": []}
"""The state of a class in which nothing has been trained."""


@dataclass(frozen=True)
class ClassRun:
    """A network that somebody in the class has trained.

    Attributes:
        config: Of the run; for one that was paused, with as many epochs as it has done.
        validation_accuracy: On its own validation images, 0 to 1; never on test images.
    """

    config: RunConfig
    validation_accuracy: float


@dataclass(frozen=True)
class _Entry:
    """A run with the member who was the first to train it, and its config as JSON."""

    member: str
    run: ClassRun
    text: str

    @classmethod
    def of(cls, member: str, run: ClassRun) -> "_Entry":
        return cls(member, run, json.dumps(run.config.to_dict(), separators=(",", ":")))

    @classmethod
    def read(cls, member: str, text: str, accuracy: float) -> "_Entry":
        return cls(member, ClassRun(RunConfig.from_dict(json.loads(text)), float(accuracy)), text)


@dataclass(frozen=True)
class RunsView:
    """The runs at one moment.

    Attributes:
        revision: Grows with every change.
        runs: In the order in which they entered.
    """

    revision: int
    runs: tuple[ClassRun, ...]

    @property
    def is_full(self) -> bool:
        """Whether no more are taken."""
        return len(self.runs) >= MAX_CLASS_RUNS


class Runs:
    """The runs of one room, safe to use from several threads.

    Args:
        clock: The time.
        guard: Of the room.
        is_member: Says whose runs enter.
    """

    def __init__(self, clock: Clock, guard: Guard | None = None, is_member: IsMember = anybody) -> None:
        self._clock, self._is_member = clock, is_member
        self._guard = guard or Guard()
        self._revision = 0
        self._entries: dict[RunConfig, _Entry] = {}
        self._settled, self._settled_at = 0, -math.inf

    def add(self, member: str, runs: Sequence[ClassRun]) -> int:
        """Take runs in, as far as there is room; those that are here already change nothing.

        Args:
            member: Who trained them; of somebody who is no member none is taken.
            runs: The earlier ones first.

        Returns:
            How many have entered.
        """
        with self._guard.reading():
            if all(run.config in self._entries for run in runs):
                return 0
        with self._guard.changing():
            if not self._is_member(member):
                return 0
            n_own = sum(entry.member == member for entry in self._entries.values())
            n_free = min(MAX_CLASS_RUNS - len(self._entries), MAX_CLASS_RUNS_OF_ONE - n_own)
            new = {run.config: _Entry.of(member, run) for run in runs if run.config not in self._entries}
            taken = list(new)[: max(0, n_free)]
            self._entries |= {config: new[config] for config in taken}
            self._revision += len(taken)
            return len(taken)

    def remove_all_of(self, member: str) -> None:
        """Take out every run that a member was the first to train."""
        with self._guard.changing():
            kept = {config: entry for config, entry in self._entries.items() if entry.member != member}
            self._revision += len(self._entries) - len(kept)
            self._entries = kept

    def view(self) -> RunsView:
        """The runs as they are now."""
        with self._guard.reading():
            return RunsView(self._revision, tuple(entry.run for entry in self._entries.values()))

    @property
    def settled_revision(self) -> int:
        """The revision that phones are shown: the latest one, but another one every ten seconds at most."""
        now = self._clock()
        with self._guard.reading():
            if self._settled != self._revision and now - self._settled_at >= STEP_SECONDS:
                self._settled, self._settled_at = self._revision, now
            return self._settled

    def clear(self) -> None:
        """Forget the runs of all members."""
        with self._guard.changing():
            self._entries.clear()
            self._revision += 1

    def state(self) -> RoomState:
        """All runs, as plain values; each config is a text, made once."""
        runs = [[entry.member, entry.text, entry.run.validation_accuracy] for entry in self._entries.values()]
        return {"revision": self._revision, "runs": runs}

    def restore(self, state: RoomState) -> None:
        """Have the runs that `state` described; those that are here already are not read again."""
        known = {(entry.text, entry.run.validation_accuracy): entry for entry in self._entries.values()}
        entries = [
            replace(known[text, accuracy], member=member)
            if (text, accuracy) in known
            else _Entry.read(member, text, accuracy)
            for member, text, accuracy in state["runs"]
        ]
        self._entries = {entry.run.config: entry for entry in entries}
        self._revision = int(state["revision"])
