"""The letters, signs and digits by hand that the second network is taught, and what it makes of new ones."""

from functools import partial

import numpy as np
import pytest

from benchmarks.harness import no_digits, scribbles, shapes
from mnist_core.images.dataset import load_embedded
from mnist_core.images.second_network import NO_DIGIT, SecondNetwork


def answers(draw, n=40):
    """Of the second network, to drawings by a seed that it was not taught."""
    return SecondNetwork.load().probabilities(no_digits.random_drawings(n, draw, seed=999)).argmax(axis=1)


@pytest.mark.parametrize("digit", range(10))
def test_each_digit_by_hand_is_that_digit(digit):
    assert (answers(partial(shapes.digit, digit)) == digit).mean() > 0.8


@pytest.mark.parametrize("draw", [shapes.letter, shapes.sign])
def test_letters_and_signs_by_hand_are_no_digits(draw):
    assert (answers(draw, 100) == NO_DIGIT).mean() > 0.9


@pytest.mark.parametrize("draw", scribbles.KINDS)
def test_scribbles_are_no_digits(draw):
    assert (answers(draw, 100) == NO_DIGIT).mean() > 0.8


def test_a_scribble_takes_the_whole_longer_side_each_time_another():
    random = np.random.default_rng(0)
    for draw in scribbles.KINDS:
        first, second = draw(random)[0], draw(random)[0]
        assert np.ptp(first, axis=0).max() == pytest.approx(1)
        assert first.shape != second.shape or not np.allclose(first, second)


def test_a_stroke_is_straight_between_its_points_or_smooth():
    (straight,), (smooth,) = (shapes._strokes(row) for row in (" 00 90 99", " ~00 90 99"))
    assert straight.tolist() == [[0, 0], [1, 0], [1, 1]]
    assert smooth[[0, -1]].tolist() == [[0, 0], [1, 1]]
    assert len(smooth) > 10
    assert not (smooth == [1, 0]).all(axis=1).any()


def test_a_digit_that_is_drawn_again_has_even_lines_and_stays_itself():
    dataset = load_embedded()
    images = dataset.test_images[:20]
    redrawn = np.stack(list(no_digits.redrawn(images)))
    alike = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(images, redrawn, strict=True)]
    assert np.median(alike) > 0.8
    assert not np.array_equal(images, redrawn)
