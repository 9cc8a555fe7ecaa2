"""Tables: of numbers, which can be sorted and searched, and of words, which are read."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import pandas as pd
import streamlit as st

from mnist_core.figures.style import share_text, with_minus, with_minus_signs

MISSING: Final = "–"
"""What stands in the place of a value that there is none of."""
PERCENT, PERCENT_SIGN = "percent", "percent with its sign"
"""Forms of a number of percent, 0 to 100: as `share_text` writes it, so that no 99.97 becomes a 100."""
RESULT_FORMATS: Final[Mapping[str, str]] = {
    "Validation accuracy (%)": PERCENT,
    "Test accuracy (%)": PERCENT,
    "Time (s)": "%.2f",
}
"""Of what came of a training."""


def data_table(
    rows: Any, formats: Mapping[str, Any] | None = None, key: str | None = None, **options: Any
) -> Any:
    """Rows as wide as the page, with a form for the numbers of some columns, or another heading.

    A value that is missing is a dash, and a negative one begins with a minus sign.

    Args:
        rows: As `st.dataframe` takes them.
        formats: By column: a form such as "%.2f" or `PERCENT`, or what `st.column_config` makes of one.
        key: The element's key.
        **options: More of `st.dataframe`, such as `on_select`.

    Returns:
        What `st.dataframe` does: the rows that the visitor picked, where rows can be picked.
    """
    frame, forms = pd.DataFrame(rows), dict(formats or {})
    words = [name for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]
    frame = frame.assign(**{str(name): frame[name].map(_with_minus) for name in words})
    percents = {name: form for name in forms if (form := _percent_form(forms[name]))}
    forms = {
        name: form if name not in percents else _without_form(form)
        for name, form in forms.items()
        if not isinstance(form, str) or name not in percents
    }
    signed = {
        name: forms.pop(name, "%s")
        for name in map(str, frame)
        if name not in percents and _has_minus(frame[name], forms.get(name, "%s"))
    }
    columns = {
        name: st.column_config.NumberColumn(format=form) if isinstance(form, str) and "%" in form else form
        for name, form in forms.items()
    }
    common: dict[str, Any] = {"hide_index": True, "width": "stretch", "placeholder": MISSING}
    written: dict[Any, Any] = {name: _written_in(form) for name, form in signed.items()}
    written |= {name: _percent(form) for name, form in percents.items() if name in frame}
    shown = frame.style.format(written) if written else frame
    return st.dataframe(shown, key=key, column_config=columns, **common | options)


def _percent_form(form: Any) -> str | None:
    """`PERCENT` or `PERCENT_SIGN`, where a column has one of them."""
    own = form["type_config"].get("format") if isinstance(form, dict) and "type_config" in form else form
    return own if own in (PERCENT, PERCENT_SIGN) else None


def _without_form(column: Any) -> dict[str, Any]:
    """What `st.column_config` made, for numbers that are written here."""
    return {**column, "type_config": column["type_config"] | {"format": None}}


def _percent(form: str) -> Callable[[Any], str]:
    """Writes numbers of percent; sorted they are by their values."""

    def write(value: Any) -> str:
        text = MISSING if pd.isna(value) else share_text(value / 100)
        return text if form == PERCENT_SIGN else text.removesuffix("%")

    return write


def _with_minus(cell: Any) -> Any:
    """A cell whose words, if it has any, have minus signs."""
    return with_minus_signs(cell) if isinstance(cell, str) else cell


def _has_minus(column: pd.Series, form: Any) -> bool:
    """Whether a number of a column is negative, or written with a power of ten that may be."""
    is_written_here = isinstance(form, str) and pd.api.types.is_numeric_dtype(column)
    return is_written_here and (form.endswith("e") or bool((column < 0).any()))


def _written_in(form: str) -> Callable[[Any], str]:
    """Writes numbers with a minus sign, where a form of the browser's would have a hyphen."""

    def write(value: Any) -> str:
        text = MISSING if pd.isna(value) else form % value
        return with_minus(text if text.strip("-0.") else text.removeprefix("-"))  # 0 has no sign

    return write


def word_table(columns: Mapping[str, Iterable[str]], **options: Any) -> None:
    """A table of words, which wrap; on a small screen it scrolls sideways.

    Args:
        columns: The cells of each column, Markdown, by its heading.
        **options: More of `st.table`, such as `alt`.
    """
    shown = {name: list(map(_with_minus, cells)) for name, cells in columns.items()}
    st.table(shown, hide_index=True, **options)


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
