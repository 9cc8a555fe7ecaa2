"""Which training images are nearest to a drawing, in its pixels and in the hidden layer."""

import tracemalloc

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from mnist_core.analysis.neighbours import hidden_places, nearest_in_hidden, nearest_in_pixels
from mnist_core.config import NetworkConfig
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import Parameters, initial_parameters


def test_the_nearest_in_pixels_are_scikit_learns(sample, five):
    rows = network_inputs(sample.train_images)
    nearest = nearest_in_pixels(sample.train_images, sample.train_labels, five)
    search = NearestNeighbors(n_neighbors=10, algorithm="brute").fit(rows.astype(np.float64))
    distances, indices = search.kneighbors(network_inputs(five[None]).astype(np.float64))
    assert nearest.indices.tolist() == indices[0].tolist()
    assert nearest.distances == pytest.approx(distances[0], abs=1e-6)
    assert (nearest.labels == sample.train_labels[indices[0]]).all()


@pytest.mark.parametrize("network", [NetworkConfig((32,)), NetworkConfig((8, 200), "tanh")])
@pytest.mark.parametrize("preparation", ["usual", "undivided", "shuffled"])
def test_the_nearest_in_the_hidden_layer_are_scikit_learns(sample, five, network, preparation):
    parameters = initial_parameters(network, seed=2)
    images, labels = sample.train_images, sample.train_labels
    places = hidden_places(parameters, images, preparation)
    assert places.nbytes == len(images) * network.hidden_units[-1] * 2
    nearest = nearest_in_hidden(parameters, places, images, labels, five, preparation)
    hidden = [
        parameters.hidden_activations(network_inputs(some, preparation))[-1].astype(np.float64)
        for some in (images, five[None])
    ]
    search = NearestNeighbors(n_neighbors=10, algorithm="brute").fit(hidden[0])
    distances, _ = search.kneighbors(hidden[1])
    assert nearest.distances == pytest.approx(distances[0], rel=1e-3, abs=1e-4)


def test_an_image_of_the_training_images_is_nearest_to_itself(sample):
    images, labels = sample.train_images, sample.train_labels
    parameters = initial_parameters(NetworkConfig((32,)), seed=0)
    places = hidden_places(parameters, images)
    for nearest in (
        nearest_in_pixels(images, labels, images[77]),
        nearest_in_hidden(parameters, places, images, labels, images[77]),
    ):
        assert nearest.indices[0] == 77
        assert nearest.distances[0] == pytest.approx(0, abs=1e-6)
        assert (np.diff(nearest.distances) >= 0).all()


def test_the_commonest_digit_is_the_nearer_of_two_with_as_many():
    images = np.zeros((4, 28, 28), np.uint8)
    images[:, 0, 0] = [40, 10, 30, 20]
    nearest = nearest_in_pixels(images, np.array([7, 2, 2, 7], np.uint8), np.zeros((28, 28), np.uint8), 4)
    assert nearest.labels.tolist() == [2, 7, 2, 7]
    assert nearest.commonest == (2, 2)


def test_activations_too_large_for_half_precision_still_find_the_nearest(sample):
    start = initial_parameters(NetworkConfig((8,)), seed=0)
    large = Parameters((start.weights[0] * 1e5, start.weights[1]), start.biases, "relu")
    images, labels = sample.train_images[:500], sample.train_labels[:500]
    places = hidden_places(large, images)
    assert np.isfinite(places).all()
    assert nearest_in_hidden(large, places, images, labels, images[3]).indices[0] == 3


@pytest.mark.full_mnist
def test_the_search_keeps_little_in_memory(mnist, five):
    parameters = initial_parameters(NetworkConfig((32,)), seed=0)
    tracemalloc.start()
    nearest_in_pixels(mnist.train_images, mnist.train_labels, five)
    places = hidden_places(parameters, mnist.train_images)
    nearest_in_hidden(parameters, places, mnist.train_images, mnist.train_labels, five)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert places.nbytes == 3_840_000
    assert peak < 12_000_000
