"""Buttons that lead to another address of the dashboard, each with keys that do the same.

Streamlit's own buttons take one key each and lead nowhere without a run of the page in between; its links
take none. These go straight to the address, without loading the page anew, so that the browser's history
holds one entry for each and its back button undoes it.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from dashboard.components.loader import Component

_component: Final = Component("keyed_links", html='<div class="links" role="group"></div>')


@dataclass(frozen=True)
class KeyedLink:
    """One of the buttons.

    Attributes:
        label: What it says.
        help: What it does; shown when the mouse points at it, with its first key.
        keys: Names of keys as browsers write them, letters small: "n", "PageDown".
        page: The URL path of the page it leads to; None stays where one is.
        query: What stands behind the question mark there; None leaves it as it is.
        switches_embedding: Whether it takes everything around the page away, or brings it back.
        is_possible: Whether there is something it leads to.
        is_quiet: Whether it is only a word at the edge.
    """

    label: str
    help: str
    keys: tuple[str, ...]
    page: str | None = None
    query: str | None = None
    switches_embedding: bool = False
    is_possible: bool = True
    is_quiet: bool = False


def keyed_links(links: Sequence[KeyedLink], here: str, *, has_keys: bool, key: str) -> None:
    """Show the buttons, and listen for their keys while they are on the page.

    Args:
        links: From left to right.
        here: The URL path of the page that is shown; what stands before it is the dashboard's own address.
        has_keys: Whether keys work that are pressed anywhere on the page, these and those of all that plays.
        key: The element's key.
    """
    data = {"here": here, "has_keys": has_keys, "links": [asdict(link) for link in links]}
    _component(key=key, data=data, height="content", width="content")
