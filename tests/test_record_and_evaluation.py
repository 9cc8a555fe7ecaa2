import numpy as np
import pytest
from sklearn.metrics import log_loss

from mnist_core.config import ConfigError, RunConfig, TrainingConfig
from mnist_core.evaluation import calibrate, evaluate_logits, wilson_interval
from mnist_core.record import RecordError, load_record
from mnist_core.training import train


def test_a_record_is_the_same_after_saving_and_loading(sample, tmp_path):
    record = train(RunConfig(), sample, should_stop=lambda: True)
    record.save(tmp_path / "run.npz")
    loaded = load_record(tmp_path / "run.npz")
    assert loaded.config == record.config
    assert np.array_equal(loaded.parameters.weights[0], record.parameters.weights[0])


def test_a_file_that_is_no_record_is_refused(tmp_path):
    (tmp_path / "run.npz").write_bytes(b"nothing")
    with pytest.raises(RecordError, match="not a readable run record"):
        load_record(tmp_path / "run.npz")


def test_a_setting_out_of_range_names_field_range_and_value():
    with pytest.raises(ConfigError, match="epochs must be a whole number from 1 to 30, not 31"):
        TrainingConfig(epochs=31)


def test_wilson_agrees_with_its_formula():
    n, p, z = 10_000, 0.965, 1.959964
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    interval = wilson_interval(9650, n)
    assert (interval.low, interval.high) == pytest.approx((centre - half, centre + half), abs=1e-6)


def test_an_evaluation_agrees_with_a_recount():
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(0, 3, (500, 10)).astype(np.float32), rng.integers(0, 10, 500)
    found = evaluate_logits(logits, labels)
    assert found.accuracy == np.mean(
        [row.argmax() == label for row, label in zip(logits, labels, strict=True)]
    )
    assert found.confusion.sum() == 500
    assert found.loss == pytest.approx(
        log_loss(
            labels,
            found.probabilities.astype(float) / found.probabilities.sum(1, keepdims=True, dtype=float),
            labels=range(10),
        ),
        abs=1e-4,
    )
    assert np.all(np.diff(found.confidence[found.mistakes]) <= 0)


@pytest.mark.parametrize("extreme", [1000.0, -1000.0, np.nan, np.inf])
def test_extreme_logits_give_finite_results(extreme):
    logits = np.zeros((3, 10), np.float32)
    logits[0, 0] = extreme
    found = evaluate_logits(logits, np.array([0, 1, 2]))
    assert np.isfinite(found.loss)
    assert np.isfinite(found.probabilities).all()
    assert found.is_finite == bool(np.isfinite(extreme))


def test_calibration_error_is_zero_when_right_as_often_as_confident():
    calibration = calibrate(np.full(10, 0.7), np.arange(10) < 7)
    assert calibration.expected_calibration_error == pytest.approx(0, abs=1e-12)
