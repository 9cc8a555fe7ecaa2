"""Shifted copies are the images, moved by whole pixels as Keras's layer moves them, anew in each epoch."""

import numpy as np
import pytest
from keras_training import assert_same_weights, fit

from mnist_core.config import NetworkConfig, RunConfig, TrainingConfig
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import cross_entropy
from mnist_core.training.loop import train
from mnist_core.training.one_update import UpdateAt, read_update
from mnist_core.training.training_set import training_images


def configured(shift=2, **more):
    training = {"epochs": 2, "batch_size": 32, "n_training_images": 200, "shift": shift}
    return RunConfig(NetworkConfig((8,)), TrainingConfig(**(training | more)))


def moved(image, down, right):
    """An image moved by whole pixels, one pixel after another."""
    result = np.zeros_like(image)
    for row in range(28):
        for column in range(28):
            if 0 <= row - down < 28 and 0 <= column - right < 28:
                result[row, column] = image[row - down, column - right]
    return result


@pytest.mark.parametrize("shift", [1, 3])
def test_an_epoch_shows_each_image_moved_and_black_where_nothing_was(shift, sample):
    chosen = training_images(configured(shift), sample)
    shifts, seen = chosen.shifts(1), chosen.seen(1)
    assert {*shifts.ravel().tolist()} == {*range(-shift, shift + 1)}
    for number in range(20):
        np.testing.assert_array_equal(seen[number], moved(chosen.images[number], *shifts[number]))
    np.testing.assert_array_equal(chosen.seen(1, np.array([5, 3])), seen[[5, 3]])
    assert not np.array_equal(chosen.shifts(2), shifts)


def test_without_shifts_an_epoch_shows_the_images_as_they_are(sample):
    chosen = training_images(configured(0), sample)
    np.testing.assert_array_equal(chosen.seen(1), chosen.images)


def places(images):
    """How often a single bright pixel is at each place, for images of one each."""
    return np.bincount(images.reshape(len(images), -1).argmax(axis=1), minlength=784)


def test_places_are_as_likely_as_with_the_layer_of_keras(sample):
    import keras

    n, shift = 1_000, 2
    dot = np.zeros((n, 28, 28, 1), np.float32)
    dot[:, 14, 14] = 1
    options = {"fill_mode": "constant", "interpolation": "nearest", "seed": 1}
    reach = (shift + 0.5) / 28
    layer = keras.layers.RandomTranslation(reach, reach, **options)
    theirs = places(np.asarray(layer(dot, training=True)))
    ours = np.zeros((28, 28), int)
    for epoch in range(1, 8):
        np.add.at(ours, tuple((14 + training_images(configured(shift), sample).shifts(epoch)).T), 1)
    share, n_ours = 1 / 25, ours.sum()
    for counts, total in ((theirs, n), (ours.ravel(), n_ours)):
        is_place = counts > 0
        assert is_place.sum() == 25
        np.testing.assert_allclose(counts[is_place] / total, share, atol=4.5 * (share / total) ** 0.5)
    np.testing.assert_array_equal(theirs > 0, ours.ravel() > 0)


def test_the_weights_are_those_of_keras_on_the_moved_images_and_validation_has_them_unmoved(sample):
    config = configured()
    record = train(config, sample)
    model, history = fit(config, sample)
    assert_same_weights(record.parameters, model)
    np.testing.assert_allclose(record.history.validation_loss, history["val_loss"], atol=1e-4)
    still = train(configured(0), sample).parameters
    assert np.abs(still.weights[0] - record.parameters.weights[0]).max() > 1e-3, "the shifts matter"


def test_an_update_is_looked_at_with_its_images_as_they_were_moved(sample):
    config = configured(optimizer="sgd", learning_rate=0.1)
    record, chosen = train(config, sample), training_images(config, sample)
    step = record.timeline.ends[1] + 2
    update = read_update(UpdateAt(step)(record, sample))
    np.testing.assert_allclose(
        update.change, -0.1 * update.gradient, atol=2e-4 * np.abs(update.gradient).max()
    )
    inputs = network_inputs(chosen.seen(2)[update.images])
    assert update.losses.shape == (2, 32)
    assert cross_entropy(record.parameters.logits(inputs), update.labels).shape == (32,)
