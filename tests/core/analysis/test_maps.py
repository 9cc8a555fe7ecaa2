import base64
import io
from dataclasses import replace

import numpy as np
import pytest
from networks import network, record_of
from PIL import Image

from mnist_core.analysis import maps
from mnist_core.analysis.inspection import layer_activations
from mnist_core.analysis.moments import moments
from mnist_core.config import NetworkConfig
from mnist_core.figures.lab.maps import DIGIT_COLORS, map_chart, small_pictures
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import Parameters


def few(dataset, n):
    return replace(dataset, test_images=dataset.test_images[:n], test_labels=dataset.test_labels[:n])


def test_the_images_of_a_map_are_drawn_once_for_all_from_all_test_images():
    chosen = maps.mapped_images(10_000)
    assert len(chosen) == maps.N_MAPPED == len(set(chosen.tolist()))
    assert (np.diff(chosen) > 0).all()
    assert chosen[-1] > 9_900
    assert (chosen == maps.mapped_images(10_000)).all()
    assert maps.mapped_images(7).tolist() == list(range(7))


def test_the_plane_is_that_of_a_singular_value_decomposition(sample):
    parameters = network(NetworkConfig((12,)))
    record = record_of([parameters])
    planes = maps.pca_maps(record, sample)
    rows = {
        "hidden": layer_activations(parameters, sample.test_images, 0).astype(float),
        "pixels": network_inputs(sample.test_images).astype(float),
    }
    for name, values in rows.items():
        centred = values - values.mean(axis=0)
        _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
        plane = getattr(planes, name)
        np.testing.assert_allclose(plane.shares, sizes[:2] ** 2 / (sizes**2).sum(), rtol=1e-4)
        np.testing.assert_allclose(np.abs(directions[:2] @ plane.directions.T), np.eye(2), atol=1e-4)
        points = np.abs(plane.project(values))
        np.testing.assert_allclose(points, np.abs(centred @ directions[:2].T), atol=1e-3)
    theirs = maps.hidden_points(planes.hidden, parameters, sample, record)
    np.testing.assert_allclose(theirs, planes.hidden.project(rows["hidden"]), atol=1e-4)
    np.testing.assert_allclose(
        maps.pixel_points(planes.pixels, sample), planes.pixels.project(rows["pixels"])
    )


def test_no_two_images_are_farther_apart_on_the_plane_than_in_truth(sample):
    parameters = network(NetworkConfig((12,)))
    activations = layer_activations(parameters, sample.test_images[:200], 0).astype(float)
    plane = maps.pca_maps(record_of([parameters]), sample).hidden
    points = plane.project(activations).astype(float)
    true = np.linalg.norm(activations[:, None] - activations, axis=2)
    assert (np.linalg.norm(points[:, None] - points, axis=2) <= true + 1e-4).all()


def test_every_moment_is_seen_from_the_side_of_the_last(sample):
    start, end = network(NetworkConfig((6,)), 0), network(NetworkConfig((6,)), 1)
    between = Parameters(
        tuple((a + b) / 2 for a, b in zip(start.weights, end.weights, strict=True)),
        tuple((a + b) / 2 for a, b in zip(start.biases, end.biases, strict=True)),
        "relu",
    )
    record = record_of([start, between, end])
    plane = maps.pca_maps(record, sample).hidden
    kept = [each.parameters for each in moments(record)]
    first, middle, last = (maps.hidden_points(plane, each, sample, record) for each in kept)
    assert (np.abs(last.mean(axis=0)) < 1e-3).all()
    whole = np.linalg.norm(last - first, axis=1).mean()
    assert 0 < np.linalg.norm(middle - first, axis=1).mean() < whole
    assert 0 < np.linalg.norm(last - middle, axis=1).mean() < whole


def test_one_neuron_gives_a_line_and_dead_neurons_a_point(sample):
    single = network(NetworkConfig((1,), "none"))
    plane = maps.pca_maps(record_of([single]), sample).hidden
    points = maps.hidden_points(plane, single, sample, record_of([single]))
    assert points[:, 0].std() > 0
    assert not points[:, 1].any()
    assert plane.shares.tolist() == pytest.approx([1, 0])
    dead = Parameters((np.zeros((784, 4)), np.zeros((4, 10))), (np.full(4, -1.0), np.zeros(10)), "relu")
    plane = maps.pca_maps(record_of([dead]), sample).hidden
    assert not maps.hidden_points(plane, dead, sample, record_of([dead])).any()
    assert plane.shares.tolist() == [0, 0]


def test_a_network_that_diverged_has_no_map(sample):
    parameters = network(NetworkConfig((3,)))
    weights = tuple(np.full_like(w, np.inf) for w in parameters.weights)
    record = record_of([replace(parameters, weights=weights)])
    with pytest.raises(ValueError, match="not finite numbers"):
        maps.pca_maps(record, sample)
    with pytest.raises(ValueError, match="not finite numbers"):
        maps.tsne_maps(record, sample)


def test_t_sne_keeps_neighbours_near_and_gives_the_same_map_again(sample):
    from sklearn.manifold import trustworthiness

    data = few(sample, 300)
    parameters = network(NetworkConfig((12,)))
    record = record_of([parameters])
    embedded = maps.tsne_maps(record, data)
    hidden = layer_activations(parameters, data.test_images, 0)
    pixels = network_inputs(data.test_images)
    assert trustworthiness(hidden, embedded.hidden, n_neighbors=10) > 0.9
    assert trustworthiness(pixels, embedded.pixels, n_neighbors=10) > 0.9
    again = maps.tsne_maps(record, few(sample, 300))
    assert (embedded.hidden == again.hidden).all()
    assert (embedded.pixels == again.pixels).all()


def test_t_sne_of_one_neuron_or_of_dead_ones_is_finite(sample):
    data = few(sample, 120)
    dead = Parameters((np.zeros((784, 4)), np.zeros((4, 10))), (np.zeros(4), np.zeros(10)), "relu")
    for parameters in (network(NetworkConfig((1,))), dead):
        assert np.isfinite(maps.tsne_maps(record_of([parameters]), data).hidden).all()


def test_t_sne_of_a_handful_of_images_is_refused(sample):
    with pytest.raises(ValueError, match="at least 100 test images, not 20"):
        maps.tsne_maps(record_of([network(NetworkConfig((3,)))]), few(sample, 20))


def test_small_pictures_are_the_images_in_four_grays(sample):
    images = sample.test_images[:300]
    prefix, pictures = small_pictures(images)
    for image, packed in zip(images, pictures, strict=True):
        picture = np.array(Image.open(io.BytesIO(base64.b64decode(prefix + packed))).convert("L"))
        assert np.abs(picture.astype(int) - image).max() <= 43
        assert set(np.unique(picture)) <= {0, 85, 170, 255}
    assert sum(map(len, pictures)) / len(pictures) < 200


def test_a_point_of_a_map_is_its_digit_and_all_maps_share_their_limits():
    points, labels = np.array([[0, 1], [2, 3.0]]), np.array([7, 1], np.uint8)
    limits = np.array([[-1.0, -1], [5, 5]])
    data, specification = map_chart(points, labels, limits)
    assert data["digit"].tolist() == [7, 1]
    (layer,) = specification["layer"]
    assert layer["encoding"]["text"] == {"field": "digit"}
    low, high = layer["encoding"]["x"]["scale"]["domain"]
    assert low < -1
    assert high > 5
    assert len(set(DIGIT_COLORS)) == 10
    with_pictures, specification = map_chart(points, labels, limits, pictures=["AA", "BB"], prefix="P")
    assert with_pictures["png"].tolist() == ["AA", "BB"]
    assert len(specification["layer"]) == 3


def test_another_seed_gives_the_same_t_sne_map_because_it_begins_with_that_of_pca(monkeypatch):
    rows = np.random.default_rng(1).normal(size=(maps.MIN_IMAGES, 6)).astype(np.float32)
    first = maps._embed(rows)
    monkeypatch.setattr(maps, "MAP_SEED", maps.MAP_SEED + 1)
    np.testing.assert_array_equal(maps._embed(rows), first)
