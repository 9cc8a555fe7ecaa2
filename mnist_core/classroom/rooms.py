"""Rooms: a lecturer's class on this server, found by a link or a short code, forgotten after the lecture.

Whoever opens a room hosts it. Everything is in memory, within limits, and goes with the room. `Classrooms` is
what a page needs; the one of `shared_rooms` has the same rooms on several servers.
"""

import secrets
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from mnist_core.bounds import ABSENT_SECONDS, CODE_LENGTH, MAX_ROOMS, MAX_WRONG_TRIES
from mnist_core.classroom.lead import LeadView
from mnist_core.classroom.members import RoomError
from mnist_core.classroom.polls import Clock
from mnist_core.classroom.room import HOST_SEEN_SECONDS, Room
from mnist_core.classroom.tries import Tries

LETTERS: Final = "BDHJMNPRTVWXZ"
"""Of codes: no two look alike, and without vowels and some others they spell nothing."""


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
        self._wrong_codes, self._wrong_words = Tries(clock), Tries(clock)

    def open(self, host: str) -> Room:
        """A room of a visit's own; the one it hosts already, if there is one.

        Raises:
            RoomError: The server has all the rooms that it may have.
        """
        with self._lock, self._opening():
            if (room := self.hosted(host)) is not None:
                return room
            if len(self._rooms) >= MAX_ROOMS:
                self._make_place()
            name = secrets.token_hex(16)
            self._rooms[name] = self._new_room(name, self._free_code(), host)
            return self._rooms[name]

    def check_word(self, word: str, typed: str, visit: str) -> None:
        """Let a visit open a class, because it knows the word that the server's owner has set.

        Raises:
            RoomError: It is not the word, or there were many wrong ones.
        """
        with self._lock:
            self._check(self._wrong_words, visit, "words", "The person who runs this server knows it.")
            if not secrets.compare_digest(word.encode(), typed.strip().encode(errors="replace")):
                self._wrong_words.count(visit)
                raise RoomError("This is not the word. Ask the person who runs this server.")

    def renew_code(self, host: str) -> None:
        """Give the room that a visit hosts another code and another link; its members stay."""
        with self._lock, self._opening():
            if (room := self.hosted(host)) is not None:
                room.renew(self._free_code())

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

    def join(self, code: str, member: str) -> Room:
        """Enter the room of this code, in any case and with spaces anywhere; another room is left.

        Raises:
            RoomError: There is no such room, it lets nobody in, or there were many wrong codes.
        """
        typed = "".join(code.split()).upper()
        with self._lock:
            self.sweep()
            room = next((room for room in self._rooms.values() if room.code == typed), None)
            if room is None or not room.members.has(member):
                self._check(self._wrong_codes, member, "codes", "Scan the QR code or open its link instead.")
            if room is None:
                self._wrong_codes.count(member)
                raise RoomError(
                    f"There is no class with this code. Codes have {CODE_LENGTH} letters: compare yours with "
                    "the lecturer's screen."
                )
            return self._enter(room, member)

    def join_by_link(self, link: str, member: str) -> Room:
        """Enter the room of this link; another room is left.

        Raises:
            RoomError: There is no such room, or it lets nobody in.
        """
        with self._lock:
            if (room := self.linked(link)) is None:
                raise RoomError("This link opens no class: the class has ended, or it has a new link.")
            return self._enter(room, member)

    def linked(self, link: str) -> Room | None:
        """The room of this link; links are long random numbers, so wrong ones are not counted."""
        with self._lock:
            self.sweep()
            rooms = self._rooms.values()
            return next(
                (
                    room
                    for room in rooms
                    if secrets.compare_digest(room.link.encode(), link.encode(errors="replace"))
                ),
                None,
            )

    def named(self, name: str) -> Room | None:
        """The room of this name, while it lasts."""
        with self._lock:
            self.sweep()
            return self._rooms.get(name)

    def leads(self) -> dict[str, LeadView]:
        """Where the lecturers of all rooms are, by the names of the rooms."""
        with self._lock:
            self.sweep()
            return {name: room.lead.view for name, room in self._rooms.items()}

    def joined(self, member: str, host: str = "") -> Room | None:
        """The room that a member has joined, while it lasts; that the member looks is noted.

        Args:
            member: Who looks.
            host: The visit in which it looks: while it hosts a room, it has joined none.
        """
        with self._lock:
            self.sweep()
            if host and any(room.host == host for room in self._rooms.values()):
                return None
            return next((room for room in self._rooms.values() if room.members.look(member)), None)

    def leave(self, member: str) -> None:
        """Leave the room that was joined; all but the answer to an open poll stays there."""
        with self._lock:
            for room in self._rooms.values():
                room.leave(member)

    @property
    def is_guessed(self) -> bool:
        """Whether so many wrong codes are typed that none is looked at now."""
        with self._lock:
            return self._wrong_codes.seconds_to_wait > 0

    def sweep(self) -> int:
        """Forget rooms whose time is up; how many are left."""
        with self._lock:
            self._read_folder()
            for room in [room for room in self._rooms.values() if room.seconds_left <= 0]:
                self._forget(room)
            return len(self._rooms)

    def _forget(self, room: Room) -> None:
        del self._rooms[room.name]
        room.forget()

    def _enter(self, room: Room, member: str) -> Room:
        if room.host == member:
            raise RoomError("This is your own class. To see what your students see, join on another device.")
        room.members.admit(member)
        for other in self._rooms.values():
            if other is not room:
                other.leave(member)
        return room

    def _make_place(self) -> None:
        """End the room that nobody has joined and whose host has been away for longest.

        Raises:
            RoomError: There is none.
        """
        empty = [room for room in self._rooms.values() if not room.n_members]
        room = max(empty, key=lambda room: room.seconds_without_host, default=None)
        if room is None or room.seconds_without_host <= ABSENT_SECONDS + HOST_SEEN_SECONDS:
            raise RoomError(
                f"{MAX_ROOMS} classes are open on this server, which is all that it holds. Try again in "
                "a few minutes."
            )
        self._forget(room)

    def _free_code(self) -> str:
        taken = {room.code for room in self._rooms.values()}
        code = self._draw_code()
        while code in taken:
            code = self._draw_code()
        return code

    @staticmethod
    def _check(tries: Tries, visit: str, kind: str, advice: str) -> None:
        if tries.visit_must_wait(visit):
            raise RoomError(
                f"Those were {MAX_WRONG_TRIES} wrong {kind}. Wait a minute and try again. {advice}"
            )
        if seconds := tries.seconds_to_wait:
            raise RoomError(
                f"Many wrong {kind} are being typed on this server, so none is accepted for "
                f"{seconds} seconds. {advice} You can also wait and try again."
            )

    def _read_folder(self) -> None:
        """Know the rooms that other servers have opened and closed; in memory there are none."""

    def _new_room(self, name: str, code: str, host: str) -> Room:
        """A room with a code and a link that no other one has."""
        return Room(name, code, host, self._clock)

    def _opening(self) -> AbstractContextManager[object]:
        """Held while a room is opened, against others that do so at the same time."""
        return nullcontext()


def random_code() -> str:
    """Six letters that nobody can foresee."""
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
