"""Dropout drawn on the network, neuron by neuron: a section of a lesson."""

from typing import Final

import streamlit as st

from dashboard.components.network import network_view
from dashboard.elements.prose import read_lesson
from dashboard.learn import lesson_frame, parts
from dashboard.session import resources
from dashboard.widgets import text_elements
from dashboard.widgets.beside import WIDE_CONTROLS, beside
from dashboard.widgets.controls import PERSIST
from mnist_core.figures.style import share_text
from mnist_core.images.preparation import network_inputs
from mnist_core.lessons import thinning
from mnist_core.training.dropout import kept_neurons, thinned
from mnist_core.training.training_set import training_images

_NETWORK_HEIGHT: Final = 0.42
"""Of its layers, as a share of the window's height."""


def section() -> None:
    """One image in one update with dropout, drawn on the network."""
    current = lesson_frame.captioned_run()
    if current is not None and not current.record.has_diverged:
        _show_mask(current)


@st.fragment
def _show_mask(current: resources.TrainedRun) -> None:
    """The network with the neurons of a mask crossed out, and what the whole network would say."""
    lesson = read_lesson("learn", "dropout")
    parameters, config = current.record.parameters, current.record.config
    controls, picture = beside("mask", WIDE_CONTROLS)
    with controls:
        percent = st.slider("Dropout (%)", 0, 80, 50, 10, key="generalizing_dropout", **PERSIST)
        chosen = training_images(config, current.dataset)
        number = parts.number_box("Training image", len(chosen.labels) - 1, 0, "generalizing_image")
        another = st.session_state.setdefault("generalizing_mask", 0)
        st.button("Draw another mask", icon=":material/casino:", key="another_mask", on_click=_draw_another)
    probability, label = percent / 100, int(chosen.digits[number])
    inputs = network_inputs(chosen.images[number : number + 1], config.training.preparation)[0]
    masks = thinning.masks_of(config, probability, another, thinning.N_MASKS)
    signal = thinning.trace_thinned(parameters, inputs, masks[0], probability)
    readings = thinning.read_thinned(parameters, inputs, label, masks, probability)
    with picture:
        network_view(
            signal.signal,
            parameters.activation,
            label,
            key="thinned_network",
            height=_NETWORK_HEIGHT,
            thinned=signal,
        )
        text_elements.metrics(
            {
                f"For the {label}, all neurons": share_text(readings.whole),
                "With this mask": share_text(readings.thinned[0]),
                f"Of {len(masks)} masks, read correctly": f"{readings.n_right}",
            }
        )
    with controls:
        st.markdown(lesson["mask"].format(percent=percent, factor=signal.factor))
    p = f"{probability:g}"
    formula = rf"$$ {p} \cdot 0 + (1 - {p}) \cdot \frac{{a}}{{1 - {p}}} = a $$"
    dropout = config.training.dropout
    trained_with = f"{100 * dropout:.0f}% dropout" if dropout else "no dropout"
    words = f"{lesson['mask formula']}\n\n{formula}", lesson["whole"].format(trained_with=trained_with)
    parts.read_below(*words, code=[kept_neurons, thinned], controls=controls)


def _draw_another() -> None:
    """Go on to the mask of the next update."""
    st.session_state["generalizing_mask"] = st.session_state.get("generalizing_mask", 0) + 1
