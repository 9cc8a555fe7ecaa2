"""Own images reach the training that they were given to, and no other, whoever trains the same beside it."""

from dataclasses import replace

import numpy as np
import pytest

from mnist_core.config import NetworkConfig, RunConfig
from mnist_core.engine.engine import Engine
from mnist_core.engine.jobs import JobState
from mnist_core.engine.process import worker
from mnist_core.engine.process.gate import Gate
from mnist_core.images.mixture import Mixture
from mnist_core.images.own_digits import add
from mnist_core.storage.shared_records import SharedRecords
from mnist_core.training.record import RunRecord

CONFIG = RunConfig(NetworkConfig((4,)))


def taught(sample, seed=0):
    image = np.random.default_rng(seed).integers(0, 256, (28, 28)).astype(np.uint8)
    return sample.with_mixture(Mixture.of(add((), image, 3), 0.1))


def end(future, dataset):
    """Have a training end with what it was given."""
    given = future.options["mixture"]
    config = future.arguments[1]
    record = replace(
        RunRecord.untrained(config, dataset.with_mixture(given)), is_stopped=False, steps_done=1, seconds=1.0
    )
    future.end((record, np.zeros((len(dataset.test_labels), 10), np.float32), 0, ""))


def test_the_same_settings_with_and_without_own_images_are_different_trainings(engine, client, sample):
    jobs = [
        engine.submit(CONFIG, images, visitor)
        for images, visitor in (
            (taught(sample), "a"), (sample, "b"), (taught(sample, 1), "c"), (taught(sample), "d"),
        )
    ]  # fmt: skip
    assert len(set(jobs)) == 3
    assert jobs[0] == jobs[3], "equal own images are one training"
    given = []
    while len(given) < len(client.futures):
        future = client.futures[len(given)]
        given.append(future.options["mixture"])
        end(future, sample)
    digests = {None if mixture is None else mixture.digest for mixture in given}
    assert digests == {taught(sample).mixture.digest, None, taught(sample, 1).mixture.digest}
    assert engine.record(jobs[1]).mixture is None
    assert engine.record(jobs[1]).dataset_fingerprint == sample.fingerprint
    assert engine.record(jobs[0]).mixture.digest == taught(sample).mixture.digest


def test_once_it_has_ended_only_the_record_has_the_images(engine, client, sample):
    job = engine.submit(CONFIG, taught(sample), "a")
    end(client.futures[0], sample)
    view = engine.view(job)
    assert view.state is JobState.FINISHED
    assert view.own_images == "1 own image (10% of each epoch)"
    assert engine._jobs[job].dataset.mixture is None
    assert engine.submit(CONFIG, taught(sample), "b") == job
    assert engine.finished_job_for(CONFIG.key(sample.fingerprint)) is None


def test_what_has_not_ended_is_told_with_the_images_that_take_part(engine, sample):
    jobs = [engine.submit(CONFIG, images, "a") for images in (sample, taught(sample))]
    told = [engine.unfinished(job) for job in jobs]
    assert [config for config, _ in told] == [CONFIG] * 2
    assert told[0][1].mixture is None
    assert told[1][1].mixture.digest == taught(sample).mixture.digest


@pytest.mark.parametrize("source", ["visit", "class"])
def test_what_is_lost_with_its_worker_is_handed_out_again_with_its_own_images(engine, client, sample, source):
    own = sample.with_mixture(replace(taught(sample).mixture, source=source))
    job = engine.submit(CONFIG, own, "a")
    engine._dispatcher.on_lost()
    assert engine.view(job).state is JobState.QUEUED
    engine._dispatcher.dispatch()
    first, again = client.futures
    assert first.options["mixture"].digest == again.options["mixture"].digest == own.mixture.digest
    end(again, sample)
    assert engine.record(job).mixture.source == source
    assert engine.record(job).dataset_fingerprint == own.fingerprint


def test_images_that_are_sent_to_a_training_process_bring_no_own_ones_into_the_next_training(
    sample, monkeypatch
):
    seen = []

    def note(config, dataset, *_):
        seen.append(dataset.mixture)
        return RunRecord.untrained(config, dataset)

    class Worker:
        address = ""

    monkeypatch.setattr(worker, "_datasets", {})
    monkeypatch.setattr(worker, "_gate", Gate())
    monkeypatch.setattr(worker, "_give_way", lambda: None)
    monkeypatch.setattr(worker, "train", note)
    monkeypatch.setattr("distributed.get_worker", Worker)
    own = taught(sample)
    worker.train_and_report("a", CONFIG, sample.origin, 1, images=own, mixture=own.mixture)
    worker.train_and_report("b", CONFIG, sample.origin, 1)
    assert seen == [own.mixture, None]
    record = RunRecord.untrained(CONFIG, own)
    assert worker.analyse(given_images, record, sample.origin)[0].fingerprint == own.fingerprint
    untaught = RunRecord.untrained(CONFIG, sample)
    assert worker.analyse(given_images, untaught, sample.origin)[0].mixture is None


def given_images(record, dataset):
    """An analysis: which images it is given."""
    return dataset


@pytest.mark.parametrize("is_taught", [False, True])
def test_another_server_finds_a_run_with_its_own_images_and_only_under_its_own_key(
    is_taught, sample, tmp_path, monkeypatch
):
    monkeypatch.setattr("mnist_core.engine.cluster.Cluster.start", lambda cluster, *callbacks: None)
    shared, images = SharedRecords(tmp_path), taught(sample) if is_taught else sample
    record = replace(RunRecord.untrained(CONFIG, images), is_stopped=False, steps_done=1)
    job = f"{CONFIG.key(images.fingerprint)}-1"
    shared.put(job, record)
    other = Engine(shared=shared)
    try:
        assert other.view(job) is None, "it does not know the images of MNIST yet"
        other._foreign.add_dataset(sample)
        assert other.view(job).state is JobState.FINISHED
        assert (other.record(job).mixture is not None) == is_taught
        found = other.finished_job_for(CONFIG.key(sample.fingerprint))
        assert found == (None if is_taught else job)
    finally:
        other.close()
