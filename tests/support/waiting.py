"""Waits for what happens in another thread or process."""

import time


def until(condition, seconds=60, pause=0.01):
    """Ask again and again, with a pause in between, until it is so; a test fails that waits any longer."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "waited too long"
        time.sleep(pause)
