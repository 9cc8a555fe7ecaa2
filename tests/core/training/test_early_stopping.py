"""A run with patience ends where Keras's `EarlyStopping` ends it, and keeps the same network."""

import numpy as np
import pytest
from keras_training import assert_same_weights, fit

from mnist_core.analysis.film_views import film_networks
from mnist_core.config import NetworkConfig, RunConfig, TrainingConfig
from mnist_core.engine.jobs import Outcome
from mnist_core.images.preparation import network_inputs
from mnist_core.take_home.report import run_facts
from mnist_core.training.early_stopping import best_epoch, is_over
from mnist_core.training.film import read_film
from mnist_core.training.loop import train
from mnist_core.training.record import load_record
from mnist_core.training.run import can_continue

NAN, INF = float("nan"), float("inf")


def configured(patience=2, epochs=30, **more):
    training = {"batch_size": 32, "optimizer": "adam", "learning_rate": 0.01, "n_training_images": 200}
    return RunConfig(
        NetworkConfig((8,)), TrainingConfig(**(training | {"epochs": epochs, "patience": patience} | more))
    )


@pytest.fixture(scope="module")
def ended(sample):
    """A run that early stopping ended."""
    return train(configured(), sample)


def equal(first, second):
    pairs = zip((*first.weights, *first.biases), (*second.weights, *second.biases), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


@pytest.mark.parametrize(
    ("losses", "patience", "ends_after", "best"),
    [
        ([3, 2, 1, 2, 3, 4], 2, 5, 3),
        ([3, 2, 1, 2, 0.5, 1, 1], 2, 7, 5),
        ([1, 1, 1], 1, 2, 1),
        ([1, 2, 3], 0, None, 1),
        ([3, 2, 1], 1, None, 3),
        ([NAN, NAN, NAN], 1, 2, 1),
        ([INF, NAN, 1, 2], 3, None, 3),
        ([NAN, 1, 2], 1, 3, 2),
    ],
)
def test_a_run_ends_after_as_many_epochs_without_a_lower_loss_as_its_patience(
    losses, patience, ends_after, best
):
    over = [n for n in range(1, len(losses) + 1) if is_over(losses[:n], patience)]
    assert (over[0] if over else None) == ends_after
    assert best_epoch(losses[:ends_after]) == best


def test_the_run_and_its_weights_are_those_of_keras(ended, sample):
    import keras

    record = ended
    stop = keras.callbacks.EarlyStopping("val_loss", patience=2, restore_best_weights=True)
    model, history = fit(record.config, sample, callbacks=[stop])
    assert record.epochs_done == len(history["loss"]) < 30
    assert record.kept_epoch == stop.best_epoch + 1
    np.testing.assert_allclose(record.history.validation_loss, history["val_loss"], atol=1e-4)
    assert_same_weights(record.parameters, model)


def test_keras_also_restores_the_best_weights_of_a_run_that_went_to_its_end(sample):
    import keras

    last = train(configured(10, epochs=12), sample)
    assert last.epochs_done == 12 > last.kept_epoch
    assert not last.has_ended_early
    stop = keras.callbacks.EarlyStopping("val_loss", patience=10, restore_best_weights=True)
    model, _ = fit(last.config, sample, callbacks=[stop])
    assert_same_weights(last.parameters, model)


def test_a_run_that_ended_early_is_finished_and_has_the_epochs_it_made(ended, sample, tmp_path):
    assert (ended.is_stopped, ended.has_ended_early) == (False, True)
    n = ended.epochs_done
    assert len(ended.timeline.updates) == n
    assert ended.steps_done == ended.timeline.n_steps
    assert ended.kept_epoch == n - 2
    assert equal(ended.parameters, ended.snapshots[n - 2])
    assert len(ended.history.validation_loss) == n
    assert (
        dict(run_facts(ended))["Epochs"] == f"{n} of 30, in batches of 32, with the network of epoch {n - 2}"
    )
    assert read_film(ended.film).moments[-1].step == ended.steps_done
    outcome = Outcome.of(ended, None)
    assert outcome.validation_accuracy == ended.history.validation_accuracy[n - 3]
    ended.save(tmp_path / "run.npz")
    again = load_record(tmp_path / "run.npz")
    assert again.has_ended_early
    assert equal(again.parameters, ended.parameters)


def test_the_film_ends_with_the_network_that_is_kept_and_a_longer_run_leaves_that_out(ended, sample):
    inputs = network_inputs(sample.test_images[:20])
    for record in (ended, train(configured(10, epochs=12), sample)):
        film = read_film(record.film)
        *_, before, last = [moment.step for moment in film.moments]
        assert before == last == record.steps_done
        shown, kept = (network.probabilities(inputs) for network in (film.parameters[-1], record.parameters))
        np.testing.assert_allclose(shown, kept, atol=0.01)
        assert film_networks(record)[-1] is record.parameters
    steps = [
        moment.step
        for moment in read_film(train(configured(10, epochs=13), sample, beginning=record).film).moments
    ]
    assert len(set(steps[:-1])) == len(steps[:-1])


def test_a_run_that_ended_early_goes_on_with_nothing(ended, sample):
    assert not can_continue(ended, ended.config, sample.fingerprint)
    assert not can_continue(ended, ended.config.with_changes(epochs=29), sample.fingerprint)


def test_a_run_that_is_interrupted_ends_where_the_whole_one_does(ended, sample):
    for n_reports in (1, ended.epochs_done - 1):
        reports = []
        part = train(ended.config, sample, reports.append, lambda r=reports, n=n_reports: len(r) >= n)
        assert part.is_stopped
        continued = train(ended.config, sample, beginning=part)
        assert (continued.epochs_done, continued.is_stopped) == (ended.epochs_done, False)
        assert equal(continued.parameters, ended.parameters)


def test_more_epochs_go_on_from_the_last_network_and_not_from_the_kept_one(ended, sample):
    short = train(ended.config.with_changes(epochs=ended.epochs_done - 1), sample)
    assert not equal(short.parameters, short.snapshots[-1])
    further = train(ended.config, sample, beginning=short)
    assert equal(further.snapshots[-1], ended.snapshots[-1])
    assert equal(further.parameters, ended.parameters)


def test_without_patience_the_last_network_is_kept(sample):
    record = train(configured(0, epochs=4), sample)
    assert equal(record.parameters, record.snapshots[4])
