"""A run of several chapters is what Keras does when `fit` is called again with other settings."""

from dataclasses import replace

import numpy as np
import pytest

from mnist_core.chapters import Chapter
from mnist_core.config import OPTIMIZERS, USUAL_LEARNING_RATE, NetworkConfig, RunConfig, TrainingConfig
from mnist_core.images.preparation import network_inputs
from mnist_core.network.keras_model import build_model, build_optimizer, write_model
from mnist_core.network.parameters import initial_parameters
from mnist_core.training.film import N_EVEN, film_steps, read_film
from mnist_core.training.loop import train
from mnist_core.training.one_update import UpdateAt, networks_around, read_update
from mnist_core.training.record import load_record
from mnist_core.training.run import can_continue
from mnist_core.training.stretches import stretches, timeline_of
from mnist_core.training.training_set import training_images

CHANGES = {
    "learning rate": {"learning_rate": 0.004},
    "batch size": {"batch_size": 50},
    "learning rate and batch size": {"learning_rate": 0.004, "batch_size": 50},
    "optimiser": {"optimizer": None},
}
"""What a second chapter has instead of the first one's settings; None stands for another optimiser."""


def configured(optimizer="adam", changes=None, epochs=4, first_epoch=3):
    training = TrainingConfig(
        epochs, 32, optimizer, USUAL_LEARNING_RATE[optimizer], n_training_images=300, seed=2
    )
    settings = {"batch_size": 32, "optimizer": optimizer, "learning_rate": training.learning_rate}
    settings |= changes or {}
    if settings["optimizer"] is None:
        settings["optimizer"] = "rmsprop" if optimizer != "rmsprop" else "momentum"
    return RunConfig(NetworkConfig((8,)), training, (Chapter(first_epoch, **settings),))


def one_after_the_other(optimizer):
    """Chapters that change the learning rate, the batch size and the optimiser, each by itself."""
    other = "rmsprop" if optimizer != "rmsprop" else "momentum"
    chapters = (
        Chapter(2, 32, optimizer, 0.004),
        Chapter(3, 50, optimizer, 0.004),
        Chapter(4, 50, other, 0.004),
    )
    return replace(configured(optimizer), chapters=chapters)


SEVERAL = {optimizer: one_after_the_other(optimizer) for optimizer in OPTIMIZERS} | {
    "two at once": configured("adam", CHANGES["learning rate and batch size"])
}
"""By the first chapter's optimiser."""


def equal(first, second):
    pairs = zip((*first.weights, *first.biases), (*second.weights, *second.biases), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def trained_by_keras(config, dataset):
    """The weights of a Keras model after a `fit` for each epoch, in the order of the run."""
    import keras

    chosen = training_images(config, dataset)
    model = build_model(config.network)
    write_model(model, initial_parameters(config.network, config.training.seed))
    inputs = network_inputs(chosen.images)
    for stretch in stretches(config):
        training = stretch.config.training
        if stretch.keeps_memory:
            model.optimizer.learning_rate = training.learning_rate
        else:
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
            model.compile(build_optimizer(stretch.config), loss)
        for epoch in range(stretch.first_epoch, stretch.last_epoch + 1):
            order = chosen.order(epoch)
            model.fit(inputs[order], chosen.labels[order], training.batch_size, verbose=0, shuffle=False)
    return model.get_weights()


@pytest.mark.parametrize("name", SEVERAL)
def test_the_weights_are_those_of_several_calls_of_keras_fit(name, sample, short_film):
    config = SEVERAL[name]
    ours = train(config, sample).parameters
    pairs = zip(ours.weights, ours.biases, strict=True)
    theirs = trained_by_keras(config, sample)
    for array, expected in zip((array for pair in pairs for array in pair), theirs, strict=True):
        np.testing.assert_allclose(array, expected, atol=1e-4)
    for left_out in config.chapters:
        others = tuple(chapter for chapter in config.chapters if chapter is not left_out)
        without = train(replace(config, chapters=others), sample).parameters
        assert np.abs(without.weights[0] - ours.weights[0]).max() > 5e-4, "the chapter matters"


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("changed", CHANGES)
def test_going_on_with_other_settings_ends_bit_for_bit_where_the_whole_run_does(
    optimizer, changed, sample, tmp_path, short_film
):
    config = configured(optimizer, CHANGES[changed])
    first = train(config.in_epoch(1).with_changes(epochs=2), sample)
    first.save(tmp_path / "first.npz")
    further = train(config, sample, beginning=load_record(tmp_path / "first.npz"))
    whole = train(config, sample)
    assert equal(further.parameters, whole.parameters)
    assert all(map(equal, further.snapshots, whole.snapshots))
    assert not further.is_stopped
    assert further.epochs_done == 4


@pytest.mark.parametrize("name", ["adam", "two at once"])
def test_a_run_that_is_paused_anywhere_and_continued_ends_bit_for_bit_where_the_whole_one_does(
    name, sample, tmp_path
):
    config, n_reports = SEVERAL[name], []
    whole = train(config, sample, n_reports.append)
    borders = [timeline_of(config, 270).span(stretch)[0] for stretch in stretches(config)]
    paused_in = set()
    for n in range(1, len(n_reports), 5):
        reports = []
        part = train(config, sample, reports.append, lambda r=reports, n=n: len(r) >= n)
        paused_in.add(sum(border < part.steps_done for border in borders))
        part.save(tmp_path / "part.npz")
        continued = train(config, sample, beginning=load_record(tmp_path / "part.npz"))
        assert equal(continued.parameters, whole.parameters)
    assert paused_in == {*range(1, len(borders) + 1)}, "in each chapter"


def test_a_run_that_is_paused_at_the_border_can_still_choose_another_chapter(sample):
    config, reports = configured("adam", {"optimizer": "sgd", "learning_rate": 0.01}), []
    border = timeline_of(config, 270).ends[2]
    part = train(config, sample, reports.append, lambda: bool(reports) and reports[-1].step >= border)
    assert part.steps_done == border
    other = configured("adam", {"learning_rate": 0.004})
    assert equal(train(other, sample, beginning=part).parameters, train(other, sample).parameters)


def test_a_run_goes_on_only_where_its_epochs_were_trained_as_the_config_says(sample):
    config = configured("adam", CHANGES["batch size"])
    part = train(config.with_changes(epochs=3), sample)
    fingerprint = sample.fingerprint
    assert can_continue(part, config, fingerprint)
    assert can_continue(part, configured("adam", CHANGES["batch size"], epochs=9), fingerprint)
    assert not can_continue(part, configured("adam", CHANGES["learning rate"]), fingerprint)
    assert not can_continue(part, replace(config, chapters=()), fingerprint)
    assert not can_continue(part, config.with_changes(epochs=2), fingerprint)


def test_a_record_knows_which_updates_belong_to_which_epoch(sample, tmp_path):
    config = configured("adam", CHANGES["batch size"])
    train(config, sample).save(tmp_path / "run.npz")
    record = load_record(tmp_path / "run.npz")
    assert record.config == config
    assert record.timeline.ends == (0, 9, 18, 24, 30)
    assert record.steps_done == 30
    np.testing.assert_allclose(record.timeline.epochs_at([0, 9, 21, 30]), [0, 1, 2.5, 4])
    assert [record.timeline.epoch_of(step) for step in (1, 9, 10, 18, 19, 30)] == [1, 1, 2, 2, 3, 4]
    assert len(record.history.training_loss) == 4
    assert record.history.curve_step[-1] == 30


def test_a_film_has_a_moment_at_each_border_and_as_many_in_epochs_of_few_updates(sample):
    config = RunConfig(training=TrainingConfig(10, 32), chapters=(Chapter(6, 1024, "adam", 0.001),))
    steps, timeline = film_steps(config, 54_000), timeline_of(config, 54_000)
    border = timeline.ends[5]
    assert border in steps
    assert sum(step > border for step in steps) == N_EVEN // 2
    rate_alone = replace(config, chapters=(Chapter(4, 32, "adam", 0.01),))
    assert timeline_of(rate_alone, 54_000).ends[3] in film_steps(rate_alone, 54_000)
    moments = read_film(train(configured("adam", CHANGES["batch size"]), sample).film).moments
    assert 18 in [moment.step for moment in moments]


@pytest.mark.parametrize("changed", CHANGES)
@pytest.mark.parametrize("has_memories", [True, False])
def test_an_update_of_the_second_chapter_is_that_of_the_run(changed, has_memories, sample):
    config = configured("adam", CHANGES[changed])
    record = train(config, sample)
    record = record if has_memories else replace(record, memories={})
    ends = record.timeline.ends
    before, _ = networks_around(record, sample, ends[2] + 1)
    assert equal(before, record.snapshots[2])
    _, after = networks_around(record, sample, ends[3])
    assert equal(after, record.snapshots[3])
    update = read_update(UpdateAt(ends[3] + 2)(record, sample))
    size = stretches(config)[1].config.training.batch_size
    expected = training_images(config, sample).order(4)[size : 2 * size]
    np.testing.assert_array_equal(update.images, expected)
