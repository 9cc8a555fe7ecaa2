"""Where the lecturer of a class is, for the phones that follow: a page, and what stands in its address."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from mnist_core.classroom.guards import Guard, RoomState


@dataclass(frozen=True)
class Place:
    """What the lecturer shows.

    Attributes:
        page: Its URL path.
        parameters: What stands in its address: settings, image and run.
        part: The words of the heading or the tab that is looked at; empty for the beginning.
    """

    page: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    part: str = ""


@dataclass(frozen=True)
class LeadView:
    """What a phone has to know.

    Attributes:
        is_on: Whether phones follow.
        number: Another one whenever the lecturer has gone on; 0 before the first place.
        place: Where the lecturer is; None while that is not known.
    """

    is_on: bool
    number: int
    place: Place | None


NO_LEAD: Final[RoomState] = {"is_on": False, "number": 0, "place": None}


class Lead:
    """The lead of one class; safe to use from several threads.

    Args:
        guard: Of the room.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._view = LeadView(False, 0, None)

    @property
    def view(self) -> LeadView:
        """As it is now."""
        with self._guard.reading():
            return self._view

    def switch(self, is_on: bool) -> None:
        """Have phones follow, or no longer."""
        with self._guard.changing():
            self._view = LeadView(is_on, self._view.number, None)

    def go(self, place: Place) -> bool:
        """The lecturer is here now; whether phones have to go there.

        Args:
            place: Where.
        """
        with self._guard.reading():
            if not self._view.is_on or place == self._view.place:
                return False
        with self._guard.changing():
            self._view = LeadView(True, self._view.number + 1, place)
        return True

    def clear(self) -> None:
        """Lead no longer."""
        self.switch(False)

    def state(self) -> RoomState:
        """All of it, as plain values."""
        place = self._view.place
        return {
            "is_on": self._view.is_on,
            "number": self._view.number,
            "place": None if place is None else [place.page, dict(place.parameters), place.part],
        }

    def restore(self, state: RoomState) -> None:
        """Lead as `state` described."""
        place = state["place"]
        where = None if place is None else Place(str(place[0]), dict(place[1]), str(place[2]))
        self._view = LeadView(bool(state["is_on"]), int(state["number"]), where)
