"""Records are kept within bounds and come back as they were."""

import errno

import numpy as np
import pytest

from mnist_core.config import NetworkConfig, RunConfig, TrainingConfig
from mnist_core.storage.record_store import RecordStore
from mnist_core.training.record import RunRecord, load_record


@pytest.fixture(scope="module")
def record(sample):
    return RunRecord.untrained(RunConfig(NetworkConfig((4,)), TrainingConfig(epochs=1)), sample)


def test_a_record_that_left_memory_comes_back_equal(record):
    store = RecordStore(memory_bytes=1)
    store.put("first", record)
    store.put("second", record)
    stored = store.get("first")
    assert stored is not record
    assert stored.config == record.config
    for mine, theirs in zip(stored.parameters.weights, record.parameters.weights, strict=True):
        assert np.array_equal(mine, theirs)
    store.close()


def test_who_keeps_a_record_does_not_wait_for_the_disk_and_all_are_there_meanwhile(record):
    later = []
    store = RecordStore(memory_bytes=1, run=later.append)
    for name in ("first", "second"):
        store.put(name, record)
    assert store.get("first") is store.get("second") is record
    later[0]()
    assert store.get("first") is not record
    assert store.get("first").config == record.config
    assert store.get("second") is record
    later[1]()  # finds nothing left to do
    assert store.get("second") is record
    store.close()


def test_the_least_recently_used_record_goes_first(record):
    store = RecordStore(memory_bytes=1, folder_bytes=1)
    for name in ("first", "second", "third"):
        store.put(name, record)
    assert store.get("first") is None
    assert "second" not in store
    assert store.get("third") is record
    store.close()


def test_a_damaged_file_is_a_lost_record_and_no_error(record, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    store = RecordStore(memory_bytes=1)
    store.put("first", record)
    store.put("second", record)
    (file,) = tmp_path.rglob("first.npz")
    file.write_bytes(b"rubbish")
    assert store.get("first") is None
    assert "first" not in store
    store.close()


def test_a_record_on_the_disk_is_read_again_where_python_failed(record, monkeypatch):
    failures = iter([SystemError("AST constructor recursion depth mismatch")])

    def load(path):
        for failure in failures:
            raise failure
        return load_record(path)

    store = RecordStore(memory_bytes=1)
    store.put("first", record)
    store.put("second", record)
    monkeypatch.setattr("mnist_core.storage.record_store.load_record", load)
    assert store.get("first").steps_done == record.steps_done
    store.close()


def test_of_many_visitors_records_those_of_whoever_has_most_go_first(record, tmp_path):
    record.save(tmp_path / "one.npz")
    store = RecordStore(memory_bytes=1, folder_bytes=4 * (tmp_path / "one.npz").stat().st_size)
    runs = [f"run {number}" for number in range(8)]
    store.prefer(lambda: {"lecturer": 0, **{run: 7 - place for place, run in enumerate(runs)}})
    for name in ("lecturer", *runs):
        store.put(name, record)
    assert "lecturer" in store
    assert [run for run in runs if run in store] == runs[-4:]  # the newest is still in memory
    store.close()


def test_records_stay_in_memory_where_no_folder_can_be_written_but_not_without_bound(
    record, tmp_path, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    monkeypatch.setattr("mnist_core.storage.record_store.RECORDS_DISKLESS_BYTES", 2 * record.n_bytes)
    store = RecordStore(memory_bytes=1)
    for name in ("first", "second", "third"):
        store.put(name, record)
    assert store.get("first") is None
    assert store.get("second") is store.get("third") is record
    store.close()


def test_a_disk_that_is_full_loses_no_record_and_keeps_no_half_of_a_file(record, tmp_path, monkeypatch):
    def full(_, path):
        path.write_bytes(b"half of it")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(type(record), "save", full)
    store = RecordStore(memory_bytes=1)
    store.put("first", record)
    store.put("second", record)
    assert store.get("first") is store.get("second") is record
    assert not list(tmp_path.rglob("*.npz"))
    store.close()
