"""What the picture of the backward pass shows is what trying finds."""

import json

import numpy as np
import pytest
from networks import network

from dashboard.components.network import backward_message, signal_message
from mnist_core.analysis.backward_trace import trace_backward
from mnist_core.analysis.network_trace import trace_signal
from mnist_core.config import NetworkConfig
from mnist_core.network.finite_differences import ParameterPlace, finite_difference
from mnist_core.network.parameters import cross_entropy

LABEL = 4


@pytest.fixture
def inputs():
    return np.random.default_rng(3).random(784, dtype=np.float32)


def traced(units, activation, inputs):
    parameters = network(NetworkConfig(units, activation))
    signal = trace_signal(parameters, inputs)
    return parameters, signal, trace_backward(parameters, signal, LABEL)


@pytest.mark.parametrize("units", [(32,), (9, 7), (70, 6, 5)])
@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "none"])
def test_errors_and_gradients_are_those_of_finite_differences(units, activation, inputs):
    parameters, signal, back = traced(units, activation, inputs)

    def tried(layer, *index):
        place = ParameterPlace(layer, tuple(map(int, index)))
        return finite_difference(parameters, inputs[None], np.array([LABEL]), place)

    drawn = [layer.drawn for layer in signal.layers]
    pixel = int(inputs.argmax())
    for layer, errors in enumerate(back.errors):
        for i in (0, len(errors) // 2, -1):  # a bias is added to z, so ∂L/∂b = ∂L/∂z
            assert errors[i] == pytest.approx(tried(layer, drawn[layer][i]), abs=1e-5)
            if layer:
                found = back.gradients[layer - 1][2, i]
                assert found == pytest.approx(tried(layer, drawn[layer - 1][2], drawn[layer][i]), abs=1e-5)
            else:
                found = back.gradient_images[i, pixel]
                assert found == pytest.approx(tried(0, pixel, drawn[0][i]), abs=1e-5)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_what_arrives_is_the_sum_of_weights_times_errors_and_the_error_is_that_times_the_slope(
    activation, inputs
):
    parameters, _, back = traced((12, 8), activation, inputs)
    for layer, arriving in enumerate(back.arriving):
        assert arriving == pytest.approx(back.sent[layer].sum(axis=1), abs=1e-6)
        assert arriving == pytest.approx(parameters.weights[layer + 1] @ back.errors[layer + 1], abs=1e-6)
        assert back.errors[layer] == pytest.approx(arriving * back.slopes[layer], abs=1e-6)


def test_the_outputs_errors_add_up_to_nothing_and_the_loss_is_the_images(inputs):
    parameters, signal, back = traced((32,), "relu", inputs)
    expected = signal.probabilities - np.eye(10)[LABEL]
    assert back.errors[-1] == pytest.approx(expected, abs=1e-6)
    assert back.errors[-1].sum() == pytest.approx(0, abs=1e-6)
    assert back.loss == pytest.approx(float(cross_entropy(parameters.logits(inputs[None]), [LABEL])[0]))


def test_of_a_large_layer_the_numbers_are_those_of_the_neurons_drawn(inputs):
    parameters, signal, back = traced((100,), "tanh", inputs)
    hidden = signal.layers[0].drawn
    assert len(hidden) == 64
    assert back.arriving[0] == pytest.approx(parameters.weights[1][hidden] @ back.errors[1], abs=1e-6)
    assert back.gradients[0].shape == (64, 10)
    assert back.gradient_images == pytest.approx(np.outer(back.errors[0], inputs), abs=1e-6)


def test_what_is_sent_of_the_largest_network_is_json_of_a_few_hundred_kilobytes(inputs):
    _, signal, back = traced((256, 256, 256), "relu", inputs)
    message = signal_message(signal, "relu", LABEL) | {"backward": backward_message(back, ["a"] * 14)}
    assert len(json.dumps(message, allow_nan=False)) < 500_000
