"""The moments of the backward pass, and the numbers that their sentences name."""

import numpy as np
import pytest
from networks import network

from mnist_core.analysis.backward_trace import trace_backward
from mnist_core.analysis.network_trace import trace_signal
from mnist_core.config import NetworkConfig
from mnist_core.lessons.backward_pass import moments_of

LABEL = 7


def moments(units, activation="relu"):
    parameters = network(NetworkConfig(units, activation))
    signal = trace_signal(parameters, np.random.default_rng(1).random(784, dtype=np.float32))
    back = trace_backward(parameters, signal, LABEL)
    return signal, back, moments_of(signal, back, LABEL)


def test_the_error_goes_back_layer_by_layer_and_then_each_layer_of_weights_has_its_gradients():
    names = [moment.name for moment in moments((32,))[2]]
    assert names == ["start", "first", "outputs", "errors", "arriving", "slope", "gradient", "pixels"]
    deep = [moment.name for moment in moments((8, 6))[2]]
    back = ["arriving", "slope", "arriving from hidden", "slope"]
    assert deep == [
        *("start", "first", "hidden", "outputs", "errors"),
        *(*back, "gradient", "gradient between hidden", "pixels"),
    ]


def test_a_player_has_a_moment_before_each_move_and_one_at_the_end():
    """Moves of the browser: one a layer forward, the errors, two a hidden layer, one a layer of weights."""
    for units in ((32,), (8, 6), (8, 6, 5)):
        layers = len(units) + 1
        assert len(moments(units)[2]) == 1 + layers + 1 + 2 * len(units) + layers


def test_the_numbers_named_follow_from_each_other():
    signal, back, (*_, errors, arriving, slope, gradient, pixels) = moments((32,), "tanh")
    numbers = errors.numbers
    assert numbers["error"] == pytest.approx(numbers["probability"] - 1)
    assert numbers["wrong"] != LABEL
    assert numbers["rival"] == numbers["rival_error"] == max(np.delete(signal.probabilities, LABEL))
    assert slope.numbers["error"] == pytest.approx(slope.numbers["arriving"] * slope.numbers["slope"])
    assert abs(slope.numbers["error"]) == np.abs(back.errors[0]).max()
    assert arriving.numbers["arriving"] == slope.numbers["arriving"]
    assert abs(arriving.numbers["sent"]) <= np.abs(back.sent[0]).max()
    numbers = gradient.numbers
    assert numbers["gradient"] == pytest.approx(numbers["activation"] * numbers["error"])
    assert pixels.numbers["error"] == slope.numbers["error"]


def test_neurons_without_slope_are_counted():
    _, back, told = moments((32,))
    slope = next(moment for moment in told if moment.name == "slope")
    assert 0 < slope.numbers["n_silent"] == (back.errors[0] == 0).sum() < 32
    assert slope.numbers["slope"] == 1


def test_neurons_without_slope_are_counted_also_where_they_are_not_drawn():
    signal, back, told = moments((128,))
    slope = next(moment for moment in told if moment.name == "slope")
    parameters = network(NetworkConfig((128,), "relu"))
    sums = signal.inputs @ parameters.weights[0] + parameters.biases[0]
    assert slope.numbers["n_units"] == 128 > len(back.slopes[0])
    assert slope.numbers["n_silent"] == (sums <= 0).sum() > (back.slopes[0] == 0).sum()
