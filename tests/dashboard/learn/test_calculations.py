"""The numbers of a calculation on a lesson's page give the result that stands behind them."""

import operator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.learn.calculations import calculation, in_brackets, updated

WEIGHT = st.floats(-3, 3)


def test_numbers_have_as_many_digits_as_the_result_needs():
    assert updated(0.32049, 10, -0.0543149) == ["0.3205", "-0.054315", "0.864"]
    assert updated(0.25, 10, -0.0125) == ["0.250", "-0.01250", "0.375"]
    assert calculation(operator.mul, (0.5, -0.25), (2, 4), 4) == ["0.50", "-0.2500", "-0.1250"]


@given(WEIGHT, st.sampled_from([0.1, 1.0, 10.0, 300.0, 1_000.0]), WEIGHT)
def test_an_update_that_is_reckoned_again_from_its_numbers_comes_out_as_written(start, rate, slope):
    weight, derivative, after = map(Decimal, updated(start, rate, slope))
    assert abs(weight - Decimal(str(rate)) * derivative - after) <= Decimal("0.0005")
    assert float(after) == pytest.approx(start - rate * slope, abs=0.000501)


def test_a_weight_that_is_not_finite_is_written_too():
    assert updated(float("inf"), 10, float("inf"))[-1] == "NaN"
    assert in_brackets("-1") == "(-1)"
