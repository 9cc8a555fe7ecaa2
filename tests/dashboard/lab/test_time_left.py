"""The time that a sweep still takes is read in steps, and does not jump."""

import pytest

from dashboard.lab.compare.time_left import steady
from dashboard.widgets.current_run import duration
from mnist_core.config import RunConfig
from mnist_core.engine.jobs import JobState
from mnist_core.sweeps.results import SweepPoint
from mnist_core.sweeps.runner import SweepView


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.3, "about 5 s"),
        (5.1, "about 10 s"),
        (58, "about 60 s"),
        (61, "about 2 minutes"),
        (200, "about 4 minutes"),
    ],
)
def test_a_time_is_a_multiple_of_five_seconds_or_of_minutes(seconds, words):
    assert f"about {duration(steady(None, seconds))}" == words


def test_what_is_shown_falls_with_the_estimates_and_rises_only_where_they_have_clearly_risen():
    shown, said = None, []
    for seconds in (42, 47, 38, 44, 31, 29, 33, 21, 26, 48, 40, 12, 3):
        shown = steady(shown, seconds)
        said.append(shown)
    assert said == [45, 45, 40, 40, 35, 30, 30, 25, 25, 50, 40, 15, 5]


def test_a_long_training_that_is_to_come_counts_for_more_than_a_short_one_that_is_done():
    points = [SweepPoint(RunConfig(), "1", JobState.FINISHED, 1.0), SweepPoint(RunConfig())]
    view = SweepView("a", tuple(points), JobState.RUNNING, 2.0, (2.0, 30.0))
    assert view.seconds_left == pytest.approx(30)
    assert SweepView("a", tuple(points), JobState.RUNNING, 2.0).seconds_left == pytest.approx(2)
