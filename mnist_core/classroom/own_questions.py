"""Questions of a lecturer's own, with answers to choose from, for a number, or for a word.

They are written as plain text, beforehand into a file or on the spot (`read_questions`).
"""

import math
import re
from dataclasses import dataclass
from typing import Final, Literal

from mnist_core.bounds import (
    MAX_OWN_ANSWER,
    MAX_OWN_CHOICES,
    MAX_OWN_QUESTION,
    MAX_OWN_QUESTIONS,
    MAX_OWN_QUESTIONS_BYTES,
    MAX_OWN_WORD,
)

Kind = Literal["choice", "number", "word"]
Answer = int | float | str
"""The number of a choice, a number, or a word."""
LARGEST_NUMBER: Final = 1e9
"""Of the numbers that are taken: one of 10³⁰⁸ would leave a histogram with a single bar."""
_ANSWER: Final = re.compile(r"([-+])\s+(.+)")
_WORD: Final = re.compile(r"[^\W_]+(?:[-'’ ][^\W_]+)*")
"""Letters and digits, with single hyphens, apostrophes and spaces between them."""


class QuestionError(ValueError):
    """A question or an answer cannot be taken; the message says why, in a sentence."""


@dataclass(frozen=True)
class OwnQuestion:
    """A question.

    Attributes:
        kind: What is answered.
        text: The question, in the lecturer's words; never Markdown.
        answers: To choose from; empty for a number or a word.
        right: The numbers of the right answers; none where there is no right or wrong.

    Raises:
        QuestionError: It cannot be asked.
    """

    kind: Kind
    text: str
    answers: tuple[str, ...] = ()
    right: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= len(self.text) <= MAX_OWN_QUESTION:
            raise QuestionError(_too_long("A question", MAX_OWN_QUESTION, self.text))
        if self.kind == "choice" and not 2 <= len(self.answers) <= MAX_OWN_CHOICES:  # noqa: PLR2004
            raise QuestionError(
                f"A question to choose from has 2 to {MAX_OWN_CHOICES} answers, not {len(self.answers)}."
            )
        if self.kind != "choice" and self.answers:
            raise QuestionError("A question for a number or a word has no answers to choose from.")
        for answer in self.answers:
            if not 1 <= len(answer) <= MAX_OWN_ANSWER:
                raise QuestionError(_too_long("An answer", MAX_OWN_ANSWER, answer))
        if len(set(self.answers)) < len(self.answers):
            raise QuestionError("Two answers are the same.")


def read_questions(text: str) -> tuple[OwnQuestion, ...]:
    """Questions as they are written, with an empty line between two of them.

    The first line is the question. Below it each answer has a line that begins with "- ", or with "+ " if it
    is right; or there is one line that says "number" or "word".

    Raises:
        QuestionError: It is not written like that; the message says which question.
    """
    if (n_bytes := len(text.encode())) > MAX_OWN_QUESTIONS_BYTES:
        raise QuestionError(
            f"All questions together may have {MAX_OWN_QUESTIONS_BYTES:,} bytes, and these have {n_bytes:,}. "
            "Shorten them."
        )
    blocks = [block for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()) if block.strip()]
    if not 1 <= len(blocks) <= MAX_OWN_QUESTIONS:
        raise QuestionError(f"Write 1 to {MAX_OWN_QUESTIONS} questions, with an empty line between them.")
    return tuple(_read(number, block) for number, block in enumerate(blocks, start=1))


def _too_long(name: str, most: int, text: str) -> str:
    """What a question or an answer is told that has no characters, or too many."""
    return f"{name} has 1 to {most} characters, and this one has {len(text)}. Shorten it."


def _read(number: int, block: str) -> OwnQuestion:
    text, *rest = [line.strip() for line in block.splitlines() if line.strip()]
    try:
        if rest in (["number"], ["word"]):
            return OwnQuestion(rest[0], text)  # type: ignore[arg-type]
        matches = [_ANSWER.fullmatch(line) for line in rest]
        if not matches or None in matches:
            raise QuestionError(
                'Below the question each line begins with "- " or "+ ", or is "number" or "word".'
            )
        marks = [(match[1], match[2]) for match in matches if match is not None]
        right = tuple(place for place, (mark, _) in enumerate(marks) if mark == "+")
        return OwnQuestion("choice", text, tuple(answer for _, answer in marks), right)
    except QuestionError as error:
        raise QuestionError(f"Question {number}: {error}") from None


def checked_answer(question: OwnQuestion, sent: object) -> Answer:
    """What a member has answered, as it is kept.

    Raises:
        QuestionError: It is no answer to this question.
    """
    if question.kind == "choice":
        if type(sent) is int and 0 <= sent < len(question.answers):
            return sent
        raise QuestionError("That is none of the answers.")
    if question.kind == "number":
        is_number = isinstance(sent, int | float) and not isinstance(sent, bool)
        if is_number and math.isfinite(sent) and abs(sent) <= LARGEST_NUMBER:  # type: ignore[arg-type]
            return float(sent)  # type: ignore[arg-type]
        raise QuestionError(f"A number from −{LARGEST_NUMBER:,.0f} to {LARGEST_NUMBER:,.0f} is asked for.")
    word = " ".join(str(sent).split()).casefold() if isinstance(sent, str) else ""
    if len(word) > MAX_OWN_WORD or not _WORD.fullmatch(word):
        raise QuestionError(
            f"A word has 1 to {MAX_OWN_WORD} letters, digits, spaces, hyphens and apostrophes."
        )
    return word
