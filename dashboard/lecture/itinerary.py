"""Guided tours as they are written: what to show and what to ask, step by step.

The words are in `pages/lecture/tour_<minutes>.md`: a `##` part for each step, which begins with lines such
as `page: evaluate`, `minutes: 3` and, if need be, `part: Replay` and `settings: units=8 image=7`, and goes on
with `### Show`, `### Ask` and `### Hope for`. The part `finish` says what was learnt.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from dashboard.elements.markdown_blocks import split_at_headings
from dashboard.elements.prose import LessonError, read_lesson
from dashboard.session import choices
from dashboard.site_map import BY_STEM, TOUR, SitePage

LENGTHS: Final = (10, 30, 60)
"""Minutes of the tours."""
PARTS: Final = ("Show", "Ask", "Hope for")
WORDS_PER_MINUTE: Final = 110
"""Spoken to a class, many of which listen in their second language; a conversation has about 150."""
SECONDS_TO_SHOW: Final = 10
"""What one sentence of **Show** takes to be done and seen."""
SECONDS_TO_THINK: Final = 20
"""What a class needs between a question and its answer."""
_WORD: Final = re.compile(r"\w[\w’'.,–-]*")
_SENTENCE_END: Final = re.compile(r"[.!?](?=\s|$)")


@dataclass(frozen=True)
class Step:
    """One step of a tour.

    Attributes:
        title: What it is about, in a few words.
        page: Where it is shown.
        part: The words of the heading or tab of the page that it is about; empty for the beginning.
        minutes: How long it takes.
        settings: Choices to be made when it begins, by name.
        show: What the lecturer does and points at; Markdown.
        ask: What to ask the class.
        hope_for: The answer, and what to say to it.
    """

    title: str
    page: SitePage
    part: str
    minutes: float
    settings: Mapping[str, Any]
    show: str
    ask: str
    hope_for: str

    @property
    def least_minutes(self) -> float:
        """What the question and its answer, showing, and thinking take; the rest is for the class."""
        spoken = len(_WORD.findall(f"{self.ask} {self.hope_for}")) / WORDS_PER_MINUTE
        n_shown = max(1, len(_SENTENCE_END.findall(self.show)))
        return spoken + (n_shown * SECONDS_TO_SHOW + SECONDS_TO_THINK) / 60


@dataclass(frozen=True)
class Tour:
    """A tour: its length in minutes, its title, what it is for, its steps, and what they have shown."""

    minutes: int
    title: str
    about: str
    steps: tuple[Step, ...]
    finish: str

    def at(self, place: int) -> Step | None:
        """A step, counted from 1; after the last one the end, on the page of the tours; None for others."""
        if place == len(self.steps) + 1:
            return Step("The end of the tour", TOUR, "", 0, {}, self.finish, "", "")
        return self.steps[place - 1] if 1 <= place <= len(self.steps) else None

    def planned(self, step: int) -> float:
        """Minutes that are over when a step, counted from 1, ends as planned."""
        return sum(earlier.minutes for earlier in self.steps[:step])


def read_tour(minutes: int) -> Tour:
    """One of the tours.

    Raises:
        LessonError: Its file is not written as it must be.
    """
    lesson = read_lesson("lecture", f"tour_{minutes}")
    steps = (_parse_step(title, text) for title, text in lesson.items() if title not in ("about", "finish"))
    return Tour(minutes, lesson.title, lesson["about"], tuple(steps), lesson["finish"])


def listed(names: Sequence[str]) -> str:
    """Words in a row, with an "and" before the last."""
    return ", ".join(names[:-1]) + f" and {names[-1]}"


@lru_cache(maxsize=100)
def _parse_step(title: str, text: str) -> Step:
    (_, _, head), *rest = split_at_headings(text, "###")
    parts = {name: body for _, name, body in rest}
    if tuple(parts) != PARTS or not all(parts.values()):
        raise LessonError(f"The step {title!r} must have the parts {listed(PARTS)}.")
    facts = dict(re.findall(r"^(\w+): *(.+?) *$", head, flags=re.MULTILINE))
    pairs = (pair.split("=", 1) for pair in facts.get("settings", "").split())
    try:
        settings = {name: choices.CHOICES[name].parse(name, value) for name, value in pairs}
        page = BY_STEM[facts["page"]]
        minutes = float(facts["minutes"])
    except (KeyError, ValueError) as error:
        raise LessonError(f"The step {title!r} has no such page, minutes or settings: {error}.") from error
    return Step(title, page, facts.get("part", ""), minutes, settings, *(parts[name] for name in PARTS))
