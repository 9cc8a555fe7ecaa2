"""The reading grade counts what is read, and no formulas, tables or addresses."""

import pytest

from benchmarks.reading_grade import grade, n_syllables, sentences_of


def test_the_grade_is_the_formula_s():
    words = "the cat sat on the mat"
    assert [n_syllables(word) for word in words.split()] == [1] * 6
    assert grade([words]) == pytest.approx(0.39 * 6 + 11.8 - 15.59)
    assert n_syllables("probability") >= 4


def test_long_sentences_and_long_words_are_harder():
    easy = ["The weight goes down a little.", "Then the loss is less than it was."]
    joined = [" ".join(easy)]
    assert grade(easy) < grade(joined)
    assert grade(easy) < grade(["Optimisation algorithms minimise multidimensional functions iteratively."])


def test_headings_tables_formulas_and_addresses_are_not_read():
    text = "# A long heading\n\nTake [one weight](glossary#weight) of $w_{3}$ here.\n\n| a | b |\n"
    assert sentences_of(text) == ["Take one weight of it here."]
