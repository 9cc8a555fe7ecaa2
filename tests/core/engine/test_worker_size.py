"""By what the size of a training process is judged."""

import sys
from types import SimpleNamespace

import pytest

from mnist_core.engine.process import worker


@pytest.fixture(autouse=True)
def in_a_worker(monkeypatch):
    """Where a worker is asked for, there is one."""
    monkeypatch.setattr("distributed.get_worker", lambda: SimpleNamespace(address="here"))


def test_what_tensorflow_takes_does_not_count_as_growth(monkeypatch):
    sizes = iter([100, 400, 450, 470])
    monkeypatch.setattr(worker, "_resident_bytes", lambda: next(sizes))
    monkeypatch.setattr(worker, "_tensorflow_bytes", [])
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    with worker._weighing_tensorflow():
        monkeypatch.setitem(sys.modules, "tensorflow", object())
    assert worker._size()[0] == 450 - (400 - 100)
    with worker._weighing_tensorflow():
        pass
    assert worker._size()[0] == 470 - (400 - 100)


def test_it_is_weighed_before_the_training_ends_that_loads_it_and_until_then_nothing_is_known(monkeypatch):
    sizes = iter([100, 400, 450, 470])
    monkeypatch.setattr(worker, "_resident_bytes", lambda: next(sizes))
    monkeypatch.setattr(worker, "_tensorflow_bytes", [])
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    with worker._weighing_tensorflow() as note:
        monkeypatch.setitem(sys.modules, "tensorflow", object())
        assert worker._size() == (400, "")
        note()
        assert worker._size() == (470 - (450 - 100), "here")


@pytest.mark.parametrize("loaded", [False, True])
def test_without_loading_it_all_counts(monkeypatch, loaded):
    monkeypatch.setattr(worker, "_resident_bytes", lambda: 100)
    monkeypatch.setattr(worker, "_tensorflow_bytes", [])
    if loaded:
        monkeypatch.setitem(sys.modules, "tensorflow", object())
    else:
        monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    with worker._weighing_tensorflow():
        pass
    assert worker._size()[0] == 100
