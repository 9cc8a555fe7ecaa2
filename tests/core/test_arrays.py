"""Arrays that cannot be written to, and arrays in parts."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.arrays import ReadOnlyArrays, in_chunks, read_only


@dataclass(frozen=True, eq=False)
class Result(ReadOnlyArrays):
    """A result with arrays in every place where results have them."""

    array: np.ndarray
    layers: tuple[np.ndarray, ...]
    by_name: dict[str, np.ndarray]
    names: tuple[str, ...] = ("a",)
    n: int = 3


def test_a_results_arrays_cannot_be_written_and_its_callers_stay_writable():
    own = [np.zeros(2) for _ in range(3)]
    result = Result(own[0], (own[1],), {"a": own[2]})
    for array in (result.array, *result.layers, *result.by_name.values()):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    for array in own:
        array[0] = 1
    assert (result.names, result.n) == (("a",), 3)


def test_a_read_only_view_copies_nothing():
    array = np.zeros(2)
    view = read_only(array)
    assert np.shares_memory(array, view)
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 1
    array[0] = 1


@given(n=st.integers(0, 50), n_rows=st.integers(1, 20))
def test_chunks_are_the_whole_array_in_its_order_and_none_is_too_long(n, n_rows):
    array = np.arange(2 * n).reshape(n, 2)
    chunks = list(in_chunks(array, n_rows))
    assert np.array_equal(np.concatenate(chunks), array)
    assert all(len(chunk) == n_rows for chunk in chunks[:-1])
    assert len(chunks[-1]) <= n_rows
