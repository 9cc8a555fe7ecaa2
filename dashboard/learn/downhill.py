"""Gradient descent on one or two weights of a network: the picture of the way down, and the first update."""

import numpy as np
from streamlit.delta_generator import DeltaGenerator

from dashboard.learn.calculations import in_brackets, updated
from dashboard.widgets import charts
from dashboard.widgets.beside import pinned_height
from mnist_core.figures.lessons.learning import descent_figure, two_weights_figure
from mnist_core.lessons.learning import curve_around, descend_weight
from mnist_core.lessons.two_weights import descend_two_weights, two_steepest
from mnist_core.network.finite_differences import ParameterPlace, loss_along
from mnist_core.network.parameters import Parameters
from mnist_core.network.passes import backward, forward


def walk_on_one(  # noqa: PLR0917, where, on what, and how far
    parameters: Parameters,
    inputs: np.ndarray,
    labels: np.ndarray,
    place: ParameterPlace,
    rate: float,
    n_steps: int,
    words: DeltaGenerator,
) -> bool:
    """The loss as one weight moves, and its way down.

    Args:
        parameters: Of the network; all its other weights stay.
        inputs: Shape (n, 784).
        labels: Shape (n,).
        place: Which weight.
        rate: The learning rate.
        n_steps: Updates at most.
        words: Where the first update is written.

    Returns:
        Whether the weight was driven too far away to be followed.
    """
    path = descend_weight(parameters, inputs, labels, place, rate, n_steps)
    around = curve_around(path.weights)
    losses = loss_along(parameters, inputs, labels, place, around)
    charts.draw("descent", descent_figure, around, losses, path, pinned_height(420))
    start, slope, after = updated(float(path.weights[0]), rate, float(path.slopes[0]))
    words.latex(
        rf"\begin{{aligned}} w - \eta \, \frac{{\partial L}}{{\partial w}} "
        rf"&= {start} - {rate:g} \times {in_brackets(slope)} \\ "
        rf"&= {after} \end{{aligned}}"
    )
    return path.ran_away


def walk_on_two(  # noqa: PLR0917, on what, and how far
    parameters: Parameters,
    inputs: np.ndarray,
    labels: np.ndarray,
    rate: float,
    n_steps: int,
    words: DeltaGenerator,
) -> bool:
    """The loss over the two steepest weights of the output layer, the gradient, and the way down.

    Arguments and result are those of `walk_on_one`.
    """
    places = two_steepest(backward(parameters, forward(parameters, inputs), labels))
    descent = descend_two_weights(parameters, inputs, labels, places, rate, n_steps)
    ends = [place.index for place in places]
    names = tuple(f"Weight, neuron {sender} to digit {digit}" for sender, digit in ends)
    charts.draw("two_weights", two_weights_figure, descent, names, pinned_height(400))
    both = (
        updated(float(start), rate, float(slope))
        for start, slope in zip(descent.path[0], descent.gradient, strict=True)
    )
    start, slope, after = map(_column, zip(*both, strict=True))
    words.latex(rf"{start} - {rate:g} \, {slope} = {after}")
    return len(descent.path) <= n_steps


def _column(numbers: tuple[str, ...]) -> str:
    rows = r" \\ ".join(numbers)
    return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"
