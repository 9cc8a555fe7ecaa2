"""A button that saves a Vega chart as it is on the page; Streamlit offers none, as Plotly's charts have."""

from typing import Final, Literal

from dashboard.components.loader import Component

_HTML: Final = '<div class="save"><button type="button"></button></div>'
_component: Final = Component("save_chart", "download", "save_chart", html=_HTML)


def save_chart(
    chart: str, name: str, kind: Literal["png", "svg"], width: Literal["stretch", "content"] = "stretch"
) -> None:
    """Show the button.

    Args:
        chart: The key of a container with the chart and nothing else drawn.
        name: Of the file, without its ending.
        kind: Which kind of file.
        width: Of its row; "content" beside a title.
    """
    data = {"chart": chart, "name": name, "kind": kind}
    _component(key=f"save_{chart}", data=data, height="content", width=width)
