"""What an image is read as, and ten bars that grow and shrink in place, without a blank frame.

The digit read is solid in its colour; the true one, where it is known, is outlined and has the word beside it.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dashboard.components.loader import Component
from mnist_core.config import N_DIGITS
from mnist_core.figures.style import MUTED, NEURON, RIGHT, WRONG, share_text

_component: Final = Component("bars")
_NOTHING: Final = [0.0] * N_DIGITS


def answer_bars(probabilities: NDArray[np.floating] | None, nothing: str, *, key: str) -> None:
    """Show softmax outputs beside a canvas, the digit read above them; on a phone as a strip above it.

    Args:
        probabilities: Shape (10,), finite; None for the same frame with nothing in it.
        nothing: Stands in the frame while there is nothing in it.
        key: The element's key.
    """
    if probabilities is None:
        _draw("answer", _NOTHING, nothing, None, None, NEURON, key)
    else:
        _draw("answer", probabilities.tolist(), "", int(probabilities.argmax()), None, NEURON, key)


def marked_bars(probabilities: NDArray[np.floating], label: int, *, key: str) -> None:
    """Show softmax outputs of an image whose digit is known, and whether it is read right.

    Args:
        probabilities: Shape (10,).
        label: The true digit.
        key: The element's key.
    """
    read = int(probabilities.argmax())
    verdict = f"Read as a {read}: " + ("right" if read == label else f"wrong, it is a {label}")
    color = RIGHT if read == label else WRONG
    _draw("marked", np.nan_to_num(probabilities).tolist(), verdict, read, label, color, key)


def _draw(
    place: str,
    shares: Sequence[float],
    words: str,
    read: int | None,
    label: int | None,
    color: str,
    key: str,
) -> None:
    data = {
        "place": place,
        "shares": [round(share, 6) for share in shares],
        "texts": ["" if read is None else share_text(share) for share in shares],
        "words": words,
        "top": read,
        "label": label,
        "colors": {"top": color, "true": RIGHT, "other": MUTED},
    }
    _component(key=key, data=data, height="content")
