"""The remote of a lecture: which devices may turn the steps of a tour, and how the projected page follows.

A device is let in by a secret that only the lecturer is shown. It works once; from then on the device is
known by the name of its tab, which nobody else knows. Everything is in memory, and ends with the tour.
"""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import streamlit as st
from cachetools import TTLCache
from starlette.types import Message

from dashboard.lecture.itinerary import Step, Tour
from dashboard.lecture.tour import Position
from dashboard.server import looks, visitors
from dashboard.server.held import held
from dashboard.server.places import Place
from dashboard.server.turns import turns
from dashboard.session import visits
from mnist_core.bounds import (
    MAX_REMOTE_DEVICES,
    MAX_REMOTES,
    REMOTE_CODE_BYTES,
    REMOTE_CODE_SECONDS,
    REMOTE_SECONDS,
)

LOOK_SECONDS: Final = 0.5
"""How often a page looks that cannot be notified, where Streamlit serves it without our middlewares."""
IDLE_SECONDS: Final = 2.0
"""How often a page looks that is notified, in case a notice came while Streamlit could not take it."""


class RemoteError(ValueError):
    """There can be no other remote; the message says why."""


@dataclass
class _Remote:
    """Of one lecture.

    Attributes:
        tour: Its steps, also those of a lecturer's own, which no other visit can read.
        position: Where it stands, or is just going.
        reported: Where the projected page said last that it is.
        begun: When its tour was begun.
        code: What lets one device in.
        code_ends: When it no longer does.
        wanted: Where the projected page was asked to go, until it is there.
        devices: Those that steer.
    """

    tour: Tour
    position: Position
    reported: Position
    begun: float
    code: str = ""
    code_ends: float = 0.0
    wanted: Position | None = None
    devices: tuple[str, ...] = ()


@dataclass(frozen=True)
class RemoteView:
    """What the speaker's devices show.

    Attributes:
        lecturer: The visit that is steered: a secret.
        tour: Its steps.
        position: Where the lecture stands, or is just going.
        begun: When its tour was begun, by the clock of `time.monotonic`.
    """

    lecturer: str
    tour: Tour
    position: Position
    begun: float

    def at(self, by: int = 0) -> Step | None:
        """The step where the lecture stands, or one before or after it; None where there is none."""
        return self.tour.at(self.position.step + by)


class Remotes:
    """The remotes of one server; safe to use from several threads.

    Args:
        clock: The time in seconds, never going back.
        is_here: Whether a lecturer is connected, by the name of the visit.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, is_here: Callable[[str], bool] = lambda _: True
    ) -> None:
        self._clock, self._is_here = clock, is_here
        self._lock = threading.RLock()
        self._remotes: TTLCache[str, _Remote] = TTLCache(MAX_REMOTES, REMOTE_SECONDS, timer=clock)

    def invite(self, lecturer: str, position: Position, begun: float) -> str:
        """A code that lets one device steer a lecture; the code before it lets none in any more.

        Raises:
            RemoteError: There are as many remotes or devices as there may be.
        """
        with self._lock:
            remote = self._remotes.get(lecturer)
            if remote is None:
                self._make_place()
                remote = self._remotes[lecturer] = _Remote(position.tour, position, position, begun)
            if len(remote.devices) >= MAX_REMOTE_DEVICES:
                raise RemoteError(
                    f"{MAX_REMOTE_DEVICES} devices steer this tour, which is the most there can be. Stop the "
                    "remote first."
                )
            remote.code = secrets.token_hex(REMOTE_CODE_BYTES)
            remote.code_ends = self._clock() + REMOTE_CODE_SECONDS
            return remote.code

    def code_of(self, lecturer: str) -> str:
        """The code that would let a device in now; "" for none."""
        with self._lock:
            remote = self._remotes.get(lecturer)
            return remote.code if remote is not None and self._clock() < remote.code_ends else ""

    def admit(self, code: str, device: str) -> bool:
        """Let a device steer that knows a code, which lets no other one in; whether there is such a code."""
        given, now = code.encode(errors="replace"), self._clock()
        with self._lock:
            fitting = [
                (lecturer, remote)
                for lecturer, remote in self._remotes.items()
                if secrets.compare_digest(remote.code.encode(), given) and now < remote.code_ends
            ]
            for _, remote in fitting:
                remote.code, remote.code_ends = "", 0.0
                remote.devices = tuple(dict.fromkeys((*remote.devices, device)))
        for lecturer, _ in fitting:
            _tell(lecturer)
        return bool(fitting)

    def steered_by(self, device: str) -> RemoteView | None:
        """The lecture that a device steers; None for any other device."""
        with self._lock:
            for lecturer, remote in self._remotes.items():
                if device in remote.devices:
                    return RemoteView(lecturer, remote.tour, remote.position, remote.begun)
            return None

    def n_devices(self, lecturer: str) -> int | None:
        """How many devices steer a lecture; None where it has no remote."""
        with self._lock:
            remote = self._remotes.get(lecturer)
            return None if remote is None else len(remote.devices)

    def press(self, device: str, by: int) -> None:
        """Ask the page that a device steers to go some steps on, or back; nothing for any other device."""
        with self._lock:
            if (view := self.steered_by(device)) is None:
                return
            if view.at(by) is None:
                return
            remote = self._remotes[view.lecturer]
            remote.position = remote.wanted = replace(view.position, step=view.position.step + by)
        _tell(view.lecturer)

    def report(self, lecturer: str, position: Position, begun: float) -> Position | None:
        """The lecturer's page says where it stands.

        It is asked again until it is there: while a page changes, a message of its browser may take it back.
        Where the lecturer has gone on at the laptop meanwhile, that counts.

        Returns:
            Where it was asked to go; None if it may stay.
        """
        with self._lock:
            if (remote := self._remotes.get(lecturer)) is None:
                return None
            if remote.wanted not in (None, position) and remote.reported == position:
                return remote.wanted
            has_moved = remote.position != position
            remote.wanted, remote.reported, remote.position, remote.begun = None, position, position, begun
            remote.tour = position.tour
        if has_moved:
            looks.notify(speaker_topic(lecturer))
        return None

    def stop(self, lecturer: str) -> None:
        """Let no device steer a lecture any more; nothing happens where none does."""
        with self._lock:
            is_there = self._remotes.pop(lecturer, None) is not None
        if is_there:
            _tell(lecturer)

    def _make_place(self) -> None:
        """Forget the remotes of lecturers who are not here, where there is room for no other.

        Raises:
            RemoteError: All are here.
        """
        if len(self._remotes) < MAX_REMOTES:
            return
        for lecturer in [lecturer for lecturer in self._remotes if not self._is_here(lecturer)]:
            del self._remotes[lecturer]
        if len(self._remotes) >= MAX_REMOTES:
            raise RemoteError(
                f"{MAX_REMOTES} lectures on this server have a remote, which is all that it holds. Try again "
                "in a few minutes."
            )


def is_here(lecturer: str) -> bool:
    """Whether the tab of a lecture is connected."""
    return visitors.presence().seconds_away(lecturer) == 0


@held
def remotes() -> Remotes:
    """The remotes of this server."""
    return Remotes(is_here=is_here)


def projector_topic(lecturer: str) -> str:
    """What the projected page is notified by."""
    return f"projector {lecturer}"


def speaker_topic(lecturer: str) -> str:
    """What the devices that steer it are notified by."""
    return f"speaker {lecturer}"


def obey(position: Position | None) -> None:
    """On every page of a lecture: go where its remote asks, now and as soon as it does.

    Args:
        position: Where the lecture stands; with None its remote ends.
    """
    lecturer = visits.current_visit().name
    n_devices = remotes().n_devices(lecturer)
    if n_devices is None:
        return
    if position is None:
        remotes().stop(lecturer)
        return
    looks.prioritize()
    st.fragment(_obey, run_every=IDLE_SECONDS if looks.can_notify() else LOOK_SECONDS)(
        lecturer, position, n_devices
    )


def _obey(lecturer: str, position: Position, n_devices: int) -> None:
    """An invisible part of the page that runs when a remote is pressed.

    Args:
        lecturer: The visit.
        position: Where the page stands.
        n_devices: How many steered it when it was drawn: a code that has let one in is taken away.
    """
    looks.subscribe(projector_topic(lecturer), _ask_first)
    goal = remotes().report(lecturer, position, begun())
    if goal is not None:
        st.switch_page(goal.current_step.page.path, query_params=goal.parameters())
    if remotes().n_devices(lecturer) != n_devices:
        st.rerun()


def _ask_first(place: Place, fragment: str) -> Message:
    """The message for the part that waits, which goes to another page: no phone runs before that is drawn."""
    turns().pause(is_page=True)
    return place.ask_for(fragment)


def is_steered() -> bool:
    """Whether a device steers this visit's lecture."""
    return bool(remotes().n_devices(visits.current_visit().name))


def begun() -> float:
    """When this visit's tour was begun, by the clock of `time.monotonic`."""
    tour_begun = visits.current_visit().tour_begun
    return time.monotonic() if tour_begun is None else tour_begun[1]


def _tell(lecturer: str) -> None:
    for topic in (projector_topic(lecturer), speaker_topic(lecturer)):
        looks.notify(topic)
