"""The class's hand on real strokes: who teaches, who tests, and what is trained."""

import json

import numpy as np
import pytest

from benchmarks.own_hand import MORE_EPOCHS, STROKES, drawn, read_hands, trainings
from mnist_core.config import CLASSIC


@pytest.fixture(scope="module")
def hands():
    if not STROKES.is_file():
        pytest.skip("the pen-drawn digits are not on this machine (../shared/data/pen_digits.json)")
    return read_hands()


def test_the_digits_of_fifteen_people_teach_and_those_of_fifteen_others_test(hands):
    digits = json.loads(STROKES.read_text())
    assert hands.images.shape == hands.test_images.shape == (300, 28, 28)
    assert np.bincount(hands.labels).tolist() == np.bincount(hands.test_labels).tolist() == [30] * 10
    first = [drawn(digits[place]["strokes"]) for place in (0, 1, 2)]
    np.testing.assert_array_equal(hands.images[:2], first[:2])
    np.testing.assert_array_equal(hands.test_images[0], first[2])


def test_two_digits_beside_each_other_are_by_the_same_person_whose_place_is_the_same_for_every_digit(hands):
    digits = json.loads(STROKES.read_text())
    points = [np.concatenate([np.array(stroke, float) for stroke in each["strokes"]]) for each in digits]
    heights = np.array([np.ptp(each[:, 1]) for each in points]).reshape(10, 60)
    heights = (heights - heights.mean(axis=1, keepdims=True)) / heights.std(axis=1, keepdims=True)
    pairs, neighbours = (
        np.corrcoef(heights[:, a:b:2].ravel(), heights[:, c:d:2].ravel())[0, 1]
        for a, b, c, d in ((0, 60, 1, 60), (1, 59, 2, 60))
    )
    writers = np.corrcoef((heights[:, ::2] + heights[:, 1::2]) / 2)
    assert [round(pairs, 2), round(neighbours, 2)] == [0.86, 0.43]
    assert writers[np.triu_indices(10, 1)].mean() == pytest.approx(0.91, abs=0.005)


def test_the_same_run_goes_on_without_and_with_them(hands):
    compared = trainings(hands)
    assert compared["before"] == (CLASSIC, None)
    for name, (config, mixture) in compared.items():
        if name.startswith(f"{MORE_EPOCHS} more epochs, "):
            assert config.training.epochs == CLASSIC.training.epochs + MORE_EPOCHS
            assert mixture.first_epoch == CLASSIC.training.epochs + 1
            assert f"{100 * mixture.share:g}%" in name
