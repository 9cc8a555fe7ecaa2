"""Which images the dashboard uses while its files answer late, or not at all."""

import os
import sys
import threading

import pytest

from dashboard.session import resources
from dashboard.session.resources import DatasetHolder
from mnist_core.config import RunConfig
from mnist_core.images.dataset import DataError, read_npz
from mnist_core.training.record import RunRecord


def test_a_file_that_does_not_answer_holds_no_page_up_and_is_used_once_it_does(monkeypatch, mnist):
    answers, read = threading.Event(), threading.Event()

    def slow():
        answers.wait(60)
        return mnist

    class Watched(DatasetHolder):
        """Tells when the file has been read."""

        def _read(self):
            super()._read()
            read.set()

    monkeypatch.setattr(resources, "load_dataset", slow)
    holder = Watched(seconds=0.01)
    assert holder.dataset.origin.kind == "embedded"
    assert "have not answered" in holder.dataset.problems[0]
    early = RunRecord.untrained(RunConfig(), holder.dataset)
    answers.set()
    assert read.wait(60)
    assert holder.dataset is mnist
    assert holder.find(early).origin.kind == "embedded"


def test_without_the_whole_of_mnist_it_is_fetched_and_a_failure_is_said(monkeypatch, sample):
    fetched = threading.Event()

    def refused():
        fetched.set()
        raise DataError("MNIST could not be downloaded: the network did not answer.")

    monkeypatch.setattr(resources, "load_dataset", lambda: sample)
    monkeypatch.setattr(resources, "download_dataset", refused)
    holder = DatasetHolder()
    assert fetched.wait(60)
    assert holder.find(RunRecord.untrained(RunConfig(), sample)).fingerprint == sample.fingerprint


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes among its files")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "mnist.npz")
    with pytest.raises(DataError, match="no ordinary file"):
        read_npz("path", tmp_path / "mnist.npz")
