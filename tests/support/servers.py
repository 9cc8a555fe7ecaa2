"""Servers that tests have for themselves, and the environment of what knows the sample of MNIST alone."""

from contextlib import contextmanager

from benchmarks.harness.server import Server


def on_the_sample(folder):
    """Variables for a process that finds the embedded images alone; the folder has no file of MNIST in it."""
    return {"MNIST_PATH": "", "KERAS_HOME": str(folder), "XDG_CACHE_HOME": str(folder)}


@contextmanager
def sample_server(log, environment=None, **limits):
    """A server on the embedded images, which writes a log; its limits of open files are those of `Server`."""
    environment = on_the_sample(log.parent) | (environment or {})
    with log.open("w") as output, Server(output=output, environment=environment, **limits) as server:
        yield server
