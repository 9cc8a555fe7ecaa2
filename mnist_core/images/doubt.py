"""Whether an image deserves a sure answer: softmax gives one to anything.

The ten outputs add up to 100% for a blot and for a line of print too. What they cannot say, the image itself
does: how many digits there are, and what shape it has; how often the pen turned sharply, where it was drawn;
and a second network, which has an eleventh answer for what is no digit.
"""

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import ByteArray
from mnist_core.images.drawing import Prepared, Stroke
from mnist_core.images.photographs import Frame
from mnist_core.images.pieces import group_pieces, label_pieces
from mnist_core.images.second_network import SecondNetwork
from mnist_core.images.sharp_turns import MOST_OF_A_DIGIT, count_sharp_turns

Doubt = Literal["crowded", "edge", "several", "wide", "blot", "scribble", "no digit", "weak"]
"""Why there is no sure answer: a photograph with as many signs as a line of print, or whose digit may be the
edge of the paper, a shadow or a speck; several digits side by side; wider than any digit; a dot or a blot;
more sharp turns of the pen than a digit has; a second network that does not agree; no output that is clearly
the largest."""

_NEAR: Final = 0.003  # of a photograph's side: then something reaches its edge
_SPECK: Final = 0.02  # of a photograph's sides: a digit of which one can see that it is one is larger
_WIDE: Final = 1.45  # times as wide as high: 1 of 500 of MNIST's images is wider
_BLOT: Final = 0.72  # of the box is ink, and the box is nearly square
_SQUARE: Final = 0.7
_WEAK: Final = 0.5  # the largest output, below which the others together are larger
_TALL: Final = 0.5  # of the tallest piece's height: then it is a digit too


def find_doubt(
    prepared: Prepared, probabilities: NDArray[np.floating], strokes: Sequence[Stroke] = ()
) -> Doubt | None:
    """Why an image does not deserve a sure answer; None if it does.

    Args:
        prepared: The drawing, or the ink of a photograph.
        probabilities: Of `prepared.image`, shape (10,).
        strokes: How it was drawn, where that is known.
    """
    if count_digits(prepared.picture) > 1:
        return "several"
    height, width = prepared.crop.shape
    if width > _WIDE * height:
        return "wide"
    is_square = min(height, width) > _SQUARE * max(height, width)
    if is_square and float((prepared.box > 127).mean()) > _BLOT:  # noqa: PLR2004, half of 255
        return "blot"
    if count_sharp_turns(strokes) > MOST_OF_A_DIGIT:
        return "scribble"
    if not SecondNetwork.load().agrees(prepared.image[None], np.array([probabilities.argmax()]))[0]:
        return "no digit"
    return "weak" if float(probabilities.max()) < _WEAK else None


def may_be_an_edge(frame: Frame, digit: int) -> bool:
    """Whether what was found on a photograph may be an edge of the paper, a shadow or a speck.

    Args:
        frame: Around it.
        digit: What it is read as. A strip is read as a 1; other digits may reach the edge of a photograph.
    """
    top, left, bottom, right = frame
    reaches_edge = min(top, left) <= _NEAR or max(bottom, right) >= 1 - _NEAR
    return (digit == 1 and reaches_edge) or max(bottom - top, right - left) < _SPECK


def count_digits(picture: ByteArray) -> int:
    """How many digits stand side by side in a drawing, uint8 (h, w), 0 is paper; small pieces are none."""
    groups = group_pieces(*label_pieces(picture > 127))  # noqa: PLR2004, half of 255
    tallest = max((group.height for group in groups), default=0)
    return sum(group.height >= _TALL * tallest for group in groups)
