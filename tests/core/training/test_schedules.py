"""Learning rates that change by a schedule: the same updates as with Keras's."""

import math
from dataclasses import replace

import numpy as np
import pytest
from keras_training import assert_same_weights, fit

from mnist_core.chapters import Chapter
from mnist_core.config import NetworkConfig, RunConfig, TrainingConfig
from mnist_core.training.loop import train
from mnist_core.training.run import can_continue
from mnist_core.training.stretches import (
    learning_rates,
    stretches,
    timeline_of,
    with_more_epochs,
    with_next_chapter,
)

pytestmark = pytest.mark.usefixtures("no_film_is_looked_at")
RATES = {"adam": 0.005, "momentum": 0.05}


def configured(schedule, optimizer="adam", epochs=3, **more):
    training = TrainingConfig(
        epochs, 32, optimizer, RATES[optimizer], n_training_images=300, schedule=schedule, **more
    )
    return RunConfig(NetworkConfig((8,)), training)


def rates_of(config):
    timeline = timeline_of(config, 270)
    return np.concatenate(
        [
            learning_rates(
                stretch, timeline, np.arange(timeline.span(stretch)[0], timeline.span(stretch)[1]) + 1
            )
            for stretch in stretches(config)
        ]
    )


def test_a_cosine_goes_from_the_rate_to_almost_0():
    rates = rates_of(configured("cosine"))
    assert (len(rates), rates[0]) == (27, 0.005)
    assert rates[13] == pytest.approx(0.005 * (1 + math.cos(math.pi * 13 / 27)) / 2)
    assert 0 < rates[-1] < 0.00003


def test_a_halved_rate_is_half_as_large_in_each_epoch():
    np.testing.assert_array_equal(rates_of(configured("halved")), np.repeat([0.005, 0.0025, 0.00125], 9))


@pytest.mark.parametrize("schedule", ["cosine", "halved"])
def test_a_schedule_begins_anew_with_a_chapter(schedule):
    config = replace(configured("constant", epochs=4), chapters=(Chapter(3, 32, "adam", 0.01, schedule),))
    alone = configured(schedule, epochs=2).with_changes(learning_rate=0.01)
    np.testing.assert_allclose(rates_of(config), np.concatenate([[0.005] * 18, rates_of(alone)]))


def test_the_weights_are_those_of_keras_with_a_cosine(sample):
    import keras

    config = configured("cosine")
    schedule = keras.optimizers.schedules.CosineDecay(RATES["adam"], decay_steps=27)
    model, _ = fit(config, sample, keras.optimizers.Adam(schedule))
    ours = train(config, sample).parameters
    assert_same_weights(ours, model)
    constant = train(configured("constant"), sample).parameters
    assert np.abs(constant.weights[0] - ours.weights[0]).max() > 1e-3, "the schedule matters"


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # in Keras itself
def test_the_weights_are_those_of_keras_with_a_halved_rate(sample):
    import keras

    config = configured("halved", "momentum")
    halve = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2 if epoch else rate)
    model, _ = fit(config, sample, callbacks=[halve])
    assert_same_weights(train(config, sample).parameters, model)


def test_a_run_with_a_cosine_is_the_beginning_only_of_one_with_the_same_end(sample):
    reports = []
    part = train(configured("cosine"), sample, reports.append, lambda: len(reports) >= 2)
    assert can_continue(part, configured("cosine"), sample.fingerprint)
    assert not can_continue(part, configured("cosine", epochs=5), sample.fingerprint)
    whole, longer = train(configured("cosine"), sample), configured("cosine", epochs=5)
    assert not can_continue(whole, longer, sample.fingerprint)
    again = replace(longer, chapters=(Chapter(4, 32, "adam", 0.005, "cosine"),))
    assert can_continue(whole, again, sample.fingerprint)


def test_more_epochs_after_a_cosine_are_another_one_as_often_as_there_may_be_chapters():
    config = configured("cosine")
    for n in range(1, 4):
        config = with_more_epochs(config, 2)
        assert [chapter.schedule for chapter in config.chapters] == ["cosine"] * n
    assert config.training.epochs == 9
    assert with_more_epochs(config, 2) is None
    assert with_more_epochs(configured("halved"), 2) == configured("halved", epochs=5)


def test_in_the_midst_of_a_cosine_no_other_chapter_begins():
    config, chosen = configured("cosine"), configured("constant", epochs=6)
    assert with_next_chapter(config, 2, chosen, 2) is None
    assert with_next_chapter(config, 3, chosen, 2).chapters == (Chapter(4, 32, "adam", 0.005),)


def test_a_run_with_a_halved_rate_goes_on_to_more_epochs(sample):
    short, long = train(configured("halved", epochs=2), sample), configured("halved", epochs=3)
    assert can_continue(short, long, sample.fingerprint)
    ours, whole = (train(long, sample, beginning=beginning).parameters for beginning in (short, None))
    np.testing.assert_array_equal(ours.weights[0], whole.weights[0])


@pytest.mark.parametrize(
    ("before", "after", "keeps"),
    [
        ("constant", "halved", True),
        ("halved", "constant", True),
        ("constant", "cosine", False),
        ("cosine", "constant", False),
    ],
)
def test_an_optimiser_with_a_cosine_begins_without_memory_and_ends_with_its_chapter(before, after, keeps):
    config = replace(configured(before, epochs=4), chapters=(Chapter(3, 32, "adam", 0.005, after),))
    assert [stretch.keeps_memory for stretch in stretches(config)] == [False, keeps]
