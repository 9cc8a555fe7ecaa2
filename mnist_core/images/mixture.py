"""Own images mixed into the training images of a run, or a class's: which, how many, from which epoch on."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np

from mnist_core.arrays import ByteArray, ReadOnlyArrays
from mnist_core.bounds import MAX_DRAWINGS
from mnist_core.config import LIMITS, N_DIGITS
from mnist_core.images.own_digits import OwnDigits, images_of, labels_of
from mnist_core.images.preparation import IMAGE_SHAPE

Source = Literal["visit", "class"]
SHARES: Final = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
"""Of the images of an epoch, those that are own: to choose from."""
USUAL_SHARE: Final = 0.1
_WORDS: Final[dict[Source, str]] = {"visit": "own image", "class": "image of a class"}


@dataclass(frozen=True, eq=False)
class Mixture(ReadOnlyArrays):
    """Own images that train beside those of MNIST, and others that test what was learned; read-only.

    Attributes:
        images: Those that teach, uint8 (n, 28, 28), at least one.
        labels: Of them, uint8 (n,).
        test_images: Those that change no weight, uint8 (m, 28, 28).
        test_labels: Of them, uint8 (m,).
        share: Of the images of an epoch, those that are own; the same image comes several times.
        first_epoch: From 1: the epochs before it have MNIST's images alone.
        source: Whose images they are: one visit's, or a class's.
    """

    images: ByteArray
    labels: ByteArray
    test_images: ByteArray
    test_labels: ByteArray
    share: float
    first_epoch: int = 1
    source: Source = "visit"

    def __post_init__(self) -> None:
        super().__post_init__()
        pairs = ((self.images, self.labels), (self.test_images, self.test_labels))
        for images, labels in pairs:
            is_fit = images.dtype == labels.dtype == np.uint8 and images.shape == (len(labels), *IMAGE_SHAPE)
            if not is_fit or (labels >= N_DIGITS).any() or len(labels) > MAX_DRAWINGS:
                raise ValueError(
                    f"Own images are at most {MAX_DRAWINGS:,} of 28 × 28 bytes, each with a digit."
                )
        if not len(self.labels):
            raise ValueError("None of the own images teaches.")
        if not 0 < self.share <= max(SHARES) or self.first_epoch not in range(1, _MOST_EPOCHS + 1):
            raise ValueError("A share is above 0 and at most 0.5, and an epoch one that a run may have.")
        if self.source not in _WORDS:
            raise ValueError(f"Own images are of a visit or of a class, not of {self.source!r}.")

    @classmethod
    def of(cls, digits: OwnDigits, share: float, first_epoch: int = 1) -> "Mixture":
        """What a collection teaches and tests with.

        Raises:
            ValueError: None of them teaches.
        """
        teach, test = ([d for d in digits if d.is_test is part] for part in (False, True))
        return cls(images_of(teach), labels_of(teach), images_of(test), labels_of(test), share, first_epoch)

    def to_dict(self) -> dict[str, Any]:
        """What it was made of, by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the images, the labels and how they are mixed: equal for equal ones."""
        digest = hashlib.sha256(repr((self.share, self.first_epoch, self.source)).encode())
        for array in (self.images, self.labels, self.test_images, self.test_labels):
            digest.update(repr(array.shape).encode())
            digest.update(array.tobytes())
        return digest.hexdigest()

    @property
    def words(self) -> str:
        """What is mixed in, such as "24 own images (10% of each epoch from epoch 6 on)"."""
        n, kind = len(self.labels), _WORDS[self.source]
        kind = kind if n == 1 else kind.replace("image", "images")
        begin = f" from epoch {self.first_epoch} on" if self.first_epoch > 1 else ""
        return f"{n:,} {kind} ({100 * self.share:g}% of each epoch{begin})"


_MOST_EPOCHS: Final = int(LIMITS["epochs"].highest)
