"""The words of the dashboard: the prose of each page and the glossary, read from the texts in `pages/`.

A lesson is a Markdown file with a `# Title` and `## name` parts, which a page reads by name and puts where
they belong. The glossary is one such file with `# Section` and `## Term` headings. A link such as
``[bias](glossary#bias)`` in a lesson leads to that term; it is checked when the lesson is read, so that no
page shows a link that leads nowhere. Each file is parsed once, and again only when it has changed.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Final

from cachetools import TTLCache, cached

from dashboard.elements.markdown_blocks import split_at_headings
from dashboard.site_map import GLOSSARY

PAGES: Final = Path(__file__).resolve().parents[2] / "pages"
"""Each page is a script and a text, side by side."""

LOOK_SECONDS: Final = 1.0
"""For which a file is taken for unchanged: a page reads up to ten, and asks the system for none of them."""
_TERM_LINK: Final = re.compile(r"\]\((?:" + GLOSSARY.address + r")?#([^)\s]*)\)")


class LessonError(ValueError):
    """A lesson file is not written as it must be; the message says where and why."""


@dataclass(frozen=True)
class Lesson(Mapping[str, str]):
    """The prose of one page.

    Attributes:
        title: The page's title.
        parts: Markdown by the name of its part, in the file's order.
    """

    title: str
    parts: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        if name not in self.parts:
            raise KeyError(f"The lesson “{self.title}” has no part {name!r}, only {', '.join(self.parts)}.")
        return self.parts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.parts)

    def __len__(self) -> int:
        return len(self.parts)


@dataclass(frozen=True)
class Term:
    """One entry of the glossary.

    Attributes:
        name: As it is written.
        anchor: Its address on the glossary page, as in ``glossary#cross-entropy``.
        text: Its definition in Markdown; links to other terms are ``[bias](#bias)``.
    """

    name: str
    anchor: str
    text: str


@dataclass(frozen=True)
class GlossarySection:
    """Terms that belong together, in teaching order."""

    title: str
    terms: tuple[Term, ...]


def read_lesson(section: str, stem: str) -> Lesson:
    """The prose of the page ``pages/<section>/<stem>.py``.

    Args:
        section: Folder below `pages`, such as "lab".
        stem: File name without ending, such as "train".

    Raises:
        FileNotFoundError: There is no such lesson.
        LessonError: It has no title, a part twice or without text, or links to an unknown term.
    """
    path = PAGES / section / f"{stem}.md"
    return _parse_lesson(path, _modified(path))


def glossary() -> tuple[GlossarySection, ...]:
    """Every term of the dashboard, each once, in sections in teaching order.

    Raises:
        FileNotFoundError: The glossary is missing.
        LessonError: A term has no text or no section, stands twice, or links to an unknown term.
    """
    path = PAGES / "reference" / "glossary.md"
    return _parse_glossary(path, _modified(path))


def term(name: str, text: str | None = None) -> str:
    """A Markdown link to a term of the glossary, for use in a page's own sentences.

    It is relative to the page, so that it also holds below a base path.

    Args:
        name: The term as the glossary writes it, in any case: "bias", "Cross-entropy".
        text: What the link says, if not `name`.

    Raises:
        KeyError: The glossary does not define it.
    """
    anchor = anchor_of(name)
    if anchor not in _anchors(glossary()):
        raise KeyError(f"The glossary has no term {name!r}.")
    return f"[{text or name}]({GLOSSARY.address}#{anchor})"


def find_terms(query: str) -> tuple[GlossarySection, ...]:
    """The part of the glossary that contains every word of `query`, in any case; all of it for none.

    A term whose name contains the words is enough for its section's other terms not to be needed: sections
    without a match are left out.
    """
    words = query.casefold().split()

    def matches(entry: Term) -> bool:
        haystack = f"{entry.name} {entry.text}".casefold()
        return all(word in haystack for word in words)

    sections = (GlossarySection(s.title, tuple(filter(matches, s.terms))) for s in glossary())
    return tuple(section for section in sections if section.terms)


def anchor_of(heading: str) -> str:
    """The address of a heading: lower case, a hyphen for whatever is neither letter nor digit."""
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


@cached(TTLCache(100, LOOK_SECONDS), lock=Lock())
def _modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        place = path.relative_to(PAGES.parent) if path.is_relative_to(PAGES.parent) else path
        raise FileNotFoundError(f"There is no lesson {place.as_posix()}.") from None


@lru_cache(maxsize=64)
def _parse_lesson(path: Path, modified: int) -> Lesson:
    titles, parts = [], {}
    for mark, heading, text in _headings(path):
        if mark == "#":
            titles.append(heading)
        elif heading in parts:
            raise LessonError(f"{path.name} has two parts named {heading!r}.")
        else:
            parts[heading] = text
    if len(titles) != 1:
        raise LessonError(f"{path.name} must have one title, a line that begins with '# '.")
    _check(path, parts, _anchors(glossary()))
    return Lesson(titles[0], MappingProxyType(parts))


@lru_cache(maxsize=2)
def _parse_glossary(path: Path, modified: int) -> tuple[GlossarySection, ...]:
    sections: list[tuple[str, list[Term]]] = []
    for mark, heading, text in _headings(path):
        if mark == "#":
            sections.append((heading, []))
        elif not sections:
            raise LessonError(f"{path.name}: the term {heading!r} stands before the first section.")
        else:
            sections[-1][1].append(Term(heading, anchor_of(heading), text))
    terms = [entry for _, terms in sections for entry in terms]
    anchors = frozenset(entry.anchor for entry in terms)
    if len(anchors) != len(terms):
        raise LessonError(f"{path.name} defines a term twice.")
    _check(path, {entry.name: entry.text for entry in terms}, anchors)
    return tuple(GlossarySection(title, tuple(entries)) for title, entries in sections)


def _headings(path: Path) -> Iterator[tuple[str, str, str]]:
    """Mark, heading and the text below it, for each heading of level 1 or 2 in a Markdown file."""
    return islice(split_at_headings(path.read_text(encoding="utf-8"), "#", "##"), 1, None)


def _anchors(sections: tuple[GlossarySection, ...]) -> frozenset[str]:
    return frozenset(entry.anchor for section in sections for entry in section.terms)


def _check(path: Path, texts: Mapping[str, str], anchors: frozenset[str]) -> None:
    for name, text in texts.items():
        if not text:
            raise LessonError(f"{path.name}: there is no text under {name!r}.")
        for anchor in _TERM_LINK.findall(text):
            if anchor not in anchors:
                raise LessonError(f"{path.name}: {name!r} links to {anchor!r}, not a term of the glossary.")
