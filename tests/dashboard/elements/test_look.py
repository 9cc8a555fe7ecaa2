"""The style sheets of all pages."""

import re

import pytest

from dashboard.elements import look

SHEETS = sorted(path.name for path in look._FOLDER.glob("*.css"))
ASKS_THE_PAGE = re.compile(r"(?:\.stMain|\.stApp|body|html|:root)(?::not\()?:has\([^{,]*\)\s+\S")


def selectors_of(sheet):
    rules = re.sub(r"/\*.*?\*/", "", (look._FOLDER / sheet).read_text(), flags=re.DOTALL)
    return [selector.strip() for selector in re.findall(r"([^{}]+)\{", rules)]


@pytest.mark.parametrize("sheet", SHEETS)
def test_no_selector_asks_what_the_whole_page_has(sheet):
    """The browser would ask again whenever anything is drawn: `benchmarks.styles`."""
    assert [selector for selector in selectors_of(sheet) if ASKS_THE_PAGE.search(selector)] == []


def test_such_a_selector_is_found():
    assert ASKS_THE_PAGE.search(".stMain:has(.st-key-bar) h1")
    assert ASKS_THE_PAGE.search('.stMain:not(:has(.st-key-bar)) [data-testid="stHeading"] h1')
    assert not ASKS_THE_PAGE.search('.stMain [data-testid="stLayoutWrapper"]:has(> .st-key-bar)')
