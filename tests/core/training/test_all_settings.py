"""Each setting of a training gives the same bits again, also after a pause, and costs nothing when off."""

from dataclasses import replace

import numpy as np
import pytest

from mnist_core.config import DEFAULT, NetworkConfig, RunConfig, TrainingConfig
from mnist_core.training.chunks import chunks
from mnist_core.training.film import read_film
from mnist_core.training.loop import train
from mnist_core.training.loops.layout import shapes_of
from mnist_core.training.one_update import networks_around
from mnist_core.training.record import load_record
from mnist_core.training.stretches import stretches
from mnist_core.training.training_set import training_images

ON = {
    "initializer": {"initializer": "he_normal"},
    "dropout": {"dropout": 0.3},
    "shift": {"shift": 1},
    "patience": {"patience": 1, "learning_rate": 0.02},
    "cosine": {"schedule": "cosine"},
    "halved": {"schedule": "halved"},
}
ON["all of them"] = {name: value for settings in ON.values() for name, value in settings.items()} | {
    "patience": 9
}
each = pytest.mark.parametrize("settings", ON.values(), ids=ON)


def configured(settings):
    training = TrainingConfig(4, 32, "adam", 0.002, n_training_images=300, seed=3)
    return RunConfig(NetworkConfig((6, 5)), replace(training, **settings))


def equal(first, second):
    pairs = zip((*first.weights, *first.biases), (*second.weights, *second.biases), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


@each
def test_equal_runs_are_equal_to_the_bit_also_after_a_pause_in_mid_epoch(
    settings, sample, tmp_path, short_film
):
    config, reports = configured(settings), []
    whole = train(config, sample)
    assert not equal(whole.parameters, train(configured({}), sample).parameters), "the setting matters"
    part = train(config, sample, reports.append, lambda: len(reports) >= 3)
    assert part.steps_done not in part.timeline.ends
    part.save(tmp_path / "part.npz")
    continued = train(config, sample, beginning=load_record(tmp_path / "part.npz"))
    assert (continued.epochs_done, continued.is_stopped) == (whole.epochs_done, False)
    assert equal(continued.parameters, whole.parameters)
    assert all(map(equal, continued.snapshots, whole.snapshots))
    np.testing.assert_allclose(continued.history.training_loss, whole.history.training_loss, rtol=1e-12)


@each
def test_updates_that_are_computed_again_are_those_of_the_run(settings, sample, short_film):
    record = train(configured(settings), sample)
    ends = record.timeline.ends
    for memories in (record.memories, {}):
        for epoch in (1, 2):
            again = replace(record, memories=memories)
            before, _ = (
                networks_around(again, sample, ends[epoch] + 1) if epoch < record.epochs_done else (None, 0)
            )
            _, after = networks_around(again, sample, ends[epoch])
            assert equal(after, record.snapshots[epoch])
            assert before is None or equal(before, record.snapshots[epoch])


def test_a_film_ends_with_the_last_update(sample):
    record = train(configured(ON["all of them"]), sample)
    assert read_film(record.film).moments[-1].step == record.steps_done


@pytest.mark.parametrize("settings", [{}, {"initializer": "zeros"}, {"patience": 3}])
def test_what_is_off_is_neither_drawn_nor_compiled(settings, sample):
    config = DEFAULT.with_changes(n_training_images=100, **settings)
    (stretch,) = stretches(config)
    for chunk in chunks(training_images(config, sample), stretch, 1, 4, begin=0):
        assert chunk.learning_rates is None
        assert chunk.kept is None
    assert shapes_of(config, sample) == shapes_of(DEFAULT, sample)
