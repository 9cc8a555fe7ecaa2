"""Polls of a class: a question, the answers of everybody in the room, and the right one.

A member is any name that tells visits apart; nothing else is known of who answers. One member has one answer,
the last one given while the poll was open. What pages see is a frozen `PollView`.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from mnist_core.bounds import MAX_ANSWERS, MAX_POLLS, POLL_SECONDS
from mnist_core.classroom.guards import Guard, IsMember, RoomState, anybody

Clock = Callable[[], float]
"""Seconds since some moment, never going back, such as `time.monotonic`."""


class PollError(ValueError):
    """An answer was not taken; the message says why, in one sentence."""


@dataclass(frozen=True)
class PollQuestion:
    """What is asked; texts are Markdown.

    Attributes:
        name: Which question, such as "learning/predict".
        text: The question.
        answers: To choose from, two or more.
        reasons: Of each answer, why it is right or wrong.
        right: The number of the right answer.
    """

    name: str
    text: str
    answers: tuple[str, ...]
    reasons: tuple[str, ...]
    right: int

    def __post_init__(self) -> None:
        n = len(self.answers)
        if n < 2 or len(self.reasons) != n or not 0 <= self.right < n:  # noqa: PLR2004
            raise ValueError(f"{n} answers, {len(self.reasons)} reasons, answer {self.right} right.")


@dataclass(frozen=True)
class PollView:
    """A poll at one moment.

    Attributes:
        number: Grows with each poll of the room.
        question: What is asked.
        counts: How many members gave each answer.
        is_open: Whether answers are taken.
        is_revealed: Whether the right answer has been shown.
        is_hidden: Whether the counts are kept back while it is open.
        seconds_left: Until it closes by itself; 0 once it is closed.
        own: The answer of the member who looks, None if there is none.
        is_own_final: Whether that member has seen the right answer since, so that nothing may be changed.
    """

    number: int
    question: PollQuestion
    counts: tuple[int, ...]
    is_open: bool
    is_revealed: bool
    is_hidden: bool
    seconds_left: float
    own: int | None = None
    is_own_final: bool = False

    @property
    def n_answers(self) -> int:
        """Members who have answered."""
        return sum(self.counts)

    @property
    def n_right(self) -> int:
        """Members whose answer is the right one."""
        return self.counts[self.question.right]


@dataclass
class _Poll:
    number: int
    question: PollQuestion
    closes_at: float
    is_hidden: bool
    answers: dict[str, int] = field(default_factory=dict)
    final: set[str] = field(default_factory=set)
    is_revealed: bool = False


class Polls:
    """The polls of one room, safe to use from several threads.

    Args:
        clock: The time.
        seconds: How long a poll is open at most.
        guard: Of the room.
        is_member: Says who may answer.
    """

    def __init__(
        self,
        clock: Clock,
        seconds: float = POLL_SECONDS,
        guard: Guard | None = None,
        is_member: IsMember = anybody,
    ) -> None:
        self._clock = clock
        self._is_member = is_member
        self._seconds = seconds
        self._guard = guard or Guard()
        self._n_opened = 0
        self._polls: dict[str, _Poll] = {}
        self._latest = ""

    def open(self, question: PollQuestion, is_hidden: bool = False) -> PollView:
        """Ask a question, once more if it was asked before; the poll before it closes."""
        now = self._clock()
        with self._guard.changing():
            self._close(self._latest, now)
            self._polls.pop(question.name, None)
            self._n_opened += 1
            poll = _Poll(self._n_opened, question, now + self._seconds, is_hidden)
            self._polls[question.name] = poll
            self._latest = question.name
            while len(self._polls) > MAX_POLLS:
                self._polls.pop(next(iter(self._polls)))
            return _seen(poll, now)

    def answer(self, number: int, member: str, choice: int, is_final: bool = False) -> None:
        """Take a member's answer to the poll of this number; it takes the place of an earlier one.

        Args:
            number: Of the poll that the member saw.
            member: Who answers.
            choice: The number of the answer.
            is_final: The member sees the right answer from now on, so this answer stays.

        Raises:
            PollError: Who answers is no member, the poll is closed or full, the answer is none of its own or
                may not be changed.
        """
        now = self._clock()
        with self._guard.changing():
            if not self._is_member(member):
                raise PollError("You are not in this class, so your answer was not counted.")
            poll = self._polls.get(self._latest)
            if poll is None or poll.number != number or now >= poll.closes_at:
                raise PollError("This poll is closed: your answer came too late to be counted.")
            if not 0 <= choice < len(poll.question.answers):
                raise PollError("That is none of the answers.")
            if member in poll.final:
                raise PollError("You have seen the answer since, so your guess stays as it was.")
            if member not in poll.answers and len(poll.answers) >= MAX_ANSWERS:
                raise PollError(f"{MAX_ANSWERS} answers are in, and no more are taken.")
            poll.answers[member] = choice
            if is_final:
                poll.final.add(member)

    def close(self) -> None:
        """Take no more answers."""
        with self._guard.changing():
            self._close(self._latest, self._clock())

    def reveal(self, name: str) -> None:
        """Close a question's poll and show its right answer; nothing happens if it was not asked."""
        with self._guard.changing():
            if name in self._polls:
                self._close(name, self._clock())
                self._polls[name].is_revealed = True

    def hide(self, is_hidden: bool) -> None:
        """Keep the counts back until the poll is closed, or show them as they grow."""
        with self._guard.changing():
            if self._latest in self._polls:
                self._polls[self._latest].is_hidden = is_hidden

    def latest(self, member: str = "") -> PollView | None:
        """The poll opened last, as a member sees it; None before the first."""
        return self.find(self._latest, member)

    def find(self, name: str, member: str = "") -> PollView | None:
        """The last poll with a question, as a member sees it; None if it was not asked."""
        with self._guard.reading():
            poll = self._polls.get(name)
            return None if poll is None else _seen(poll, self._clock(), member)

    def all_asked(self) -> tuple[PollView, ...]:
        """The last poll with each question, in the order in which they were opened."""
        with self._guard.reading():
            now = self._clock()
            return tuple(
                _seen(poll, now) for poll in sorted(self._polls.values(), key=lambda poll: poll.number)
            )

    def n_answered(self) -> Counter[str]:
        """How many polls each member has answered."""
        with self._guard.reading():
            return Counter(member for poll in self._polls.values() for member in poll.answers)

    def remove(self, member: str, is_closed_kept: bool = False) -> None:
        """Take back the answers of a member: all of them, or only those to polls that are open."""
        now = self._clock()
        with self._guard.changing():
            for poll in self._polls.values():
                if now < poll.closes_at or not is_closed_kept:
                    poll.answers.pop(member, None)
                    poll.final.discard(member)

    def clear(self) -> None:
        """Forget all of them."""
        with self._guard.changing():
            self._polls.clear()

    def state(self) -> RoomState:
        """All polls, as plain values."""
        polls = [asdict(poll) | {"final": sorted(poll.final)} for poll in self._polls.values()]
        return {"n_opened": self._n_opened, "latest": self._latest, "polls": polls}

    def restore(self, state: RoomState) -> None:
        """Have the polls that `state` described."""
        polls = [_restored(poll) for poll in state["polls"]]
        self._polls = {poll.question.name: poll for poll in polls}
        self._n_opened, self._latest = int(state["n_opened"]), str(state["latest"])

    def _close(self, name: str, now: float) -> None:
        if name in self._polls:
            poll = self._polls[name]
            poll.closes_at = min(poll.closes_at, now)


def _restored(state: RoomState) -> _Poll:
    asked = state["question"]
    question = PollQuestion(
        **asked | {"answers": tuple(asked["answers"]), "reasons": tuple(asked["reasons"])}
    )
    return _Poll(**state | {"question": question, "final": set(state["final"])})


def _seen(poll: _Poll, now: float, member: str = "") -> PollView:
    counts = [0] * len(poll.question.answers)
    for choice in poll.answers.values():
        counts[choice] += 1
    left = max(0.0, poll.closes_at - now)
    own, is_final = poll.answers.get(member), member in poll.final
    return PollView(
        poll.number,
        poll.question,
        tuple(counts),
        left > 0,
        poll.is_revealed,
        poll.is_hidden,
        left,
        own,
        is_final,
    )
