"""A lecturer's own tour: steps of the tours and of any page, in any order, as a file and as a link.

A file is JSON: `title`, `questions` as they are written for a class, and `steps`. A step is one of another
tour (`like` and `title`) or of a page (`page`, `part`, `title`), with `minutes` and words of its own. All
may come from a stranger. So each value is checked, and words are shown with bold, italics and lists alone.
"""

import base64
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

from dashboard.elements.untrusted import escape_markdown
from dashboard.lecture.itinerary import LENGTHS, Step, Tour, read_tour
from dashboard.lecture.page_parts import PARTS
from dashboard.session import choices
from dashboard.site_map import BY_STEM
from mnist_core.bounds import (
    MAX_OWN_QUESTIONS_BYTES,
    MAX_TOUR_BYTES,
    MAX_TOUR_LINK,
    MAX_TOUR_MINUTES,
    MAX_TOUR_STEPS,
    MAX_TOUR_TITLE,
    MAX_TOUR_WORDS,
)
from mnist_core.classroom.own_questions import QuestionError, read_questions

KIND: Final = "MLP Explainer tour"
FORMAT: Final = 1
WORDS: Final = ("show", "ask", "likely_answers", "if_it_goes_wrong")
"""What a lecturer may write of a step, in this order."""
_NO_LINK: Final = "This link holds no tour. Ask for it again, or for the tour's file."
_LIST: Final = re.compile(r"(\s{0,6}(?:[-*]|[0-9]{1,2}\.)\s+)?(.*)")


class OwnTourError(ValueError):
    """A file or a link is no tour; the message says what came, what is allowed, and what to do."""


@dataclass(frozen=True)
class OwnStep:
    """A step as the lecturer chose it.

    Attributes:
        title: Of the step.
        minutes: How long it takes.
        like: The length of the tour that it is from, such as "30"; empty for a page.
        page: The stem of the page; empty for a step of a tour.
        part: A part of the page; empty for its beginning.
        settings: Choices that are not as usual, by name.
        show: Words of one's own, plain text; where they are empty those of the tour are used.
        ask: See `show`.
        likely_answers: See `show`.
        if_it_goes_wrong: See `show`.
    """

    title: str
    minutes: float
    like: str = ""
    page: str = ""
    part: str = ""
    settings: Mapping[str, Any] | None = None
    show: str = ""
    ask: str = ""
    likely_answers: str = ""
    if_it_goes_wrong: str = ""

    @property
    def base(self) -> Step | None:
        """The step of a tour that it is; None for one of a page, and where the tour has no such step."""
        steps = read_tour(int(self.like)).steps if self.like else ()
        return next((step for step in steps if step.title == self.title), None)

    @property
    def step(self) -> Step:
        """The step as a tour has it, its own words made harmless."""
        base = self.base or Step(
            escape_markdown(self.title), BY_STEM[self.page], self.part, 0, self.settings or {}, "", "", ""
        )
        own = [safe_markdown(getattr(self, name)) for name in WORDS]
        show, ask, answers, wrong = own
        return replace(
            base,
            minutes=self.minutes,
            show=show or base.show,
            ask=ask or base.ask,
            hope_for=answers or base.hope_for,
            if_it_goes_wrong=wrong or base.if_it_goes_wrong,
        )


@dataclass(frozen=True)
class OwnTour:
    """A tour of one's own: its title, its steps, and questions for a class as they are written."""

    title: str = "My tour"
    steps: tuple[OwnStep, ...] = ()
    questions: str = ""

    @property
    def tour(self) -> Tour:
        """The same as the other tours are given."""
        steps = tuple(step.step for step in self.steps)
        minutes = sum(step.minutes for step in steps)
        seen = "\n".join(f"- {step.title}" for step in steps)
        return Tour(minutes, escape_markdown(self.title), "", steps, f"You have seen:\n\n{seen}", is_own=True)

    def to_json(self, indent: int | None = 1) -> str:
        """The tour as a file has it."""
        steps = [{name: value for name, value in asdict(step).items() if value} for step in self.steps]
        content = {"kind": KIND, "format": FORMAT, "title": self.title, "steps": steps}
        content |= {"questions": self.questions} if self.questions else {}
        return json.dumps(content, ensure_ascii=False, indent=indent)


def read_own_tour(content: bytes) -> OwnTour:
    """The tour in a file.

    Raises:
        OwnTourError: There is none in it.
    """
    if len(content) > MAX_TOUR_BYTES:
        came = f"The file has {len(content):,} bytes; a tour has {MAX_TOUR_BYTES:,} at most."
        raise OwnTourError(f"{came} Shorten its texts, or choose the file of a tour.")
    try:
        values = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        raise OwnTourError("The file is not JSON. Choose a file that was saved on this page.") from None
    if not isinstance(values, dict) or values.get("kind") != KIND or values.get("format") != FORMAT:
        needed = f"A tour has the kind “{KIND}” and the format {FORMAT}"
        raise OwnTourError(f"{needed}, and this file has not. Choose a file that was saved on this page.")
    steps = values.get("steps")
    if not isinstance(steps, list) or len(steps) > MAX_TOUR_STEPS:
        came = f"{len(steps):,}" if isinstance(steps, list) else "none"
        raise OwnTourError(
            f"The tour has a list of up to {MAX_TOUR_STEPS} steps, and this one has {came}. Leave some out."
        )
    title = _text(values, "title", MAX_TOUR_TITLE, "The tour")
    questions = _text(values, "questions", MAX_OWN_QUESTIONS_BYTES, "The tour")
    check_questions(questions)
    read = tuple(_step(number, step) for number, step in enumerate(steps, start=1))
    return OwnTour(title or "My tour", read, questions)


def check_questions(text: str) -> None:
    """Raise `OwnTourError` unless a text is empty or holds questions."""
    try:
        if text.strip():
            read_questions(text)
    except QuestionError as error:
        raise OwnTourError(f"The questions of the tour: {error} Correct them, and try again.") from None


def to_link(tour: OwnTour) -> str:
    """The tour as a link carries it.

    Raises:
        OwnTourError: It is too long for one.
    """
    packed = base64.urlsafe_b64encode(zlib.compress(tour.to_json(None).encode(), 9)).decode().rstrip("=")
    if len(packed) > MAX_TOUR_LINK:
        came = f"The tour takes {len(packed):,} characters, and a link carries {MAX_TOUR_LINK:,}."
        raise OwnTourError(f"{came} Save it as a file instead.")
    return packed


def from_link(packed: str) -> OwnTour:
    """The tour that a link carries.

    Raises:
        OwnTourError: It carries none.
    """
    if len(packed) > MAX_TOUR_LINK or not re.fullmatch(r"[A-Za-z0-9_-]+", packed):
        raise OwnTourError(_NO_LINK)
    try:
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(
            base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), MAX_TOUR_BYTES + 1
        )
    except (ValueError, zlib.error):
        raise OwnTourError(_NO_LINK) from None
    return read_own_tour(content)


def safe_markdown(text: str) -> str:
    """Words that keep their lines, lists, bold and italics; all other Markdown is shown as it is written."""
    lines = []
    for line in text.splitlines():
        match = _LIST.fullmatch(line)
        mark, words = (match[1] or "", match[2]) if match else ("", line)
        shown = escape_markdown(words)
        shown = re.sub(r"\\\*\\\*(\S(?:.*?\S)?)\\\*\\\*", r"**\1**", shown)
        shown = re.sub(r"\\\*(\S(?:.*?\S)?)\\\*", r"*\1*", shown)
        lines.append(mark + shown)
    return "\n".join(lines)


def _step(number: int, values: object) -> OwnStep:
    """A step of a file; its number is that of a person who counts from 1."""
    where = f"Step {number}"
    if not isinstance(values, dict):
        raise OwnTourError(
            f"{where} is not written as a step, with names and values. Correct it in the file."
        )
    if odd := [name for name in values if name not in {field.name for field in fields(OwnStep)}]:
        raise OwnTourError(f"{where} has {odd[0][:40]!r}, which no step has. Take it out of the file.")
    texts = {name: _text(values, name, MAX_TOUR_WORDS, where) for name in WORDS}
    title = _text(values, "title", MAX_TOUR_TITLE, where)
    like, page, part = (_text(values, name, MAX_TOUR_TITLE, where) for name in ("like", "page", "part"))
    step = OwnStep(title, _minutes(values, where), like, page, part, _settings(values, where), **texts)
    _check_place(step, where)
    return step


def _check_place(step: OwnStep, where: str) -> None:
    """Raise `OwnTourError` unless there is such a step of a tour, or such a part of a page."""
    if step.like:
        if step.like not in map(str, LENGTHS) or step.base is None:
            raise OwnTourError(
                f"{where} is “{step.title}” of the tour of {step.like[:20]} minutes, which has no such step. "
                "Choose one of its steps, or give the step a page."
            )
        return
    if step.page not in BY_STEM:
        raise OwnTourError(f"{where} has the page {step.page[:40]!r}. Write one of {', '.join(BY_STEM)}.")
    if step.part and step.part not in PARTS.get(step.page, ()):
        raise OwnTourError(
            f"{where} has the part “{step.part}”, which the page {BY_STEM[step.page].title} has not. "
            "Leave it out, or write the words of one of its headings."
        )
    if not step.title:
        raise OwnTourError(f"{where} has no title. Write 1 to {MAX_TOUR_TITLE} characters.")


def _text(values: Mapping[str, Any], name: str, limit: int, where: str) -> str:
    text = values.get(name, "")
    if not isinstance(text, str) or len(text) > limit or "\x00" in text:
        came = f"{len(text):,} characters" if isinstance(text, str) else f"{str(text)[:40]!r}"
        raise OwnTourError(f"{where} has {came} as its {name}. Write a text of up to {limit:,} characters.")
    return text


def _minutes(values: Mapping[str, Any], where: str) -> float:
    minutes = values.get("minutes")
    is_number = isinstance(minutes, int | float) and not isinstance(minutes, bool)
    if not is_number or not 0 < minutes <= MAX_TOUR_MINUTES:  # type: ignore[operator]
        came = f"{str(minutes)[:40]!r}"
        raise OwnTourError(f"{where} has {came} minutes. Write a number above 0, up to {MAX_TOUR_MINUTES}.")
    return float(minutes)  # type: ignore[arg-type]


def _settings(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    settings = values.get("settings") or {}
    if not isinstance(settings, dict):
        raise OwnTourError(f"{where} has settings that are no names with values. Correct them in the file.")
    for name, value in settings.items():
        choice = choices.CHOICES.get(name)
        if choice is None:
            raise OwnTourError(f"{where} has the setting {name[:40]!r}, which there is not. Take it out.")
        if not choice.allowed.allows(value):
            raise OwnTourError(f"{where} sets {name} to {str(value)[:40]!r}. Write {choice.allowed} instead.")
    return settings


def as_own(step: Step, length: int) -> OwnStep:
    """A step of a tour as one of a tour of one's own."""
    return OwnStep(step.title, step.minutes, like=str(length))
