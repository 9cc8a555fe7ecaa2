"""What a page says of a training while it runs: how long it still takes, and that it is being stopped."""

import pickle
from dataclasses import replace

import pytest
from pretending import NO_LOGITS, Client, count_units, engine_of

from dashboard.widgets import current_run
from mnist_core.config import NetworkConfig, RunConfig, TrainingConfig
from mnist_core.engine import analyses
from mnist_core.engine.job_queue import Lane
from mnist_core.engine.jobs import JobState
from mnist_core.engine.process.local_worker import WORKER_THREADS
from mnist_core.training.history import History
from mnist_core.training.progress import Progress
from mnist_core.training.record import RunRecord

LONG = RunConfig(NetworkConfig((32,)), TrainingConfig(epochs=30, batch_size=1))
LONGEST = RunConfig(NetworkConfig((256, 256)), TrainingConfig(epochs=30, batch_size=1))


class SilentClient(Client):
    """A connection to a process that hangs."""

    def _run(self):
        raise AssertionError("only `sync` calls it")

    def sync(self, function, *arguments, **options):
        """Wait in vain."""
        raise TimeoutError


@pytest.fixture
def client():
    return SilentClient()


@pytest.fixture
def engine(client, monkeypatch):
    monkeypatch.setattr("mnist_core.engine.job_queue._LANE_SECONDS", {Lane.SHORT: 2.0, Lane.MEDIUM: 20.0})
    started = engine_of(client, monkeypatch)
    started._cluster._n_threads = WORKER_THREADS
    monkeypatch.setattr("dashboard.session.resources.engine", lambda: started)
    yield started
    started.close()


@pytest.fixture
def end(client, sample):
    """What has a training that was handed out end well, by its number among all that were."""
    untrained = RunRecord.untrained(RunConfig(), sample)

    def end_well(number):
        config = client.futures[number].arguments[1]
        client.futures[number].end((replace(untrained, config=config, is_stopped=False), NO_LOGITS, 0, ""))

    return end_well


def short(seed):
    return RunConfig(training=TrainingConfig(seed=seed))


def report(engine, job, seconds_left, step=10):
    """Have a training report that it would take so many seconds, if it ran alone."""
    progress = pickle.dumps(Progress(step, 100, 1, 5, 1.0, 1_000.0, seconds_left, History.joined([])))
    engine._dispatcher.on_event((0, (f"{job}/{engine._dispatcher._name}", "attempt", progress)))
    engine._schedule.forget_forecast()  # a forecast is a second old at most


def test_what_a_training_that_gives_way_still_takes_includes_all_shorter_ones_and_analyses(
    engine, client, sample, end
):
    first = engine.submit(short(0), sample, "a")
    end(0)
    long = engine.submit(LONG, sample, "a")
    report(engine, long, 20.0)
    assert engine.view(long).seconds_left == 20.0
    assert current_run.status(engine.view(long)).endswith("1,000 images per second · 20 s left")

    running = engine.submit(short(1), sample, "b")
    waiting = engine.submit(short(2), sample, "c")
    assert engine.view(waiting).position == 1
    report(engine, running, 7.0)
    each = engine._schedule.seconds(engine._jobs[waiting].nominal_seconds)
    assert engine.view(long).seconds_left == pytest.approx(20 + 7 + each)
    assert engine.view(running).seconds_left == 7.0
    engine.analysis(first, count_units, "d")
    report(engine, long, 20.0)
    expected = 20 + 7 + each + analyses.FIRST_SECONDS
    assert engine.view(long).seconds_left == pytest.approx(expected)
    assert engine.view(long).seconds_until_begin == 0.0
    assert current_run.status(engine.view(long)).endswith(f" {expected:.0f} s left")


def test_the_first_updates_which_are_compiled_do_not_say_how_long_the_others_take(engine, sample):
    job = engine.submit(LONG, sample, "a")
    report(engine, job, 500.0, step=1)
    assert engine.view(job).seconds_left == engine._schedule.seconds(engine._jobs[job].nominal_seconds)
    report(engine, job, 20.0)
    assert engine.view(job).seconds_left == 20.0


def test_longer_trainings_add_nothing_to_what_a_shorter_one_takes(engine, sample):
    long = engine.submit(LONG, sample, "a")
    engine.submit(LONGEST, sample, "b")
    report(engine, long, 20.0)
    assert engine.view(long).seconds_left == 20.0


def test_a_training_that_is_not_compiled_waits_for_no_tensorflow(engine, sample):
    assert not engine.view(engine.submit(short(0), sample, "a")).is_first
    assert engine.view(engine.submit(LONG, sample, "a")).is_first


def test_a_training_that_was_handed_out_says_when_it_begins_and_only_the_first_that_tensorflow_is_loaded(
    engine, client, sample, end
):
    compiled = short(0).with_changes(batch_size=2)
    shortest = engine.submit(compiled, sample, "a")
    first = engine.submit(LONG, sample, "a")
    assert engine.view(first).state is JobState.RUNNING
    loading = "Getting ready. The first training takes longer, because it loads TensorFlow."
    assert current_run.status(engine.view(first)) == loading
    report(engine, shortest, 0.5)  # it has been loaded
    assert not current_run.status(engine.view(first)).startswith(loading)
    end(0)
    assert current_run.status(engine.view(first)) == "Getting ready. It begins in a moment."
    shorter = engine.submit(short(1), sample, "b")
    report(engine, shorter, 30.0)
    assert current_run.status(engine.view(first)).startswith(
        "Getting ready. Training begins in about 30 s and ends"
    )
    assert engine.view(first).seconds_left == pytest.approx(
        30 + engine._schedule.seconds(engine._jobs[first].nominal_seconds)
    )


def test_a_run_that_was_stopped_says_so_until_it_ends(engine, sample):
    job = engine.submit(LONG, sample, "a")
    report(engine, job, 20.0)
    assert engine.stop(job, "a") == "stopping"
    engine._dispatcher.ask_to_stop()
    assert current_run.status(engine.view(job)) == "Pausing."
    engine._cluster._set_problem("The training process does not answer.")
    assert current_run.status(engine.view(job)) == "Pausing. The training process does not answer."


def test_a_stop_does_not_wait_until_a_local_training_process_that_hangs_is_replaced(
    engine, client, sample, monkeypatch
):
    jobs = [engine.submit(config, sample, "a") for config in (short(0), LONG, LONGEST)]
    loading, answering, hanging = jobs
    for job in (answering, hanging):
        report(engine, job, 20.0)
    monkeypatch.setattr("mnist_core.engine.dispatcher.UNHEARD_SECONDS", -1.0)
    engine.stop(loading, "a")
    engine.stop(answering, "a")
    engine._dispatcher.ask_to_stop()
    assert engine.view(loading).state is JobState.STOPPED
    assert engine.view(answering).is_stopping  # it may only be busy: its network is not thrown away
    engine._cluster._set_problem("The training process does not answer.")
    engine._dispatcher.ask_to_stop()
    assert engine.view(answering).state is JobState.FAILED
    assert "its training process does not answer" in engine.view(answering).error
    assert not engine.view(hanging).state.is_final  # it goes on in the process that replaces this one
