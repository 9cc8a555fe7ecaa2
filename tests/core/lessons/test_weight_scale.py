"""How large activations and derivatives are before training, and what the formulas say of it."""

import numpy as np
import pytest

from mnist_core.config import DEFAULT, NetworkConfig
from mnist_core.figures.lessons.starting_weights import growth_figure, outputs_figure, sizes_figure
from mnist_core.figures.style import alt_text, title_text
from mnist_core.lessons.starting_weights import STARTS
from mnist_core.lessons.weight_scale import (
    expected_growth,
    growth_of,
    layer_sizes,
    size_of,
    standard_deviation,
)
from mnist_core.network.initializers import glorot_limit
from mnist_core.network.parameters import initial_parameters


def test_the_formulas_give_the_numbers_of_the_classic_network():
    assert DEFAULT.network.layer_sizes == (784, 32, 10)
    assert standard_deviation("glorot_uniform", 784, 32) ** 2 == pytest.approx(2 / 816)
    assert standard_deviation("he_normal", 784, 32) ** 2 == pytest.approx(2 / 784)
    assert standard_deviation("glorot_uniform", 32, 10) ** 2 == pytest.approx(2 / 42)
    assert standard_deviation("he_normal", 32, 10) ** 2 == pytest.approx(2 / 32)
    assert glorot_limit(784, 32) == pytest.approx(0.0857, abs=1e-4)  # within 0.09, says the guess
    assert pytest.approx(0.0625) == (2 / 512) ** 0.5  # the last check: 0.063 and its wrong answers
    assert pytest.approx(0.0559, abs=1e-4) == (2 / 640) ** 0.5


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("layer", [0, 1])
def test_the_standard_deviation_of_a_start_is_that_of_its_weights(start, layer):
    weights = initial_parameters(DEFAULT.network, 0, start).weights[layer]
    expected = standard_deviation(start, *weights.shape)
    assert weights.std() == pytest.approx(expected, rel=0.12 if layer else 0.02)  # of 320 weights, or 25,088


def test_a_sum_of_random_products_grows_as_the_formula_says_and_relu_halves_its_mean_square():
    random = np.random.default_rng(0)
    inputs, weights = random.uniform(0, 1, (50, 400)), 0.07 * random.normal(size=(400, 3_000))
    sums = inputs @ weights
    before = np.sqrt((inputs**2).mean())
    for outputs, has_relu in ((sums, False), (np.maximum(sums, 0), True)):
        grown = np.sqrt((outputs**2).mean()) / before
        assert expected_growth(400, 0.07, has_relu) == pytest.approx(grown, rel=0.03)
    assert expected_growth(784, standard_deviation("he_normal", 784, 32), True) == pytest.approx(1)


@pytest.mark.parametrize("layer", [0, 1])
def test_on_real_images_the_layers_of_the_classic_network_grow_about_as_the_formula_says(layer, sample):
    growth = growth_of(layer, sample)
    for start in STARTS:
        assert growth.measured[start] == pytest.approx(growth.by_formula[start], rel=0.25)
    assert growth.measured["zeros"] == growth.by_formula["zeros"] == 0
    assert (growth.fan_in, growth.fan_out, growth.has_relu) == ((784, 32, True), (32, 10, False))[layer]
    figure = growth_figure(growth)
    assert [trace.name for trace in figure.data[1:]] == [
        "Glorot uniform", "He normal", "normal 0.01", "normal 1",
    ]  # fmt: skip
    assert [trace.y[0] for trace in figure.data[1:]] == [growth.measured[s] for s in STARTS if s != "zeros"]


def by_hand(sample, start, n_hidden, slope, function):
    """Sizes of activations and of derivatives, written out once more."""
    network = initial_parameters(NetworkConfig((32,) * n_hidden), 0, start)
    weights = [array.astype(float) for array in network.weights]
    pixels, labels = sample.train_images[:500].reshape(-1, 784) / 255, sample.train_labels[:500]
    sums, outputs = [], [pixels]
    for matrix in weights:
        sums.append(outputs[-1] @ matrix)
        outputs.append(function(sums[-1]))
    exponentials = np.exp(sums[-1] - sums[-1].max(axis=1, keepdims=True))
    delta = exponentials / exponentials.sum(axis=1, keepdims=True)
    delta[np.arange(500), labels] -= 1
    deltas = [delta]
    for matrix, z in zip(weights[:0:-1], sums[-2::-1], strict=True):
        deltas.insert(0, deltas[0] @ matrix.T * slope(z))
    layers = (*outputs[:-1], sums[-1])
    return [np.sqrt((a**2).mean()) for a in layers], [np.sqrt((d**2).mean()) for d in deltas]


@pytest.mark.parametrize("start", ["glorot_uniform", "normal_1"])
def test_sizes_layer_by_layer_are_those_of_the_passes_written_out_once_more(start, sample):
    relu = (lambda z: (z > 0).astype(float)), (lambda z: np.maximum(z, 0))
    tanh = (lambda z: 1 - np.tanh(z) ** 2), np.tanh
    for activation, (slope, function) in (("relu", relu), ("tanh", tanh)):
        found = layer_sizes(start, 2, activation, sample)
        activations, gradients = by_hand(sample, start, 2, slope, function)
        np.testing.assert_allclose(found.activations, activations, rtol=1e-4)
        np.testing.assert_allclose(found.gradients, gradients, rtol=1e-4)


@pytest.mark.parametrize("n_hidden", [1, 2, 3])
def test_formulas_keep_the_size_and_other_weights_make_it_vanish_or_explode(n_hidden, sample):
    sizes = {start: layer_sizes(start, n_hidden, "relu", sample) for start in STARTS}
    kept = sizes["he_normal"].activations[1:-1] / sizes["he_normal"].activations[0]
    assert ((kept > 0.6) & (kept < 1.5)).all()
    small, large = sizes["normal_0.01"], sizes["normal_1"]
    assert (np.diff(small.activations) < 0).all()
    assert (np.diff(large.activations) > 0).all()
    assert (small.gradients[:-1] < small.gradients[1:]).all()  # smaller from layer to layer on the way back
    assert (large.gradients[:-1] > large.gradients[1:]).all()  # and larger
    assert not sizes["zeros"].activations[1:].any()
    assert not sizes["zeros"].gradients[:-1].any()
    title = title_text(
        sizes_figure({s: each.activations for s, each in sizes.items()}, "activations", n_hidden)
    )
    assert title.startswith("From pixels to output: ÷ ")
    assert title.endswith("with normal 1")


def test_behind_three_layers_of_tiny_weights_hardly_any_gradient_is_left(sample):
    gradients = layer_sizes("normal_0.01", 3, "relu", sample).gradients
    assert gradients[0] < 1e-4 * gradients[-1]
    assert layer_sizes("normal_0.01", 3, "sigmoid", sample).gradients[0] < 1e-5 * gradients[-1]


def test_most_outputs_of_tanh_are_on_its_flat_part_if_weights_are_too_large(sample):
    found = layer_sizes("normal_1", 3, "tanh", sample)
    assert (found.flat > 0.5).all()
    assert found.flat[0] == pytest.approx((1 - found.outputs[0] ** 2 < 0.05).mean())
    assert not layer_sizes("glorot_uniform", 3, "tanh", sample).flat.any()


def test_the_outputs_are_drawn_with_a_scale_for_each_layer(sample):
    found = layer_sizes("normal_1", 3, "relu", sample)
    figure = outputs_figure(found.outputs, "normal_1", "relu")
    for trace, values in zip(figure.data, found.outputs, strict=True):
        assert sum(trace.y) == pytest.approx(100, abs=0.1)
        assert trace.x[-1] == pytest.approx(values.max(), rel=0.02)
    assert title_text(figure).startswith("Largest output with normal 1, by hidden layer: ")
    zeros = layer_sizes("zeros", 1, "relu", sample)
    assert "hidden layer 1 0 to 0" in alt_text(outputs_figure(zeros.outputs, "zeros", "relu")).replace(
        "0.", "0"
    )


def test_the_size_of_numbers_is_the_root_of_their_mean_square():
    assert size_of(np.array([[3.0, -4.0]])) == pytest.approx(12.5**0.5)
