"""A clock that tests move."""


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self, now=0.0):
        self.now = now

    def __call__(self):  # noqa: D102
        return self.now
