"""Sliders that change an image a little, and the network's outputs along the one that was moved last."""

from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.session import present
from dashboard.widgets import charts, text_elements
from dashboard.widgets.beside import beside, kept
from dashboard.widgets.controls import PERSIST
from mnist_core.analysis.nudges import SPANS, NudgeKind, Nudges, Span, nudge, sweep
from mnist_core.arrays import ByteArray
from mnist_core.config import Preparation
from mnist_core.figures.lab.drawing import image_picture
from mnist_core.figures.lab.nudges import nudge_figure
from mnist_core.network.parameters import Parameters

_HEIGHT: Final = 380
_HEIGHT_ON_A_PHONE: Final = 220
"""Pixels of the curves, which a phone keeps in view above the sliders."""
_SIDE: Final = 7.5
_SIDE_ON_A_PHONE: Final = 4.2
"""Of the nudged digit, in multiples of the root."""


@st.fragment
def nudge_sliders(parameters: Parameters, image: ByteArray, preparation: Preparation) -> None:
    """Draw the sliders, and beside them the nudged image and the curves along one of them.

    Args:
        parameters: The network.
        image: uint8 (28, 28), what the network is given without a nudge.
        preparation: What the network was trained with.
    """
    controls, picture = beside("nudges")
    with controls.container(gap="xsmall"):
        amounts = {kind: _slider(kind, span, _look_along) for kind, span in SPANS.items()}
        with st.container(horizontal=True, vertical_alignment="bottom"):
            kind = st.selectbox(
                "Curves along",
                list(SPANS),
                format_func=lambda kind: SPANS[kind].name,
                key="nudge_kind",
                width=round(10 * present.root_size()),
                **PERSIST,
            )
            st.button("Undo all changes", on_click=_undo, key="nudge_undo")
    nudges = Nudges(**amounts)
    with picture, kept("nudges"), st.container(horizontal=True, key="nudge_effect"):
        nudged = image_picture(nudge(image, nudges), "The image after all changes.")
        side, height = (_SIDE_ON_A_PHONE, _HEIGHT_ON_A_PHONE) if present.is_phone() else (_SIDE, _HEIGHT)
        st.image(nudged.png, "After all changes", width=round(side * present.root_size()), alt=nudged.alt)
        with st.container():
            along = sweep(parameters, image, nudges, kind, preparation)
            charts.draw("nudge_curves", nudge_figure, along, amounts[kind], height)
    text_elements.note(read_lesson("lab", "draw")["nudges"])


def _slider(kind: NudgeKind, span: Span, on_change: Callable[[NudgeKind], None]) -> float:
    limits = (float(span.lowest), float(span.highest), float(span.neutral), float(span.step))
    options: dict[str, Any] = {"on_change": on_change, "args": (kind,), **PERSIST}
    label, key = f"{span.name} ({span.unit})", f"nudge_{kind}"
    amount: float = st.slider(label, *limits, format="%g", key=key, **options)
    return amount


def _look_along(kind: NudgeKind) -> None:
    st.session_state["nudge_kind"] = kind


def _undo() -> None:
    for kind, span in SPANS.items():
        st.session_state[f"nudge_{kind}"] = float(span.neutral)
