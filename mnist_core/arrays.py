"""Types of arrays that several packages use; arrays that cannot be written to, and long ones in parts."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

ByteArray = NDArray[np.uint8]
"""Pixels, 0 to 255."""
Float32Array = NDArray[np.float32]
"""What a network computes with."""
Float64Array = NDArray[np.float64]
"""What formulas are checked and shown with."""
BoolArray = NDArray[np.bool_]
"""Which pixels, or which images."""
IndexArray = NDArray[np.int64]
"""Digits, counts, and numbers of images."""

CHUNK_ROWS: Final = 2_000
"""Images at a time, whose float inputs take 6 MB instead of the 31 MB of all test images."""

_Scalar = TypeVar("_Scalar", bound=np.generic)


class ReadOnlyArrays:
    """For a frozen dataclass: its arrays, also those in tuples and mappings, become read-only views.

    Nothing is copied, and an array stays writable for whoever made it.
    """

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            object.__setattr__(self, name, _with_read_only_arrays(value))


def read_only(array: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """A read-only view of an array; the caller's own array stays writable, so copy what others may change."""
    view = array.view()
    view.setflags(write=False)
    return view


def in_chunks(array: NDArray[_Scalar], n_rows: int = CHUNK_ROWS) -> Iterator[NDArray[_Scalar]]:
    """Views of an array, `n_rows` at a time and fewer at the end; one empty view if it has no rows."""
    for start in range(0, max(1, len(array)), n_rows):
        yield array[start : start + n_rows]


def _with_read_only_arrays(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return read_only(value)
    if isinstance(value, tuple) and any(isinstance(item, np.ndarray) for item in value):
        return tuple(map(_with_read_only_arrays, value))
    if isinstance(value, Mapping) and any(isinstance(item, np.ndarray) for item in value.values()):
        return {name: _with_read_only_arrays(item) for name, item in value.items()}
    return value
