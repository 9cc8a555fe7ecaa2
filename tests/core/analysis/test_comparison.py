from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix

from mnist_core.analysis.comparison import (
    confusion_difference,
    descriptions,
    differing_pairs,
    differing_settings,
    disagreements,
    mcnemar,
    sign_test,
)
from mnist_core.analysis.evaluation import evaluate_logits
from mnist_core.analysis.reports import report_digits
from mnist_core.config import CLASSIC, NetworkConfig, RunConfig, TrainingConfig
from mnist_core.figures.lab.comparison import accuracies_figure, curves_figure
from mnist_core.figures.style import alt_text, is_cut, title_text
from mnist_core.training.history import History

COUNTS = st.integers(0, 400)


def test_a_worked_mcnemar_test():
    # Six images tell them apart, five of them for the first: 2 × (1 + 6) / 2⁶ = 14 / 64.
    first = np.array([True] * 5 + [False] + [True] * 3 + [False] * 2)
    second = np.array([False] * 5 + [True] + [True] * 3 + [False] * 2)
    test = mcnemar(first, second)
    assert (test.both_right, test.only_first, test.only_second, test.both_wrong) == (3, 5, 1, 2)
    assert test.n_telling == 6
    assert test.p_value == 14 / 64
    assert not test.is_significant


def test_ten_of_ten_images_for_one_side_are_hard_to_explain_by_chance():
    test = mcnemar(np.ones(10, bool), np.zeros(10, bool))
    assert test.p_value == 2 / 2**10
    assert test.is_significant


@given(COUNTS, COUNTS)
def test_the_p_value_is_that_of_scipys_exact_binomial_test(n_first, n_second):
    expected = binomtest(n_first, n_first + n_second).pvalue if n_first + n_second else 1.0
    assert sign_test(n_first, n_second) == pytest.approx(expected, rel=1e-9)


@given(COUNTS, COUNTS)
def test_which_network_comes_first_does_not_matter(n_first, n_second):
    assert sign_test(n_first, n_second) == sign_test(n_second, n_first)


def test_a_split_too_uneven_for_a_float_has_a_p_value_of_zero():
    assert sign_test(9_000, 1_000) == 0.0


def test_networks_judged_on_different_images_are_refused():
    with pytest.raises(ValueError, match="same images, not on 3 and 4"):
        mcnemar(np.ones(3, bool), np.ones(4, bool))
    logits = np.eye(10, dtype=np.float32)
    first, second = evaluate_logits(logits, np.arange(10)), evaluate_logits(logits, np.arange(10)[::-1])
    with pytest.raises(ValueError, match="different images"):
        disagreements(first, second)


def logits_for(predictions, strength):
    """Logits that make each of these predictions, the more sure the larger the strength."""
    logits = np.zeros((len(predictions), 10), np.float32)
    logits[np.arange(len(predictions)), predictions] = strength
    return logits


def test_disagreements_are_sorted_into_three_kinds_the_most_confident_first():
    labels = np.array([0, 1, 2, 3, 4, 5])
    first = evaluate_logits(logits_for([0, 1, 9, 3, 8, 5], [1, 5, 1, 1, 1, 1]), labels)
    second = evaluate_logits(logits_for([7, 7, 2, 3, 9, 5], [1, 1, 1, 1, 1, 1]), labels)
    differing = disagreements(first, second)
    assert differing.by_side["only first"].tolist() == [1, 0]  # image 1 is read with more confidence
    assert differing.by_side["only second"].tolist() == [2]
    assert differing.by_side["both wrong"].tolist() == [4]
    assert differing.n_images == 4


@given(st.lists(st.tuples(*[st.integers(0, 9)] * 3), min_size=1, max_size=60))
def test_disagreements_are_all_images_that_are_read_differently(rows):
    labels, first, second = np.array(rows).T
    differing = disagreements(*(evaluate_logits(logits_for(p, 3), labels) for p in (first, second)))
    together = np.concatenate(list(differing.by_side.values()))
    assert sorted(together) == np.flatnonzero(first != second).tolist()
    test = mcnemar(first == labels, second == labels)
    assert len(differing.by_side["only first"]) == test.only_first
    assert len(differing.by_side["only second"]) == test.only_second


def read_right(n_right):
    """A network that reads the first so many of 1,000 images correctly."""
    labels = np.zeros(1_000, np.int64)
    return evaluate_logits(logits_for((np.arange(1_000) >= n_right).astype(int), 3.0), labels)


def test_pairs_differ_where_mcnemars_test_says_so_and_the_better_one_comes_first():
    runs = {"a": read_right(900), "b": read_right(950), "c": read_right(946), "d": read_right(895)}
    better = {"b": "ad", "c": "ad"}
    assert set(differing_pairs(runs)) == {(first, second) for first in better for second in better[first]}
    assert differing_pairs({"a": runs["a"]}) == ()


def test_the_title_of_the_accuracies_says_what_mcnemars_test_says_of_the_pairs():
    def title(**n_right):
        runs = {name: read_right(n) for name, n in n_right.items()}
        reports = {name: report_digits(run.labels, run.predictions) for name, run in runs.items()}
        figure = accuracies_figure(reports, differing_pairs(runs))
        return title_text(figure).removeprefix("Chance ").replace(" (McNemar's test", "").removesuffix(")")

    assert title(a=900, b=950) == "hardly explains the lead of b over a"
    assert title(a=950, b=952) == "could explain the difference between a and b"
    assert title(a=950, b=952, c=951) == "could explain the difference in each of the 3 pairs of runs"
    told = "hardly explains the difference in {} pairs of runs{}, p < 0.05".format
    assert title(a=900, b=952, c=951) == told("2 of the 3", "")
    many = {f"n{number}": 900 for number in range(9)}
    assert title(a=952, **many) == told("9 of the 45", "; about 2 such pairs would come by chance alone")
    assert title(a=900) == "Test accuracy"
    report = report_digits(np.zeros(9, np.int64), np.zeros(9, np.int64))
    assert title_text(accuracies_figure({"a": report, "b": report}, None)) == "Test accuracy"


def test_accuracies_of_runs_have_one_decimal_and_a_cut_axis_is_known_as_one():
    run = read_right(907)
    figure = accuracies_figure({"a": report_digits(run.labels, run.predictions)}, None)
    assert list(figure.data[0].text) == ["90.7%"]
    assert "a 90.7%" in alt_text(figure)
    assert is_cut(figure)
    none = read_right(0)
    assert not is_cut(accuracies_figure({"a": report_digits(none.labels, none.predictions)}, None))
    no_curve: list[list[float]] = [[], [], []]
    history = History([0.5, 0.4], [0.8, 0.9], [], [], *no_curve)
    assert is_cut(curves_figure({"a": history}, "accuracy", "training"))
    low = replace(history, training_loss=np.array([2.0, 0.01]))
    assert not is_cut(curves_figure({"a": low}, "loss", "training"))


@pytest.mark.parametrize("images", ["training", "validation"])
def test_the_curves_of_all_runs_are_of_the_same_images_and_a_run_without_any_has_a_dash(images):
    no_curve: list[list[float]] = [[], [], []]
    with_validation = History([0.5, 0.4], [0.8, 0.9], [0.7, 0.6], [0.6, 0.7], *no_curve)
    runs = {"a": with_validation, "b": History([0.3], [0.9], [], [], *no_curve)}
    figure = curves_figure(runs, "loss", images)
    first, second = figure.data
    assert list(first.y) == ([0.5, 0.4] if images == "training" else [0.7, 0.6])
    assert (second.name, list(second.y)) == (("b", [0.3]) if images == "training" else ("b: –", [None]))
    assert images in title_text(figure).lower()
    assert images in figure.layout.yaxis.title.text.lower()


def test_the_difference_of_confusion_matrices_is_that_of_scikit_learns():
    random = np.random.default_rng(3)
    labels, first, second = random.integers(0, 10, (3, 500))
    difference = confusion_difference(report_digits(labels, first), report_digits(labels, second))
    expected = confusion_matrix(labels, second) - confusion_matrix(labels, first)
    assert difference.tolist() == expected.tolist()
    assert not difference.flags.writeable
    assert difference.sum() == 0


def test_only_settings_that_differ_are_named():
    other = RunConfig(NetworkConfig((64, 16)), TrainingConfig(validation_share=0.0, learning_rate=0.01))
    assert differing_settings([CLASSIC, other]) == {
        "hidden neurons": ("32", "64 + 16"),
        "learning rate": ("0.001", "0.01"),
    }
    assert descriptions([CLASSIC, other]) == (
        "hidden neurons 32, learning rate 0.001",
        "hidden neurons 64 + 16, learning rate 0.01",
    )
    assert descriptions([CLASSIC, CLASSIC]) == ("", "")
