from dataclasses import replace

import numpy as np
import pytest

from mnist_core.config import OPTIMIZERS, USUAL_LEARNING_RATE, NetworkConfig, RunConfig, TrainingConfig
from mnist_core.training.film import read_film
from mnist_core.training.loop import train
from mnist_core.training.record import load_record
from mnist_core.training.run import can_continue


def equal(first, second):
    return all(
        np.array_equal(a, b)
        for a, b in zip((*first.weights, *first.biases), (*second.weights, *second.biases), strict=True)
    )


EACH_RULE_AND_EACH_LENGTH = [*((optimizer, 32) for optimizer in OPTIMIZERS), ("adam", 7), ("adam", 500)]
"""What an optimiser remembers is one thing, how batches are cut into chunks another."""


def configured(optimizer, batch_size, epochs):
    training = TrainingConfig(
        epochs, batch_size, optimizer, USUAL_LEARNING_RATE[optimizer], n_training_images=1_000
    )
    return RunConfig(NetworkConfig((8,)), training)


def stopped_after(n_reports, config, dataset, beginning=None):
    """A run that is stopped at its report of this number."""
    reports = []
    return train(config, dataset, reports.append, lambda: len(reports) >= n_reports, beginning)


@pytest.mark.parametrize(("optimizer", "batch_size"), EACH_RULE_AND_EACH_LENGTH)
def test_an_interrupted_training_ends_bit_for_bit_where_a_whole_one_does(
    optimizer, batch_size, sample, tmp_path, short_film
):
    config = configured(optimizer, batch_size, epochs=2)
    whole = train(config, sample)
    part = stopped_after(2, config, sample)
    assert 0 < part.steps_done < whole.steps_done
    part.save(tmp_path / "part.npz")  # as it is kept
    continued = train(config, sample, beginning=load_record(tmp_path / "part.npz"))
    assert not continued.is_stopped
    assert equal(continued.parameters, whole.parameters)
    assert all(map(equal, continued.snapshots, whole.snapshots))
    np.testing.assert_allclose(continued.history.training_loss, whole.history.training_loss, rtol=1e-12)
    np.testing.assert_array_equal(continued.history.validation_loss, whole.history.validation_loss)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_training_further_ends_where_a_longer_training_does(optimizer, sample, short_film):
    short, long = configured(optimizer, 32, epochs=1), configured(optimizer, 32, epochs=3)
    further = train(long, sample, beginning=train(short, sample))
    assert equal(further.parameters, train(long, sample).parameters)
    assert further.epochs_done == 3
    assert len(further.history.validation_accuracy) == 3


def test_a_longer_training_that_is_paused_at_once_is_a_paused_one(sample, short_film):
    short, long = configured("adam", 32, epochs=1), configured("adam", 32, epochs=3)
    beginning = train(short, sample)
    paused = train(long, sample, should_stop=lambda: True, beginning=beginning)
    assert paused.is_stopped, "its key is that of the longer one, which it is not"
    assert (paused.config, paused.steps_done) == (long, beginning.steps_done)
    assert equal(train(long, sample, beginning=paused).parameters, train(long, sample).parameters)


def test_a_continued_training_first_reports_what_it_has_behind_it(sample, short_film):
    config = configured("adam", 32, epochs=2)
    part, reports = stopped_after(5, config, sample), []
    train(config, sample, reports.append, beginning=part)
    assert reports[0].step == part.steps_done
    assert equal(reports[0].snapshot, part.parameters)
    np.testing.assert_array_equal(reports[0].news.curve_step, part.history.curve_step)


def test_the_film_goes_on_where_it_was_interrupted(sample):
    config = configured("adam", 32, epochs=2)
    whole, part = train(config, sample), stopped_after(9, config, sample)
    first, second = read_film(part.film), read_film(train(config, sample, beginning=part).film)
    steps = [moment.step for moment in second.moments]
    assert steps[: len(first.moments)] == [moment.step for moment in first.moments]
    assert set(steps) >= {moment.step for moment in read_film(whole.film).moments}
    assert all(map(equal, second.parameters, first.parameters))


def test_a_training_does_not_continue_another_one(sample):
    config = configured("adam", 32, epochs=2)
    part = stopped_after(3, config, sample)
    assert can_continue(part, config, sample.fingerprint)
    others = (
        replace(config, training=replace(config.training, batch_size=33)),
        replace(config, network=NetworkConfig((9,))),
        replace(config, training=replace(config.training, seed=1)),
    )
    assert not any(can_continue(part, other, sample.fingerprint) for other in others)
    assert not can_continue(part, config, "other images")
    assert not can_continue(train(config, sample), config, sample.fingerprint)
    assert not can_continue(replace(part, state=None), config, sample.fingerprint)
    with pytest.raises(ValueError, match="its own beginning"):
        train(others[0], sample, beginning=part)
