"""The look that all pages share: edges, first row, type, what stays in view; and what present mode adds."""

from pathlib import Path
from typing import Final

import streamlit as st

_FOLDER: Final = Path(__file__).parent
_PAGE: Final = (_FOLDER / "page.css").read_text(encoding="utf-8")
_PRESENT: Final = (_FOLDER / "present.css").read_text(encoding="utf-8")


def apply(is_presented: bool) -> None:
    """Give the page its look; Streamlit puts a style beside the page, where it takes no room.

    Args:
        is_presented: Whether the page is on a projector.
    """
    st.html(f"<style>{_PAGE}{_PRESENT if is_presented else ''}</style>")
