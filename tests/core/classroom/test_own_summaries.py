"""Numbers of a class at a glance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.classroom.own_summaries import N_BARS_AT_MOST, number_in_words, summarize_numbers
from mnist_core.figures.lab.own_questions import number_histogram
from mnist_core.figures.style import alt_text, title_text

NUMBERS = st.lists(st.tuples(st.floats(-1e9, 1e9), st.integers(1, 9)), min_size=1, max_size=30)


def test_whole_numbers_that_lie_close_have_a_bar_each():
    summary = summarize_numbers([(3.0, 2), (5.0, 1), (4.0, 5)])
    assert summary.edges == (2.5, 3.5, 4.5, 5.5)
    assert summary.counts == (2, 5, 1)
    assert (summary.lower, summary.median, summary.upper) == (3.0, 4.0, 4.0)


@given(NUMBERS)
def test_every_answer_is_in_a_bar_and_the_bars_are_few(answers):
    summary = summarize_numbers(answers)
    assert sum(summary.counts) == sum(count for _, count in answers)
    assert len(summary.counts) == len(summary.edges) - 1 <= N_BARS_AT_MOST
    assert np.all(np.diff(summary.edges) > 0)
    assert summary.lower <= summary.median <= summary.upper
    middle = sum(count for number, count in answers if summary.lower <= number <= summary.upper)
    assert 2 * middle >= sum(summary.counts)


@pytest.mark.parametrize("answers", [[(7.0, 1)], [(0.5, 3)], [(1.0, 4), (1000.5, 1)]])
def test_the_histogram_has_a_bar_for_each_range_and_says_so_in_words(answers):
    summary = summarize_numbers(answers)
    figure = number_histogram(summary)
    assert list(figure.data[0].y) == list(summary.counts)
    n = sum(summary.counts)
    assert title_text(figure) == (summary.middle_half if n > 1 else "One answer so far")
    assert "median" in alt_text(figure)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([(5.0, 30)], "At least half of the 30 answers are 5"),
        ([(1.0, 1), (5.0, 1)], "At least half of the 2 answers are from 1 to 5"),
    ],
)
def test_the_middle_half_is_one_answer_or_from_one_to_another(answers, words):
    assert summarize_numbers(answers).middle_half == words


@pytest.mark.parametrize(
    ("number", "words"),
    [(13_117.0, "13,117"), (1e9, "1,000,000,000"), (1_234_567.0, "1,234,570"), (0.5, "0.5")],
)
def test_a_number_is_written_with_commas_and_never_with_an_exponent(number, words):
    assert number_in_words(number) == words


def test_large_numbers_are_legible_in_the_histogram_too():
    figure = number_histogram(summarize_numbers([(784.0, 1), (25_450_000.0, 2)]))
    words = f"{title_text(figure)} {alt_text(figure)} {figure.data[0].customdata}"
    assert "25,450,000" in words
    assert "e+" not in words
