"""Ten bars that grow and shrink in place: redrawn in a few milliseconds, without a blank frame."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.figures.style import MUTED, NEURON

_FOLDER: Final = Path(__file__).parent
_CSS, _SCRIPT = ((_FOLDER / name).read_text(encoding="utf-8") for name in ("bars.css", "bars.js"))


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
    _component()(key=key, data=data, height="content")


def _component() -> Any:
    html = '<div class="bars" role="list" aria-label="Softmax outputs by digit"></div>'
    return st.components.v2.component("mlp_explainer_bars", html=html, css=_CSS, js=_SCRIPT)
