"""What the lesson on activations computes: functions with their slopes, a network as one layer, zeros."""

from dataclasses import replace

import numpy as np
import pytest

from mnist_core.analysis.evaluation import evaluate
from mnist_core.config import ACTIVATIONS, NetworkConfig
from mnist_core.lessons.activations import collapse, function_at, zeros_by_layer
from mnist_core.network.parameters import initial_parameters


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_slope_of_a_function_is_what_finite_differences_give(name):
    z = np.array([-2.3, -0.4, 0.7, 3.1], np.float32)
    values, slopes = function_at(name, z)
    step = np.float32(1e-2)
    above, below = (function_at(name, z + sign * step)[0].astype(float) for sign in (1, -1))
    assert np.allclose(slopes, (above - below) / (2 * step), atol=1e-3)
    assert values.shape == slopes.shape == z.shape


def test_a_network_without_activation_is_the_product_of_its_matrices(sample):
    network = initial_parameters(NetworkConfig((12, 7), "none"), 3)
    layered = evaluate(network, sample.test_images, sample.test_labels)
    single = collapse(network, sample, layered)
    assert single.n_parameters == 7_850
    pixels = sample.test_images.reshape(-1, 784) / 255
    logits = pixels @ np.linalg.multi_dot([weights.astype(float) for weights in network.weights])
    assert np.allclose(single.evaluation.logits, logits, atol=1e-4)  # the biases are 0 at the start
    assert single.difference < 1e-4
    assert single.n_same >= layered.n_images - 1


def test_what_another_network_reads_differently_is_counted(sample):
    network, other = (initial_parameters(NetworkConfig((12, 7), "none"), seed) for seed in (3, 4))
    layered = evaluate(other, sample.test_images, sample.test_labels)
    single = collapse(network, sample, layered)
    pairs = zip(single.evaluation.predictions.tolist(), layered.predictions.tolist(), strict=True)
    assert single.n_same == sum(first == second for first, second in pairs) < 0.9 * layered.n_images
    assert single.difference > 0.1


def test_zeros_and_deadness_are_counted_layer_by_layer():
    network = initial_parameters(NetworkConfig((3, 2)), 0)
    biases = (np.float32([-99, 0, 99]), *network.biases[1:])
    inputs = np.random.default_rng(0).random((40, 784)).astype(np.float32)
    first, second = zeros_by_layer(replace(network, biases=biases), inputs)
    assert first[0][[0, 2]].tolist() == [1.0, 0.0]
    assert first[1].tolist() == [True, False, False]
    assert second[0].shape == second[1].shape == (2,)
