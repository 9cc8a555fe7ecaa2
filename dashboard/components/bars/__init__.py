"""What a drawing is read as, and ten bars that grow and shrink in place, without a blank frame.

On a desk they stand beside the canvas and are as high; on a phone they are a strip above it.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from dashboard.components.loader import Component
from mnist_core.config import N_DIGITS
from mnist_core.figures.style import MUTED, NEURON, share_text

_component: Final = Component("bars")


def probability_bars(probabilities: NDArray[np.floating] | None, empty: str, *, key: str) -> None:
    """Show softmax outputs, the largest in the colour of what is looked at, and its digit above them.

    Args:
        probabilities: Shape (10,), finite; None for the same frame with nothing in it.
        empty: Stands in the frame while there is nothing in it.
        key: The element's key.
    """
    is_empty = probabilities is None
    shares = [0.0] * N_DIGITS if probabilities is None else [float(p) for p in probabilities]
    data = {
        "shares": [round(share, 6) for share in shares],
        "texts": ["" if is_empty else share_text(share) for share in shares],
        "top": None if is_empty else int(np.argmax(shares)),
        "empty": empty,
        "colors": {"top": NEURON, "other": MUTED},
    }
    _component(key=key, data=data, height="content")
