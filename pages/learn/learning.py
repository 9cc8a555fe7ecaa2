"""Learning: gradient descent on one weight, backpropagation for one image, and one update of all weights."""

import numpy as np
import streamlit as st

from dashboard.elements.untrusted import is_whole
from dashboard.learn import lesson_frame, parts
from dashboard.session import resources
from dashboard.widgets import charts, image_choice, tables, text_elements
from dashboard.widgets.beside import WIDE_CONTROLS, beside
from dashboard.widgets.controls import PERSIST, segmented_choice
from mnist_core.config import N_DIGITS
from mnist_core.figures.digits import digit_figure
from mnist_core.figures.lessons.learning import (
    delta_figure,
    descent_figure,
    update_figure,
    weight_gradient_figure,
)
from mnist_core.figures.style import with_minus
from mnist_core.images.preparation import network_inputs
from mnist_core.lessons.learning import (
    check_gradients,
    curve_around,
    descend_weight,
    steepest,
)
from mnist_core.network.finite_differences import ParameterPlace, loss_along, mean_loss
from mnist_core.network.parameters import Parameters
from mnist_core.network.passes import (
    ACTIVATION_DERIVATIVES,
    ForwardPass,
    Gradients,
    backward,
    forward,
    stepped,
)

N_IMAGES, N_IMAGES_DEEP = 500, 200  # whose loss one weight walks down: a smooth curve, and at once
WEIGHT_RATES = (0.1, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1_000.0)
DIGIT_HEIGHT = 170  # pixels
MOMENTS = ("descent_moment", "backward_moment")  # sliders of the page that show the same moment
UPDATE_RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)


def moment(record: resources.RunRecord, key: str) -> Parameters:
    """A slider over the epochs of the run, which takes the other one along; the network as it was then."""
    epochs = record.epochs_done
    if not epochs:
        return record.snapshots[0]
    own, *others = (f"{name}_{epochs}" for name in sorted(MOMENTS, key=lambda name: name != key))

    def take_along() -> None:
        if is_whole(st.session_state[own], epochs + 1):
            st.session_state.update(dict.fromkeys(others, st.session_state[own]), moment_moved=True)

    chosen = st.slider("Epochs trained", 0, epochs, key=own, on_change=take_along, **PERSIST)
    if st.session_state.pop("moment_moved", False):
        st.rerun()  # the other slider stands in another fragment
    return record.snapshots[chosen]


@st.fragment
def one_weight() -> None:
    """Walk down the loss of one weight."""
    record, images = current.record, current.dataset
    n_images = N_IMAGES if len(record.config.network.hidden_units) == 1 else N_IMAGES_DEEP
    inputs = network_inputs(images.train_images[:n_images], record.config.training.preparation)
    labels = images.train_labels[:n_images]
    controls, picture = beside("descent", WIDE_CONTROLS)
    with controls:
        parameters = moment(record, "descent_moment")
        place = pick_weight(parameters, inputs, labels)
        rate = parts.pick_value("Learning rate", WEIGHT_RATES, 10.0, "descent_rate", "{}")
        n_steps = st.slider("Steps", 0, 20, 1, key="descent_steps", **PERSIST)
    path = descend_weight(parameters, inputs, labels, place, rate, n_steps)
    around = curve_around(path.weights)
    losses = loss_along(parameters, inputs, labels, place, around)
    with picture:
        charts.draw("descent", descent_figure, around, losses, path)
        start, slope = path.weights[0], path.slopes[0]
        st.latex(
            rf"\begin{{aligned}} w - \eta \, \frac{{\partial L}}{{\partial w}} "
            rf"&= {start:.3f} - {rate:g} \times ({slope:z.5f}) \\ "
            rf"&= {start - rate * slope:.3f} \end{{aligned}}"
        )
        if path.ran_away:
            st.warning(lesson["too far"], icon=":material/warning:")
        st.caption(f"Mean loss of the first {len(labels)} training images.")
    st.markdown(lesson["one weight"])
    st.caption(lesson["rates"])
    lesson_frame.source(descend_weight)


def pick_weight(parameters: Parameters, inputs: np.ndarray, labels: np.ndarray) -> ParameterPlace:
    """Controls that choose a weight of the first or the last layer; at first the steepest one."""
    last = len(parameters.weights) - 1
    names = {0: "hidden layer" if last == 1 else "first hidden layer", last: "output layer"}
    layer = segmented_choice("A weight of the", names, f"descent_layer_{last}", first=last, **PERSIST)
    default = steepest(backward(parameters, forward(parameters, inputs), labels), layer).index
    shape, own = parameters.weights[layer].shape, f"{current.job_id}_{layer}"
    with st.container(horizontal=True):
        origin = "from input" if layer == 0 else "from neuron"
        sender = parts.number_box(origin, shape[0] - 1, default[0], f"descent_from_{own}")
        unit = parts.number_box("to neuron", shape[1] - 1, default[1], f"descent_to_{own}")
    return ParameterPlace(layer, (sender, unit))


@st.fragment
def one_image() -> None:
    """Backpropagation for one image, and one update for it."""
    record, images = current.record, current.dataset
    controls, picture = beside("backward", WIDE_CONTROLS)
    with controls.container(gap="xsmall"):
        number = image_choice.pick_image(images.train_labels)
        parameters = moment(record, "backward_moment")
        image, label = images.train_images[number], int(images.train_labels[number])
        inputs = network_inputs(image[None], record.config.training.preparation)
        passed, labels = forward(parameters, inputs), np.array([label])
        digit, unit = pick_output_and_neuron(passed, number, label)
        charts.draw(
            "learning_digit", digit_figure, image, f"Training image {number}: a {label}", DIGIT_HEIGHT
        )
    gradients = backward(parameters, passed, labels)
    outputs, hidden, first, checked, after = picture.tabs(
        ["1. Outputs", "2, 3. Backwards", "4. First layer", "Is it true?", "One update"]
    )
    with outputs:
        st.markdown(lesson["step 1"])
        charts.draw("deltas", delta_figure, gradients.weighted_sums[-1][0], label)
    with hidden.container(gap="xsmall"):
        back_to_front(parameters, gradients, passed, digit, unit)
    with first:
        first_layer(gradients, unit)
    with checked:
        check(parameters, gradients, inputs, labels, (unit, digit))
    with after:
        update(parameters, gradients, inputs, label)
    st.markdown(lesson["backpropagation"])
    lesson_frame.source(forward, backward, stepped)


def pick_output_and_neuron(passed: ForwardPass, number: int, label: int) -> tuple[int, int]:
    """Controls that choose an output and a hidden neuron, at first the true digit and the most active one."""
    units = passed.activations[-1].shape[1]
    strongest = int(passed.activations[-1][0].argmax())
    with st.container(horizontal=True):
        digit = st.selectbox("Output k", range(N_DIGITS), label, key=f"backward_digit_{number}", width=140)
        key = f"backward_unit_{number}_{units}"
        unit = st.number_input("Hidden neuron j", 0, units - 1, strongest, key=key, width=180)
    return digit, unit


def back_to_front(
    parameters: Parameters, gradients: Gradients, passed: ForwardPass, digit: int, unit: int
) -> None:
    """The chain rule with its numbers, for one output and one hidden neuron."""
    j, k = unit, digit
    activation, delta = passed.activations[-1][0, unit], gradients.weighted_sums[-1][0, digit]
    st.markdown(lesson["step 2"])
    st.latex(
        rf"\begin{{aligned}} \frac{{\partial L}}{{\partial w_{{{j},{k}}}}} "
        rf"&= a_{{{j}}} \, (p_{{{k}}} - y_{{{k}}}) \\ &= {activation:.3f} \times ({delta:z.3f}) "
        rf"= {gradients.weights[-1][unit, digit]:z.4f} \end{{aligned}}"
    )
    st.markdown(lesson["step 3"])
    arriving, z = gradients.activations[-1][0, unit], passed.weighted_sums[-2][0, unit]
    slope = ACTIVATION_DERIVATIVES[parameters.activation](z, activation)
    st.latex(
        rf"\frac{{\partial L}}{{\partial a_{{{j}}}}} = \sum_k w_{{{j},k}} \, (p_k - y_k) = {arriving:z.4f}"
    )
    hidden = gradients.weighted_sums[-2][0, unit]
    st.latex(
        rf"\begin{{aligned}} \frac{{\partial L}}{{\partial z_{{{j}}}}} "
        rf"&= {arriving:z.4f} \times f'({z:z.3f}) \\ "
        rf"&= {arriving:z.4f} \times {slope:.3f} = {hidden:z.4f} \end{{aligned}}"
    )
    if slope == 0:
        st.caption(lesson["silent"])


def first_layer(gradients: Gradients, unit: int) -> None:
    """The derivatives by the weights of a neuron of the first layer, as an image."""
    st.markdown(lesson["step 4"])
    shown = unit
    if len(gradients.weights) > 2:  # noqa: PLR2004
        st.caption(lesson["further layers"])
        shown = int(np.abs(gradients.weighted_sums[0][0]).argmax())
    factor = gradients.weighted_sums[0][0, shown]
    title = f"Derivatives by the weights of neuron {shown}: the image times {factor:z.4f}"
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
    last, first = len(parameters.weights) - 1, steepest(gradients, 0)
    places = {
        f"output layer, weight {index[0]} → {index[1]}": ParameterPlace(last, index),
        f"output layer, bias {index[1]}": ParameterPlace(last, (index[1],)),
        f"first layer, weight {first.index[0]} → {first.index[1]}": first,
        f"first layer, bias {first.index[1]}": ParameterPlace(0, (first.index[1],)),
    }
    checks = check_gradients(parameters, gradients, inputs, labels, places)
    table = {
        "Derivative by": list(checks),
        "Backpropagation": [f"{check.backpropagated:z.6f}" for check in checks.values()],
        "Finite difference": [f"{check.estimated:z.6f}" for check in checks.values()],
        "They differ by": [with_minus(f"{check.difference:.0e}") for check in checks.values()],
    }
    tables.word_table(table, border="horizontal")
    st.caption(lesson["the price"])


def update(parameters: Parameters, gradients: Gradients, inputs: np.ndarray, label: int) -> None:
    """One step of all weights, and the same image again."""
    rate_column, numbers = st.columns(2, gap="medium")
    with rate_column:
        rate = parts.pick_value("Learning rate", UPDATE_RATES, 0.03, "update_rate", "{}")
    changed, labels = stepped(parameters, gradients, rate), np.array([label])
    before, after = (mean_loss(network, inputs, labels) for network in (parameters, changed))
    with numbers:
        text_elements.metrics({"Loss of this image before": f"{before:.4f}", "after": f"{after:.4f}"})
    if after > before:
        st.warning(lesson["overdone"], icon=":material/warning:")
    shares = (network.probabilities(inputs)[0] for network in (parameters, changed))
    charts.draw("update", update_figure, *shares, label)
    st.markdown(lesson["one update"])
    st.markdown(lesson["not one image"])


lesson = lesson_frame.begin("learning")
current = lesson_frame.network("learning", lesson)
if current.record.has_diverged:
    st.info(lesson["diverged"], icon=":material/trending_up:")
    lesson_frame.show("learning", lesson, {}, current)
else:
    sections = {"Downhill on one weight": one_weight, "All slopes at once": one_image}
    lesson_frame.show("learning", lesson, sections, current)
