"""Who is in a class: who has joined and looks, who has been away and may come back, and who was put out.

A member's name is a secret of its browser. The lecturer sees a number instead, in the order of joining.
"""

from collections import OrderedDict
from dataclasses import asdict, dataclass
from typing import Final

from mnist_core.bounds import ABSENT_SECONDS, MAX_FORMER, MAX_MEMBERS, MAX_PUT_OUT
from mnist_core.classroom.guards import Guard, RoomState
from mnist_core.classroom.polls import Clock

PRESENT_SECONDS: Final = 30.0
"""A member is here now who has looked within so many seconds; a phone looks every other second."""
NOTED_SECONDS: Final = 10.0
"""How often the looks of all members are noted together: with several servers each note is a file written."""


class RoomError(ValueError):
    """A room cannot be opened or joined; the message says why and what to do."""


@dataclass
class _Member:
    number: int
    joined_at: float
    seen_at: float


@dataclass(frozen=True)
class MemberView:
    """A member as the lecturer sees it.

    Attributes:
        number: 1 for whoever joined first.
        joined_seconds: Seconds since then.
        is_present: Whether it has looked within `PRESENT_SECONDS`.
        n_answers: Polls that it has answered.
        n_drawings: Drawings that it has on the wall.
    """

    number: int
    joined_seconds: float
    is_present: bool
    n_answers: int = 0
    n_drawings: int = 0


class Members:
    """The members of one room, safe to use from several threads.

    Args:
        clock: The time.
        guard: Of the room.
    """

    def __init__(self, clock: Clock, guard: Guard) -> None:
        self._clock, self._guard = clock, guard
        self._n_joined = 0
        self._members: dict[str, _Member] = {}
        self._former: OrderedDict[str, _Member] = OrderedDict()
        self._put_out: OrderedDict[str, int] = OrderedDict()
        self._is_locked = False
        self._looks: dict[str, float] = {}  # of this server, not noted yet
        self._noted_at = clock()

    def __len__(self) -> int:
        """How many have joined and not left, also those who are away for a while."""
        with self._guard.reading():
            return len(self._members)

    @property
    def n_present(self) -> int:
        """How many have looked within `PRESENT_SECONDS`."""
        with self._guard.reading():
            now = self._clock()
            return sum(now - self._seen_at(name) <= PRESENT_SECONDS for name in self._members)

    @property
    def is_locked(self) -> bool:
        """Whether no one else is let in."""
        with self._guard.reading():
            return self._is_locked

    @property
    def n_put_out(self) -> int:
        """How many may not come back."""
        with self._guard.reading():
            return len(self._put_out)

    def lock(self, is_locked: bool) -> None:
        """Let nobody else in, or anybody again; members stay, and may be away for a while."""
        with self._guard.changing():
            self._is_locked = is_locked

    def has(self, name: str) -> bool:
        """Whether somebody is a member."""
        with self._guard.reading():
            return name in self._members

    def knows(self, name: str) -> bool:
        """Whether somebody is a member, or has made room and may come back."""
        with self._guard.reading():
            return name in self._members or name in self._former

    def is_put_out(self, name: str) -> bool:
        """Whether somebody was put out and may not come back."""
        with self._guard.reading():
            return name in self._put_out

    def look(self, name: str) -> bool:
        """Note that somebody looks; whether it is a member, or has come back and is one again."""
        now = self._clock()
        with self._guard.reading():
            if name not in self._members and name not in self._former:
                return False
            if name in self._members:
                self._looks[name] = now
                if now - self._noted_at < NOTED_SECONDS:
                    return True
        with self._guard.changing():
            self._note(now)
            if name in self._former and name not in self._members and self._has_place(now):
                self._members[name] = self._former.pop(name)
                self._members[name].seen_at = now
            return name in self._members

    def admit(self, name: str) -> None:
        """Let somebody in.

        Raises:
            RoomError: The room is locked or full, or who comes was put out of it.
        """
        if self.look(name):
            return
        now = self._clock()
        with self._guard.changing():
            if name in self._put_out:
                raise RoomError(
                    "Your lecturer has put this phone out of the class. If that was a mistake, say so."
                )
            if self._is_locked and name not in self._former:
                raise RoomError(
                    "This class is locked: no one else is let in. Ask your lecturer to unlock it."
                )
            self._note(now)
            if not self._has_place(now):
                raise RoomError(
                    f"This class is full: {MAX_MEMBERS} people are in it. Try again in two minutes, when "
                    "somebody may have left."
                )
            self._n_joined += 1
            self._members[name] = _Member(self._n_joined, now, now)

    def dismiss(self, name: str) -> None:
        """Somebody leaves; nothing changes if who leaves is no member."""
        if not self.knows(name):
            return
        with self._guard.changing():
            self._members.pop(name, None)
            self._former.pop(name, None)

    def put_out(self, name: str) -> None:
        """Let somebody go and not come back."""
        with self._guard.changing():
            member = self._members.get(name) or self._former.get(name)
            self.dismiss(name)
            self._put_out[name] = 0 if member is None else member.number
            while len(self._put_out) > MAX_PUT_OUT:
                self._put_out.popitem(last=False)

    def forgive(self) -> None:
        """Let all who were put out join again."""
        with self._guard.changing():
            self._put_out.clear()

    def names_of(self, numbers: set[int]) -> list[str]:
        """The names of the members with these numbers."""
        with self._guard.reading():
            return [name for name, member in self._members.items() if member.number in numbers]

    def view(self) -> dict[str, MemberView]:
        """All members by name, those who joined first before the others."""
        with self._guard.reading():
            now = self._clock()
            views = {
                name: MemberView(
                    member.number, now - member.joined_at, now - self._seen_at(name) <= PRESENT_SECONDS
                )
                for name, member in self._members.items()
            }
        return dict(sorted(views.items(), key=lambda pair: pair[1].number))

    def clear(self) -> None:
        """Forget all members, also those who left or were put out."""
        with self._guard.changing():
            self._members.clear()
            self._former.clear()
            self._put_out.clear()
            self._looks.clear()

    def state(self) -> RoomState:
        """Everybody, as plain values."""
        return {
            "n_joined": self._n_joined,
            "members": {name: asdict(member) for name, member in self._members.items()},
            "former": {name: asdict(member) for name, member in self._former.items()},
            "put_out": dict(self._put_out),
            "is_locked": self._is_locked,
        }

    def restore(self, state: RoomState) -> None:
        """Be the members that `state` described."""
        self._n_joined, self._is_locked = int(state["n_joined"]), bool(state["is_locked"])
        self._members = {name: _Member(**member) for name, member in state["members"].items()}
        self._former = OrderedDict((name, _Member(**member)) for name, member in state["former"].items())
        self._put_out = OrderedDict(state["put_out"])

    def _seen_at(self, name: str) -> float:
        return max(self._members[name].seen_at, self._looks.get(name, 0.0))

    def _note(self, now: float) -> None:
        for name in self._members:
            self._members[name].seen_at = self._seen_at(name)
        self._looks.clear()
        self._noted_at = now

    def _has_place(self, now: float) -> bool:
        """Whether one more can be let in, after the member who was absent for longest made room."""
        if len(self._members) < MAX_MEMBERS:
            return True
        name = min(self._members, key=self._seen_at)
        if now - self._seen_at(name) <= ABSENT_SECONDS:
            return False
        self._former[name] = self._members.pop(name)
        while len(self._former) > MAX_FORMER:
            self._former.popitem(last=False)
        return True
