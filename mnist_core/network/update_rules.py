"""The four update rules, one step at a time in NumPy, with every value on the way to the step.

The compiled loop uses Keras's own optimizers; these are the same rules written to be read, for the page that
explains them, and they train where there is no TensorFlow (`training.loops.numpy_loop`). They agree with
Keras 3, whose defaults the constants below are. Where Keras writes a rule differently from the paper it
comes from, the rule says so.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnist_core.arrays import Float64Array, read_only
from mnist_core.config import Optimizer

MOMENTUM: Final = 0.9
"""Share of the last step that "momentum" keeps."""
RHO: Final = 0.9
"""Share of its running mean of squares that RMSprop keeps."""
BETA_1: Final = 0.9
"""Share of its running mean of gradients that Adam keeps."""
BETA_2: Final = 0.999
"""Share of its running mean of squared gradients that Adam keeps."""
EPSILON: Final = 1e-7
"""Keeps RMSprop and Adam from dividing by 0; in Adam it is the ε̂ of the paper, as in Keras."""
LARGEST: Final = 1e30
"""A descent whose values grow beyond this has diverged; fourth powers of this are still floats."""


def _copied(array: ArrayLike) -> Float64Array:
    return read_only(np.array(array, dtype=np.float64))


@dataclass(frozen=True, eq=False)
class OptimizerState:
    """Where an optimizer stands between two updates. The arrays are read-only copies.

    Attributes:
        values: The numbers being learned, float64, any shape.
        t: Updates made so far, 0 at the start.
        memory: What the rule carries from update to update, by name, each of the shape of `values`.
    """

    values: Float64Array
    t: int
    memory: Mapping[str, Float64Array]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", _copied(self.values))
        object.__setattr__(self, "memory", {name: _copied(a) for name, a in self.memory.items()})


@dataclass(frozen=True, eq=False)
class Update:
    """One update, and how it came about. The arrays are float64, read-only, of the shape of the values.

    Attributes:
        state: The state after the update.
        gradient: Derivative of the loss for each value, before the update.
        terms: Every quantity of the rule by its name, in the order computed; the last is "step".
    """

    state: OptimizerState
    gradient: Float64Array
    terms: Mapping[str, Float64Array]

    def __post_init__(self) -> None:
        object.__setattr__(self, "gradient", _copied(self.gradient))
        object.__setattr__(self, "terms", {name: _copied(a) for name, a in self.terms.items()})

    @property
    def step(self) -> Float64Array:
        """What was added to the values."""
        return self.terms["step"]


class Remembering(Protocol):
    """What a rule reads: the number of updates made before, and what it remembers of them."""

    @property
    def t(self) -> int: ...  # noqa: D102
    @property
    def memory(self) -> Mapping[str, NDArray[Any]]: ...  # noqa: D102


Terms = dict[str, NDArray[Any]]
"""Every quantity of a rule by its name, in the order computed, of the gradient's dtype; last the "step"."""
Rule = Callable[..., Terms]
"""From a state, a gradient and a learning rate to its terms; "momentum" may be given another `kept`."""


def sgd(state: Remembering, gradient: NDArray[Any], learning_rate: float) -> Terms:
    """Gradient descent: a step against the gradient.

    w ← w − η·g

    Stochastic when g comes from a batch rather than from all images (Robbins and Monro, 1951, who also
    let η shrink; here, as in Keras, it stays).
    """
    step = -learning_rate * gradient
    return {"step": step}


def momentum(
    state: Remembering, gradient: NDArray[Any], learning_rate: float, kept: float = MOMENTUM
) -> Terms:
    """Gradient descent that keeps a share of its last step, nine tenths unless another is given.

    velocity ← kept·velocity − η·g
    w ← w + velocity

    The "heavy ball" of Polyak (1964), where the velocity is written as w minus the w before.
    """
    velocity = kept * state.memory["velocity"] - learning_rate * gradient
    step = velocity
    return {"velocity": velocity, "step": step}


def rmsprop(state: Remembering, gradient: NDArray[Any], learning_rate: float) -> Terms:
    """Each value has a rate of its own: η over the root mean square of its recent gradients.

    v ← 0.9·v + 0.1·g²
    w ← w − η / √(v + ε) · g

    Tieleman and Hinton (2012, lecture 6.5 of "Neural networks for machine learning"), who have no ε;
    Keras adds it under the root.
    """
    v = RHO * state.memory["v"] + (1 - RHO) * gradient**2
    rate = learning_rate / np.sqrt(v + EPSILON)
    step = -rate * gradient
    return {"v": v, "rate": rate, "step": step}


def adam(state: Remembering, gradient: NDArray[Any], learning_rate: float) -> Terms:
    """A running mean of gradients, and a rate for each value from the running mean of their squares.

    m ← 0.9·m + 0.1·g            m̂ = m / (1 − 0.9ᵗ)
    v ← 0.999·v + 0.001·g²       v̂ = v / (1 − 0.999ᵗ)
    w ← w − η / (√v̂ + εₜ) · m̂

    Kingma and Ba (2015), algorithm 1, with t = 1 for the first update. m and v start at 0 and are too
    small at first; dividing by 1 − βᵗ corrects that. In algorithm 1 εₜ is a constant, ε. Keras uses the
    faster form given before section 2.1, w ← w − η·√(1 − 0.999ᵗ) / (1 − 0.9ᵗ) · m / (√v + ε̂), whose
    constant ε̂ ("epsilon hat") stands beside the uncorrected √v. That is the line above with
    εₜ = ε̂ / √(1 − 0.999ᵗ): 32 ε̂ at first, ε̂ in the end.
    """
    t = state.t + 1
    m = BETA_1 * state.memory["m"] + (1 - BETA_1) * gradient
    v = BETA_2 * state.memory["v"] + (1 - BETA_2) * gradient**2
    m_hat = m / (1 - BETA_1**t)
    v_hat = v / (1 - BETA_2**t)
    rate = learning_rate / (np.sqrt(v_hat) + EPSILON / math.sqrt(1 - BETA_2**t))
    step = -rate * m_hat
    return {"m": m, "v": v, "m_hat": m_hat, "v_hat": v_hat, "rate": rate, "step": step}


RULES: Final[Mapping[Optimizer, Rule]] = {
    "sgd": sgd,
    "momentum": momentum,
    "rmsprop": rmsprop,
    "adam": adam,
}
MEMORY: Final[Mapping[Optimizer, tuple[str, ...]]] = {
    "sgd": (),
    "momentum": ("velocity",),
    "rmsprop": ("v",),
    "adam": ("m", "v"),
}
"""What each rule remembers, all of it 0 at the start."""


def start(optimizer: Optimizer, values: ArrayLike) -> OptimizerState:
    """The state before the first update.

    Args:
        optimizer: Whose memory to prepare.
        values: The numbers to be learned, any shape.
    """
    array = _copied(values)
    return OptimizerState(array, 0, {name: np.zeros_like(array) for name in MEMORY[optimizer]})


def update(
    optimizer: Optimizer,
    state: OptimizerState,
    gradient: ArrayLike,
    learning_rate: float,
    **constants: float,
) -> Update:
    """Make one update.

    Args:
        optimizer: The rule.
        state: From `start` or an earlier update by the same rule.
        gradient: Derivative of the loss with respect to each value, of the shape of the values.
        learning_rate: η of the rule.
        **constants: Of the rule, where they are not the usual ones.

    Raises:
        ValueError: The gradient has another shape than the values.
    """
    array = _copied(gradient)
    if array.shape != state.values.shape:
        raise ValueError(
            f"gradient must have the shape of the values, {state.values.shape}, not {array.shape}."
        )
    terms = RULES[optimizer](state, array, learning_rate, **constants)
    memory = {name: terms[name] for name in state.memory}
    return Update(OptimizerState(state.values + terms["step"], state.t + 1, memory), array, terms)


def descend(
    optimizer: Optimizer,
    start_values: ArrayLike,
    gradient_of: Callable[[Float64Array, int], ArrayLike],
    learning_rate: float,
    n_steps: int,
    **constants: float,
) -> Float64Array:
    """The way an optimizer goes from a start.

    A descent that diverges ends early: its path stops before the first update in which anything is
    not a finite number or a value exceeds `LARGEST`. So a path is always finite, and one shorter than
    n_steps + 1 has diverged.

    Args:
        optimizer: The rule.
        start_values: Where it starts, any shape.
        gradient_of: The gradient at given values, and the number of updates made before, 0 at first.
        learning_rate: η of the rule.
        n_steps: Updates to make.
        **constants: Of the rule, where they are not the usual ones.

    Returns:
        Shape (n_steps + 1, …), or fewer rows after divergence: the start, then the values after
        each update.
    """
    state = start(optimizer, start_values)
    path = [state.values]
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(n_steps):
            latest = update(optimizer, state, gradient_of(state.values, t), learning_rate, **constants)
            if _has_diverged(latest):
                break
            state = latest.state
            path.append(state.values)
    return np.stack(path)


def _has_diverged(latest: Update) -> bool:
    is_finite = all(np.isfinite(term).all() for term in latest.terms.values())
    return not is_finite or not bool((np.abs(latest.state.values) <= LARGEST).all())
