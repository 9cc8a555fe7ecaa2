"""Tables write shares as the rest of the dashboard does, and sort them by their values."""

import ast
import re

import pytest
import streamlit as st
from paths import ROOT

from dashboard.widgets import tables
from mnist_core.figures.style import share_text


@pytest.fixture
def shown(monkeypatch):
    """What a table is shown as: its frame or styled frame, and what is said of its columns."""
    seen = []

    def record(frame, **options):
        seen.append((frame, options["column_config"]))

    monkeypatch.setattr(tables.st, "dataframe", record)
    return seen


def written(styled, name):
    """The cells of a column as they are written."""
    cells = re.findall("<td[^>]*>(.*?)</td>", styled.to_html())
    return cells[list(styled.columns).index(name) :: len(styled.columns)]


def test_a_share_in_a_table_is_never_a_100_that_is_not_one_and_keeps_its_value(shown):
    percents = [99.97, 100.0, 96.54, None]
    tables.data_table({"Accuracy (%)": percents}, {"Accuracy (%)": tables.PERCENT})
    [(frame, columns)] = shown
    assert written(frame, "Accuracy (%)") == [">99.9", "100.0", "96.5", tables.MISSING]
    assert frame.data["Accuracy (%)"].tolist()[:3] == percents[:3]
    assert "Accuracy (%)" not in columns  # None would hide it


def test_a_column_with_a_heading_of_its_own_keeps_it(shown):
    heading = st.column_config.NumberColumn("Confidence", width="small", format=tables.PERCENT_SIGN)
    tables.data_table({"confidence": [99.97, 50.0]}, {"confidence": heading})
    [(frame, columns)] = shown
    assert written(frame, "confidence") == [">99.9%", share_text(0.5)]
    assert columns["confidence"]["label"] == "Confidence"
    assert columns["confidence"]["type_config"]["format"] is None


def test_no_table_writes_a_share_in_another_way():
    """A form with one decimal would round 99.97 to 100.0."""
    found = []
    for folder in ("dashboard", "pages"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for part in ast.walk(ast.parse(path.read_text())):
                if isinstance(part, ast.Constant) and part.value in ("%.1f", "%.1f%%"):
                    found.append(f"{path.relative_to(ROOT)}, line {part.lineno}")
    assert found == []
