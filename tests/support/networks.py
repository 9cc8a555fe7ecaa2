"""Networks and records that were never trained."""

from dataclasses import replace

import numpy as np

from mnist_core.config import RunConfig, TrainingConfig
from mnist_core.network.parameters import initial_parameters
from mnist_core.training.history import History
from mnist_core.training.record import RunRecord


def network(config, seed=3):
    """Random weights and biases, so that biases count too."""
    parameters = initial_parameters(config, seed)
    random = np.random.default_rng(seed)
    biases = tuple(random.normal(0, 0.3, b.shape).astype(np.float32) for b in parameters.biases)
    return replace(parameters, biases=biases)


def record_of(snapshots, steps_done=None, final=None):
    steps_done = 10 * (len(snapshots) - 1) if steps_done is None else steps_done
    config = RunConfig(snapshots[0].network, TrainingConfig(epochs=5, batch_size=8))
    return RunRecord(
        config=config, dataset_name="sample", dataset_fingerprint="", n_training_images=80,
        n_validation_images=0, steps_done=steps_done, is_stopped=final is not None,
        seconds=1.0, history=History(*[np.zeros(0)] * 7), snapshots=tuple(snapshots),
        parameters=final or snapshots[-1], versions={},
    )  # fmt: skip
