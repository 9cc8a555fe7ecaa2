"""What each pixel adds to a logit: exactly with ReLU, and only nearby with sigmoid and tanh."""

import numpy as np
import pytest
from networks import network

from mnist_core.analysis.evidence import EXACT, effective_weights, exact_inputs, explain, full_color_of
from mnist_core.config import ACTIVATIONS, NetworkConfig
from mnist_core.network.keras_model import build_model, write_model
from mnist_core.network.parameters import Parameters
from mnist_core.network.passes import collapsed, forward

DEPTHS = [(16,), (9, 8), (9, 8, 7)]
PREPARATIONS = ["usual", "undivided", "shuffled"]


@pytest.fixture
def by_hand():
    """Two inputs, two ReLU neurons of which the second is off at (1, 2), two logits."""
    first = np.array([[1, -1], [0.5, 1]]), np.array([0.25, -2])
    second = np.array([[3, -2], [5, 7]]), np.array([0.5, 1])
    return Parameters((first[0], second[0]), (first[1], second[1]), "relu")


def test_effective_weights_worked_by_hand(by_hand):
    """The first neuron is on: z = 1 x + 0.5 y + 0.25. The logits are 3 z + 0.5 and −2 z + 1."""
    weights, bias = effective_weights(by_hand, np.array([[1.0, 2.0]]), np.array([[1.0, 0.0]]))
    np.testing.assert_allclose(weights, [[3, 1.5]])
    np.testing.assert_allclose(bias, [1.25])  # 3 · 0.25 + 0.5
    weights, bias = effective_weights(by_hand, np.array([[1.0, 2.0]]), np.array([[1.0, -1.0]]))
    np.testing.assert_allclose(weights, [[5, 2.5]])
    np.testing.assert_allclose(bias, [0.75])  # 1.25 − (−2 · 0.25 + 1)


@pytest.mark.parametrize("preparation", PREPARATIONS)
@pytest.mark.parametrize("hidden", DEPTHS)
@pytest.mark.parametrize("activation", EXACT)
def test_products_and_bias_add_up_to_the_logit_of_the_forward_pass(sample, activation, hidden, preparation):
    parameters = network(NetworkConfig(hidden, activation))
    for image in sample.test_images[:5]:
        logits = forward(parameters, exact_inputs(image[None], preparation)).logits[0]
        for digit, rival in ((3, None), (7, 1)):
            evidence = explain(parameters, image, digit, rival, preparation)
            expected = logits[digit] - (0 if rival is None else logits[rival])
            total = evidence.sum_of_positive + evidence.sum_of_negative + evidence.bias
            assert evidence.is_exact
            assert abs(total - expected) < 1e-9 * max(1, abs(expected))
            assert abs(evidence.logit - expected) < 1e-9 * max(1, abs(expected))


@pytest.mark.parametrize("hidden", DEPTHS)
def test_without_activation_they_are_the_one_layer_that_the_network_is(sample, hidden):
    parameters = network(NetworkConfig(hidden, "none"))
    weights, bias = collapsed(parameters)
    evidence = explain(parameters, sample.test_images[0], 4)
    np.testing.assert_allclose(evidence.weights.reshape(-1), weights[:, 4], atol=1e-5)
    assert evidence.bias == pytest.approx(float(bias[4]), abs=1e-5)


@pytest.mark.parametrize("hidden", DEPTHS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_they_are_the_gradient_that_tensorflow_finds(sample, activation, hidden):
    import tensorflow as tf

    parameters, inputs = network(NetworkConfig(hidden, activation)), exact_inputs(sample.test_images[:6])
    model = build_model(parameters.network)
    write_model(model, parameters)
    pixels = tf.constant(inputs.astype(np.float32))
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        difference = model(pixels)[:, 7] - model(pixels)[:, 1]
    wanted = np.zeros((6, 10))
    wanted[:, 7], wanted[:, 1] = 1, -1
    weights, _ = effective_weights(parameters, inputs, wanted)
    np.testing.assert_allclose(weights, tape.gradient(difference, pixels), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("preparation", PREPARATIONS)
@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_a_gradient_is_the_slope_of_the_logit_and_its_sum_is_not_the_logit(sample, activation, preparation):
    parameters, image = network(NetworkConfig((9, 8), activation)), sample.test_images[0]
    evidence = explain(parameters, image, 2, None, preparation)
    assert not evidence.is_exact
    assert abs(evidence.products.sum() - evidence.logit) > 1e-3
    row, column = 14, 12
    inputs = exact_inputs(image[None], preparation)
    lighter = image.copy()
    lighter[row, column] = image[row, column] + (1 if image[row, column] < 255 else -1)
    place = np.flatnonzero(exact_inputs(lighter[None], preparation)[0] != inputs[0])
    assert len(place) == 1
    step = np.zeros_like(inputs)
    step[0, place] = 1e-4 * inputs.max()
    up, down = (forward(parameters, inputs + sign * step).logits[0, 2] for sign in (1, -1))
    slope = (up - down) / (2 * step.max())
    assert evidence.weights[row, column] == pytest.approx(slope, rel=1e-5, abs=1e-9)


def test_products_stand_where_the_ink_is_also_where_the_network_sees_the_pixels_in_another_order(sample):
    image = sample.test_images[0]
    evidence = explain(network(NetworkConfig((16,))), image, 5, None, "shuffled")
    assert (evidence.products[image == 0] == 0).all()
    assert (evidence.products[image > 0] != 0).mean() > 0.9


def test_neurons_that_are_on_are_counted(by_hand, sample):
    parameters, image = network(NetworkConfig((9, 8))), sample.test_images[0]
    hidden = parameters.hidden_activations(exact_inputs(image[None]))
    evidence = explain(parameters, image, 0)
    assert (evidence.n_on, evidence.n_hidden) == (sum(int((a > 0).sum()) for a in hidden), 17)


def test_one_scale_serves_the_ten_digits_of_an_image(sample):
    parameters, image = network(NetworkConfig((16,))), sample.test_images[0]
    sizes = np.abs([explain(parameters, image, digit).weights for digit in range(10)])
    most = full_color_of(parameters, image)
    assert 0.9695 <= (sizes < most).mean() <= 0.9705
