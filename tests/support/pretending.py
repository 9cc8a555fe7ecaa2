"""Trainings of a worker, and workers, that need no TensorFlow: what is tested is who hands out what."""

import os
import pickle
import signal
import time
import uuid
from dataclasses import replace
from zlib import crc32

import numpy as np

from mnist_core.analysis.evaluation import logits_on_test_images
from mnist_core.engine.engine import Engine
from mnist_core.engine.process import worker
from mnist_core.engine.process.worker import TOPIC
from mnist_core.images.dataset import load_origin
from mnist_core.network.parameters import initial_parameters
from mnist_core.training.history import History
from mnist_core.training.progress import Progress
from mnist_core.training.record import RunRecord

N_STEPS = 40
NO_LOGITS = np.zeros((1_000, 10), np.float32)
"""Of a network that says nothing of the test images of the sample."""


def pretend_to_train(job_id, config, origin, rank, images=None, beginning=None, mixture=None):
    """Instead of `worker.train_and_report`: two seconds of progress an epoch, and the network as it began."""
    from distributed import get_worker

    process, attempt, dataset = get_worker(), uuid.uuid4().hex, load_origin(origin).with_mixture(mixture)
    n_steps = N_STEPS * config.training.epochs
    for step in range(1, n_steps + 1):
        progress = Progress(step, n_steps, 1, 1, step / 20, 1.0, (n_steps - step) / 20, History.joined([]))
        process.log_event(TOPIC, (job_id, attempt, pickle.dumps(progress)))
        time.sleep(0.05)
    record = replace(RunRecord.untrained(config, dataset), is_stopped=False)
    return record, logits_on_test_images(record, dataset), 0, process.address


def end_at_once(job_id, config, origin, rank, images=None, beginning=None, mixture=None):
    """The same without a pause, with curves on which nothing changes."""
    from distributed import get_worker

    dataset, n_epochs = load_origin(origin).with_mixture(mixture), config.training.epochs
    untrained = RunRecord.untrained(config, dataset)
    steps, loss, accuracy = np.arange(n_epochs) + 1, np.full(n_epochs, 2.3), np.full(n_epochs, 0.1)
    record = replace(
        untrained, is_stopped=False, seconds=1.0, steps_done=untrained.timeline.n_steps,
        snapshots=untrained.snapshots * (n_epochs + 1),
        history=History(loss, accuracy, loss, accuracy, steps, loss, accuracy),
    )  # fmt: skip
    return record, logits_on_test_images(record, dataset), 0, get_worker().address


def end_in_one_epoch(job_id, config, origin, rank, images=None, beginning=None, mixture=None):
    """The same after one epoch, so that the record is small."""
    record, *more = end_at_once(job_id, config.with_changes(epochs=1), origin, rank)
    return replace(record, config=config), *more


def end_apart(job_id, config, origin, rank, images=None, beginning=None, mixture=None):
    """The same with a network of random weights at the end, another one for each config."""
    record, *_, address = end_in_one_epoch(job_id, config, origin, rank)
    dataset, network = load_origin(origin), initial_parameters(config.network, crc32(repr(config).encode()))
    record = replace(record, snapshots=(record.snapshots[0], network), parameters=network)
    return record, logits_on_test_images(record, dataset), 0, address


def count_units(record, dataset):
    """An analysis."""
    return record.parameters.biases[0].size


def die(job_id, config, origin, rank, images=None, beginning=None, mixture=None):
    """Instead of `worker.train_and_report`, as if the system wanted its memory back."""
    os.kill(os.getpid(), signal.SIGKILL)


def fail(job_id, config, origin, rank, images=None, beginning=None, mixture=None):
    """Instead of `worker.train_and_report`, with an error whose message is a sentence."""
    raise RuntimeError("There is no such library.")


class Future:
    """Something that was handed out; the test ends it."""

    def __init__(self, function, arguments, options):
        self.function, self.arguments, self.options = function, arguments, options
        self._then = lambda _: None

    @property
    def asked(self):
        """Which analysis, and of which training."""
        analyse, record = self.arguments[:2]
        return analyse.__name__, record.config.training.seed

    def add_done_callback(self, then):
        """As Dask's."""
        self._then = then

    def end(self, outcome):
        """Have it come to a result, or to an error."""
        self._outcome = outcome
        self._then(self)

    def result(self):
        """What it came to."""
        if isinstance(self._outcome, BaseException):
            raise self._outcome
        return self._outcome

    def release(self):
        """Nothing to forget."""


class Client:
    """A connection to a training process that does nothing until the test says what it found."""

    status = "running"

    def __init__(self):
        self.futures = []

    def submit(self, function, *arguments, **options):
        """Note what is to be done."""
        self.futures.append(Future(function, arguments, options))
        return self.futures[-1]

    def close(self, timeout):
        """Nothing to end."""

    @property
    def analyses(self):
        """The analyses that were handed out, in their order."""
        return [future for future in self.futures if future.function is worker.analyse]


def engine_of(client, monkeypatch):
    """An engine whose training process is the client; what runs in the background runs at once."""
    monkeypatch.setattr("mnist_core.engine.cluster.Cluster.start", lambda cluster, *callbacks: None)
    monkeypatch.setattr(
        "mnist_core.engine.background.Background.run", lambda self, function, *arguments: function(*arguments)
    )
    monkeypatch.setattr("mnist_core.engine.cluster.Cluster.give_up", lambda cluster, client: None)
    started = Engine()
    started._cluster._client = client
    return started
