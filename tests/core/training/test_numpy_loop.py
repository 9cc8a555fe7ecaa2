"""The loop in NumPy against the compiled one: neither uses the other, so each guards the other."""

from collections import deque

import numpy as np
import pytest

from mnist_core.chapters import Chapter
from mnist_core.config import (
    DEFAULT,
    OPTIMIZERS,
    USUAL_LEARNING_RATE,
    NetworkConfig,
    RunConfig,
    TrainingConfig,
)
from mnist_core.network.parameters import starting_parameters
from mnist_core.take_home import files
from mnist_core.training import loop, one_update
from mnist_core.training.chunks import chunks
from mnist_core.training.loops import numpy_loop, trainers
from mnist_core.training.loops.numpy_loop import NumpyTrainer
from mnist_core.training.loops.tensorflow_import import TensorFlowError
from mnist_core.training.loops.trainers import is_compiled
from mnist_core.training.record import RunRecord
from mnist_core.training.stretches import stretches
from mnist_core.training.training_set import training_images

SMALL = TrainingConfig(2, 32, "adam", 0.002, n_training_images=300, seed=3)  # the last batch is a smaller one
USUAL = RunConfig(NetworkConfig((8,)), SMALL)
VARIED = {  # few shapes, because each is compiled
    "usual": USUAL,
    "shuffled, wrong labels": USUAL.with_changes(preparation="shuffled", wrong_label_share=0.5),
    "undivided": USUAL.with_changes(preparation="undivided", learning_rate=1e-4),
    "early stopping": USUAL.with_changes(validation_share=0.2, patience=1),
    "chapters": RunConfig(USUAL.network, SMALL, (Chapter(2, 50, "adam", 0.001, "constant"),)),
    "all settings": USUAL.with_changes(
        hidden_units=(6, 5), l2=0.01, dropout=0.3, shift=2, schedule="cosine", initializer="he_normal"
    ),
    "sigmoid, RMSprop": USUAL.with_changes(activation="sigmoid", optimizer="rmsprop", l2=0.01),
    "tanh, momentum": USUAL.with_changes(
        activation="tanh", optimizer="momentum", learning_rate=0.01, schedule="halved"
    ),
    "no activation, SGD": USUAL.with_changes(activation="none", optimizer="sgd", learning_rate=0.01),
}


@pytest.fixture
def in_numpy(monkeypatch):
    """Trainings of this test have no TensorFlow."""
    for module in (loop, one_update):
        monkeypatch.setattr(
            module, "obtain_trainer", lambda config, dataset, _: NumpyTrainer(config, dataset)
        )
        monkeypatch.setattr(module, "release_trainer", lambda trainer: None)


def closeness(network, other):
    """The largest difference between any two numbers of two networks."""
    pairs = zip((*network.weights, *network.biases), (*other.weights, *other.biases), strict=True)
    return max(float(np.abs(a - b).max()) for a, b in pairs)


@pytest.mark.parametrize("config", VARIED.values(), ids=VARIED)
def test_both_loops_come_to_the_same_network_by_the_same_losses(config, sample, request):
    compiled = loop.train(config, sample)
    request.getfixturevalue("in_numpy")
    ours = loop.train(config, sample)
    assert (compiled.library, ours.library) == ("TensorFlow", "NumPy")
    assert closeness(compiled.parameters, ours.parameters) < 1e-4
    assert closeness(ours.parameters, starting_parameters(config)) > 1e-3, "something was learned"
    for name in ("training_loss", "training_accuracy", "validation_loss", "curve_loss"):
        np.testing.assert_allclose(getattr(ours.history, name), getattr(compiled.history, name), atol=2e-4)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_either_loop_goes_on_from_what_the_other_remembers(optimizer, sample):
    config = USUAL.with_changes(optimizer=optimizer, learning_rate=USUAL_LEARNING_RATE[optimizer])
    chosen, (stretch,) = training_images(config, sample), stretches(config)

    compiled = trainers.obtain_trainer(config, sample, lambda: False)
    in_numpy = NumpyTrainer(config, sample)
    ends = []
    for loops in ((compiled, in_numpy), (in_numpy, compiled), (compiled, compiled)):
        network, memory = starting_parameters(config), ()
        for epoch, trainer in enumerate(loops, start=1):
            trainer.start(network, config, memory)
            images, labels = trainer.images(chosen, epoch), trainer.labels(chosen)
            for chunk in chunks(chosen, stretch, epoch, trainer.n_steps, begin=0):
                trainer.run(images, labels, chunk)
            network, memory = trainer.parameters(), trainer.memory()
        ends.append((network, memory))
    trainers.release_trainer(compiled)
    for network, memory in ends[:2]:
        assert closeness(network, ends[2][0]) < 1e-4
        for array, theirs in zip(memory, ends[2][1], strict=True):
            assert (array.shape, array.dtype) == (theirs.shape, theirs.dtype)
            np.testing.assert_allclose(array, theirs, atol=1e-4)


def test_equal_runs_in_numpy_are_equal_to_the_bit_also_paused_and_under_the_microscope(in_numpy, sample):
    config, reports = VARIED["all settings"], []
    whole = loop.train(config, sample)
    part = loop.train(config, sample, reports.append, lambda: len(reports) >= 1)
    assert 0 < part.steps_done < whole.steps_done or part.steps_done == part.timeline.ends[1]
    assert closeness(loop.train(config, sample, beginning=part).parameters, whole.parameters) == 0
    _, after = one_update.networks_around(whole, sample, whole.timeline.ends[1])
    assert closeness(after, whole.snapshots[1]) == 0


def test_neurons_that_begin_with_zeros_stay_equal_to_the_bit_whatever_the_processor(in_numpy, sample):
    """Without care for it, five epochs make 5 different ones of 32 on some processors."""
    config = USUAL.with_changes(
        hidden_units=(32,), activation="sigmoid", initializer="zeros", epochs=5, n_training_images=2_000
    )
    network = loop.train(config, sample).parameters
    assert np.abs(network.weights[0]).max() > 0.01
    assert (network.weights[0] == network.weights[0][:, :1]).all()
    assert (network.weights[-1] == network.weights[-1][:1]).all()


def test_with_zeros_the_loop_makes_the_updates_that_it_makes_otherwise(in_numpy, sample, monkeypatch):
    config = USUAL.with_changes(activation="sigmoid", initializer="zeros", hidden_units=(8, 6))
    with_care = loop.train(config, sample).parameters
    for name in ("_row_by_row", "_column_by_column"):
        monkeypatch.setattr(numpy_loop, name, np.matmul)
    assert closeness(with_care, loop.train(config, sample).parameters) < 1e-4


@pytest.fixture
def as_it_is(monkeypatch):
    """What is compiled and what is not, as in the dashboard."""
    monkeypatch.setattr(trainers, "is_compiled", is_compiled)


@pytest.mark.usefixtures("as_it_is")
def test_short_epochs_are_left_to_numpy_however_many_they_are(sample):
    for n_epochs in (1, 30):
        assert trainers.make_trainer(DEFAULT.with_changes(epochs=n_epochs), sample).library == "NumPy"
    assert is_compiled(DEFAULT, 60_000)
    assert is_compiled(DEFAULT.with_changes(batch_size=1), 4_000)
    assert not is_compiled(DEFAULT.with_changes(n_training_images=1_000), 60_000)


def test_a_chapter_may_be_compiled_after_one_that_is_not(sample, monkeypatch):
    whole = loop.train(VARIED["chapters"], sample)
    monkeypatch.setattr(trainers, "is_compiled", lambda config, n_images: config.training.batch_size == 50)
    mixed = loop.train(VARIED["chapters"], sample)
    assert mixed.library == "TensorFlow"
    assert 0 < closeness(mixed.parameters, whole.parameters) < 1e-4


def test_a_run_that_diverges_ends_without_a_warning(in_numpy, sample):
    config = USUAL.with_changes(
        preparation="undivided", activation="none", optimizer="sgd", learning_rate=1.0
    )
    record = loop.train(config, sample)
    assert record.steps_done == record.timeline.n_steps
    assert record.has_diverged


def test_a_run_gets_the_loop_of_its_own_also_where_a_trainer_of_the_other_one_waits(monkeypatch, sample):
    """Few of the images make a short epoch of the same shapes as all of them."""
    monkeypatch.setattr(trainers._idle_trainers, "_trainers", deque())
    for library in ("NumPy", "TensorFlow", "NumPy"):
        monkeypatch.setattr(trainers, "is_compiled", lambda *_, of=library: of == "TensorFlow")
        trainer = trainers.obtain_trainer(USUAL, sample, lambda: False)
        assert trainer.library == library
        trainers.release_trainer(trainer)


def test_a_machine_without_tensorflow_trains_in_numpy(monkeypatch, sample):
    monkeypatch.setattr(trainers, "is_installed", lambda: False)
    assert trainers.make_trainer(USUAL, sample).library == "NumPy"


def test_numpy_trains_where_tensorflow_cannot_be_loaded_and_the_log_says_why(monkeypatch, sample, caplog):
    def fail(*_):
        raise TensorFlowError("TensorFlow cannot be loaded on this machine (no such library).")

    monkeypatch.setattr(trainers, "CompiledTrainer", fail)
    assert trainers.make_trainer(USUAL, sample).library == "NumPy"
    assert "no such library" in caplog.text


def test_a_keras_file_without_tensorflow_says_what_it_needs(monkeypatch, sample):
    monkeypatch.setattr(files, "is_installed", lambda: False)
    with pytest.raises(TensorFlowError, match=r"needs TensorFlow.*weights for NumPy"):
        files.keras_file(RunRecord.untrained(USUAL, sample), sample)
