"""What the guided tours say of networks, held against the computation."""

import re

import numpy as np
import pytest
from paths import ROOT
from training_process import trained

from dashboard.session import resources
from mnist_core.analysis.evaluation import evaluate
from mnist_core.classroom.boards import Board
from mnist_core.classroom.challenges import result_of
from mnist_core.config import CLASSIC, DEFAULT
from mnist_core.lessons.optimizers import race
from mnist_core.network.parameters import initial_parameters

SEEDS = [DEFAULT.with_changes(epochs=5, seed=seed) for seed in range(3)]
"""The run of the tours, and two others."""
TOURS = {path.stem: path.read_text() for path in sorted((ROOT / "pages/lecture").glob("tour_*.md"))}


def test_most_untrained_networks_read_between_5_and_15_percent(sample):
    accuracies = [
        evaluate(initial_parameters(DEFAULT.network, seed), sample.test_images, sample.test_labels).accuracy
        for seed in range(40)
    ]
    assert "between 5 and 15%" in TOURS["tour_10"]
    assert np.mean([0.05 <= accuracy <= 0.15 for accuracy in accuracies]) > 0.8
    assert 0.08 < np.mean(accuracies) < 0.12


def test_the_winner_of_the_race_changes_with_the_rate_so_no_tour_names_one():
    winners = set()
    for factor in (1.0, 2.0):
        losses = race("ravine", factor).losses
        winners.add(min(losses, key=lambda optimizer: losses[optimizer][-1]))
    assert len(winners) > 1
    assert "the winner changes" in TOURS["tour_60"]
    assert not any(re.search(r"(Adam|RMSprop|SGD|[Mm]omentum) wins", text) for text in TOURS.values())


def test_no_tour_says_the_sign_of_a_slope_which_depends_on_the_weight():
    assert not any(
        re.search(r"slope[^.?]* at this weight is (positive|negative)\.", text) for text in TOURS.values()
    )


@pytest.fixture(scope="module")
def runs(training_process):
    return [resources.current(job) for job in trained(*SEEDS)]


def test_accuracy_rises_and_loss_falls_steeply_at_first_and_then_slowly(runs):
    assert "the accuracy rises and the loss falls, steeply at first, then slowly" in TOURS["tour_10"]
    history = runs[0].record.history
    for gains in (np.diff(history.training_accuracy), -np.diff(history.training_loss)):
        assert gains[0] > 2 * gains[-1] > 0


def test_another_seed_gives_other_weights_which_read_about_as_well(runs):
    first = runs[0]
    for other in runs[1:]:
        assert (first.record.parameters.weights[0] != other.record.parameters.weights[0]).mean() > 0.99
        assert abs(first.evaluation.accuracy - other.evaluation.accuracy) < 0.03


def test_the_classic_network_does_not_set_a_mark_on_each_table_of_the_board(training_process):
    classic = resources.current(*trained(CLASSIC))
    board = Board()
    board.set_mark(result_of(classic.job_id, classic.record, classic.evaluation))
    assert not all(board.view().standings.values())
    assert "Where the classic network meets the rules of one, its table shows it" in TOURS["tour_30"]
