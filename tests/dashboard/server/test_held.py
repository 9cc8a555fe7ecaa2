"""What belongs to everybody: made once, and closed in order."""

import threading

from dashboard.server import held
from dashboard.server.held import held_until


def test_what_belongs_to_everybody_is_made_once_also_by_threads_that_ask_together(monkeypatch):
    monkeypatch.setattr(held, "_in_use", [])
    n_made, closed = [], []
    begin = threading.Barrier(8)

    @held_until(closed.append)
    def thing():
        """A thing."""
        n_made.append(1)
        return object()

    def ask():
        begin.wait()
        thing()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(n_made) == 1
    the_one = thing()
    held.close()
    assert closed == [the_one]
    assert thing() is not the_one


def test_what_is_older_is_closed_later_and_a_failure_stops_nothing(monkeypatch, caplog):
    monkeypatch.setattr(held, "_in_use", [])
    closed = []

    @held_until(lambda _: closed.append("engine"))
    def engine():
        """The engine."""

    @held_until(lambda _: 1 / 0)
    def visits_of_it():
        """The visits."""
        return engine()

    visits_of_it()
    held.close()
    assert closed == ["engine"]
    assert "The visits. could not be closed" in caplog.text
