"""One neuron by hand has the sum one gets with pen and paper, and one that is too large has none."""

from dataclasses import replace

import numpy as np
import pytest

from mnist_core.config import NetworkConfig
from mnist_core.lessons.neurons import finite_terms, neuron_by_hand
from mnist_core.network.parameters import initial_parameters


def test_three_inputs_and_a_bias_are_added_up_as_on_paper():
    terms = neuron_by_hand([(0.8, 0.9), (0.3, -0.7), (0.6, 0.5)], -0.2)
    assert terms.products.tolist() == pytest.approx([0.72, -0.21, 0.3])
    assert terms.weighted_sum == pytest.approx(0.61)
    assert terms.activation == pytest.approx(0.61)
    assert neuron_by_hand([(1.0, -0.5)], 0.2).activation == 0


def test_a_sum_that_is_no_number_has_no_terms():
    network = initial_parameters(NetworkConfig((4,)), 0)
    inputs = np.ones(784, np.float32)
    huge = replace(network, weights=(np.full((784, 4), 3e38, np.float32), network.weights[1]))
    assert finite_terms(huge, inputs, 0, 1) is None
    terms = finite_terms(network, inputs, 0, 1)
    assert terms.weighted_sum == pytest.approx(network.weights[0][:, 1].astype(float).sum(), abs=1e-4)
