"""Runs that outlast the server: which are found again, by whom, and what is never written."""

import ast
from dataclasses import replace

import numpy as np
import pytest

from mnist_core.config import CLASSIC, NetworkConfig, RunConfig
from mnist_core.engine.engine import Engine
from mnist_core.engine.jobs import JobState
from mnist_core.images.mixture import Mixture
from mnist_core.images.own_digits import add
from mnist_core.storage import kept_records as kept
from mnist_core.training.record import RunRecord

SMALL = RunConfig(NetworkConfig((3,)))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(kept.SETTING, str(tmp_path / "runs"))
    return tmp_path / "runs" / "records"


@pytest.fixture
def start(monkeypatch):
    """Starts engines that have no process to train in, and closes them."""
    monkeypatch.setattr("mnist_core.engine.cluster.Cluster.start", lambda cluster, *callbacks: None)
    engines = []

    def engine():
        engines.append(Engine(shared=kept.kept_records()))
        return engines[-1]

    yield engine
    for each in engines:
        each.close()


def finished(config, dataset):
    return replace(RunRecord.untrained(config, dataset), is_stopped=False, steps_done=1)


def test_a_new_server_shows_what_was_trained_before_it_the_classic_network_at_once(folder, start, sample):
    before = start()
    for config in (CLASSIC, SMALL):
        kept.kept_records().put(before._jobs.new_id(config.key(sample.fingerprint)), finished(config, sample))
    after = start()
    job = after.submit(CLASSIC, sample, "everybody", is_pinned=True)
    assert after.view(job).state is JobState.FINISHED, "no process has begun, and the first page has it"
    assert after.record(job).parameters.biases[0].shape == (32,)
    run = after.finished_job_for(SMALL.key(sample.fingerprint))
    assert after.view(run).config == SMALL


def test_a_finished_training_is_kept_by_itself(folder, start, sample):
    engine = start()
    engine._background.run = lambda function, *arguments: function(*arguments)
    job = engine.submit(SMALL, sample, "a")
    engine._jobs.finish(engine._jobs[job], finished(SMALL, sample))
    assert start().finished_job_for(SMALL.key(sample.fingerprint)) == job


def test_another_version_of_the_training_finds_nothing_and_a_return_to_it_all(folder, sample, monkeypatch):
    key = SMALL.key(sample.fingerprint)
    kept.kept_records().put(f"{key}-1", finished(SMALL, sample))
    with monkeypatch.context() as patch:
        patch.setattr(kept, "training_version", lambda: "0" * 12)
        assert kept.kept_records().find(key) is None
        assert kept.kept_records().get(f"{key}-1") is None
        kept.kept_records().put(f"{key}-2", finished(SMALL, sample))
    assert kept.kept_records().find(key) == f"{key}-1"
    assert f"{key}-2" not in kept.kept_records()


def test_the_version_tells_libraries_and_program_apart(monkeypatch, tmp_path):
    made = kept.training_version.__wrapped__
    usual = made()
    assert made() == usual
    with monkeypatch.context() as patch:
        patch.setattr(kept, "library_versions", lambda: {"numpy": "0"})
        assert made() != usual
    package = tmp_path / "mnist_core"
    (package / "training").mkdir(parents=True)
    (package / "training" / "loop.py").write_text("1")
    monkeypatch.setattr(kept, "_PROGRAM", ("training",))
    monkeypatch.setattr(kept.mnist_core, "__file__", str(package / "__init__.py"))
    first = made()
    (package / "training" / "loop.py").write_text("2")
    assert made() != first


def modules_behind(package, start):
    """All modules of the package that a module imports, and those import, and so on."""
    found, waiting = set(), [start]
    while waiting:
        path = waiting.pop()
        found.add(path)
        imports = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.ImportFrom)]
        names = {name for n in imports for name in (n.module, *(f"{n.module}.{a.name}" for a in n.names))}
        paths = {(package.parent / name.replace(".", "/")).with_suffix(".py") for name in names}
        waiting += [path for path in paths - found if path.is_relative_to(package) and path.is_file()]
    return {path.relative_to(package) for path in found}


def test_all_that_decides_a_run_is_part_of_the_version():
    package = kept.Path(kept.mnist_core.__file__).parent
    assert all((package / part).exists() for part in kept._PROGRAM)
    behind = modules_behind(package, package / "training" / "loop.py")
    assert len(behind) > 30
    decide = {path for path in behind if not any(path.is_relative_to(part) for part in kept._PROGRAM)}
    # Types, bounds of memory, and what makes own images, which are never kept.
    others = {"arrays.py", "bounds.py", "images/drawing.py", "images/mixture.py", "images/own_digits.py"}
    assert {str(path) for path in decide} == others


def test_own_images_are_never_written(folder, sample):
    image = np.random.default_rng(0).integers(0, 256, (28, 28)).astype(np.uint8)
    taught = sample.with_mixture(Mixture.of(add((), image, 3), 0.1))
    kept.kept_records().put(f"{SMALL.key(taught.fingerprint)}-1", finished(SMALL, taught))
    assert not list(folder.glob("*"))


def test_a_damaged_file_is_as_if_it_were_not_there(folder, start, sample):
    job = f"{CLASSIC.key(sample.fingerprint)}-1"
    kept.kept_records().put(job, finished(CLASSIC, sample))
    (file,) = folder.glob("*.npz")
    file.write_bytes(file.read_bytes()[:1000])
    engine = start()
    again = engine.submit(CLASSIC, sample, "everybody", is_pinned=True)
    assert engine.view(again).state is JobState.QUEUED
    assert not file.exists()


@pytest.mark.parametrize("word", ["none", " None "])
def test_nothing_is_kept_where_that_is_wished(word, monkeypatch):
    monkeypatch.setenv(kept.SETTING, word)
    assert kept.kept_records() is None


def test_without_a_setting_they_are_in_the_folder_of_the_users_caches(monkeypatch, tmp_path, sample):
    monkeypatch.delenv(kept.SETTING)
    monkeypatch.setattr("pooch.os_cache", lambda project: tmp_path / project)
    kept.kept_records().put(f"{SMALL.key(sample.fingerprint)}-1", finished(SMALL, sample))
    assert len(list((tmp_path / "mlp-explainer" / "records").iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_said_and_hurts_nobody(monkeypatch, tmp_path, caplog):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(kept.SETTING, str(tmp_path / "file"))
    assert kept.kept_records() is None
    assert "MLP_RECORDS names another folder" in caplog.text
