"""One class: who is in it, what it does together, and what has come of that, until it is forgotten.

Host and members are known by the name of their visit only, a long random number that nobody else sees.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, Literal, TypeVar

from mnist_core.boards import Board
from mnist_core.guards import Guard, State
from mnist_core.polls import Clock, PollQuestion, Polls, PollView
from mnist_core.walls import Asked, Wall

Activity = Literal["nothing", "poll", "wall"]
T = TypeVar("T")

MAX_MEMBERS: Final = 400
ROOM_SECONDS: Final = 3 * 3600.0
HOST_AWAY_SECONDS: Final = 45 * 60.0
HOST_SEEN_SECONDS: Final = 60.0
"""How often it is noted that the host is there: with several servers each note is a file written."""
_MAX_KEPT: Final = 8


class RoomError(ValueError):
    """A room cannot be opened or joined; the message says why, in one sentence."""


class Room:
    """One class; safe to use from several threads.

    Attributes:
        code: What members type.
        host: The visit that opened it.
        polls: Its polls.
        wall: Its drawings.
        board: Its challenge board.

    Args:
        code: What members type.
        host: The visit that opened it.
        clock: The time.
        guard: Lets one at a time change it, and keeps it where other servers see it, if there are any.
    """

    def __init__(self, code: str, host: str, clock: Clock, guard: Guard | None = None) -> None:
        self.code = code
        self.host = host
        self._guard = guard or Guard()
        self.polls = Polls(clock, guard=self._guard)
        self.wall = Wall(self._guard)
        self.board = Board(self._guard)
        self._clock = clock
        self._keeping = threading.Lock()
        self._members: set[str] = set()
        self._opened = self._host_seen = clock()
        self._activity: Activity = "nothing"
        self._kept: OrderedDict[Hashable, object] = OrderedDict()
        self._is_ended = False
        self._guard.keep(self)

    @property
    def is_ended(self) -> bool:
        """Whether it has been forgotten."""
        with self._guard.reading():
            return self._is_ended

    @property
    def n_members(self) -> int:
        """Visits that have joined and not left."""
        with self._guard.reading():
            return len(self._members)

    @property
    def activity(self) -> Activity:
        """What the class does now."""
        with self._guard.reading():
            return self._activity

    def has_member(self, visit: str) -> bool:
        """Whether a visit has joined and not left."""
        with self._guard.reading():
            return visit in self._members

    @property
    def seconds_left(self) -> float:
        """Until it ends by itself if the host does not come back."""
        now = self._clock()
        with self._guard.reading():
            return max(0.0, min(self._opened + ROOM_SECONDS, self._host_seen + HOST_AWAY_SECONDS) - now)

    def see_host(self) -> None:
        """The host has been here."""
        now = self._clock()
        with self._guard.reading():
            if now - self._host_seen < HOST_SEEN_SECONDS:
                return
        with self._guard.changing():
            self._host_seen = now

    def admit(self, member: str) -> None:
        """Let a visit in.

        Raises:
            RoomError: The room is full.
        """
        if self.has_member(member):
            return
        with self._guard.changing():
            if member not in self._members and len(self._members) >= MAX_MEMBERS:
                raise RoomError(f"This room is full: it holds {MAX_MEMBERS} people.")
            self._members.add(member)

    def dismiss(self, member: str) -> None:
        """A visit leaves; what it answered, drew and entered stays, because it bears no name."""
        with self._guard.changing():
            self._members.discard(member)

    def ask(self, question: PollQuestion, is_hidden: bool = False) -> PollView:
        """Open a poll, which is what the class does from now on."""
        with self._guard.changing():
            self.wall.stop()
            self._activity = "poll"
            return self.polls.open(question, is_hidden)

    def ask_for_drawings(self, asked: Asked) -> None:
        """Ask for a digit, 0 to 9, or for all ten in turn, which is what the class does from now on.

        Raises:
            ValueError: It is no digit.
        """
        with self._guard.changing():
            self.wall.ask(asked)
            self.polls.close()
            self._activity = "wall"

    def rest(self) -> None:
        """The class does nothing together."""
        with self._guard.changing():
            self.polls.close()
            self.wall.stop()
            self._activity = "nothing"

    def kept(self, key: Hashable, build: Callable[[], T]) -> T:
        """Something made of the room's contents, such as a picture; made once, forgotten with the room."""
        with self._keeping:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]  # type: ignore[return-value]
        made = build()
        with self._keeping:
            if not self._is_ended:
                self._kept[key] = made
            while len(self._kept) > _MAX_KEPT:
                self._kept.popitem(last=False)
        return made

    def forget(self) -> None:
        """End it: everything in it is gone, also for who still holds it."""
        self._guard.let_go()
        with self._keeping:
            self._is_ended = True
            self._kept.clear()
        with self._guard.changing():
            self._members.clear()
            self._activity = "nothing"
            for part in (self.polls, self.wall, self.board):
                part.clear()

    def state(self) -> State:
        """The whole room, as plain values; what `kept` made is made again elsewhere."""
        return {
            "code": self.code,
            "host": self.host,
            "members": sorted(self._members),
            "opened": self._opened,
            "host_seen": self._host_seen,
            "activity": self._activity,
            "polls": self.polls.state(),
            "wall": self.wall.state(),
            "board": self.board.state(),
        }

    def restore(self, state: State) -> None:
        """Be the room that `state` described; its code stays."""
        self.host, self._members = str(state["host"]), set(state["members"])
        self._opened, self._host_seen = float(state["opened"]), float(state["host_seen"])
        self._activity = state["activity"]
        self.polls.restore(state["polls"])
        self.wall.restore(state["wall"])
        self.board.restore(state["board"])
