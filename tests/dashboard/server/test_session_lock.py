"""Two runs of a session, of which one still ends while the next begins, do not touch its state at once."""

import threading

import pytest
from streamlit.runtime import state as state_module
from streamlit.runtime.scriptrunner import script_runner

from dashboard.server.session_lock import share_locks


@pytest.fixture(autouse=True)
def shared(monkeypatch):
    for module, name in ((state_module, "SessionState"), (script_runner, "SafeSessionState")):
        monkeypatch.setattr(module, name, getattr(module, name))  # put back after the test
    share_locks()


def test_the_next_run_waits_until_the_one_before_has_ended(monkeypatch):
    session, order, begun = state_module.SessionState(), [], threading.Event()
    ending, beginning = (script_runner.SafeSessionState(session, lambda: None) for _ in range(2))

    def end(*_, **__):
        begun.set()
        other.join(0.2)  # it would be over if it did not wait
        order.append("ended")

    monkeypatch.setattr(session, "on_script_finished", end)
    other = threading.Thread(target=lambda: begun.wait() and write())

    def write():
        beginning["units"] = 5
        order.append("written")

    other.start()
    ending.on_script_finished(frozenset())
    other.join()
    assert order == ["ended", "written"]
    assert ending["units"] == 5


def test_two_sessions_do_not_wait_for_each_other():
    one, another = (
        script_runner.SafeSessionState(state_module.SessionState(), lambda: None) for _ in range(2)
    )
    thread = threading.Thread(target=another.__setitem__, args=("units", 5))
    with object.__getattribute__(one, "_lock"):
        thread.start()
        thread.join(60)
        assert not thread.is_alive()
