"""Dropout leaves out what Keras's layer would: each neuron of each image with the same probability."""

import numpy as np
import pytest

from mnist_core.config import NetworkConfig, RunConfig, TrainingConfig
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import cross_entropy, starting_parameters
from mnist_core.training.dropout import kept_neurons, thinned
from mnist_core.training.loop import train
from mnist_core.training.one_update import UpdateAt, read_update
from mnist_core.training.training_set import training_images


def configured(dropout=0.4, **more):
    training = {
        "epochs": 1,
        "batch_size": 25,
        "optimizer": "sgd",
        "learning_rate": 0.1,
        "n_training_images": 100,
    }
    return RunConfig(NetworkConfig((6, 5)), TrainingConfig(**(training | {"dropout": dropout} | more)))


def test_neurons_are_left_out_as_often_as_is_said_and_apart_from_each_other():
    kept = kept_neurons(configured(0.3).with_changes(hidden_units=[50], batch_size=100), 1, 0, 40)
    assert kept.shape == (40, 100, 50)
    assert kept.mean() == pytest.approx(0.7, abs=4 * (0.3 * 0.7 / kept.size) ** 0.5)
    assert abs(np.corrcoef(kept[:, :, 0].ravel(), kept[:, :, 1].ravel())[0, 1]) < 4 / 4_000**0.5


@pytest.mark.parametrize("batch_size", [4, 7])
def test_what_an_update_leaves_out_depends_on_nothing_before_it(batch_size):
    config = configured().with_changes(batch_size=batch_size, hidden_units=[3])
    whole = kept_neurons(config, 2, 0, 9)
    np.testing.assert_array_equal(np.concatenate([kept_neurons(config, 2, n, 1) for n in range(9)]), whole)
    np.testing.assert_array_equal(kept_neurons(config, 2, 5, 4), whole[5:])
    assert not np.array_equal(kept_neurons(config, 3, 0, 9), whole)
    assert not np.array_equal(kept_neurons(config.with_changes(seed=1), 2, 0, 9), whole)


def test_what_is_kept_grows_as_in_the_layer_of_keras():
    import keras

    ones = np.ones((200, 100), np.float32)
    theirs = np.asarray(keras.layers.Dropout(0.4, seed=2)(ones, training=True))
    kept = kept_neurons(configured().with_changes(hidden_units=[100], batch_size=200), 1, 0, 1)[0]
    ours = np.where(kept, np.float32(1 / 0.6), np.float32(0))
    np.testing.assert_allclose(np.unique(ours), np.unique(theirs), rtol=1e-6)
    assert ours.mean() == pytest.approx(theirs.mean(), abs=0.06)


def test_a_thinned_network_multiplies_the_activations_of_each_layer(sample):
    network = starting_parameters(configured())
    inputs, kept = network_inputs(sample.train_images[:1]), np.arange(11) % 3 > 0
    factors = (kept / 0.6).astype(np.float32)
    first = np.maximum(inputs @ network.weights[0], 0) * factors[:6]
    second = np.maximum(first @ network.weights[1], 0) * factors[6:]
    np.testing.assert_allclose(
        thinned(network, kept, 0.4).logits(inputs), second @ network.weights[2], atol=1e-6
    )


def test_the_loss_of_an_update_is_that_of_the_thinned_networks(sample):
    config = configured(batch_size=90)
    record, chosen = train(config, sample), training_images(config, sample)
    order = chosen.order(1)
    kept, start = kept_neurons(config, 1, 0, 1)[0], starting_parameters(config)
    inputs = network_inputs(chosen.images[order])
    logits = [
        thinned(start, neurons, 0.4).logits(row[None])[0] for row, neurons in zip(inputs, kept, strict=True)
    ]
    expected = cross_entropy(np.stack(logits), chosen.labels[order]).mean()
    assert record.history.training_loss[0] == pytest.approx(expected, rel=1e-5)


def test_an_update_follows_the_gradient_of_the_thinned_networks(sample):
    config = configured()
    update = read_update(UpdateAt(2)(train(config, sample), sample))
    np.testing.assert_allclose(
        update.change, -0.1 * update.gradient, atol=2e-4 * np.abs(update.gradient).max()
    )


def test_networks_are_read_with_all_their_neurons(sample):
    config = configured(epochs=2)
    record, chosen = train(config, sample), training_images(config, sample)
    logits = record.parameters.logits(network_inputs(chosen.validation_images))
    expected = cross_entropy(logits, chosen.validation_labels).mean()
    assert record.history.validation_loss[-1] == pytest.approx(expected, rel=1e-6)
