"""Where a page is looked at first: at one of its headings, or at one of its tabs, which is opened."""

from typing import Final

from dashboard.components.loader import Component

_component: Final = Component("landing")


def land(part: str, place: str, lowest: float = 0.5) -> None:
    """Bring a part of the page into view, as soon as it is there; nothing where it does not come.

    Args:
        part: The words of a heading, a tab, or a choice between parts of the page.
        place: Another one than before lets it happen again.
        lowest: How far down a part may stand where it is, as a share of the window's height.
    """
    _component(key="landing", data={"part": part, "place": place, "lowest": lowest}, height=1)
