"""What the engine does in threads of its own."""

import threading

from mnist_core.engine.background import Background


def test_what_is_repeated_goes_on_after_a_failure_that_is_logged_and_ends_when_it_is_closed(caplog):
    background, times, again = Background(), [], threading.Event()

    def look():
        times.append(threading.current_thread())
        if len(times) == 1:
            raise ValueError("not this time")
        again.set()

    background.repeat(0.001, look)
    assert again.wait(30)
    background.close()
    times[0].join(30)
    assert not times[0].is_alive()
    (logged,) = caplog.records
    assert logged.getMessage() == "look failed and is tried again"
    assert "not this time" in str(logged.exc_info[1])
