"""What the lesson on optimisers says of its races, computed; the curves of trainings by several rules."""

from types import SimpleNamespace

import numpy as np
import pytest

from mnist_core.lessons.optimizers import HIGHEST_LOSS, loss_curves, race, steady_step, updates_of
from mnist_core.lessons.surfaces import SURFACES, TURN
from mnist_core.training.history import History
from mnist_core.training.stretches import Timeline

FACTORS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.2, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0)


def last_losses(name, factor=1.0):
    return {optimizer: losses[-1] for optimizer, losses in race(name, factor).losses.items()}


def test_in_the_ravine_momentum_swings_longer_than_sgd_and_still_gets_there_sooner():
    paths = race("ravine").paths
    sgd, momentum = paths["sgd"], paths["momentum"]
    assert np.abs(momentum[15:25, 1]).max() > 10 * np.abs(sgd[15:25, 1]).max()
    assert abs(momentum[40, 0]) < 0.1 * abs(sgd[40, 0])
    assert momentum[:, 0].max() > 0  # it overshoots
    assert sgd[:, 0].max() < 0


def test_what_momentum_keeps_decides_whether_it_crawls_arrives_or_swings():
    by_kept = {kept: race("ravine", kept=kept) for kept in (0.0, 0.8, 0.9, 0.99)}
    last = {kept: run.losses["momentum"][-1] for kept, run in by_kept.items()}
    assert min(last, key=last.__getitem__) == 0.8
    assert last[0.0] > 5 * by_kept[0.0].losses["sgd"][-1]
    rates = by_kept[0.0].rates
    assert rates["momentum"] == pytest.approx(rates["sgd"] / 3)
    swings = by_kept[0.99].paths["momentum"][80:]
    assert swings[:, 1].min() < -2
    assert swings[:, 1].max() > 2
    overshoot = {kept: run.paths["momentum"][:, 0].max() for kept, run in by_kept.items()}
    assert overshoot[0.8] < 0.01
    assert overshoot[0.9] > 0.2
    assert all((run.paths["sgd"] == by_kept[0.9].paths["sgd"]).all() for run in by_kept.values())


def test_in_the_ravine_rmsprop_goes_nearly_straight_and_adam_overshoots_both_axes_a_little():
    paths = race("ravine").paths
    assert paths["rmsprop"][:, 0].max() < 1e-6
    assert paths["rmsprop"][:, 1].min() > -1e-6
    assert 0.1 < paths["adam"][:, 0].max() < 1
    assert -1 < paths["adam"][:, 1].min() < -0.1


def test_who_is_lowest_in_the_ravine_depends_on_the_rates():
    at_once, doubled = last_losses("ravine"), last_losses("ravine", 2.0)
    assert min(at_once, key=at_once.__getitem__) == "rmsprop"
    assert min(doubled, key=doubled.__getitem__) == "adam"  # what the tour of 60 minutes asks about


def test_a_turned_ravine_is_the_same_to_sgd_and_momentum_and_takes_the_lead_of_the_others():
    along, turned = race("ravine"), race("ravine at an angle")
    for optimizer in ("sgd", "momentum"):
        np.testing.assert_allclose(turned.paths[optimizer], along.paths[optimizer] @ TURN.T, atol=1e-9)
    before, after = last_losses("ravine"), last_losses("ravine at an angle")
    for optimizer in ("rmsprop", "adam"):
        assert after[optimizer] > max(100 * before[optimizer], 0.2)
        assert after[optimizer] > after["sgd"]  # as the check of the lesson asks


@pytest.mark.parametrize("name", SURFACES)
def test_the_slope_of_a_surface_is_what_trying_finds(name):
    surface, h = SURFACES[name], 1e-5
    for point in np.random.default_rng(0).uniform(-2, 2, (5, 2)):
        tried = [
            (surface.loss(point + h * axis) - surface.loss(point - h * axis)) / (2 * h) for axis in np.eye(2)
        ]
        np.testing.assert_allclose(surface.slope(point), tried, atol=1e-5)


def test_sgd_leaves_the_saddle_last_and_the_rules_that_divide_first():
    left = {name: int((np.abs(path[:, 1]) > 1).argmax()) for name, path in race("saddle").paths.items()}
    assert max(left, key=left.__getitem__) == "sgd"
    assert max(left["rmsprop"], left["adam"]) < left["momentum"]


def test_noise_lets_no_path_rest_and_a_smaller_rate_jitters_less_but_can_be_too_slow():
    distances = {
        factor: {
            name: np.linalg.norm(path[60:], axis=1) for name, path in race("noisy bowl", factor).paths.items()
        }
        for factor in (0.1, 0.3, 1.0)
    }
    assert all(values.min() < values.max() - 0.5 for values in distances[1.0].values())
    assert distances[0.3]["sgd"].mean() < 0.8 * distances[1.0]["sgd"].mean()
    assert min(distances[0.1][name].mean() for name in ("rmsprop", "adam")) > 2


def test_adams_step_is_a_learning_rate_long_only_if_gradients_keep_sign_and_size():
    assert float(steady_step("adam", 0.5, 0.001, 20).step) == pytest.approx(-0.001, rel=1e-3)
    same_sign = [1.0, *[0.01] * 19]
    assert abs(float(updates_of("adam", 0.0, same_sign, 0.001)[-1].step)) < 7e-4
    changing = [0.5 * (-1) ** t for t in range(20)]
    assert abs(float(updates_of("adam", 0.0, changing, 0.001)[-1].step)) < 2e-4


def test_sgd_s_steps_are_in_proportion_to_the_gradient_and_rmsprop_s_and_adams_are_not():
    for name, ratio in (("sgd", 100), ("momentum", 100), ("rmsprop", 1), ("adam", 1)):
        large, small = (float(steady_step(name, gradient, 0.001, 5).step) for gradient in (0.5, 0.005))
        assert large / small == pytest.approx(ratio, rel=0.03)


def record(losses, validation=(), steps=4):
    n = len(losses)
    history = History(
        training_loss=[1.0] * len(validation),
        training_accuracy=[0.5] * len(validation),
        validation_loss=list(validation),
        validation_accuracy=[0.5] * len(validation),
        curve_step=list(range(1, n + 1)),
        curve_loss=losses,
        curve_accuracy=[0.5] * n,
    )
    return SimpleNamespace(history=history, timeline=Timeline((steps,) * 5), steps_done=n)


def test_validation_stands_at_the_ends_of_epochs_and_the_axes_hold_everything():
    curves = loss_curves({"sgd": record([2.0, 1.5], [1.8, 1.6]), "adam": record([1.0, 0.5, 0.4], [0.9, 0.6])})
    assert list(curves.by_images) == ["Training", "Validation"]
    updates, losses = curves.by_images["Validation"]["adam"]
    assert (updates.tolist(), losses.tolist()) == ([4, 8], [0.9, 0.6])
    updates, losses = curves.by_images["Training"]["sgd"]
    assert (updates.tolist(), losses.tolist()) == ([1, 2], [2.0, 1.5])
    assert curves.n_updates == 3
    assert curves.highest == pytest.approx(1.05 * 2.0)


def test_without_validation_images_there_are_training_curves_alone():
    assert list(loss_curves({"sgd": record([2.0, 1.5])}).by_images) == ["Training"]


@pytest.mark.parametrize(
    ("losses", "highest"), [([50.0, 40.0], HIGHEST_LOSS), ([np.nan, np.inf], 0.525), ([np.inf, 1.0], 1.05)]
)
def test_losses_that_are_huge_or_no_numbers_do_not_stretch_the_axis(losses, highest):
    assert loss_curves({"sgd": record(losses)}).highest == pytest.approx(highest)
