"""A button that saves a Vega chart as it is on the page; Streamlit offers none, as Plotly's charts have."""

from pathlib import Path
from typing import Any, Final, Literal

import streamlit as st

_FOLDER: Final = Path(__file__).parent
_CSS, _SCRIPT = ((_FOLDER / name).read_text(encoding="utf-8") for name in ("save_chart.css", "save_chart.js"))


def save_chart(chart: str, name: str, kind: Literal["png", "svg"]) -> None:
    """Show the button.

    Args:
        chart: The key of a container with the chart and nothing else drawn.
        name: Of the file, without its ending.
        kind: Which kind of file.
    """
    data = {"chart": chart, "name": name, "kind": kind}
    _component()(key=f"save_{chart}", data=data, height="content")


def _component() -> Any:
    html = '<div class="save"><button type="button"></button></div>'
    return st.components.v2.component("mlp_explainer_save_chart", html=html, css=_CSS, js=_SCRIPT)
