"""Losses, gradients and updates of the lessons, held against Keras and trainings of the compiled loop."""

import numpy as np
import pytest

from mnist_core.config import CLASSIC, NetworkConfig, RunConfig, TrainingConfig
from mnist_core.images.preparation import network_inputs
from mnist_core.lessons import loss
from mnist_core.lessons.batches import N_DRAWS, gradient_of, gradient_spread, spreads_of_run
from mnist_core.lessons.optimizers import first_gradients, most_updated_weight, updates_of, weight_place
from mnist_core.network.passes import backward, forward
from mnist_core.training.loop import train
from mnist_core.training.loops import trainers
from mnist_core.training.training_set import training_images

EXTREME = np.array([[1000.0, -1000.0] + 8 * [0.0], [-1000.0, 1000.0] + 8 * [0.0]])
TEN_UPDATES = RunConfig(
    NetworkConfig((6,)), TrainingConfig(2, 100, n_training_images=500, validation_share=0.0, l2=0.01)
)


@pytest.fixture(scope="module", autouse=True)
def always_compiled():
    """Few images would be left to the loop in NumPy."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainers, "is_compiled", lambda config, n_images: True)
        yield


@pytest.mark.parametrize("case", ["usual", "extreme"])
def test_keras_has_the_same_two_losses(judged, case):
    import keras

    logits, labels = judged if case == "usual" else (EXTREME, np.array([0, 0]))
    logits = logits.astype(np.float32)
    y = loss.one_hot(labels)
    ours = loss.categorical_cross_entropy(logits, y)
    options = {"from_logits": True, "reduction": None}
    one_hot = np.asarray(keras.losses.CategoricalCrossentropy(**options)(y, logits))
    sparse = np.asarray(keras.losses.SparseCategoricalCrossentropy(**options)(labels, logits))
    assert np.isfinite(ours).all()
    assert ours == pytest.approx(one_hot, rel=1e-5, abs=1e-6)
    assert ours == pytest.approx(sparse, rel=1e-5, abs=1e-6)


def test_one_hot_is_what_keras_makes_of_labels():
    import keras

    labels = np.arange(10)[::-1]
    assert (loss.one_hot(labels) == keras.utils.to_categorical(labels, 10)).all()


def test_keras_expects_probabilities_unless_it_is_told_otherwise():
    import keras

    assert keras.losses.SparseCategoricalCrossentropy().get_config()["from_logits"] is False


def test_todays_keras_warns_of_the_older_spelling_and_takes_the_one_taught():
    import keras

    with pytest.warns(UserWarning, match="input_shape"):
        keras.layers.Dense(32, input_shape=(784,))
    layers = [keras.Input(shape=(784,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(10)]
    assert keras.Sequential(layers).count_params() == CLASSIC.network.n_parameters


def test_the_gradients_adam_meets_lead_to_the_network_that_keras_trains(sample):
    """Two epochs of five batches, so that the second epoch's order counts too."""
    record, chosen = train(TEN_UPDATES, sample), training_images(TEN_UPDATES, sample)
    assert record.steps_done == 10
    network = TEN_UPDATES.network
    gradients = first_gradients(record.snapshots[0], chosen, 0.001)
    for layer in (0, 1):
        row, unit = most_updated_weight(network, gradients, layer)
        own = gradients[:, weight_place(network, layer, row, unit)]
        updates = updates_of("adam", record.snapshots[0].weights[layer][row, unit], own, 0.001)
        assert float(updates[-1].state.values) == pytest.approx(
            float(record.parameters.weights[layer][row, unit]), abs=1e-6
        )
        assert abs(sum(float(update.step) for update in updates)) > 1e-3


def test_the_first_batch_is_the_one_that_training_makes_its_first_update_with(sample):
    """Plain SGD at rate 1 changes the weights by the gradient of that batch."""
    config = RunConfig(
        NetworkConfig((6,)), TrainingConfig(1, 450, "sgd", 0.5, n_training_images=500, wrong_label_share=0.2)
    )
    record, chosen = train(config, sample), training_images(config, sample)
    before, after = record.snapshots[0], record.parameters
    gradient = gradient_of(before, chosen, chosen.batch(1, 1))
    pairs = zip(before.weights, before.biases, after.weights, after.biases, strict=True)
    moved = np.concatenate([x.ravel() for w, b, w2, b2 in pairs for x in (w2 - w, b2 - b)])
    np.testing.assert_allclose(moved, -0.5 * gradient, atol=1e-6)


def test_the_analysis_of_a_run_looks_at_its_snapshots_with_its_own_images_and_labels(sample):
    training = TrainingConfig(2, 64, n_training_images=500, wrong_label_share=0.3, l2=0.01)
    record = train(RunConfig(NetworkConfig((6,)), training), sample)
    chosen, found = training_images(record.config, sample), spreads_of_run(record, sample)
    assert list(found) == [0, 1, 2]
    assert {spread.batch_size: len(spread.angles) for spread in found[1]} == N_DRAWS
    inputs = network_inputs(chosen.images)
    whole = backward(record.snapshots[1], forward(record.snapshots[1], inputs), chosen.labels, 0.01).flat()
    of_all = found[1][-1]  # there are only 450 images
    assert of_all.lengths == pytest.approx(np.ones(12), abs=1e-3)
    expected = gradient_spread(record.snapshots[1], chosen, whole, 32)
    np.testing.assert_allclose(found[1][1].angles, expected.angles, atol=1e-3)
