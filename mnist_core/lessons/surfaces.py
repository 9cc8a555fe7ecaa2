"""Four loss surfaces over two parameters, on which the update rules can be watched and compared.

A real network's loss has thousands of parameters; each of these surfaces has one trait of it that tells
the rules apart: directions of very different steepness, along the axes or at an angle to them, a saddle, a
gradient known only with noise.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from mnist_core.arrays import Float64Array, read_only
from mnist_core.config import Optimizer

RAVINE_STEEPNESS: Final = np.array([1.0, 100.0])
"""Second derivative of the ravine's loss along x and along y."""
RAVINE_RATES: Final[Mapping[Optimizer, float]] = {
    "sgd": 0.018,
    "momentum": 0.006,
    "rmsprop": 0.12,
    "adam": 0.15,
}
"""From 0.02 on, SGD diverges across the ravine; below, it zigzags there and crawls along it."""
TURN: Final = np.sqrt(0.5) * np.array([[1.0, -1.0], [1.0, 1.0]])
"""Turns a column of points by 45 degrees."""
NOISE_SEED: Final = 0
"""Start of every random number in the noise."""


@dataclass(frozen=True, eq=False)
class Surface:
    """A loss over two parameters x and y. Points are float64 arrays (x, y) along the last axis.

    Attributes:
        name: What people call it.
        loss: Loss of points: shape (…, 2) → (…).
        slope: The exact gradient of the loss at points: shape (…, 2) → (…, 2).
        extent: The part worth showing: lowest and highest x, lowest and highest y.
        start: Where every rule starts, shape (2,).
        rates: A learning rate for each rule at which 100 updates show what the rule is known for.
        minima: The points of lowest loss, shape (n, 2).
        noise: Standard deviation of what `gradient` adds to each of the two derivatives; 0: nothing.
    """

    name: str
    loss: Callable[[Float64Array], Float64Array]
    slope: Callable[[Float64Array], Float64Array]
    extent: tuple[tuple[float, float], tuple[float, float]]
    start: Float64Array
    rates: Mapping[Optimizer, float]
    minima: Float64Array
    noise: float = 0.0

    def __post_init__(self) -> None:
        for name in ("start", "minima"):
            array = np.array(getattr(self, name), dtype=np.float64)
            object.__setattr__(self, name, read_only(array))

    def gradient(self, point: Float64Array, step: int) -> Float64Array:
        """The gradient an optimizer gets to see in one of its updates.

        The noise stands for the choice of a batch. It depends on the step alone, so that every rule
        gets the same, every time.

        Args:
            point: Shape (2,).
            step: Updates made before, 0 or more.

        Returns:
            Shape (2,).
        """
        if self.noise == 0.0:
            return self.slope(point)
        random = np.random.default_rng([NOISE_SEED, step])
        return self.slope(point) + random.normal(0.0, self.noise, 2)


def ravine_loss(points: Float64Array) -> Float64Array:
    """½·(x² + 100·y²): a long valley with steep sides."""
    losses: Float64Array = 0.5 * (RAVINE_STEEPNESS * points**2).sum(axis=-1)
    return losses


def ravine_slope(points: Float64Array) -> Float64Array:
    """The gradient (x, 100·y) of the ravine."""
    return RAVINE_STEEPNESS * points


def turned_ravine_loss(points: Float64Array) -> Float64Array:
    """The ravine's loss, turned by 45°: steep across one diagonal."""
    return ravine_loss(points @ TURN)


def turned_ravine_slope(points: Float64Array) -> Float64Array:
    """The ravine's gradient, turned with it."""
    slopes: Float64Array = ravine_slope(points @ TURN) @ TURN.T
    return slopes


def saddle_loss(points: Float64Array) -> Float64Array:
    """x² − y² + ¼·y⁴: a pass at (0, 0) between two hollows at y = ±√2, where the loss is −1."""
    x, y = points[..., 0], points[..., 1]
    return x**2 - y**2 + y**4 / 4


def saddle_slope(points: Float64Array) -> Float64Array:
    """(2·x, −2·y + y³)."""
    x, y = points[..., 0], points[..., 1]
    return np.stack([2 * x, -2 * y + y**3], axis=-1)


def bowl_loss(points: Float64Array) -> Float64Array:
    """½·(x² + y²): equally steep all around."""
    losses: Float64Array = 0.5 * (points**2).sum(axis=-1)
    return losses


def bowl_slope(points: Float64Array) -> Float64Array:
    """The gradient (x, y) of the bowl."""
    return points.copy()


SURFACES: Final[Mapping[str, Surface]] = {
    "ravine": Surface(
        name="Ravine",
        loss=ravine_loss,
        slope=ravine_slope,
        extent=((-5.0, 5.0), (-5.0, 5.0)),
        start=np.array([-4.0, 3.0]),
        # RMSprop and Adam scale x and y separately: the steepness across does not hold them up here,
        # but only because the ravine lies along an axis.
        rates=RAVINE_RATES,
        minima=np.array([[0.0, 0.0]]),
    ),
    "ravine at an angle": Surface(
        name="Ravine at an angle",
        loss=turned_ravine_loss,
        slope=turned_ravine_slope,
        extent=((-5.5, 5.5), (-5.5, 5.5)),
        start=TURN @ np.array([-4.0, 3.0]),
        rates=RAVINE_RATES,  # only the axes are others
        minima=np.array([[0.0, 0.0]]),
    ),
    "saddle": Surface(
        name="Saddle",
        loss=saddle_loss,
        slope=saddle_slope,
        extent=((-2.0, 2.0), (-2.0, 2.0)),
        # A thousandth beside the line y = 0, on which no rule would ever leave the pass.
        start=np.array([-1.5, 0.001]),
        rates={"sgd": 0.05, "momentum": 0.05, "rmsprop": 0.03, "adam": 0.05},
        minima=np.array([[0.0, -np.sqrt(2)], [0.0, np.sqrt(2)]]),
    ),
    "noisy bowl": Surface(
        name="Noisy bowl",
        loss=bowl_loss,
        slope=bowl_slope,
        extent=((-5.0, 5.0), (-5.0, 5.0)),
        start=np.array([-4.0, 3.0]),
        # A tenth for momentum: a gradient's step is repeated, shrinking, ten times over in all.
        rates={"sgd": 0.2, "momentum": 0.02, "rmsprop": 0.2, "adam": 0.3},
        minima=np.array([[0.0, 0.0]]),
        noise=1.5,
    ),
}
