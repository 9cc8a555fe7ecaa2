"""The plane of two hidden neurons: its regions are the network's answers, straight without an activation."""

from types import SimpleNamespace

import numpy as np
import pytest

from mnist_core.analysis.intervals import wilson_interval
from mnist_core.config import NetworkConfig
from mnist_core.figures.lessons.plane import plane_figure
from mnist_core.figures.style import DIGIT_COLORS, title_text
from mnist_core.lessons.plane import N_POINTS, bend_pays, plane_configs, plane_limits, plane_of, weighted_sums
from mnist_core.network.parameters import Parameters, initial_parameters, softmax


def network(activation, seed=3):
    start = initial_parameters(NetworkConfig((2,), activation), seed)
    biases = np.random.default_rng(seed).normal(0, 1, 10).astype(np.float32)
    return Parameters(start.weights, (start.biases[0], biases), activation)


def drawn(activation, sample):
    parameters = network(activation)
    return plane_of(parameters, sample, plane_limits(weighted_sums(parameters, sample.test_images)))


@pytest.mark.parametrize("activation", ["none", "relu"])
def test_an_image_is_read_as_its_place_on_the_plane_says(activation, sample):
    parameters, plane = network(activation), drawn(activation, sample)
    pixels = sample.test_images.reshape(-1, 784).astype(np.float32) / 255
    read = softmax(parameters.logits(pixels)).argmax(axis=1)
    assert plane.accuracy == (read == sample.test_labels).mean()
    sums = weighted_sums(parameters, sample.test_images)
    assert np.allclose(sums, pixels @ parameters.weights[0] + parameters.biases[0], atol=1e-5)
    columns = np.abs(sums[:, :1] - plane.first).argmin(axis=1)
    rows = np.abs(sums[:, 1:] - plane.second).argmin(axis=1)
    assert (plane.regions[rows, columns] == read).mean() > 0.95  # near a border a cell is too coarse


def test_without_an_activation_each_region_is_convex_so_its_borders_are_straight(sample):
    regions = drawn("none", sample).regions
    for digit in np.unique(regions):
        for lines in (regions == digit, (regions == digit).T):
            assert all(np.ptp(np.flatnonzero(line)) + 1 == line.sum() for line in lines if line.any())


def test_relu_changes_nothing_to_the_left_and_below_where_both_sums_are_negative(sample):
    plane = drawn("relu", sample)
    left, below = plane.first < 0, plane.second < 0
    assert left.any()
    assert below.any()
    assert all(len(set(row[left].tolist())) == 1 for row in plane.regions)
    assert all(len(set(column[below].tolist())) == 1 for column in plane.regions.T)
    assert len(np.unique(plane.regions[np.ix_(below, left)])) == 1


def test_nearly_all_images_and_0_are_on_the_plane(sample):
    sums = weighted_sums(network("none"), sample.test_images) + np.float32(5)
    for axis, (low, high) in enumerate(plane_limits(sums)):
        assert ((sums[:, axis] > low) & (sums[:, axis] < high)).mean() > 0.97
        assert low < 0 < high


def test_both_trainings_differ_in_the_activation_alone():
    straight, bent = plane_configs(4).values()
    assert straight.with_changes(activation="relu") == bent
    assert bent.network.hidden_units == (2,)


def test_the_plane_is_drawn_with_every_region_named_and_its_points_in_their_colours(sample):
    plane = drawn("relu", sample)
    figure = plane_figure(plane, "ReLU")
    heat, points = figure.data
    assert np.array_equal(heat.z, plane.regions)
    named = {note.text: (note.x, note.y) for note in figure.layout.annotations}
    assert set(named) == {f"<b>{digit}</b>" for digit in np.unique(plane.regions)}
    for text, (x, y) in named.items():
        column, row = np.abs(plane.first - x).argmin(), np.abs(plane.second - y).argmin()
        assert text == f"<b>{plane.regions[row, column]}</b>"
    assert len(points.text) == N_POINTS
    assert points.textfont.color[0] == DIGIT_COLORS[int(points.text[0])]
    assert f"{100 * plane.accuracy:.1f}%" in title_text(figure)
    assert len(figure.to_json()) < 80_000


@pytest.mark.parametrize(
    ("straight", "bent", "pays"), [(0.40, 0.60, True), (0.60, 0.40, False), (0.60, 0.61, None)]
)
def test_a_bend_pays_only_where_the_intervals_are_apart(straight, bent, pays):
    planes = [
        SimpleNamespace(accuracy=a, interval=wilson_interval(round(1_000 * a), 1_000))
        for a in (straight, bent)
    ]
    assert bend_pays(*planes) is pays  # about 3 points to each side
