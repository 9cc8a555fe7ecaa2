"""What has come of a class in counts: what its lecturer may take away at its end.

Nothing in it says who did what. There are no members, no drawings, and no names, also none of the board. Of
words that were typed there are those that the class is shown, and the number of others.
"""

from dataclasses import dataclass

from mnist_core.classroom.boards import Standing
from mnist_core.classroom.challenges import CHALLENGES
from mnist_core.classroom.own_questions import OwnQuestion
from mnist_core.classroom.room import Room
from mnist_core.config import RunConfig


@dataclass(frozen=True)
class AnsweredQuestion:
    """A question with its answers.

    Attributes:
        kind: "choice", "number" or "word".
        text: As it was asked; Markdown for one of a lesson, plain text for one of the lecturer's own.
        counts: How many members gave each answer.
        right: The right answers, of those in `counts`; none where there is no right or wrong.
        n_held_back: Members whose word was not shown to the class.
        is_of_lesson: Whether it is one of a lesson.
        numbers: The answers of "number" as numbers, in the order of `counts`; of other kinds none.
    """

    kind: str
    text: str
    counts: tuple[tuple[str, int], ...]
    right: frozenset[str] = frozenset()
    n_held_back: int = 0
    is_of_lesson: bool = False
    numbers: tuple[tuple[float, int], ...] = ()

    @property
    def n_answers(self) -> int:
        """Members who have answered."""
        return sum(count for _, count in self.counts) + self.n_held_back

    @property
    def share_right(self) -> float | None:
        """The share of right answers, 0 to 1; None where there is no right or wrong, or no answer."""
        if not self.right or not self.n_answers:
            return None
        return sum(count for answer, count in self.counts if answer in self.right) / self.n_answers


@dataclass(frozen=True)
class BoardRow:
    """A place on the challenge board.

    Attributes:
        place: From 1; 0 for the mark, and for who no longer meets the challenge.
        is_mark: Whether it is the classic network.
        config: Of the run.
        accuracy: On the half of the test images by which it is ranked, 0 to 1.
    """

    place: int
    is_mark: bool
    config: RunConfig
    accuracy: float


@dataclass(frozen=True)
class ClassSummary:
    """What has come of a class.

    Attributes:
        n_members: People who have joined and not left.
        questions: All that were asked, those of lessons first.
        n_drawings: On the wall.
        n_read: How many of them the network read as the digit asked for; None where it was not judged.
        runs: Settings and validation accuracy of everybody's runs, the highest first.
        board: The standings of each challenge, by its title.
    """

    n_members: int
    questions: tuple[AnsweredQuestion, ...]
    n_drawings: int
    n_read: int | None
    runs: tuple[tuple[RunConfig, float], ...]
    board: tuple[tuple[str, tuple[BoardRow, ...]], ...]


def summarize(room: Room) -> ClassSummary:
    """Sum up a class as it is now."""
    wall, standings = room.wall.view(), room.board.view().standings
    n_read = sum(drawing.reading == drawing.digit for drawing in wall.drawings) if wall.is_judged else None
    runs = ((run.config, run.validation_accuracy) for run in room.runs.view().runs)
    board = ((challenge.title, _rows(standings[challenge.name])) for challenge in CHALLENGES)
    return ClassSummary(
        room.n_members,
        (*_of_lessons(room), *_of_ones_own(room)),
        len(wall.drawings),
        n_read if wall.drawings else None,
        tuple(sorted(runs, key=lambda run: -run[1])),
        tuple((title, rows) for title, rows in board if rows),
    )


def _of_lessons(room: Room) -> list[AnsweredQuestion]:
    return [
        AnsweredQuestion(
            "choice",
            poll.question.text,
            tuple(zip(poll.question.answers, poll.counts, strict=True)),
            frozenset({poll.question.answers[poll.question.right]}),
            is_of_lesson=True,
        )
        for poll in room.polls.all_asked()
    ]


def _of_ones_own(room: Room) -> list[AnsweredQuestion]:
    questions = []
    for asked in room.own.all_asked():
        kind, answers = asked.question.kind, asked.question.answers
        counts = tuple(
            (_written(asked.question, answer), n)
            for answer, n in asked.counts
            if kind != "word" or (asked.is_shown and answer in asked.let)
        )
        right = frozenset(answers[place] for place in asked.question.right)
        n_held_back = asked.n_answers - sum(n for _, n in counts)
        numbers = tuple((float(answer), n) for answer, n in asked.counts) if kind == "number" else ()
        text = asked.question.text
        questions.append(AnsweredQuestion(kind, text, counts, right, n_held_back, numbers=numbers))
    return questions


def _written(question: OwnQuestion, answer: float | str) -> str:
    """An answer as it is read: of several to choose from its words, and a number with its thousands."""
    if question.kind == "choice":
        return question.answers[int(answer)]
    return f"{answer:,.10g}" if question.kind == "number" else str(answer)


def _rows(standings: tuple[Standing, ...]) -> tuple[BoardRow, ...]:
    rows, place = [], 0
    for standing in standings:
        is_ranked = not (standing.entry.is_mark or standing.is_refused)
        place += is_ranked
        config, accuracy = standing.entry.result.config, standing.judged.accuracy
        rows.append(BoardRow(place if is_ranked else 0, standing.entry.is_mark, config, accuracy))
    return tuple(rows) if place else ()
