"""The page "Inside": a hidden layer's neurons one by one, and what is kept of a run between two looks."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from dashboard.elements.prose import read_lesson
from dashboard.elements.untrusted import is_whole, picked_point
from dashboard.session import present, resources
from dashboard.widgets import charts, current_run, text_elements
from dashboard.widgets.beside import tapped
from dashboard.widgets.controls import segmented_choice
from mnist_core.analysis.ablation import accuracy_without_each
from mnist_core.analysis.inspection import (
    MEASURE_NAMES,
    MEASURES,
    Measure,
    NeuronMeasures,
    full_color_weight,
    largest_weight,
    layer_activations,
    mean_by_digit,
    measure_neurons,
    strongest_images,
    weight_images,
)
from mnist_core.analysis.moments import moments
from mnist_core.analysis.weight_changes import RARE, WeightChanges, weight_changes
from mnist_core.arrays import Float32Array
from mnist_core.figures.digits import digit_grid
from mnist_core.figures.lab.neurons import (
    answer_figure,
    matrix_figure,
    outgoing_figure,
    scale_bar,
    tile_grid,
    tiles_figure,
    weight_grid,
)
from mnist_core.figures.style import Theme, share_text, with_minus
from mnist_core.network.parameters import Parameters
from mnist_core.training.stretches import stretches

COLUMNS: Final = (9, 10)
"""Widths of the tiles and of what is said of a neuron."""
N_STRONGEST: Final = 12
"""Images shown of a neuron."""
_IMAGES_WIDTH, _SORTING_WIDTH = 376, 190  # pixels
_TOOLS: Final = 22
"""What the row of a chart's tools is as high as, in weights of a tile."""
_SORTS: Final[tuple[Measure | Literal["number"], ...]] = ("number", *MEASURES)


@st.fragment
def neurons(current: resources.TrainedRun) -> None:
    """All weight images of a layer, sorted, and beside them the neuron that was clicked."""
    lesson, parameters = read_lesson("lab", "inside"), current.record.parameters
    layer = pick_layer(current, "neurons")
    left, right = tapped("neuron", COLUMNS)
    first, second = right.container(), right.container()
    # On a phone what is told comes first: there a tap on a tile is seen to change it.
    choice, told = (second, first) if present.is_phone() else (first, second)
    with choice:
        order, unit = _pick_neuron(current, layer)
    with told:
        strongest, by_digit, outgoing = st.tabs(["Strongest images", "Mean by digit", "Outgoing weights"])
        with strongest:
            _describe(current, layer, unit)
        _answers(current, layer, unit, (by_digit, outgoing))
    with left:
        if layer == 0:
            clicked = partial(_choose, _unit_key(current, layer), len(order))
            tiles(current, "inside_tiles", order, clicked, chosen=unit)
            scale(current)
        else:
            matrix_of(parameters, layer, order, full_color_weight(parameters, layer))
    st.markdown(lesson["neurons" if layer == 0 else "later"])
    if layer == 0:
        _edges(current)


def _edges(current: resources.TrainedRun) -> None:
    """How much training changed the weights where there is often, rarely and never ink."""
    lesson, training = read_lesson("lab", "inside"), current.record.config.training
    changes = current_run.analysis_result(current, weight_changes, lesson["changes wait"])
    if changes is None:
        return
    said = [lesson["edges"].format(changes=changes_in_words(changes))]
    if changes.never.n_pixels and training.shift:
        said.append(lesson["edges shifted"])
    elif changes.never.n_pixels and not training.l2 and current.record.mixture is None:
        said.append(lesson["edges start"])
    optimizers = {part.config.training.optimizer for part in stretches(current.record.config)}
    if changes.rarely.n_pixels and optimizers <= {"adam", "rmsprop"}:
        said.append(lesson["edges noise"])
    text_elements.note(" ".join(said))


def changes_in_words(changes: WeightChanges) -> str:
    """The mean change of the weights in each group of pixels that there is."""
    often, rarely, never = changes.often, changes.rarely, changes.never
    said = [
        (often, f"by {often.mean_change:.2f} on average where ink is common ({often.n_pixels} pixels)"),
        (
            rarely,
            f"by {rarely.mean_change:.2f} where fewer than 1 in {round(1 / RARE):,} training images has ink "
            f"({rarely.n_pixels} pixels)",
        ),
        (never, f"by {never.mean_change:.2f} where no image has ink ({never.n_pixels} pixels)"),
    ]
    words = ", ".join(text for group, text in said if group.n_pixels)
    return f"{words[0].upper()}{words[1:]}."


def _pick_neuron(current: resources.TrainedRun, layer: int) -> tuple[NDArray[np.int64], int]:
    """The order in which the neurons are shown, and which one from near; the same as a click, with keys."""
    row = st.container(horizontal=True)
    slider = row.container()
    measure = row.selectbox(
        "Sorted by",
        _SORTS,
        format_func=lambda name: name if name == "number" else MEASURE_NAMES[name],
        key="inside_sorted",
        width=_SORTING_WIDTH,
    )
    measured = measures(current, layer)
    n_units = len(measured.norm)
    order = np.arange(n_units) if measure == "number" else measured.order(measure)
    if n_units == 1:
        return order, 0
    key = _unit_key(current, layer)
    return order, slider.select_slider("Neuron (or click or tap one)", order.tolist(), key=key)


def _unit_key(current: resources.TrainedRun, layer: int) -> str:
    return f"inside_unit_{current.job_id}_{layer}"


def _choose(key: str, n_units: int, unit: Any) -> None:
    if is_whole(unit, n_units):
        st.session_state[key] = unit


def tiles(
    current: resources.TrainedRun,
    key: str,
    order: NDArray[np.int64],
    clicked: Callable[[Any], None],
    *,
    chosen: int | None = None,
    off: Sequence[int] = (),
) -> None:
    """The weight images of the first hidden layer, each to be clicked.

    Args:
        current: Whose weights they are.
        key: The element's key.
        order: The neurons in the order in which they are shown.
        clicked: Told what the browser says was clicked, which may be anything.
        chosen: A neuron with a line around it.
        off: Neurons that are covered.
    """

    def on_select() -> None:
        match picked_point(st.session_state.get(key)):
            case [unit]:
                clicked(unit)

    columns, rows, (width, height) = tile_grid(len(order))
    ratio = f"{columns * width} / {rows * height + _TOOLS}"
    st.html(f"<style>.st-key-{key} {{ --tiles: {ratio} }}</style>")
    charts.draw_of(
        key,
        current.job_id,
        f"tiles {order.tolist()} {chosen} {off}",
        lambda: tiles_figure(
            _images(current)[order], order.tolist(), _limit(current.job_id, current), chosen, off
        ),
        on_select=on_select,
        selection_mode="points",
        height="stretch",
    )


def _images(current: resources.TrainedRun) -> Float32Array:
    return weight_images(current.record.parameters, current.record.config.training.preparation)


def _answers(
    current: resources.TrainedRun, layer: int, unit: int, places: tuple[DeltaGenerator, DeltaGenerator]
) -> None:
    """What a neuron outputs for each digit, and what the next layer makes of it."""
    parameters = current.record.parameters
    by_digit, outgoing = places
    with by_digit:
        means = mean_by_digit(activations(current, layer), current.dataset.test_labels, unit)
        charts.draw("inside_answer", answer_figure, means, unit)
    with outgoing:
        is_last = layer == len(parameters.weights) - 2
        largest, weights = largest_weight(parameters, layer + 1), parameters.weights[layer + 1][unit]
        charts.draw("inside_outgoing", outgoing_figure, weights, unit, largest, is_last)


def _describe(current: resources.TrainedRun, layer: int, unit: int) -> None:
    """One neuron's measures, and the images with its largest outputs."""
    lesson, passed = read_lesson("lab", "inside"), activations(current, layer)
    measured = measures(current, layer)
    in_numbers = (
        f"**Neuron {unit}**: size of its weights {measured.norm[unit]:.2f}, mean activation "
        f"{measured.mean[unit]:z.2f}, 0 on {share_text(measured.zero[unit])} of the test images, strongest "
        f"outgoing weight {measured.outgoing[unit]:+z.2f}."
    )
    st.markdown(with_minus(in_numbers))
    strongest = strongest_images(passed, unit, N_STRONGEST)
    if not len(strongest):
        st.info(lesson["same relu" if measured.zero[unit] == 1 else "same"], icon=":material/info:")
        return
    st.markdown(f"**{lesson['strongest']}**")
    labels = ", ".join(str(label) for label in current.dataset.test_labels[strongest])
    grid = digit_grid(current.dataset.test_images[strongest], 6, 2)
    width = present.scaled(_IMAGES_WIDTH)
    st.image(grid, alt=f"Images of these digits: {labels}.", width=width)
    highest, lowest = passed[strongest[0], unit], passed[strongest[-1], unit]
    st.caption(f"Activations from {highest:.2f} down to {lowest:.2f}; true digits {labels}.")


def pick_layer(current: resources.TrainedRun, key: str, first: int = 0) -> int:
    """The hidden layer to look at, 0 for the first; a control where there are several."""
    n_hidden = len(current.record.parameters.weights) - 1
    if n_hidden == 1:
        return 0
    names = {layer: str(layer + 1) for layer in range(n_hidden)}
    return segmented_choice("Hidden layer", names, f"inside_layer_{key}_{n_hidden}", first=first)


@st.cache_resource(max_entries=3, show_spinner=False)
def _activations(job_id: str, layer: int, _current: resources.TrainedRun) -> Float32Array:
    record = _current.record
    preparation = record.config.training.preparation
    return layer_activations(record.parameters, _current.dataset.test_images, layer, preparation)


def activations(current: resources.TrainedRun, layer: int) -> Float32Array:
    """One hidden layer's activations on the test images, shape (n, units); 10 MB at most, of three layers."""
    return _activations(current.job_id, layer, current)


@st.cache_resource(max_entries=30, show_spinner=False)
def _measures(job_id: str, layer: int, _current: resources.TrainedRun) -> NeuronMeasures:
    return measure_neurons(_current.record.parameters, layer, activations(_current, layer))


def measures(current: resources.TrainedRun, layer: int) -> NeuronMeasures:
    """What the neurons of a hidden layer can be sorted by."""
    return _measures(current.job_id, layer, current)


@st.cache_resource(max_entries=30, show_spinner=False)
def _without_each(job_id: str, _current: resources.TrainedRun) -> NDArray[np.float64]:
    parameters = _current.record.parameters
    last = activations(_current, len(parameters.weights) - 2)
    return accuracy_without_each(parameters, last, _current.dataset.test_labels)


def without_each(current: resources.TrainedRun) -> NDArray[np.float64]:
    """Accuracies with one neuron of the last hidden layer off, shape (units, 11)."""
    return _without_each(current.job_id, current)


@st.cache_resource(max_entries=40, show_spinner=False)
def _picture(job_id: str, name: str, theme: Theme, _draw: Callable[[], bytes]) -> bytes:
    return _draw()


def weights_of(current: resources.TrainedRun, parameters: Parameters, name: str) -> None:
    """The weight images of the first hidden layer, all on one scale, which stands below.

    Args:
        current: Whose weights at the end, or at any moment, they are.
        parameters: The network shown; of another moment, or with parts taken away.
        name: Tells these pictures from others of the run.
    """
    theme, n_units = resources.theme(), parameters.weights[0].shape[1]
    limit, room = _limit(current.job_id, current), present.phone_width()

    def draw() -> bytes:
        images = weight_images(parameters, current.record.config.training.preparation)
        return weight_grid(images, range(n_units), limit, theme, room)

    alt = f"The weights of {n_units} neurons as images of 28 × 28 pixels, the first is neuron 0."
    st.image(_picture(current.job_id, f"{name} {room}", theme, draw), alt=alt)
    scale(current)


def scale(current: resources.TrainedRun) -> None:
    """What the colours of the weights mean."""
    limit = _limit(current.job_id, current)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"−{limit:.2f} or less", width="content")
        st.image(_bar(), alt="Orange for negative weights, blue for positive ones, nothing at 0.")
        st.caption(f"+{limit:.2f} or more", width="content")


def matrix_of(parameters: Parameters, layer: int, order: NDArray[np.int64], limit: float) -> None:
    """The weights of a layer that sees neurons."""
    charts.draw("inside_matrix", matrix_figure, parameters.weights[layer], order, limit)


@st.cache_resource(max_entries=1, show_spinner=False)
def _bar() -> bytes:
    return scale_bar()


@st.cache_resource(max_entries=60, show_spinner=False)
def _limit(job_id: str, _current: resources.TrainedRun) -> float:
    return max(full_color_weight(moment.parameters, 0) for moment in moments(_current.record))
