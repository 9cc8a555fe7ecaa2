"""What an image is read as, and ten bars that grow and shrink in place, without a blank frame.

The digit read is solid, in the colour of right or wrong, or in ink where the truth is not known; the true
one, where it is known, is outlined and called true.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dashboard.components.loader import Component
from mnist_core.config import N_DIGITS
from mnist_core.figures.style import MUTED, RIGHT, WRONG, article, share_text

_component: Final = Component("bars")

_INK: Final = "var(--st-text-color)"
READ: Final = "Read as "
UNSURE: Final = "Not sure: perhaps "
"""What stands before the digit and its article: an answer, and where the image deserves none that is sure."""


def answer_bars(
    probabilities: NDArray[np.floating] | None, nothing: str, is_sure: bool = True, *, key: str
) -> None:
    """Show softmax outputs beside a canvas, the digit read above them; on a phone as a strip above it.

    Args:
        probabilities: Shape (10,), finite; None for the same frame with nothing in it.
        nothing: Stands in the frame while there is nothing in it.
        is_sure: Whether the image deserves a sure answer.
        key: The element's key.
    """
    if probabilities is None:
        rows: dict[str, Any] = {
            "shares": [0.0] * N_DIGITS,
            "texts": [""] * N_DIGITS,
            "top": None,
            "words": nothing,
        }
    else:
        rows = _rows(probabilities) | {"words": ""}
    said = (READ if is_sure else UNSURE) + article(rows["top"]) + " "
    marks = {"place": "answer", "label": None, "colors": _colors(_INK), "said": said, "unsure": not is_sure}
    _component(key=key, data=rows | marks, height="content")


def marked_bars(probabilities: NDArray[np.floating], label: int | None, *, key: str) -> None:
    """Show softmax outputs of an image, and whether it is read right, if its digit is known.

    Args:
        probabilities: Shape (10,).
        label: The true digit; None if it is not known.
        key: The element's key.
    """
    rows = _rows(np.nan_to_num(probabilities))
    is_right = rows["top"] == label
    said = f"{READ}{article(rows['top'])} "
    verdict, colors = f"{said}{rows['top']}", _colors(_INK)
    if label is not None:
        verdict += ": right" if is_right else f": wrong, it is {article(label)} {label}"
        colors = _colors(RIGHT if is_right else WRONG)
    rows |= {"words": verdict, "said": said, "unsure": False}
    marks = {"place": "marked", "label": label, "colors": colors}
    _component(key=key, data=rows | marks, height="content")


def _rows(probabilities: NDArray[np.floating]) -> dict[str, Any]:
    shares = [float(p) for p in probabilities]
    return {
        "shares": [round(share, 6) for share in shares],
        "texts": [share_text(share) for share in shares],
        "top": int(np.argmax(shares)),
    }


def _colors(read: str) -> dict[str, str]:
    return {"top": read, "true": RIGHT, "other": MUTED}
