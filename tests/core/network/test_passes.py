import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_core.config import ACTIVATIONS, NetworkConfig
from mnist_core.images.preparation import network_inputs
from mnist_core.network.finite_differences import (
    ParameterPlace,
    finite_difference,
    loss_along,
    mean_loss,
    with_weight,
)
from mnist_core.network.keras_model import build_model, to_keras, write_model
from mnist_core.network.parameters import Parameters, initial_parameters
from mnist_core.network.passes import (
    ForwardPass,
    backward,
    collapsed,
    forward,
    neuron_terms,
    stepped,
)

DEPTHS = [(7,), (7, 6), (7, 6, 5)]
HALF_LN_3 = math.log(3) / 2


@pytest.fixture(scope="module")
def images(sample):
    return network_inputs(sample.test_images[:20]), sample.test_labels[:20]


@pytest.fixture
def by_hand():
    """Two pixels, two ReLU neurons, two digits."""
    first = np.array([[1, -1], [0.5, 1]]), np.array([0, -2])
    second = np.array([[HALF_LN_3, 0], [5, 7]]), np.array([0, 0])
    return Parameters((first[0], second[0]), (first[1], second[1]), "relu")


def _parameters(sizes, activation, seed=0):
    """Random ones, their biases too, so that no derivative is 0 by symmetry."""
    random = np.random.default_rng(seed)
    weights = [random.normal(0, fan_in**-0.5, (fan_in, n)) for fan_in, n in itertools.pairwise(sizes)]
    return Parameters(tuple(weights), tuple(random.normal(0, 0.3, n) for n in sizes[1:]), activation)


def _places(parameters):
    """Of every weight and bias, in the order of `Gradients.flat`."""
    for layer, pair in enumerate(zip(parameters.weights, parameters.biases, strict=True)):
        for array in pair:
            yield from (ParameterPlace(layer, index) for index in np.ndindex(array.shape))


def _all_close(ours, theirs, **tolerance):
    for own, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(own, other, **tolerance)


def test_a_pass_worked_by_hand_has_these_numbers(by_hand):
    passed = forward(by_hand, np.array([[1, 2]], np.float32))
    _all_close(passed.weighted_sums, ([[2, -1]], [[math.log(3), 0]]), rtol=1e-6)
    _all_close(passed.activations, ([[2, 0]],))
    np.testing.assert_allclose(passed.probabilities, [[0.75, 0.25]], rtol=1e-6)
    gradients = backward(by_hand, passed, np.array([1]))
    assert gradients.loss == pytest.approx(math.log(4), rel=1e-6)
    into_first = 0.75 * HALF_LN_3
    _all_close(gradients.weighted_sums, ([[into_first, 0]], [[0.75, -0.75]]), rtol=1e-6)
    _all_close(gradients.activations, ([[into_first, 0.75 * 5 - 0.75 * 7]],), rtol=1e-6)
    expected = ([[into_first, 0], [2 * into_first, 0]], [[1.5, -1.5], [0, 0]])
    _all_close(gradients.weights, expected, rtol=1e-6)
    _all_close(gradients.biases, ([into_first, 0], [0.75, -0.75]), rtol=1e-6)
    flat = np.concatenate(
        [np.ravel(a) for pair in zip(expected, gradients.biases, strict=True) for a in pair]
    )
    np.testing.assert_allclose(gradients.flat(), flat, rtol=1e-6)
    after = stepped(by_hand, gradients, 0.1)
    np.testing.assert_allclose(after.weights[1], [[HALF_LN_3 - 0.15, 0.15], [5, 7]], rtol=1e-6)
    np.testing.assert_allclose(after.biases[1], [-0.075, 0.075], rtol=1e-6)


@pytest.mark.parametrize("l2", [0.0, 0.01])
@pytest.mark.parametrize("hidden", [(4,), (4, 3), (4, 3, 4)])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_derivative_is_the_slope_of_the_loss(activation, hidden, l2):
    parameters = _parameters((5, *hidden, 3), activation)
    random = np.random.default_rng(1)
    inputs, labels = random.random((8, 5), np.float32), random.integers(0, 3, 8)
    gradients = backward(parameters, forward(parameters, inputs), labels, l2)
    slopes = [finite_difference(parameters, inputs, labels, place, l2=l2) for place in _places(parameters)]
    np.testing.assert_allclose(gradients.flat(), slopes, rtol=1e-4, atol=1e-6)
    assert gradients.loss == pytest.approx(mean_loss(parameters, inputs, labels, l2), rel=1e-6)


@pytest.mark.parametrize("l2", [0.0, 0.01])
@pytest.mark.parametrize("hidden", DEPTHS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_numpy_and_keras_give_the_same_gradients(images, activation, hidden, l2):
    parameters = _parameters((784, *hidden, 10), activation)
    passed = forward(parameters, images[0])
    ours = backward(parameters, passed, images[1], l2)
    theirs = _keras_gradients(parameters, *images, l2)
    for name, expected in theirs.items():
        if name == "loss":
            assert ours.loss == pytest.approx(expected, rel=1e-5)
        else:
            _all_close(getattr(ours, name), expected, rtol=1e-4, atol=1e-6)


def test_relu_has_derivative_0_at_0_as_in_keras(images):
    parameters = _parameters((784, 7, 10), "relu")
    zero = Parameters(
        (np.zeros((784, 7)), parameters.weights[1]), (np.zeros(7), parameters.biases[1]), "relu"
    )
    ours = backward(zero, forward(zero, images[0]), images[1])
    assert not _keras_gradients(zero, *images, 0.0)["weighted_sums"][0].any()
    assert not ours.weighted_sums[0].any()
    assert ours.activations[0].all()


def _keras_gradients(parameters, inputs, labels, l2):
    """What TensorFlow derives from Keras's own layers, activations, loss and regulariser."""
    import keras
    import tensorflow as tf

    model = build_model(parameters.network)
    write_model(model, parameters)
    penalty, cross_entropy = keras.regularizers.L2(l2), keras.losses.SparseCategoricalCrossentropy(True)
    values = inputs
    wanted = {"weights": [], "biases": [], "weighted_sums": [], "activations": []}
    with tf.GradientTape() as tape:
        for layer in model.layers:
            z = tf.matmul(values, layer.kernel) + layer.bias
            values = layer.activation(z)
            wanted["weights"].append(layer.kernel.value)
            wanted["biases"].append(layer.bias.value)
            wanted["weighted_sums"].append(z)
            wanted["activations"].append(values)
        np.testing.assert_allclose(values, model(inputs), atol=1e-5)
        loss = cross_entropy(labels, z) + sum(penalty(layer.kernel) for layer in model.layers)
    del wanted["activations"][-1]
    gradients = tape.gradient(loss, wanted)
    return {**{name: [np.asarray(g) for g in gradients[name]] for name in wanted}, "loss": float(loss)}


@pytest.mark.parametrize("hidden", DEPTHS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_forward_pass_is_that_of_the_parameters(images, activation, hidden):
    parameters = _parameters((784, *hidden, 10), activation)
    passed = forward(parameters, images[0])
    np.testing.assert_allclose(passed.probabilities, parameters.probabilities(images[0]), rtol=1e-6)
    np.testing.assert_allclose(passed.logits, parameters.logits(images[0]), rtol=1e-6)
    _all_close(passed.activations, parameters.hidden_activations(images[0]), rtol=1e-6)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_array_is_float32_read_only_and_of_its_shape(images, activation):
    parameters = _parameters((784, 7, 6, 10), activation)
    passed = forward(parameters, images[0])
    gradients = backward(parameters, passed, images[1], 0.01)
    assert [z.shape for z in passed.weighted_sums] == [(20, 7), (20, 6), (20, 10)]
    assert [d.shape for d in gradients.weighted_sums] == [(20, 7), (20, 6), (20, 10)]
    assert [a.shape for a in gradients.activations] == [(20, 7), (20, 6)]
    assert [w.shape for w in gradients.weights] == [w.shape for w in parameters.weights]
    assert [b.shape for b in gradients.biases] == [b.shape for b in parameters.biases]
    arrays = [passed.inputs, passed.probabilities, *passed.weighted_sums, *passed.activations]
    arrays += [*gradients.weights, *gradients.biases, *gradients.weighted_sums, *gradients.activations]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}
    assert not any(array.flags.writeable for array in arrays)
    assert images[0].flags.writeable
    assert gradients.flat().dtype == np.float64


def test_the_gradient_of_a_batch_is_the_mean_of_its_images_gradients(images):
    parameters = _parameters((784, 7, 6, 10), "relu")
    inputs, labels = images
    batch = backward(parameters, forward(parameters, inputs), labels, 0.01).flat()
    single = [
        backward(parameters, forward(parameters, inputs[[i]]), labels[[i]], 0.01).flat()
        for i in range(len(labels))
    ]
    np.testing.assert_allclose(batch, np.mean(single, axis=0), rtol=1e-4, atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(ACTIVATIONS), st.sampled_from(DEPTHS))
def test_a_small_step_lowers_the_loss_by_the_rate_times_the_squared_gradient(
    images, seed, activation, hidden
):
    parameters = initial_parameters(NetworkConfig(hidden, activation), seed)
    gradients = backward(parameters, forward(parameters, images[0]), images[1])
    fall = mean_loss(parameters, *images) - mean_loss(stepped(parameters, gradients, 1e-4), *images)
    assert fall > 0
    assert fall == pytest.approx(1e-4 * np.square(gradients.flat()).sum(), rel=0.05)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("kind", ["weights", "biases"])
@pytest.mark.parametrize("layer", [0, 1, 2])
def test_the_loss_along_a_weight_is_the_loss_of_each_changed_network(images, layer, kind, activation):
    parameters = _parameters((784, 7, 6, 10), activation)
    inked = int(images[0].sum(axis=0).argmax())
    index = (inked if layer == 0 else 3, 2) if kind == "weights" else (2,)
    values = [-2.0, -0.25, 0.5, 8.0, float(getattr(parameters, kind)[layer][index])]
    place = ParameterPlace(layer, index)
    losses = loss_along(parameters, *images, place, values)
    changed = [with_weight(parameters, place, value) for value in values]
    assert losses.dtype == np.float64
    np.testing.assert_allclose(losses, [mean_loss(p, *images) for p in changed], rtol=1e-12)
    assert losses[-1] == pytest.approx(mean_loss(parameters, *images), rel=1e-12)
    assert np.ptp(losses) > 1e-4


def test_a_changed_weight_is_the_only_difference(by_hand):
    changed = with_weight(by_hand, ParameterPlace(1, (0, 1)), 3.0)
    assert changed.weights[1].tolist() == [[by_hand.weights[1][0, 0], 3], [5, 7]]
    assert by_hand.weights[1][0, 1] == 0
    biased = with_weight(by_hand, ParameterPlace(0, (1,)), 4.0)
    assert [b.tolist() for b in biased.biases] == [[0, 4], [0, 0]]
    assert all(map(np.array_equal, biased.weights, by_hand.weights))


@pytest.mark.parametrize(
    ("layer", "index", "message"),
    [
        (2, (0, 0), "layer must be from 0 to 1, not 2"),
        (-1, (0, 0), "layer must be from 0 to 1, not -1"),
        (0, (0, 0, 0), r"shape \(2, 2\), so none stands at \(0, 0, 0\)"),
        (0, (), r"shape \(2,\), so none stands at \(\)"),
        (0, (0, 2), r"none stands at \(0, 2\)"),
        (1, (-1,), r"none stands at \(-1,\)"),
    ],
)
def test_a_place_that_does_not_exist_is_refused(by_hand, layer, index, message):
    place = ParameterPlace(layer, index)
    inputs, labels = np.ones((1, 2), np.float32), np.array([0])
    with pytest.raises(ValueError, match=message):
        with_weight(by_hand, place, 1.0)
    with pytest.raises(ValueError, match=message):
        loss_along(by_hand, inputs, labels, place, [1.0])
    with pytest.raises(ValueError, match=message):
        finite_difference(by_hand, inputs, labels, place)


@pytest.mark.parametrize(("n_images", "n_labels"), [(3, 2), (3, 1), (1, 3), (0, 0)])
def test_images_without_their_labels_are_refused(by_hand, n_images, n_labels):
    inputs, labels = np.ones((n_images, 2), np.float32), np.zeros(n_labels, np.uint8)
    with pytest.raises(ValueError, match="Each image needs a label"):
        mean_loss(by_hand, inputs, labels)
    with pytest.raises(ValueError, match="Each image needs a label"):
        backward(by_hand, forward(by_hand, inputs), labels)
    with pytest.raises(ValueError, match="Each image needs a label"):
        loss_along(by_hand, inputs, labels, ParameterPlace(0, (0, 0)), [1.0])


@pytest.mark.parametrize("hidden", DEPTHS)
def test_layers_without_activation_are_one_layer(images, hidden):
    parameters = _parameters((784, *hidden, 10), "none")
    weights, biases = collapsed(parameters)
    assert (weights.shape, biases.shape) == ((784, 10), (10,))
    np.testing.assert_allclose(images[0] @ weights + biases, parameters.logits(images[0]), atol=1e-5)


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_layers_with_an_activation_do_not_collapse(activation):
    with pytest.raises(ValueError, match=f"only with activation none, not {activation}"):
        collapsed(_parameters((784, 7, 10), activation))


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("layer", [0, 1, 2])
def test_a_neurons_terms_add_up_to_what_it_passes_on(images, layer, activation):
    parameters = _parameters((784, 7, 6, 10), activation)
    passed = forward(parameters, images[0])
    terms = neuron_terms(parameters, images[0][4], layer, 3)
    received = (images[0], *passed.activations)[layer]
    np.testing.assert_allclose(terms.inputs, received[4], rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(terms.weights, parameters.weights[layer][:, 3])
    np.testing.assert_array_equal(terms.products, terms.inputs * terms.weights)
    assert terms.bias == parameters.biases[layer][3]
    assert terms.weighted_sum == pytest.approx(terms.products.sum() + terms.bias, abs=1e-5)
    passed_on = (*passed.activations, passed.probabilities)[layer]
    assert terms.activation == pytest.approx(passed_on[4, 3], abs=1e-5)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("label", [0, 1, 2])
def test_extreme_logits_give_finite_numbers(activation, label):
    parameters = Parameters(
        (np.eye(2), np.array([[1000, -1000, 0], [1000, -1000, 0]])), (np.full(2, 10), np.zeros(3)), activation
    )
    inputs, labels = np.ones((1, 2), np.float32), np.array([label])
    passed = forward(parameters, inputs)
    gradients = backward(parameters, passed, labels)
    assert np.abs(passed.logits).max() >= 1000
    assert np.isfinite(gradients.flat()).all()
    assert np.isfinite(passed.probabilities).all()
    expected = float(passed.logits[0, 0] - passed.logits[0, label])
    assert gradients.loss == pytest.approx(expected, rel=1e-6)
    assert mean_loss(parameters, inputs, labels) == pytest.approx(expected, rel=1e-6)
    losses = loss_along(parameters, inputs, labels, ParameterPlace(0, (0, 0)), [-1000.0, 0.0, 1000.0])
    assert np.isfinite(losses).all()


def test_a_forward_pass_offers_the_output_layers_sums_as_logits():
    zero = np.zeros((1, 2), np.float32)
    assert np.array_equal(ForwardPass(zero, (zero, zero + 1), (zero,), zero).logits, zero + 1)


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "none"])
@pytest.mark.parametrize("units", [(32,), (20, 10), (12, 8, 9)])
def test_numpy_and_keras_give_the_same_probabilities(mnist, activation, units):
    parameters = initial_parameters(NetworkConfig(units, activation), 3)
    inputs = network_inputs(mnist.test_images)
    theirs = to_keras(parameters).predict(inputs, batch_size=1_000, verbose=0)
    np.testing.assert_allclose(parameters.probabilities(inputs), theirs, atol=1e-5)
