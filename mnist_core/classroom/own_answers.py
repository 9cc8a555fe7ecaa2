"""What a class answers to its lecturer's own questions, and what of it the class sees.

One member has one answer, which may be changed while the question is open. A word reaches the class only when
the lecturer lets it; until then the lecturer alone sees it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from mnist_core.bounds import MAX_ANSWERS, MAX_OWN_QUESTIONS
from mnist_core.classroom.guards import Guard, IsMember, RoomState, anybody
from mnist_core.classroom.own_questions import Answer, OwnQuestion, QuestionError, checked_answer

NO_QUESTIONS: Final[RoomState] = {"n_asked": 0, "asked": []}
"""The state of a class that was asked nothing of its lecturer's own."""


@dataclass
class _Asked:
    number: int
    question: OwnQuestion
    is_open: bool = True
    is_shown: bool = False
    answers: dict[str, Any] = field(default_factory=dict)
    let: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class AskedView:
    """A question that was asked, at one moment.

    Attributes:
        number: Grows with each question of the class.
        question: What is asked.
        is_open: Whether answers are taken.
        is_shown: Whether the class sees the answers.
        counts: How many members gave each answer, the most frequent first; of a choice in the order of its
            answers, with those that nobody gave.
        let: The words that the class may see.
        own: What the member who looks has answered; None for nothing.
    """

    number: int
    question: OwnQuestion
    is_open: bool
    is_shown: bool
    counts: tuple[tuple[Answer, int], ...]
    let: frozenset[str]
    own: Answer | None = None

    @property
    def n_answers(self) -> int:
        """Members who have answered."""
        return sum(count for _, count in self.counts)

    @property
    def n_right(self) -> int:
        """Members whose answer is right."""
        return sum(count for answer, count in self.counts if answer in self.question.right)

    def for_class(self) -> "AskedView":
        """What the class may see of it: no answers before they are shown, and only words that were let."""
        if not self.is_shown:
            return replace(self, counts=(), let=frozenset())
        is_word = self.question.kind == "word"
        return replace(self, counts=tuple(pair for pair in self.counts if not is_word or pair[0] in self.let))


class OwnQuestions:
    """What a lecturer has asked in one room, safe to use from several threads.

    Args:
        guard: Of the room.
        is_member: Says who may answer.
    """

    def __init__(self, guard: Guard | None = None, is_member: IsMember = anybody) -> None:
        self._guard, self._is_member = guard or Guard(), is_member
        self._n_asked = 0
        self._asked: list[_Asked] = []

    def ask(self, question: OwnQuestion) -> AskedView:
        """Ask a question; the one before it closes."""
        with self._guard.changing():
            self.close()
            self._n_asked += 1
            self._asked = [*self._asked, _Asked(self._n_asked, question)][-MAX_OWN_QUESTIONS:]
            return _seen(self._asked[-1])

    def answer(self, number: int, member: str, sent: object) -> None:
        """Take a member's answer to the question of this number; it takes the place of an earlier one.

        Raises:
            QuestionError: Who answers is no member, the question is closed or full, or it is no answer to it.
        """
        with self._guard.changing():
            if not self._is_member(member):
                raise QuestionError("You are not in this class, so your answer was not counted.")
            asked = self._find(number)
            if asked is None or not asked.is_open:
                raise QuestionError("This question is closed: your answer came too late to be counted.")
            if member not in asked.answers and len(asked.answers) >= MAX_ANSWERS:
                raise QuestionError(f"{MAX_ANSWERS} answers are in, and no more are taken.")
            asked.answers[member] = checked_answer(asked.question, sent)

    def close(self) -> None:
        """Take no more answers."""
        with self._guard.changing():
            if self._asked:
                self._asked[-1].is_open = False

    def show(self, number: int, is_shown: bool) -> None:
        """Let the class see the answers to a question, or no longer."""
        with self._guard.changing():
            if (asked := self._find(number)) is not None:
                asked.is_shown = is_shown

    def let(self, number: int, words: Sequence[str]) -> None:
        """Say which words the class may see, of those that were given."""
        with self._guard.changing():
            if (asked := self._find(number)) is not None and asked.question.kind == "word":
                asked.let = sorted(set(asked.answers.values()) & set(words))

    def latest(self, member: str = "") -> AskedView | None:
        """The question asked last, as its lecturer sees it; None before the first.

        Args:
            member: Whose own answer it has.
        """
        with self._guard.reading():
            return _seen(self._asked[-1], member) if self._asked else None

    def all_asked(self) -> tuple[AskedView, ...]:
        """All questions that were asked, the first one first."""
        with self._guard.reading():
            return tuple(map(_seen, self._asked))

    def n_answered(self) -> Counter[str]:
        """How many questions each member has answered."""
        with self._guard.reading():
            return Counter(member for asked in self._asked for member in asked.answers)

    def remove(self, member: str, is_closed_kept: bool = False) -> None:
        """Take back the answers of a member: all of them, or only the one to a question that is open."""
        with self._guard.changing():
            for asked in self._asked:
                if asked.is_open or not is_closed_kept:
                    asked.answers.pop(member, None)

    def clear(self) -> None:
        """Forget all of them."""
        with self._guard.changing():
            self._asked = []

    def state(self) -> RoomState:
        """All questions and answers, as plain values."""
        return {"n_asked": self._n_asked, "asked": [asdict(asked) for asked in self._asked]}

    def restore(self, state: RoomState) -> None:
        """Have the questions that `state` described."""
        self._n_asked = int(state["n_asked"])
        self._asked = [_Asked(**of | {"question": _question(of["question"])}) for of in state["asked"]]

    def _find(self, number: int) -> _Asked | None:
        return next((asked for asked in self._asked if asked.number == number), None)


def _question(of: RoomState) -> OwnQuestion:
    return OwnQuestion(of["kind"], of["text"], tuple(of["answers"]), tuple(of["right"]))


def _seen(asked: _Asked, member: str = "") -> AskedView:
    counted = Counter(asked.answers.values())
    pairs = counted.most_common()
    if asked.question.kind == "choice":
        pairs = [(place, counted[place]) for place in range(len(asked.question.answers))]
    own = asked.answers.get(member)
    return AskedView(
        asked.number, asked.question, asked.is_open, asked.is_shown, tuple(pairs), frozenset(asked.let), own
    )
