"""The facts of the section on learning-rate decay."""

import numpy as np
import pytest

from mnist_core.figures.lessons.optimizers import decay_figure
from mnist_core.figures.style import title_text
from mnist_core.lessons.decay import (
    RATES,
    SMALL_RATE,
    DecayCurve,
    DecayCurves,
    constant_rate,
    cosine_rate,
    decay_curves,
)


@pytest.fixture(scope="module")
def curves(sample):
    return decay_curves(None, sample)


def test_the_rate_falls_from_its_first_value_over_half_of_it_to_nothing():
    rates = [cosine_rate(0.4, t, 100) for t in range(101)]
    assert rates[0] == 0.4
    assert rates[50] == pytest.approx(0.2)
    assert rates[100] == pytest.approx(0, abs=1e-12)
    assert (np.diff(rates) < 0).all()
    assert constant_rate(0.4, 70, 100) == 0.4


def test_a_falling_rate_comes_to_rest_and_a_constant_one_does_not(curves):
    for rate in RATES:
        ends = [curve[rate].range_at_the_end for curve in (curves.constant, curves.falling)]
        constant, falling = (highest - lowest for lowest, highest in ends)
        assert falling < 0.01
        assert constant > 5 * falling


def test_at_a_rate_of_a_tenth_the_constant_one_ends_lower_which_decides_the_guess(curves):
    constant, falling = curves.constant[0.1], curves.falling[0.1]
    assert RATES[0] == 0.1
    assert constant.last_loss < 0.8 * falling.last_loss
    assert curves.finding(0.1) == "decay harms"
    assert falling.rates.mean() == pytest.approx(0.05, rel=0.02)
    last, before = constant.losses[-30:], constant.losses[-60:-30]
    assert last.mean() < before.mean()  # still on its way down


def test_a_small_constant_rate_is_calm_but_has_not_come_far(curves):
    lowest, highest = curves.constant[SMALL_RATE].range_at_the_end
    assert lowest > 1.5 * curves.falling[RATES[-1]].last_loss
    large = curves.constant[RATES[-1]].range_at_the_end
    assert highest - lowest < 0.5 * (large[1] - large[0])


def test_all_start_alike_and_the_first_update_is_the_same_at_the_same_rate(curves):
    starts = {curve.losses[0] for each in (curves.constant, curves.falling) for curve in each.values()}
    assert len(starts) == 1
    assert curves.falling[0.3].rates[0] == curves.constant[0.3].rates[0] == 0.3
    assert curves.falling[0.3].losses[1] == pytest.approx(curves.constant[0.3].losses[1], rel=0.01)
    assert curves.constant[0.3].updates[-1] == curves.n_updates == 3 * curves.n_images / 16


@pytest.mark.parametrize(
    ("last", "finding"), [(0.1, "decay helps"), (0.3, "decay calms"), (0.5, "decay harms")]
)
def test_what_is_said_of_the_decay_follows_from_the_losses(last, finding):
    updates = np.arange(40.0)
    jitter = DecayCurve(updates, updates, np.tile([0.2, 0.4], 20))
    still = DecayCurve(updates, updates, np.full(40, last))
    curves = DecayCurves({0.5: jitter, SMALL_RATE: still}, {0.5: still}, 100, 39)
    assert curves.finding(0.5) == finding
    assert f"loss 0.20 to 0.40 if constant, {last:.2f} if falling" in title_text(decay_figure(curves, 0.5))
