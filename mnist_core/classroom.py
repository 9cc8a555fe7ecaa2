"""Rooms: a lecturer's class on this server, found by a short code, forgotten when the lecture is over.

Whoever opens a room hosts it. Everything is in memory, within limits, and goes with the room. `Classrooms` is
what a page needs; the one of `shared_classes` has the same rooms on several servers.
"""

import secrets
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from mnist_core.polls import Clock
from mnist_core.room import Room, RoomError

LETTERS: Final = "BDHJMNPRTVWXZ"
"""Of codes: no two look alike, and without vowels and some others they spell nothing."""
CODE_LENGTH: Final = 4
MAX_ROOMS: Final = 20
TRY_SECONDS: Final = 60.0
MAX_WRONG_TRIES: Final = 5
"""Wrong codes a visit may try in `TRY_SECONDS`: with 13⁴ codes, guessing finds a room in weeks."""
_MAX_TRIERS: Final = 2_000


class Classrooms:
    """All rooms of one server; safe to use from several threads.

    Args:
        clock: The time.
        draw_code: Gives a code at random.
    """

    def __init__(self, clock: Clock, draw_code: Callable[[], str] | None = None) -> None:
        self._clock = clock
        self._draw_code = draw_code or random_code
        self._lock = threading.RLock()
        self._rooms: dict[str, Room] = {}
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()

    def open(self, host: str) -> Room:
        """A room of a visit's own; the one it hosts already, if there is one.

        Raises:
            RoomError: There are as many rooms as a server may have.
        """
        with self._lock, self._opening():
            if (room := self.hosted(host)) is not None:
                return room
            if len(self._rooms) >= MAX_ROOMS:
                raise RoomError(
                    f"{MAX_ROOMS} rooms are open on this server, and no more are. Try again later."
                )
            self.leave(host)
            code = self._draw_code()
            while code in self._rooms:
                code = self._draw_code()
            self._rooms[code] = self._made(code, host)
            return self._rooms[code]

    def hosted(self, host: str) -> Room | None:
        """The room that a visit hosts; that it looks keeps the room open."""
        with self._lock:
            self.sweep()
            room = next((room for room in self._rooms.values() if room.host == host), None)
            if room is not None:
                room.see_host()
            return room

    def close(self, host: str) -> None:
        """End the room that a visit hosts; nothing happens if it hosts none."""
        with self._lock:
            if (room := self.hosted(host)) is not None:
                self._forget(room)

    def join(self, code: str, visit: str) -> Room:
        """Enter the room of this code, in any case and with spaces anywhere; another room is left.

        Raises:
            RoomError: There is no such room, it is full or the visit's own, or there were many wrong codes.
        """
        with self._lock:
            self.sweep()
            self._check_tries(visit)
            room = self._rooms.get("".join(code.split()).upper())
            if room is None:
                self._wrong.setdefault(visit, deque(maxlen=MAX_WRONG_TRIES)).append(self._clock())
                raise RoomError("There is no class with this code. Codes have four letters; look again.")
            if room.host == visit:
                raise RoomError("This is your own class. To see what your students see, join in another tab.")
            room.admit(visit)
            self._leave(visit, but=room)
            return room

    def joined(self, visit: str) -> Room | None:
        """The room that a visit has joined, while it lasts."""
        with self._lock:
            self.sweep()
            return next((room for room in self._rooms.values() if room.has_member(visit)), None)

    def leave(self, visit: str) -> None:
        """Leave the room that was joined; nothing happens if none was."""
        with self._lock:
            self._leave(visit)

    def sweep(self) -> int:
        """Forget rooms whose time is up; how many are left."""
        with self._lock:
            self._look()
            for room in [room for room in self._rooms.values() if room.seconds_left <= 0]:
                self._forget(room)
            return len(self._rooms)

    def _forget(self, room: Room) -> None:
        del self._rooms[room.code]
        room.forget()

    def _leave(self, visit: str, but: Room | None = None) -> None:
        for room in self._rooms.values():
            if room is not but and room.has_member(visit):
                room.dismiss(visit)

    def _look(self) -> None:
        """Know the rooms that other servers have opened and closed; in memory there are none."""

    def _made(self, code: str, host: str) -> Room:
        """A new room."""
        return Room(code, host, self._clock)

    def _opening(self) -> AbstractContextManager[object]:
        """Held while a room is opened, against others that do so at the same time."""
        return nullcontext()

    def _check_tries(self, visit: str) -> None:
        now = self._clock()
        tries = self._wrong.get(visit, ())
        if sum(now - moment < TRY_SECONDS for moment in tries) >= MAX_WRONG_TRIES:
            raise RoomError(f"Those were {MAX_WRONG_TRIES} wrong codes. Wait a minute, then try again.")
        while len(self._wrong) > _MAX_TRIERS:
            self._wrong.popitem(last=False)


def random_code() -> str:
    """Four letters that nobody can foresee."""
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
