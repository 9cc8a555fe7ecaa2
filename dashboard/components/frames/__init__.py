"""The player of a Plotly chart with steps, which happen in the browser and need no server."""

from collections.abc import Mapping
from typing import Any, Final

from dashboard.components.loader import Component

_component: Final = Component("frames", "player/player", "frames")


def frames_player(chart: str, steps: Mapping[str, Any], alt: str) -> None:
    """Draw the player.

    Args:
        chart: The key of the container with the chart.
        steps: From `mnist_core.figures.style.player_of`.
        alt: The text alternative of the chart: with another one the player begins anew.
    """
    _component(key=f"player_{chart}", data={**steps, "chart": chart, "alt": alt}, height="content")
