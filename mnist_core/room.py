"""One class: who is in it, what it does together, and what has come of that, until it is forgotten.

Host and members are known by the name of their visit only, a long random number that nobody else sees.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, Literal, TypeVar

from mnist_core.boards import Board
from mnist_core.polls import Clock, PollQuestion, Polls, PollView
from mnist_core.walls import Asked, Wall

Activity = Literal["nothing", "poll", "wall"]
T = TypeVar("T")

MAX_MEMBERS: Final = 400
ROOM_SECONDS: Final = 3 * 3600.0
HOST_AWAY_SECONDS: Final = 45 * 60.0
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
    """

    def __init__(self, code: str, host: str, clock: Clock) -> None:
        self.code = code
        self.host = host
        self.polls = Polls(clock)
        self.wall = Wall()
        self.board = Board()
        self._clock = clock
        self._lock = threading.Lock()
        self._members: set[str] = set()
        self._opened = self._host_seen = clock()
        self._activity: Activity = "nothing"
        self._kept: OrderedDict[Hashable, object] = OrderedDict()
        self._is_ended = False

    @property
    def is_ended(self) -> bool:
        """Whether it has been forgotten."""
        return self._is_ended

    @property
    def n_members(self) -> int:
        """Visits that have joined and not left."""
        return len(self._members)

    @property
    def activity(self) -> Activity:
        """What the class does now."""
        return self._activity

    @property
    def seconds_left(self) -> float:
        """Until it ends by itself if the host does not come back."""
        now = self._clock()
        return max(0.0, min(self._opened + ROOM_SECONDS, self._host_seen + HOST_AWAY_SECONDS) - now)

    def see_host(self) -> None:
        """The host has been here."""
        self._host_seen = self._clock()

    def admit(self, member: str) -> None:
        """Let a visit in.

        Raises:
            RoomError: The room is full.
        """
        with self._lock:
            if member not in self._members and len(self._members) >= MAX_MEMBERS:
                raise RoomError(f"This room is full: it holds {MAX_MEMBERS} people.")
            self._members.add(member)

    def dismiss(self, member: str) -> None:
        """A visit leaves; what it answered, drew and entered stays, because it bears no name."""
        with self._lock:
            self._members.discard(member)

    def ask(self, question: PollQuestion, is_hidden: bool = False) -> PollView:
        """Open a poll, which is what the class does from now on."""
        self.wall.stop()
        self._activity = "poll"
        return self.polls.open(question, is_hidden)

    def ask_for_drawings(self, asked: Asked) -> None:
        """Ask for a digit, 0 to 9, or for all ten in turn, which is what the class does from now on.

        Raises:
            ValueError: It is no digit.
        """
        self.wall.ask(asked)
        self.polls.close()
        self._activity = "wall"

    def rest(self) -> None:
        """The class does nothing together."""
        self.polls.close()
        self.wall.stop()
        self._activity = "nothing"

    def kept(self, key: Hashable, build: Callable[[], T]) -> T:
        """Something made of the room's contents, such as a picture; made once, forgotten with the room."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]  # type: ignore[return-value]
        made = build()
        with self._lock:
            if not self._is_ended:
                self._kept[key] = made
            while len(self._kept) > _MAX_KEPT:
                self._kept.popitem(last=False)
        return made

    def forget(self) -> None:
        """End it: everything in it is gone, also for who still holds it."""
        with self._lock:
            self._is_ended = True
            self._members.clear()
            self._kept.clear()
        self._activity = "nothing"
        for part in (self.polls, self.wall, self.board):
            part.clear()
