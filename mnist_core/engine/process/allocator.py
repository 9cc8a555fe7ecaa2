"""What the C library is told about its heap, so that memory which comes and goes does not pile up.

Where there is another C library than glibc, nothing happens.
"""

import contextlib
import ctypes
from typing import Final

_M_TRIM_THRESHOLD: Final = -1  # their numbers in glibc's malloc.h
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8


def give_back_large_blocks() -> None:
    """Have blocks of 128 kB and more given back to the system when they are freed, and few heaps.

    128 kB is where glibc begins; left alone, it raises the size to that of the largest block freed, keeps
    arrays among small objects from then on, and records, evaluations and figures that come and go leave
    holes: 70 MB of them after 100 networks. It would also give each of 16 threads a heap with its own holes.
    """
    _tell("mallopt", _M_MMAP_THRESHOLD, 128 * 1024)
    _tell("mallopt", _M_ARENA_MAX, 2)


def keep_blocks() -> None:
    """Have blocks below 16 MB kept when they are freed, until `trim`.

    Dask starts its workers so that they give back what is free above 64 kB, which also stops glibc from
    learning how large the blocks are that come and go. Where these are arrays of NumPy, thousands of them a
    second, the system would have to clear each page again: trainings would take up to half longer, and
    analyses up to four times as long.
    """
    for threshold in (_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD):
        _tell("mallopt", threshold, 16 * 1024 * 1024)


def trim() -> None:
    """Give back what is free at the end of the heap: 70 MB after compiling."""
    _tell("malloc_trim", 0)


def _tell(function: str, *arguments: int) -> None:
    with contextlib.suppress(AttributeError, OSError, TypeError):
        getattr(ctypes.CDLL(None), function)(*arguments)
