"""What the lesson on activations computes: functions with their slopes, a network as one layer, zeros."""

from dataclasses import replace

import numpy as np
import pytest

from mnist_core.analysis.evaluation import evaluate
from mnist_core.config import ACTIVATIONS, NetworkConfig, RunConfig, TrainingConfig
from mnist_core.lessons.activations import collapse, count_zeros, function_at, zeros_of_run
from mnist_core.network.parameters import Parameters, initial_parameters
from mnist_core.training.record import RunRecord


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


def test_zeros_and_deadness_are_counted_layer_by_layer(sample):
    network = initial_parameters(NetworkConfig((3, 2)), 0)
    biases = (np.float32([-99, 0, 99]), *network.biases[1:])
    counted = count_zeros(replace(network, biases=biases), sample.train_images)
    assert counted.shares[0][[0, 2]].tolist() == [1.0, 0.0]
    assert counted.dead[0].tolist() == [True, False, False]
    assert len(counted.dead[1]) == len(counted.shares[1]) == 2
    pixels = sample.train_images.reshape(-1, 784) / 255
    expected = (np.maximum(pixels @ network.weights[0][:, 1].astype(float), 0) == 0).mean()
    assert counted.shares[0][1] == pytest.approx(expected, abs=1e-3)


def test_a_neuron_that_one_training_image_switches_on_is_not_dead_however_many_test_images_do_not(sample):
    """The darkest corner of one image, and a weight for that pixel alone."""
    images = sample.train_images.copy()
    images[:, 0, 0], images[17, 0, 0] = 0, 255
    weights = np.zeros((784, 2), np.float32)
    weights[0, 0] = 1
    network = Parameters((weights, np.zeros((2, 10))), (np.zeros(2), np.zeros(10)), "relu")
    assert count_zeros(network, sample.test_images).dead[0].tolist() == [True, True]
    record = RunRecord.untrained(RunConfig(network.network, TrainingConfig(validation_share=0.0)), sample)
    counted = zeros_of_run(replace(record, parameters=network), replace(sample, train_images=images))
    assert counted.dead[0].tolist() == [False, True]
    assert counted.counts[0].tolist() == [len(images) - 1, len(images)]


def test_images_set_aside_for_validation_are_no_training_images(sample):
    config = RunConfig(NetworkConfig((2,)), TrainingConfig(validation_share=0.25))
    assert zeros_of_run(RunRecord.untrained(config, sample), sample).n_images == 3_000


def test_one_neuron_that_switches_between_images_bends_the_network():
    """Without a bend the middle of two images has the middle of their logits."""

    def middle_is_off_by(activation, bias):
        weights = np.zeros((784, 1), np.float32)
        weights[0] = 1
        network = Parameters((weights, np.ones((1, 10))), (np.float32([bias]), np.zeros(10)), activation)
        ends = np.zeros((3, 784), np.float32)
        ends[:, 0] = (0, 0.5, 1)
        first, middle, last = network.logits(ends)[:, 0]
        return middle - (first + last) / 2

    assert middle_is_off_by("none", -0.75) == 0
    assert middle_is_off_by("relu", 0.5) == 0  # on for all three
    assert middle_is_off_by("relu", -0.75) < -0.1  # on for the last one only
