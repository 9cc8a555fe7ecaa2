"""The ladder: every rung against another way of computing it, and what the lessons say of its order."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestCentroid

from mnist_core.config import CLASSIC
from mnist_core.figures.lessons.ladder import NAMES, ink_figure, ladder_figure
from mnist_core.figures.style import alt_text, title_text
from mnist_core.lessons import ladder


@pytest.fixture(scope="module")
def rungs(sample):
    return ladder.counted_rungs(sample)


def test_one_answer_for_all_is_right_as_often_as_its_digit_occurs(sample, rungs):
    answer = ladder.most_frequent_digit(sample.train_labels)
    assert rungs["always"].accuracy == (sample.test_labels == answer).mean()
    assert ladder.most_frequent_digit(np.array([7, 7, 1, 1, 0])) == 1


def test_reading_by_ink_is_the_nearest_centroid_of_one_number(sample, rungs):
    inks = ladder.ink_amounts(sample.train_images)[:, None]
    nearest = NearestCentroid().fit(inks, sample.train_labels)
    expected = nearest.score(ladder.ink_amounts(sample.test_images)[:, None], sample.test_labels)
    assert rungs["ink"].accuracy == pytest.approx(expected, abs=0.002)


def test_the_bias_makes_the_largest_sum_that_of_the_nearest_mean_image(sample, rungs):
    train, test = (i.reshape(len(i), -1) / 255 for i in (sample.train_images, sample.test_images))
    means = np.array([train[sample.train_labels == digit].mean(axis=0) for digit in range(10)])
    nearest = cdist(test, means).argmin(axis=1)
    assert rungs["bias"].accuracy == pytest.approx((nearest == sample.test_labels).mean(), abs=0.002)
    sums = test @ means.T
    right = (sums.argmax(axis=1) == sample.test_labels).mean()
    assert rungs["means"].accuracy == pytest.approx(right, abs=0.002)


def test_each_rung_reads_better_than_the_one_below(rungs):
    accuracies = [rung.accuracy for rung in rungs.values()]
    assert accuracies == sorted(set(accuracies))
    assert all(rung.interval.low <= rung.accuracy <= rung.interval.high for rung in rungs.values())


def test_without_a_bias_digits_with_much_ink_are_answered_too_often(sample):
    weights = ladder.mean_images(sample.train_images, sample.train_labels)
    read = ladder.read_by_sums(sample.test_images, weights, np.zeros(10))
    ink = ladder.mean_inks(sample.train_images, sample.train_labels)
    often = np.bincount(read, minlength=10)
    assert often[ink.argmax()] > 2 * (sample.test_labels == ink.argmax()).sum()
    assert ink.argmax() == 0


def test_the_whole_of_mnist_has_the_accuracies_that_were_computed_beside_it(mnist):
    percents = [100 * rung.accuracy for rung in ladder.counted_rungs(mnist).values()]
    assert percents == pytest.approx([11.35, 22.3, 63.1, 82.03], abs=0.05)


def test_the_trained_rungs_differ_in_the_activation_alone():
    straight, bent = ladder.TRAINED.values()
    assert bent == CLASSIC == straight.with_changes(activation="relu")
    assert straight.network.activation == "none"
    assert tuple(ladder.TRAINED) == ladder.RUNGS[-2:]


def test_a_digit_without_images_is_never_read(sample):
    kept = sample.train_labels != 4
    ink = ladder.mean_inks(sample.train_images[kept], sample.train_labels[kept])
    assert not (ladder.read_by_ink(sample.test_images, ink) == 4).any()


def test_the_rule_by_ink_is_judged_by_counting():
    amounts, is_one = np.array([0.05, 0.06, 0.07, 0.2]), np.array([True, False, True, True])
    rule = ladder.judge_ink_rule(amounts, is_one, 0.1)
    assert (rule.n_called, rule.n_right, rule.n_of_digit) == (3, 2, 3)
    assert (rule.found, rule.wrong) == pytest.approx((2 / 3, 1 / 3))
    nothing = ladder.judge_ink_rule(amounts, is_one, 0.01)
    assert (nothing.found, nothing.wrong) == (0, 0)


def test_no_limit_of_the_rule_finds_most_ones_without_many_others(sample):
    amounts, is_one = ladder.ink_amounts(sample.train_images), sample.train_labels == 1
    rules = [ladder.judge_ink_rule(amounts, is_one, limit) for limit in np.arange(0.02, 0.2, 0.005)]
    assert not any(rule.found > 0.8 and rule.wrong < 0.4 for rule in rules)


def test_the_ladder_is_drawn_from_the_bottom_and_says_what_is_not_trained(rungs):
    figure = ladder_figure(rungs, 0)
    (bars,) = figure.data
    assert bars.y[0] == "Always 0"
    assert list(bars.x)[:4] == pytest.approx([100 * rung.accuracy for rung in rungs.values()])
    assert list(bars.text)[4:] == ["not trained yet"] * 2
    everything = rungs | dict.fromkeys(ladder.TRAINED, rungs["bias"])
    assert NAMES["bent"] in title_text(ladder_figure(everything, 0))
    assert NAMES["straight"] not in alt_text(figure)


def test_the_rule_is_drawn_with_its_limit_and_what_it_finds():
    rule = ladder.InkRule(10, 8, 16)
    nothing = ink_figure(
        np.array([5, 1]), np.array([2, 9]), np.array([0, 0.1, 0.2]), 0.0, ladder.InkRule(0, 0, 6)
    )
    assert title_text(nothing) == "The rule finds 0% of the 1s; it calls no image a 1"
    figure = ink_figure(np.array([5, 1]), np.array([2, 9]), np.array([0, 0.1, 0.2]), 0.08, rule)
    ones, others, line = figure.data
    assert (list(ones.y), list(others.y), list(line.x)) == ([5, 1], [2, 9], [0.08, 0.08])
    assert title_text(figure) == "The rule finds 50% of the 1s; 20% of what it calls a 1 is another digit"


def test_every_image_is_counted_in_the_bin_of_its_ink():
    amounts, is_digit = np.array([0.001, 0.1, 0.11, 0.39]), np.array([True, True, False, False])
    of_digit, of_others, edges = ladder.ink_counts(amounts, is_digit)
    assert len(edges) == len(of_digit) + 1 == len(of_others) + 1
    assert of_digit.sum() == of_others.sum() == 2
    for amount, counts in zip(amounts, (of_digit, of_digit, of_others, of_others), strict=True):
        assert counts[np.searchsorted(edges, amount, side="right") - 1] == 1
