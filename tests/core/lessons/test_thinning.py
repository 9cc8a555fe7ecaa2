"""A network without some of its neurons is drawn and read as by hand, and as Keras's dropout makes it."""

import json

import numpy as np
import pytest
from networks import network

from dashboard.components.network import dropout_message
from mnist_core.analysis.network_trace import trace_signal
from mnist_core.config import NetworkConfig, RunConfig
from mnist_core.lessons.thinning import masks_of, read_thinned, trace_thinned
from mnist_core.network.parameters import softmax
from mnist_core.training.dropout import kept_neurons


@pytest.fixture
def inputs():
    return np.random.default_rng(3).random(784, dtype=np.float32)


def by_hand(parameters, inputs, kept, dropout):
    """The outputs, with each hidden activation times 0 or 1 / (1 − p)."""
    start = 0
    for weights, biases in zip(parameters.weights[:-1], parameters.biases[:-1], strict=True):
        factors = kept[start : start + len(biases)] / (1 - dropout)
        inputs = np.maximum(inputs @ weights + biases, 0) * factors
        start += len(biases)
    return softmax(inputs @ parameters.weights[-1] + parameters.biases[-1])


@pytest.mark.parametrize("units", [(32,), (20, 12)])
@pytest.mark.parametrize("dropout", [0.2, 0.5, 0.8])
def test_outputs_of_a_thinned_network_are_those_by_hand(units, dropout, inputs):
    parameters = network(NetworkConfig(units))
    kept = np.random.default_rng(0).random(sum(units)) >= dropout
    thinned = trace_thinned(parameters, inputs, kept, dropout)
    assert thinned.signal.probabilities == pytest.approx(by_hand(parameters, inputs, kept, dropout), abs=1e-5)
    assert np.concatenate(thinned.left_out).tolist() == (~kept).tolist()


def test_neurons_that_are_left_out_send_nothing_and_the_others_more(inputs):
    parameters, kept = network(NetworkConfig((8,))), np.arange(8) % 2 == 0
    whole, thinned = trace_signal(parameters, inputs), trace_thinned(parameters, inputs, kept, 0.5)
    sent = thinned.signal.layers[1].connections
    assert not sent[~kept].any()
    assert sent[kept] == pytest.approx(2 * whole.layers[1].connections[kept], rel=1e-5)
    assert thinned.factor == 2


def test_of_a_large_layer_the_marks_are_those_of_the_neurons_that_are_drawn(inputs):
    parameters, kept = network(NetworkConfig((100,))), np.random.default_rng(1).random(100) > 0.5
    thinned = trace_thinned(parameters, inputs, kept, 0.5)
    drawn = thinned.signal.layers[0].drawn
    assert len(drawn) == 64
    assert thinned.left_out[0].tolist() == (~kept[drawn]).tolist()
    sent = json.loads(json.dumps(dropout_message(thinned)))
    assert sent == {"leftOut": [(~kept[drawn]).tolist()], "factor": 2.0}


def test_masks_are_those_of_a_training_with_batches_of_one():
    config = RunConfig(NetworkConfig((6, 4)))
    masks = masks_of(config, 0.3, 5, 7)
    training = config.with_changes(dropout=0.3, batch_size=1)
    for number, mask in enumerate(masks):
        np.testing.assert_array_equal(mask, kept_neurons(training, 1, 5 + number, 1)[0, 0])
    assert masks.shape == (7, 10)
    np.testing.assert_array_equal(masks_of(config, 0.3, 6, 6), masks[1:])
    assert masks_of(config, 0.0, 0, 3).all()


@pytest.mark.parametrize("units", [(16,), (10, 6)])
def test_what_thinned_networks_read_is_counted(units, inputs):
    parameters = network(NetworkConfig(units))
    masks = masks_of(RunConfig(NetworkConfig(units)), 0.5, 0, 60)
    outputs = np.array([by_hand(parameters, inputs, kept, 0.5) for kept in masks])
    for label in (0, int(outputs.mean(axis=0).argmax())):
        readings = read_thinned(parameters, inputs, label, masks, 0.5)
        assert readings.n_right == (outputs.argmax(axis=1) == label).sum()
        assert readings.thinned == pytest.approx(outputs[:, label], abs=1e-5)
        assert readings.whole == pytest.approx(float(parameters.probabilities(inputs[None])[0, label]))


def test_on_average_over_masks_the_logits_are_those_of_the_whole_network(inputs):
    """Of one hidden layer, where the logits are linear in what is left out."""
    parameters = network(NetworkConfig((16,)))
    masks = masks_of(RunConfig(NetworkConfig((16,))), 0.5, 0, 4_000)
    (hidden,) = parameters.hidden_activations(inputs[None])
    logits = (masks * hidden * 2) @ parameters.weights[1] + parameters.biases[1]
    standard_error = logits.std(axis=0) / np.sqrt(len(masks))
    assert (
        np.abs(logits.mean(axis=0) - parameters.logits(inputs[None])[0]) < 4.5 * standard_error + 1e-5
    ).all()
