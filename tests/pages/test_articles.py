"""No text says "a 8": before a digit that varies stands an article that varies with it."""

import ast
import re

from paths import ROOT

from mnist_core.figures.style import article, with_article

DIGITS = re.compile(
    r"digit|label|true(_digit)?|other|wrong|answer|reading|read|prediction|predicted|rival|second|first|target"
)
"""Names of a digit."""
BEFORE = re.compile(r"(^|[\s(“\"*])an? \**$", re.I)


def pairs_in(source):
    """What stands before each value of an f-string, and the value's source."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            for before, value in zip(node.values, node.values[1:], strict=False):
                if isinstance(before, ast.Constant) and isinstance(value, ast.FormattedValue):
                    yield before.value, ast.unparse(value.value)


def is_digit(name):
    return DIGITS.fullmatch(name.rsplit(".", maxsplit=1)[-1]) is not None


def has_fixed_article(source):
    return [name for before, name in pairs_in(source) if BEFORE.search(before) and is_digit(name)]


def test_no_string_says_a_before_a_digit_that_may_be_an_8():
    found = {
        path.relative_to(ROOT).as_posix(): names
        for folder in ("pages", "dashboard", "mnist_core")
        for path in (ROOT / folder).rglob("*.py")
        if (names := has_fixed_article(path.read_text()))
    }
    assert found == {}, "say with_article(digit)"


def test_no_text_says_a_before_a_digit_that_may_be_an_8():
    pattern = re.compile(r"\ban? \**\{(\w+)\}", re.I)
    found = {
        path.relative_to(ROOT).as_posix(): names
        for path in (ROOT / "pages").rglob("*.md")
        if (names := [name for name in pattern.findall(path.read_text()) if is_digit(name)])
    }
    assert found == {}, "give the text with_article(digit)"


def test_what_is_looked_for_is_found():
    assert has_fixed_article('f"read as a {digit}"') == ["digit"]
    assert has_fixed_article('f"A {drawing.label} is read"') == ["drawing.label"]
    assert has_fixed_article('f"read as {with_article(digit)}, the {digit}, a {number}"') == []


def test_only_an_8_begins_with_a_vowel():
    assert [with_article(digit) for digit in (7, 8)] == ["a 7", "an 8"]
    assert {digit for digit in range(10) if article(digit) == "an"} == {8}
