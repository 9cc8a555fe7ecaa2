"""The facts of the lesson on generalising better, against NumPy by hand, scikit-learn and SciPy."""

import math
from dataclasses import replace

import numpy as np
import pytest
from networks import network, record_of
from scipy import stats
from sklearn.metrics import accuracy_score, log_loss

from mnist_core.config import NetworkConfig
from mnist_core.images.moving import move, places_of
from mnist_core.images.preparation import normalise
from mnist_core.lessons import generalizing as lesson
from mnist_core.lessons.generalizing import (
    CURES,
    SEEDS,
    Judged,
    clearly_better,
    compare_cures,
    copies_of,
    cure_config,
    images_to_judge,
    judge,
    mean_of_seeds,
    starting_images,
)
from mnist_core.lessons.training_curves import Validated
from mnist_core.training.loop import train
from mnist_core.training.training_set import training_images

pytestmark = pytest.mark.usefixtures("no_film_is_looked_at")


def judged(accuracy, training_accuracy=1.0, kept_epoch=1):
    ends = {"training_accuracy": [0.1, training_accuracy, 1.0], "accuracy": [0.1, accuracy, 0.0]}
    losses = {"training_loss": [2.3, 0.2, 0.1], "loss": [2.3, 0.5, 0.9]}
    arrays = {name: np.array(values) for name, values in (ends | losses).items()}
    images = np.zeros((8, 28, 28), np.float32)
    return Judged(
        **arrays,
        kept_epoch=kept_epoch,
        weight_size=0.05,
        thinned=0.5,
        moved=0.6,
        n_images=100,
        starting_weights=images,
        weights=images,
        full_color=0.1,
    )


# The trainings


def test_cures_differ_from_nothing_in_what_their_names_say_and_in_nothing_else():
    base = cure_config("nothing", 0)
    assert base.network.hidden_units == (128,)
    changed = {cure: set() for cure in CURES}
    for cure in CURES:
        values, usual = cure_config(cure, 0).to_dict(), base.to_dict()
        changed[cure] = {name for name in values if values[name] != usual.get(name)}
    assert changed == {
        "nothing": set(),
        "more images": {"n_training_images", "validation_share"},
        "early stopping": {"patience"},
        "L2": {"l2"},
        "dropout": {"dropout"},
        "shifted copies": {"shift"},
    }


@pytest.mark.parametrize("n_available", [4_000, 60_000])
def test_500_images_train_2500_as_a_cure_500_validate_and_none_of_them_is_among_those_that_judge(n_available):
    sizes = {cure: cure_config(cure, 1).training.split_sizes(n_available) for cure in CURES}
    assert sizes.pop("more images") == (2_500, 500)
    assert set(sizes.values()) == {(500, 500)}


def test_the_images_that_judge_come_after_all_that_any_cure_uses(sample):
    images, labels = images_to_judge(sample)
    used = max(sum(cure_config(cure, 0).training.split_sizes(4_000)) for cure in CURES)
    assert np.array_equal(images, sample.train_images[used:])
    assert np.array_equal(labels, sample.train_labels[used:])
    assert len(sample.train_labels) >= lesson.LEAST_IMAGES == used + 500


@pytest.fixture(scope="module")
def runs(sample):
    """Networks as the lesson trains them, with one seed; early stopping keeps an epoch of "nothing"."""
    trained = {cure: train(cure_config(cure, 0), sample) for cure in CURES if cure != "early stopping"}
    return {cure: (record, judge(record, sample)) for cure, record in trained.items()}


def test_of_what_may_be_guessed_more_images_help_most_and_500_are_learned_by_heart(runs):
    """As the lesson says before it has trained anything."""
    ends = {cure: runs[cure][1].accuracy[-1] for cure in ("more images", "L2", "dropout")}
    nothing = runs["nothing"][1]
    ends["early stopping"] = nothing.accuracy.max()
    assert max(ends, key=ends.__getitem__) == "more images"
    assert nothing.training_accuracy[-1] > 0.995
    assert nothing.accuracy[-1] < 0.92
    assert nothing.best_epoch < 10
    assert nothing.loss[-1] > 1.05 * nothing.loss[nothing.best_epoch]


def test_each_cure_does_to_the_weights_what_the_lesson_says_of_it(runs):
    def weights(cure):
        return runs[cure][0].parameters.weights[0].T.reshape(-1, 28, 28).astype(float)

    def likeness(images):
        """Correlation of neighbouring weights where there is ink."""
        middle = images[:, 4:24, 4:24]
        return np.corrcoef(middle[:, :, :-1].ravel(), middle[:, :, 1:].ravel())[0, 1]

    def edge(images):
        return np.sqrt(np.mean(images[:, [0, 1, -2, -1]] ** 2))

    assert edge(weights("L2")) < 0.2 * edge(weights("nothing"))
    assert runs["L2"][1].weight_size < 0.6 * runs["nothing"][1].weight_size
    assert likeness(weights("shifted copies")) > likeness(weights("nothing")) + 0.05
    assert runs["dropout"][1].thinned > runs["nothing"][1].thinned
    assert runs["shifted copies"][1].moved > runs["nothing"][1].moved + 0.1


# What is measured of a run


def test_the_weights_shown_before_any_training_are_those_that_every_run_of_the_seed_began_with(runs):
    images, full_color = starting_images(cure_config("nothing", 0))
    for _, measured in runs.values():
        assert np.array_equal(images, measured.starting_weights)
    assert full_color > 0


@pytest.fixture(scope="module")
def record():
    """Of networks that were never trained."""
    config = NetworkConfig((12,))
    made = record_of([network(config, seed) for seed in (1, 2, 3)])
    return replace(made, config=cure_config("nothing", 0).with_changes(hidden_units=(12,), epochs=2))


def outputs(parameters, images):
    """By hand, in float64."""
    hidden = np.maximum(normalise(images).reshape(-1, 784) @ parameters.weights[0] + parameters.biases[0], 0)
    logits = (hidden @ parameters.weights[1] + parameters.biases[1]).astype(np.float64)
    shares = np.exp(logits)
    return shares / shares.sum(axis=1, keepdims=True)


def test_losses_and_accuracies_after_each_epoch_are_those_of_scikit_learn(record, sample):
    measured = judge(record, sample)
    for images, labels, loss, accuracy in (
        (
            sample.train_images[:500],
            sample.train_labels[:500],
            measured.training_loss,
            measured.training_accuracy,
        ),
        (sample.train_images[3_000:], sample.train_labels[3_000:], measured.loss, measured.accuracy),
    ):
        probabilities = [outputs(parameters, images) for parameters in record.snapshots]
        assert loss == pytest.approx([log_loss(labels, p, labels=range(10)) for p in probabilities], rel=1e-5)
        assert accuracy == pytest.approx([accuracy_score(labels, p.argmax(axis=1)) for p in probabilities])
    assert measured.kept_epoch == 2
    assert measured.n_images == 1_000
    assert measured.weight_size == pytest.approx(
        math.sqrt((record.parameters.weights[0] ** 2).mean()), rel=1e-6
    )


def test_without_half_of_its_neurons_a_network_is_read_as_by_the_dropout_layer_of_keras(record, sample):
    """The same distribution: both leave out other neurons, so over many images the accuracies agree."""
    import keras

    images, labels = images_to_judge(sample)
    kernels, biases = record.parameters.weights, record.parameters.biases
    hidden = np.maximum(normalise(images).reshape(-1, 784) @ kernels[0] + biases[0], 0)
    layer, n_times = keras.layers.Dropout(0.5, seed=1), 40
    read = [
        (np.asarray(layer(hidden, training=True)) @ kernels[1] + biases[1]).argmax(axis=1)
        for _ in range(n_times)
    ]
    share = np.mean([answers == labels for answers in read])
    deviation = math.sqrt(share * (1 - share) / len(labels))
    assert judge(record, sample).thinned == pytest.approx(share, abs=4 * deviation)


def test_a_network_that_always_says_three_says_so_of_moved_images_too(record, sample):
    kernels, biases = (
        record.parameters.weights,
        (record.parameters.biases[0], np.eye(10, dtype=np.float32)[3] * 1e6),
    )
    always_three = replace(record.parameters, weights=kernels, biases=biases)
    measured = judge(replace(record, snapshots=(always_three,), parameters=always_three), sample)
    share = (sample.train_labels[3_000:] == 3).mean()
    assert measured.moved == measured.thinned == pytest.approx(share)


def test_a_moved_image_is_the_old_one_rolled_with_black_at_the_edge(sample):
    images = sample.train_images[:4]
    right, down = np.array([2, -1, 0, 3]), np.array([0, 3, -2, -3])
    for image, moved, x, y in zip(images, move(places_of(images, 3), right, down), right, down, strict=True):
        expected = np.zeros_like(image)
        for row in range(28):
            for column in range(28):
                if 0 <= row + y < 28 and 0 <= column + x < 28:
                    expected[row + y, column + x] = image[row, column]
        np.testing.assert_array_equal(moved, expected)


def test_a_row_of_the_wall_is_one_image_as_the_epochs_of_its_training_show_it(sample):
    chosen = training_images(cure_config("shifted copies", 0), sample)
    wall = copies_of(chosen, 3, 4).reshape(3, 4, 28, 28)
    for epoch in range(1, 5):
        np.testing.assert_array_equal(wall[:, epoch - 1], chosen.seen(epoch)[:3])
    assert len({wall[0, epoch].tobytes() for epoch in range(4)}) > 1
    assert (wall.reshape(3, 4, -1).astype(int).sum(axis=2).std(axis=1) < 3_000).all()


# What is made of three seeds


@pytest.mark.parametrize("values", [(0.1, 0.2, 0.4), (0.9, 0.91, 0.89), (-0.01, 0.02, 0.0)])
def test_the_interval_of_three_seeds_is_that_of_scipy(values):
    mean = mean_of_seeds(values)
    low, high = stats.t.interval(0.95, 2, loc=np.mean(values), scale=stats.sem(values))
    assert (mean.low, mean.mean, mean.high) == pytest.approx((low, np.mean(values), high))


def test_the_interval_is_for_three_seeds_only():
    with pytest.raises(ValueError, match="3 seeds, not 2"):
        mean_of_seeds([0.1, 0.2])


def test_results_are_of_the_epoch_that_is_kept_and_gains_are_paired_by_seed():
    base = [judged(accuracy) for accuracy in (0.80, 0.84, 0.82)]
    better = [judged(accuracy, 0.98) for accuracy in (0.85, 0.88, 0.87)]
    results = compare_cures({"nothing": base, "L2": better})
    assert results["nothing"].gain == lesson.Mean(0, 0, 0)
    assert results["L2"].accuracy.mean == pytest.approx(np.mean([0.85, 0.88, 0.87]))
    assert results["L2"].gap.mean == pytest.approx(0.98 - np.mean([0.85, 0.88, 0.87]))
    interval = stats.ttest_rel([0.85, 0.88, 0.87], [0.80, 0.84, 0.82]).confidence_interval()
    assert (results["L2"].gain.low, results["L2"].gain.high) == pytest.approx(tuple(interval))
    assert results["L2"].loss.mean == pytest.approx(0.5)
    assert results["L2"].kept_epochs == (1, 1, 1)


@pytest.mark.parametrize(
    ("accuracies", "finding"),
    [((0.85, 0.89, 0.87), "better"), ((0.75, 0.79, 0.77), "worse"), ((0.85, 0.80, 0.83), "unclear")],
)
def test_a_cure_is_better_or_worse_only_where_the_interval_of_its_gain_has_no_zero(accuracies, finding):
    base = [judged(accuracy) for accuracy in (0.80, 0.84, 0.82)]
    results = compare_cures({"nothing": base, "dropout": [judged(a) for a in accuracies]})
    assert results["dropout"].finding == finding
    assert results["nothing"].finding == "unclear"


def test_clearly_better_is_whose_interval_lies_above_that_of_nothing():
    read = {"nothing": 900, "L2": 905, "dropout": 940, "shifted copies": 800}
    results = {cure: Validated.of(np.arange(1_000) < n) for cure, n in read.items()}
    assert clearly_better(results) == ["dropout"]


def test_seeds_are_three_and_different():
    assert len(set(SEEDS)) == 3
