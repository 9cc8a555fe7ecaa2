"""How a run is taught with own images: from where, until which epoch, and what it was before."""

from dataclasses import replace

import numpy as np
import pytest
from own_noise import noise

from mnist_core.analysis.intervals import wilson_interval
from mnist_core.analysis.taught import BeforeAfter, compare
from mnist_core.config import NetworkConfig, RunConfig, TrainingConfig
from mnist_core.images.mixture import Mixture
from mnist_core.network.parameters import initial_parameters
from mnist_core.training import teaching
from mnist_core.training.record import RunRecord

CONFIG = RunConfig(NetworkConfig((4,)), TrainingConfig(epochs=5))


@pytest.fixture
def record(sample):
    return replace(RunRecord.untrained(CONFIG, sample), is_stopped=False)


def test_a_run_goes_on_for_some_epochs_in_which_own_images_take_part(record):
    lesson = teaching.further(record, 3)
    assert lesson.config == CONFIG.with_changes(epochs=8)
    assert lesson.first_epoch == 6
    mixture = teaching.mixed(Mixture.of(noise(), 0.1), lesson, 0.3)
    assert (mixture.share, mixture.first_epoch) == (0.3, 6)


def test_one_that_was_taught_goes_on_from_before_that(record, sample):
    mixture = Mixture.of(noise(), 0.1, 6)
    config = CONFIG.with_changes(epochs=8)
    taught = replace(RunRecord.untrained(config, sample.with_mixture(mixture)), is_stopped=False)
    assert teaching.untaught(taught) == CONFIG
    assert teaching.further(taught, 2) == teaching.further(record, 2)
    assert teaching.anew(taught) == teaching.anew(record) == teaching.Lesson(CONFIG, 1)
    from_start = replace(taught, mixture=replace(mixture, first_epoch=1))
    assert teaching.untaught(from_start) == config


def test_a_run_that_is_paused_watched_or_too_long_does_not_go_on(record):
    assert teaching.further(replace(record, is_stopped=True), 1) is None
    assert teaching.further(replace(record, config=CONFIG.with_changes(patience=2)), 1) is None
    longest = replace(record, config=CONFIG.with_changes(epochs=29))
    assert teaching.further(longest, 2) is None
    assert teaching.further(longest, 1).first_epoch == 30


def test_after_a_cosine_the_own_images_come_with_a_chapter_of_its_own(record):
    lesson = teaching.further(replace(record, config=CONFIG.with_changes(schedule="cosine")), 2)
    assert [chapter.first_epoch for chapter in lesson.config.chapters] == [6]


def test_the_network_before_is_the_one_at_the_end_of_the_last_epoch_without_own_images(record):
    networks = tuple(initial_parameters(CONFIG.network, seed) for seed in range(6))
    whole = replace(record, snapshots=networks, parameters=networks[-1], mixture=Mixture.of(noise(), 0.1, 4))
    assert teaching.network_before(whole) is networks[3]
    assert teaching.network_before(replace(whole, mixture=None)) is networks[-1]
    assert teaching.network_before(replace(whole, mixture=Mixture.of(noise(), 0.1))) is None
    paused_before = replace(whole, mixture=Mixture.of(noise(), 0.1, 9))
    assert teaching.network_before(paused_before) is networks[-1]


def test_images_are_won_lost_and_changed():
    both = BeforeAfter(np.array([1, 1, 2, 2, 3]), np.array([1, 7, 2, 8, 4]), np.array([7, 1, 2, 8, 5]))
    assert both.n_right == (2, 2)
    assert both.won.tolist() == [1]
    assert both.lost.tolist() == [0]
    assert both.changed.tolist() == [1, 0, 4], "those won, those lost, and those read otherwise wrong"
    assert both.by_digit()[1].tolist() == [1, 1]
    assert both.by_digit().sum() == 2
    assert both.intervals == (wilson_interval(2, 5), wilson_interval(2, 5))


def test_two_networks_are_compared_on_images(sample):
    first, second = (initial_parameters(CONFIG.network, seed) for seed in (0, 1))
    images, labels = sample.test_images[:50], sample.test_labels[:50]
    both = compare(first, second, images, labels)
    inputs = images.reshape(50, 784).astype(np.float32) / np.float32(255)
    np.testing.assert_array_equal(both.before, first.logits(inputs).argmax(axis=1))
    np.testing.assert_array_equal(both.after, second.logits(inputs).argmax(axis=1))
    with pytest.raises(ValueError, match="no images"):
        compare(first, second, images[:0], labels[:0])
