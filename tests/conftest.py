"""Fixtures that several test files share."""

import os
from pathlib import Path

import pytest

from mnist_core.data import Dataset, load_embedded, load_npz

SHARED_MNIST = Path(__file__).parents[2] / "shared" / "data" / "mnist.npz"


@pytest.fixture(scope="session")
def mnist() -> Dataset:
    """The whole of MNIST, where it is at hand."""
    path = Path(os.environ.get("MNIST_PATH", SHARED_MNIST))
    if not path.is_file():
        pytest.skip("the whole of MNIST is not on this machine (MNIST_PATH)")
    return load_npz(path)


@pytest.fixture(scope="session")
def sample() -> Dataset:
    """The embedded images."""
    return load_embedded()
