"""Tables: of numbers, which can be sorted and searched, and of words, which are read."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import streamlit as st

MISSING: Final = "–"
"""What stands in the place of a value that there is none of."""


def data_table(
    rows: Any, formats: Mapping[str, Any] | None = None, key: str | None = None, **options: Any
) -> Any:
    """Rows as wide as the page, with a form for the numbers of some columns, or another heading.

    A value that is missing is a dash.

    Args:
        rows: As `st.dataframe` takes them.
        formats: By column: a form such as "%.2f", or what `st.column_config` makes.
        key: The element's key.
        **options: More of `st.dataframe`, such as `on_select`.

    Returns:
        What `st.dataframe` does: the rows that the visitor picked, where rows can be picked.
    """
    columns = {
        name: st.column_config.NumberColumn(format=form) if isinstance(form, str) and "%" in form else form
        for name, form in (formats or {}).items()
    }
    common: dict[str, Any] = {"hide_index": True, "width": "stretch", "placeholder": MISSING}
    return st.dataframe(rows, key=key, column_config=columns, **common | options)


def word_table(columns: Mapping[str, Iterable[str]], **options: Any) -> None:
    """A table of words, which wrap; on a small screen it scrolls sideways.

    Args:
        columns: The cells of each column, Markdown, by its heading.
        **options: More of `st.table`, such as `alt`.
    """
    st.table(columns, hide_index=True, **options)


def markdown_table(markdown: str, alt: str) -> None:
    """The same from a page's prose: Markdown's own table would take the page with it on a small screen.

    Args:
        markdown: A table in Markdown and nothing else.
        alt: What it is about.
    """
    header, _, *rows = (
        [cell.strip() for cell in line.strip(" |").split("|")] for line in markdown.splitlines()
    )
    columns = zip(*rows, strict=True)
    word_table(dict(zip(header, columns, strict=True)), alt=alt)
