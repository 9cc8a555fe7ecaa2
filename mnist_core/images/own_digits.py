"""The digits that a visitor has kept with their right labels, to train a network on.

Some teach and the others test. Of each digit the first image teaches, the next one tests, and so on in turn
in the order of writing. An image keeps its part, also when others are removed or it gets another label, so
that none that has taught ever tests.
"""

import base64
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from mnist_core.arrays import ByteArray, read_only
from mnist_core.bounds import MAX_OWN_DIGITS, MAX_OWN_POINTS
from mnist_core.config import N_DIGITS, N_PIXELS
from mnist_core.images.drawing import Stroke
from mnist_core.images.preparation import IMAGE_SHAPE


class OwnDigitsError(ValueError):
    """An image was not kept, or a file not read; the message says why, in one sentence."""


@dataclass(frozen=True)
class OwnDigit:
    """One image with its right label.

    Attributes:
        pixels: Its 784 gray levels, row by row, as the network is given them; 0 is paper and 255 is ink.
        label: The digit that it is, 0 to 9.
        is_test: Whether it tests; the others teach.
        strokes: How it was drawn, in whole units of the canvas; empty for a photograph.
    """

    pixels: bytes
    label: int
    is_test: bool
    strokes: tuple[Stroke, ...] = ()

    def __post_init__(self) -> None:
        if len(self.pixels) != N_PIXELS:
            raise OwnDigitsError(f"An image has {N_PIXELS} pixels, not {len(self.pixels)}.")
        if type(self.label) is not int or self.label not in range(N_DIGITS):
            raise OwnDigitsError(f"A label is a digit from 0 to 9, not {self.label!r}.")
        if type(self.is_test) is not bool:
            raise OwnDigitsError("An image teaches or tests; this one does something else.")
        if n_points(self.strokes) > MAX_OWN_POINTS:
            raise OwnDigitsError(f"Strokes that are kept have at most {MAX_OWN_POINTS} points.")

    @property
    def number(self) -> int:
        """What the image is called in a browser; it follows from the pixels, so that it stays."""
        return zlib.crc32(self.pixels)

    @cached_property
    def strokes_as_list(self) -> list[list[Any]]:
        """The strokes in few characters: of each its width, and then all its numbers."""
        return [
            [round(stroke.width), *(round(value) for point in stroke.points for value in point)]
            for stroke in self.strokes
        ]

    @cached_property
    def row(self) -> list[Any]:
        """All of it as plain values, fit for JSON; made once, because a visit is often saved."""
        packed = base64.b64encode(zlib.compress(self.pixels, 9)).decode()
        return [packed, self.label, int(self.is_test), self.strokes_as_list]


OwnDigits = tuple[OwnDigit, ...]
"""A collection, in the order of writing; no image is in it twice."""


def n_points(strokes: Sequence[Stroke]) -> int:
    """How many points some strokes have together."""
    return sum(len(stroke.points) for stroke in strokes)


def add(kept: OwnDigits, image: ByteArray, label: int, strokes: Sequence[Stroke] = ()) -> OwnDigits:
    """A collection with one more image; one that it has already gets the label.

    Args:
        kept: The collection.
        image: uint8, shape (28, 28).
        label: The digit that it is.
        strokes: How it was drawn; more than `MAX_OWN_POINTS` points are not kept, only the image.

    Raises:
        OwnDigitsError: The collection is full, or it is no such image or label.
    """
    if image.shape != IMAGE_SHAPE or image.dtype != np.uint8:
        raise OwnDigitsError(f"An image is 28 × 28 bytes, not {image.shape} of {image.dtype}.")
    pixels = image.tobytes()
    for digit in kept:
        if digit.pixels == pixels:
            return relabel(kept, digit.number, label)
    lines = tuple(map(_rounded, strokes)) if n_points(strokes) <= MAX_OWN_POINTS else ()
    return joined(kept, [OwnDigit(pixels, label, _tests_next(kept, label), lines)])


def joined(kept: OwnDigits, more: Sequence[OwnDigit]) -> OwnDigits:
    """Two collections as one; images that are in both stay as they are in the first.

    Raises:
        OwnDigitsError: Together they have more than `MAX_OWN_DIGITS` images.
    """
    known = {digit.pixels for digit in kept}
    both = (*kept, *(digit for digit in more if digit.pixels not in known))
    if len(both) > MAX_OWN_DIGITS:
        raise OwnDigitsError(
            f"At most {MAX_OWN_DIGITS} images are kept, and these would be {len(both)}. Remove some first."
        )
    return both


def relabel(kept: OwnDigits, number: int, label: int) -> OwnDigits:
    """A collection in which one image has another label; the same where it has no such image."""
    return tuple(replace(digit, label=label) if digit.number == number else digit for digit in kept)


def remove(kept: OwnDigits, number: int) -> OwnDigits:
    """A collection without one image; the same where it has no such image."""
    return tuple(digit for digit in kept if digit.number != number)


def images_of(digits: Sequence[OwnDigit]) -> ByteArray:
    """Their images, uint8 (n, 28, 28), read-only."""
    pixels = b"".join(digit.pixels for digit in digits)
    return read_only(np.frombuffer(pixels, np.uint8).reshape(-1, *IMAGE_SHAPE))


def labels_of(digits: Sequence[OwnDigit]) -> ByteArray:
    """Their labels, uint8 (n,), read-only."""
    return read_only(np.array([digit.label for digit in digits], np.uint8))


def _tests_next(kept: OwnDigits, label: int) -> bool:
    """Whether the next image of a digit tests: where fewer do than teach."""
    parts = [digit.is_test for digit in kept if digit.label == label]
    return sum(parts) < len(parts) - sum(parts)


def _rounded(stroke: Stroke) -> Stroke:
    points = tuple((float(round(x)), float(round(y))) for x, y in stroke.points)
    return replace(stroke, points=points, width=float(round(stroke.width)))
