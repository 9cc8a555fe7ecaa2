"""One bar with its number, which grows in place: the answers of a class to one of several choices."""

from typing import Final

from dashboard.components.loader import Component

_component: Final = Component(
    "tally", html='<div class="tally"><div class="track"><i></i></div><span></span></div>'
)


def tally_bar(share: float, text: str, color: str, *, key: str) -> None:
    """Show a bar.

    Args:
        share: How long it is, 0 to 1.
        text: What stands behind it; also its text alternative.
        color: A CSS colour.
        key: The element's key.
    """
    _component(key=key, data={"share": share, "text": text, "color": color}, height="content")
