"""A folder that servers share: hostile names, damaged files, full disks, two who write at once."""

import errno
import logging
import multiprocessing
import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mnist_core.analysis.evaluation import evaluate
from mnist_core.config import NetworkConfig, RunConfig, TrainingConfig
from mnist_core.storage.shared_folder import UNKNOWN, SharedFolder, shared_root
from mnist_core.storage.shared_records import SharedRecords
from mnist_core.training.record import RunRecord, load_record

HOSTILE = ("", "..", "../secret", "/etc/passwd", "a/b", "a\x00b", "a.b", "x" * 81, "naïve", "a\n")


@pytest.fixture
def folder(tmp_path):
    return SharedFolder(tmp_path / "things", ".json", 1_000, 5)


def test_a_file_comes_back_as_it_was_and_its_version_tells_each_change(folder):
    assert folder.read("one") is None
    assert folder.version("one") is None
    versions = set()
    for content in (b"1", b"2", b"3"):
        assert folder.write("one", content)
        assert folder.read("one") == content
        versions.add(folder.version("one"))
    assert len(versions) == 3
    folder.delete("one")
    assert folder.names() == []


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_leads_out_of_the_folder(folder, tmp_path, name):
    (tmp_path / "secret.json").write_text("not to be read")
    assert folder.read(name) is None
    assert folder.version(name) is None
    with pytest.raises(ValueError, match="1 to 80 letters, digits and hyphens"):
        folder.write(name, b"")


def test_the_files_changed_longest_ago_make_room_by_number_and_by_size(folder):
    for number in range(60):
        folder.write(f"n{number:02}", b"x" * 10)
    assert len(folder.names()) <= 25  # five, and what is written between two looks at the bounds
    assert "n59" in folder.names()
    assert "n00" not in folder.names()
    for number in range(6):
        folder.write(f"big{number}", b"x" * 400)
    assert sum(len(folder.read(name)) for name in folder.names()) <= 1_000
    assert "big5" in folder.names()


def test_a_file_that_is_too_old_goes_although_there_is_room(tmp_path):
    folder = SharedFolder(tmp_path, ".json", 1_000, 5, max_seconds=3_600)
    folder.write("old", b"1")
    os.utime(tmp_path / "old.json", (0, time.time() - 3_700))
    SharedFolder(tmp_path, ".json", 1_000, 5, max_seconds=3_600).write("new", b"2")
    assert folder.names() == ["new"]


def test_a_full_disk_leaves_the_file_as_it_was_and_no_litter(folder, tmp_path, monkeypatch, caplog):
    folder.write("one", b"before")

    def full(self, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert not folder.write("one", b"after")
    assert folder.read("one") == b"before"
    assert [path.name for path in (tmp_path / "things").iterdir()] == ["one.json"]
    assert "No space left" in caplog.text


def test_a_folder_that_does_not_answer_is_neither_empty_nor_an_error(folder, monkeypatch):
    def broken(self, **_):
        raise OSError(errno.ESTALE, "Stale file handle")

    folder.write("one", b"1")
    monkeypatch.setattr(Path, "stat", broken)
    assert folder.version("one") == UNKNOWN


def _count(path, name, times):
    folder = SharedFolder(path, ".json", 1_000, 5)
    for _ in range(times):
        with folder.lock(name) as is_held:
            assert is_held
            folder.write(name, str(int(folder.read(name) or b"0") + 1).encode())


def test_two_processes_that_change_a_file_at_once_lose_nothing(tmp_path):
    context = multiprocessing.get_context("spawn")
    others = [context.Process(target=_count, args=(tmp_path, "count", 60)) for _ in range(2)]
    for other in others:
        other.start()
    for other in others:
        other.join(60)
        assert other.exitcode == 0
    assert SharedFolder(tmp_path, ".json", 1_000, 5).read("count") == b"120"


def test_a_lock_that_is_not_to_be_had_is_said_and_not_waited_for_for_ever(folder, monkeypatch, caplog):
    monkeypatch.setattr("mnist_core.storage.shared_folder.LOCK_SECONDS", 0.05)
    with folder.lock("one") as first, folder.lock("one") as second:
        assert (first, second) == (True, False)
    assert "could not be locked" in caplog.text


def test_the_setting_names_a_folder_that_is_made_and_one_that_cannot_be_is_said(
    tmp_path, monkeypatch, caplog
):
    monkeypatch.delenv("MLP_STORE", raising=False)
    assert shared_root() is None
    monkeypatch.setenv("MLP_STORE", str(tmp_path / "new" / "store"))
    assert shared_root() == tmp_path / "new" / "store"
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MLP_STORE", str(tmp_path / "file"))
    with caplog.at_level(logging.ERROR):
        assert shared_root() is None
    assert "MLP_STORE is" in caplog.text
    assert "nothing is shared" in caplog.text


@pytest.fixture(scope="module")
def record(sample):
    """Of a run that went to its end, as far as anybody can tell; training one takes longer than the tests."""
    config = RunConfig(NetworkConfig((4,)), TrainingConfig(epochs=1))
    return replace(RunRecord.untrained(config, sample), is_stopped=False)


@pytest.fixture
def job(record, sample):
    return f"{record.config.key(sample.fingerprint)}-7"


def test_a_record_and_its_report_are_found_by_another_server(record, job, sample, tmp_path):
    report = evaluate(record.parameters, sample.test_images, sample.test_labels).report
    SharedRecords(tmp_path).put(job, record, report)
    there = SharedRecords(tmp_path)
    assert there.find(record.config.key(sample.fingerprint)) == job
    assert job in there
    stored, its_report = there.get(job)
    assert stored.config == record.config
    assert np.array_equal(stored.parameters.weights[0], record.parameters.weights[0])
    assert np.array_equal(its_report.confusion, report.confusion)
    assert its_report.scores == report.scores


def test_a_run_that_was_stopped_is_found_by_its_id_and_never_for_its_settings(sample, tmp_path):
    config = RunConfig(NetworkConfig((4,)))
    stopped = RunRecord.untrained(config, sample)
    key, records = config.key(sample.fingerprint), SharedRecords(tmp_path)
    records.put(f"{key}-1", stopped)
    assert records.find(key) is None
    assert records.get(f"{key}-1")[0].is_stopped
    assert records.get(f"{key}-1")[1] is None


@pytest.mark.parametrize("content", [b"", b"rubbish", b"PK\x03\x04 cut short"])
def test_a_damaged_record_is_a_lost_one(record, job, tmp_path, content, caplog):
    records = SharedRecords(tmp_path)
    records.put(job, record)
    (tmp_path / "records" / f"{job}.npz").write_bytes(content)
    assert records.get(job) is None
    assert job not in records
    assert "is damaged" in caplog.text


def test_a_record_is_read_again_where_python_failed(record, job, tmp_path, monkeypatch):
    failures = iter([SystemError("AST constructor recursion depth mismatch")])

    def load(file):
        for failure in failures:
            raise failure
        return load_record(file)

    records = SharedRecords(tmp_path)
    records.put(job, record)
    monkeypatch.setattr("mnist_core.storage.shared_records.load_record", load)
    assert records.get(job)[0].steps_done == record.steps_done


def test_a_record_under_the_name_of_another_config_is_not_shown_for_it(record, tmp_path):
    records = SharedRecords(tmp_path)
    records.put("0123456789abcdef-1", record)
    assert records.get("0123456789abcdef-1") is None
