"""What strangers send, made harmless: their words shown as they are, and what they say they picked.

A page shows its texts as Markdown, in which a link, a picture, a formula or a colour is quickly made.
Everything else that a browser sends back is JSON that may have been written by hand.
"""

import re
from typing import Any, Final, TypeGuard

from mnist_core.bounds import MAX_QUOTED

_MARKS: Final = re.compile(r"([\\`*_{}\[\]()#+!|<>~$:&^=-])")
_JOINER: Final = "\u2060"  # shows nothing, and what has one in it is no address
_ADDRESSES: Final = re.compile(r"(?<=www)(?=\.)|(?<=[:@])(?=\S)", re.IGNORECASE)  # and names of icons


def escape_markdown(text: str) -> str:
    """Escape words so that none of them is Markdown, not even a bare address, which would become a link.

    Args:
        text: Anything; what cannot be printed becomes "�", line breaks become spaces, and the end of a long
            text is cut off.
    """
    shown = text if len(text) <= MAX_QUOTED else text[:MAX_QUOTED] + " …"
    shown = " ".join(shown.split())
    shown = "".join(character if character.isprintable() else "�" for character in shown)
    return _MARKS.sub(r"\\\1", _ADDRESSES.sub(_JOINER, shown))


def picked_point(event: Any) -> Any:
    """The `customdata` of the first point that a browser says was picked in a chart; None for nothing."""
    points = _selected(event, "points")
    first = points[0] if points else None
    return first.get("customdata") if isinstance(first, dict) else None


def picked_rows(event: Any, n_rows: int) -> list[int]:
    """The rows of a table that a browser says were picked, without those that the table does not have."""
    return [row for row in _selected(event, "rows") if is_whole(row, n_rows)]


def content_of(file: Any) -> bytes | None:
    """The bytes of an uploaded file; None without one, and where the server has lost it or never had it."""
    read = getattr(file, "getvalue", None)  # Streamlit gives something else for a file that is not there
    return None if read is None else bytes(read())


def is_whole(sent: Any, limit: int) -> TypeGuard[int]:
    """Whether something is a whole number from 0 to below a limit."""
    return type(sent) is int and 0 <= sent < limit


def _selected(event: Any, kind: str) -> list[Any]:
    selection = event.get("selection") if isinstance(event, dict) else None
    picked = selection.get(kind) if isinstance(selection, dict) else None
    return picked if isinstance(picked, list) else []
