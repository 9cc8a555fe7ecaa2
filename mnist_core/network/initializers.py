"""How the starting weights of a layer are drawn: as the initialisers of Keras with these names draw them."""

import math
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from mnist_core.arrays import Float64Array
from mnist_core.config import Initializer

_CUT: Final = 2.0
_CUT_DEVIATION: Final = 0.87962566103423978
"""Standard deviation of a standard normal distribution that is cut at ±2."""


def glorot_limit(fan_in: int, fan_out: int) -> float:
    """The largest weight of Glorot uniform: a = √(6 / (n + m)) (Glorot and Bengio, 2010, equation 16)."""
    return math.sqrt(6 / (fan_in + fan_out))


def _glorot_uniform(random: np.random.Generator, shape: tuple[int, int]) -> Float64Array:
    """Uniform between ± `glorot_limit`."""
    limit = glorot_limit(*shape)
    return random.uniform(-limit, limit, shape)


def _he_normal(random: np.random.Generator, shape: tuple[int, int]) -> Float64Array:
    """Normal with variance 2 / fan-in (He et al., 2015, equation 10), in Keras without its tails.

    What is beyond the cut is drawn again, and `_CUT_DEVIATION` makes up for the variance that this takes.
    """
    drawn = random.standard_normal(shape)
    while (is_beyond := np.abs(drawn) > _CUT).any():
        drawn[is_beyond] = random.standard_normal(np.count_nonzero(is_beyond))
    return math.sqrt(2 / shape[0]) / _CUT_DEVIATION * drawn


INITIALIZERS: Final[Mapping[Initializer, Callable[[np.random.Generator, tuple[int, int]], Float64Array]]] = {
    "glorot_uniform": _glorot_uniform,
    "he_normal": _he_normal,
    "zeros": lambda _, shape: np.zeros(shape),
    "normal_0.01": lambda random, shape: 0.01 * random.standard_normal(shape),
    "normal_1": lambda random, shape: random.standard_normal(shape),
}
"""The starting weights of a layer, drawn as Keras draws them, from a generator and (fan-in, fan-out)."""
