import base64
import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import network, record_of
from PIL import Image

from mnist_core.analysis.ablation import (
    PRUNED_SHARES,
    DigitAccuracy,
    accuracy_from,
    accuracy_without_each,
    prune_run,
    pruned,
    switched_off,
)
from mnist_core.analysis.inspection import (
    MEASURE_NAMES,
    MEASURES,
    full_color_weight,
    layer_activations,
    mean_by_digit,
    measure_neurons,
    strongest_images,
    weight_images,
)
from mnist_core.analysis.moments import moments
from mnist_core.config import NetworkConfig
from mnist_core.figures.lab.ablation import ablation_figure, importance_figure, pruning_figure
from mnist_core.figures.lab.neurons import (
    answer_figure,
    matrix_figure,
    outgoing_figure,
    tiles_figure,
    weight_grid,
)
from mnist_core.figures.style import alt_text, title_text
from mnist_core.images.preparation import network_inputs, shuffle_pixels
from mnist_core.network.keras_model import to_keras
from mnist_core.network.parameters import Parameters

NETWORKS = (
    NetworkConfig((12,)),
    NetworkConfig((9, 7, 5), "tanh"),
    NetworkConfig((1,), "none"),
    NetworkConfig((6, 1), "sigmoid"),
)


def keras_read(parameters, images, layer=None, off=()):
    """Predictions of Keras, with some neurons of one layer multiplied by 0 on the way."""
    model = to_keras(parameters)
    passed = network_inputs(images)
    for number, dense in enumerate(model.layers):
        passed = np.array(dense(passed))
        if number == layer:
            passed[:, list(off)] = 0
    return passed.argmax(axis=1)


def shares_right(predictions, labels):
    from sklearn.metrics import recall_score

    return recall_score(labels, predictions, labels=np.arange(10), average=None, zero_division=0)


@pytest.mark.parametrize("config", NETWORKS)
def test_the_activations_of_each_layer_are_those_of_keras(sample, config):
    parameters = network(config)
    model = to_keras(parameters)
    passed = network_inputs(sample.test_images)
    for layer in range(len(config.hidden_units)):
        passed = np.array(model.layers[layer](passed))
        activations = layer_activations(parameters, sample.test_images, layer)
        np.testing.assert_allclose(activations, passed, atol=2e-5)
        assert not activations.flags.writeable


def test_measures_of_neurons_calculated_by_hand():
    weights = np.zeros((784, 3))
    weights[:2, 0] = 3, 4
    weights[5, 1] = -2
    outgoing = np.zeros((3, 10))
    outgoing[0, 1], outgoing[0, 2] = 0.5, -0.75
    outgoing[2, 9] = 0.25
    parameters = Parameters((weights, outgoing), (np.zeros(3), np.zeros(10)), "relu")
    activations = np.array([[1, 0, 0], [3, 0, 2], [0, 0, 4], [4, 0, 0]], np.float32)
    measures = measure_neurons(parameters, 0, activations)
    assert measures.norm.tolist() == [5, 2, 0]
    assert measures.mean.tolist() == [2, 0, 1.5]
    assert measures.zero.tolist() == [0.25, 1, 0.5]
    assert measures.outgoing.tolist() == [-0.75, 0, 0.25]
    assert measures.order("norm").tolist() == [0, 1, 2]
    assert measures.order("mean").tolist() == [0, 2, 1]
    assert measures.order("zero").tolist() == [1, 2, 0]
    assert measures.order("outgoing").tolist() == [0, 2, 1]
    assert set(MEASURE_NAMES) == set(MEASURES)


def test_the_strongest_images_of_a_neuron_are_in_order_and_leave_out_its_least():
    activations = np.array([[0, 1], [5, 1], [2, 1], [0, 1], [7, 1]], np.float32)
    assert strongest_images(activations, 0, 2).tolist() == [4, 1]
    assert strongest_images(activations, 0, 12).tolist() == [4, 1, 2]
    assert strongest_images(activations, 1, 12).tolist() == []


def test_the_mean_of_a_digit_is_over_its_own_images():
    activations = np.array([[1.0], [2], [6], [4]], np.float32)
    means = mean_by_digit(activations, np.array([3, 3, 0, 3], np.uint8), 0)
    assert means[3] == pytest.approx(7 / 3)
    assert means[0] == 6
    assert np.isnan(means[[1, 2, 4, 5, 6, 7, 8, 9]]).all()
    figure = answer_figure(means, 0)
    assert list(figure.data[0].x) == [0, 3]
    assert alt_text(figure) == "Mean activation by true digit: 0: 6.00, 3: 2.33."


def test_a_weight_image_times_the_image_is_the_weighted_sum_also_of_shuffled_pixels(sample):
    parameters = network(NetworkConfig((4,)))
    image = sample.test_images[0]
    for preparation in ("usual", "shuffled"):
        sums = network_inputs(image[None], preparation)[0] @ parameters.weights[0]
        pictures = weight_images(parameters, preparation)
        np.testing.assert_allclose((pictures * (image / 255)).sum(axis=(1, 2)), sums, atol=1e-4)
    assert not (shuffle_pixels(image[None])[0] == image).all()


def test_a_layer_that_does_not_exist_is_refused(sample):
    parameters = network(NetworkConfig((4, 3)))
    with pytest.raises(ValueError, match="layer must be from 0 to 1, not 2"):
        layer_activations(parameters, sample.test_images[:2], 2)
    with pytest.raises(ValueError, match="layer must be from 0 to 1, not -1"):
        switched_off(parameters, -1, ())
    with pytest.raises(ValueError, match="neurons of this layer are 0 to 2"):
        switched_off(parameters, 1, (3,))
    with pytest.raises(ValueError, match="layer must be from 0 to 2, not 3"):
        pruned(parameters, 0.5, 3)
    with pytest.raises(ValueError, match=r"share must be from 0 to 1, not 1\.5"):
        pruned(parameters, 1.5)


@pytest.mark.parametrize(
    ("config", "layer", "off"),
    [
        (NETWORKS[0], 0, (2, 7, 11)),
        (NETWORKS[1], 0, (0,)),
        (NETWORKS[1], 1, (6, 1)),
        (NETWORKS[1], 2, (4,)),
        (NETWORKS[2], 0, (0,)),
        (NETWORKS[3], 1, ()),
    ],
)
def test_switching_off_is_an_activation_of_0_in_keras(sample, config, layer, off):
    parameters = network(config)
    activations = layer_activations(parameters, sample.test_images, layer)
    smaller = switched_off(parameters, layer, off)
    accuracy = accuracy_from(smaller, layer, activations, sample.test_labels)
    theirs = keras_read(parameters, sample.test_images, layer, off)
    np.testing.assert_allclose(accuracy.by_digit, shares_right(theirs, sample.test_labels), atol=0.011)
    assert accuracy.overall == pytest.approx((theirs == sample.test_labels).mean(), abs=0.0011)
    assert accuracy.n_images.sum() == len(sample.test_labels)


def test_each_neuron_off_alone_is_the_same_as_switching_it_off(sample):
    parameters = network(NetworkConfig((8, 6)))
    activations = layer_activations(parameters, sample.test_images, 1)
    accuracies = accuracy_without_each(parameters, activations, sample.test_labels)
    assert accuracies.shape == (6, 11)
    for unit in range(6):
        network_without = switched_off(parameters, 1, (unit,))
        alone = accuracy_from(network_without, 1, activations, sample.test_labels)
        np.testing.assert_allclose(accuracies[unit], [*alone.by_digit, alone.overall], atol=0.011)


def test_with_all_neurons_off_only_the_biases_answer(sample):
    parameters = network(NetworkConfig((5,)))
    activations = layer_activations(parameters, sample.test_images, 0)
    accuracy = accuracy_from(switched_off(parameters, 0, tuple(range(5))), 0, activations, sample.test_labels)
    answer = int(parameters.biases[-1].argmax())
    assert accuracy.by_digit.tolist() == [float(digit == answer) for digit in range(10)]


@settings(max_examples=30, deadline=None)
@given(share=st.floats(0, 1), layer=st.sampled_from([None, 0, 1, 2]))
def test_pruning_sets_the_smallest_weights_to_0_and_nothing_else(share, layer):
    parameters = network(NetworkConfig((5, 4)))
    smaller = pruned(parameters, share, layer)
    touched = range(3) if layer is None else [layer]
    before = np.concatenate([parameters.weights[n].ravel() for n in touched])
    after = np.concatenate([smaller.weights[n].ravel() for n in touched])
    is_gone = after == 0
    assert is_gone.sum() == round(share * before.size)
    assert (after[~is_gone] == before[~is_gone]).all()
    if 0 < is_gone.sum() < before.size:
        assert np.abs(before[is_gone]).max() <= np.abs(before[~is_gone]).min()
    for place in set(range(3)) - set(touched):
        assert (smaller.weights[place] == parameters.weights[place]).all()
    assert all((a == b).all() for a, b in zip(smaller.biases, parameters.biases, strict=True))


@pytest.mark.parametrize("config", NETWORKS)
def test_the_accuracy_at_every_share_is_what_keras_reads(sample, config):
    parameters = network(config)
    few = replace(sample, test_images=sample.test_images[:300], test_labels=sample.test_labels[:300])
    report = prune_run(record_of([parameters]), few)
    assert report.everywhere.shares.tolist() == list(PRUNED_SHARES)
    layers = (None, *range(len(parameters.weights)))
    for layer, curve in zip(layers, (report.everywhere, *report.by_layer), strict=True):
        for place in (0, 5, 11, 16, 17):
            theirs = keras_read(pruned(parameters, PRUNED_SHARES[place], layer), few.test_images)
            right = (theirs == few.test_labels).mean()
            assert curve.accuracies[place] == pytest.approx(right, abs=0.0034)
        size = sum(w.size for n, w in enumerate(parameters.weights) if layer in (None, n))
        assert curve.n_pruned[[0, -1]].tolist() == [0, size]


def test_the_moments_of_a_run_are_its_snapshots_and_where_it_was_stopped():
    first, second, third = (network(NetworkConfig((3,)), seed) for seed in range(3))
    whole = moments(record_of([first, second, third]))
    assert [(moment.step, moment.epochs) for moment in whole] == [(0, 0), (10, 1), (20, 2)]
    stopped = moments(record_of([first, second], steps_done=14, final=third))
    assert [(moment.step, moment.epochs) for moment in stopped] == [(0, 0), (10, 1), (14, 1.4)]
    assert stopped[-1].parameters is third
    assert len(moments(record_of([first], steps_done=0, final=first))) == 1


def pixels_of(png):
    return np.array(Image.open(io.BytesIO(png)))


def test_weight_pictures_show_the_sign_and_share_one_scale():
    images = np.zeros((2, 28, 28), np.float32)
    images[0], images[1, :14], images[1, 14:] = 1.0, -0.5, 9.0
    canvas = pixels_of(weight_grid(images, [4, 7], 1.0, "light"))
    height, width = canvas.shape[0], canvas.shape[1] // 2
    strong = canvas[height // 2, width // 2].tolist()
    weak = canvas[height // 2 - 10, width + width // 2].tolist()
    beyond = canvas[height // 2 + 30, width + width // 2].tolist()
    assert strong == [47, 128, 201, 255]
    assert beyond == strong
    assert weak[:3] == [208, 90, 30]
    assert weak[3] == pytest.approx(127, abs=4)


@pytest.mark.parametrize("n_units", [8, 32, 128])
def test_the_numbers_of_weight_pictures_are_legible_on_a_phone(n_units):
    images = np.zeros((n_units, 28, 28), np.float32)
    wide, narrow = (pixels_of(weight_grid(images, [8] * n_units, 1.0, "light", room)) for room in (0, 356))
    assert narrow.shape[1] == wide.shape[1]
    per_row = 16 if n_units > 64 else 8
    label = narrow[: narrow.shape[0] // (n_units // per_row) - 28, : narrow.shape[1] // per_row, 3]
    ink = np.flatnonzero((label == 255).any(axis=1))
    height = np.flatnonzero(np.diff(ink) > 1)[0] + 1  # of an 8, above the frame of its picture
    assert 356 / narrow.shape[1] * height >= 7  # a digit is 0.64 of its size, so that is 11 pixels


def test_the_pictures_of_256_neurons_fit_into_one_file():
    images = np.random.default_rng(0).normal(0, 0.3, (256, 28, 28))
    assert len(weight_grid(images, list(range(256)), 1.0, "dark")) < 1_000_000
    assert weight_grid(np.zeros((1, 28, 28)), [0], 0.0, "light")


@pytest.mark.parametrize("n_units", [1, 8, 32, 65, 256])
def test_every_tile_can_be_clicked_in_its_middle_and_sends_its_number(n_units):
    images = np.zeros((n_units, 28, 28))
    images[:, 14, 14] = np.linspace(0.5, 1.0, n_units)
    order = list(range(n_units))[::-1]
    figure = tiles_figure(images, order, 1.0)
    (squares,), (placed,) = figure.data, figure.layout.images
    assert [sent for (sent,) in squares.customdata] == order
    assert [note.text for note in figure.layout.annotations] == [str(unit) for unit in order]
    pixels = pixels_of(base64.b64decode(placed.source.removeprefix("data:image/png;base64,")))
    assert pixels.shape[:2] == (placed.sizey, placed.sizex)
    for x, y in zip(squares.x, squares.y, strict=True):
        assert tuple(pixels[int(y), int(x)][:3]) == (47, 128, 201), "no weight in the middle of the tile"


def test_the_chosen_tile_has_a_line_around_it_and_those_switched_off_are_covered():
    images = np.zeros((32, 28, 28))
    assert not tiles_figure(images, range(32), 1.0).layout.shapes
    figure = tiles_figure(images, range(32), 1.0, chosen=9, off=[3, 17])
    *covers, line = figure.layout.shapes
    assert (len(covers), line.line.width) == (2, 3)
    for shape, unit in zip((*covers, line), (3, 17, 9), strict=True):
        assert shape.x0 < figure.data[0].x[unit] < shape.x1
        assert shape.y0 < figure.data[0].y[unit] < shape.y1
    assert [note.text for note in figure.layout.annotations if "off" in note.text] == ["3 off", "17 off"]


def test_the_full_colour_is_for_weights_beyond_995_of_1000():
    weights = np.linspace(-1, 1, 784 * 10).reshape(784, 10)
    parameters = Parameters((weights, np.eye(10)), (np.zeros(10), np.zeros(10)), "relu")
    limit = full_color_weight(parameters, 0)
    assert (np.abs(parameters.weights[0]) > limit).mean() <= 0.005
    assert limit == pytest.approx(0.995, abs=0.001)


def test_the_titles_of_the_figures_say_what_is_in_them(sample):
    parameters = network(NetworkConfig((8,)))
    activations = layer_activations(parameters, sample.test_images, 0)
    labels = sample.test_labels
    with_all = accuracy_from(parameters, 0, activations, labels)
    without = accuracy_from(switched_off(parameters, 0, (3,)), 0, activations, labels)
    title = title_text(ablation_figure(with_all, without, [3]))
    assert title == (
        f"Without neuron 3: {100 * without.overall:.1f}% correct instead of {100 * with_all.overall:.1f}%"
    )
    all_on = ablation_figure(with_all, with_all, [])
    assert len([trace for trace in all_on.data if trace.name]) == 1
    assert "goes from" not in alt_text(all_on)
    unharmed = importance_figure(np.tile([*with_all.by_digit, with_all.overall], (8, 1)), with_all)
    assert title_text(unharmed) == "Switching off any one neuron does not lower the accuracy"
    one_in_10_000 = np.tile([*with_all.by_digit, with_all.overall - 1e-4], (8, 1))
    assert title_text(importance_figure(one_in_10_000, with_all)).endswith(
        "by less than 0.1 percentage points"
    )
    some = labels < 9
    few, fewer = (
        accuracy_from(one, 0, activations[some], labels[some])
        for one in (parameters, switched_off(parameters, 0, (3,)))
    )
    assert {tuple(trace.x) for trace in ablation_figure(few, fewer, [3]).data if trace.name} == {
        tuple(range(9))
    }
    map_of_few = importance_figure(
        accuracy_without_each(parameters, activations[some], labels[some]), few
    ).data[0]
    assert map_of_few.y[1] == "9"
    assert np.isnan(np.array(map_of_few.z[1], float)).all()
    each = accuracy_without_each(parameters, activations, labels)
    worst = int(each[:, -1].argmin())
    figure = importance_figure(each, with_all)
    change = 100 * (each[worst, -1] - with_all.overall)
    points = f"{change:.1f}".replace("-", "−")
    assert f"without neuron {worst}: {points} percentage points" in title_text(figure)
    assert figure.data[0].x[0] == str(worst)
    assert figure.data[0].zmax == -figure.data[0].zmin
    rises = figure.data[1]
    signed = {(neuron, name) for neuron, name in zip(rises.x, rises.y, strict=True)}
    assert signed == {
        (neuron, name)
        for name, row in zip(figure.data[0].y, figure.data[0].z, strict=True)
        for neuron, change in zip(figure.data[0].x, row, strict=True)
        if change > 0
    }
    means = mean_by_digit(activations, labels, 0)
    assert f"answers most to the {np.nanargmax(means)}" in title_text(answer_figure(means, 0))
    assert "the same for every digit" in title_text(answer_figure(np.zeros(10), 0))
    report = prune_run(record_of([parameters]), sample)
    curves = {"all": report.everywhere, "first": report.by_layer[0]}
    share = 100 * PRUNED_SHARES[4]
    assert title_text(pruning_figure(curves, "all", 4)).startswith(f"{share:.0f}% of the weights pruned: ")


def test_outgoing_weights_speak_for_or_against_a_digit():
    weights = np.zeros(10)
    weights[6] = -0.5
    assert title_text(outgoing_figure(weights, 2, 1.0, True)).endswith("against the 6")
    weights[3] = 0.75
    assert title_text(outgoing_figure(weights, 2, 1.0, True)).endswith("for the 3")
    assert "neuron 3 of the next layer" in title_text(outgoing_figure(weights, 2, 1.0, False))


def test_the_matrix_of_a_later_layer_names_its_rows_in_their_order():
    weights = np.random.default_rng(0).normal(size=(256, 256))
    order = np.arange(256)[::-1]
    figure = matrix_figure(weights, order, 1.0)
    assert figure.layout.yaxis.ticktext[0] == "255"
    assert len(figure.layout.yaxis.ticktext) <= 17
    assert "first row is neuron 255" in alt_text(figure)
    assert len(figure.to_json()) < 900_000


def test_a_digit_without_images_has_accuracy_0_and_counts_for_nothing():
    accuracy = DigitAccuracy(np.array([3] + [0] * 9), np.array([4] + [0] * 9))
    assert accuracy.by_digit.tolist() == [0.75] + [0] * 9
    assert accuracy.overall == 0.75
