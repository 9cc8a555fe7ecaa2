import json

import numpy as np
import pytest

from mnist_core.config import RunConfig, TrainingConfig
from mnist_core.training.loop import train
from mnist_core.training.record import RecordError, RunRecord, load_record


def test_a_record_is_the_same_after_saving_and_loading(sample, tmp_path):
    record = RunRecord.untrained(RunConfig(), sample)
    record.save(tmp_path / "run.npz")
    loaded = load_record(tmp_path / "run.npz")
    assert loaded.config == record.config
    assert np.array_equal(loaded.parameters.weights[0], record.parameters.weights[0])


def test_a_saved_record_keeps_its_history_and_every_snapshot(sample, tmp_path):
    record = train(RunConfig(training=TrainingConfig(epochs=2)), sample)
    record.save(tmp_path / "run.npz")
    loaded = load_record(tmp_path / "run.npz")
    assert (loaded.steps_done, loaded.is_stopped, loaded.versions) == (
        record.steps_done,
        False,
        record.versions,
    )
    for name in record.history.__dataclass_fields__:
        assert np.array_equal(getattr(loaded.history, name), getattr(record.history, name))
    assert len(loaded.snapshots) == 3
    for mine, theirs in zip(loaded.snapshots, record.snapshots, strict=True):
        for own, other in zip((*mine.weights, *mine.biases), (*theirs.weights, *theirs.biases), strict=True):
            assert np.array_equal(own, other)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"format": 1}, "This record has format 1; this version reads format"),
        ({"config": {"epochs": 99}}, "settings are not valid"),
        ({"n_snapshots": 40}, "40 snapshots"),
    ],
)
def test_an_older_or_broken_record_says_what_is_wrong(sample, tmp_path, changed, sentence):
    RunRecord.untrained(RunConfig(), sample).save(tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz") as saved:
        arrays = dict(saved)
    facts = json.loads(str(arrays["facts"]))
    config = facts["config"] | changed.get("config", {})
    arrays["facts"] = np.array(json.dumps(facts | changed | {"config": config}))
    np.savez(tmp_path / "changed.npz", **arrays)
    with pytest.raises(RecordError, match=sentence):
        load_record(tmp_path / "changed.npz")


def test_a_file_that_is_no_record_is_refused(tmp_path):
    (tmp_path / "run.npz").write_bytes(b"nothing")
    with pytest.raises(RecordError, match="not a readable run record"):
        load_record(tmp_path / "run.npz")


def test_a_record_of_before_chapters_is_read_as_it_was(sample, tmp_path):
    record = RunRecord.untrained(RunConfig(training=TrainingConfig(3, 50)), sample)
    record.save(tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz") as arrays:
        contents = dict(arrays)
    facts = json.loads(str(contents["facts"])) | {"format": 2, "steps_per_epoch": 72}
    np.savez(tmp_path / "old.npz", **contents | {"facts": np.array(json.dumps(facts))})
    old = load_record(tmp_path / "old.npz")
    assert old.config == record.config
    assert old.timeline.ends == (0, 72, 144, 216)
