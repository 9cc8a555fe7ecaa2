"""The look that all pages share: edges, first row, type, what stays in view; and what present mode adds."""

import re
from pathlib import Path
from typing import Final

import streamlit as st

from mnist_core.figures.style import INK, PAPER, Theme

_FOLDER: Final = Path(__file__).parent
_COMMENT: Final = re.compile(r"/\*.*?\*/\s*", re.DOTALL)


def _read(*parts: str) -> str:
    """Style sheets beside this module, without what is only for people: every run of a page sends them."""
    sheets = ((_FOLDER / f"{part}.css").read_text(encoding="utf-8") for part in parts)
    return _COMMENT.sub("", "".join(sheets))


_PAGE: Final = _read("page", "sidebar", "learn", "lab", "lecture", "print")
_PRESENT: Final = _read("present")
_ALONE: Final = _read("alone")
_PRINT_DARK: Final = _read("print_dark")
_STATES: Final = {name: _read(name) for name in ("present_tour", "sections", "section")}


def apply(theme: Theme, is_presented: bool, is_alone: bool = False) -> None:
    """Give the page its look; Streamlit puts a style beside the page, where it takes no room.

    Args:
        theme: The page's.
        is_presented: Whether the page is on a projector.
        is_alone: Whether there is nothing around a part of it.
    """
    own = _colors(INK[theme], PAPER[theme])
    # Where the browser knows them, the colours follow a switch of the theme before the page runs again.
    both = _colors(*(f"light-dark({of['light']}, {of['dark']})" for of in (INK, PAPER)))
    colors = f"{own} @supports (color: light-dark(#000, #fff)) {{ {both} }}"
    sheets = [_PAGE, _PRESENT if is_presented else "", _ALONE if is_alone else ""]
    sheets.append(_PRINT_DARK if theme == "dark" else "")
    st.html(f"<style>{colors}\n{''.join(sheets)}</style>")


def add(*states: str) -> None:
    """Add to the look of the page what is only for a state of it.

    A style sheet could ask whether the page has what belongs to a state (`.stMain:has(...)`). But then the
    browser asks again whenever anything is drawn, and needs up to 30 times as long to measure a text.

    Args:
        states: Names of style sheets: "present_tour", "sections" or "section".
    """
    st.html(f"<style>{''.join(_STATES[state] for state in states)}</style>")


def _colors(ink: str, paper: str) -> str:
    """The colours that the style sheets use, by their names there."""
    return f":root {{ --paper: {paper}; --hairline: color-mix(in srgb, {ink} 20%, {paper}); }}"
