"""The challenge board of a class: its members' best runs, under names that they choose.

A name is what a stranger typed and 300 people will read: `clean_name` lets through letters, digits and a
little punctuation, and nothing that is invisible, turns the direction of writing or stacks marks on a letter.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mnist_core.bounds import MAX_ENTRANTS, MAX_MARKS, MAX_NAME, MAX_TYPED_NAME
from mnist_core.classroom.challenges import CHALLENGES, Challenge, Judged, Result
from mnist_core.classroom.guards import Guard, IsMember, RoomState, anybody

MARK: Final = "Classic network"
"""On the board without having entered: the mark to beat."""
_PUNCTUATION: Final = " -'."
_INVISIBLE: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"  # fillers and joiners
) | {chr(code) for start, end in ((0xFE00, 0xFE10), (0xE0100, 0xE01F0)) for code in range(start, end)}
"""Letters and marks that show nothing (Unicode's Default_Ignorable_Code_Point)."""


class EntryError(ValueError):
    """An entry was not taken; the message says why, in one sentence."""


@dataclass(frozen=True)
class Entry:
    """A run on the board.

    Attributes:
        number: Grows with each entry; 0 for the mark to beat.
        name: As `clean_name` gives it.
        result: What it is ranked by.
    """

    number: int
    name: str
    result: Result

    @property
    def is_mark(self) -> bool:
        """Whether nobody entered it."""
        return self.number == 0


@dataclass(frozen=True)
class Standing:
    """An entry in its place.

    Attributes:
        entry: Whose.
        judged: On which half it is ranked: the board's, or at the end the other.
        is_refused: Whether it does not meet the challenge on that half.
    """

    entry: Entry
    judged: Judged
    is_refused: bool


@dataclass(frozen=True)
class BoardView:
    """The board at one moment.

    Attributes:
        standings: Of each challenge, by its name, the best first.
        is_final: Whether it is ranked by the other half of the test images, and closed.
    """

    standings: Mapping[str, tuple[Standing, ...]]
    is_final: bool


def clean_name(typed: str) -> str:
    """A name to be shown: Unicode's compatibility composition (NFKC), single spaces, 1 to 20 characters.

    Raises:
        EntryError: It is empty, too long, or has a character that a name may not have.
    """
    if len(typed) > MAX_TYPED_NAME:
        raise EntryError(f"A name has at most {MAX_NAME} characters.")
    composed = unicodedata.normalize("NFKC", typed).replace("\u2019", "'")
    name = " ".join(part for part in composed.split(" ") if part)
    marks = 0
    for place, character in enumerate(name):
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Mc") else 0
        is_letter = category.startswith("L") or category == "Nd" or character in _PUNCTUATION
        is_mark = 0 < marks <= MAX_MARKS and place > 0
        if character in _INVISIBLE or not (is_letter or is_mark):
            raise EntryError("A name has letters, digits, spaces, hyphens, apostrophes and dots only.")
    if not any(character.isalnum() for character in name):
        raise EntryError("A name needs a letter or a digit.")
    if len(name) > MAX_NAME:
        raise EntryError(f"A name has at most {MAX_NAME} characters, and this one has {len(name)}.")
    return name


def ranked(challenge: Challenge, entries: tuple[Entry, ...], is_final: bool) -> tuple[Standing, ...]:
    """Entries of a challenge, the best first; at the end those that no longer meet it come last."""

    def standing(entry: Entry) -> Standing:
        judged = entry.result.final if is_final else entry.result.board
        return Standing(entry, judged, bool(challenge.refusal(entry.result, judged.accuracy)))

    def order(ranking: Standing) -> tuple[bool, tuple[float, ...], int]:
        place = challenge.order(ranking.entry.result, ranking.judged.accuracy)
        return ranking.is_refused, place, ranking.entry.number

    return tuple(sorted(map(standing, entries), key=order))


class Board:
    """The board of one room, safe to use from several threads.

    Args:
        guard: Of the room.
        is_member: Says who may enter runs.
    """

    def __init__(self, guard: Guard | None = None, is_member: IsMember = anybody) -> None:
        self._is_member = is_member
        self._guard = guard or Guard()
        self._n_entered = 0
        self._entries: dict[tuple[str, str], Entry] = {}
        self._names: dict[str, str] = {}
        self._refused_names = {MARK.casefold()}
        self._mark: Result | None = None
        self._is_final = False

    def set_mark(self, result: Result) -> None:
        """Put a mark to beat into the challenges that it meets."""
        with self._guard.changing():
            self._mark = result

    @property
    def has_mark(self) -> bool:
        """Whether there is a mark to beat."""
        with self._guard.reading():
            return self._mark is not None

    def name_of(self, member: str) -> str:
        """What a member is called here; "" before it has entered."""
        with self._guard.reading():
            return self._names.get(member, "")

    def enter(self, member: str, typed_name: str, result: Result) -> Mapping[str, str]:
        """Enter a run in every challenge that it may enter.

        Args:
            member: Whose run it is.
            typed_name: What the member wants to be called.
            result: What the run is ranked by.

        Returns:
            By a challenge's name, why the run is not on it: it may not enter, or the member has a better one
            there; "" where it has been entered or is already.

        Raises:
            EntryError: Who enters is no member, the name cannot be shown or is taken, or nothing more is
                entered.
        """
        name = clean_name(typed_name)
        with self._guard.changing():
            if not self._is_member(member):
                raise EntryError("You are not in this class, so your run was not entered.")
            if self._is_final:
                raise EntryError("The challenge has ended: the other half of the test images has been used.")
            others = {other.casefold() for owner, other in self._names.items() if owner != member}
            if name.casefold() in others | self._refused_names:
                raise EntryError(f"The name {name} is taken; choose another one.")
            if member not in self._names and len(self._names) >= MAX_ENTRANTS:
                raise EntryError(f"{MAX_ENTRANTS} people are on the board, and no more are taken.")
            self._names[member] = name
            refusals = {
                challenge.name: self._enter(member, name, challenge, result) for challenge in CHALLENGES
            }
            for place, entry in self._entries.items():
                if place[0] == member and entry.name != name:
                    self._entries[place] = Entry(entry.number, name, entry.result)
            return refusals

    def remove(self, number: int) -> None:
        """Take off all that the member who made an entry has there, and refuse that name from now on."""
        with self._guard.changing():
            for member in {member for (member, _), entry in self._entries.items() if entry.number == number}:
                self.remove_all_of(member)

    def remove_all_of(self, member: str) -> None:
        """Take off all that a member has there, and refuse the member's name from now on."""
        with self._guard.changing():
            if (name := self._names.pop(member, "")) != "":
                self._refused_names.add(name.casefold())
            self._entries = {place: entry for place, entry in self._entries.items() if place[0] != member}

    def finish(self) -> None:
        """Rank by the other half of the test images, and take no more entries."""
        with self._guard.changing():
            self._is_final = True

    def view(self) -> BoardView:
        """The standings of every challenge as they are now."""
        with self._guard.reading():
            entries, mark, is_final = dict(self._entries), self._mark, self._is_final
        standings: dict[str, tuple[Standing, ...]] = {}
        for challenge in CHALLENGES:
            entered = [entry for (_, name), entry in entries.items() if name == challenge.name]
            if mark is not None and not challenge.refusal(mark, mark.board.accuracy):
                entered.append(Entry(0, MARK, mark))
            standings[challenge.name] = ranked(challenge, tuple(entered), is_final)
        return BoardView(standings, is_final)

    def clear(self) -> None:
        """Take all entries and names off the board."""
        with self._guard.changing():
            self._entries.clear()
            self._names.clear()
            self._refused_names.clear()
            self._mark = None

    def state(self) -> RoomState:
        """The whole board, as plain values."""
        entries = [
            [member, challenge, entry.number, entry.name, entry.result.to_dict()]
            for (member, challenge), entry in self._entries.items()
        ]
        return {
            "n_entered": self._n_entered,
            "entries": entries,
            "names": self._names,
            "refused": sorted(self._refused_names),
            "mark": None if self._mark is None else self._mark.to_dict(),
            "is_final": self._is_final,
        }

    def restore(self, state: RoomState) -> None:
        """Be the board that `state` described."""
        self._entries = {
            (member, challenge): Entry(number, name, Result.from_dict(result))
            for member, challenge, number, name, result in state["entries"]
        }
        self._names, self._refused_names = dict(state["names"]), set(state["refused"])
        self._mark = None if state["mark"] is None else Result.from_dict(state["mark"])
        self._n_entered, self._is_final = int(state["n_entered"]), bool(state["is_final"])

    def _enter(self, member: str, name: str, challenge: Challenge, result: Result) -> str:
        accuracy = result.board.accuracy
        if refusal := challenge.refusal(result, accuracy):
            return refusal
        before = self._entries.get((member, challenge.name))
        if before is not None and before.result.job_id != result.job_id:
            best = challenge.order(before.result, before.result.board.accuracy)
            if best <= challenge.order(result, accuracy):
                return "your entry there is better, or as good."
        if before is None or before.result.job_id != result.job_id:
            self._n_entered += 1
            self._entries[member, challenge.name] = Entry(self._n_entered, name, result)
        return ""
