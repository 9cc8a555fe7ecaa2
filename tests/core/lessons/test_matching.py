"""One neuron that tells two digits apart: its pattern, its bias and its count against other ways."""

import numpy as np
import pytest

from mnist_core.figures.lessons.matching import match_figure, pattern_figure
from mnist_core.figures.style import alt_text, title_text
from mnist_core.images.drawing import Stroke, paint_weights
from mnist_core.lessons.matching import PAIRS, PATTERNS, best_bias, match, pattern_weights


def pixels(images, labels, digit):
    return images[labels == digit].reshape(-1, 784) / 255


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("pair", PAIRS)
def test_the_count_is_that_of_the_sums_computed_one_by_one(pair, pattern, sample):
    first, second = (pixels(sample.train_images, sample.train_labels, digit) for digit in pair)
    weights = first.mean(axis=0) - (second.mean(axis=0) if pattern == "difference" else 0)
    matched = match(sample, pair, pattern_weights(sample, pair, pattern))
    assert matched.weights == pytest.approx(weights, abs=1e-5)
    assert (matched.weights < 0).any() == (pattern == "difference")
    above, below = (pixels(sample.test_images, sample.test_labels, digit) @ weights for digit in pair)
    n_right = (above + matched.bias > 0).sum() + (below + matched.bias <= 0).sum()
    assert matched.accuracy == pytest.approx(n_right / (len(above) + len(below)), abs=0.006)
    assert matched.interval.low < matched.accuracy < matched.interval.high


def test_no_other_bias_gets_more_of_the_sums_right():
    random = np.random.default_rng(0)
    first, second = random.normal(1, 1, 60), random.normal(0, 1, 40)

    def n_right(bias):
        return (first + bias > 0).sum() + (second + bias <= 0).sum()

    assert n_right(best_bias(first, second)) == max(map(n_right, np.linspace(-4, 4, 8001)))


def test_the_whole_of_mnist_has_the_accuracies_that_were_computed_beside_it(mnist):
    for pattern, accuracy in (("mean", 0.5736), ("difference", 0.8962)):
        weights = pattern_weights(mnist, (3, 8), pattern)
        assert match(mnist, (3, 8), weights).accuracy == pytest.approx(accuracy, abs=0.001)


def test_both_hills_hold_every_test_image_and_the_weights_are_drawn_as_they_are(sample):
    matched = match(sample, (3, 8), pattern_weights(sample, (3, 8), "difference"))
    first, second = match_figure(matched, (3, 8)).data
    assert sum(first.y) == len(matched.first_sums)
    assert sum(second.y) == len(matched.second_sums)
    assert f"{100 * matched.accuracy:.1f}% of 200 test images" in title_text(match_figure(matched, (3, 8)))
    (image,) = pattern_figure(matched, "Mean 3 minus mean 8").data
    assert np.asarray(image.z).ravel() == pytest.approx(matched.weights, abs=1e-3)
    assert image.zmin == -image.zmax
    assert "3s are above 0" in alt_text(match_figure(matched, (3, 8)))


def test_equal_sums_are_never_put_on_both_sides():
    """A painted neuron gives many images the sum 0: those with no ink where it is painted."""
    first, second = np.array([0, 0, 0, 2.0]), np.array([0, 0, -1.0])
    bias = best_bias(first, second)
    assert ((first + bias > 0).sum(), (second + bias <= 0).sum()) == (4, 1)
    assert best_bias(np.zeros(3), np.zeros(2)) == 0


def test_weights_may_be_painted_and_are_matched_like_any_other(sample):
    """One positive stroke down the left, where an 8 has ink and a 3 has none, is worse than its opposite."""
    line = ((105.0, 90.0), (105.0, 190.0))
    accuracy = {
        ink: match(sample, (3, 8), paint_weights((Stroke(line, 20, ink),))).accuracy for ink in (1, -1)
    }
    assert accuracy[-1] > accuracy[1]
    assert accuracy[-1] > 0.6
