"""Guided tours as they are written: what to show and what to ask, step by step.

The words are in `pages/lecture/tour_<minutes>.md`: a `##` part for each step, which begins with lines such
as `page: evaluate`, `minutes: 3` and `shows: confusion`, and if need be `part: Film`, `run: trained` and
`settings: units=8 image=7`, and goes on with `### Show`, `### Ask`, `### Likely answers` and `### If it goes
wrong`. With `like: 30` it is the step of that title in the tour of 30 minutes, and only other minutes need be
said. The part `finish` says what was learnt, and where to go on.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, Literal

from dashboard.elements.markdown_blocks import split_at_headings
from dashboard.elements.prose import LessonError, read_lesson
from dashboard.session import choices
from dashboard.site_map import BY_STEM, TOUR, SitePage

LENGTHS: Final = (10, 30, 60, 90)
"""Minutes of the tours."""
OWN: Final = 0
"""Stands for the minutes of a visitor's own tour, which are the sum of those of its steps."""
OWN_NAME: Final = "own"
"""What stands for it in an address."""
PARTS: Final = ("Show", "Ask", "Likely answers", "If it goes wrong")
WORDS_PER_MINUTE: Final = 110
"""Spoken to a class, many of which listen in their second language; a conversation has about 150."""
SECONDS_TO_SHOW: Final = 10
"""What one sentence of **Show** takes to be done and seen."""
SECONDS_TO_THINK: Final = 20
"""What a class needs between a question and its answer."""
_WORD: Final = re.compile(r"\w[\w’'.,–-]*")
_SENTENCE_END: Final = re.compile(r"[.!?](?=\s|$)")


Run = Literal["classic", "none", "trained"]
RUNS: Final[Mapping[str, Run]] = {"classic": "classic", "none": "none", "trained": "trained"}


@dataclass(frozen=True)
class Step:
    """One step of a tour.

    Attributes:
        title: What it is about, in a few words.
        page: Where it is shown.
        part: The words of the heading or tab of the page that it is about; empty for the beginning.
        minutes: How long it takes.
        settings: Choices to be made when it begins, by name; all others are as usual then.
        show: What the lecturer does and points at; Markdown.
        ask: What to ask the class.
        hope_for: What the class is likely to answer, and what to say to it.
        if_it_goes_wrong: What to do where the page, the network or the class does something else.
        run: Which run its page shows when it begins: the classic network; none, because it is to be trained;
            or the one with its settings, which was trained in a step before.
        shows: Keys of what its page must show.
    """

    title: str
    page: SitePage
    part: str
    minutes: float
    settings: Mapping[str, Any]
    show: str
    ask: str
    hope_for: str
    if_it_goes_wrong: str = ""
    run: Run = "classic"
    shows: tuple[str, ...] = ()

    @property
    def notes(self) -> dict[str, str]:
        """What is said of it by the names of `PARTS`, in their order; a lecturer's own step may lack some."""
        words = (self.show, self.ask, self.hope_for, self.if_it_goes_wrong)
        return {name: text for name, text in zip(PARTS, words, strict=True) if text}

    @property
    def least_minutes(self) -> float:
        """What the question and its answer, showing, and thinking take; the rest is for the class."""
        spoken = len(_WORD.findall(f"{self.ask} {self.hope_for}")) / WORDS_PER_MINUTE
        n_shown = max(1, len(_SENTENCE_END.findall(self.show)))
        return spoken + (n_shown * SECONDS_TO_SHOW + SECONDS_TO_THINK) / 60


@dataclass(frozen=True)
class Tour:
    """A tour: its minutes, its title, what it is for, its steps, what they have shown, and whose it is."""

    minutes: float
    title: str
    about: str
    steps: tuple[Step, ...]
    finish: str
    is_own: bool = False

    def at(self, place: int) -> Step | None:
        """A step, counted from 1; after the last one the end, on the page of the tours; None for others."""
        if place == len(self.steps) + 1:
            return Step("The end of the tour", TOUR, "", 0, {}, self.finish, "", "")
        return self.steps[place - 1] if 1 <= place <= len(self.steps) else None

    @property
    def number(self) -> int:
        """What a position in it is known by: its minutes, or for a tour of one's own 0."""
        return OWN if self.is_own else int(self.minutes)

    @property
    def name(self) -> str:
        """What stands for it in an address."""
        return OWN_NAME if self.is_own else f"{self.number}"

    @property
    def slack(self) -> float:
        """Minutes of the tour that no step has, for questions from the class and for what goes wrong."""
        return self.minutes - self.planned(len(self.steps))

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
    facts = dict(re.findall(r"^(\w+): *(.+?) *$", head, flags=re.MULTILINE))
    parts = {name: body for _, name, body in rest}
    try:
        if "like" in facts:
            steps = read_tour({str(length): length for length in LENGTHS}[facts["like"]]).steps
            step = {step.title: step for step in steps}[title]
            return replace(step, minutes=float(facts.get("minutes", step.minutes)))
        if tuple(parts) != PARTS or not all(parts.values()):
            raise LessonError(f"The step {title!r} must have the parts {listed(PARTS)}.")
        return _step(title, facts, [parts[name] for name in PARTS])
    except (KeyError, ValueError) as error:
        raise LessonError(
            f"The step {title!r} has no such page, minutes, settings or run: {error}."
        ) from error


def _step(title: str, facts: Mapping[str, str], words: Sequence[str]) -> Step:
    pairs = (pair.split("=", 1) for pair in facts.get("settings", "").split())
    show, ask, hope_for, if_it_goes_wrong = words
    return Step(
        title,
        BY_STEM[facts["page"]],
        facts.get("part", ""),
        float(facts["minutes"]),
        {name: choices.CHOICES[name].parse(name, value) for name, value in pairs},
        show,
        ask,
        hope_for,
        if_it_goes_wrong,
        run=RUNS[facts.get("run", "classic")],
        shows=tuple(re.split(", *", facts["shows"])),
    )
