"""Faults caused on purpose: what a visitor is told, what the log has, and what works afterwards."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import CancelledError
from types import SimpleNamespace

import numpy as np
import pytest
from distributed import Status
from distributed.comm import CommClosedError
from paths import ROOT
from pretending import count_units, die, fail, pretend_to_train
from training_process import end_training_process, own_training_process, running_app, with_tensorflow
from waiting import until

from benchmarks.harness.server import free_port
from dashboard.session import resources
from mnist_core.config import NetworkConfig, RunConfig, TrainingConfig
from mnist_core.engine import cluster, worker_care
from mnist_core.engine.engine import Engine
from mnist_core.engine.jobs import JobState
from mnist_core.engine.process import local_worker, worker
from mnist_core.engine.process.worker import train_and_report
from mnist_core.engine.worker_care import Upkeep
from mnist_core.images.dataset import read_npz

COMPILED = RunConfig(NetworkConfig((7,)), TrainingConfig(epochs=1, batch_size=1))
"""What is not left to NumPy."""
PAGES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "pages").glob("*/*.py"))


def network(units, epochs=1, batch_size=128):
    return RunConfig(NetworkConfig((units,)), TrainingConfig(epochs=epochs, batch_size=batch_size))


# A scheduler that is elsewhere.


class Elsewhere:
    """A scheduler and its worker, each a process of its own, as on another machine."""

    def __init__(self, folder):
        self.port, self.folder = free_port(), folder
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.processes = []

    def start(self):
        """Both of them."""
        self._run("dask_scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard")
        self.start_worker()

    def start_worker(self):
        """A worker alone."""
        self._run("dask_worker", self.address, "--no-nanny", "--nthreads", "1", "--no-dashboard")

    def kill_worker(self):
        """What was started last."""
        process = self.processes.pop()
        process.kill()
        process.wait()

    def kill(self):
        """Both of them."""
        while self.processes:
            self.kill_worker()

    def _run(self, module, *arguments):
        command = [sys.executable, "-m", f"distributed.cli.{module}", *arguments]
        with (self.folder / "log.txt").open("a") as log:
            process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        self.processes.append(process)


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}:{ROOT / 'tests/support'}")
    monkeypatch.setattr("mnist_core.engine.process.worker.train_and_report", pretend_to_train)
    scheduler = Elsewhere(tmp_path)
    yield scheduler
    scheduler.kill()


@pytest.mark.load
def test_a_scheduler_may_come_late_go_come_back_and_fall_silent_and_a_worker_too(
    elsewhere, sample, monkeypatch
):
    engine = Engine(address=elsewhere.address)
    first = engine.submit(network(4), sample)
    second = engine.submit(network(5), sample)
    until(lambda: engine.problem)
    assert "cannot be reached" in engine.problem
    assert [engine.view(job).position for job in (first, second)] == [1, 2]

    elsewhere.start()
    until(lambda: engine.view(first).progress)
    assert engine.problem is None
    elsewhere.kill()
    until(lambda: engine.problem)
    until(lambda: engine.view(first).state is JobState.QUEUED)
    assert [engine.view(job).position for job in (first, second)] == [1, 2]

    elsewhere.start()
    until(lambda: engine.view(first).progress)  # the news of a training come again, too
    until(lambda: engine.view(second).state.is_final)
    assert engine.view(first).state is engine.view(second).state is JobState.FINISHED
    engine.analysis(first, count_units)
    until(lambda: engine.analysis(first, count_units).result == 4)

    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(cluster, "MAX_SILENCES", 1_000)
    elsewhere.processes[0].send_signal(signal.SIGSTOP)
    until(lambda: engine.problem)
    assert "does not answer" in engine.problem
    elsewhere.processes[0].send_signal(signal.SIGCONT)
    until(lambda: engine.problem is None)
    assert engine.view(first).state is JobState.FINISHED

    elsewhere.kill_worker()
    until(lambda: engine.problem)
    assert "No training process is ready" in engine.problem
    elsewhere.start_worker()
    until(lambda: engine.problem is None)
    engine.close()


@pytest.mark.load
def test_a_worker_elsewhere_that_hangs_is_said_a_stop_does_not_wait_for_it_and_it_may_come_back(
    elsewhere, sample, monkeypatch
):
    monkeypatch.setattr("mnist_core.engine.dispatcher.UNHEARD_SECONDS", 1)
    elsewhere.start()
    engine = Engine(address=elsewhere.address)
    running, waiting = (engine.submit(network(units), sample, "a") for units in (4, 5))
    until(lambda: engine.view(running).progress)
    elsewhere.processes[-1].send_signal(signal.SIGSTOP)
    until(lambda: engine.problem, seconds=15)
    assert "on another computer cannot be replaced from here" in engine.problem

    assert engine.stop(running, "a") == "stopping"
    until(lambda: engine.view(running).state.is_final, seconds=10)
    assert engine.view(running).state is JobState.FAILED
    assert "the network it had reached is lost" in engine.view(running).error
    until(lambda: engine.view(waiting).state is JobState.RUNNING)
    elsewhere.processes[-1].send_signal(signal.SIGCONT)
    until(lambda: engine.problem is None)
    until(lambda: engine.view(waiting).state.is_final)
    assert engine.view(waiting).state is JobState.FINISHED
    assert engine.view(running).state is JobState.FAILED

    elsewhere.processes[-1].send_signal(signal.SIGSTOP)
    begun = time.monotonic()
    engine.close()
    assert time.monotonic() - begun < 3


# A machine in trouble.


def test_two_engines_train_at_once_without_a_disk_for_temporary_files(sample, monkeypatch):
    def none(*_):
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr("tempfile.gettempdir", none)
    monkeypatch.setattr("mnist_core.engine.process.worker.train_and_report", pretend_to_train)
    engines = [Engine(), Engine()]
    jobs = [engine.submit(network(8), sample) for engine in engines]
    for engine, job in zip(engines, jobs, strict=True):
        until(lambda engine=engine, job=job: engine.view(job).state.is_final)
        assert engine.view(job).state is JobState.FINISHED
    (folder,) = engines[0]._cluster.client.run(os.getenv, "TMPDIR").values()
    assert folder == local_worker.IN_MEMORY
    for engine in engines:
        engine.close()


def test_a_clock_that_is_set_back_begins_a_training_anew_instead_of_leaving_it_waiting(
    sample, monkeypatch, caplog
):
    end_training_process()  # for that of the pages would see the clock too
    monkeypatch.setattr("mnist_core.engine.process.worker.train_and_report", pretend_to_train)
    monkeypatch.setattr(cluster, "LOOK_SECONDS", 0.1)
    engine = Engine()
    job = engine.submit(network(9), sample)
    until(lambda: engine.view(job).progress)
    before = engine._cluster._local
    wrong = SimpleNamespace(time=lambda: time.time() - 7_200, monotonic=time.monotonic)
    monkeypatch.setattr(cluster, "time", wrong)
    until(lambda: engine.problem)
    assert "the clock was set back" in engine.problem
    until(lambda: engine.view(job).state.is_final)
    assert engine.view(job).state is JobState.FINISHED
    assert caplog.text.count("The connection to Dask was lost: the clock was set back") == 1
    until(lambda: before.status is Status.closed)  # or Python would wait for it at its end
    engine.close()


def test_no_duration_is_measured_with_a_clock_that_can_be_set():
    code = [path for part in ("mnist_core", "dashboard", "pages") for path in (ROOT / part).rglob("*.py")]
    assert len(code) > 100
    clocks = re.compile(r"\btime\.time\(|from time import .*\btime\b|datetime\.now|utcnow")
    using = {path.name for path in code if clocks.search(path.read_text())}
    # One looks whether it was set; the others compare with files, whose times are times of day.
    assert using == {"cluster.py", "shared_folder.py", "visit_files.py", "claims.py"}


@pytest.mark.load
def test_images_that_arrive_as_a_grown_training_process_is_replaced_hold_nothing_up(
    sample, monkeypatch, tmp_path, caplog
):
    """The new images were made ready in the old process, and nobody had heard of it yet."""
    path = tmp_path / "mnist.npz"
    few = {"x_train": sample.train_images, "y_train": sample.train_labels}
    few |= {"x_test": sample.test_images, "y_test": sample.test_labels}
    np.savez(path, **{name: images[:1_000] for name, images in few.items()})
    engine, replace = Engine(), Upkeep.replace_if_grown
    ready = []

    def late(upkeep, address, n_bytes, is_anybody_waiting):
        client = engine._cluster.client
        if not ready:
            for limit in ("MAX_GROWTH", "MAX_IDLE_GROWTH"):  # the next training may wait already, or not
                monkeypatch.setattr(worker_care, limit, -(10**12))
            n_before = len(warm_results(client))
            engine.warm(read_npz("path", path))
            until(lambda: len(warm_results(client)) > n_before)
            ready.append(address)
            replace(upkeep, address, n_bytes, is_anybody_waiting)
            assert not set(client.nthreads()) & set(ready)

    monkeypatch.setattr(Upkeep, "replace_if_grown", late)
    engine.warm(sample)
    for units in (5, 6):
        job = engine.submit(network(units), sample)
        until(lambda job=job: engine.view(job).state is JobState.FINISHED, seconds=60)
    assert ready
    assert not [record for record in caplog.records if record.name == "mnist_core.engine.worker_care"]
    engine.close()


def test_nothing_begins_in_a_training_process_that_is_about_to_be_replaced(sample, monkeypatch):
    """It would begin again in the new one; who stopped it in between would be left with nothing."""
    monkeypatch.setattr("mnist_core.engine.process.worker.train_and_report", pretend_to_train)
    engine, states = Engine(), []
    longest = network(256, epochs=30, batch_size=1)

    def late(*_):
        if not states:
            states.append(engine.view(engine.submit(longest, sample)).state)

    monkeypatch.setattr(Upkeep, "replace_if_grown", late)
    engine.submit(network(7), sample)
    until(lambda: states)
    assert states == [JobState.QUEUED]
    until(lambda: engine.view(engine.submit(longest, sample)).state is JobState.RUNNING)
    engine.close()


@pytest.mark.parametrize("error", [CancelledError, CommClosedError])
def test_a_training_whose_result_is_lost_with_the_connection_has_not_failed(sample, error, monkeypatch):
    def result():
        raise error

    monkeypatch.setattr("mnist_core.engine.cluster.Cluster.start", lambda cluster, *callbacks: None)
    engine, client = Engine(), SimpleNamespace()
    job = engine._jobs[engine.submit(network(8), sample)]
    job.state, job.future = JobState.RUNNING, SimpleNamespace(result=result, release=lambda: None)
    engine._dispatcher._on_done(job, job.future, client)
    assert engine.view(job.job_id).state is JobState.RUNNING  # until the connection is found to be another
    assert engine._cluster._given_up is client
    engine.close()


def test_an_engine_that_is_closed_while_its_training_process_starts_ends_that_too(monkeypatch):
    is_starting, is_closed, is_ended = (threading.Event() for _ in range(3))

    def start():
        is_starting.set()
        assert is_closed.wait(60)
        return SimpleNamespace(workers={}, close=lambda timeout: is_ended.set())

    monkeypatch.setattr(cluster, "start_local_cluster", start)
    monkeypatch.setattr("distributed.Client", SimpleNamespace)
    engine = Engine()
    assert is_starting.wait(60)
    engine.close()
    is_closed.set()
    assert is_ended.wait(60)


def test_a_local_cluster_that_takes_longer_to_end_than_anybody_waits_is_not_left_half_ended(monkeypatch):
    """Dask interrupts what takes longer than it is given, and then never ends: its port and threads stay."""
    may_end, is_ended = threading.Event(), threading.Event()

    def close(timeout):
        if timeout > 30 and may_end.wait(30):
            is_ended.set()

    monkeypatch.setattr(cluster, "CLOSE_SECONDS", 0.01)
    cluster.Cluster(None)._end((None, SimpleNamespace(workers={}, close=close)))
    may_end.set()
    assert is_ended.wait(30)


@pytest.mark.load
def test_a_training_in_a_process_that_grew_too_large_goes_on_in_another_from_what_it_had_reached(
    sample, monkeypatch, caplog
):
    for name in ("MAX_GROWTH", "MAX_IDLE_GROWTH", "MAX_GROWTH_OF_BUSY"):
        monkeypatch.setattr(worker_care, name, -(10**12))
    engine = Engine()
    until(lambda: engine._cluster.client)
    engine._cluster._local.scheduler.allowed_failures = 0  # else it would be blamed the fourth time
    long = engine.submit(network(256, epochs=30, batch_size=1), sample, "a")
    until(lambda: step_of(engine, long) > 1000)
    reached, before = step_of(engine, long), only_process(engine)
    short = engine.submit(network(6), sample, "b")
    until(lambda: engine.view(short).state is JobState.FINISHED)
    until(lambda: only_process(engine) not in (None, before))
    until(lambda: step_of(engine, long) not in (0, reached) and not engine._dispatcher._is_in_upkeep)
    first = engine._jobs[long].reached.steps_done
    assert first >= reached
    until(lambda: step_of(engine, long) > first)
    assert engine.view(long).history.curve_step[0] == 1, "what it had reached is in its curves"
    assert engine.view(long).state is JobState.RUNNING
    engine.stop(long, "a")
    until(lambda: engine.view(long).state.is_final)
    assert engine.record(long).steps_done > first
    assert "recomputed elsewhere" not in caplog.text, "Dask trains again what has ended"
    engine.close()


def step_of(engine, job_id):
    """How many updates a training reports that it has made."""
    progress = engine.view(job_id).progress
    return progress.step if progress is not None else 0


def only_process(engine):
    """The process that trains; None while it is being replaced."""
    return next(iter(engine._cluster.client.run(os.getpid, on_error="ignore").values()), None)


def warm_results(client):
    return [key for keys in client.has_what().values() for key in keys if key.startswith("warm-")]


# A training process in which nothing works.


@pytest.mark.load
def test_a_worker_that_dies_again_and_again_is_said_in_a_sentence_and_the_next_training_works(
    sample, monkeypatch, caplog
):
    monkeypatch.setattr("mnist_core.engine.process.worker.train_and_report", die)
    engine = Engine()
    job = engine.submit(network(7), sample)
    until(lambda: engine.view(job).state.is_final)
    assert engine.view(job).state is JobState.FAILED
    assert "process ended several times" in engine.view(job).error
    assert f"Training {job} failed" in caplog.text
    monkeypatch.setattr("mnist_core.engine.process.worker.train_and_report", pretend_to_train)
    again = engine.submit(network(7), sample)
    assert again != job
    until(lambda: engine.view(again).state.is_final)
    assert engine.view(again).state is JobState.FINISHED
    engine.close()


@pytest.mark.load
def test_a_tensorflow_that_crashes_its_process_is_said_in_a_sentence(sample, monkeypatch, tmp_path, caplog):
    (tmp_path / "tensorflow").mkdir()
    crash = f"import os; os.kill(os.getpid(), {int(signal.SIGSEGV)})"
    (tmp_path / "tensorflow" / "__init__.py").write_text(crash)
    monkeypatch.syspath_prepend(tmp_path)
    engine = Engine()
    engine.warm(sample)
    job = engine.submit(COMPILED, sample)
    until(lambda: engine.view(job).state.is_final)
    assert "process ended several times" in engine.view(job).error
    assert f"Training {job} failed" in caplog.text
    engine.close()


@pytest.fixture(scope="module")
def app_whose_trainings_fail():
    """The dashboard on a machine on which no network can be trained."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mnist_core.engine.process.worker.train_and_report", fail)
        with own_training_process():
            app = running_app().switch_page("pages/lab/evaluate.py")
            until(lambda: app.run().error, seconds=30)
            yield app


@pytest.mark.parametrize("page", PAGES)
def test_a_page_works_where_no_network_can_be_trained(app_whose_trainings_fail, page, monkeypatch):
    monkeypatch.setattr("dashboard.learn.questions.predict", lambda *_, **options: True)
    app = app_whose_trainings_fail
    app.switch_page(page).run()
    if page in NEED_A_NETWORK:  # it may just be tried again
        until(lambda: app.run().error, seconds=30)
    assert not app.exception
    assert app.title
    if page.startswith("pages/learn"):
        assert app.header[-1].value == "Check yourself"
    for error in app.error:
        assert "There is no such library." in error.value


NEED_A_NETWORK = {
    f"pages/lab/{stem}.py" for stem in ("evaluate", "predict", "inside", "draw", "compare", "code")
}


def test_a_training_that_fails_says_why_and_the_log_has_the_run(app_whose_trainings_fail, caplog):
    app = app_whose_trainings_fail
    app.switch_page("pages/lab/train.py").run()
    app.button(key="train").click().run()
    until(lambda: app.run() and app.error, seconds=30)
    assert "There is no such library." in app.error[0].value
    failed = [record for record in caplog.records if record.name == "mnist_core.engine.dispatcher"]
    assert failed
    assert all(record.getMessage().startswith("Training ") and record.exc_info for record in failed)


def test_the_classic_network_that_failed_is_not_tried_again_at_every_view_but_when_asked(
    app_whose_trainings_fail,
):
    app = app_whose_trainings_fail
    app.switch_page("pages/lab/evaluate.py").run()
    n_jobs = len(resources.engine()._jobs)
    app.run()
    assert len(resources.engine()._jobs) == n_jobs
    app.button(key="classic_again").click().run()
    assert len(resources.engine()._jobs) == n_jobs + 1


def test_where_tensorflow_cannot_be_loaded_networks_are_trained_in_numpy(sample, monkeypatch, tmp_path):
    (tmp_path / "tensorflow").mkdir()
    (tmp_path / "tensorflow" / "__init__.py").write_text("raise ImportError('no such library')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(worker, "train_and_report", train_and_report)
    with with_tensorflow():
        engine = Engine()
        job = engine.submit(COMPILED, sample)
        until(lambda: engine.view(job).state.is_final)
    assert engine.view(job).state is JobState.FINISHED
    assert engine.record(job).library == "NumPy"
    engine.close()
