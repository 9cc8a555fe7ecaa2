"""A part of a page that goes on by itself, step by step, as fast as the visitor's browser shows it.

Streamlit's own fragments run again at fixed times, whether or not the browser has drawn the run before. A
slow one then asks with what it still shows: a slider that the server has moved on would come back with its
old place, as if the visitor had moved it. Here the browser asks for the next step once this one has been on
the page for a while.
"""

from collections.abc import Callable
from typing import Any, Final

from dashboard.components.loader import Component, sent_by

PATIENCE: Final = 15.0
"""Seconds after which the browser asks again: the run that should have answered may have been lost."""
_component: Final = Component("pacing")


def paced(step: int | None, pause: float, on_shown: Callable[[Any], None], *, key: str) -> None:
    """Draw the invisible element that asks for the next step; last of all that the step draws.

    Args:
        step: The number of the one that is shown; None asks for nothing.
        pause: Seconds from one step to the next, where the browser can; each is shown for a third of them.
        on_shown: Called before the next run with the number that the browser has shown so long. Like anything
            from a browser it may be something else, or come twice.
        key: The element's key.
    """

    def shown() -> None:
        on_shown(sent_by(key, "shown"))

    data = {"step": step, "pause": 1000 * pause, "patience": 1000 * PATIENCE}
    _component(key=key, data=data, on_shown_change=shown, height=1)
