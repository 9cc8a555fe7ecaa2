"""Two servers on one scheduler with one store: what they share, and what they must not do to each other."""

from dataclasses import replace

import pytest
from waiting import until

from mnist_core.config import NetworkConfig, RunConfig, TrainingConfig
from mnist_core.engine.engine import Engine
from mnist_core.engine.jobs import JobState
from mnist_core.storage.shared_records import SharedRecords

SHORT = RunConfig(NetworkConfig((5,)), TrainingConfig(epochs=1))
LONG = RunConfig(NetworkConfig((6,)), TrainingConfig(epochs=30, batch_size=8))
"""More than a second, so that it can be stopped on its way."""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def first(root, scheduler):
    started = Engine(scheduler, shared=SharedRecords(root))
    yield started
    started.close()


@pytest.fixture
def second(first, root, scheduler):
    """A server that comes later and uses the scheduler of the first."""
    started = Engine(scheduler, shared=SharedRecords(root))
    yield started
    started.close()


def _ended(engine, job):
    until(lambda: engine.view(job).state.is_final)
    return engine.view(job)


def test_what_one_server_trained_another_shows_without_training(first, second, root, sample):
    job = first.submit(SHORT, sample, "a")
    outcome = _ended(first, job).outcome
    until(lambda: job in SharedRecords(root))
    assert second.submit(SHORT, sample, "b") == job
    view = _ended(second, job)
    assert (view.state, view.outcome) == (JobState.FINISHED, outcome)
    assert second.record(job).steps_done == first.record(job).steps_done
    assert first.test_logits(job) is not None
    assert second.test_logits(job) is None
    assert not second._schedule.running


def test_a_run_is_known_by_its_id_on_a_server_that_never_saw_it(first, second, root, sample):
    job = first.submit(SHORT, sample, "a")
    _ended(first, job)
    until(lambda: job in SharedRecords(root))
    assert second.view(job) is None  # nobody has shown it the images yet
    second.submit(LONG, sample, "b")
    assert second.view(job).state is JobState.FINISHED
    assert second.finished_job_for(SHORT.key(sample.fingerprint)) == job
    assert second.view("0123456789abcdef-1") is None
    assert second.view("../../etc/passwd") is None


def test_a_stop_on_one_server_leaves_the_same_network_of_another_alone(first, second, root, sample):
    mine, theirs = first.submit(LONG, sample, "a"), second.submit(LONG, sample, "b")
    assert mine != theirs
    until(lambda: first.view(mine).progress is not None)
    first.stop(mine, "a")
    assert _ended(first, mine).state is JobState.STOPPED
    assert _ended(second, theirs).state is JobState.FINISHED
    assert second.record(theirs).epochs_done == LONG.training.epochs
    until(lambda: mine in SharedRecords(root) and theirs in SharedRecords(root))
    assert first.submit(LONG, sample, "c") == theirs  # the stopped one does not stand for its settings
    assert second.view(mine).state is JobState.STOPPED


def test_progress_of_the_same_job_on_another_server_is_not_taken_for_ones_own(first, sample):
    config = RunConfig(LONG.network, replace(LONG.training, seed=1))
    job = first.submit(config, sample, "a")
    first._dispatcher.on_event((0, (f"{job}/another", "attempt", b"nothing that could be read")))
    assert first.unfinished(job)[0] == config
    first.stop(job, "a")
    _ended(first, job)


def test_a_damaged_record_is_trained_anew(first, second, root, sample):
    config = RunConfig(NetworkConfig((5,)), TrainingConfig(epochs=1, seed=1))
    job = first.submit(config, sample, "a")
    _ended(first, job)
    until(lambda: job in SharedRecords(root))
    (root / "records" / f"{job}.npz").write_bytes(b"rubbish")
    again = second.submit(config, sample, "b")
    assert _ended(second, again).state is JobState.FINISHED
    assert second.record(again).steps_done == first.record(job).steps_done


def test_a_record_that_is_not_to_be_read_is_trained_anew(first, second, root, sample, monkeypatch, caplog):
    config = RunConfig(NetworkConfig((5,)), TrainingConfig(epochs=1, seed=4))
    job = first.submit(config, sample, "a")
    _ended(first, job)
    until(lambda: job in SharedRecords(root))

    def fail(_):
        raise SystemError("a fault of Python's own")

    monkeypatch.setattr("mnist_core.storage.shared_records.load_record", fail)
    assert _ended(second, second.submit(config, sample, "b")).state is JobState.FINISHED
    assert f"The record of {job} could not be read" in caplog.text


def test_what_another_server_is_training_is_waited_for_and_trained_once(first, second, root, sample):
    config = RunConfig(LONG.network, replace(LONG.training, seed=2))
    theirs, mine = first.submit(config, sample, "a"), second.submit(config, sample, "b")
    assert _ended(second, mine).state is JobState.FINISHED
    assert not second.test_logits(mine), "it has trained nothing"
    assert second.record(mine).seconds == first.record(theirs).seconds


def test_who_waits_for_another_server_may_stop_and_the_other_goes_on(first, second, sample):
    config = RunConfig(LONG.network, replace(LONG.training, seed=3))
    theirs, mine = first.submit(config, sample, "a"), second.submit(config, sample, "b")
    assert second.stop(mine, "b") == "stopping"
    assert second.view(mine).state is JobState.STOPPED
    assert _ended(first, theirs).state is JobState.FINISHED


def test_a_training_that_fails_elsewhere_is_begun_here(first, second, sample):
    config = RunConfig(LONG.network, replace(LONG.training, seed=4))
    theirs, mine = first.submit(config, sample, "a"), second.submit(config, sample, "b")
    with first._lock:
        first._dispatcher._release(first._jobs[theirs])  # or it may end first, and count as trained
        first._jobs.fail(first._jobs[theirs], "It failed.")
    assert _ended(second, mine).state is JobState.FINISHED
    assert second.test_logits(mine) is not None, "it was trained here"
