"""Images that a training process cannot read, or that do not answer: others compute, and it is sent them."""

import threading

import pytest

from mnist_core.config import RunConfig
from mnist_core.engine.jobs import JobState
from mnist_core.engine.process import worker
from mnist_core.engine.process.gate import Gate
from mnist_core.images.dataset import DataError, Origin
from mnist_core.training.record import RunRecord


@pytest.fixture
def silent_file(tmp_path, monkeypatch):
    """An origin whose file exists and never answers, as on a drive whose network is gone."""
    ended = threading.Event()

    def wait(path):
        assert worker._gate._holder is None, "others may not compute meanwhile"
        ended.wait(60)
        raise OSError("the test has ended")

    (tmp_path / "mnist.npz").touch()
    monkeypatch.setattr("zipfile.ZipFile", wait)
    monkeypatch.setattr("mnist_core.images.dataset.LOAD_SECONDS", 0.05)
    monkeypatch.setattr(worker, "_datasets", {})
    monkeypatch.setattr(worker, "_gate", Gate())
    monkeypatch.setattr(worker, "_give_way", lambda: None)  # or the tests would be a background process
    monkeypatch.setattr("distributed.get_worker", lambda: None)
    yield Origin("path", str(tmp_path / "mnist.npz"), "of other images")
    ended.set()


def given(record, dataset):
    """An analysis: which images it is given."""
    return dataset


NO_ANSWER = r"MNIST_PATH \(.*mnist.npz\) did not answer within 0.05 seconds"


def test_a_training_process_waits_only_some_seconds_for_a_file_and_then_does_everything_else(
    silent_file, sample
):
    untrained = RunRecord.untrained(RunConfig(), sample)
    for _ in range(2):
        with pytest.raises(DataError, match=NO_ANSWER):
            worker.train_and_report("ticket", RunConfig(), silent_file, 1)
        with pytest.raises(DataError, match=NO_ANSWER):
            worker.analyse(given, untrained, silent_file)
        with pytest.raises(DataError, match=NO_ANSWER):
            worker.make_ready(silent_file)
    embedded, _ = worker.analyse(given, untrained, sample.origin)
    assert embedded.fingerprint == sample.fingerprint
    assert worker.analyse(given, untrained, silent_file, sample)[0] is sample
    assert worker.analyse(given, untrained, silent_file)[0] is sample  # it need not be sent again


def test_a_training_whose_images_the_process_cannot_read_is_handed_out_again_with_them(
    engine, client, sample
):
    job = engine.submit(RunConfig(), sample, "a")
    assert client.futures[0].options["images"] is None
    client.futures[0].end(DataError("The file did not answer."))
    assert engine.view(job).state is JobState.RUNNING
    assert client.futures[1].options["images"] is sample
    client.futures[1].end(DataError("The images are no images."))
    assert engine.view(job).error == "Training failed: The images are no images."
    assert len(client.futures) == 2


def test_a_training_that_was_stopped_meanwhile_is_not_handed_out_again(engine, client, sample):
    job = engine.submit(RunConfig(), sample, "a")
    engine.stop(job, "a")
    client.futures[0].end(DataError("The file did not answer."))
    assert engine.view(job).state is JobState.STOPPED
    assert len(client.futures) == 1
