"""The best of several runs, chosen on several numbers of images."""

import numpy as np

from mnist_core.analysis.evaluation import evaluate_logits
from mnist_core.lessons.testing import choose_winner, winners_by_size


def test_the_sizes_below_one_half_come_first_and_one_half_last():
    random = np.random.default_rng(0)
    labels = random.integers(0, 10, 40)
    predictions = [np.where(random.random(40) < 0.7, labels, 9 - labels) for _ in range(3)]
    evaluations = [evaluate_logits(np.eye(10, dtype=np.float32)[read], labels) for read in predictions]
    winners = winners_by_size(evaluations, (5, 10, 20, 30), n_draws=50)
    assert [winner.n_choosing for winner in winners] == [5, 10, 20]
    is_right = np.array([read == labels for read in predictions])
    assert winners[1] == choose_winner(is_right, 10, 50)
