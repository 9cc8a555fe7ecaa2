"""Ten bars that grow and shrink in place: redrawn in a few milliseconds, without a blank frame."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from dashboard.components.loader import Component
from mnist_core.figures.style import MUTED, NEURON

_component: Final = Component(
    "bars", html='<div class="bars" role="list" aria-label="Softmax outputs by digit"></div>'
)


def probability_bars(probabilities: NDArray[np.floating], *, key: str) -> None:
    """Show softmax outputs, the largest in the colour of what is looked at.

    Args:
        probabilities: Shape (10,), finite.
        key: The element's key.
    """
    data = {
        "shares": [round(float(p), 6) for p in probabilities],
        "texts": [f"{100 * p:.1f} %" for p in probabilities],
        "top": int(probabilities.argmax()),
        "colors": {"top": NEURON, "other": MUTED},
    }
    _component(key=key, data=data, height="content")
