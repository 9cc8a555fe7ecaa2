"""What the picture of the network shows is what Keras and the long calculation give."""

import base64
import json

import numpy as np
import pytest

from dashboard.components.network import checked_selection, signal_message
from mnist_core.analysis.network_trace import most_active, trace_signal
from mnist_core.config import ACTIVATIONS, NetworkConfig
from mnist_core.network.keras_model import to_keras
from mnist_core.network.parameters import Parameters, initial_parameters
from mnist_core.network.passes import neuron_terms


def network(units, activation="relu", seed=0):
    start = initial_parameters(NetworkConfig(units, activation), seed)
    biases = [np.random.default_rng(seed).normal(size=b.shape) for b in start.biases]
    return Parameters(start.weights, tuple(biases), activation)


@pytest.fixture
def inputs():
    return np.random.default_rng(3).random(784, dtype=np.float32)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("units", [(32,), (5, 40), (8, 3, 70)])
def test_the_outputs_are_those_of_keras(units, activation, inputs):
    parameters = network(units, activation)
    signal = trace_signal(parameters, inputs)
    expected = to_keras(parameters)(inputs[None]).numpy()[0]
    assert np.abs(signal.probabilities - expected).max() < 1e-5
    assert signal.prediction == expected.argmax()


@pytest.mark.parametrize("units", [(32,), (90, 70)])
def test_every_drawn_neuron_has_the_numbers_of_its_full_calculation(units, inputs):
    parameters = network(units)
    signal = trace_signal(parameters, inputs)
    for number, layer in enumerate(signal.layers):
        for i, unit in enumerate(layer.drawn):
            terms = neuron_terms(parameters, inputs, number, int(unit))
            assert layer.positive[i] == pytest.approx(terms.sum_of_positive, abs=1e-4)
            assert layer.negative[i] == pytest.approx(terms.sum_of_negative, abs=1e-4)
            assert layer.weighted_sums[i] == pytest.approx(terms.weighted_sum, abs=1e-4)
            assert layer.activations[i] == pytest.approx(terms.activation, abs=1e-5)
            assert layer.biases[i] == pytest.approx(terms.bias)


def test_connections_of_a_whole_layer_and_the_bias_add_up_to_the_weighted_sum(inputs):
    for layer in trace_signal(network((32, 16)), inputs).layers:
        total = layer.connections.sum(axis=0) + layer.biases
        assert total == pytest.approx(layer.weighted_sums, abs=1e-4)


def test_of_a_large_layer_the_most_active_neurons_are_drawn_and_the_rest_counted(inputs):
    parameters = network((100,), "tanh")
    signal = trace_signal(parameters, inputs)
    hidden, output = signal.layers
    activations = parameters.hidden_activations(inputs[None])[0][0]
    threshold = np.sort(np.abs(activations))[-64]
    assert hidden.drawn.tolist() == np.flatnonzero(np.abs(activations) >= threshold).tolist()
    assert [(layer.n_units, len(layer.drawn)) for layer in (hidden, output)] == [(100, 64), (10, 10)]
    assert signal.weight_images[7] == pytest.approx(parameters.weights[0][:, hidden.drawn[7]])
    assert output.connections.shape == (64, 10)
    assert most_active(np.array([0.0, -3.0, 2.0]), 2).tolist() == [1, 2]


def test_the_message_of_the_largest_network_is_below_300_kilobytes_and_is_json(inputs):
    parameters = network((256, 256, 256))
    message = signal_message(trace_signal(parameters, inputs), "relu", 7)
    assert len(json.dumps(message, allow_nan=False)) < 300_000
    links = np.frombuffer(base64.b64decode(message["layers"][1]["links"]), "<f4")
    assert links.size == 64 * 64


def test_weights_are_sent_as_signed_bytes_of_one_scale(inputs):
    parameters = network((12,))
    message = signal_message(trace_signal(parameters, inputs), "relu", None)
    sent = np.frombuffer(base64.b64decode(message["weights"]), np.int8).reshape(12, 784)
    weights = parameters.weights[0].T
    assert np.abs(sent).max() == 127
    assert np.abs(sent / 127 - weights / np.abs(weights).max()).max() <= 0.5 / 127 + 1e-6


def test_a_network_that_diverged_is_sent_without_infinities(inputs):
    start = network((4,))
    weights = (np.full_like(start.weights[0], np.inf), np.full_like(start.weights[1], np.nan))
    signal = trace_signal(Parameters(weights, start.biases, "relu"), inputs)
    message = signal_message(signal, "relu", 1)
    assert json.loads(json.dumps(message, allow_nan=False))["layers"][0]["sums"] == [None] * 4


@pytest.mark.parametrize(
    "sent",
    [
        None,
        7,
        "ab",
        "12",
        {},
        [],
        [0],
        [0, 0, 0],
        [2, 0],
        [-1, 0],
        [0, 32],
        [1, 10],
        [0, 1.0],
        [True, 0],
        [0, None],
    ],
)
def test_a_selection_that_names_no_neuron_is_no_selection(sent):
    assert checked_selection(sent, NetworkConfig((32,))) is None


def test_a_selection_of_a_neuron_is_its_layer_and_number():
    assert checked_selection([0, 99], NetworkConfig((100,))) == (0, 99)
    assert checked_selection((1, 9), NetworkConfig((100,))) == (1, 9)
