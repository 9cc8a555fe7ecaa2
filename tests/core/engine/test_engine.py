import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
from waiting import until

from mnist_core.analysis.evaluation import evaluate_logits, logits_on_test_images
from mnist_core.chapters import Chapter
from mnist_core.config import NetworkConfig, RunConfig, TrainingConfig
from mnist_core.engine.engine import Engine
from mnist_core.engine.job_queue import Lane
from mnist_core.engine.jobs import EngineBusyError, JobState
from mnist_core.engine.process import worker
from mnist_core.engine.process.worker import NICENESS
from mnist_core.images.dataset import read_npz
from mnist_core.training.loops.tensorflow_import import LEFT_OUT
from mnist_core.training.record import RunRecord


@pytest.fixture(scope="module")
def engine(scheduler):
    started = Engine(scheduler, max_waiting=2)
    until(lambda: started._cluster.client)  # or the first training waits, too
    yield started
    started.close()


@pytest.fixture(scope="module")
def own_engine():
    """One with a training process that nobody else has used, and that a test may kill."""
    started = Engine()
    yield started
    started.close()


def _long(seed, hidden_units=(9,)):
    return RunConfig(NetworkConfig(hidden_units), TrainingConfig(epochs=30, batch_size=1, seed=seed))


COMPILED = RunConfig(NetworkConfig((7,)), TrainingConfig(epochs=1, batch_size=1))
"""What is not left to NumPy."""
LARGEST = (256, 256, 256)
"""With these hidden neurons it lasts for minutes."""


def test_equal_configs_are_one_job_and_its_record_arrives(engine, sample):
    first, second = engine.submit(RunConfig(), sample, "a"), engine.submit(RunConfig(), sample, "b")
    assert first == second
    until(lambda: engine.view(first).state.is_final)
    assert engine.view(first).state is JobState.FINISHED
    assert engine.record(first).epochs_done == 5


def test_a_finished_run_is_found_by_its_config_and_nothing_is_trained_for_the_question(engine, sample):
    job = engine.submit(RunConfig(), sample, "a")
    until(lambda: engine.view(job).state.is_final)
    assert engine.finished_job_for(RunConfig().key(sample.fingerprint)) == job
    n_jobs = len(engine._jobs)
    assert engine.finished_job_for(_long(3).key(sample.fingerprint)) is None
    assert engine.finished_job_for(RunConfig().key("other images")) is None
    assert len(engine._jobs) == n_jobs


def test_a_stopped_training_goes_on_from_where_it_was_and_ends_as_one_training(engine, sample):
    config = RunConfig(NetworkConfig((4,)), TrainingConfig(epochs=10, batch_size=1, seed=77))
    first = engine.submit(config, sample, "a")
    until(lambda: engine.view(first).progress)
    engine.stop(first, "a")
    until(lambda: engine.view(first).state.is_final)
    part = engine.record(first)
    assert 0 < part.steps_done < part.timeline.n_steps
    second = engine.submit(config, sample, "a", beginning=first)
    assert second != first
    assert engine.submit(config, sample, "b") == second, "two people train the same network twice"
    until(lambda: engine.view(second).progress)
    assert engine.view(second).progress.step >= part.steps_done
    until(lambda: engine.view(second).state.is_final)
    whole = engine.record(second)
    assert (whole.is_stopped, whole.epochs_done) == (False, 10)
    n_points = len(part.history.curve_step)
    np.testing.assert_array_equal(whole.history.curve_step[:n_points], part.history.curve_step)
    np.testing.assert_array_equal(whole.snapshots[0].weights[0], part.snapshots[0].weights[0])


def test_a_run_that_is_paused_in_its_second_chapter_goes_on_and_equal_chapters_are_one_job(engine, sample):
    chapters = (Chapter(2, 4, "sgd", 0.01),)
    config = RunConfig(NetworkConfig((4,)), TrainingConfig(epochs=30, seed=78), chapters)  # seconds, not one
    short = engine.submit(RunConfig(config.network, TrainingConfig(epochs=1, seed=78)), sample, "a")
    until(lambda: engine.view(short).state.is_final)
    first = engine.submit(config, sample, "a", beginning=short)
    assert (
        engine.submit(replace(config, chapters=(*chapters, Chapter(5, 4, "sgd", 0.01))), sample, "b") == first
    )
    engine.stop(first, "b")
    begins = engine.view(first).timeline.ends[1]
    until(lambda: (progress := engine.view(first).progress) and progress.step > begins)
    engine.stop(first, "a")
    until(lambda: engine.view(first).state.is_final)
    part = engine.record(first)
    assert begins < part.steps_done < part.timeline.n_steps
    second = engine.submit(config, sample, "a", beginning=first)
    until(lambda: engine.view(second).state.is_final)
    whole = engine.record(second)
    assert (whole.is_stopped, whole.epochs_done) == (False, 30)
    np.testing.assert_array_equal(whole.snapshots[1].weights[0], engine.record(short).parameters.weights[0])


def test_a_training_whose_beginning_is_another_network_begins_anew(engine, sample):
    other = engine.submit(RunConfig(), sample, "a")
    until(lambda: engine.view(other).state.is_final)
    config = RunConfig(training=TrainingConfig(epochs=6, seed=8))
    job = engine.submit(config, sample, "a", beginning=other)
    until(lambda: engine.view(job).state.is_final)
    assert engine.record(job).epochs_done == 6


def _own_niceness(record=None, dataset=None):
    """Of the thread that asks."""
    return os.getpriority(os.PRIO_PROCESS, 0)


def test_what_computes_gives_way_to_the_process_that_serves_pages(engine, sample):
    """The thread that computes, whichever of the training process that is."""
    job = engine.submit(RunConfig(), sample, "a")
    until(lambda: engine.view(job).state.is_final)
    until(lambda: engine.analysis(job, _own_niceness).result is not None)
    assert engine.analysis(job, _own_niceness).result == max(NICENESS, _own_niceness())


def test_a_training_gives_way_in_the_thread_that_trains(sample, monkeypatch):
    niceness = []

    def note_niceness(config, dataset, *_):
        niceness.append(_own_niceness())
        return RunRecord.untrained(config, dataset)

    monkeypatch.setattr("distributed.get_worker", lambda: SimpleNamespace(address=""))
    monkeypatch.setattr(worker, "train", note_niceness)
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(worker.train_and_report, "", RunConfig(), sample.origin, Lane.SHORT).result()
    assert niceness == [max(NICENESS, _own_niceness())]


def _loaded(names):
    return [name for name in names if name in sys.modules]


@pytest.mark.load
def test_the_training_process_has_keras_once_something_is_compiled_but_not_what_that_only_looks_for(
    own_engine, sample
):
    for config, wanted in ((RunConfig(), []), (COMPILED, ["keras", "tensorflow"])):
        job = own_engine.submit(config, sample, "a")
        until(lambda job=job: own_engine.view(job).state.is_final)
        (loaded,) = own_engine._cluster.client.run(_loaded, ("keras", "tensorflow", *LEFT_OUT)).values()
        assert loaded == wanted


def _count_units(record, dataset):
    return record.parameters.biases[0].size, len(dataset.test_labels)


def _fail_to_count(record, dataset):
    raise ValueError("nothing to count")


def test_a_finished_run_comes_with_what_its_network_makes_of_the_test_images(engine, sample):
    job = engine.submit(RunConfig(), sample, "a")
    until(lambda: engine.view(job).state.is_final)
    logits, outcome = engine.test_logits(job), engine.view(job).outcome
    np.testing.assert_array_equal(logits, logits_on_test_images(engine.record(job), sample))
    assert not logits.flags.writeable
    evaluation = evaluate_logits(logits, sample.test_labels)
    assert (outcome.n_test_right, outcome.n_test_images) == (evaluation.n_right, evaluation.n_images)
    assert engine.test_logits("unknown") is None


def test_an_analysis_is_made_once_in_the_training_process_and_says_why_it_fails(engine, sample):
    job = engine.submit(RunConfig(), sample, "a")
    until(lambda: engine.view(job).state.is_final)
    assert engine.analysis(job, _count_units).result is None
    until(lambda: engine.analysis(job, _count_units).result)
    assert engine.analysis(job, _count_units).result == (32, len(sample.test_labels))
    until(lambda: engine.analysis(job, _fail_to_count).error)
    assert engine.analysis(job, _fail_to_count).error == "This analysis failed: nothing to count"
    assert "is no longer kept" in engine.analysis("unknown", _count_units).error


def test_an_analysis_that_failed_is_tried_again_and_one_that_did_not_is_kept(engine, sample):
    job = engine.submit(RunConfig(), sample, "a")
    until(lambda: engine.view(job).state.is_final)
    until(lambda: engine.analysis(job, _fail_to_count).error)
    until(lambda: engine.analysis(job, _count_units).result)
    for analyse in (_fail_to_count, _count_units):
        engine.forget_failure(job, analyse)
    assert engine.analysis(job, _fail_to_count).error is None
    assert engine.analysis(job, _count_units).result
    until(lambda: engine.analysis(job, _fail_to_count).error)


def test_a_run_stopped_before_its_first_update_leaves_no_record(engine, sample):
    running, waiting = (engine.submit(_long(seed), sample, "a") for seed in (30, 31))
    engine.stop(waiting, "a")
    engine.stop(running, "a")
    assert engine.view(waiting).state is JobState.STOPPED
    assert engine.record(waiting) is None
    assert waiting not in engine.records
    until(lambda: engine.view(running).state.is_final)


def test_what_nobody_waits_for_any_more_ends_and_what_somebody_does_goes_on(engine, sample):
    running = engine.submit(_long(32), sample, "gone")
    waiting = [engine.submit(_long(seed), sample, name) for seed, name in ((33, "gone"), (34, "here"))]
    engine.connect_visits(dict, {"gone"}.__contains__)
    engine.end_abandoned()
    engine.connect_visits(dict, lambda _: False)
    assert engine.view(waiting[0]).state is JobState.STOPPED
    until(lambda: engine.view(running).state is JobState.STOPPED)
    assert not engine.view(waiting[1]).state.is_final
    engine.stop(waiting[1], "here")
    until(lambda: engine.view(waiting[1]).state.is_final)


def test_jobs_that_no_visit_has_are_forgotten_first(engine, sample, monkeypatch):
    jobs = [engine.submit(_long(seed), sample, "a") for seed in (35, 36)]
    for job in jobs[::-1]:
        engine.stop(job, "a")
    until(
        lambda: engine.view(jobs[0]).state.is_final and not engine._schedule.running
    )  # those are never forgotten
    engine.connect_visits(lambda: {jobs[1]: 0}, lambda _: False)
    engine.view(jobs[1]), engine.view(jobs[0])
    monkeypatch.setattr("mnist_core.engine.known_jobs.MAX_REMEMBERED_JOBS", 1)
    engine._jobs.forget_old()
    engine.connect_visits(dict, lambda _: False)
    assert engine.view(jobs[0]) is None
    assert engine.view(jobs[1]) is not None or len(engine._jobs) <= 1


def test_a_stop_is_heard_and_the_queue_has_places_and_an_end(engine, sample):
    running = engine.submit(_long(20), sample, "a")
    until(lambda: engine.view(running).state is JobState.RUNNING)  # else it waits, too
    waiting = [engine.submit(_long(seed), sample, "a") for seed in (21, 22)]
    assert [engine.view(job).position for job in waiting] == [1, 2]
    with pytest.raises(EngineBusyError, match="2 other networks are waiting"):
        engine.submit(_long(23), sample, "a")
    for job in waiting:
        engine.stop(job, "a")
    until(lambda: engine.view(running).progress)
    assert engine.stop(running, "a") == "stopping"
    until(lambda: engine.view(running).state.is_final, seconds=2)
    assert engine.view(running).state is JobState.STOPPED
    assert engine.record(running).is_stopped


def test_one_visitor_does_not_fill_the_queue_for_all(engine, sample, monkeypatch):
    monkeypatch.setattr("mnist_core.engine.job_queue.MAX_WAITING_SECONDS_OF_ONE", 1)
    running = engine.submit(_long(40), sample, "a")
    until(lambda: engine.view(running).progress)  # else it waits, too
    waiting = engine.submit(_long(41), sample, "a")
    with pytest.raises(EngineBusyError, match="you are waiting for takes about"):
        engine.submit(_long(42), sample, "a")
    other = engine.submit(_long(43), sample, "b")
    for job, visitor in ((other, "b"), (waiting, "a"), (running, "a")):
        assert engine.stop(job, visitor) == "stopping"
    until(lambda: engine.view(running).state.is_final)


def test_a_pinned_network_is_taken_by_a_full_queue_goes_first_and_is_never_forgotten(
    engine, sample, monkeypatch
):
    until(lambda: not engine._schedule.running)
    begin, begun = engine._schedule.begin, []
    monkeypatch.setattr(engine._schedule, "begin", lambda job: (begun.append(job.job_id), begin(job)))
    jobs = [engine.submit(_long(50, LARGEST), sample, "a")]
    until(lambda: begun)  # else it waits, too
    jobs += [engine.submit(_long(seed, LARGEST), sample, "a") for seed in (51, 52)]
    with pytest.raises(EngineBusyError):
        engine.submit(_long(53, LARGEST), sample, "a")
    pinned = engine.submit(_long(54, LARGEST), sample, "everybody", is_pinned=True)
    until(lambda: engine.view(pinned).progress)
    assert begun[:2] == [jobs[0], pinned]
    monkeypatch.setattr("mnist_core.engine.known_jobs.MAX_REMEMBERED_JOBS", 0)
    for job in jobs:
        engine.stop(job, "a")
    engine.stop(pinned, "everybody")
    until(lambda: engine.view(pinned).state.is_final)
    monkeypatch.setattr(engine._queue, "_max_waiting", 0)
    again = engine.submit(_long(54, LARGEST), sample, "everybody", is_pinned=True)
    assert engine.view(pinned).state is JobState.STOPPED
    engine.stop(again, "everybody")
    until(lambda: engine.view(again).state.is_final)


def test_nothing_of_the_local_cluster_can_be_reached_from_outside(engine):
    until(lambda: engine._cluster.client)
    own = [psutil.Process(), *map(psutil.Process, engine._cluster.client.run(os.getpid).values())]
    listening = [c for p in own for c in p.net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert listening
    assert {c.laddr.ip for c in listening} == {"127.0.0.1"}


def test_a_visitor_who_stops_a_shared_job_only_leaves_it(engine, sample):
    job = engine.submit(_long(24), sample, "a")
    engine.submit(_long(24), sample, "b")
    assert engine.stop(job, "a") == "left"
    assert engine.stop(job, "b") == "stopping"
    until(lambda: engine.view(job).state.is_final)


@pytest.mark.load
def test_a_killed_worker_is_replaced_and_the_run_completed(own_engine, sample):
    engine = own_engine
    job = engine.submit(RunConfig(training=TrainingConfig(epochs=10, batch_size=4)), sample, "a")
    until(lambda: engine.view(job).progress)
    (pid,) = engine._cluster.client.run(os.getpid).values()
    os.kill(pid, signal.SIGKILL)
    until(lambda: engine.view(job).state.is_final)
    assert engine.view(job).state is JobState.FINISHED
    assert engine.record(job).epochs_done == 10


@pytest.mark.load
def test_a_training_process_that_hangs_is_said_and_replaced_and_the_training_goes_on(sample, monkeypatch):
    monkeypatch.setattr("mnist_core.engine.cluster.LOOK_SECONDS", 0.5)
    monkeypatch.setattr("mnist_core.engine.cluster.HANG_SECONDS", 3.0)
    monkeypatch.setattr("mnist_core.engine.cluster.REPLACE_SECONDS", 6.0)
    engine = Engine()
    job = engine.submit(RunConfig(training=TrainingConfig(epochs=10, batch_size=4)), sample, "a")
    until(lambda: engine.view(job).progress)
    (pid,) = engine._cluster.client.run(os.getpid).values()
    os.kill(pid, signal.SIGSTOP)
    until(lambda: engine.problem, seconds=15)
    assert "does not answer" in engine.problem
    until(lambda: not psutil.pid_exists(pid), seconds=45)
    until(lambda: engine.view(job).state.is_final)
    assert engine.record(job).epochs_done == 10
    job = engine.submit(_long(60), sample, "a")
    until(lambda: engine.view(job).progress)
    begun = time.monotonic()
    engine.close()
    assert time.monotonic() - begun < 3
    engine.close()


def test_a_short_training_and_an_analysis_are_done_while_a_long_training_runs_which_then_goes_on(
    engine, sample
):
    job = engine.submit(_long(0, LARGEST), sample, "a")
    until(lambda: engine.view(job).progress)
    begun = time.monotonic()
    short = engine.submit(RunConfig(NetworkConfig((11,))), sample, "b")
    until(lambda: engine.view(short).progress or engine.view(short).state.is_final, seconds=15)
    until(lambda: engine.view(short).state.is_final)
    assert time.monotonic() - begun < 20
    assert engine.analysis(short, _count_units).result is None
    until(lambda: engine.analysis(short, _count_units).result, seconds=5)
    assert not engine.view(job).state.is_final
    step = engine.view(job).progress.step
    until(lambda: engine.view(job).progress.step > step)
    engine.stop(job, "a")
    until(lambda: engine.view(job).state.is_final)


def test_images_whose_file_is_gone_are_sent_to_a_training_process_that_never_had_them(
    engine, sample, tmp_path
):
    path = tmp_path / "mnist.npz"
    names = ("x_train", "y_train", "x_test", "y_test")
    arrays = (sample.train_images, sample.train_labels, sample.test_images, sample.test_labels)
    np.savez(path, **{name: array[:900] for name, array in zip(names, arrays, strict=True)})
    images = read_npz("path", path)
    path.unlink()
    job = engine.submit(RunConfig(training=TrainingConfig(epochs=1)), images, "a")
    until(lambda: engine.view(job).state.is_final)
    assert engine.view(job).state is JobState.FINISHED
    engine._cluster.client.run(_forget_images)
    engine.analysis(job, _count_units)
    until(lambda: engine.analysis(job, _count_units).result)


def _forget_images():
    worker._datasets.clear()
