"""A training that lets others compute in its middle ends with the bits of one that ran alone."""

import threading
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from pretending import count_units
from waiting import until

from mnist_core.analysis.evaluation import logits_on_test_images
from mnist_core.config import NetworkConfig, RunConfig, TrainingConfig
from mnist_core.engine.engine import Engine
from mnist_core.engine.job_queue import Lane
from mnist_core.engine.jobs import JobState
from mnist_core.engine.process import worker
from mnist_core.engine.process.gate import TURN_SECONDS, Gate
from mnist_core.storage.record_store import RecordStore
from mnist_core.training.history import History
from mnist_core.training.loop import train

PATIENCE = 60


def assert_same(first, second):
    """Two records of equal bits, but for the time that they took."""
    for name in ("config", "dataset_fingerprint", "steps_done", "is_stopped", "versions"):
        assert getattr(first, name) == getattr(second, name)
    for name in History.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(first.history, name), getattr(second.history, name), name)
    assert len(first.snapshots) == len(second.snapshots)
    for mine, theirs in zip(
        (*first.snapshots, first.parameters), (*second.snapshots, second.parameters), strict=True
    ):
        for a, b in zip((*mine.weights, *mine.biases), (*theirs.weights, *theirs.biases), strict=True):
            np.testing.assert_array_equal(a, b)


class Urgent:
    """Work that comes to the gate in the middle of a longer training, in threads of the same process."""

    def __init__(self, *calls):
        self.results = [None] * len(calls)
        self.threads = [threading.Thread(target=self._run, args=call) for call in enumerate(calls)]

    def _run(self, number, call):
        self.results[number] = call()

    def arrive(self, gate):
        """Start all and return once they wait at the gate."""
        for n_waiting, thread in enumerate(self.threads, 1):
            thread.start()
            while len(gate._waiting) < n_waiting and thread.is_alive():
                thread.join(0.001)

    def end(self):
        """Wait until all are done."""
        for thread in self.threads:
            thread.join(PATIENCE)
        return self.results


def test_what_gives_way_to_a_shorter_training_and_to_an_analysis_ends_as_if_it_had_run_alone(
    sample, monkeypatch
):
    training = TrainingConfig(epochs=4, batch_size=8)
    long = RunConfig(NetworkConfig((16, 8)), training)
    short = RunConfig(NetworkConfig((16, 8)), replace(training, epochs=1, learning_rate=0.01, seed=7))
    long_alone, short_alone = train(long, sample), train(short, sample)

    of_long = (long_alone, sample.origin, sample)
    clock, order = SimpleNamespace(now=0.0), []
    gate = Gate(lambda: clock.now)

    def tell(_, event):
        order.append(event[0])
        if len(order) == 3:  # in the middle of an epoch
            urgent.arrive(gate)
            clock.now += TURN_SECONDS

    monkeypatch.setattr(worker, "_gate", gate)
    monkeypatch.setattr(worker, "_give_way", lambda: None)  # or the tests would be a background process
    monkeypatch.setattr("distributed.get_worker", lambda: SimpleNamespace(log_event=tell, address=""))
    urgent = Urgent(
        lambda: worker.train_and_report("short", short, sample.origin, Lane.SHORT, images=sample),
        lambda: (order.append("analysis"), worker.analyse(logits_on_test_images, *of_long))[1],
    )
    interrupted = worker.train_and_report("long", long, sample.origin, Lane.LONG, images=sample)[0]
    shorter, (logits, seconds) = urgent.end()
    assert 0 < seconds < PATIENCE
    n_before = order.index("short")
    assert order[:n_before] == ["long"] * 3 + ["analysis"]
    assert order[-1] == "long"
    assert "long" not in order[n_before : len(order) - order[::-1].index("short")]
    assert_same(interrupted, long_alone)
    assert_same(shorter[0], short_alone)
    np.testing.assert_array_equal(logits, logits_on_test_images(long_alone, sample))


@pytest.fixture
def engine(monkeypatch, scheduler):
    monkeypatch.setattr("mnist_core.engine.job_queue._LANE_SECONDS", {Lane.SHORT: 2.0, Lane.MEDIUM: 300.0})
    started = Engine(scheduler, store=RecordStore(memory_bytes=1, folder_bytes=1))  # holds the newest alone
    yield started
    started.close()


def trained(engine, config, sample):
    """A finished job and its record, as soon as it is there."""
    job = engine.submit(config, sample, "a")
    until(lambda: engine.view(job).state.is_final)
    assert engine.view(job).state is JobState.FINISHED
    return job, engine.record(job)


@pytest.mark.load
def test_a_network_whose_record_had_to_go_is_trained_again_bit_for_bit_also_when_it_gives_way(engine, sample):
    long = RunConfig(NetworkConfig((96,)), TrainingConfig(epochs=30, batch_size=1))  # seconds on any machine
    first, record = trained(engine, long, sample)
    trained(engine, RunConfig(NetworkConfig((5,))), sample)
    other, _ = trained(engine, RunConfig(NetworkConfig((6,))), sample)
    assert engine.record(first) is None
    assert engine.view(first).outcome.steps_done == record.steps_done

    again = engine.submit(long, sample, "a")
    assert again != first
    until(lambda: engine.view(again).progress)
    step = engine.view(again).progress.step
    engine.analysis(other, count_units)
    short = engine.submit(replace(long, training=replace(long.training, epochs=1, seed=7)), sample, "a")
    ended = []
    for job in (again, short):
        engine.watch(job, lambda job=job: ended.append(job))
    until(lambda: len(ended) == 2)
    assert ended == [short, again]
    until(lambda: engine.analysis(other, count_units).result)
    assert step < record.steps_done
    assert_same(engine.record(again), record)
