"""docs/security.md names every bound once, with the value that it has."""

import ast
import re
from pathlib import Path

import pytest

from mnist_core import bounds

DOCUMENT = Path(__file__).parents[1] / "docs" / "security.md"
ROW = re.compile(r"^\| `([A-Z_]+)` \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
"""A row of the table: the constant, its value, and what happens beyond it."""
UNITS = {"": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "million": 10**6, "s": 1, "min": 60, "h": 3600}
NAMES = sorted(name for name in vars(bounds) if name.isupper())


def rows():
    """The table's rows: name, value, and what happens beyond it."""
    return ROW.findall(DOCUMENT.read_text(encoding="utf-8"))


def number(words):
    """The number that a value in the table stands for, such as "10 MB"."""
    amount, _, unit = words.strip().partition(" ")
    return float(amount.replace(",", "")) * UNITS[unit]


def undocumented(source):
    """The constants of a module that no docstring follows."""
    body = ast.parse(source).body
    constants = [
        (statement.target.id, after)
        for statement, after in zip(body, [*body[1:], None], strict=True)
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    ]
    assert constants
    return [
        name
        for name, after in constants
        if not (isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and after.value.value)
    ]


def test_the_table_names_every_bound_exactly_once():
    assert sorted(name for name, _, _ in rows()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_table_has_the_value_of_the_bound_and_says_what_happens_beyond_it(name):
    values = {row: (value, beyond) for row, value, beyond in rows()}
    value, beyond = values[name]
    assert number(value) == pytest.approx(getattr(bounds, name), rel=1e-12)
    assert len(beyond.split()) >= 3


@pytest.mark.parametrize(
    ("words", "expected"), [("400", 400), ("3,000", 3_000), ("10 MB", 1e7), ("2 min", 120)]
)
def test_a_value_in_the_table_is_read_as_a_reader_does(words, expected):
    assert number(words) == expected


def test_every_bound_has_a_docstring():
    assert undocumented(Path(bounds.__file__).read_text(encoding="utf-8")) == []


def test_a_bound_without_a_docstring_would_be_found():
    assert undocumented('FIRST: Final = 1\nSECOND: Final = 2\n"""Of two."""\nTHIRD: Final = 3\n') == [
        "FIRST",
        "THIRD",
    ]
