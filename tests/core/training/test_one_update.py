from dataclasses import replace

import numpy as np
import pytest

from mnist_core.config import OPTIMIZERS, USUAL_LEARNING_RATE, NetworkConfig, RunConfig, TrainingConfig
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import cross_entropy
from mnist_core.training import run
from mnist_core.training.loop import train
from mnist_core.training.one_update import N_OTHERS, UpdateAt, networks_around, read_update
from mnist_core.training.record import load_record
from mnist_core.training.training_set import training_images


def configured(optimizer="adam", **more):
    rate = USUAL_LEARNING_RATE[optimizer]
    training = TrainingConfig(4, 32, optimizer, rate, n_training_images=1_000, **more)
    return RunConfig(NetworkConfig((8,)), training)


def largest_difference(first, second):
    pairs = zip((*first.weights, *first.biases), (*second.weights, *second.biases), strict=True)
    return max(np.abs(a - b).max() for a, b in pairs)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_networks_around_an_update_are_those_of_the_run(optimizer, sample, tmp_path):
    record = train(configured(optimizer), sample)
    record.save(tmp_path / "run.npz")
    record = load_record(tmp_path / "run.npz")
    assert sorted(record.memories) == [1, 2, 3, 4]
    per_epoch = record.timeline.updates[0]
    for epoch in (1, 3, 4):
        _, after = networks_around(record, sample, epoch * per_epoch)
        assert largest_difference(after, record.snapshots[epoch]) < 1e-5
    before, _ = networks_around(record, sample, 2 * per_epoch + 1)
    assert largest_difference(before, record.snapshots[2]) < 1e-5
    again, _ = networks_around(replace(record, memories={}), sample, 2 * per_epoch + 5)
    nearer, _ = networks_around(record, sample, 2 * per_epoch + 5)
    assert largest_difference(again, nearer) < 1e-5


def test_an_update_of_plain_descent_is_the_learning_rate_times_the_gradient(sample):
    config = configured("sgd")
    update = read_update(UpdateAt(7)(train(config, sample), sample))
    expected = -config.training.learning_rate * update.gradient
    np.testing.assert_allclose(update.change, expected, atol=2e-3 * np.abs(expected).max())


def test_the_first_update_of_adam_is_one_learning_rate_long_against_the_gradient(sample):
    config = configured("adam")
    update = read_update(UpdateAt(1)(train(config, sample), sample))
    is_clear = np.abs(update.gradient) > 2e-3
    assert is_clear.sum() > 100
    rate = config.training.learning_rate
    np.testing.assert_allclose(update.change[is_clear], -rate * np.sign(update.gradient[is_clear]), rtol=0.01)


def test_an_update_says_what_its_batch_was_and_what_became_of_its_losses(sample):
    config = configured()
    record, chosen = train(config, sample), training_images(config, sample)
    step = record.timeline.ends[1] + 3
    update = read_update(UpdateAt(step)(record, sample))
    np.testing.assert_array_equal(update.images, chosen.batch(2, 3))
    np.testing.assert_array_equal(update.labels, chosen.labels[update.images])
    before, after = networks_around(record, sample, step)
    inputs = network_inputs(chosen.images[update.images], "usual")
    for losses, network in zip(update.losses, (before, after), strict=True):
        np.testing.assert_allclose(losses, cross_entropy(network.logits(inputs), update.labels), rtol=1e-5)
    assert update.losses[1].mean() < update.losses[0].mean()
    assert update.n_others == chosen.n_validation == 100


def test_without_validation_the_others_are_training_images_outside_the_batch(sample):
    config = configured(validation_share=0.0)
    update = read_update(UpdateAt(2)(train(config, sample), sample))
    assert update.n_others == N_OTHERS


@pytest.mark.parametrize("step", [0, -1, 117])
def test_a_run_has_no_other_updates(sample, step):
    record = train(configured(), sample)
    assert record.steps_done == 116
    with pytest.raises(ValueError, match="updates 1 to 116"):
        UpdateAt(step)(record, sample)


def test_what_the_optimiser_remembered_is_kept_within_its_bound(sample, monkeypatch):
    monkeypatch.setattr(run, "MAX_MEMORIES_BYTES", 120_000)
    record = train(configured(), sample)
    assert sorted(record.memories) == [2, 4]
    assert record.n_bytes > sum(array.nbytes for memory in record.memories.values() for array in memory)
