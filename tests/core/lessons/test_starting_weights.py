"""The facts of the lesson on starting weights, from trainings in NumPy alone, and once from Keras."""

from dataclasses import replace

import numpy as np
import pytest
from numpy_training import snapshots_of, validation_accuracy

from mnist_core.config import NetworkConfig, RunConfig, TrainingConfig
from mnist_core.figures.lessons.starting_weights import LOOKS, answer_figure, losses_figure
from mnist_core.figures.style import title_text
from mnist_core.lessons.starting_weights import (
    EVEN_LOSS,
    STARTS,
    is_flat,
    only_answer,
    outcome_of,
    start_config,
    symmetry_of,
)
from mnist_core.network.parameters import Parameters, starting_parameters
from mnist_core.network.passes import backward, forward, stepped
from mnist_core.training.history import History
from mnist_core.training.record import RunRecord


def trained(sample, initializer, n_hidden=1, activation="relu", optimizer="adam", **few):
    """The networks of a short training: one epoch of 1,600 images unless it is said otherwise."""
    config = start_config(initializer, n_hidden, activation, optimizer)
    few = {"epochs": 1, "n_training_images": 2_000, "validation_share": 0.2} | few
    config = config.with_changes(**few)
    return config, snapshots_of(config, sample)


def first_loss_under(sample, limit, networks, config):
    """After how many of the networks the mean loss of 500 images is below a limit; None if never."""
    pixels, labels = sample.train_images[:500].reshape(-1, 784) / 255, sample.train_labels[:500]
    losses = [mean_loss(network, pixels, labels) for network in networks]
    return next((number for number, loss in enumerate(losses) if loss < limit), None)


def mean_loss(network, pixels, labels):
    """Written out once more, in float64: ReLU layers, softmax, −ln p."""
    for weights, biases in zip(network.weights[:-1], network.biases[:-1], strict=True):
        pixels = np.maximum(pixels @ weights.astype(float) + biases, 0)
    z = pixels @ network.weights[-1].astype(float) + network.biases[-1]
    z -= z.max(axis=1, keepdims=True)
    return float((np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), labels]).mean())


def test_zeros_with_relu_change_nothing_but_the_ten_output_biases(sample):
    _, (start, *_, end) = trained(sample, "zeros", epochs=2)
    assert all(not weights.any() for weights in end.weights)
    assert not end.biases[0].any()
    assert (end.biases[1] != 0).all()
    found = symmetry_of(start, end)
    assert (found.n_numbers, found.n_changed) == (25_450, 10)
    assert (found.n_different, found.n_neurons, found.largest_gap) == (1, 32, 0)
    assert sum(weights.size for weights in end.weights) == 25_408  # the number in the guess
    read = end.logits(sample.test_images.reshape(-1, 784).astype(np.float32)).argmax(axis=1)
    assert len(set(read)) == 1


def test_keras_leaves_zeros_with_relu_where_they_are_too(sample):
    import keras

    layers = [
        keras.layers.Dense(units, activation=name, kernel_initializer="zeros")
        for units, name in ((32, "relu"), (10, "softmax"))
    ]
    model = keras.Sequential([keras.Input((784,)), *layers])
    model.compile("adam", "sparse_categorical_crossentropy")
    pixels = sample.train_images.reshape(-1, 784) / 255
    for begin in range(0, 640, 32):
        model.train_on_batch(pixels[begin : begin + 32], sample.train_labels[begin : begin + 32])
    *unchanged, biases = model.get_weights()
    assert [array.any() for array in unchanged] == [False] * 3
    assert biases.all()


def test_zeros_with_sigmoid_learn_but_all_hidden_neurons_stay_equal_and_with_glorot_none_do(sample):
    for initializer, n_different in (("zeros", 1), ("glorot_uniform", 32)):
        _, (start, end) = trained(sample, initializer, activation="sigmoid")
        found = symmetry_of(start, end)
        assert found.n_different == n_different
        assert found.n_changed > 15_000  # all but those of pixels without ink
    assert found.largest_gap > 0.1


def test_neurons_that_begin_alike_stay_alike_also_if_they_do_not_begin_with_zeros(sample):
    """The first check: all weights 0.1, three updates of plain gradient descent."""
    network = Parameters(
        (np.full((784, 32), 0.1), np.full((32, 10), 0.1)), (np.zeros(32), np.zeros(10)), "relu"
    )
    start, pixels = network, (sample.train_images[:64].reshape(-1, 784) / 255).astype(np.float32)
    for _ in range(3):
        network = stepped(network, backward(network, forward(network, pixels), sample.train_labels[:64]), 0.1)
    found = symmetry_of(start, network)
    assert found.n_different == 1
    assert found.n_changed > 10_000


@pytest.mark.parametrize(("apart", "n_different"), [(0.0, 1), (9e-7, 1), (1e-4, 2)])
def test_neurons_are_counted_as_equal_if_they_differ_by_less_than_a_millionth(apart, n_different):
    weights = np.full((784, 3), 0.25)
    weights[5, 1] += apart
    network = Parameters((weights, np.zeros((3, 10))), (np.zeros(3), np.zeros(10)), "relu")
    found = symmetry_of(network, network)
    assert (found.n_different, found.n_neurons, found.n_changed) == (n_different, 3, 0)
    assert found.largest_gap == pytest.approx(apart, rel=0.1, abs=1e-12)


def test_the_only_answer_comes_near_to_how_frequent_each_digit_is(sample):
    config, networks = trained(sample, "zeros", epochs=3)
    record = replace(RunRecord.untrained(config, sample), parameters=networks[-1])
    answer = only_answer(record, sample)
    labels = sample.train_labels[:1_600].tolist()
    shares = [labels.count(digit) / 1_600 for digit in range(10)]
    np.testing.assert_allclose(answer.shares, shares)
    assert np.abs(answer.probabilities - shares).max() < 0.02
    assert answer.probabilities.sum() == pytest.approx(1)
    losses = [-np.log(shares[digit]) for digit in labels]
    assert answer.lowest_loss == pytest.approx(np.mean(losses))
    assert answer.lowest_loss <= EVEN_LOSS == pytest.approx(2.302585, abs=1e-6)
    gap = 100 * np.abs(answer.probabilities - shares).max()
    assert f"within {gap:.1f} percentage points" in title_text(answer_figure(answer))


def test_weights_that_are_too_large_begin_far_above_ln_10_and_those_of_the_formulas_near_it(sample):
    pixels, labels = sample.train_images[:500].reshape(-1, 784) / 255, sample.train_labels[:500]
    losses = {start: mean_loss(starting_parameters(start_config(start)), pixels, labels) for start in STARTS}
    assert losses["zeros"] == pytest.approx(EVEN_LOSS)
    assert losses["normal_0.01"] == pytest.approx(EVEN_LOSS, abs=0.01)
    assert all(abs(losses[start] - EVEN_LOSS) < 0.3 for start in ("glorot_uniform", "he_normal"))
    assert losses["normal_1"] > 10 * EVEN_LOSS


def test_from_weights_that_are_too_large_the_network_is_still_behind_after_five_epochs(sample):
    accuracies = {}
    for start in ("glorot_uniform", "normal_1"):
        config, networks = trained(sample, start, epochs=5)
        accuracies[start] = validation_accuracy(networks[-1], config, sample)
    assert accuracies["normal_1"] < accuracies["glorot_uniform"] - 0.1


def test_too_small_weights_hold_sgd_up_longer_than_adam_and_behind_three_layers_for_good(sample):
    few = {"epochs": 8, "n_training_images": 1_000}
    epochs = {}
    for optimizer in ("adam", "sgd"):
        for start in ("glorot_uniform", "normal_0.01"):
            config, networks = trained(sample, start, optimizer=optimizer, **few)
            epochs[optimizer, start] = first_loss_under(sample, 2.0, networks, config) or 99
    waits = {rule: epochs[rule, "normal_0.01"] - epochs[rule, "glorot_uniform"] for rule in ("adam", "sgd")}
    assert waits["sgd"] > waits["adam"] >= 0
    config, networks = trained(sample, "normal_0.01", 3, optimizer="sgd", epochs=5)
    assert first_loss_under(sample, 2.25, networks, config) is None


def test_the_outcome_of_a_training_is_measured_on_its_own_images(sample):
    config, (start, end) = trained(sample, "normal_1", activation="tanh")
    history = History([8.0], [0.1], [7.0], [0.5], [10, 20, 30], [8.0, 1.9, 2.5], [0.1, 0.1, 0.1])
    record = replace(
        RunRecord.untrained(config, sample), history=history, snapshots=(start, end), parameters=end
    )
    outcome = outcome_of(record, sample)
    pixels, labels = sample.train_images[:1_600].reshape(-1, 784) / 255, sample.train_labels[:1_600]
    hidden = np.tanh(pixels @ start.weights[0].astype(float) + start.biases[0])
    z = hidden @ start.weights[1].astype(float) + start.biases[1]
    losses = np.log(np.exp(z).sum(axis=1)) - z[np.arange(1_600), labels]
    assert outcome.first_loss == pytest.approx(losses.mean(), rel=1e-4)
    assert outcome.n_updates == 20
    assert outcome.n_dead == (0, 0)
    assert outcome.saturated[0] == pytest.approx((1 - hidden**2 < 0.05).mean(), abs=1e-3)
    assert outcome.saturated[0] > 0.7  # most of them, with weights that large
    assert outcome.validated.accuracy == 0.5
    never = replace(record, history=replace(history, curve_loss=np.full(3, 2.3)))
    assert outcome_of(never, sample).n_updates is None


def test_dead_neurons_are_those_that_no_training_image_switches_on(sample):
    config = RunConfig(NetworkConfig((3,)), TrainingConfig(n_training_images=1_000, epochs=1))
    start = starting_parameters(config)
    end = replace(start, biases=(np.float32([-99, 0, -99]), start.biases[1]))
    history = History([2.0], [0.1], [2.0], [0.1], [1], [2.3], [0.1])
    record = replace(
        RunRecord.untrained(config, sample), history=history, snapshots=(start, end), parameters=end
    )
    assert outcome_of(record, sample).n_dead == (0, 2)


@pytest.mark.parametrize(
    ("activation", "z", "flat"),
    [
        ("relu", [-1.0, 0.0, 0.1], [True, True, False]),
        ("tanh", [-3.0, 0.0, 2.0, 2.4], [True, False, False, True]),  # 1 − tanh² is 0.071 at 2, 0.033 at 2.4
        ("sigmoid", [-5.0, 0.0, 4.0, 4.6], [True, False, False, True]),  # 0.0177 and 0.0098; the limit 0.0125
    ],
)
def test_a_neuron_is_saturated_where_its_slope_is_below_a_twentieth_of_the_steepest(activation, z, flat):
    functions = {
        "relu": lambda x: np.maximum(x, 0),
        "tanh": np.tanh,
        "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    }
    z = np.array(z)
    assert is_flat(activation, z, functions[activation](z)).tolist() == flat


def test_the_chart_of_losses_names_the_lowest_and_the_highest_and_passes_over_what_is_not_finite():
    updates = np.array([1.0, 10.0])
    ends = dict(zip(STARTS, (0.2, 0.3, 2.3, 0.4, np.nan), strict=True))
    figure = losses_figure({start: (updates, np.array([2.3, end])) for start, end in ends.items()})
    assert title_text(figure) == "Loss at the end: 0.20 (Glorot uniform) to 2.30 (all zero)"
    assert "ln 10 = 2.30" in [note.text for note in figure.layout.annotations]
    assert len({LOOKS[start] for start in STARTS}) == 5
