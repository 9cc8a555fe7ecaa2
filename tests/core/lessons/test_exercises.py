"""The answers of the ten exercises, by hand and by Keras."""

import numpy as np
import pytest

from mnist_core.config import CLASSIC, NetworkConfig
from mnist_core.lessons.exercises import (
    EXERCISES,
    PHOTOGRAPH_LAYERS,
    TWO_LAYERS,
    after_one_update,
    answers,
    count_parameters,
)
from mnist_core.lessons.loss import categorical_cross_entropy, one_hot
from mnist_core.network.parameters import cross_entropy


def test_there_are_ten_of_different_names():
    assert len(set(EXERCISES)) == len(EXERCISES) == 10


def test_the_answers_are_those_that_paper_and_pencil_give():
    numbers = answers()
    assert numbers["n_parameters"] == 3_072 * 64 + 64 + 64 * 20 + 20 == 197_972
    assert (numbers["row"], numbers["column"]) == (10, 20)
    assert [numbers[f"p{k}"] for k in range(3)] == pytest.approx([0.665, 0.245, 0.090], abs=5e-4)
    assert numbers["mean_loss"] == pytest.approx((0.2231 + 2.3026) / 2, abs=1e-4)
    assert numbers["after_sgd"] == pytest.approx(0.302)
    assert (numbers["updates_per_epoch"], numbers["updates"], numbers["last_batch"]) == (469, 2_345, 96)
    assert numbers["usual_updates"] == 5 * 1_875
    assert (numbers["n_training"], numbers["n_validation"]) == (54_000, 6_000)
    assert numbers["updates_validated"] == 1_688
    assert (numbers["two_layers"], numbers["usual_parameters"]) == (25_818, 25_450)


@pytest.mark.parametrize("units", [(32,), (32, 16), (5, 4, 3)])
def test_parameters_are_counted_as_the_dashboard_counts_them(units):
    network = NetworkConfig(units)
    assert count_parameters(network.layer_sizes) == network.n_parameters


def test_a_photograph_has_three_numbers_per_pixel():
    assert PHOTOGRAPH_LAYERS == (3 * 32 * 32, 64, 20)


def test_the_first_step_of_adam_is_one_learning_rate_long_whatever_the_gradient():
    assert after_one_update("adam", 0.001) == pytest.approx(0.301, abs=1e-6)


def test_keras_counts_the_same_and_makes_the_same_first_steps():
    import keras

    for name, optimizer in (("sgd", keras.optimizers.SGD(0.1)), ("adam", keras.optimizers.Adam(0.001))):
        weight = keras.Variable(0.3)
        optimizer.apply([keras.ops.convert_to_tensor(-0.02)], [weight])
        assert float(weight.numpy()) == pytest.approx(answers()[f"after_{name}"], abs=1e-6)
    layers = [keras.layers.Dense(n) for n in TWO_LAYERS.network.layer_sizes[1:]]
    model = keras.Sequential([keras.Input(shape=(784,)), *layers])
    assert model.count_params() == answers()["two_layers"]


def test_the_loss_of_one_hot_labels_is_the_same():
    logits = np.random.default_rng(0).normal(0, 3, (20, 10)).astype(np.float32)
    labels = np.arange(20) % 10
    assert categorical_cross_entropy(logits, one_hot(labels)) == pytest.approx(
        cross_entropy(logits, labels), abs=1e-5
    )


def test_the_script_is_changed_and_nothing_else():
    assert TWO_LAYERS.training == CLASSIC.training
