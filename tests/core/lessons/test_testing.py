"""The facts of the lesson on testing: wrong labels, early stopping, easy tenths, intervals, winners."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from numpy_training import validation_accuracy

from mnist_core.analysis.evaluation import evaluate_logits
from mnist_core.analysis.intervals import wilson_interval
from mnist_core.config import NetworkConfig, RunConfig, TrainingConfig
from mnist_core.figures.lessons.testing import kept_figure, tenths_figure
from mnist_core.figures.style import is_cut, title_text
from mnist_core.images.preparation import network_inputs
from mnist_core.lessons.tenths import Tenths, read_tenths
from mnist_core.lessons.testing import choose_winner, look_at_kept_moments, winners_by_size
from mnist_core.lessons.training_curves import Validated
from mnist_core.network.finite_differences import mean_loss
from mnist_core.training.loop import train
from mnist_core.training.training_set import training_images

pytestmark = pytest.mark.usefixtures("no_film_is_looked_at")
CLEAN = TrainingConfig(epochs=20, n_training_images=600, validation_share=0.5)
WRONG = TrainingConfig(epochs=25, n_training_images=1_600, validation_share=0.5, wrong_label_share=0.3)


def trained(sample, n_neurons, training):
    config = RunConfig(NetworkConfig((n_neurons,)), training)
    return config, train(config, sample).snapshots


def final_accuracy(sample, n_neurons, training):
    config, snapshots = trained(sample, n_neurons, training)
    return validation_accuracy(snapshots[-1], config, sample)


@pytest.fixture(scope="module")
def with_wrong_labels(sample):
    """What a record holds of a training with wrong labels and 128 neurons."""
    config, snapshots = trained(sample, 128, WRONG)
    chosen = training_images(config, sample)
    inputs = network_inputs(chosen.validation_images)
    losses = [mean_loss(network, inputs, chosen.validation_labels) for network in snapshots[1:]]
    accuracies = [validation_accuracy(network, config, sample) for network in snapshots[1:]]
    history = SimpleNamespace(validation_loss=np.array(losses), validation_accuracy=np.array(accuracies))
    return SimpleNamespace(
        config=config, snapshots=tuple(snapshots), parameters=snapshots[-1], history=history
    )


def test_more_neurons_help_with_few_correct_labels(sample):
    assert final_accuracy(sample, 128, CLEAN) > final_accuracy(sample, 8, CLEAN) + 0.04


def test_with_wrong_labels_more_neurons_hurt(sample, with_wrong_labels):
    many = with_wrong_labels.history.validation_accuracy[-1]
    assert many < final_accuracy(sample, 32, WRONG) - 0.02


def test_wrong_labels_are_read_correctly_at_first_and_repeated_by_heart_in_the_end(sample, with_wrong_labels):
    kept = look_at_kept_moments(with_wrong_labels, sample)
    assert kept.has_wrong_labels
    assert len(kept.repeated) == len(kept.read) == WRONG.epochs + 1
    assert kept.read[3] > 0.6 > 3 * kept.repeated[3]
    assert kept.repeated[-1] > 0.8 > 4 * kept.read[-1]
    assert kept.best_epoch == 1 + with_wrong_labels.history.validation_loss.argmin() < WRONG.epochs / 2
    figure = kept_figure(with_wrong_labels.history, kept)
    assert [len(trace.y) for trace in figure.data] == [WRONG.epochs, WRONG.epochs + 1, WRONG.epochs + 1]
    assert f"{100 * kept.repeated[-1]:.0f}% at the end" in title_text(figure)
    (line,) = figure.layout.shapes  # it ends below the legend, which stands above 100%
    assert 100 < line.y1 * figure.layout.yaxis.range[1] < 110


def test_early_stopping_keeps_a_network_that_reads_test_images_better(sample, with_wrong_labels):
    kept = look_at_kept_moments(with_wrong_labels, sample)
    best = with_wrong_labels.snapshots[kept.best_epoch]
    answers = best.logits(network_inputs(sample.test_images)).argmax(axis=1)
    assert kept.stopped.accuracy == pytest.approx((answers == sample.test_labels).mean())
    assert kept.stopped.interval == wilson_interval(
        int((answers == sample.test_labels).sum()), len(sample.test_labels)
    )
    assert kept.stopped.accuracy > kept.final.accuracy + 0.03


def test_without_wrong_labels_there_is_nothing_to_repeat(sample, with_wrong_labels):
    config = replace(with_wrong_labels.config, training=replace(WRONG, wrong_label_share=0.0))
    kept = look_at_kept_moments(SimpleNamespace(**{**vars(with_wrong_labels), "config": config}), sample)
    assert not kept.has_wrong_labels
    figure = kept_figure(with_wrong_labels.history, kept)
    assert len(figure.data) == 1
    assert title_text(figure).startswith("Validation accuracy:")


def test_each_tenth_is_read_by_means_of_the_other_nine(sample):
    tenths = read_tenths(None, sample)
    rows, labels = sample.train_images.reshape(-1, 784).astype(float), sample.train_labels
    for number, part in enumerate(np.array_split(np.arange(len(labels)), 10)):
        rest = np.setdiff1d(np.arange(len(labels)), part)
        means = np.array([rows[rest][labels[rest] == digit].mean(axis=0) for digit in range(10)])
        distances = ((rows[part][:, np.newaxis] - means) ** 2).sum(axis=2)
        expected = (distances.argmin(axis=1) == labels[part]).mean()
        assert tenths.of_training[number].accuracy == pytest.approx(expected, abs=0.003)
    assert not tenths.last_is_easier  # the sample is in no order that matters
    assert len(tenths.of_test) == 2


def test_the_last_tenth_of_mnist_is_easier_and_so_is_the_second_half_of_its_test_images(mnist):
    tenths = read_tenths(None, mnist)
    assert tenths.last_is_easier
    assert tenths.of_training[-1].accuracy > tenths.others[1] + 0.02
    first, second = tenths.of_test
    assert first.interval.high < second.interval.low


def test_the_picture_of_tenths_says_what_stands_out():
    results = [Validated(p, wilson_interval(round(1_000 * p), 1_000)) for p in (*[0.8] * 8, 0.82, 0.9)]
    tenths = Tenths(tuple(results), tuple(results[:2]))
    assert tenths.last_is_easier
    figure = tenths_figure(tenths)
    assert is_cut(figure)
    assert title_text(figure) == "Read correctly: 90.0% of the last tenth, 80.0 to 82.0% of the nine others"
    assert len(figure.data) == 12


def test_an_interval_holds_the_true_accuracy_95_times_and_the_next_result_83_times_in_100():
    n, truth, random = 1_000, 0.9, np.random.default_rng(0)
    first, second = random.binomial(n, truth, (2, 4_000))
    intervals = [wilson_interval(int(n_right), n) for n_right in first]
    holds_truth = np.mean([interval.low <= truth <= interval.high for interval in intervals])
    pairs = zip(intervals, second / n, strict=True)
    holds_next = np.mean([interval.low <= accuracy <= interval.high for interval, accuracy in pairs])
    assert holds_truth == pytest.approx(0.95, abs=0.01)
    assert holds_next == pytest.approx(0.83, abs=0.02)


def test_the_sizes_below_one_half_come_first_and_one_half_last():
    random = np.random.default_rng(0)
    labels = random.integers(0, 10, 40)
    predictions = [np.where(random.random(40) < 0.7, labels, 9 - labels) for _ in range(3)]
    evaluations = [evaluate_logits(np.eye(10, dtype=np.float32)[read], labels) for read in predictions]
    winners = winners_by_size(evaluations, (5, 10, 20, 30), n_draws=50)
    assert [winner.n_choosing for winner in winners] == [5, 10, 20]
    is_right = np.array([read == labels for read in predictions])
    assert winners[1] == choose_winner(is_right, 10, 50)
