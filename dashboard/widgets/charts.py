"""Charts under their titles, and as which kind of file they are saved."""

from collections.abc import Callable
from typing import Any, Final, Literal

import plotly.graph_objects as go
import streamlit as st

from dashboard.components.frames import frames_player
from dashboard.session import present, resources
from dashboard.widgets.controls import segmented_choice
from mnist_core.figures.shown import larger_axes
from mnist_core.figures.style import alt_text, is_cut, player_of, title_text
from mnist_core.take_home.files import slug

CUT: Final = "axis does not start at 0"
_CHART_FORMAT: Final = "chart_format"


def sidebar() -> None:
    """Which images the pages show, and as which kind of file their charts are saved."""
    images = resources.dataset()
    with st.sidebar:
        st.caption(f":material/database: {images.name}", help=f"From {images.source}.")
        segmented_choice("Save charts as", ("PNG", "SVG"), _CHART_FORMAT)
        for problem in images.problems:  # last, because they may be long
            st.caption(f":material/info: {problem}")


def chart(figure: go.Figure, key: str, **options: Any) -> Any:
    """A figure under its title, which as text of the page wraps on a small screen; its player first.

    Pointing at it brings up a button that saves it as a file named by the title, in the format chosen in the
    sidebar: Plotly's own button knows one format at a time.

    Args:
        figure: From `mnist_core.figures`.
        key: The element's key.
        **options: More of `st.plotly_chart`, such as `on_select`.
    """
    title = title_text(figure)
    kind = chart_format()
    saving = {"format": kind, "filename": slug(title), "scale": 2 if kind == "png" else 1}
    tools = {"modeBarButtons": [["toImage"]], "displaylogo": False, "toImageButtonOptions": saving}
    if steps := player_of(figure):
        frames_player(f"chart_{key}", steps, alt_text(figure))
    with st.container(key=f"chart_{key}", gap=None):
        st.markdown(f"**{title}** :small[({CUT})]" if is_cut(figure) else f"**{title}**")
        return st.plotly_chart(
            figure, width="stretch", key=key, alt=alt_text(figure), config=tools, **options
        )


def draw(key: str, figure: Callable[..., go.Figure], *arguments: Any, **options: Any) -> None:
    """A figure under its title, drawn once for all visitors who look at the same thing.

    Args:
        key: The element's key.
        figure: A function of `mnist_core.figures`.
        *arguments: Its arguments, small enough to be hashed at each run of the page.
        **options: More of `st.plotly_chart`, such as `on_select`.
    """
    chart(resources.cached_figure_of(figure, *arguments), key, **options)


def draw_of(
    key: str, owner: str, name: str, figure: Callable[..., go.Figure], *arguments: Any, **options: Any
) -> None:
    """The same with arguments too large to be hashed each time, known by what they belong to.

    Args:
        key: The element's key.
        owner: What it is a figure of, such as the id of a job.
        name: Which figure of it.
        figure: A function of `mnist_core.figures`.
        *arguments: Its arguments.
        **options: More of `st.plotly_chart`, such as `on_select`.
    """
    chart(resources.cached_figure(owner, name, lambda: figure(*arguments)), key, **options)


def chart_format() -> Literal["png", "svg"]:
    """As which kind of file charts are saved."""
    return "svg" if st.session_state.get(_CHART_FORMAT) == "SVG" else "png"


def vega(data: Any, specification: dict[str, Any], key: str, **options: Any) -> None:
    """A chart of Vega-Lite, which stays while its data change.

    Args:
        data: Its rows.
        specification: From `mnist_core.figures`.
        key: The element's key.
        **options: More of `st.vega_lite_chart`, such as `alt`.
    """
    larger = larger_axes(specification, present.figure_scale())
    st.vega_lite_chart(data, larger, width="stretch", key=key, **options)
