"""docs/security.md names every bound once, with the value that it has."""

import ast
import re
from pathlib import Path

import pytest
from paths import ROOT

from mnist_core import bounds

DOCUMENT = ROOT / "docs" / "security.md"
ROW = re.compile(r"^\| `([A-Z_]+)` \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
"""A row of the table: the constant, its value, and what happens beyond it."""
UNITS = {"": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "million": 10**6, "s": 1, "min": 60, "h": 3600}
LIKE_A_BOUND = re.compile(r"_?(MAX_[A-Z_]+|[A-Z_]+_LIMIT)")
NO_BOUNDS = {
    "mnist_core/engine/cluster.py: MAX_RETRY_SECONDS": "how Dask is looked after, whatever visitors do",
    "mnist_core/engine/cluster.py: MAX_SILENCES": "how Dask is looked after, whatever visitors do",
    "mnist_core/engine/cluster.py: MAX_TRIES": "how Dask is looked after, whatever visitors do",
    "mnist_core/chapters.py: MAX_CHAPTERS": "a limit of a setting, as those in LIMITS",
    "mnist_core/config.py: MAX_HIDDEN_LAYERS": "a limit of a setting, as those in LIMITS beside it",
    "mnist_core/lessons/batches.py: MAX_MOMENTS": "a choice of what a figure shows",
    "mnist_core/analysis/network_trace.py: MAX_DRAWN": "a choice of what a figure shows",
    "dashboard/lab/compare/pair.py: MAX_IMAGES": "a choice of what a page shows",
    "mnist_core/take_home/numpy_script.py: MAX_LINES": "a promise to who reads the script",
    "mnist_core/take_home/numpy_script.py: MAX_LINES_WITH_MORE": "the same, of a longer one",
}
"""Constants that are named like bounds and limit nothing that visitors take."""
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


def bounds_in(source):
    """The names of constants that look like bounds, and the limits of what may be typed that are numbers."""
    for node in ast.walk(ast.parse(source)):
        targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
        if isinstance(node, ast.Assign | ast.AnnAssign):
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            yield from filter(LIKE_A_BOUND.fullmatch, names)
        if isinstance(node, ast.keyword) and node.arg == "max_chars" and isinstance(node.value, ast.Constant):
            yield f"max_chars={node.value.value}"


def bounds_elsewhere():
    """What looks like a bound and stands in another file than `bounds.py`."""
    files = [
        path for folder in ("mnist_core", "dashboard", "pages") for path in (ROOT / folder).rglob("*.py")
    ]
    files.append(ROOT / "app.py")
    return [
        f"{path.relative_to(ROOT).as_posix()}: {name}"
        for path in files
        if path != Path(bounds.__file__)
        for name in bounds_in(path.read_text(encoding="utf-8"))
    ]


def test_no_bound_stands_in_another_file():
    assert sorted(bounds_elsewhere()) == sorted(NO_BOUNDS)


@pytest.mark.parametrize(
    "source",
    [
        "MAX_CLICKS: Final = 3",
        "_MAX_CLICKS = 3",
        "CLICK_LIMIT: Final = 3",
        "def click():\n    MAX_CLICKS = 3",
        'text_input("Name", max_chars=20)',
    ],
)
def test_a_bound_in_another_file_would_be_found(source):
    assert len(list(bounds_in(source))) == 1


@pytest.mark.parametrize(
    "source", ["n = MAX_CLICKS", 'text_input("Name", max_chars=MAX_NAME)', "MAXIMUM = 3", "clicks: int"]
)
def test_what_uses_a_bound_is_none(source):
    assert list(bounds_in(source)) == []


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
