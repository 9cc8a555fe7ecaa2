"""One start with two orders of the images, and two starts with one order: a section of a lesson."""

from typing import Any, Final

import numpy as np
import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.learn import parts, questions
from dashboard.session import present, resources
from dashboard.widgets import current_run, tables
from dashboard.widgets.beside import WIDE_CONTROLS, beside, in_order
from dashboard.widgets.controls import PERSIST, segmented_choice
from mnist_core.analysis.inspection import full_color_weight
from mnist_core.figures.lab.neurons import weight_grid
from mnist_core.figures.style import Theme
from mnist_core.lessons.training_curves import clear_winner
from mnist_core.lessons.two_orders import EPOCHS, Twin, TwoOrders, two_orders

GUESS: Final = "starting_weights/predict orders"
NAMES: Final[dict[Twin, str]] = {
    "first": "First",
    "other order": "Same start, other order",
    "other start": "Other start, same order",
}
KINDS: Final = {"added": "What training added", "weights": "The weights"}
N_SHOWN: Final = 8
"""Neurons of each network."""


@st.cache_resource(max_entries=8, show_spinner=False)
def _picture(owner: str, kind: str, theme: Theme, room: int, _images: np.ndarray, _limit: float) -> bytes:
    return weight_grid(_images, [*range(N_SHOWN)] * len(NAMES), _limit, theme, room)


@st.fragment
def section() -> None:
    """A guess, and then three networks beside each other."""
    lesson = read_lesson("learn", "two_orders")
    if not questions.is_answered(GUESS):
        words, asked = in_order()
        words.markdown(lesson["orders"])
        with asked:
            questions.predict(GUESS, lesson["predict"])
        return
    questions.predict(GUESS, lesson["predict"])
    current = current_run.run_or_notice("orders")
    if current is None:
        return
    controls, picture = beside("orders", WIDE_CONTROLS)
    with picture:
        compared = current_run.analysis_result(current, two_orders, lesson["training"])
    if compared is None:
        controls.markdown(lesson["orders"])
        return
    with controls:
        kind = segmented_choice("Show", KINDS, "orders_shown", **PERSIST)
        tables.data_table(*_numbers_of(compared), "orders_table")
        n_new = len(compared.predictions["first"])
        st.caption(lesson["numbers"].format(n_images=compared.n_images, epochs=EPOCHS, n_new=n_new))
    with picture:
        _show(compared, kind)
    said = "close" if clear_winner(compared.validated) is None else "apart"
    texts = lesson["orders"], lesson["like"], lesson[said]
    parts.read_below(*texts, code=[two_orders], controls=controls, has_columns=True)


def _numbers_of(compared: TwoOrders) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """A row for each network, and the form of its numbers."""
    rows = [
        {
            "Network": twin.capitalize(),
            "Accuracy (%)": 100 * result.accuracy,
            "Differently": compared.n_apart(twin),
            "Likeness": round(compared.likeness(twin), 2),
        }
        for twin, result in compared.validated.items()
    ]
    return rows, {"Accuracy (%)": tables.PERCENT, "Likeness": "%.2f"}


def _show(compared: TwoOrders, kind: str) -> None:
    """The first neurons of all three networks, a row for each."""
    weights = [
        compared.added(twin) if kind == "added" else compared.networks[twin].weights[0] for twin in NAMES
    ]
    images = np.concatenate([each.T[:N_SHOWN].reshape(-1, 28, 28) for each in weights])
    limit = full_color_weight(compared.networks["first"], 0)
    owner = f"{resources.dataset().fingerprint} {compared.n_images}"
    rows = "; ".join(f"row {number}: {name.lower()}" for number, name in enumerate(NAMES.values(), start=1))
    st.markdown(f"**Hidden neurons 0 to {N_SHOWN - 1}** ({rows})")
    st.image(
        _picture(owner, kind, resources.theme(), present.phone_width(), images, limit),
        alt=f"{KINDS[kind]} of the first {N_SHOWN} hidden neurons of three networks as images; {rows}.",
    )
    st.caption(read_lesson("learn", "two_orders")["colours"].format(limit=limit))
