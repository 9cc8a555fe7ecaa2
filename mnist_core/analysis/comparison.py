"""Two or more trained networks side by side: what was set differently, and whether one reads better.

Reads configs and evaluations; gives what the compare page shows. Two networks judged on the same images are
compared image by image: only those that just one of them reads correctly tell them apart (McNemar, 1947).
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from mnist_core.analysis.evaluation import Evaluation
from mnist_core.analysis.reports import DigitReport
from mnist_core.arrays import IndexArray, ReadOnlyArrays, read_only
from mnist_core.config import SETTINGS, RunConfig
from mnist_core.training.stretches import chapters_in_words

SIGNIFICANCE: Final = 0.05
"""Below this probability a difference is called hard to explain by chance, as is the custom."""

CHAPTERS: Final = "chapters"
"""What runs are compared in beside their settings: where those change on the way."""

Side = Literal["only first", "only second", "both wrong"]


def differing_settings(configs: Sequence[RunConfig]) -> dict[str, tuple[str, ...]]:
    """The settings in which runs differ, each with its value in every run, in the order given."""
    written = {
        setting.words: tuple(setting.write(config.value_of(name)) for config in configs)
        for name, setting in SETTINGS.items()
    } | {CHAPTERS: tuple(chapters_in_words(config) for config in configs)}
    return {words: values for words, values in written.items() if len(set(values)) > 1}


def descriptions(configs: Sequence[RunConfig]) -> tuple[str, ...]:
    """Each run in the words in which it differs from the others; empty if all are alike."""
    differing = differing_settings(configs)
    return tuple(
        ", ".join(f"{name} {values[place]}" for name, values in differing.items())
        for place in range(len(configs))
    )


@dataclass(frozen=True)
class McNemar:
    """McNemar's test of two networks on the same images.

    Attributes:
        both_right: Images that both read correctly.
        only_first: Images that only the first reads correctly.
        only_second: Images that only the second reads correctly.
        both_wrong: Images that both read wrong.
        p_value: If each image that only one of them reads correctly were as likely to be the first's as the
            second's: the probability of a split at least as uneven as this one, 0 to 1.
    """

    both_right: int
    only_first: int
    only_second: int
    both_wrong: int
    p_value: float

    @property
    def n_telling(self) -> int:
        """Images that tell the two apart."""
        return self.only_first + self.only_second

    @property
    def is_significant(self) -> bool:
        """Whether chance alone would rarely make such a split."""
        return self.p_value < SIGNIFICANCE


def mcnemar(first_right: NDArray[np.bool_], second_right: NDArray[np.bool_]) -> McNemar:
    """Compare two networks, image by image, with the exact test.

    Args:
        first_right: Shape (n,), whether the first network reads each image right.
        second_right: Shape (n,), the same of the second, for the same images.

    Raises:
        ValueError: They are not of the same shape.
    """
    if first_right.shape != second_right.shape:
        raise ValueError(
            f"Both networks must be judged on the same images, not on {len(first_right)} and "
            f"{len(second_right)}."
        )
    only_first = int((first_right & ~second_right).sum())
    only_second = int((~first_right & second_right).sum())
    return McNemar(
        both_right=int((first_right & second_right).sum()),
        only_first=only_first,
        only_second=only_second,
        both_wrong=int((~first_right & ~second_right).sum()),
        p_value=sign_test(only_first, only_second),
    )


def sign_test(n_first: int, n_second: int) -> float:
    """The two-sided exact p-value of an uneven split: how rarely a fair coin is at least as uneven.

    Twice the binomial probability of the smaller count or fewer in n tosses, at most 1 (Dixon and Mood,
    1946). Computed in whole numbers: nothing is rounded before the last division.

    Args:
        n_first: Images on one side, 0 or more.
        n_second: Images on the other.
    """
    n, smaller = n_first + n_second, min(n_first, n_second)
    ways = total = 1  # of choosing 0 of n, then 1, 2, …
    for k in range(smaller):
        ways = ways * (n - k) // (k + 1)
        total += ways
    return min(1.0, float(Fraction(2 * total, 2**n)))


def differing_pairs(evaluations: Mapping[str, Evaluation]) -> tuple[tuple[str, str], ...]:
    """The pairs of networks whose difference chance hardly explains, the better one of each pair first.

    Args:
        evaluations: By the name of the network, all on the same images.

    Raises:
        ValueError: They were judged on different numbers of images.
    """
    differing = []
    for first, second in itertools.combinations(evaluations, 2):
        test = mcnemar(evaluations[first].is_right, evaluations[second].is_right)
        if test.is_significant:
            differing.append((first, second) if test.only_first > test.only_second else (second, first))
    return tuple(differing)


@dataclass(frozen=True, eq=False)
class Disagreements(ReadOnlyArrays):
    """The images that two networks read differently, by what became of them; arrays are read-only.

    Attributes:
        by_side: Numbers of the images, those first about which the two together are most confident.
    """

    by_side: Mapping[Side, IndexArray]

    @property
    def n_images(self) -> int:
        """Images that the two networks read differently."""
        return sum(len(numbers) for numbers in self.by_side.values())


def disagreements(first: Evaluation, second: Evaluation) -> Disagreements:
    """Which images two networks read differently.

    Raises:
        ValueError: They were judged on different images.
    """
    if not np.array_equal(first.labels, second.labels):
        raise ValueError("The two networks were judged on different images.")
    differ = first.predictions != second.predictions
    masks: dict[Side, Any] = {
        "only first": first.is_right & differ,
        "only second": second.is_right & differ,
        "both wrong": ~first.is_right & ~second.is_right & differ,
    }
    together = first.confidence + second.confidence
    by_side = {}
    for side, mask in masks.items():
        numbers = np.flatnonzero(mask)
        by_side[side] = numbers[np.argsort(-together[numbers], kind="stable")]
    return Disagreements(by_side)


def confusion_difference(first: DigitReport, second: DigitReport) -> IndexArray:
    """How many more images of each true digit (row) the second reads as each digit, shape (10, 10)."""
    return read_only(second.confusion - first.confusion)
