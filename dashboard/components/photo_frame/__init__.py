"""A photograph with a frame around the digit that is read: it is dragged, or moved with the arrow keys.

Each other digit that was found has a frame too; a click chooses it. What the browser sends is as little
trusted as anything from a browser: `choice_of` checks it.
"""

from collections.abc import Callable
from typing import Any, Final

from dashboard.components.loader import Component, sent_by
from mnist_core.images.photographs import Frame

LEAST_SIDE: Final = 0.02
"""Of a frame, as a share of the picture's side."""
_component: Final = Component("photo_frame")


def photo_frame(
    picture: str,
    alt: str,
    frames: list[Frame],
    chosen: int,
    revision: int,
    *,
    key: str,
    on_change: Callable[[Any], None],
) -> None:
    """Show the photograph and its frames.

    Args:
        picture: Its address, as in `data:`.
        alt: What it shows, for a screen reader.
        frames: Around each digit, from left to right.
        chosen: The place of the one that is read.
        revision: Another number than before makes the browser take `frames` in place of its own.
        key: The element's key.
        on_change: Called with what the browser sent, before the page runs.
    """
    _component(
        key=key,
        data={
            "picture": picture,
            "alt": alt,
            "frames": [list(frame) for frame in frames],
            "chosen": chosen,
            "revision": revision,
            "least": LEAST_SIDE,
        },
        on_choice_change=lambda: on_change(sent_by(key, "choice")),
        height="content",
    )


def choice_of(sent: Any, n_frames: int) -> int | Frame | None:
    """What the browser sent: the place of another frame, or the frame's new edges; None for anything else."""
    if not isinstance(sent, dict):
        return None
    chosen, frame = sent.get("chosen"), sent.get("frame")
    if frame is None:
        return chosen if type(chosen) is int and 0 <= chosen < n_frames else None
    if not isinstance(frame, list) or len(frame) != 4:  # noqa: PLR2004, its edges
        return None
    if not all(type(edge) in (int, float) and 0 <= edge <= 1 for edge in frame):  # nan is not
        return None
    top, left, bottom, right = (float(edge) for edge in frame)
    is_large_enough = bottom - top >= 0.9 * LEAST_SIDE and right - left >= 0.9 * LEAST_SIDE
    return (top, left, bottom, right) if is_large_enough else None
