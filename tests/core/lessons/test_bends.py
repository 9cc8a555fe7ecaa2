"""A few neurons that follow a curve, against calculations by hand and NumPy's own interpolation."""

import numpy as np
import pytest

from mnist_core.figures.lessons.bends import bends_figure
from mnist_core.figures.style import alt_text, title_text
from mnist_core.lessons.bends import CURVE_NAMES, CURVES, MOST_NEURONS, follow_curve


def test_two_and_four_neurons_on_a_wave_are_as_calculated_by_hand():
    """sin(2πx) is 0, 1, 0, −1, 0 at the quarters, so the chords rise by 4, −4, −4 and 4 per unit."""
    two = follow_curve("wave", 2)  # the chords from 0 to ½ and from ½ to 1 are both level
    assert two.knots == pytest.approx([0, 0.5])
    assert two.output_weights == pytest.approx([0, 0], abs=1e-12)
    four = follow_curve("wave", 4, x=np.array([0.125, 0.25, 0.375, 0.75, 1.0]))
    assert four.knots == pytest.approx([0, 0.25, 0.5, 0.75])
    assert four.output_weights == pytest.approx([4, -8, 0, 8])
    assert four.output_bias == pytest.approx(0)
    assert four.parts[0] == pytest.approx([0.5, 1, 1.5, 3, 4])
    assert four.parts[1] == pytest.approx([0, 0, -1, -4, -6])
    assert four.total == pytest.approx([0.5, 1, 0.5, -1, 0])
    assert four.gaps == pytest.approx([np.sqrt(0.5) - 0.5, 0, np.sqrt(0.5) - 0.5, 0, 0], abs=1e-12)


@pytest.mark.parametrize("name", CURVE_NAMES)
@pytest.mark.parametrize("n_neurons", range(1, MOST_NEURONS + 1))
def test_the_sum_joins_the_points_of_the_curve_at_the_bends(name, n_neurons):
    followed = follow_curve(name, n_neurons)
    ends = np.linspace(0, 1, n_neurons + 1)
    assert followed.total == pytest.approx(np.interp(followed.x, ends, CURVES[name](ends)), abs=1e-12)
    assert followed.parts.shape == (n_neurons, len(followed.x))


@pytest.mark.parametrize("name", CURVE_NAMES)
@pytest.mark.parametrize("n_neurons", range(1, MOST_NEURONS + 1))
def test_without_a_bend_the_sum_is_the_last_chord_prolonged(name, n_neurons):
    straight, bent = follow_curve(name, n_neurons, has_bends=False), follow_curve(name, n_neurons)
    slopes = np.diff(straight.total) / np.diff(straight.x)
    assert slopes == pytest.approx(np.full(len(slopes), straight.output_weights.sum()), abs=1e-9)
    is_last = straight.x >= straight.knots[-1]
    assert straight.total[is_last] == pytest.approx(bent.total[is_last], abs=1e-12)


@pytest.mark.parametrize("name", CURVE_NAMES)
def test_eight_neurons_follow_a_curve_closer_than_four_and_four_closer_than_one(name):
    mean = [follow_curve(name, n).gaps.mean() for n in (1, 4, 8)]
    assert mean[0] > 2 * mean[1] > 4 * mean[2]


def test_the_sum_is_drawn_with_its_bends_and_every_neuron_below():
    followed = follow_curve("wave", 4)
    figure = bends_figure(followed, has_bends=True)
    *parts, curve, total, bends = figure.data
    assert len(parts) == 4
    assert np.asarray(curve.y) == pytest.approx(followed.curve, abs=1e-3)
    assert np.sum([part.y for part in parts], axis=0) == pytest.approx(np.asarray(total.y), abs=1e-3)
    assert list(bends.x) == [0.25, 0.5, 0.75]
    assert bends.y == pytest.approx([1, 0, -1], abs=1e-3)
    assert f"gap of {followed.gaps.max():.3f}" in title_text(figure)
    straight = bends_figure(follow_curve("wave", 4, has_bends=False), has_bends=False)
    assert "one straight line" in title_text(straight)
    assert len(straight.data) == 6
    assert "mean gap" in alt_text(straight)


def test_another_bend_may_make_it_worse_where_the_bends_do_not_lie_well():
    largest = {n: follow_curve("hill", n).gaps.max() for n in (2, 3, 8)}
    assert largest[8] < largest[2] < largest[3]
