"""Cures for overfitting: networks trained on few images, each with one cure, judged on the same other images.

The trainings and what is measured of each, for the lesson on generalising better. Cures are compared on
validation images that none of them trains on, with the whole network and the images as they are: during a
training with dropout or shifted copies the running accuracy is measured on something harder.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np

from mnist_core.analysis.evaluation import logits_of
from mnist_core.analysis.inspection import full_color_weight, weight_images
from mnist_core.arrays import ByteArray, Float32Array, Float64Array, ReadOnlyArrays, in_chunks
from mnist_core.config import NetworkConfig, RunConfig, TrainingConfig
from mnist_core.images.dataset import Dataset
from mnist_core.images.moving import move, places_of
from mnist_core.images.preparation import IMAGE_SHAPE, network_inputs
from mnist_core.lessons.training_curves import Validated
from mnist_core.network.parameters import Parameters, cross_entropy, starting_parameters
from mnist_core.training.record import RunRecord
from mnist_core.training.training_set import TrainingImages, training_images

Cure = Literal["nothing", "more images", "early stopping", "L2", "dropout", "shifted copies"]
CURES: Final[tuple[Cure, ...]] = get_args(Cure)
Finding = Literal["better", "worse", "unclear"]

N_IMAGES: Final = 500
N_MORE: Final = 2_500
N_WATCHED: Final = 500
"""Validation images of each run, which follow those it trains on; early stopping watches them."""
SEEDS: Final = (0, 1, 2)
DROPOUT: Final = 0.5
L2: Final = 0.001
SHIFT: Final = 2
PATIENCE: Final = 3
_FEW: Final = TrainingConfig(
    epochs=20, learning_rate=0.003, n_training_images=N_IMAGES + N_WATCHED, validation_share=0.5
)
"""So many epochs, and such long steps, that overfitting shows (measured: the validation loss turns before
epoch 10, and ends a sixth higher or more)."""
_CHANGES: Final[Mapping[Cure, Mapping[str, Any]]] = {
    "nothing": {},
    "more images": {
        "n_training_images": N_MORE + N_WATCHED,
        "validation_share": N_WATCHED / (N_MORE + N_WATCHED),
    },
    "early stopping": {"patience": PATIENCE},
    "L2": {"l2": L2},
    "dropout": {"dropout": DROPOUT},
    "shifted copies": {"shift": SHIFT},
}
N_JUDGED: Final = 2_000
"""Images that the cures are compared on, at most."""
LEAST_IMAGES: Final = N_MORE + N_WATCHED + 500
"""Training images there must be for that."""
N_NEURONS: Final = 8
"""Of which the weights are shown."""
_T_95: Final = 0.95 * math.sqrt(2 / (1 - 0.95**2))
"""4.30: Student's t with two degrees of freedom, from whose middle 95% of its values are less far away."""


def cure_config(cure: Cure, seed: int) -> RunConfig:
    """A network of 128 hidden neurons, trained with one cure."""
    return RunConfig(NetworkConfig((128,)), _FEW).with_changes(seed=seed, **_CHANGES[cure])


@dataclass(frozen=True, eq=False)
class Judged(ReadOnlyArrays):
    """A run of a cure; losses are mean cross-entropies in nats without the L2 term, accuracies 0 to 1.

    Attributes:
        training_loss: Shape (epochs + 1,), of the images trained on, before training and after each epoch.
        training_accuracy: The same of the accuracy.
        loss: Shape (epochs + 1,), of the images that the cures are compared on.
        accuracy: The same of the accuracy.
        kept_epoch: Whose network is kept: the last one, or the best where a run was stopped early.
        weight_size: √ of the mean squared weight of the first hidden layer at the end.
        thinned: Accuracy of the kept network without half of its hidden neurons, drawn for each image.
        moved: Its accuracy where each image is moved, by up to `SHIFT` pixels across and down.
        n_images: How many images the cures are compared on.
        starting_weights: Shape (k, 28, 28), those of the first hidden neurons as images before training.
        weights: The same of the kept network.
        full_color: The size from which on such an image shows a weight in full colour.
    """

    training_loss: Float64Array
    training_accuracy: Float64Array
    loss: Float64Array
    accuracy: Float64Array
    kept_epoch: int
    weight_size: float
    thinned: float
    moved: float
    n_images: int
    starting_weights: Float32Array
    weights: Float32Array
    full_color: float

    @property
    def best_epoch(self) -> int:
        """The epoch, from 1, after which the loss of the images that the cures are compared on is lowest."""
        return 1 + int(self.loss[1:].argmin())


def judge(record: RunRecord, dataset: Dataset) -> Judged:
    """Measure a run after each epoch: an analysis, a quarter of a second for 2,000 images."""
    chosen = training_images(record.config, dataset)
    images, labels = images_to_judge(dataset)
    on_training = [_measure(network, chosen.images, chosen.labels) for network in record.snapshots]
    on_others = [_measure(network, images, labels) for network in record.snapshots]
    kept = record.parameters
    (training_loss, training_accuracy), (loss, accuracy) = (
        np.array(measured).T for measured in (on_training, on_others)
    )
    random = np.random.default_rng(0)
    right, down = random.integers(-SHIFT, SHIFT + 1, (2, len(images)))
    return Judged(
        training_loss=training_loss,
        training_accuracy=training_accuracy,
        loss=loss,
        accuracy=accuracy,
        kept_epoch=record.kept_epoch,
        weight_size=math.sqrt(np.square(kept.weights[0], dtype=np.float64).mean()),
        thinned=float((_thinned_logits(kept, images, random).argmax(axis=1) == labels).mean()),
        moved=_measure(kept, move(places_of(images, SHIFT), right, down), labels)[1],
        n_images=len(images),
        starting_weights=weight_images(record.snapshots[0])[:N_NEURONS],
        weights=weight_images(kept)[:N_NEURONS],
        full_color=full_color_weight(kept, 0),
    )


def starting_images(config: RunConfig) -> tuple[Float32Array, float]:
    """The weights of the first hidden neurons as images before any training, and the weight in full colour.

    Args:
        config: Of a run; `judge` finds the same in its record.

    Returns:
        Shape (k, 28, 28), and the size from which on an image shows a weight in full colour.
    """
    parameters = starting_parameters(config)
    return weight_images(parameters)[:N_NEURONS], full_color_weight(parameters, 0)


def images_to_judge(dataset: Dataset) -> tuple[ByteArray, ByteArray]:
    """Training images that no cure trains on or watches, uint8 (n, 28, 28), and their labels."""
    part = slice(N_MORE + N_WATCHED, N_MORE + N_WATCHED + N_JUDGED)
    return dataset.train_images[part], dataset.train_labels[part]


def copies_of(chosen: TrainingImages, n_images: int, n_epochs: int) -> ByteArray:
    """The first images of a run as its first epochs show them: row after row, a row for each image.

    Returns:
        uint8, shape (n_images · n_epochs, 28, 28).
    """
    by_epoch = [chosen.seen(epoch, np.arange(n_images)) for epoch in range(1, n_epochs + 1)]
    return np.stack(by_epoch, axis=1).reshape(-1, *IMAGE_SHAPE)


def _measure(network: Parameters, images: ByteArray, labels: ByteArray) -> tuple[float, float]:
    """Mean loss and accuracy of a network on images."""
    logits = logits_of(network, images)
    loss = cross_entropy(logits, labels).mean(dtype=np.float64)
    return float(loss), float((logits.argmax(axis=1) == labels).mean())


def _thinned_logits(network: Parameters, images: ByteArray, random: np.random.Generator) -> Float64Array:
    """What a network of one hidden layer says while a training with dropout would go on, shape (n, 10)."""
    parts = []
    for chunk in in_chunks(images):
        (hidden,) = network.hidden_activations(network_inputs(chunk))
        is_kept = random.random(hidden.shape) >= DROPOUT
        parts.append(is_kept * hidden / (1 - DROPOUT) @ network.weights[1] + network.biases[1])
    return np.concatenate(parts)


@dataclass(frozen=True)
class Mean:
    """The mean over three seeds, and its 95% confidence interval by Student's t.

    The interval is about other seeds, on the same images.
    """

    mean: float
    low: float
    high: float


def mean_of_seeds(values: Sequence[float]) -> Mean:
    """The mean ± t s / √3, with s the standard deviation that divides by 2 (Student, 1908).

    Raises:
        ValueError: They are not three.
    """
    if len(values) != len(SEEDS):
        raise ValueError(f"The interval is for {len(SEEDS)} seeds, not {len(values)}.")
    mean, margin = float(np.mean(values)), _T_95 * float(np.std(values, ddof=1)) / math.sqrt(len(SEEDS))
    return Mean(mean, mean - margin, mean + margin)


@dataclass(frozen=True)
class Result:
    """What came of a cure, over three seeds; of the networks that were kept.

    Attributes:
        training: Accuracy on the images trained on, 0 to 1.
        accuracy: Accuracy on the images that cures are compared on.
        gap: The first minus the second.
        gain: The accuracy minus that of no cure with the same seed.
        training_loss: In nats.
        loss: In nats, on the images that cures are compared on.
        weight_size: See `Judged`.
        thinned: See `Judged`.
        moved: See `Judged`.
        kept_epochs: Of each seed.
    """

    training: Mean
    accuracy: Mean
    gap: Mean
    gain: Mean
    training_loss: Mean
    loss: Mean
    weight_size: Mean
    thinned: Mean
    moved: Mean
    kept_epochs: tuple[int, ...]

    @property
    def finding(self) -> Finding:
        """Whether the interval of the gain lies above or below 0, or holds it."""
        return "better" if self.gain.low > 0 else "worse" if self.gain.high < 0 else "unclear"


def compare_cures(judged: Mapping[Cure, Sequence[Judged]]) -> dict[Cure, Result]:
    """The results of cures, in their order; "nothing" must be among them.

    Args:
        judged: The runs of each, one for each of `SEEDS`.
    """
    base = [run.accuracy[run.kept_epoch] for run in judged["nothing"]]
    return {cure: _result(runs, base) for cure, runs in judged.items()}


def clearly_better(results: Mapping[Cure, Validated]) -> list[Cure]:
    """The cures whose 95% interval lies above that of "nothing", in their order."""
    high = results["nothing"].interval.high
    return [cure for cure, result in results.items() if result.interval.low > high]


def _result(runs: Sequence[Judged], base: Sequence[float]) -> Result:
    training, accuracy, training_loss, loss = (
        [float(getattr(run, name)[run.kept_epoch]) for run in runs]
        for name in ("training_accuracy", "accuracy", "training_loss", "loss")
    )
    return Result(
        training=mean_of_seeds(training),
        accuracy=mean_of_seeds(accuracy),
        gap=mean_of_seeds([first - second for first, second in zip(training, accuracy, strict=True)]),
        gain=mean_of_seeds([first - second for first, second in zip(accuracy, base, strict=True)]),
        training_loss=mean_of_seeds(training_loss),
        loss=mean_of_seeds(loss),
        **{
            name: mean_of_seeds([getattr(run, name) for run in runs])
            for name in ("weight_size", "thinned", "moved")
        },
        kept_epochs=tuple(run.kept_epoch for run in runs),
    )
