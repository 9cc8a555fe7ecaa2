"""Many trainings that have ended: what their settings and key figures take, and whose stay."""

import gc
import pickle
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from mnist_core.bounds import MAX_PARTS, MAX_REMEMBERED_JOBS
from mnist_core.config import NetworkConfig, RunConfig, TrainingConfig
from mnist_core.engine.engine import Engine
from mnist_core.engine.jobs import JobState
from mnist_core.network.parameters import initial_parameters
from mnist_core.storage.record_store import RecordStore
from mnist_core.training.history import History
from mnist_core.training.progress import Progress
from mnist_core.training.record import RunRecord

MAX_BYTES = 50_000_000
"""Of all remembered trainings together."""
N_PEOPLE = 300
N_RUNS = 10


class _Forgetful(RecordStore):
    """Has no room for any record."""

    def put(self, name, record):
        """Drop it."""


@pytest.fixture
def engine(sample, monkeypatch):
    """An engine without a training process, where stopping a training leaves the outcome of a whole one."""
    untrained = RunRecord.untrained(RunConfig(NetworkConfig((1,))), sample)

    def finished(config, dataset):
        return replace(
            untrained, config=config, seconds=float(config.training.seed), steps_done=100, is_stopped=False
        )

    monkeypatch.setattr(RunRecord, "untrained", finished)
    monkeypatch.setattr("mnist_core.engine.cluster.Cluster.start", lambda cluster, *callbacks: None)
    started = Engine(store=_Forgetful())
    yield started
    started.close()


def ended(engine, sample, seed, visitor, progress=None):
    """A training that has come to its end, after one report perhaps, and whose record had to go."""
    job = engine.submit(RunConfig(training=TrainingConfig(seed=seed)), sample, visitor)
    if progress is not None:
        engine._dispatcher.on_event((0, (f"{job}/{engine._dispatcher._name}", "attempt", progress)))
        assert engine.view(job).snapshot is not None
    engine.stop(job, visitor)
    return job


def a_report():
    """Of an epoch with its curve and its network, as the training process sends it."""
    network, curve = NetworkConfig((32,)), [np.zeros(100)] * 3
    news = History(*[np.zeros(1)] * 4, *curve)
    return pickle.dumps(Progress(100, 500, 1, 5, 1.0, 1.0, 4.0, news, initial_parameters(network, 0)))


def test_ten_thousand_remembered_trainings_take_less_than_fifty_megabytes(engine, sample):
    report = a_report()
    ended(engine, sample, 0, "nobody", report)
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for number in range(1, 501):
        ended(engine, sample, number, f"{number // N_RUNS:032x}", report)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(engine._jobs) == 501
    assert 0 < (after - before) / 500 * MAX_REMEMBERED_JOBS < MAX_BYTES


def test_three_hundred_people_keep_ten_runs_each_in_their_lists_whatever_strangers_train(engine, sample):
    people = [f"{number:032x}" for number in range(N_PEOPLE)]
    runs = [
        ended(engine, sample, N_RUNS * at + run, name)
        for at, name in enumerate(people)
        for run in range(N_RUNS)
    ]
    engine.connect_visits(lambda: dict.fromkeys(runs, 0), lambda name: False)
    for number in range(MAX_REMEMBERED_JOBS):
        ended(engine, sample, len(runs) + number, "stranger")
    assert len(engine._jobs) <= MAX_REMEMBERED_JOBS
    for seed, job in enumerate(runs):
        view = engine.view(job)
        assert (view.config.training.seed, view.state) == (seed, JobState.FINISHED)
        assert (view.outcome.seconds, view.outcome.steps_done) == (seed, 100)
        assert engine.record(job) is None
    again = engine.submit(engine.view(runs[0]).config, sample, people[0])
    assert again != runs[0]
    assert engine.view(again).state is JobState.QUEUED


def test_ten_thousand_reports_of_one_training_are_one_history_and_not_as_many_parts_at_every_look(
    engine, sample
):
    job = engine.submit(RunConfig(), sample, "a")
    for step in range(10_000):
        news = History([], [], [], [], [step], [0.5], [0.25])
        report = pickle.dumps(Progress(step, 10_000, 1, 5, 1.0, 1.0, 4.0, news))
        engine._dispatcher.on_event((0, (f"{job}/{engine._dispatcher._name}", "attempt", report)))
    assert engine.view(job).history.curve_step.tolist() == list(range(10_000))
    assert len(engine._jobs[job].parts) <= MAX_PARTS


def test_a_look_at_the_state_of_a_training_joins_none_of_its_reports(engine, sample, monkeypatch):
    job = engine.submit(RunConfig(), sample, "a")
    engine._dispatcher.on_event((0, (f"{job}/{engine._dispatcher._name}", "attempt", a_report())))
    joined = []
    monkeypatch.setattr(History, "joined", lambda parts: joined.append(len(parts)))
    view = engine.view(job)
    assert (view.state, view.progress.step, joined) == (JobState.QUEUED, 100, [])
    assert view.history is None
    assert joined == [1]
