"""What is given away of a run can be read elsewhere, and what comes back is not trusted."""

import io
import json
import re
from dataclasses import replace
from threading import RLock

import nbformat
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.analysis.evaluation import evaluate
from mnist_core.analysis.reports import report_digits
from mnist_core.bounds import MAX_SETTINGS_BYTES
from mnist_core.chapters import Chapter
from mnist_core.config import CLASSIC, DEFAULT, NetworkConfig, RunConfig, TrainingConfig
from mnist_core.engine.analyses import Analyses
from mnist_core.engine.job_queue import JobQueue
from mnist_core.engine.jobs import AnalysisView
from mnist_core.take_home.files import (
    curve_csv,
    epochs_csv,
    file_stem,
    for_excel,
    keras_file,
    predictions_csv,
    predictions_file,
    slug,
    weights_file,
)
from mnist_core.take_home.notebook import Cell, to_notebook
from mnist_core.take_home.report import mistake_confidence, report_file, report_html, run_facts
from mnist_core.take_home.settings_file import SettingsError, differences, read_settings, to_settings
from mnist_core.training.loop import train
from mnist_core.training.record import RunRecord
from mnist_core.training.stretches import borders


@pytest.fixture(scope="module")
def record(sample):
    network = NetworkConfig((12, 7), "tanh")
    return train(RunConfig(network, TrainingConfig(epochs=3, learning_rate=0.003, seed=5)), sample)


@pytest.fixture(scope="module")
def evaluation(record, sample):
    return evaluate(record.parameters, sample.test_images, sample.test_labels)


@pytest.fixture(scope="module")
def report(record, sample, evaluation):
    digits = report_digits(evaluation.labels, evaluation.predictions)
    return report_html(record, sample, evaluation, digits, "print('<&>')\n")


def test_the_weights_file_holds_every_array_bit_by_bit(record):
    with np.load(io.BytesIO(weights_file(record.parameters)), allow_pickle=False) as arrays:
        assert sorted(arrays) == sorted(f"{kind}_{n}" for kind in ("weights", "biases") for n in (1, 2, 3))
        for number in range(3):
            for kind in ("weights", "biases"):
                array = arrays[f"{kind}_{number + 1}"]
                assert array.dtype == np.float32
                np.testing.assert_array_equal(array, getattr(record.parameters, kind)[number])


def test_the_history_comes_back_in_full_precision(record):
    epochs = pd.read_csv(io.StringIO(epochs_csv(record.history, record.config)))
    assert epochs["epoch"].tolist() == [1, 2, 3]
    for name in ("training_loss", "training_accuracy", "validation_loss", "validation_accuracy"):
        assert epochs[name].tolist() == getattr(record.history, name).tolist()
    curve = pd.read_csv(io.StringIO(curve_csv(record.history, record.timeline)))
    assert curve["updates"].tolist() == record.history.curve_step.tolist()
    assert curve["training_loss"].tolist() == record.history.curve_loss.tolist()
    assert curve["epoch"].iloc[-1] == 3


def test_a_run_with_chapters_tells_the_settings_of_each_epoch(record):
    config = replace(record.config, chapters=(Chapter(3, 256, "sgd", 0.01),))
    epochs = pd.read_csv(io.StringIO(epochs_csv(record.history, config)))
    batch_size = config.training.batch_size
    assert epochs["batch_size"].tolist() == [batch_size, batch_size, 256]
    assert epochs["optimizer"].tolist()[-2:] == [config.training.optimizer, "sgd"]
    facts = dict(run_facts(replace(record, config=config)))
    assert facts["From epoch 3"] == borders(config)[0].label
    assert not any(name.startswith("From epoch") for name, _ in run_facts(record))


def test_a_run_without_validation_has_empty_columns_for_it(record):
    history = replace(record.history, validation_loss=[], validation_accuracy=[])
    epochs = pd.read_csv(io.StringIO(epochs_csv(history, DEFAULT)))
    assert epochs["validation_loss"].isna().all()
    assert epochs["training_loss"].notna().all()


def test_predictions_come_back_bit_by_bit(evaluation):
    table = pd.read_csv(
        io.StringIO(predictions_csv(evaluation)), dtype=dict.fromkeys([f"p{d}" for d in range(10)], str)
    )
    assert table["number"].tolist() == list(range(evaluation.n_images))
    assert table["true_digit"].tolist() == evaluation.labels.tolist()
    assert table["prediction"].tolist() == evaluation.predictions.tolist()
    outputs = table[[f"p{digit}" for digit in range(10)]].to_numpy().astype(np.float32)
    np.testing.assert_array_equal(outputs, evaluation.probabilities)
    np.testing.assert_array_equal(table["loss"].to_numpy().astype(np.float32), evaluation.losses)


def test_tables_with_a_decimal_comma_hold_the_same_numbers(record, sample):
    chapters = replace(record.config, chapters=(Chapter(3, 256, "sgd", 0.01),))
    tables = (
        epochs_csv(record.history, chapters).encode(),
        curve_csv(record.history, record.timeline).encode(),
        predictions_file(record, sample),
    )
    for table in tables:
        assert b'"' not in table, "a value has a comma in it"
        converted = for_excel(table)
        assert converted.startswith(b"\xef\xbb\xbf")
        read = pd.read_csv(io.BytesIO(converted), sep=";", decimal=",", encoding="utf-8-sig")
        pd.testing.assert_frame_equal(read, pd.read_csv(io.BytesIO(table)), check_exact=True)


def test_what_the_training_process_prepares_is_the_table_and_the_report(record, sample, evaluation):
    assert predictions_file(record, sample) == predictions_csv(evaluation).encode()
    text = report_file(record, sample).decode()
    assert f"Test accuracy {100 * evaluation.accuracy:.1f}%" in text
    assert "keras.layers.Dense(12" in text


def test_the_files_that_are_kept_have_a_bound_and_the_oldest_go_first(monkeypatch):
    monkeypatch.setattr("mnist_core.bounds.MAX_FILES_BYTES", 100)
    analyses = Analyses(None, None, JobQueue(), RLock(), lambda _: None)
    for number in range(5):
        analyses.keep((f"run {number}", keras_file), AnalysisView(bytes(40)))
        analyses.keep((f"run {number}", report_file), AnalysisView({"small": number}))
    kept = [number for number in range(5) if analyses.view((f"run {number}", keras_file)) is not None]
    assert kept == [3, 4]
    assert all(analyses.view((f"run {number}", report_file)) is not None for number in range(5))


def test_files_of_different_runs_have_different_names():
    other = replace(CLASSIC, training=replace(CLASSIC.training, learning_rate=0.002))
    assert file_stem(CLASSIC, "a").startswith("mnist-32-relu-adam-5-epochs-")
    assert len({file_stem(CLASSIC, "a"), file_stem(other, "a"), file_stem(CLASSIC, "b")}) == 3
    assert slug("Most frequent mistake: a 4 read as a 9") == "most-frequent-mistake-a-4-read-as-a-9"
    assert slug("…") == "chart"


def test_a_notebook_is_valid_and_keeps_its_cells():
    cells = [Cell("markdown", "# Title\n\nWords"), Cell("code", "x = 1\nprint(x)")]
    notebook = nbformat.reads(to_notebook(cells), as_version=4)
    nbformat.validate(notebook)
    assert [(cell.cell_type, cell.source) for cell in notebook.cells] == [(c.kind, c.text) for c in cells]


def test_the_report_says_what_was_done_and_found(report, record, evaluation):
    for words in (
        f"Test accuracy {100 * evaluation.accuracy:.1f}%", "784 → 12 → 7 → 10", "tanh", "0.003",
        record.dataset_fingerprint, record.versions["numpy"], f"{record.seconds:.2f} s", "Seed",
        f"{record.parameters.network.n_parameters:,} parameters",
        "These settings as a Keras script",
    ):  # fmt: skip
        assert words in report
    assert report.count("<svg") == 2
    assert report.count("<img") == 12 + 1
    assert "print(&#x27;&lt;&amp;&gt;&#x27;)" in report


def test_the_report_asks_nobody_for_anything(report):
    addresses = re.findall(r"""(?:src|href|action|data|url)\s*[=(]\s*["']?([^"'\s>]{0,30})""", report)
    assert [address for address in addresses if not address.startswith("data:image/png;base64,")] == []
    assert "<script" not in report
    assert "@import" not in report
    assert "http" not in report.replace('xmlns="http://www.w3.org/2000/svg"', "").replace("http-equiv", "")


def test_the_report_escapes_the_name_of_the_data(record, sample, evaluation):
    digits = report_digits(evaluation.labels, evaluation.predictions)
    named = replace(record, dataset_name="<script>alert(1)</script>")
    assert "<script" not in report_html(named, sample, evaluation, digits, "")


def test_a_run_that_diverged_or_never_began_has_a_report_too(record, sample):
    weights = tuple(np.full_like(array, np.nan) for array in record.parameters.weights)
    broken = replace(
        record,
        parameters=replace(record.parameters, weights=weights),
        history=replace(
            record.history,
            training_loss=[np.nan] * 3,
            curve_loss=np.full_like(record.history.curve_loss, np.inf),
        ),
    )
    untrained = RunRecord.untrained(record.config, sample)
    for odd in (broken, untrained):
        evaluation = evaluate(odd.parameters, sample.test_images, sample.test_labels)
        digits = report_digits(evaluation.labels, evaluation.predictions)
        text = report_html(odd, sample, evaluation, digits, "")
        assert re.search(r"\b(nan|inf)\b", text) is None
    assert "grew without limit" in report_html(broken, sample, evaluation, digits, "")


def test_settings_go_to_a_file_and_back():
    config = RunConfig(
        NetworkConfig((64, 8), "tanh"), TrainingConfig(l2=0.001, n_training_images=500, seed=9)
    )
    assert read_settings(to_settings(config).encode()) == config
    assert json.loads(to_settings(config))["format"] == 1
    assert differences(CLASSIC, DEFAULT) == {"validation_share": (0.0, 0.1)}


def changed(**values):
    settings = DEFAULT.to_dict() | values
    return json.dumps({"format": 1, "settings": settings}).encode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is JSON"),
        (b"\x89PNG\r\n\x1a\n\xff\xfe", "UTF-8"),
        (b"PK\x03\x04" + b"a" * 50, "is JSON"),
        (b"[" * 3_900, "is JSON"),
        (b" " * (MAX_SETTINGS_BYTES + 1), "at most"),
        (b"[1, 2]", "nothing else"),
        (b"null", "nothing else"),
        (json.dumps(DEFAULT.to_dict()).encode(), "nothing else"),
        (json.dumps({"format": 2, "settings": DEFAULT.to_dict()}).encode(), "format must be 1"),
        (json.dumps({"format": True, "settings": DEFAULT.to_dict()}).encode(), "format must be 1"),
        (json.dumps({"format": 1, "settings": [1]}).encode(), "names with values"),
        (json.dumps({"format": 1, "settings": {"epochs": 5}}).encode(), "lacks activation"),
        (changed(color="red"), "has the setting “color”, which does not exist"),
        (changed(epochs=0), r"Epochs \(epochs\) must be a whole number from 1 to 30, not 0"),
        (changed(epochs=5.0), r"Epochs \(epochs\) must be a whole number"),
        (changed(epochs=True), r"Epochs \(epochs\) must be a whole number"),
        (changed(epochs="5"), r"Epochs \(epochs\) must be a whole number"),
        (changed(learning_rate=float("nan")), "not NaN"),
        (changed(learning_rate=float("inf")), "not Infinity"),
        (changed(learning_rate=1).replace(b"1,", b"1e999,", 1), "format must be 1|learning_rate"),
        (changed(hidden_units={"a": 1}), r"Hidden neurons \(hidden_units\) must be a list"),
        (changed(hidden_units=[[32]]), r"Hidden neurons \(hidden_units\) must be"),
        (changed(hidden_units=[32] * 4), r"Hidden neurons \(hidden_units\) must be"),
        (changed(optimizer=["adam"]), r"Optimiser \(optimizer\) must be one of"),
        (changed(activation="x" * 2_000), r"Activation \(activation\) must be one of"),
        (changed(**{"x" * 500: 1}), f"“{'x' * 40}”"),
        (changed(seed=10**3_000), r"Seed \(seed\) must be"),
        (b'{"format": 1, "format": 1, "settings": {}}', "twice"),
    ],
)  # fmt: skip
def test_what_is_no_settings_file_is_refused_in_a_short_sentence(content, words):
    with pytest.raises(SettingsError, match=words) as refusal:
        read_settings(content)
    assert len(str(refusal.value)) < 300
    assert "\n" not in str(refusal.value)


def test_a_record_is_no_settings_file(record, tmp_path):
    record.save(tmp_path / "run.npz")
    with pytest.raises(SettingsError):
        read_settings((tmp_path / "run.npz").read_bytes())


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@given(st.binary(max_size=200) | ANYTHING.map(lambda value: json.dumps(value).encode()))
def test_whatever_is_uploaded_is_refused_and_never_breaks(content):
    with pytest.raises(SettingsError):
        read_settings(content)


@given(st.sampled_from(sorted(DEFAULT.to_dict())), ANYTHING)
def test_a_changed_setting_is_taken_as_it_is_or_refused(name, value):
    try:
        config = read_settings(changed(**{name: value}))
    except SettingsError as refusal:
        str(refusal).encode("utf-8")  # can be shown
        return
    assert config.to_dict()[name] == value
    assert read_settings(to_settings(config).encode()) == config
    assert read_settings(to_settings(config).encode("utf-8-sig")) == config, "as Windows' editor saves it"


@pytest.mark.parametrize(
    ("confidence", "written"), [(0.6449, "64%"), (0.9949, "99%"), (0.9951, ">99%"), (1.0, ">99%")]
)
def test_no_mistake_is_said_to_have_been_certain(confidence, written):
    assert mistake_confidence(confidence) == written
