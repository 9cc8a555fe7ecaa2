import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve
from sklearn.metrics import confusion_matrix, log_loss, precision_recall_fscore_support

from mnist_core.analysis.calibration import calibrate
from mnist_core.analysis.evaluation import evaluate, evaluate_logits
from mnist_core.analysis.intervals import wilson_interval
from mnist_core.analysis.reports import report_digits
from mnist_core.config import RunConfig
from mnist_core.figures.lab.evaluation import confusion_figure, score_figure
from mnist_core.figures.style import alt_text
from mnist_core.training.record import RunRecord


@pytest.mark.parametrize(("n_right", "n"), [(9650, 10_000), (0, 7), (7, 7), (1, 1), (3, 10)])
def test_wilson_is_scipys(n_right, n):
    expected = binomtest(n_right, n).proportion_ci(0.95, method="wilson")
    interval = wilson_interval(n_right, n)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_a_report_agrees_with_a_recount_by_hand():
    labels = np.array([0, 0, 0, 1, 1, 2], np.uint8)
    report = report_digits(labels, np.array([0, 0, 1, 1, 0, 2]))
    assert report.confusion[:3, :3].tolist() == [[2, 1, 0], [1, 1, 0], [0, 0, 1]]
    assert (report.n_images, report.n_right) == (6, 4)
    assert report.confusion_by_row[0, :2] == pytest.approx([2 / 3, 1 / 3])
    of_zero, of_one, of_nine = (report.scores[digit] for digit in (0, 1, 9))
    assert (of_zero.precision, of_zero.recall, of_zero.f1) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert (of_one.precision, of_one.recall, of_one.support) == (0.5, 0.5, 2)
    assert (of_nine.precision, of_nine.recall, of_nine.f1, of_nine.support) == (0, 0, 0, 0)


def test_a_digit_without_images_has_no_scores_and_is_not_the_hardest():
    labels = np.array([0, 0, 0, 1, 1, 2], np.uint8)
    report = report_digits(labels, np.array([0, 0, 9, 1, 1, 2]))
    assert [score.digit for score in report.scored] == [0, 1, 2]
    assert report.hardest[0] == 0
    figure = score_figure(report)
    assert [list(trace.x) for trace in figure.data] == [[0, 1, 2], [0, 1, 2]]
    assert "Digit 9" not in alt_text(figure)
    cells = confusion_figure(report, by_row=True).data[-1]
    assert cells.hovertext[90] == "9 read as 0: 0 images<br>there is no image of a 9"
    assert cells.hovertext[9] == "0 read as 9: 1 image<br>33.3% of all 0s"


def test_a_run_is_reported_as_it_is_evaluated(sample):
    record = RunRecord.untrained(RunConfig(), sample)
    evaluation = evaluate(record.parameters, sample.test_images, sample.test_labels)
    report = evaluation.report
    assert report.n_right == evaluation.n_right
    for digit, score in enumerate(report.scores):
        row = [len(evaluation.cell(digit, prediction)) for prediction in range(10)]
        assert report.confusion[digit].tolist() == row
        assert score.support == sum(row)


def test_an_evaluation_agrees_with_a_recount():
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(0, 3, (500, 10)).astype(np.float32), rng.integers(0, 10, 500)
    evaluation = evaluate_logits(logits, labels)
    assert evaluation.accuracy == np.mean(
        [row.argmax() == label for row, label in zip(logits, labels, strict=True)]
    )
    assert evaluation.loss == pytest.approx(
        log_loss(
            labels,
            evaluation.probabilities.astype(float)
            / evaluation.probabilities.sum(1, keepdims=True, dtype=float),
            labels=range(10),
        ),
        abs=1e-4,
    )
    assert np.all(np.diff(evaluation.confidence[evaluation.mistakes]) <= 0)


@pytest.mark.parametrize("extreme", [1000.0, -1000.0, np.nan, np.inf])
def test_extreme_logits_give_finite_results(extreme):
    logits = np.zeros((3, 10), np.float32)
    logits[0, 0] = extreme
    evaluation = evaluate_logits(logits, np.array([0, 1, 2]))
    assert np.isfinite(evaluation.loss)
    assert np.isfinite(evaluation.probabilities).all()
    assert evaluation.is_finite == bool(np.isfinite(extreme))


def test_the_reliability_diagram_is_scikit_learns():
    random = np.random.default_rng(5)
    confidence = random.uniform(0.1, 1, 3_000)
    is_right = random.random(3_000) < confidence**2
    calibration = calibrate(confidence, is_right)
    used = calibration.counts > 0
    accuracy, mean_confidence = calibration_curve(is_right, confidence, n_bins=10)
    assert calibration.accuracy[used] == pytest.approx(accuracy)
    assert calibration.mean_confidence[used] == pytest.approx(mean_confidence)
    gaps = calibration.counts[used] * np.abs(accuracy - mean_confidence)
    assert calibration.expected_calibration_error == pytest.approx(gaps.sum() / 3_000)
    first = calibration.counts[used][0], round(calibration.accuracy[used][0] * calibration.counts[used][0])
    interval = binomtest(first[1], int(first[0])).proportion_ci(0.95, method="wilson")
    of_first = calibration.intervals[np.flatnonzero(used)[0]]
    assert (of_first.low, of_first.high) == pytest.approx((interval.low, interval.high))


def test_calibration_error_is_zero_when_right_as_often_as_confident():
    calibration = calibrate(np.full(10, 0.7), np.arange(10) < 7)
    assert calibration.expected_calibration_error == pytest.approx(0, abs=1e-12)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
@pytest.mark.parametrize("n", [1, 7, 300])
def test_counts_and_scores_of_drawings_are_those_of_scikit_learn(n):
    random = np.random.default_rng(n)
    labels, predictions = random.integers(0, 10, (2, n)).astype(np.uint8)
    report = report_digits(labels, predictions)
    digits = np.arange(10)
    assert np.array_equal(report.confusion, confusion_matrix(labels, predictions, labels=digits))
    expected = precision_recall_fscore_support(labels, predictions, labels=digits, zero_division=0)
    scores = np.array([(s.precision, s.recall, s.f1, s.support) for s in report.scores]).T
    assert np.allclose(scores, np.array(expected))
    assert report.n_right == (labels == predictions).sum()
