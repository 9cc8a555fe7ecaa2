"""One class: who is in it, what it does together, and what has come of that, until it is forgotten.

The host is known by the name of its visit, a member by a name of its browser: long random numbers that nobody
else sees.
"""

import secrets
import threading
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any, Final, Literal, TypeVar

from cachetools import LRUCache

from mnist_core.bounds import HOST_AWAY_SECONDS, LINK_BYTES, MAX_KEPT_PICTURES, ROOM_SECONDS
from mnist_core.classroom.boards import Board
from mnist_core.classroom.guards import Guard, RoomState
from mnist_core.classroom.lead import NO_LEAD, Lead
from mnist_core.classroom.members import Members, MemberView
from mnist_core.classroom.own_answers import NO_QUESTIONS, AskedView, OwnQuestions
from mnist_core.classroom.own_questions import OwnQuestion
from mnist_core.classroom.polls import Clock, PollQuestion, Polls, PollView
from mnist_core.classroom.runs import NO_RUNS, Runs
from mnist_core.classroom.walls import Asked, Wall

Activity = Literal["nothing", "poll", "own", "wall"]
T = TypeVar("T")

HOST_SEEN_SECONDS: Final = 20.0
"""How often it is noted that the host is there: with several servers each note is a file written."""


def grouped(code: str) -> str:
    """A code as it is shown: two groups of three letters."""
    return f"{code[:3]} {code[3:]}"


class Room:
    """One class; safe to use from several threads.

    Attributes:
        name: Of its file, where it has one; it stays when the code changes.
        host: The visit that opened it.
        members: Who is in it.
        polls: Its polls, of questions of the lessons.
        own: Its lecturer's own questions.
        wall: Its drawings.
        board: Its challenge board.
        runs: What its members have trained.
        lead: Where its lecturer is, for the phones that follow.

    Args:
        name: Of its file.
        code: What members type.
        host: The visit that opened it.
        clock: The time.
        guard: Lets one at a time change it, and keeps it where other servers see it, if there are any.
    """

    def __init__(self, name: str, code: str, host: str, clock: Clock, guard: Guard | None = None) -> None:
        self.name, self.host = name, host
        self._code, self._link = code, secrets.token_hex(LINK_BYTES)
        self._guard = guard or Guard()
        self.members = Members(clock, self._guard)
        self.polls = Polls(clock, guard=self._guard, is_member=self.members.look)
        self.own = OwnQuestions(self._guard, self.members.look)
        self.wall = Wall(self._guard, self.members.look)
        self.board = Board(self._guard, lambda name: name == self.host or self.members.look(name))
        self.runs = Runs(clock, self._guard, self.members.look)
        self.lead = Lead(self._guard)
        self._clock = clock
        self._cache_lock = threading.Lock()
        self._opened = self._host_seen = clock()
        self._activity: Activity = "nothing"
        self._cache: LRUCache[Hashable, Any] = LRUCache(MAX_KEPT_PICTURES)
        self._is_ended = False
        self._guard.attach(self)

    @property
    def is_ended(self) -> bool:
        """Whether it has been forgotten."""
        with self._guard.reading():
            return self._is_ended

    @property
    def code(self) -> str:
        """What members type, six letters."""
        with self._guard.reading():
            return self._code

    @property
    def link(self) -> str:
        """What the link to the class has instead of the code: a secret that cannot be guessed."""
        with self._guard.reading():
            return self._link

    @property
    def n_members(self) -> int:
        """Members who have joined and not left."""
        return len(self.members)

    @property
    def activity(self) -> Activity:
        """What the class does now."""
        with self._guard.reading():
            return self._activity

    @property
    def seconds_without_host(self) -> float:
        """Since the host was here, in steps of `HOST_SEEN_SECONDS`."""
        now = self._clock()
        with self._guard.reading():
            return now - self._host_seen

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

    def renew(self, code: str) -> None:
        """Be joined by another code and another link from now on; members stay."""
        with self._guard.changing():
            self._code, self._link = code, secrets.token_hex(LINK_BYTES)

    def leave(self, member: str) -> None:
        """Let a member go who wants to; nothing changes if who leaves is no member.

        Answers to a poll that is open go, too, so that none is of somebody whom the lecturer does not see.
        Those to closed polls, drawings and entries stay.
        """
        if not self.members.knows(member):
            return
        with self._guard.changing():
            self.members.dismiss(member)
            self.polls.remove(member, is_closed_kept=True)
            self.own.remove(member, is_closed_kept=True)
            self.wall.ask_no_more(member)

    def put_out(self, member: str) -> None:
        """Let a member go and not come back, with all that it answered, drew and entered."""
        with self._guard.changing():
            self.members.put_out(member)
            self.polls.remove(member)
            self.own.remove(member)
            self.wall.remove_all_of(member)
            self.wall.ask_no_more(member)
            self.board.remove_all_of(member)
            self.runs.remove_all_of(member)

    def list_members(self) -> list[MemberView]:
        """All members with the number of their answers and drawings, those who joined first before others."""
        with self._guard.reading():
            answered, drawn = self.polls.n_answered() + self.own.n_answered(), self.wall.n_drawn()
            views = self.members.view()
        return [
            replace(view, n_answers=answered[name], n_drawings=drawn[name]) for name, view in views.items()
        ]

    def ask(self, question: PollQuestion, is_hidden: bool = False) -> PollView:
        """Open a poll, which is what the class does from now on."""
        with self._guard.changing():
            self.wall.stop()
            self.own.close()
            self._activity = "poll"
            return self.polls.open(question, is_hidden)

    def ask_own(self, question: OwnQuestion) -> AskedView:
        """Ask a question of the lecturer's own, which is what the class does from now on."""
        with self._guard.changing():
            self.wall.stop()
            self.polls.close()
            self._activity = "own"
            return self.own.ask(question)

    def ask_for_drawings(self, asked: Asked) -> None:
        """Ask for a digit, 0 to 9, or for all ten in turn, which is what the class does from now on.

        Raises:
            ValueError: It is no digit.
        """
        with self._guard.changing():
            self.wall.ask(asked)
            self.polls.close()
            self.own.close()
            self._activity = "wall"

    def cached(self, key: Hashable, build: Callable[[], T]) -> T:
        """Something made of the room's contents, such as a picture; made once, forgotten with the room."""
        with self._cache_lock:
            if key in self._cache:
                kept: T = self._cache[key]
                return kept
        built = build()
        with self._cache_lock:
            if not self._is_ended:
                self._cache[key] = built
        return built

    def forget(self) -> None:
        """End it: everything in it is gone, also for who still holds it."""
        self._guard.detach()
        with self._cache_lock:
            self._is_ended = True
            self._cache.clear()
        with self._guard.changing():
            self._activity = "nothing"
            for part in (self.members, self.polls, self.own, self.wall, self.board, self.runs, self.lead):
                part.clear()

    def state(self) -> RoomState:
        """The whole room, as plain values; what `cached` holds is built again elsewhere."""
        return {
            "code": self._code,
            "link": self._link,
            "host": self.host,
            "members": self.members.state(),
            "opened": self._opened,
            "host_seen": self._host_seen,
            "activity": self._activity,
            "polls": self.polls.state(),
            "own": self.own.state(),
            "wall": self.wall.state(),
            "board": self.board.state(),
            "runs": self.runs.state(),
            "lead": self.lead.state(),
        }

    def restore(self, state: RoomState) -> None:
        """Be the room that `state` described."""
        self._code, self._link, self.host = str(state["code"]), str(state["link"]), str(state["host"])
        self.members.restore(state["members"])
        self._opened, self._host_seen = float(state["opened"]), float(state["host_seen"])
        self._activity = state["activity"]
        self.polls.restore(state["polls"])
        self.own.restore(state.get("own", NO_QUESTIONS))  # which older files do not have
        self.wall.restore(state["wall"])
        self.board.restore(state["board"])
        self.runs.restore(state.get("runs", NO_RUNS))  # which older files do not have
        self.lead.restore(state.get("lead", NO_LEAD))  # which older files do not have
