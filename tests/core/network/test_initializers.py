"""Starting weights are drawn from the distributions that Keras's initialisers draw from."""

import numpy as np
import pytest

from mnist_core.config import NetworkConfig, RunConfig
from mnist_core.network.initializers import INITIALIZERS
from mnist_core.network.parameters import initial_parameters, starting_parameters
from mnist_core.training_config import INITIALIZER_NAMES

SHAPE = (784, 128)
N = SHAPE[0] * SHAPE[1]
HE = (2 / 784) ** 0.5
CUT_OFF = 2 * HE / 0.87962566103423978
"""Where Keras cuts the normal distribution of He's initialiser."""


def drawn(name):
    return initial_parameters(NetworkConfig((SHAPE[1],)), 3, name).weights[0]


def drawn_by_keras(name):
    import keras

    of_numbers = {"normal_0.01": 0.01, "normal_1": 1.0}
    if name in of_numbers:
        return np.asarray(keras.initializers.RandomNormal(stddev=of_numbers[name], seed=1)(SHAPE))
    options = {} if name == "zeros" else {"seed": 1}
    kinds = {"glorot_uniform": "GlorotUniform", "he_normal": "HeNormal", "zeros": "Zeros"}
    return np.asarray(getattr(keras.initializers, kinds[name])(**options)(SHAPE))


def test_every_initialiser_that_can_be_chosen_is_there():
    assert {*INITIALIZERS} == {*INITIALIZER_NAMES}


@pytest.mark.parametrize("name", INITIALIZERS)
def test_moments_and_quantiles_are_those_of_keras(name):
    ours, theirs = drawn(name), drawn_by_keras(name)
    scale = theirs.std() + 1e-12
    assert abs(ours.mean() - theirs.mean()) < 6 * scale / N**0.5
    assert ours.std() == pytest.approx(theirs.std(), rel=0.01)
    levels = np.linspace(0.01, 0.99, 25)
    np.testing.assert_allclose(np.quantile(ours, levels), np.quantile(theirs, levels), atol=0.03 * scale)


@pytest.mark.parametrize(
    ("name", "bound"), [("glorot_uniform", (6 / sum(SHAPE)) ** 0.5), ("he_normal", CUT_OFF)]
)
def test_bounds_are_those_of_keras_and_are_reached(name, bound):
    for weights in (drawn(name), drawn_by_keras(name)):
        assert 0.98 * bound < np.abs(weights).max() <= bound * (1 + 1e-6)


def test_the_standard_deviation_of_he_is_the_root_of_two_over_the_inputs():
    assert drawn("he_normal").std() == pytest.approx(HE, rel=0.01)


def test_a_run_starts_with_the_weights_of_its_setting_and_biases_of_0():
    config = RunConfig().with_changes(initializer="normal_1", seed=5)
    start = starting_parameters(config)
    np.testing.assert_array_equal(
        start.weights[1], initial_parameters(config.network, 5, "normal_1").weights[1]
    )
    assert not any(biases.any() for biases in start.biases)
    np.testing.assert_array_equal(
        starting_parameters(RunConfig()).weights[0], initial_parameters(NetworkConfig(), 0).weights[0]
    )
