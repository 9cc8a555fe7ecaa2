"""Words, each the larger the more people gave it."""

from collections.abc import Mapping
from math import sqrt
from typing import Final

from dashboard.components.loader import Component

_component: Final = Component("cloud", html='<ul class="cloud"></ul>')
_SMALLEST, _LARGEST = 1.0, 3.0


def cloud(words: Mapping[str, int], *, key: str) -> None:
    """Show the words; the area of a letter grows with their number.

    Args:
        words: How many people gave each; they may be a stranger's, and are shown as they are.
        key: The element's key.
    """
    most = max(words.values(), default=1)
    rows = [
        {"word": word, "count": count, "size": max(_SMALLEST, _LARGEST * sqrt(count / most))}
        for word, count in words.items()
    ]
    _component(key=key, data={"words": rows}, height="content")
