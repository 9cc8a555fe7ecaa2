"""Own images among MNIST's: mixed in as it is said, trained as Keras would, and in no other run."""

import io
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from keras_training import assert_same_weights, fit
from numpy_training import snapshots_of
from own_noise import noise

from mnist_core.config import CLASSIC, NetworkConfig, RunConfig, TrainingConfig
from mnist_core.images.mixture import Mixture
from mnist_core.training.loop import train
from mnist_core.training.one_update import networks_around
from mnist_core.training.own_images import ROWS
from mnist_core.training.record import load_record
from mnist_core.training.run import continues
from mnist_core.training.training_set import training_images

SHARE = 0.25
TRAINING = TrainingConfig(epochs=3, batch_size=32, n_training_images=1_000, seed=4)
CONFIG = RunConfig(NetworkConfig((8,)), TRAINING)


@pytest.fixture
def mixed(sample):
    return sample.with_mixture(Mixture.of(noise(), SHARE))


@pytest.fixture
def later(sample):
    """Own images take part from the third epoch on."""
    return sample.with_mixture(Mixture.of(noise(), SHARE, first_epoch=3))


def equal(first, second):
    pairs = zip((*first.weights, *first.biases), (*second.weights, *second.biases), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def test_a_share_of_each_epoch_is_own_and_all_of_them_come_about_the_same_number_of_times(mixed, sample):
    chosen, n_images = training_images(CONFIG, mixed), len(sample.train_labels)
    orders = [chosen.order(epoch) for epoch in (1, 2)]
    for order in orders:
        counts = Counter(order[order >= n_images].tolist())
        assert sum(counts.values()) == round(SHARE * 900)
        assert set(counts) == {n_images + n for n in range(7)}
        assert max(counts.values()) - min(counts.values()) <= 1
        assert len(set(order[order < n_images].tolist())) == 900 - round(SHARE * 900), "none comes twice"
    assert not np.array_equal(*orders)
    usual = training_images(CONFIG, sample).order(1)
    is_own = orders[0] >= n_images
    np.testing.assert_array_equal(orders[0][~is_own], usual[~is_own])


def test_before_their_epoch_they_do_not_take_part(later, sample):
    for epoch in (1, 2):
        np.testing.assert_array_equal(
            training_images(CONFIG, later).order(epoch), training_images(CONFIG, sample).order(epoch)
        )
    assert (training_images(CONFIG, later).order(3) >= len(sample.train_labels)).sum() == 225


def test_even_the_smallest_share_takes_one(sample):
    config = CONFIG.with_changes(n_training_images=20)
    chosen = training_images(config, sample.with_mixture(Mixture.of(noise(), 0.02)))
    assert (chosen.order(1) >= len(sample.train_labels)).sum() == 1


@pytest.mark.parametrize("shift", [0, 2])
def test_the_weights_are_those_of_keras_on_the_same_images_in_the_same_order(shift, mixed, sample):
    config = CONFIG.with_changes(shift=shift)
    ours, (model, _) = train(config, mixed), fit(config, mixed)
    assert_same_weights(ours.parameters, model)
    without = train(config, sample).parameters
    assert np.abs(without.weights[0] - ours.parameters.weights[0]).max() > 1e-2, "they matter"


def test_the_weights_are_those_of_plain_numpy_on_the_same_images_in_the_same_order(later):
    ours = train(CONFIG, later)
    for network, expected in zip(ours.snapshots, snapshots_of(CONFIG, later), strict=True):
        for array, other in zip(network.weights, expected.weights, strict=True):
            np.testing.assert_allclose(array, other, atol=1e-4)


@pytest.mark.parametrize("changes", [{}, {"shift": 1}, {"preparation": "shuffled"}])
def test_teaching_a_finished_run_ends_bit_for_bit_where_the_whole_run_does(changes, later, sample):
    config = CONFIG.with_changes(**changes)
    finished = train(config.with_changes(epochs=2), sample)
    taught = train(config, later, beginning=finished)
    whole = train(config, later)
    assert equal(taught.parameters, whole.parameters)
    assert all(map(equal, taught.snapshots, whole.snapshots))
    assert equal(taught.snapshots[2], finished.parameters), "the network before is in the record"
    assert taught.dataset_fingerprint == later.fingerprint != finished.dataset_fingerprint
    assert not equal(taught.parameters, train(config, sample).parameters)


def test_a_run_goes_on_with_own_images_only_from_before_their_epoch(later, mixed, sample):
    two, three = (train(CONFIG.with_changes(epochs=n), sample) for n in (2, 3))
    longer = CONFIG.with_changes(epochs=5)
    assert continues(two, longer, later)
    assert not continues(three, longer, later)
    assert not continues(two, longer, mixed)
    taught = train(CONFIG, later)
    assert continues(taught, longer, later)
    assert not continues(taught, longer, sample)
    assert not continues(taught, longer, sample.with_mixture(Mixture.of(noise(seed=1), SHARE, 3)))


def test_an_update_with_own_images_is_computed_again(mixed):
    record = train(CONFIG, mixed)
    _, after = networks_around(record, mixed, record.timeline.ends[1])
    assert equal(after, record.snapshots[1])


def test_a_record_has_the_own_images_and_one_without_them_no_trace_of_any(mixed, sample):
    record, file = train(CONFIG.with_changes(epochs=1), mixed), io.BytesIO()
    record.save(file)
    file.seek(0)
    loaded = load_record(file)
    assert loaded.mixture.digest == mixed.mixture.digest
    assert sample.with_mixture(loaded.mixture).fingerprint == loaded.dataset_fingerprint
    assert loaded.mixture.share == SHARE
    assert isinstance(loaded.mixture.first_epoch, int)
    assert record.dataset_name.endswith("with 7 own images (25% of each epoch)")
    file = io.BytesIO()
    replace(record, mixture=None).save(file)
    file.seek(0)
    with np.load(file) as arrays:
        assert not [name for name in arrays if name.startswith("mixture")]


def test_equal_images_and_shares_have_equal_keys_and_others_have_others(sample):
    keys = {
        CONFIG.key(sample.with_mixture(Mixture.of(digits, share, epoch)).fingerprint)
        for digits in (noise(), noise(seed=1), noise()[:-1], noise(6))
        for share in (0.1, 0.2)
        for epoch in (1, 3)
    }
    assert len(keys) == 16
    relabelled = (replace(noise()[0], label=9), *noise()[1:])
    assert Mixture.of(relabelled, 0.1).digest != Mixture.of(noise(), 0.1).digest
    assert Mixture.of(noise(), 0.1).digest == Mixture.of(noise(), 0.1).digest
    assert replace(Mixture.of(noise(), 0.1), source="class").digest != Mixture.of(noise(), 0.1).digest


def test_runs_without_own_images_have_the_keys_that_they_had(sample):
    assert sample.with_mixture(Mixture.of(noise(), 0.1)).with_mixture(None).fingerprint == sample.fingerprint
    assert sample.fingerprint == sample.origin.fingerprint
    assert CLASSIC.key("25c98f992c005963") == "c8235907c018130a"


def test_one_image_or_two_hundred_share_what_is_compiled(sample):
    from mnist_core.training.compiled_loop import _shapes

    one, many = (Mixture.of(noise(n), 0.1) for n in (1, 100))
    assert ROWS[0] >= 200
    shapes = {_shapes(CONFIG, sample.with_mixture(mixture)) for mixture in (one, many)}
    assert len(shapes) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"images": np.zeros((0, 28, 28), np.uint8), "labels": np.zeros(0, np.uint8)},
        {"images": np.zeros((7, 784), np.uint8)},
        {"images": np.zeros((7, 28, 28))},
        {"labels": np.full(7, 10, np.uint8)},
        {"labels": np.zeros(6, np.uint8)},
        {"test_images": np.zeros((2_001, 28, 28), np.uint8), "test_labels": np.zeros(2_001, np.uint8)},
        {"share": 0.0},
        {"share": float("nan")},
        {"share": 0.6},
        {"first_epoch": 0},
        {"first_epoch": 31},
        {"source": "stranger"},
    ],
)
def test_what_is_no_mixture_is_refused(changes):
    with pytest.raises(ValueError, match=r"\."):
        replace(Mixture.of(noise(), SHARE), **changes)
