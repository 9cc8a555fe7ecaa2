"""Small changes to an image, and where along them a network changes its mind.

A nudge comes after the preparation in `drawing`, which would undo a shift or another size. The changes are
made in a fixed order: shift, rotation and size in one step, so that the pixels are interpolated once, then
thickness, then noise.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_core.arrays import ByteArray, Float32Array, ReadOnlyArrays
from mnist_core.config import Preparation
from mnist_core.images.drawing import MIDDLE
from mnist_core.images.preparation import IMAGE_SHAPE, network_inputs
from mnist_core.network.parameters import Parameters, softmax

NudgeKind = Literal["right", "down", "angle", "size", "thickness", "noise"]


@dataclass(frozen=True)
class Span:
    """How far a nudge goes.

    Attributes:
        name: What it does, in words.
        unit: Of its amount.
        lowest: The smallest amount.
        highest: The largest.
        step: From one amount to the next.
        neutral: The amount that changes nothing.
    """

    name: str
    unit: str
    lowest: float
    highest: float
    step: float
    neutral: float = 0.0

    @property
    def amounts(self) -> NDArray[np.float64]:
        """Every amount, the lowest first."""
        n_steps = round((self.highest - self.lowest) / self.step)
        return np.linspace(self.lowest, self.highest, n_steps + 1)


SPANS: Final[Mapping[NudgeKind, Span]] = {
    "right": Span("Shift right", "pixels", -8, 8, 0.5),
    "down": Span("Shift down", "pixels", -8, 8, 0.5),
    "angle": Span("Rotate clockwise", "degrees", -90, 90, 3),
    "size": Span("Scale", "%", 40, 160, 5, neutral=100),
    "thickness": Span("Thicken", "pixels on each side", -1, 3, 0.1),
    "noise": Span("Noise", "% of white", 0, 100, 2.5),
}


@dataclass(frozen=True)
class Nudges:
    """An amount of each nudge, within its span.

    Attributes:
        right: Pixels; below 0 to the left.
        down: Pixels; below 0 up.
        angle: Degrees clockwise around the middle.
        size: Percent.
        thickness: Pixels that the ink grows on each side; below 0 it shrinks.
        noise: Standard deviation of what is added to each pixel, in percent of 255.
    """

    right: float = SPANS["right"].neutral
    down: float = SPANS["down"].neutral
    angle: float = SPANS["angle"].neutral
    size: float = SPANS["size"].neutral
    thickness: float = SPANS["thickness"].neutral
    noise: float = SPANS["noise"].neutral

    def __post_init__(self) -> None:
        for kind, span in SPANS.items():
            amount = getattr(self, kind)
            if not span.lowest <= amount <= span.highest:
                raise ValueError(
                    f"{kind} must be from {span.lowest:g} to {span.highest:g} {span.unit}, not {amount}."
                )


@dataclass(frozen=True)
class Turn:
    """A place where the network changes its mind.

    Attributes:
        amount: The first amount, counted from the lowest, at which it reads the second digit.
        before: The digit read up to there.
        after: The digit read from there on.
    """

    amount: float
    before: int
    after: int


@dataclass(frozen=True, eq=False)
class Sweep(ReadOnlyArrays):
    """What a network reads along the whole span of one nudge; arrays are read-only.

    Attributes:
        kind: The nudge.
        amounts: Shape (n,), its span.
        probabilities: Shape (n, 10).
        predictions: Shape (n,), the digit with the largest logit.
        turns: Where the prediction changes, lowest amount first.
    """

    kind: NudgeKind
    amounts: NDArray[np.float64]
    probabilities: Float32Array
    predictions: NDArray[np.int64]
    turns: tuple[Turn, ...] = field(default=())

    def held(self, amount: float) -> tuple[int, float, float]:
        """The digit read at an amount of the span, and the first and last amount around it that keep it."""
        place = int(np.abs(self.amounts - amount).argmin())
        digit = int(self.predictions[place])
        others = np.flatnonzero(self.predictions != digit)
        before, after = others[others < place], others[others > place]
        first = int(before[-1]) + 1 if len(before) else 0
        last = int(after[0]) - 1 if len(after) else len(self.amounts) - 1
        return digit, float(self.amounts[first]), float(self.amounts[last])


def nudge(image: ByteArray, nudges: Nudges) -> ByteArray:
    """An image, uint8 (28, 28), after all nudges; bit for bit the same where all are neutral."""
    moved = _move(image, nudges)
    grown = _thicken(moved, nudges.thickness)
    if not nudges.noise:
        return grown
    pattern = np.random.default_rng(0).standard_normal(IMAGE_SHAPE)  # the same for each amount
    noisy = grown + nudges.noise / 100 * 255 * pattern
    return noisy.round().clip(0, 255).astype(np.uint8)


def sweep(
    parameters: Parameters,
    image: ByteArray,
    nudges: Nudges,
    kind: NudgeKind,
    preparation: Preparation = "usual",
) -> Sweep:
    """What a network reads while one nudge goes through its span and the others stay.

    Args:
        parameters: The trained network.
        image: uint8 (28, 28), before any nudge.
        nudges: The others' amounts.
        kind: The nudge that moves.
        preparation: What the network was trained with.
    """
    amounts = SPANS[kind].amounts
    images = np.stack([nudge(image, replace(nudges, **{kind: float(amount)})) for amount in amounts])
    with np.errstate(all="ignore"):  # weights that grew without bound
        logits = parameters.logits(network_inputs(images, preparation))
        probabilities = softmax(logits)
    predictions = logits.argmax(axis=1)
    turns = tuple(
        Turn(float(amounts[place + 1]), int(predictions[place]), int(predictions[place + 1]))
        for place in np.flatnonzero(np.diff(predictions))
    )
    return Sweep(kind, amounts, probabilities, predictions, turns)


def _move(image: ByteArray, nudges: Nudges) -> ByteArray:
    """Shifted, turned and scaled around the pixel that holds the centre of mass, with bilinear interpolation.

    Pillow asks where each new pixel comes from, so the matrix is the inverse of the movement; its places
    are counted from the image's corner, where the middle of a pixel is at a half.
    """
    if (nudges.right, nudges.down, nudges.angle, nudges.size) == (0, 0, 0, 100):
        return image
    angle, scale = math.radians(nudges.angle), nudges.size / 100
    a, b = math.cos(angle) / scale, math.sin(angle) / scale
    middle = MIDDLE + 0.5
    x, y = middle + nudges.right, middle + nudges.down  # where the middle goes to
    source = middle + 1  # where it comes from, in the padded image
    matrix = (a, b, source - a * x - b * y, -b, a, source + b * x - a * y)
    padded = Image.fromarray(np.pad(image, 1))  # or the pixels of the edge would be drawn out
    moved = padded.transform(image.shape[::-1], Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
    return np.asarray(moved)


def _thicken(image: ByteArray, amount: float) -> ByteArray:
    """Gray-scale dilation by a plus of three pixels, again for each whole pixel; erosion below 0.

    Between two whole numbers the image is the mean of both, each weighted by its nearness.
    """
    if not amount:
        return image
    choose = np.maximum if amount > 0 else np.minimum
    whole, part = int(abs(amount)), abs(amount) % 1
    for _ in range(whole):
        image = _spread(image, choose)
    if not part:
        return image
    return ((1 - part) * image + part * _spread(image, choose)).round().astype(np.uint8)


def _spread(image: ByteArray, choose: np.ufunc) -> ByteArray:
    """Each pixel's extreme among itself and its four neighbours; outside there is paper."""
    padded = np.pad(image, 1)
    neighbours = (image, padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:])
    spread: ByteArray = choose.reduce(neighbours)
    return spread
