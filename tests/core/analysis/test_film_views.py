import gzip
import json

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from mnist_core.analysis.film_views import film_networks, film_views
from mnist_core.analysis.maps import hidden_points, mapped_images, pca_maps
from mnist_core.config import NetworkConfig, RunConfig, TrainingConfig
from mnist_core.images.preparation import network_inputs
from mnist_core.network.keras_model import to_keras
from mnist_core.training.film import read_film
from mnist_core.training.loop import train
from mnist_core.training.record import RunRecord


@pytest.fixture(scope="module")
def record(sample):
    return train(RunConfig(NetworkConfig((8,)), TrainingConfig(epochs=2)), sample)


@pytest.fixture(scope="module")
def unpacked(record, sample):
    """The file as the browser reads it: header, confusion matrices, places on the map."""
    content = gzip.decompress(film_views(record, sample))
    n_header = int.from_bytes(content[-4:], "little")
    header = json.loads(content[-4 - n_header : -4])
    numbers = np.frombuffer(content[: -4 - n_header], "<u2")
    k = len(read_film(record.film).moments)
    places = np.cumsum(numbers[100 * k :].reshape(k, 2, -1), axis=0, dtype=np.uint16)
    return header, numbers[: 100 * k].reshape(k, 10, 10), places


def test_the_matrices_count_what_scikit_learn_counts_of_keras(record, sample, unpacked):
    _, confusions, _ = unpacked
    inputs = network_inputs(sample.test_images)
    networks = film_networks(record)
    for place in (0, len(networks) // 2, len(networks) - 1):
        theirs = np.array(to_keras(networks[place])(inputs)).argmax(axis=1)
        assert np.abs(confusions[place] - confusion_matrix(sample.test_labels, theirs)).sum() <= 4


def test_the_networks_that_the_run_kept_are_taken_as_they_were(record):
    film, networks = read_film(record.film), film_networks(record)
    steps = [moment.step for moment in film.moments]
    assert networks[0] is record.snapshots[0]
    assert networks[-1] is record.parameters
    assert networks[steps.index(1)].weights[0].tolist() == film.parameters[1].weights[0].tolist()


def test_the_map_is_seen_from_one_side_and_in_one_square(record, sample, unpacked):
    header, _, places = unpacked
    plane = pca_maps(record, sample).hidden
    points = np.stack([hidden_points(plane, network, sample, record) for network in film_networks(record)])
    assert header["labels"] == "".join(map(str, sample.test_labels[mapped_images(len(sample.test_labels))]))
    scale = np.ptp(points, axis=(0, 1)).max() / 65535
    for place in (0, 5, len(points) - 1):
        moved = (places[place].T.astype(float) - places[0].T) * scale
        np.testing.assert_allclose(moved, points[place] - points[0], atol=2 * scale + 1e-4)


def test_a_run_without_a_film_says_so(sample):
    with pytest.raises(ValueError, match="no film"):
        film_views(RunRecord.untrained(RunConfig(), sample), sample)
