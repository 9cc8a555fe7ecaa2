"""A class's own test set, the digits that people in a room have drawn, as a file."""

import io

import numpy as np

from mnist_core.arrays import ByteArray


def to_npz(images: ByteArray, labels: ByteArray) -> bytes:
    """Drawings as a file with `x_test`, uint8 (n, 28, 28), and `y_test`, uint8 (n,), as `mnist.npz` has them.

    It holds no Python objects, so `np.load(file, allow_pickle=False)` reads it.
    """
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, x_test=images, y_test=labels)
    return file.getvalue()
