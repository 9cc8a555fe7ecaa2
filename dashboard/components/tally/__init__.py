"""One bar with its number, which grows in place: the answers of a class to one of several choices."""

from pathlib import Path
from typing import Any, Final

import streamlit as st

_FOLDER: Final = Path(__file__).parent
_CSS, _SCRIPT = ((_FOLDER / name).read_text(encoding="utf-8") for name in ("tally.css", "tally.js"))


def tally_bar(share: float, text: str, color: str, *, key: str) -> None:
    """Show a bar.

    Args:
        share: How long it is, 0 to 1.
        text: What stands behind it; also its text alternative.
        color: A CSS colour.
        key: The element's key.
    """
    _component()(key=key, data={"share": share, "text": text, "color": color}, height="content")


def _component() -> Any:
    html = '<div class="tally"><div class="track"><i></i></div><span></span></div>'
    return st.components.v2.component("mlp_explainer_tally", html=html, css=_CSS, js=_SCRIPT)
