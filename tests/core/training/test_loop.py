from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from mnist_core.config import NetworkConfig, RunConfig, TrainingConfig
from mnist_core.images.preparation import network_inputs, pixel_order
from mnist_core.network.keras_model import build_model, write_model
from mnist_core.network.parameters import Parameters, initial_parameters
from mnist_core.training import run
from mnist_core.training.loop import train
from mnist_core.training.training_set import make_wrong_labels, shuffled_order

pytestmark = pytest.mark.usefixtures("no_film_is_looked_at")


def read_model(model, activation):
    """The parameters of a Keras model of dense layers."""
    arrays = [np.asarray(variable) for variable in model.trainable_variables]
    return Parameters(tuple(arrays[0::2]), tuple(arrays[1::2]), activation)


def _same(first, second):
    return all(
        np.array_equal(a, b)
        for a, b in zip((*first.weights, *first.biases), (*second.weights, *second.biases), strict=True)
    )


@pytest.mark.parametrize(
    ("images", "units", "activation", "optimizer", "batch", "l2"),
    [
        ("mnist", (32,), "relu", "adam", 32, 0.0),
        ("sample", (16, 8), "tanh", "momentum", 37, 0.001),
        ("mnist", (9,), "sigmoid", "rmsprop", 1000, 0.0),
    ],
)
def test_an_epoch_is_what_keras_fit_does_in_the_same_order(
    request, images, units, activation, optimizer, batch, l2
):  # fmt: skip
    import keras

    dataset = request.getfixturevalue(images)

    makers = {
        "adam": lambda: keras.optimizers.Adam(0.001),
        "momentum": lambda: keras.optimizers.SGD(0.01, momentum=0.9),
        "rmsprop": lambda: keras.optimizers.RMSprop(0.001),
    }
    rate = 0.01 if optimizer == "momentum" else 0.001
    network = NetworkConfig(units, activation)
    training = TrainingConfig(1, batch, optimizer, rate, validation_share=0.0, l2=l2)
    record = train(RunConfig(network, training), dataset)

    model = build_model(network)
    write_model(model, initial_parameters(network, 0))
    for layer in model.layers:
        if l2:
            layer.kernel.regularizer = keras.regularizers.L2(l2)
    model.compile(
        makers[optimizer](),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    order = shuffled_order(len(dataset.train_labels), 1, 0)
    history = model.fit(
        network_inputs(dataset.train_images)[order],
        dataset.train_labels[order],
        batch,
        1,
        verbose=0,
        shuffle=False,
    ).history
    expected = read_model(model, activation)
    for ours, theirs in zip(record.parameters.weights, expected.weights, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
    assert record.history.training_loss[0] == pytest.approx(history["loss"][0], abs=1e-4)
    assert record.history.training_accuracy[0] == pytest.approx(history["accuracy"][0], abs=1e-4)


def test_equal_configs_give_equal_bits_also_at_once(sample):
    config = RunConfig(training=TrainingConfig(epochs=2, wrong_label_share=0.2))
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: train(config, sample), range(2))
    assert _same(first.parameters, second.parameters)
    assert _same(first.parameters, train(config, sample).parameters)


def test_a_stopped_training_keeps_what_it_learned(sample):
    reports = []
    record = train(
        RunConfig(training=TrainingConfig(epochs=30)), sample, reports.append, lambda: len(reports) >= 3
    )
    assert record.is_stopped
    assert 0 < record.steps_done < record.timeline.n_steps
    assert not _same(record.parameters, record.snapshots[0])


def test_reports_bring_the_network_after_each_epoch_and_between_now_and_then(sample, monkeypatch):
    config, reports = RunConfig(training=TrainingConfig(epochs=3, batch_size=2)), []
    monkeypatch.setattr(run, "SNAPSHOT_SECONDS", 0.02)
    record = train(config, sample, reports.append)
    brought = {report.step: report for report in reports if report.snapshot is not None}
    ends = [*record.timeline.ends[1:4]]
    assert set(ends) < set(brought)
    assert len(brought) < len(reports)
    for step, snapshot in zip(ends, record.snapshots[1:], strict=True):
        assert np.array_equal(brought[step].snapshot.weights[0], snapshot.weights[0])
    times = [0.0, *(report.seconds for report in brought.values())]
    waits = dict(zip(brought, np.diff(times), strict=True))
    assert all(wait > 0.02 for step, wait in waits.items() if step not in ends)


def test_a_training_stopped_before_it_began_is_the_random_start(sample):
    record = train(RunConfig(), sample, should_stop=lambda: True)
    assert (record.steps_done, record.epochs_done) == (0, 0)
    assert _same(record.parameters, initial_parameters(NetworkConfig(), 0))


def test_as_many_labels_are_wrong_as_asked_and_none_by_chance_right():
    labels = (np.arange(1000) % 10).astype(np.uint8)
    assert (make_wrong_labels(labels, 0.3, 1) != labels).sum() == 300


def test_shuffled_pixels_are_the_same_pixels_in_one_fixed_order(sample):
    shuffled = network_inputs(sample.test_images[:5], "shuffled")
    np.testing.assert_array_equal(shuffled, network_inputs(sample.test_images[:5])[:, pixel_order()])
    assert sorted(pixel_order()) == list(range(784))


@pytest.mark.parametrize("preparation", ["undivided", "shuffled"])
def test_a_network_trains_on_the_inputs_it_is_judged_on(sample, preparation):
    """Keras, given the prepared inputs in the same order, makes the same updates."""
    import keras

    network = NetworkConfig((8,))
    training = TrainingConfig(1, 32, "sgd", 1e-5 if preparation == "undivided" else 0.1, validation_share=0.0)
    training = replace(training, preparation=preparation)
    record = train(RunConfig(network, training), sample)
    model = build_model(network)
    write_model(model, initial_parameters(network, 0))
    rate = keras.optimizers.SGD(training.learning_rate)
    model.compile(rate, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    order = shuffled_order(len(sample.train_labels), 1, 0)
    inputs = network_inputs(sample.train_images, preparation)
    model.fit(inputs[order], sample.train_labels[order], 32, 1, verbose=0, shuffle=False)
    expected = read_model(model, "relu")
    for ours, theirs in zip(record.parameters.weights, expected.weights, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
