"""The look that all pages share: edges, first row, type, what stays in view; and what present mode adds."""

from pathlib import Path
from typing import Final

import streamlit as st

from mnist_core.figures.style import INK, PAPER, Theme

_FOLDER: Final = Path(__file__).parent
_PAGE: Final = "".join(
    (_FOLDER / f"{part}.css").read_text(encoding="utf-8") for part in ("page", "sidebar", "lecture")
)
_PRESENT: Final = (_FOLDER / "present.css").read_text(encoding="utf-8")


def apply(theme: Theme, is_presented: bool) -> None:
    """Give the page its look; Streamlit puts a style beside the page, where it takes no room.

    Args:
        theme: The page's.
        is_presented: Whether the page is on a projector.
    """
    ink, paper = INK[theme], PAPER[theme]
    colors = f":root {{ --paper: {paper}; --hairline: color-mix(in srgb, {ink} 20%, {paper}); }}"
    st.html(f"<style>{colors}\n{_PAGE}{_PRESENT if is_presented else ''}</style>")
