"""The loss with both ways to write a label, beside a squared error, and how it is spread over many images.

`parameters.cross_entropy` takes labels as whole numbers; here stands the same loss for one-hot labels, and
what the lesson on the loss shows: every term of one image, the curve −ln p, the spread over the test images.
It knows arrays only.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import Float64Array, IndexArray, ReadOnlyArrays
from mnist_core.config import N_DIGITS
from mnist_core.network.parameters import cross_entropy

GUESSING_LOSS: Final = math.log(N_DIGITS)
"""The loss, in nats, of giving each of the ten digits the same probability: −ln 0.1 = ln 10."""
_BINS_PER_DECADE: Final = 4
_LEAST_REACH: Final = 1e-4
_MOST_REACH: Final = 1e-30
_SMALLEST: Final = 1e-12  # nats; below it the histogram has no bins, whatever the network's confidence


@dataclass(frozen=True, eq=False)
class ImageLoss(ReadOnlyArrays):
    """The cross-entropy of one image, term by term; arrays are read-only.

    Attributes:
        label: The true digit.
        probabilities: Shape (10,), softmax of the logits.
        one_hot: Shape (10,), 1 at the true digit and 0 elsewhere.
        costs: Shape (10,), −ln p of each digit in nats: the loss if that digit were the true one.
        terms: Shape (10,), one-hot × costs.
        loss: Their sum, in nats.
        sparse_loss: The same from the label as a whole number.
    """

    label: int
    probabilities: Float64Array
    one_hot: Float64Array
    costs: Float64Array
    terms: Float64Array
    loss: float
    sparse_loss: float

    @property
    def p(self) -> float:
        """The probability given to the true digit, 0 to 1."""
        return float(self.probabilities[self.label])

    @property
    def rest(self) -> float:
        """1 − p, as the sum of the other nine, which keeps its digits where p is close to 1."""
        return float(self.probabilities[self.one_hot == 0].sum())

    @property
    def prediction(self) -> int:
        """The digit with the largest probability."""
        return int(self.probabilities.argmax())


@dataclass(frozen=True)
class CostStep:
    """What one probability of the true digit costs.

    Attributes:
        p: The probability, above 0 and up to 1.
        cost: −ln p, in nats.
        more: How much more that is than the cost of the probability before it, in nats; None for the first.
    """

    p: float
    cost: float
    more: float | None


@dataclass(frozen=True)
class CostSlopes:
    """What a probability of the true digit costs by one rule, and how fast that changes.

    Attributes:
        cost: The loss.
        at_p: Its change per unit of p, 0 or below.
        at_logit: Its change per unit of the true digit's logit, 0 or below: training raises the logit in
            proportion to it.
    """

    cost: float
    at_p: float
    at_logit: float


@dataclass(frozen=True, eq=False)
class LossSpread(ReadOnlyArrays):
    """How the loss of n images is spread; arrays are read-only.

    Attributes:
        losses: Shape (n,), each image's cross-entropy in nats.
        order: Shape (n,), the images from the smallest loss to the largest.
        mean: Mean loss: what is called the loss of the network on these images.
        median: Half of the images have less.
        n_half: How many of the largest losses make up half of the sum of all.
        mistakes_share: Share of the sum of all losses that comes from misread images, 0 to 1.
        surest_right: The rightly read image with the smallest loss; None if all are misread.
        least_sure_right: The rightly read image with the largest.
        edges: Shape (m + 1,), edges of the histogram's bins in nats, evenly spaced in log₁₀.
        n_right: Shape (m,), rightly read images in each bin; the first bin also counts what lies below it.
        n_wrong: Shape (m,), misread images in each bin.
    """

    losses: Float64Array
    order: IndexArray
    mean: float
    median: float
    n_half: int
    mistakes_share: float
    surest_right: int | None
    least_sure_right: int | None
    edges: Float64Array
    n_right: IndexArray
    n_wrong: IndexArray


@dataclass(frozen=True)
class LossAndAccuracy:
    """Loss and accuracy of the same answers: nats, and a share from 0 to 1."""

    loss: float
    accuracy: float


def one_hot(labels: NDArray[np.integer]) -> Float64Array:
    """Labels as rows of ten numbers, 1 at the place of the digit and 0 elsewhere: (n,) → (n, 10)."""
    rows: Float64Array = np.eye(N_DIGITS)[labels]
    return rows


def log_softmax(logits: NDArray[np.floating]) -> Float64Array:
    """The logarithm ln p of every digit, straight from the logits, (n, 10) → (n, 10).

    ln p_k = z_k − ln Σ exp(z), with the largest logit of the row subtracted first, so that a probability too
    small for a float still has a finite logarithm.
    """
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    result: Float64Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result


def categorical_cross_entropy(
    logits: NDArray[np.floating], one_hot_labels: NDArray[np.floating]
) -> Float64Array:
    """−Σ yₖ ln pₖ over the ten digits k, for each image, in nats.

    Args:
        logits: Shape (n, 10), any range.
        one_hot_labels: Shape (n, 10), the y: each row 1 at the true digit and 0 elsewhere.

    Returns:
        Shape (n,), 0 or more.
    """
    losses: Float64Array = (one_hot_labels * -log_softmax(logits)).sum(axis=-1)
    return losses


def negative_log(p: float) -> float:
    """−ln p: the loss, in nats, of an image whose true digit got the probability p, above 0 and up to 1."""
    return -math.log(p)


def cost_steps(probabilities: Sequence[float]) -> tuple[CostStep, ...]:
    """The costs of a few probabilities, each compared with the one before it."""
    costs = [negative_log(p) for p in probabilities]
    more = [None, *(later - earlier for earlier, later in itertools.pairwise(costs))]
    return tuple(CostStep(*row) for row in zip(probabilities, costs, more, strict=True))


def cost_curve(reach: float, n: int = 200) -> tuple[Float64Array, Float64Array]:
    """Points of the curve −ln p, evenly spaced in ln p.

    Args:
        reach: The loss, in nats, that should be on it; it goes at least to p = 0.0001 and at most to 10⁻³⁰.
        n: How many points.

    Returns:
        p, rising to 1, and −ln p in nats; both of shape (n,).
    """
    highest = min(max(reach, negative_log(_LEAST_REACH)), negative_log(_MOST_REACH))
    costs = np.linspace(highest, 0, n)
    return np.exp(-costs), costs


def compare_costs(p: float) -> tuple[CostSlopes, CostSlopes]:
    """−ln p and the square (1 − p)² at a probability of the true digit, above 0 and up to 1.

    Softmax has dp/dz = p (1 − p) for the true digit's own logit z, and the chain rule multiplies by that.
    """
    dp_dz = p * (1 - p)
    costs = (negative_log(p), -1 / p), ((1 - p) ** 2, -2 * (1 - p))
    first, second = (CostSlopes(cost, at_p, at_p * dp_dz) for cost, at_p in costs)
    return first, second


def explain(logits: NDArray[np.floating], label: int) -> ImageLoss:
    """The loss of one image with everything it is made of.

    Args:
        logits: Shape (10,), finite.
        label: The true digit.
    """
    row, labels = logits[None, :].astype(np.float64), np.array([label])
    y, logarithms = one_hot(labels)[0], log_softmax(row)[0]
    costs = 0.0 - logarithms  # not −logarithms, so that a cost of nothing is 0 and not −0
    return ImageLoss(
        label=label,
        probabilities=np.exp(logarithms),
        one_hot=y,
        costs=costs,
        terms=y * costs,
        loss=float(categorical_cross_entropy(row, one_hot(labels))[0]),
        sparse_loss=float(_sparse(row, labels)[0]),
    )


def spread(logits: NDArray[np.floating], labels: NDArray[np.integer]) -> LossSpread:
    """How the loss is spread over labelled images.

    Args:
        logits: Shape (n, 10), finite.
        labels: Shape (n,), 0 to 9.

    Raises:
        ValueError: There are no images.
    """
    if not len(labels):
        raise ValueError("There are no images to spread a loss over.")
    losses = _sparse(logits, labels)
    is_right = logits.argmax(axis=1) == labels
    order = np.argsort(losses, kind="stable")
    right = order[is_right[order]]
    edges = _bin_edges(losses)
    bins = np.clip(np.searchsorted(edges, losses, side="right") - 1, 0, len(edges) - 2)
    total = float(losses.sum())
    return LossSpread(
        losses=losses,
        order=order,
        mean=float(losses.mean()),
        median=float(np.median(losses)),
        n_half=int(np.searchsorted(np.cumsum(losses[order[::-1]]), total / 2)) + 1,
        mistakes_share=float(losses[~is_right].sum() / total) if total else 0.0,
        surest_right=int(right[0]) if len(right) else None,
        least_sure_right=int(right[-1]) if len(right) else None,
        edges=edges,
        n_right=np.bincount(bins[is_right], minlength=len(edges) - 1),
        n_wrong=np.bincount(bins[~is_right], minlength=len(edges) - 1),
    )


def judge_at_temperature(
    logits: NDArray[np.floating], labels: NDArray[np.integer], temperature: float
) -> LossAndAccuracy:
    """Mean loss and accuracy with all logits divided by a temperature, which changes no prediction.

    Args:
        logits: Shape (n, 10), finite.
        labels: Shape (n,), 0 to 9.
        temperature: Above 0; 1 leaves the logits as they are.
    """
    cooled = logits.astype(np.float64) / temperature
    is_right = cooled.argmax(axis=1) == labels
    return LossAndAccuracy(float(_sparse(cooled, labels).mean()), float(is_right.mean()))


def _sparse(logits: NDArray[np.floating], labels: NDArray[np.integer]) -> Float64Array:
    """`cross_entropy` in double precision, where the loss of a very sure right answer is not rounded to 0."""
    doubled: Any = logits.astype(np.float64)
    losses: Any = cross_entropy(doubled, labels)
    result: Float64Array = losses
    return result


def _bin_edges(losses: Float64Array) -> Float64Array:
    """From the smallest loss but one in 200 to the largest, whole bins."""
    ends = np.log10(np.maximum([np.quantile(losses, 0.005), losses.max()], _SMALLEST)) * _BINS_PER_DECADE
    low = math.floor(ends[0])
    high = max(low + 1, math.ceil(ends[1]))
    edges: Float64Array = 10.0 ** (np.arange(low, high + 1) / _BINS_PER_DECADE)
    return edges
