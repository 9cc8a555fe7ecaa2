"""What a class competes in: which runs may enter a challenge, and which of two is better.

The test images are parted into two halves. The board ranks by one of them, and everybody who enters again
because of what the board says has begun to choose by it: to them it is a validation set. The other half
judges the entries once, at the end. Images with even numbers make the board's half and those with odd numbers
the other, because MNIST's first 5,000 test images are easier than its last 5,000 (LeCun, Cortes and Burges,
"The MNIST database of handwritten digits").
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from mnist_core.analysis.evaluation import Evaluation
from mnist_core.analysis.intervals import Interval, wilson_interval
from mnist_core.config import RunConfig
from mnist_core.training.record import RunRecord

LOW_MARK: Final = 0.95
"""Accuracy that the smallest network must exceed: an ordinary one reaches it, a tiny one does not."""
HIGH_MARK: Final = 0.96
"""Accuracy that the fastest training must exceed: about what the classic recipe reaches."""
FEW_IMAGES: Final = 1_000


class ChallengeError(ValueError):
    """A run cannot enter any challenge; the message says why, in one sentence."""


@dataclass(frozen=True)
class Judged:
    """How many of some images were read correctly."""

    n_right: int
    n_images: int

    @property
    def accuracy(self) -> float:
        """The share, 0 to 1."""
        return self.n_right / self.n_images

    @property
    def interval(self) -> Interval:
        """Its 95% Wilson interval."""
        return wilson_interval(self.n_right, self.n_images)


@dataclass(frozen=True)
class Result:
    """What a run is ranked by.

    Attributes:
        job_id: Names the run.
        config: What it was asked for.
        n_updates: Steps of its training.
        epochs: Of its training.
        n_images: Labelled images it was made with, validation images included.
        board: Judged on the board's half of the test images.
        final: Judged on the other half.
    """

    job_id: str
    config: RunConfig
    n_updates: int
    epochs: int
    n_images: int
    board: Judged
    final: Judged

    @property
    def n_parameters(self) -> int:
        """Numbers the network learned."""
        return self.config.network.n_parameters

    def to_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return asdict(self) | {"config": self.config.to_dict()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Result":
        """The result that `to_dict` came from."""
        halves = {name: Judged(**values[name]) for name in ("board", "final")}
        return cls(**{**values, "config": RunConfig.from_dict(values["config"]), **halves})


@dataclass(frozen=True)
class Challenge:
    """One challenge.

    Attributes:
        name: Its part in the lesson's file, and its key.
        title: What is won.
        refusal: Why a run with this accuracy may not enter, in a sentence; "" if it may.
        order: Smaller is better: what is compared first, then what parts a tie. Of two that are equal in all
            of it, the one entered first is better.
    """

    name: str
    title: str
    refusal: Callable[[Result, float], str]
    order: Callable[[Result, float], tuple[float, ...]]


def _needs(mark: float) -> Callable[[Result, float], str]:
    def refusal(_: Result, accuracy: float) -> str:
        read = f"it reads {_at_most(accuracy, mark)} of the board's half correctly"
        return "" if accuracy > mark else f"{read}, and needs more than {100 * mark:g}%."

    return refusal


def _at_most(accuracy: float, mark: float) -> str:
    """An accuracy up to a mark; one that would be rounded to the mark is said to be below it."""
    text = f"{100 * accuracy:.1f}%"
    return f"just under {text}" if accuracy < mark and text == f"{100 * mark:.1f}%" else text


def _one_epoch(result: Result, _: float) -> str:
    return "" if result.epochs == 1 else f"it was trained for {result.epochs} epochs, not for one."


def _few_images(result: Result, _: float) -> str:
    return (
        ""
        if result.n_images <= FEW_IMAGES
        else f"it was trained with {result.n_images:,} images, and {FEW_IMAGES:,} are allowed."
    )


def _most_accurate(result: Result, accuracy: float) -> tuple[float, ...]:
    return (-accuracy, result.n_parameters)


CHALLENGES: Final = (
    Challenge(
        "smallest",
        f"Fewest parameters above {100 * LOW_MARK:g}%",
        _needs(LOW_MARK),
        lambda result, accuracy: (result.n_parameters, -accuracy),
    ),
    Challenge(
        "fastest",
        f"Fewest updates above {100 * HIGH_MARK:g}%",
        _needs(HIGH_MARK),
        lambda result, accuracy: (result.n_updates, -accuracy),
    ),
    Challenge("one epoch", "Most accurate after one epoch", _one_epoch, _most_accurate),
    Challenge(
        "few images", f"Most accurate with {FEW_IMAGES:,} images or fewer", _few_images, _most_accurate
    ),
)


def result_of(job_id: str, record: RunRecord, evaluation: Evaluation) -> Result:
    """What a run is ranked by.

    Args:
        job_id: Names the run.
        record: Of the run.
        evaluation: Of its network on all test images.

    Raises:
        ChallengeError: It is paused, or its weights grew without bound.
    """
    if record.has_diverged or not evaluation.is_finite:
        raise ChallengeError("The weights of this run grew without limit, so there is nothing to enter.")
    if record.is_stopped:
        raise ChallengeError(
            "This run is paused, so its settings alone would not give the same network again. Press Continue "
            "on the page Train, and enter it when it has come to its end."
        )
    halves = evaluation.is_right[::2], evaluation.is_right[1::2]
    board, final = (Judged(int(half.sum()), len(half)) for half in halves)
    return Result(
        job_id=job_id,
        config=record.config,
        n_updates=record.steps_done,
        epochs=record.epochs_done,
        n_images=record.n_training_images + record.n_validation_images,
        board=board,
        final=final,
    )
