"""What the lesson on optimisers shows: the rules racing on a surface, and Adam's first updates of a network.

Reads the rules of `update_rules`, the surfaces, and a run's first network with its training images.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import Float64Array, ReadOnlyArrays, read_only
from mnist_core.config import NetworkConfig, Optimizer
from mnist_core.lessons.batches import EpochPlan, gradient_of
from mnist_core.lessons.surfaces import SURFACES, Surface
from mnist_core.lessons.training_curves import Curve, smoothed
from mnist_core.network.parameters import Parameters, flat_vector
from mnist_core.network.update_rules import BETA_2, EPSILON, MOMENTUM, RULES, Update, descend, start, update
from mnist_core.training.record import RunRecord
from mnist_core.training.training_set import TrainingImages

N_UPDATES: Final = 100
"""Updates of a race."""
HIGHEST_LOSS: Final = 3.0
"""Nats above which curves of losses are not drawn: ten equal guesses have 2.3."""
FAR: Final = 10
"""A path this many times as far out as the edge of the picture has diverged."""
AROUND: Final = (2.2, 1.5)
"""How many times as wide and as high as a surface's extent its relief is, so that it fills every frame."""


@dataclass(frozen=True, eq=False)
class Race(ReadOnlyArrays):
    """The four rules from one start on one surface; arrays are read-only.

    Attributes:
        surface: Where they ran.
        n_updates: Updates each of them was to make.
        rates: The learning rate of each.
        paths: Shape (n_updates + 1, 2) each: the start, then the point after each update. A path that
            diverged ends with its first point far outside the picture.
        losses: For each path, shape (its length,): how far the loss is above the lowest of the surface.
        diverged: The rules whose path was cut.
    """

    surface: Surface
    n_updates: int
    rates: Mapping[Optimizer, float]
    paths: Mapping[Optimizer, Float64Array]
    losses: Mapping[Optimizer, Float64Array]
    diverged: tuple[Optimizer, ...]


@dataclass(frozen=True, eq=False)
class Relief:
    """A surface on a grid, for lines of equal loss.

    Attributes:
        x: Shape (n,).
        y: Shape (m,).
        heights: Shape (m, n): the root of the loss above the lowest one, so that evenly spaced lines show
            the flat bottom as well as the steep sides.
    """

    x: Float64Array
    y: Float64Array
    heights: Float64Array


def race(name: str, factor: float = 1.0, n_updates: int = N_UPDATES, kept: float = MOMENTUM) -> Race:
    """Let the four rules run on a surface.

    Args:
        name: Of the surface, a key of `SURFACES`.
        factor: What the surface's own learning rate of each rule is multiplied by.
        n_updates: Updates of each rule.
        kept: The share of its last step that "momentum" keeps.
    """
    surface = SURFACES[name]
    lowest = surface.loss(surface.minima).min()
    rates = {optimizer: factor * surface.rates[optimizer] for optimizer in RULES}
    paths, diverged = {}, []
    for optimizer, rate in rates.items():
        constants = {"kept": kept} if optimizer == "momentum" else {}
        path = descend(optimizer, surface.start, surface.gradient, rate, n_updates, **constants)
        is_far = (np.abs(path) > FAR * np.abs(surface.extent).max(axis=1)).any(axis=1)
        if is_far.any() or len(path) <= n_updates:
            diverged.append(optimizer)
        paths[optimizer] = path[: int(is_far.argmax()) + 1] if is_far.any() else path
    losses = {optimizer: surface.loss(path) - lowest for optimizer, path in paths.items()}
    return Race(surface, n_updates, rates, paths, losses, tuple(diverged))


def contour_grid(surface: Surface, n: int = 81, m: int = 113) -> Relief:
    """A surface on a grid of n × m points over its extent, and beyond it what a wide or high frame shows."""
    around = (_beyond(*ends, times) for ends, times in zip(surface.extent, AROUND, strict=True))
    x, y = (np.linspace(*ends, n_points) for ends, n_points in zip(around, (n, m), strict=True))
    losses = surface.loss(np.stack(np.meshgrid(x, y), axis=-1))
    lowest = surface.loss(surface.minima).min()
    return Relief(x, y, np.sqrt(np.maximum(losses - lowest, 0.0)))


def _beyond(low: float, high: float, times: float) -> tuple[float, float]:
    """The ends of a span so many times as long, around the same middle."""
    middle, half = (low + high) / 2, times * (high - low) / 2
    return middle - half, middle + half


def first_gradients(
    initial: Parameters, chosen: TrainingImages, learning_rate: float, n_updates: int = 10
) -> NDArray[np.float32]:
    """The gradients that Adam meets in its first updates of a network.

    The whole network is updated after each batch, so that the next gradient is the one of training.

    Args:
        initial: The network before its first update.
        chosen: What it trains on, with its batches in their order.
        learning_rate: Adam's η.
        n_updates: How many batches; after the last of an epoch comes the first of the next.

    Returns:
        Shape (n_updates, n_parameters), in the order of `passes.Gradients.flat`.
    """
    n_batches = EpochPlan(len(chosen.labels), chosen.config.training.batch_size).n_batches
    state, gradients = start("adam", flat_vector(initial.weights, initial.biases)), []
    for t in range(n_updates):
        batch = chosen.batch(epoch=1 + t // n_batches, number=1 + t % n_batches)
        gradient = gradient_of(initial.with_numbers(state.values), chosen, batch)
        state = update("adam", state, gradient, learning_rate).state
        gradients.append(gradient.astype(np.float32))
    return read_only(np.stack(gradients))


def updates_of(
    optimizer: Optimizer,
    value: float,
    gradients: Sequence[float] | NDArray[np.floating],
    learning_rate: float,
) -> tuple[Update, ...]:
    """The updates that a rule makes of one number, given its gradients one after the other.

    Every rule treats each weight by itself: this is what happens to it within a whole network, too.
    """
    state, updates = start(optimizer, value), []
    for gradient in gradients:
        updates.append(update(optimizer, state, gradient, learning_rate))
        state = updates[-1].state
    return tuple(updates)


def steady_step(optimizer: Optimizer, gradient: float, learning_rate: float, t: int) -> Update:
    """Update t, counted from 1, of a number whose gradient has been the same in all updates."""
    return updates_of(optimizer, 0.0, [gradient] * t, learning_rate)[-1]


def adam_epsilon(t: int) -> float:
    """What stands beside √v̂ in Adam's update t, counted from 1: εₜ = ε̂ / √(1 − β₂ᵗ), as in Keras."""
    return float(EPSILON / np.sqrt(1 - BETA_2**t))


def weight_place(network: NetworkConfig, layer: int, row: int, unit: int) -> int:
    """The place of a weight in a flat gradient.

    Args:
        network: Its shape.
        layer: 0 is the first hidden layer.
        row: The input the weight belongs to.
        unit: The neuron it belongs to.
    """
    before = sum(map(sum, network.layer_parameters[:layer]))
    return before + row * network.layer_sizes[layer + 1] + unit


def most_updated_weight(
    network: NetworkConfig, gradients: NDArray[np.floating], layer: int
) -> tuple[int, int]:
    """Input and neuron of the weight of a layer with the largest squared gradients in all.

    Args:
        network: Its shape.
        gradients: Shape (n, n_parameters).
        layer: 0 is the first hidden layer.
    """
    first, (n_weights, units) = weight_place(network, layer, 0, 0), network.layer_parameters[layer]
    row, unit = divmod(int((gradients[:, first : first + n_weights] ** 2).sum(axis=0).argmax()), units)
    return row, unit


@dataclass(frozen=True, eq=False)
class LossCurves:
    """The losses of one network trained by several optimisers, and the axes that hold them all.

    Attributes:
        by_images: The curves of each optimiser on the training images, and on validation images if any.
        n_updates: The most updates of any of them.
        highest: Somewhat above the largest finite loss, but 3 nats at most.
    """

    by_images: Mapping[Literal["Training", "Validation"], Mapping[Optimizer, Curve]]
    n_updates: int
    highest: float


def loss_curves(records: Mapping[Optimizer, RunRecord]) -> LossCurves:
    """The losses of trainings that differ in their optimiser alone."""
    histories = [record.history for record in records.values()]
    smooth = [smoothed(history.curve_step, history.curve_loss) for history in histories]
    curves: dict[Literal["Training", "Validation"], dict[Optimizer, Curve]] = {
        "Training": dict(zip(records, smooth, strict=True))
    }
    if all(history.has_validation for history in histories):
        curves["Validation"] = {name: _validation_curve(record) for name, record in records.items()}
    losses = np.concatenate([values for each in curves.values() for _, values in each.values()])
    highest = min(HIGHEST_LOSS, 1.05 * float(losses[np.isfinite(losses)].max(initial=0.5)))
    return LossCurves(curves, max(record.steps_done for record in records.values()), highest)


def _validation_curve(record: RunRecord) -> Curve:
    losses = record.history.validation_loss
    return np.array(record.timeline.ends[1 : len(losses) + 1], np.float64), losses
