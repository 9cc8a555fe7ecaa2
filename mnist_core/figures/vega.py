"""What specifications of Vega-Lite share: their types, axes of numbers, colours by kind, the theme's text."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from mnist_core.figures.style import FONT_SIZE, INK, Theme

Chart = tuple[pd.DataFrame, dict[str, Any]]
"""The data of a chart, and its specification without them."""


def vega_text(theme: Theme) -> dict[str, Any]:
    """The `config` of a chart whose text stands out on the page."""
    return {part: {"labelColor": INK[theme], "titleColor": INK[theme]} for part in ("axis", "legend")}


def vega_axis(theme: Theme, **more: Any) -> dict[str, Any]:
    """An axis with text as large as in the other figures, for charts without a `config`."""
    ink = {"labelColor": INK[theme], "titleColor": INK[theme], "titleFontWeight": "normal"}
    return ink | {"labelFontSize": FONT_SIZE - 1, "titleFontSize": FONT_SIZE, "labelAngle": 0} | more


def quantitative(field: str, title: str, scale: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A channel that shows a number."""
    return {"field": field, "type": "quantitative", "title": title, "scale": scale} | more


def color_by(field: str, colors: Mapping[Any, str]) -> dict[str, Any]:
    """The channel of a colour for each value of a field, without a legend."""
    scale = {"domain": list(colors), "range": list(colors.values())}
    return {"field": field, "type": "nominal", "scale": scale, "legend": None}
