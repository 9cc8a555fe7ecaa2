"""The ten exercises at the end of the course: the numbers of their answers, computed by its own code."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from mnist_core.config import CLASSIC, USUAL_LEARNING_RATE, Optimizer, RunConfig
from mnist_core.lessons.images import pixel_place
from mnist_core.lessons.loss import negative_log
from mnist_core.lessons.optimizers import steady_step
from mnist_core.network.parameters import softmax

EXERCISES: Final = (
    *("count", "place", "softmax", "loss", "step"),
    *("updates", "validation", "one image", "one-hot", "two layers"),
)
"""From counting parameters to changing the script, in the order of the page."""
PHOTOGRAPH_LAYERS: Final = (3 * 32 * 32, 64, 20)
"""Inputs, hidden neurons and outputs of a network for small photographs in colour."""
LOGITS: Final = (2.0, 1.0, 0.0)
TRUE_PROBABILITIES: Final = (0.8, 0.1)
WEIGHT: Final = 0.3
GRADIENT: Final = -0.02
SGD_RATE: Final = 0.1
LARGER_BATCHES: Final = CLASSIC.with_changes(batch_size=128)
WITH_VALIDATION: Final = CLASSIC.with_changes(validation_share=0.1)
TWO_LAYERS: Final = CLASSIC.with_changes(hidden_units=(32, 16))
N_IMAGES: Final = 60_000
"""Training images of the whole of MNIST, which the exercises are about whatever the dashboard runs on."""


def count_parameters(layer_sizes: Sequence[int]) -> int:
    """Weights and biases of dense layers: (inputs + 1) × neurons, added up.

    Args:
        layer_sizes: The inputs, then the neurons of each layer.
    """
    return sum((fan_in + 1) * n_units for fan_in, n_units in itertools.pairwise(layer_sizes))


def answers() -> Mapping[str, float]:
    """Every number in the answers, by its name in the page's text."""
    row, column = pixel_place(300)
    p = softmax(np.array(LOGITS, np.float32))
    losses = [negative_log(probability) for probability in TRUE_PROBABILITIES]
    in_all = CLASSIC.training.epochs
    n_training, n_validation = WITH_VALIDATION.training.split_sizes(N_IMAGES)
    return {
        "n_weights_1": PHOTOGRAPH_LAYERS[0] * PHOTOGRAPH_LAYERS[1],
        "n_parameters": count_parameters(PHOTOGRAPH_LAYERS),
        "row": row,
        "column": column,
        **{f"p{place}": float(value) for place, value in enumerate(p)},
        "loss_1": losses[0],
        "loss_2": losses[1],
        "mean_loss": sum(losses) / len(losses),
        "after_sgd": after_one_update("sgd", SGD_RATE),
        "after_adam": after_one_update("adam", USUAL_LEARNING_RATE["adam"]),
        "updates_per_epoch": _updates(LARGER_BATCHES),
        "updates": in_all * _updates(LARGER_BATCHES),
        "usual_updates": in_all * _updates(CLASSIC),
        "last_batch": N_IMAGES % LARGER_BATCHES.training.batch_size,
        "n_training": n_training,
        "n_validation": n_validation,
        "updates_validated": _updates(WITH_VALIDATION),
        "usual_parameters": CLASSIC.network.n_parameters,
        "two_layers": TWO_LAYERS.network.n_parameters,
    }


def after_one_update(optimizer: Optimizer, learning_rate: float) -> float:
    """The weight of the exercise after the first update by a rule."""
    return WEIGHT + float(steady_step(optimizer, GRADIENT, learning_rate, 1).step)


def _updates(config: RunConfig) -> int:
    return config.training.steps_per_epoch(N_IMAGES)
