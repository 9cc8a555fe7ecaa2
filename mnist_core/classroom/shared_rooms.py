"""The same rooms on several servers: each is a file in their shared folder, gone when the class is.

A server has a copy of each room and looks at the file's date before it uses the copy: 100 phones that look
every other second cost a few `stat`s each. A change holds the file's lock, begins with what the file says and
ends with a new file. While the folder does not answer, the copy goes on.
"""

import json
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

from mnist_core.bounds import MAX_ROOMS, MAX_SHARED_CLASSES_BYTES, ROOM_SECONDS
from mnist_core.classroom.guards import Guard, Restorable
from mnist_core.classroom.members import RoomError
from mnist_core.classroom.polls import Clock
from mnist_core.classroom.room import Room
from mnist_core.classroom.rooms import Classrooms
from mnist_core.classroom.tries import Tries
from mnist_core.storage.shared_folder import UNKNOWN, SharedFolder, Version

FORMAT: Final = 2
_OPENING: Final = "opening"
_NAME: Final = re.compile(r"[0-9a-f]{32}")

_log = logging.getLogger(__name__)


class FileGuard(Guard):
    """Keeps what it guards in a file, and takes over what other servers have made of it.

    Args:
        folder: Where the file is.
        name: Of the file.
        is_new: There is no such file yet.
    """

    def __init__(self, folder: SharedFolder, name: str, is_new: bool = False) -> None:
        super().__init__()
        self._folder, self._name, self._is_new = folder, name, is_new
        self._guarded: Restorable | None = None
        self._version: Version | None = None
        self._is_changing = False

    def attach(self, guarded: Restorable) -> None:
        """Say what is guarded, once it is complete; it is taken from the file or, without one, put there."""
        with self._lock, self._folder.lock(self._name):
            self._guarded = guarded
            if self._is_new:
                self._save()
            self._refresh()

    def detach(self) -> None:
        """Keep it no more: it has ended, so the file is deleted."""
        with self._lock:
            if self._guarded is None:
                return
            self._guarded = None
            with self._folder.lock(self._name):  # or a server that is about to write it would bring it back
                self._folder.delete(self._name)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """See it as it is now; nothing may be changed."""
        with self._lock:
            self._refresh()
            yield

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Change it, all of it or, where an exception ends it, nothing that others see."""
        with self._lock:
            if self._is_changing or self._guarded is None:
                yield
                return
            with self._folder.lock(self._name):
                self._refresh()
                self._is_changing = True
                try:
                    yield
                except BaseException:
                    self._version = None  # what was half changed is read again
                    raise
                finally:
                    self._is_changing = False
                self._save()

    def _refresh(self) -> None:
        """Take over the file if it is another one than last time."""
        if self._is_changing or self._guarded is None:
            return
        version = self._folder.version(self._name)
        if version in (UNKNOWN, self._version) and version is not None:
            return
        content = b"null" if version is None else self._folder.read(self._name)
        if content is None:  # gone since, which the next look will show, or not to be read just now
            return
        try:
            state = json.loads(content)
            if not isinstance(state, dict) or state.get("format") != FORMAT:
                raise ValueError("it is gone or of another version")
            self._guarded.restore(state["room"])
        except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
            if version is not None:
                _log.warning("The class in the file %s is lost: %s", self._name, error)
            guarded, self._guarded = self._guarded, None
            guarded.forget()
        else:
            self._version = version

    def _save(self) -> None:
        if self._guarded is None:
            return
        content = json.dumps({"format": FORMAT, "room": self._guarded.state()}, separators=(",", ":"))
        if self._folder.write(self._name, content.encode()):
            self._version = self._folder.version(self._name)


class SharedClassrooms(Classrooms):
    """All rooms of the servers that share a folder; safe to use from several threads of each.

    Args:
        root: The shared folder.
        clock: The time, the same on all servers, such as `time.time`.
        draw_code: Gives a code at random.
    """

    def __init__(self, root: Path, clock: Clock, draw_code: Callable[[], str] | None = None) -> None:
        super().__init__(clock, draw_code)
        self._folder = SharedFolder(root / "classes", ".json", MAX_SHARED_CLASSES_BYTES, 2 * MAX_ROOMS)
        counts = SharedFolder(root / "wrong", ".json", MAX_SHARED_CLASSES_BYTES, MAX_ROOMS)
        self._wrong_codes, self._wrong_words = (
            Tries(clock, FileGuard(counts, name, is_new=counts.version(name) is None))
            for name in (f"codes-{FORMAT}", f"words-{FORMAT}")
        )

    def _read_folder(self) -> None:
        names = {name for name in self._folder.names() if _NAME.fullmatch(name)}
        for name in [name for name, room in self._rooms.items() if room.is_ended]:
            del self._rooms[name]
        for name in names - self._rooms.keys():
            room = Room(name, "", "", self._clock, FileGuard(self._folder, name))
            if not room.is_ended:
                self._rooms[name] = room
            elif self._folder.age(name) > ROOM_SECONDS:  # damaged, and nobody will come back for it
                self._folder.delete(name)

    def _new_room(self, name: str, code: str, host: str) -> Room:
        room = Room(name, code, host, self._clock, FileGuard(self._folder, name, is_new=True))
        if room.is_ended:
            raise RoomError(
                "The class could not be opened: the folder that the servers share is not writable."
            )
        return room

    def _opening(self) -> AbstractContextManager[object]:
        return self._folder.lock(_OPENING)
