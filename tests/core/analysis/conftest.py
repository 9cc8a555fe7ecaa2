"""A drawing of a five as the network is given it."""

import pytest

from mnist_core.images.drawing import prepare_like_mnist, render
from mnist_core.images.sample_drawings import sample as drawn_sample


@pytest.fixture(scope="module")
def five():
    return prepare_like_mnist(render(drawn_sample(5))).image
