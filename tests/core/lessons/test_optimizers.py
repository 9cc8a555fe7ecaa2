"""The curves of trainings with several optimisers, and axes that hold all of what is finite."""

from types import SimpleNamespace

import numpy as np
import pytest

from mnist_core.lessons.optimizers import HIGHEST_LOSS, loss_curves
from mnist_core.training.record import History


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
    return SimpleNamespace(history=history, steps_per_epoch=steps, steps_done=n)


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
