"""A square to draw a digit or weights in, with a mouse, a pen, a finger or the arrow keys.

The browser keeps the strokes while they are drawn, and sends all of them each time the pen is lifted. What
it sends is as little trusted as anything from a browser: `strokes_of` checks it.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from dashboard.components.loader import Component, sent_by
from mnist_core.images.drawing import DrawingError, Stroke, parse_strokes

WIDTHS: Final = (10, 18, 30)
"""Of the three brushes, in units of the square; the one in the middle gives strokes like MNIST's."""
DIGIT: Final = "A black square to draw a digit in, with a mouse, a pen or a finger."
"""What a screen reader says of the square, before it names the keys."""
_component: Final = Component("canvas")


@dataclass(frozen=True)
class Ink:
    """What a brush leaves behind.

    Attributes:
        value: One of `INKS` of `mnist_core.images.drawing`.
        name: What its button says.
        color: As in CSS; 0 takes away what is there.
    """

    value: int
    name: str
    color: str


def canvas(
    strokes: tuple[Stroke, ...],
    revision: int,
    sheet: int = 0,
    *,
    key: str,
    on_change: Callable[[Any], None],
    hint: str = "Draw a digit here,\n0 to 9",
    about: str = DIGIT,
    inks: Sequence[Ink] = (Ink(1, "Ink", "#fff"),),
) -> None:
    """Show the square.

    Args:
        strokes: What is drawn in it.
        revision: Another number than before makes the browser take `strokes` in place of its own.
        sheet: Another number than before begins a new sheet: undoing does not bring the last one back.
        key: The element's key.
        on_change: Called with what the browser sent when it was changed there, before the page runs.
        hint: Read on the square while it is empty.
        about: What a screen reader says of it, before it names the keys.
        inks: To choose from, the first at first; one needs no choice. With more the square is not black, but
            as the page.
    """

    def changed() -> None:
        on_change(sent_by(key, "drawing"))

    _component(
        key=key,
        data={
            "name": key,
            "revision": revision,
            "sheet": sheet,
            "hint": hint,
            "about": about,
            "inks": [asdict(ink) for ink in inks],
            "widths": list(WIDTHS),
            "strokes": [stroke.to_dict() for stroke in strokes],
        },
        on_drawing_change=changed,
        height="content",
    )


def strokes_of(sent: Any) -> tuple[Stroke, ...]:
    """The strokes in what the browser sent.

    Raises:
        DrawingError: It is no drawing; the one before stays, which the message says too.
    """
    try:
        return parse_strokes(sent.get("strokes") if isinstance(sent, dict) else None)
    except DrawingError as error:
        raise DrawingError(f"{error} The drawing is as it was before.") from error
