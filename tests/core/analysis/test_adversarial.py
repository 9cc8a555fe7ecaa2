"""Images changed along the gradient of the loss, and what they do to a network."""

from dataclasses import replace

import numpy as np
import pytest
from networks import network, record_of

from mnist_core.analysis.adversarial import (
    N_IMAGES,
    SIZES,
    FoolingReport,
    change,
    chosen_images,
    fooling_report,
    gradient_signs,
    loss_gradient,
    random_signs,
    read_changed,
    step_signs,
    transfer,
)
from mnist_core.analysis.evaluation import digits_of, logits_of
from mnist_core.analysis.evidence import exact_inputs
from mnist_core.config import ACTIVATIONS, NetworkConfig
from mnist_core.images.preparation import network_inputs, pixel_order
from mnist_core.network.keras_model import build_model, write_model
from mnist_core.network.parameters import Parameters, cross_entropy

PREPARATIONS = ["usual", "undivided", "shuffled"]


@pytest.fixture(scope="module")
def reading(sample):
    """A network without training that reads some digits: the pixels of the mean images as weights."""
    means = np.stack([sample.train_images[sample.train_labels == d].mean(axis=0) for d in range(10)]) / 255
    patterns = (means - means.mean(axis=0)).reshape(10, -1)
    return Parameters((patterns.T, np.eye(10)), (np.full(10, 5.0), np.zeros(10)), "relu")


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("hidden", [(16,), (9, 8, 7)])
def test_the_gradient_of_the_loss_is_tensorflows(sample, activation, hidden):
    import keras
    import tensorflow as tf

    parameters = network(NetworkConfig(hidden, activation))
    inputs, labels = exact_inputs(sample.test_images[:6]), sample.test_labels[:6].astype(int)
    model = build_model(parameters.network)
    write_model(model, parameters)
    pixels = tf.constant(inputs.astype(np.float32))
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        losses = keras.losses.sparse_categorical_crossentropy(labels, model(pixels), from_logits=True)
    expected = np.asarray(tape.gradient(losses, pixels))
    np.testing.assert_allclose(loss_gradient(parameters, inputs, labels), expected, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("preparation", PREPARATIONS)
def test_a_pixel_is_made_lighter_where_lighter_ink_raises_the_loss(sample, preparation):
    parameters = network(NetworkConfig((9,), "tanh"))
    image, label = sample.test_images[3], int(sample.test_labels[3])
    signs = gradient_signs(parameters, image[None], np.array([label]), preparation)[0]

    def loss(pixels):
        flat = pixels.reshape(1, -1)
        inputs = {"usual": flat / 255, "undivided": flat, "shuffled": flat[:, pixel_order()] / 255}
        return cross_entropy(parameters.logits(inputs[preparation]), np.array([label]))[0]

    for row, column in ((10, 14), (14, 10), (20, 17), (6, 6)):
        up, down = (image.astype(np.float64) for _ in range(2))
        up[row, column] += 0.01
        down[row, column] -= 0.01
        assert signs[row, column] == np.sign(loss(up) - loss(down))


def test_a_network_that_is_sure_still_has_a_gradient(reading, sample):
    sure = replace(reading, weights=(reading.weights[0], 60 * np.eye(10)))
    image, digit = sample.test_images[:1], digits_of(logits_of(sure, sample.test_images[:1]))
    assert sure.probabilities(network_inputs(image)).max() == 1
    signs = gradient_signs(sure, image, digit)
    assert (signs != 0).mean() > 0.5
    expected = loss_gradient(reading, exact_inputs(image), digit)
    assert (np.sign(expected).reshape(28, 28) == signs[0]).mean() > 0.6


def test_a_change_is_the_size_it_says_and_ends_at_black_and_white():
    image = np.array([[0, 100, 250], [5, 128, 255]], np.uint8)
    signs = np.array([[-1, 1, 1], [-1, 0, -1]], np.int8)
    assert change(image, signs, 10).tolist() == [[0, 110, 255], [0, 128, 245]]
    assert change(image, signs, 10).dtype == np.uint8
    assert (change(image, signs, 0) == image).all()


def test_one_step_raises_the_loss_and_a_step_towards_a_digit_lowers_its_loss(sample):
    parameters = network(NetworkConfig((16,), "tanh"))
    for image, label in zip(sample.test_images[:10], sample.test_labels[:10], strict=True):
        target = (int(label) + 3) % 10
        for towards in (None, target):
            signs = step_signs(parameters, image, int(label), towards)
            before, after = (read_changed(parameters, image, signs, size) for size in (0, 6))
            asked = int(label) if towards is None else target
            rise = -np.log(after.probabilities[asked]) + np.log(before.probabilities[asked])
            assert (rise > 0) == (towards is None)


def test_the_step_is_the_papers_in_pixels_from_0_to_1(sample):
    parameters, image = network(NetworkConfig((16,))), sample.test_images[0]
    label, size = int(sample.test_labels[0]), 25
    pixels = image.reshape(1, -1) / 255
    gradient = loss_gradient(parameters, pixels, np.array([label]))
    expected = np.clip(pixels + size / 255 * np.sign(gradient), 0, 1).reshape(28, 28)
    changed = read_changed(parameters, image, step_signs(parameters, image, label), size)
    np.testing.assert_allclose(changed.image / 255, expected, atol=1e-12)
    assert changed.probabilities.sum() == pytest.approx(1, abs=1e-6)


def test_random_signs_are_even_the_same_each_time_and_of_one_size():
    signs = random_signs(50)
    assert set(np.unique(signs)) == {-1, 1}
    assert abs(signs.mean()) < 0.02
    assert (signs == random_signs(50)).all()
    assert (signs[0] != signs[1]).any()


@pytest.mark.parametrize("preparation", PREPARATIONS)
def test_a_report_counts_what_reading_each_changed_image_gives(reading, sample, preparation):
    record = record_of([reading])
    training = replace(record.config.training, preparation=preparation)
    record = replace(record, config=replace(record.config, training=training))
    report = fooling_report(record, sample)
    images, labels = sample.test_images[report.numbers], sample.test_labels[report.numbers]
    assert report.after_step.shape == report.after_noise.shape == (len(SIZES), len(images))
    for number in (0, 17, len(images) - 1):
        signs = step_signs(reading, images[number], int(labels[number]), None, preparation)
        for place, size in enumerate(SIZES):
            read = int(read_changed(reading, images[number], signs, size, preparation).logits.argmax())
            assert report.after_step[place, number] == (read == labels[number])
    right = digits_of(logits_of(reading, images, preparation)) == labels
    assert report.n_right == right.sum()
    assert report.n_fooled(0) == report.n_fooled_by_noise(0) == 0


def test_a_step_fools_many_more_than_random_signs_of_the_same_size(reading, sample):
    report = fooling_report(record_of([reading]), sample)
    assert report.n_right > 500
    assert report.n_fooled(40) > 3 * report.n_fooled_by_noise(40)
    interval, share = report.interval_of_fooled(40), report.n_fooled(40) / report.n_right
    assert interval.low < share < interval.high


def test_chosen_images_are_a_thousand_or_all_there_are():
    assert len(chosen_images(10_000)) == N_IMAGES == len(set(chosen_images(10_000).tolist()))
    assert chosen_images(40).tolist() == list(range(40))


def report_of(after_step, after_noise=None):
    """Four images; as they are, and after a change of any size."""
    first, later = np.array(after_step, bool)
    steps = np.stack([first] + [later] * (len(SIZES) - 1))
    noise = steps[[0] * len(SIZES)] if after_noise is None else np.array([after_noise] * len(SIZES), bool)
    return FoolingReport(np.arange(4), steps, noise)


def test_transfer_counts_images_that_both_read_before_and_that_fool_the_first():
    first = report_of([[1, 1, 1, 0], [0, 0, 1, 0]])
    second = report_of([[1, 1, 1, 1], [1, 1, 1, 1]], after_noise=[1, 0, 0, 1])
    counted = transfer(first, second, np.array([0, 1, 0, 0], bool), 15)
    assert (counted.n_fooling, counted.n_fooling_both, counted.n_by_noise) == (2, 1, 1)
    second = report_of([[0, 1, 1, 1], [1, 1, 1, 1]])
    counted = transfer(first, second, np.array([0, 1, 0, 0], bool), 15)
    assert (counted.n_fooling, counted.n_fooling_both) == (1, 0)


def test_transfer_between_networks_judged_on_other_images_is_refused():
    first = report_of([[1, 1, 1, 1], [0, 0, 0, 0]])
    other = replace(first, numbers=np.arange(1, 5))
    with pytest.raises(ValueError, match="different images"):
        transfer(first, other, np.zeros(4, bool), 15)
