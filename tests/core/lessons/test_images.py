"""What the lesson on images computes and trains: overlaps, and configs that differ in one thing alone."""

from dataclasses import replace

import pytest

from mnist_core.analysis.intervals import Interval
from mnist_core.config import RunConfig, TrainingConfig
from mnist_core.lessons.images import dividing_configs, do_all_overlap, shuffling_configs


@pytest.mark.parametrize(
    ("ends", "overlap"),
    [
        (((0.1, 0.3), (0.2, 0.4), (0.25, 0.9)), True),
        (((0.1, 0.3), (0.2, 0.4), (0.31, 0.9)), False),
        (((0.1, 0.3), (0.3, 0.4)), True),
    ],
)
def test_intervals_overlap_where_one_accuracy_is_in_all_of_them(ends, overlap):
    intervals = [Interval(low, high) for low, high in ends]
    tried = [n / 1000 for n in range(1001)]
    assert any(all(i.low <= p <= i.high for i in intervals) for p in tried) is overlap
    assert do_all_overlap(intervals) is overlap


def test_shuffled_trainings_differ_in_the_order_of_pixels_and_the_start_alone():
    configs = shuffling_configs(2)
    assert list(configs) == ["usual, start 1", "usual, start 2", "shuffled, start 1", "shuffled, start 2"]
    assert configs["usual, start 1"] == RunConfig(training=TrainingConfig(epochs=2))
    usual, shuffled = configs["usual, start 2"], configs["shuffled, start 2"]
    assert shuffled == replace(usual, training=replace(usual.training, preparation="shuffled"))
    assert (usual.training.seed, usual.training.preparation) == (1, "usual")


def test_undivided_trainings_differ_in_the_division_alone():
    configs = dividing_configs(2)
    assert list(configs) == ["Adam, 0 to 1", "Adam, 0 to 255", "SGD, 0 to 1", "SGD, 0 to 255"]
    for optimizer in ("Adam", "SGD"):
        usual, undivided = configs[f"{optimizer}, 0 to 1"], configs[f"{optimizer}, 0 to 255"]
        assert undivided == replace(usual, training=replace(usual.training, preparation="undivided"))
        assert usual.training.optimizer == optimizer.lower()
