"""The structure of a Markdown text: its headings with what stands below each, and the items of its lists."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER: Final = MarkdownIt("commonmark").disable("inline")  # words stay Markdown, for the page to show


def parse_blocks(markdown: str) -> list[Token]:
    """The blocks of a text: `map` holds the lines of each, `content` the Markdown of its words."""
    return _PARSER.parse(markdown)


def split_at_headings(markdown: str, *marks: str) -> Iterator[tuple[str, str, str]]:
    """Mark, heading and the text below it, for each heading; before them "", "" and the text above all.

    Args:
        markdown: The text.
        *marks: Which headings, such as "##"; others belong to the text below these.
    """
    lines, tokens = markdown.splitlines(), parse_blocks(markdown)
    mark, heading, start = "", "", 0
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open" and opening.markup in marks and opening.map is not None:
            first, end = opening.map
            yield mark, heading, "\n".join(lines[start:first]).strip()
            mark, heading, start = opening.markup, inline.content, end
    yield mark, heading, "\n".join(lines[start:]).strip()
