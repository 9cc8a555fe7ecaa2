"""Learning: gradient descent on one weight, backpropagation for one image, what its update does to others."""

import operator
from typing import Final

import numpy as np
import streamlit as st

from dashboard.elements.untrusted import is_whole
from dashboard.learn import backward_pass, calculations, downhill, lesson_frame, parts, shared_results
from dashboard.session import choices, present, resources
from dashboard.widgets import charts, image_choice, tables, text_elements
from dashboard.widgets.beside import WIDE_CONTROLS, beside
from dashboard.widgets.controls import PERSIST, segmented_choice
from mnist_core.config import N_DIGITS
from mnist_core.figures.digits import digit_figure
from mnist_core.figures.lessons.learning import (
    chain_figure,
    delta_figure,
    effects_figure,
    update_figure,
    weight_gradient_figure,
)
from mnist_core.figures.lessons.loss import plain
from mnist_core.figures.style import with_article, with_minus
from mnist_core.images.preparation import network_inputs
from mnist_core.lessons.learning import (
    ChainPath,
    chain_path,
    check_gradients,
    descend_weight,
    effects_of_step,
    pass_costs,
    steepest,
)
from mnist_core.lessons.two_weights import descend_two_weights
from mnist_core.network.finite_differences import ParameterPlace
from mnist_core.network.parameters import Parameters
from mnist_core.network.passes import ForwardPass, Gradients, backward, forward, stepped

N_IMAGES, N_IMAGES_DEEP = 500, 200  # whose loss one weight walks down: a smooth curve, and at once
WEIGHT_RATES = (0.1, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1_000.0)
DIGIT_HEIGHT = 170  # pixels
MOMENTS = ("descent_moment", "played_moment", "backward_moment", "update_moment")  # sliders of one moment
WEIGHTS_MOVED = ("one weight", "two weights")
DRAWN_IMAGE: Final = "update_image"
"""State: the image of the last sections, which the one before them chooses."""


def n_images_of(record: resources.RunRecord) -> int:
    """How many images stand for all training images: fewer where each takes longer."""
    return N_IMAGES if len(record.config.network.hidden_units) == 1 else N_IMAGES_DEEP


def moment(record: resources.RunRecord, key: str) -> int:
    """A slider over the epochs of the run, which takes the others along; the epoch it stands at."""
    epochs = record.epochs_done
    if not epochs:
        return 0
    own, *others = (f"{name}_{epochs}" for name in sorted(MOMENTS, key=lambda name: name != key))

    def take_along() -> None:
        sent = st.session_state.get(own)  # a step of a tour may have put it back meanwhile
        if is_whole(sent, epochs + 1):
            st.session_state.update(dict.fromkeys(others, sent), moment_moved=True)

    chosen = st.slider("Epochs trained", 0, epochs, key=own, on_change=take_along, **PERSIST)
    if st.session_state.pop("moment_moved", False):
        st.rerun()  # the other sliders stand in other fragments
    return chosen


@st.fragment
def one_weight() -> None:
    """Walk down the loss of one weight."""
    record, images = current.record, current.dataset
    n_images = n_images_of(record)
    inputs = network_inputs(images.train_images[:n_images], record.config.training.preparation)
    labels = images.train_labels[:n_images]
    controls, picture = beside("descent", WIDE_CONTROLS)
    with controls.container(gap="xsmall"):
        parameters = record.snapshots[moment(record, "descent_moment")]
        is_one = segmented_choice("Move", WEIGHTS_MOVED, "descent_moved", **PERSIST) == WEIGHTS_MOVED[0]
        place = pick_weight(parameters, inputs, labels) if is_one else None
        rate = parts.pick_value("Learning rate η", WEIGHT_RATES, 10.0, "descent_rate", "{}")
        n_steps = st.slider("Updates", 0, 20, 5, key="descent_steps", **PERSIST)
    below = controls if present.is_phone() else picture
    with picture:
        if place is None:
            ran_away = downhill.walk_on_two(parameters, inputs, labels, rate, n_steps, below)
        else:
            ran_away = downhill.walk_on_one(parameters, inputs, labels, place, rate, n_steps, below)
    if ran_away:
        below.warning(lesson["too far"], icon=":material/warning:")
    words = (
        lesson["first update"].format(n_images=len(labels)),
        lesson["one weight" if is_one else "two weights"],
    )
    rates = lesson["rates"].format(n_parameters=record.config.network.n_parameters)
    code = [descend_weight if is_one else descend_two_weights]
    parts.read_below(*words, rates, code=code, controls=picture)


def pick_weight(parameters: Parameters, inputs: np.ndarray, labels: np.ndarray) -> ParameterPlace:
    """Controls that choose a weight of the first or the last layer; at first the steepest one."""
    network = current.record.config.network
    last = len(parameters.weights) - 1
    names = {0: "hidden layer" if last == 1 else "first hidden layer", last: "output layer"}
    layer = segmented_choice("A weight of the", names, f"descent_layer_{last}", first=last, **PERSIST)
    index = steepest(backward(parameters, forward(parameters, inputs), labels), layer).index
    default = index[0], index[1]
    own = f"{current.job_id}_{layer}"
    return ParameterPlace(layer, parts.pick_weight(network, layer, default, "descent", own))


@st.fragment
def played() -> None:
    """Both passes of one image, played on the network."""
    record, images = current.record, current.dataset
    controls, picture = beside("played")
    with controls:  # on a phone the moment is next to the network, in one view with it
        first, second = st.container(), st.container()
        of_image, of_moment = (second, first) if present.is_phone() else (first, second)
        with of_image:
            number = image_choice.pick_image(images.train_labels)
        if st.session_state.get(DRAWN_IMAGE, number) != number:
            del st.session_state[DRAWN_IMAGE]
            st.rerun()  # the sections below show the same image, in other fragments
        with of_moment:
            parameters = record.snapshots[moment(record, "played_moment")]
        parts.read_below(lesson["backpropagation"], code=(forward, backward), controls=controls)
    with picture:
        inputs = network_inputs(images.train_images[[number]], record.config.training.preparation)
        backward_pass.play(parameters, inputs[0], int(images.train_labels[number]))


def drawn_image() -> tuple[int, int]:
    """The image that the section before has chosen, and its digit."""
    labels = current.dataset.train_labels
    number = min(int(choices.get("example")), len(labels) - 1)
    st.session_state[DRAWN_IMAGE] = number
    return number, int(labels[number])


@st.fragment
def one_image() -> None:
    """Backpropagation for one image in numbers, from the outputs back to the pixels."""
    record, images = current.record, current.dataset
    number, label = drawn_image()
    controls, picture = beside("backward", WIDE_CONTROLS)
    with controls.container(gap="xsmall"):
        parameters = record.snapshots[moment(record, "backward_moment")]
        image = images.train_images[number]
        inputs = network_inputs(image[None], record.config.training.preparation)
        passed, labels = forward(parameters, inputs), np.array([label])
        digit, unit = pick_output_and_neuron(passed, number, label)
        told = f"Training image {number}: {with_article(label)}"
        charts.draw("learning_digit", digit_figure, image, told, DIGIT_HEIGHT)
    gradients = backward(parameters, passed, labels)
    outputs, hidden, slope, last, first, checked = picture.tabs(
        ["1. Outputs", "2. A neuron", "3. Its slope", "4. To an output", "5. Its weights", "Is it true?"]
    )
    with outputs:
        st.markdown(lesson["step 1"])
        charts.draw("deltas", delta_figure, gradients.weighted_sums[-1][0], label)
    path = chain_path(parameters, passed, labels, unit)
    with last:
        output_weight(gradients, passed, digit, unit)
    with hidden.container(gap="xsmall"):
        hidden_neuron(parameters, path, unit)
    with slope:
        own_error(parameters, path, unit, float(passed.weighted_sums[-2][0, unit]))
    with first.container(gap="xsmall"):
        first_layer(gradients, path, unit)
    with checked:
        check(parameters, gradients, inputs, labels, (unit, digit))


def pick_output_and_neuron(passed: ForwardPass, number: int, label: int) -> tuple[int, int]:
    """Controls that choose an output and a hidden neuron, at first the true digit and the most active one."""
    units = passed.activations[-1].shape[1]
    strongest = int(passed.activations[-1][0].argmax())
    with st.container(horizontal=True):
        digit = st.selectbox("Output k", range(N_DIGITS), label, key=f"backward_digit_{number}", width=140)
        key = f"backward_unit_{number}_{units}"
        unit = st.number_input("Hidden neuron j", 0, units - 1, strongest, key=key, width=180)
    return digit, int(unit)


def output_weight(gradients: Gradients, passed: ForwardPass, digit: int, unit: int) -> None:
    """The derivative with respect to a weight and a bias of the output layer, in numbers."""
    activation, delta = passed.activations[-1][0, unit], gradients.weighted_sums[-1][0, digit]
    st.markdown(lesson["step 4"])
    active, error, derivative = calculations.calculation(
        operator.mul, (float(activation), float(delta)), (3, 3), 4
    )
    st.latex(
        rf"\begin{{aligned}} \frac{{\partial L}}{{\partial w_{{{unit},{digit}}}}} "
        rf"&= a_{{{unit}}} \, (p_{{{digit}}} - y_{{{digit}}}) \\ "
        rf"&= {active} \times {calculations.in_brackets(error)} \\ "
        rf"&= {derivative} \end{{aligned}}"
    )
    st.markdown(lesson["output bias"])
    st.latex(rf"\frac{{\partial L}}{{\partial b_{{{digit}}}}} = p_{{{digit}}} - y_{{{digit}}} = {delta:z.4f}")


def hidden_neuron(network: Parameters, path: ChainPath, unit: int) -> None:
    """One path of the chain rule, drawn: ten products and their sum."""
    st.markdown(lesson["step 2"])
    layer = len(network.weights) - 2
    charts.draw("chain", chain_figure, path, unit, parts.input_name(layer, path.sender))


def own_error(network: Parameters, path: ChainPath, unit: int, z: float) -> None:
    """What reached a neuron, times the slope of its activation function: also the derivative for its bias."""
    st.markdown(lesson["step 3"])
    arriving, slope, delta = calculations.calculation(
        operator.mul, (float(path.arriving), float(path.slope)), (4, 3), 4
    )
    st.latex(
        rf"\begin{{aligned}} \frac{{\partial L}}{{\partial b_{{{unit}}}}} "
        rf"&= {arriving} \times f'({z:z.2f}) \\ "
        rf"&= {arriving} \times {slope} = {delta} \end{{aligned}}"
    )
    if path.slope == 0:
        st.caption(lesson["silent" if network.activation == "relu" else "saturated"])


def first_layer(gradients: Gradients, path: ChainPath, unit: int) -> None:
    """The derivative for one weight of a neuron, and those of a neuron of the first layer as an image."""
    st.markdown(lesson["step 5"])
    received, delta, derivative = calculations.calculation(
        operator.mul, (float(path.received), float(path.delta)), (2, 4), 4
    )
    st.latex(
        rf"\frac{{\partial L}}{{\partial w_{{{path.sender},{unit}}}}} "
        rf"= {received} \times {calculations.in_brackets(delta)} = {derivative}"
    )
    shown = unit
    if len(gradients.weights) > 2:  # noqa: PLR2004
        st.caption(lesson["further layers"])
        shown = int(np.abs(gradients.weighted_sums[0][0]).argmax())
    factor = gradients.weighted_sums[0][0, shown]
    title = f"Gradient of neuron {shown}'s weights: the image times {with_minus(f'{factor:z.4f}')}"
    charts.draw("gradient_image", weight_gradient_figure, gradients.weights[0][:, shown], title)


def check(
    parameters: Parameters,
    gradients: Gradients,
    inputs: np.ndarray,
    labels: np.ndarray,
    index: tuple[int, int],
) -> None:
    """Backpropagation beside finite differences."""
    st.markdown(lesson["check by finite differences"])
    network, last, first = current.record.config.network, len(parameters.weights) - 1, steepest(gradients, 0)
    pixel = parts.input_name(0, first.index[0])
    places = {
        f"weight, neuron {index[0]} to digit {index[1]}": ParameterPlace(last, index),
        f"bias of digit {index[1]}": ParameterPlace(last, (index[1],)),
        f"weight, {pixel} to neuron {first.index[1]}": first,
        f"bias of neuron {first.index[1]}": ParameterPlace(0, (first.index[1],)),
    }
    checks = check_gradients(parameters, gradients, inputs, labels, places)
    table = {
        "Derivative for": list(checks),
        "Backpropagation": [f"{check.backpropagated:z.6f}" for check in checks.values()],
        "Finite difference": [f"{check.estimated:z.6f}" for check in checks.values()],
        "They differ by": [plain(check.difference) for check in checks.values()],
    }
    tables.word_table(table, border="horizontal")
    costs = pass_costs(network)
    prices = {"n_parameters": costs.n_parameters, "n_estimates": costs.n_estimates}
    st.caption(lesson["the price"].format(forward=costs.forward, backward=costs.backward, **prices))


@st.fragment
def one_update() -> None:
    """One update of all weights for one image: what it does to this image and to hundreds of others."""
    record, images = current.record, current.dataset
    number, label = drawn_image()
    controls, picture = beside("update", WIDE_CONTROLS)
    with controls:
        epoch = moment(record, "update_moment")
        rate = parts.pick_value(
            "Learning rate of the update", shared_results.UPDATE_RATES, 0.01, "update_rate", "{}"
        )
        place = 1 + shared_results.UPDATE_RATES.index(rate)
        effects = shared_results.effects_of(current.job_id, epoch, number, n_images_of(record), current)
        own, others = ([losses[0], losses[place]] for losses in (effects.own, effects.others))
        text_elements.metrics({"This image's loss before": f"{own[0]:.3f}", "after": f"{own[1]:.3f}"})
        name = f"{effects.n_others} others before"
        text_elements.metrics({name: f"{others[0]:.3f}", "after the update": f"{others[1]:.3f}"})
        if effects.harms_others(place):
            words = {"before": others[0], "after": others[1], "n_others": effects.n_others}
            harm = lesson["harm" if own[1] < own[0] else "harm to all"]
            st.warning(harm.format(**words), icon=":material/warning:")
        st.caption(lesson["the image"].format(number=number, label=with_article(label)))
    losses, outputs = picture.tabs(["This image and the others", "The ten outputs"])
    with losses:
        charts.draw("effects", effects_figure, effects, place, label)
    with outputs:
        inputs = network_inputs(images.train_images[[number]], record.config.training.preparation)
        parameters = record.snapshots[epoch]
        gradients = backward(parameters, forward(parameters, inputs), np.array([label]))
        networks = parameters, stepped(parameters, gradients, rate)
        probabilities = (network.probabilities(inputs)[0] for network in networks)
        charts.draw("update", update_figure, *probabilities, label)
    parts.read_below(
        lesson["one update"], lesson["not one image"], code=[stepped, effects_of_step], controls=controls
    )


lesson = lesson_frame.begin("learning")
current = lesson_frame.network("learning", lesson)
if current.record.has_diverged:
    st.info(lesson["diverged"], icon=":material/trending_up:")
    lesson_frame.show("learning", lesson, {}, current)
else:
    sections = {
        "Downhill on one weight: gradient descent": one_weight,
        "All slopes at once: backpropagation": played,
        "Backpropagation in numbers": one_image,
        "One update: what it does to other images": one_update,
    }
    lesson_frame.show("learning", lesson, sections, current)
