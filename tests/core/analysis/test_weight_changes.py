"""How much training changed the weights where there is often, rarely and never ink."""

from dataclasses import replace

import numpy as np
import pytest
from networks import network, record_of

from mnist_core.analysis.weight_changes import RARE, weight_changes
from mnist_core.config import NetworkConfig
from mnist_core.images.preparation import network_inputs, pixel_order
from mnist_core.network.parameters import flat_vector
from mnist_core.network.passes import backward, forward
from mnist_core.network.update_rules import start, update

TINY = NetworkConfig((2,))


def with_weights(parameters, weights):
    return replace(parameters, weights=(weights.astype(np.float32), *parameters.weights[1:]))


def test_each_pixel_counts_in_its_group_and_validation_images_in_none(sample):
    """Worked by hand: ink in all of 2,000 images, in one of them, and in one that validates."""
    images = np.zeros((2_001, 28, 28), np.uint8)
    images[:, 0, 0] = images[5, 0, 1] = images[2_000, 0, 2] = 255
    dataset = replace(sample, train_images=images, train_labels=np.zeros(2_001, np.uint8))
    before = network(TINY)
    change = np.zeros((784, 2))
    change[0], change[1], change[2] = (0.3, -0.1), (0.06, 0.02), (0.782, 0.0)
    after = with_weights(before, before.weights[0] + change)
    record = replace(record_of([before, after]), n_training_images=2_000)
    changes = weight_changes(record, dataset)
    assert RARE * 2_000 > 1
    assert [group.n_pixels for group in (changes.often, changes.rarely, changes.never)] == [1, 1, 782]
    assert changes.often.mean_change == pytest.approx(0.2, abs=1e-6)
    assert changes.rarely.mean_change == pytest.approx(0.04, abs=1e-6)
    assert changes.never.mean_change == pytest.approx(0.391 / 782, abs=1e-6)


def test_shuffled_pixels_are_counted_where_they_came_from(sample):
    before = network(TINY)
    place = int(np.flatnonzero(pixel_order() == 406)[0])  # where the middle of the image went
    change = np.zeros((784, 2))
    change[place] = 1.0
    after = with_weights(before, before.weights[0] + change)
    record = replace(record_of([before, after]), n_training_images=2_000)
    config = record.config.with_changes(preparation="shuffled")
    changes = weight_changes(replace(record, config=config), sample)
    assert changes.never.mean_change == changes.rarely.mean_change == 0.0
    assert changes.often.mean_change == pytest.approx(1 / changes.often.n_pixels, rel=1e-4)


def trained(optimizer, learning_rate, sample, n_images=2_000, batch_size=50, n_epochs=3):
    """A short training in NumPy, by the project's own gradients and rules."""
    first = network(NetworkConfig((8,)))
    state = start(optimizer, flat_vector(first.weights, first.biases))
    inputs, labels = network_inputs(sample.train_images[:n_images]), sample.train_labels[:n_images]
    for begin in list(range(0, n_images, batch_size)) * n_epochs:
        batch, now = slice(begin, begin + batch_size), first.with_numbers(state.values)
        gradients = backward(now, forward(now, inputs[batch]), labels[batch])
        state = update(optimizer, state, gradients.flat(), learning_rate).state
    record = replace(record_of([first, first.with_numbers(state.values)]), n_training_images=n_images)
    return weight_changes(record, sample)


def test_adam_moves_the_weights_of_rarely_inked_pixels_much_further_than_sgd(sample):
    """As the page Inside says of the noise near the edges; without ink, weights stay as they began."""
    adam, sgd = trained("adam", 0.001, sample), trained("sgd", 0.1, sample)
    assert min(adam.never.n_pixels, adam.rarely.n_pixels) > 20
    assert adam.never.mean_change == sgd.never.mean_change == 0.0
    of_usual = [each.rarely.mean_change / each.often.mean_change for each in (adam, sgd)]
    assert of_usual[0] > 0.2
    assert of_usual[0] > 5 * of_usual[1]
