"""A few neurons with one input, whose weighted sum follows a curve: what the bend of ReLU is for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from mnist_core.arrays import Float64Array, ReadOnlyArrays

CurveName = Literal["wave", "hill"]
CURVE_NAMES: Final[tuple[CurveName, ...]] = get_args(CurveName)
CURVES: Final[Mapping[CurveName, Callable[[Float64Array], Float64Array]]] = {
    "wave": lambda x: np.sin(2 * np.pi * x),
    "hill": lambda x: np.exp(-(((x - 0.5) / 0.2) ** 2)),
}
"""What is to be followed for inputs from 0 to 1, by name."""
MOST_NEURONS: Final = 8
_GRID: Final = np.linspace(0, 1, 241)


@dataclass(frozen=True, eq=False)
class NeuronSum(ReadOnlyArrays):
    """Neurons that follow a curve; arrays are float64 and read-only.

    Attributes:
        x: Inputs from 0 to 1, shape (m,).
        curve: What is to be followed there, shape (m,).
        knots: Where each neuron bends, shape (n,); its weight is 1 and its bias minus the knot.
        output_weights: What its output is multiplied by, shape (n,).
        output_bias: What is added to the sum.
        parts: Output times output weight of each neuron, shape (n, m).
    """

    x: Float64Array
    curve: Float64Array
    knots: Float64Array
    output_weights: Float64Array
    output_bias: float
    parts: Float64Array

    @property
    def total(self) -> Float64Array:
        """The sum of the parts and the bias, shape (m,)."""
        total: Float64Array = self.parts.sum(axis=0) + self.output_bias
        return total

    @property
    def gaps(self) -> Float64Array:
        """How far the sum is from the curve, shape (m,), 0 or more."""
        gaps: Float64Array = np.abs(self.total - self.curve)
        return gaps


def follow_curve(
    name: CurveName, n_neurons: int, has_bends: bool = True, x: Float64Array = _GRID
) -> NeuronSum:
    """Follow a curve with neurons that bend at evenly spaced places.

    The slope of the sum changes at each knot, by the output weight of the neuron that bends there. So the
    weight is the slope of the chord that begins at the knot, minus the slope of the chord before it; then
    the sum with ReLU joins the points of the curve at the knots by straight lines.

    Args:
        name: The curve.
        n_neurons: From 1 on.
        has_bends: Whether the neurons are ReLU; else they output their weighted sums, with the same weights.
        x: Inputs from 0 to 1, shape (m,).
    """
    curve = CURVES[name]
    ends = np.linspace(0, 1, n_neurons + 1)
    slopes = np.diff(curve(ends)) / np.diff(ends)
    knots, weights = ends[:-1], np.diff(slopes, prepend=0.0)
    sums = x - knots[:, None]
    parts = weights[:, None] * (np.maximum(sums, 0) if has_bends else sums)
    return NeuronSum(x, curve(x), knots, weights, float(curve(ends)[0]), parts)
