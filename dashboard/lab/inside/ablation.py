"""The page "Inside": parts of the network taken away, neurons switched off and small weights pruned."""

import random
from typing import Any, Final

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.elements.prose import read_lesson
from dashboard.elements.untrusted import is_whole
from dashboard.lab.inside import neurons
from dashboard.session import present, resources
from dashboard.widgets import charts, current_run, text_elements
from dashboard.widgets.beside import in_order, kept, tapped
from mnist_core.analysis.ablation import PruningReport, accuracy_from, prune_run, pruned, switched_off
from mnist_core.analysis.inspection import full_color_weight
from mnist_core.figures.lab.ablation import ablation_figure, importance_figure, pruning_figure

_PRUNING: Final = 0.26
"""The share of the width that the controls of pruning have."""


@st.fragment
def switch_off_neurons(current: resources.TrainedRun) -> None:
    """Neurons switched off, and beside them what that does to each digit."""
    lesson, record, labels = read_lesson("lab", "inside"), current.record, current.dataset.test_labels
    layer = neurons.pick_layer(current, "off", _last(current))
    activations = neurons.activations(current, layer)
    left, right = tapped("off", neurons.COLUMNS)
    off = _pick_off(current, layer, activations.shape[1], (left, right))
    with_all = accuracy_from(record.parameters, layer, activations, labels)
    network = switched_off(record.parameters, layer, tuple(off))
    without = accuracy_from(network, layer, activations, labels)
    with right.container():
        charts.draw("inside_ablation", ablation_figure, with_all, without, off)
    st.markdown(lesson["switching"])
    if layer == _last(current):
        charts.draw("inside_importance", importance_figure, neurons.without_each(current), with_all)
        text_elements.note(lesson["each alone"])
    else:
        st.info(lesson["earlier layer"], icon=":material/info:")


def _last(current: resources.TrainedRun) -> int:
    """The last hidden layer."""
    return len(current.record.parameters.weights) - 2


def _pick_off(
    current: resources.TrainedRun, layer: int, n_units: int, places: tuple[DeltaGenerator, DeltaGenerator]
) -> list[int]:
    """Controls that choose neurons to switch off, and their pictures, which can be clicked.

    At first the neuron is off that matters most, where that is known.
    """
    key = f"inside_off_{current.job_id}_{layer}"
    if key not in st.session_state:
        is_known = layer == _last(current)
        st.session_state[key] = [int(neurons.without_each(current)[:, -1].argmin()) if is_known else 0]

    def put(units: list[int]) -> None:
        st.session_state[key] = units

    def toggle(unit: Any) -> None:
        if is_whole(unit, n_units):
            now = [other for other in st.session_state[key] if is_whole(other, n_units)]
            put([other for other in now if other != unit] if unit in now else [*now, unit])

    pictures, buttons = places
    with pictures:
        tiles = kept("off")
        off = st.multiselect("Neurons switched off (or click them)", range(n_units), key=key)
    if layer == 0:
        with tiles:
            neurons.tiles(current, "inside_off_tiles", np.arange(n_units), toggle, off=off)
    with buttons.container(horizontal=True):
        on = sorted(set(range(n_units)) - set(off))
        choices: dict[str, list[int]] = {
            "Another one off": [*off, random.choice(on)] if on else off,
            "Half of them off": sorted(random.sample(range(n_units), n_units // 2)),
            "All on": [],
        }
        for name, units in choices.items():
            is_idle = not units if name == "Half of them off" else units == off
            button_key = "inside_" + name.lower().replace(" ", "_")
            st.button(name, key=button_key, on_click=put, args=(units,), disabled=is_idle)
    return off


def prune_weights(current: resources.TrainedRun) -> None:
    """The smallest weights set to 0, and what that does to the accuracy."""
    lesson = read_lesson("lab", "inside")
    report = current_run.analysis_result(current, prune_run, lesson["pruning wait"])
    if report is None:
        st.markdown(lesson["pruning"])
    else:
        _pruned(current, report)


@st.fragment
def _pruned(current: resources.TrainedRun, report: PruningReport) -> None:
    lesson, record = read_lesson("lab", "inside"), current.record
    n_hidden = len(record.parameters.weights) - 1
    names = ["all layers together", *text_elements.layer_names(n_hidden)]
    layers: dict[str, int | None] = {name: n - 1 if n else None for n, name in enumerate(names)}
    curves = dict(zip(layers, (report.everywhere, *report.by_layer), strict=True))
    controls, picture = in_order(_PRUNING)
    with controls:
        scope = st.selectbox("The smallest weights of", layers, key=f"inside_pruned_{n_hidden}")
        curve, layer = curves[scope], layers[scope]
        percent = st.select_slider(
            "Set to 0 (%)",
            [round(100 * share, 1) for share in curve.shares],
            value=50,
            format_func="{:g}%".format,
            key="inside_share",
        )
        if not present.is_phone():
            st.markdown(lesson["pruning"])
    place = [round(100 * share, 1) for share in curve.shares].index(percent)
    network = pruned(record.parameters, float(curve.shares[place]), layer)
    left, right = picture.columns(2, gap="medium")
    with left:
        charts.draw("inside_pruning", pruning_figure, curves, scope, place)
        st.caption(lesson["pruning note"])
    with right:
        n_left = curve.n_pruned[-1] - curve.n_pruned[place]
        st.markdown(f"**{n_left:,} of {curve.n_pruned[-1]:,} weights are left**")
        if layer in (None, 0):
            neurons.weights_of(current, network, f"pruned {scope} {percent}")
        else:
            order = np.arange(network.weights[layer].shape[1])
            neurons.matrix_of(network, layer, order, full_color_weight(record.parameters, layer))
    if present.is_phone():  # after what the slider changes
        st.markdown(lesson["pruning"])
