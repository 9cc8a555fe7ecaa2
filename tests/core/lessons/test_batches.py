"""The facts of the lesson on batches, from real gradients and small trainings."""

from dataclasses import replace

import numpy as np
from numpy_training import snapshots_of, validation_accuracy

from mnist_core.analysis.intervals import wilson_interval
from mnist_core.config import DEFAULT, NetworkConfig, RunConfig, TrainingConfig
from mnist_core.images.preparation import network_inputs
from mnist_core.lessons.batches import drawn_batches, gradient_of, gradient_spread, uphill_images
from mnist_core.network.finite_differences import mean_loss
from mnist_core.network.parameters import initial_parameters
from mnist_core.network.passes import backward, forward, stepped
from mnist_core.training.training_set import training_images

FEW = TrainingConfig(epochs=3, n_training_images=2_000)


def trained(sample, batch_size, learning_rate):
    """The accuracy of a network of the classic shape, and the interval around it."""
    config = RunConfig(training=replace(FEW, batch_size=batch_size, learning_rate=learning_rate))
    accuracy = validation_accuracy(snapshots_of(config, sample)[-1], config, sample)
    return accuracy, wilson_interval(round(200 * accuracy), 200)


def test_batches_of_1024_learn_less_in_the_same_epochs_and_a_larger_rate_makes_up_for_part_of_it(sample):
    _, usual = trained(sample, 32, 0.001)
    accuracy, large_batches = trained(sample, 1_024, 0.001)
    assert large_batches.high < usual.low
    assert trained(sample, 1_024, 0.01)[0] > accuracy + 0.1


def test_gradients_of_larger_batches_are_shorter_and_nearer_to_that_of_all_images(sample):
    config = RunConfig(NetworkConfig((32,)), TrainingConfig(n_training_images=1_500))
    chosen, start = training_images(config, sample), initial_parameters(config.network, 0)
    whole = gradient_of(start, chosen, np.arange(len(chosen.labels)))
    spreads = [gradient_spread(start, chosen, whole, size, 20) for size in (1, 32, 1_024)]
    lengths, angles = ([float(np.median(values)) for values in pair] for pair in _pairs(spreads))
    assert lengths[0] > lengths[1] > lengths[2] > 0.9
    assert angles[0] > angles[1] > angles[2]
    assert spreads[0].n_uphill == (spreads[0].angles > 90).sum()


def _pairs(spreads):
    return [spread.lengths for spread in spreads], [spread.angles for spread in spreads]


def test_random_directions_among_all_weights_are_almost_at_right_angles():
    random = np.random.default_rng(0)
    a, b = random.normal(size=(2, 50, DEFAULT.network.n_parameters))
    cosines = (a * b).sum(axis=1) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))
    angles = np.degrees(np.arccos(cosines))
    assert np.abs(angles - 90).max() < 2


def test_below_90_degrees_a_small_update_lowers_the_loss_of_all_images_and_above_raises_it(sample):
    """For a network that is trained a little, so that there are both kinds."""
    config = RunConfig(
        NetworkConfig((16,)), TrainingConfig(3, 4, n_training_images=300, validation_share=0.0)
    )
    network = snapshots_of(config, sample)[-1]
    inputs, labels = network_inputs(sample.train_images[:300]), sample.train_labels[:300]
    before = mean_loss(network, inputs, labels)
    whole = backward(network, forward(network, inputs), labels).flat()
    signs = []
    for number in range(40):
        one = inputs[[number]], labels[[number]]
        gradients = backward(network, forward(network, one[0]), one[1])
        own = gradients.flat()
        cosine = own @ whole / (np.linalg.norm(own) * np.linalg.norm(whole))
        if abs(cosine) < 0.02:
            continue  # a step that is small enough would be lost in rounding
        rate = 1e-3 * np.linalg.norm(whole) / np.linalg.norm(own)
        change = mean_loss(stepped(network, gradients, rate), inputs, labels) - before
        assert (change < 0) == (cosine > 0)
        signs.append(cosine > 0)
    assert {True, False} == set(signs)


def test_the_images_that_point_uphill_are_those_whose_gradient_is_opposed_to_that_of_all(sample):
    config = RunConfig(NetworkConfig((16,)), TrainingConfig(2, 4, n_training_images=300))
    chosen, network = training_images(config, sample), snapshots_of(config, sample)[-1]
    whole = gradient_of(network, chosen, np.arange(len(chosen.labels)))
    singles = gradient_spread(network, chosen, whole, 1, 60)
    found = uphill_images(network, chosen, singles)
    drawn = np.concatenate(drawn_batches(len(chosen.labels), 1, 60))
    pulls = {
        number: gradient_of(network, chosen, np.array([number])) @ whole / (whole @ whole) for number in drawn
    }
    uphill = sorted((number for number in drawn if pulls[number] < 0), key=pulls.__getitem__)
    assert 0 < len(uphill) < 60
    assert found.indices.tolist() == uphill
    assert len(uphill) == singles.n_uphill
    assert abs(found.uphill - sum(pulls[number] for number in uphill) / 60) < 1e-4
    assert len(pulls) == 60  # no image twice
    assert abs(found.uphill + found.downhill - sum(pulls.values()) / 60) < 1e-4
    read = network.logits(network_inputs(chosen.images[uphill])).argmax(axis=1)
    assert found.n_right == (read == chosen.labels[uphill]).sum()
    assert found.n_right > len(uphill) / 2  # most are read correctly


def test_what_single_images_bring_to_the_mean_adds_up_to_one_over_all_of_them(sample):
    config = RunConfig(NetworkConfig((16,)), TrainingConfig(1, 4, n_training_images=120))
    chosen, network = training_images(config, sample), snapshots_of(config, sample)[-1]
    n_images = len(chosen.labels)
    whole = gradient_of(network, chosen, np.arange(n_images))
    found = uphill_images(network, chosen, gradient_spread(network, chosen, whole, 1, n_images))
    assert found.uphill < 0 < found.downhill
    assert abs(found.uphill + found.downhill - 1) < 1e-4


def test_as_the_network_learns_single_images_part_ways_and_a_few_have_very_long_gradients(sample):
    config = RunConfig(NetworkConfig((32,)), TrainingConfig(2, 4, n_training_images=1_500))
    chosen, snapshots = training_images(config, sample), snapshots_of(config, sample)
    everything = np.arange(len(chosen.labels))
    start, first, last = (
        gradient_spread(snapshot, chosen, gradient_of(snapshot, chosen, everything), 1, 150)
        for snapshot in (snapshots[0], snapshots[1], snapshots[2])
    )
    assert first.n_uphill > 1.5 * start.n_uphill
    assert start.lengths.min() > 1  # longer than the mean of all
    assert start.lengths.max() < 4 * np.median(start.lengths)
    assert last.lengths.max() > 8 * np.median(last.lengths)
