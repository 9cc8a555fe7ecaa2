"""The same start with two orders of the images: the last section of the lesson on starting weights."""

import numpy as np
import pytest

from mnist_core.config import DEFAULT
from mnist_core.lessons.two_orders import TWINS, two_orders
from mnist_core.network.parameters import initial_parameters


@pytest.fixture(scope="module")
def compared(sample):
    return two_orders(None, sample)


def test_two_of_the_networks_begin_alike_and_the_third_does_not(compared):
    first, order, start = (compared.starts[twin].weights[0] for twin in TWINS)
    assert np.array_equal(first, order)
    assert not np.array_equal(first, start)
    assert np.array_equal(first, initial_parameters(DEFAULT.network, 0).weights[0])
    assert not np.array_equal(*(compared.networks[twin].weights[0] for twin in ("first", "other order")))


def test_the_order_leaves_neurons_alike_and_another_start_makes_others(compared):
    assert compared.likeness("first") == pytest.approx(1)
    assert compared.likeness("other order") > 0.9
    assert abs(compared.likeness("other start")) < 0.2


def test_what_is_alike_is_what_training_added_for_pixels_with_ink(compared, sample):
    has_ink = sample.train_images[: compared.n_images].reshape(-1, 784).any(axis=0)
    first, other = (
        compared.networks[twin].weights[0].astype(float) - compared.starts[twin].weights[0]
        for twin in ("first", "other order")
    )
    assert not first[~has_ink].any()
    a, b = (each[has_ink] - each[has_ink].mean(axis=0) for each in (first, other))
    correlations = (a * b).sum(axis=0) / np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0))
    assert compared.likeness("other order") == pytest.approx(correlations.mean())


def test_both_read_some_images_differently_and_new_images_are_none_that_were_trained_on(compared, sample):
    new = slice(compared.n_images, compared.n_images + len(compared.predictions["first"]))
    pixels = (sample.train_images[new].reshape(-1, 784) / 255).astype(np.float32)
    read = {}
    for twin, network in compared.networks.items():
        hidden = np.maximum(pixels @ network.weights[0] + network.biases[0], 0)
        read[twin] = (hidden @ network.weights[1] + network.biases[1]).argmax(axis=1)
        assert compared.validated[twin].accuracy == (read[twin] == sample.train_labels[new]).mean()
        assert compared.validated[twin].accuracy > 0.8
        assert compared.n_apart(twin) == (read[twin] != read["first"]).sum()
    assert compared.n_apart("first") == 0
    assert 0 < compared.n_apart("other order") < 100
