"""The wall of a class: the digits that its members drew when they were asked to.

A member draws each digit once; a second drawing of it takes the place of the first. The label of a drawing is
the digit that was asked for, whatever the member made of it.
"""

import base64
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mnist_core.arrays import ByteArray, read_only
from mnist_core.bounds import MAX_DRAWINGS, MAX_REMOVED
from mnist_core.classroom.guards import Guard, IsMember, RoomState, anybody
from mnist_core.config import N_DIGITS
from mnist_core.images.preparation import IMAGE_SHAPE

Asked = int | Literal["each"]
"""A digit that everybody draws, or a digit of their own for each."""


class WallError(ValueError):
    """A drawing was not taken; the message says why, in one sentence."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """One drawing on the wall.

    Attributes:
        number: Grows with each drawing handed in.
        digit: Which was asked for.
        image: uint8, shape (28, 28), as the network is given it; read-only.
        reading: What the network read, once the lecturer has shown it.
    """

    number: int
    digit: int
    image: ByteArray
    reading: int | None = None


@dataclass(frozen=True, eq=False)
class WallView:
    """The wall at one moment; arrays are read-only.

    Attributes:
        revision: Grows with every change.
        drawings: In the order in which they were first handed in.
        asked: What is drawn or was drawn last; None before the first time.
        is_open: Whether drawings are taken.
        is_judged: Whether their readings are shown.
        writers: Who drew each drawing: 0 for the one who handed in first, then 1, 2, … and never a name.
    """

    revision: int
    drawings: tuple[Drawing, ...]
    asked: Asked | None
    is_open: bool
    is_judged: bool
    writers: tuple[int, ...] = ()

    @property
    def images(self) -> ByteArray:
        """uint8, shape (n, 28, 28)."""
        return np.array([drawing.image for drawing in self.drawings], np.uint8).reshape(-1, *IMAGE_SHAPE)

    @property
    def labels(self) -> ByteArray:
        """The digits asked for, uint8, shape (n,)."""
        return np.array([drawing.digit for drawing in self.drawings], np.uint8)


class Wall:
    """The drawings of one room, safe to use from several threads.

    Args:
        guard: Of the room.
        is_member: Says who may hand in drawings.
    """

    def __init__(self, guard: Guard | None = None, is_member: IsMember = anybody) -> None:
        self._is_member = is_member
        self._guard = guard or Guard()
        self._n_handed_in = 0
        self._n_asked = 0
        self._revision = 0
        self._asked: Asked | None = None
        self._is_open = False
        self._drawings: dict[tuple[str, int], Drawing] = {}
        self._texts: dict[int, str] = {}  # of drawings that have been made texts, by their numbers
        self._wanted: dict[str, int] = {}
        self._removed: Counter[str] = Counter()
        self._readings: Mapping[int, int] = {}
        self._is_judged = False

    def ask(self, asked: Asked) -> None:
        """Take drawings of a digit, 0 to 9, or of all ten in turn; those on the wall stay.

        When all ten are asked for again, who has not handed in the last digit is asked for it still: it may
        be half drawn.

        Raises:
            ValueError: It is no digit.
        """
        if asked != "each" and asked not in range(N_DIGITS):
            raise ValueError(f"A digit is a whole number from 0 to 9, not {asked!r}.")
        with self._guard.changing():
            if asked != self._asked:
                self._wanted = {}
            self._asked, self._is_open = asked, True
            self._n_asked += 1
            self._readings, self._is_judged = {}, False
            self._revision += 1

    def stop(self) -> None:
        """Take no more drawings."""
        with self._guard.changing():
            self._is_open = False
            self._revision += 1

    @property
    def is_open(self) -> bool:
        """Whether drawings are taken."""
        with self._guard.reading():
            return self._is_open

    @property
    def n_asked(self) -> int:
        """How often drawings have been asked for."""
        with self._guard.reading():
            return self._n_asked

    def requested_digit(self, member: str) -> int | None:
        """The digit that a member is asked for; None if none is, or if all ten are drawn.

        Of different digits everybody gets the one that there are fewest of, so that all ten are covered
        alike.
        """
        with self._guard.reading():
            if not self._is_open or self._asked != "each":
                return self._asked if self._is_open and isinstance(self._asked, int) else None
            if member in self._wanted:
                return self._wanted[member]
            if all((member, digit) in self._drawings for digit in range(N_DIGITS)):
                return None
        with self._guard.changing():
            if member not in self._wanted:
                left = [digit for digit in range(N_DIGITS) if (member, digit) not in self._drawings]
                if not left:
                    return None
                used = Counter(digit for _, digit in self._drawings) + Counter(self._wanted.values())
                self._wanted[member] = min(left, key=lambda digit: used[digit])
            return self._wanted[member]

    def add(self, member: str, digit: int, image: ByteArray) -> Drawing:
        """Hang a drawing up, in the place of the member's earlier one of that digit.

        Args:
            member: Who drew it.
            digit: Which the member was asked for.
            image: uint8, shape (28, 28).

        Raises:
            WallError: No drawing is taken, of this digit, from this member, or any more.
            ValueError: It is no such image.
        """
        if image.shape != IMAGE_SHAPE or image.dtype != np.uint8:
            raise ValueError(f"A drawing is 28 × 28 bytes, not {image.shape} of {image.dtype}.")
        with self._guard.changing():
            if not self._is_member(member):
                raise WallError("You are not in this class, so your drawing was not taken.")
            if not self._is_open or self.requested_digit(member) != digit:
                raise WallError(f"The {digit} is no longer asked for, so this drawing was not taken.")
            if self._removed[member] >= MAX_REMOVED:
                raise WallError(f"{MAX_REMOVED} of your drawings were taken down, and no more are taken.")
            if (member, digit) not in self._drawings and len(self._drawings) >= MAX_DRAWINGS:
                raise WallError(f"The wall is full: it holds {MAX_DRAWINGS:,} drawings.")
            self._n_handed_in += 1
            drawing = Drawing(self._n_handed_in, digit, read_only(image.copy()))
            self._drawings[member, digit] = drawing
            self._wanted.pop(member, None)
            self._revision += 1
            return drawing

    def remove(self, number: int) -> None:
        """Take a drawing down; nothing happens if it is gone already."""
        with self._guard.changing():
            for place, drawing in self._drawings.items():
                if drawing.number == number:
                    del self._drawings[place]
                    self._removed[place[0]] += 1
                    self._revision += 1
                    return

    def member_who_drew(self, number: int) -> str:
        """Whose drawing has this number; "" if there is none."""
        with self._guard.reading():
            places = self._drawings.items()
            return next((member for (member, _), drawing in places if drawing.number == number), "")

    def n_drawn(self) -> Counter[str]:
        """How many drawings each member has on the wall."""
        with self._guard.reading():
            return Counter(member for member, _ in self._drawings)

    def remove_all_of(self, member: str) -> None:
        """Take down every drawing of a member, from whom no more are taken if there were `MAX_REMOVED`."""
        with self._guard.changing():
            own = [place for place in self._drawings if place[0] == member]
            for place in own:
                del self._drawings[place]
            if own:
                self._removed[member] += len(own)
                self._revision += 1

    def ask_no_more(self, member: str) -> None:
        """Give the digit that somebody who has gone was asked for to others; the drawings stay."""
        with self._guard.changing():
            self._wanted.pop(member, None)

    def remove_all(self) -> None:
        """Take down every drawing of everybody; what is asked for stays."""
        with self._guard.changing():
            self._drawings.clear()
            self._texts.clear()
            self._readings, self._is_judged = {}, False
            self._revision += 1

    def show_readings(self, readings: Mapping[int, int]) -> None:
        """Take no more drawings, and tell everybody what the network read.

        Args:
            readings: The digit read, by the number of the drawing.
        """
        with self._guard.reading():
            if self._is_judged and not self._is_open and readings == self._readings:
                return
        with self._guard.changing():
            if self._is_open or readings != self._readings or not self._is_judged:
                self._is_open, self._is_judged, self._readings = False, True, dict(readings)
                self._revision += 1

    def drawings_by(self, member: str) -> tuple[Drawing, ...]:
        """What a member has on the wall, by digit."""
        with self._guard.reading():
            places = ((member, digit) for digit in range(N_DIGITS))
            return tuple(self._read(self._drawings[place]) for place in places if place in self._drawings)

    def view(self) -> WallView:
        """The drawings and what is asked for, as they are now."""
        with self._guard.reading():
            drawings = tuple(map(self._read, self._drawings.values()))
            members = [member for member, _ in self._drawings]
            numbers = {member: number for number, member in enumerate(dict.fromkeys(members))}
            writers = tuple(numbers[member] for member in members)
            return WallView(self._revision, drawings, self._asked, self._is_open, self._is_judged, writers)

    def clear(self) -> None:
        """Take all drawings down and ask for none."""
        with self._guard.changing():
            self._drawings.clear()
            self._texts.clear()
            self._wanted.clear()
            self._readings, self._is_judged, self._is_open, self._asked = {}, False, False, None
            self._revision += 1

    def state(self) -> RoomState:
        """The whole wall, as plain values; each image is a text, made once."""
        drawings = {drawing.number: drawing for drawing in self._drawings.values()}
        self._texts = {
            number: self._texts.get(number) or _packed(drawing) for number, drawing in drawings.items()
        }
        return {
            "n_handed_in": self._n_handed_in,
            "n_asked": self._n_asked,
            "revision": self._revision,
            "asked": self._asked,
            "is_open": self._is_open,
            "is_judged": self._is_judged,
            "drawings": [
                [member, digit, drawing.number, self._texts[drawing.number]]
                for (member, digit), drawing in self._drawings.items()
            ],
            "wanted": self._wanted,
            "removed": self._removed,
            "readings": [list(pair) for pair in self._readings.items()],
        }

    def restore(self, state: RoomState) -> None:
        """Be the wall that `state` described; drawings that are here already stay."""
        known = {drawing.number: drawing for drawing in self._drawings.values()}
        known = {number: drawing for number, drawing in known.items() if number in self._texts}
        texts, self._drawings = self._texts, {}
        self._texts = {number: text for _, _, number, text in state["drawings"]}
        for member, digit, number, text in state["drawings"]:
            is_here = number in known and texts[number] == text
            self._drawings[member, digit] = known[number] if is_here else _unpacked(number, digit, text)
        self._n_handed_in, self._revision = int(state["n_handed_in"]), int(state["revision"])
        self._n_asked = int(state.get("n_asked", 0))  # which older files do not have
        self._asked, self._is_open, self._is_judged = state["asked"], state["is_open"], state["is_judged"]
        self._wanted, self._removed = dict(state["wanted"]), Counter(state["removed"])
        self._readings = dict(state["readings"])

    def _read(self, drawing: Drawing) -> Drawing:
        reading = self._readings.get(drawing.number)
        return Drawing(drawing.number, drawing.digit, drawing.image, reading)


def _packed(drawing: Drawing) -> str:
    return base64.b64encode(zlib.compress(drawing.image.tobytes(), 1)).decode()


def _unpacked(number: int, digit: int, text: str) -> Drawing:
    image = np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8).reshape(IMAGE_SHAPE)
    return Drawing(number, digit, image)
