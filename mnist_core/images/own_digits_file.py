"""A visitor's own digits as a file to take along, and as a part of the visit; what is read is not trusted.

The file is an `.npz` of plain arrays: `images`, uint8 (n, 28, 28); `labels`, uint8 (n,); `is_test`, bool
(n,); `strokes`, the bytes of a JSON list. `np.load(file, allow_pickle=False)` reads it. Here each array is
looked at before room is made for it: its size stands in its head, where anybody can write anything.
"""

import base64
import io
import json
import math
import zipfile
import zlib
from collections.abc import Sequence
from typing import IO, Any, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from mnist_core.bounds import MAX_OWN_DIGITS, MAX_OWN_FILE_BYTES, MAX_OWN_STROKES_BYTES
from mnist_core.config import N_PIXELS
from mnist_core.images.drawing import DrawingError, Stroke, parse_strokes
from mnist_core.images.own_digits import (
    OwnDigit,
    OwnDigits,
    OwnDigitsError,
    images_of,
    joined,
    labels_of,
)
from mnist_core.images.preparation import IMAGE_SHAPE

_TYPES: Final[dict[str, type]] = {
    "images": np.uint8,
    "labels": np.uint8,
    "is_test": np.bool_,
    "strokes": np.uint8,
}
"""The arrays of a file."""
_NO_FILE: Final = "This is not a file that “Download as .npz” saved here"
_HEAD_LENGTH: Final = 1_000
"""Characters of the head of an array; one of ours has 118."""


def to_npz(digits: OwnDigits) -> bytes:
    """A collection as a file."""
    strokes = json.dumps([digit.strokes_as_list for digit in digits], separators=(",", ":"))
    file = io.BytesIO()
    np.savez_compressed(
        file,
        allow_pickle=False,
        images=images_of(digits),
        labels=labels_of(digits),
        is_test=np.array([digit.is_test for digit in digits], np.bool_),
        strokes=np.frombuffer(strokes.encode(), np.uint8),
    )
    return file.getvalue()


def read_npz(content: bytes) -> OwnDigits:
    """The collection in a file.

    Args:
        content: Of the file; anything at all.

    Raises:
        OwnDigitsError: It is not what `to_npz` writes.
    """
    if len(content) > MAX_OWN_FILE_BYTES:
        raise OwnDigitsError(
            f"A file of own digits has at most {MAX_OWN_FILE_BYTES // 1000:,} kB, and this one has "
            f"{math.ceil(len(content) / 1000):,} kB. Choose a file that “Download as .npz” saved here."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sorted(archive.namelist()) != sorted(f"{name}.npy" for name in _TYPES):
                raise OwnDigitsError(f"{_NO_FILE}: it must hold {', '.join(_TYPES)} and nothing else.")
            arrays = {name: _read_array(archive, name) for name in _TYPES}
    except OwnDigitsError:
        raise
    except Exception as error:  # zipfile, zlib, struct, ast and NumPy name no common class
        raise OwnDigitsError(f"{_NO_FILE}: it is damaged, or something else.") from error
    n = len(arrays["images"])
    if not 1 <= n <= MAX_OWN_DIGITS or any(len(arrays[name]) != n for name in ("labels", "is_test")):
        raise OwnDigitsError(
            f"{_NO_FILE}: it must have 1 to {MAX_OWN_DIGITS} images, each with a label and a part."
        )
    strokes = _strokes_from(arrays["strokes"].tobytes(), n)
    rows = zip(arrays["images"], arrays["labels"].tolist(), arrays["is_test"].tolist(), strokes, strict=True)
    return joined((), _without_repeats([OwnDigit(image.tobytes(), *others) for image, *others in rows]))


def to_text(digits: OwnDigits) -> list[list[Any]]:
    """A collection as plain values, fit for JSON."""
    return [digit.row for digit in digits]


def from_text(values: Any) -> OwnDigits:
    """What `to_text` made.

    Raises:
        ValueError: It is something else.
    """
    if not isinstance(values, list) or len(values) > MAX_OWN_DIGITS:
        raise OwnDigitsError(f"A visit keeps at most {MAX_OWN_DIGITS} images.")
    return tuple(
        OwnDigit(_unpacked(pixels), label, bool(is_test), _strokes(lines))
        for pixels, label, is_test, lines in values
    )


def _read_array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    """An array of a file, once its head has said that it is small enough."""
    with archive.open(f"{name}.npy") as member:
        if npy.read_magic(member) != (1, 0):
            raise OwnDigitsError(f"{_NO_FILE}: {name} has another format.")
        shape, is_fortran, dtype = npy.read_array_header_1_0(member, max_header_size=_HEAD_LENGTH)
        expected = IMAGE_SHAPE if name == "images" else ()
        most = MAX_OWN_STROKES_BYTES if name == "strokes" else MAX_OWN_DIGITS
        if dtype != _TYPES[name] or is_fortran or len(shape) != 1 + len(expected) or shape[1:] != expected:
            raise OwnDigitsError(
                f"{_NO_FILE}: {name} must be {np.dtype(_TYPES[name])} of shape {('n', *expected)}, "
                f"not {str(dtype)[:20]} of shape {str(shape)[:40]}."
            )
        if not 0 <= shape[0] <= most:
            raise OwnDigitsError(f"{_NO_FILE}: {name} may have {most:,} entries at most.")
        return _read_exactly(member, shape, dtype)


def _read_exactly(member: IO[bytes], shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """An array of a shape, from as many bytes and no more."""
    n_bytes = int(np.prod(shape)) * dtype.itemsize
    content = member.read(n_bytes + 1)
    if len(content) != n_bytes or (dtype == np.bool_ and max(content, default=0) > 1):
        raise OwnDigitsError(f"{_NO_FILE}: an array has other contents than its head says.")
    return np.frombuffer(content, dtype).reshape(shape)


def _strokes_from(text: bytes, n: int) -> list[tuple[Stroke, ...]]:
    """The strokes of n images from the JSON of a file."""
    try:
        lists = json.loads(text)
        if not isinstance(lists, list) or len(lists) != n:
            raise OwnDigitsError(f"{_NO_FILE}: it must have strokes, or none, for each image.")
        return [_strokes(lines) for lines in lists]
    except (DrawingError, TypeError, ValueError, RecursionError) as error:
        raise OwnDigitsError(f"{_NO_FILE}: its strokes are none that a canvas draws.") from error


def _strokes(lines: Any) -> tuple[Stroke, ...]:
    """The strokes of which `OwnDigit.strokes_as_list` made lists."""
    if not isinstance(lines, list):
        raise OwnDigitsError("Strokes are a list.")
    return parse_strokes(
        [
            {"width": width, "points": [list(point) for point in zip(values[::2], values[1::2], strict=True)]}
            for width, *values in lines
        ]
    )


def _without_repeats(digits: Sequence[OwnDigit]) -> list[OwnDigit]:
    """The first of equal images: one cannot both teach and test."""
    return list({digit.pixels: digit for digit in reversed(digits)}.values())[::-1]


def _unpacked(text: Any) -> bytes:
    """The pixels of a row of `OwnDigit`, and no more of them.

    Raises:
        ValueError: It is no such text.
    """
    try:
        return zlib.decompressobj().decompress(base64.b64decode(str(text), validate=True), N_PIXELS + 1)
    except zlib.error as error:
        raise OwnDigitsError("An image of the visit is damaged.") from error
