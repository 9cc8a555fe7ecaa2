"""Trainings side by side: at the same place of their curves, and winners only where intervals allow it."""

from types import SimpleNamespace

import numpy as np
import pytest

from mnist_core.analysis.intervals import wilson_interval
from mnist_core.lessons.training_curves import (
    Validated,
    clear_winner,
    smoothed,
    standing,
    training_curve,
    validated,
)
from mnist_core.training.stretches import Timeline


def record(losses, steps_per_epoch=10, seconds=5.0, validation=()):
    history = SimpleNamespace(
        curve_step=10.0 * np.arange(1, len(losses) + 1),
        curve_loss=np.array(losses),
        validation_accuracy=np.array(validation),
        has_validation=bool(len(validation)),
    )
    done = 10 * len(losses)
    return SimpleNamespace(
        history=history,
        timeline=Timeline((steps_per_epoch,) * 5),
        steps_done=done,
        seconds=seconds,
        n_validation_images=1_000,
    )


def test_a_curve_lies_at_its_updates_epochs_or_seconds():
    run = record([2.0, 1.0, 0.5, 0.4], steps_per_epoch=20, seconds=8.0)
    assert training_curve(run, "updates")[0].tolist() == [10, 20, 30, 40]
    assert training_curve(run, "epochs")[0].tolist() == [0.5, 1, 1.5, 2]
    assert training_curve(run, "seconds")[0].tolist() == [2, 4, 6, 8]


def test_runs_are_compared_where_the_shortest_one_ends():
    curves = {
        1: (np.array([10.0, 20.0, 30.0]), np.array([2.0, 1.0, 0.5])),
        1_024: (np.array([5.0, 15.0]), np.array([2.2, 2.1])),
    }
    reached = standing(curves)
    assert reached.place == 15
    assert reached.losses == {1: pytest.approx(1.5), 1_024: pytest.approx(2.1)}


def test_a_curve_that_begins_only_later_is_not_compared():
    early, late = (
        (np.array([5.0, 15.0]), np.array([2.2, 2.1])),
        (np.array([90.0, 180.0]), np.array([1.0, 0.9])),
    )
    assert standing({1: late, 1_024: early}).losses == {1_024: pytest.approx(2.1)}


def test_stretches_of_a_logarithmic_curve_grow_and_begin_with_the_first_point():
    places, losses = np.arange(1.0, 501.0), np.linspace(2, 1, 500)
    middles, means = smoothed(places, losses, 40, is_logarithmic=True)
    assert (middles[0], means[0]) == (1, 2)
    assert np.all(np.diff(np.diff(middles)) >= -1e-9)
    assert 20 < len(middles) <= 40
    assert [len(part) for part in smoothed(places[:1], losses[:1], is_logarithmic=True)] == [1, 1]


def test_a_run_that_diverged_or_has_no_points_is_left_out():
    empty = (np.zeros(0), np.zeros(0))
    diverged = (np.array([1.0, 2.0]), np.array([3.0, np.nan]))
    reached = standing({1: empty, 8: diverged, 32: (np.array([2.0]), np.array([1.0]))})
    assert reached.losses == {32: 1.0}
    assert standing({}).losses == {}


def result(n_right, n=1_000):
    return Validated(n_right / n, wilson_interval(n_right, n))


def test_a_winner_is_named_only_where_its_interval_lies_above_all_others():
    assert clear_winner({1: result(950), 32: result(900), 1_024: result(800)}) == 1
    assert clear_winner({1: result(950), 32: result(945), 1_024: result(800)}) is None


def test_the_accuracy_is_that_of_the_last_epoch_on_validation_images():
    got = validated(record([1.0], validation=(0.5, 0.9)))
    assert (got.accuracy, got.interval) == (0.9, wilson_interval(900, 1_000))
    with pytest.raises(ValueError, match="no validation images"):
        validated(record([1.0]))
