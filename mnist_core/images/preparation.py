"""How an image becomes a network's input, the same way for training, testing and drawing."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import ByteArray
from mnist_core.config import N_PIXELS, Preparation

IMAGE_SHAPE: Final = (28, 28)


def flatten(images: NDArray[Any]) -> NDArray[Any]:
    """Rows of pixels one after another: (n, 28, 28) → (n, 784), every value kept."""
    return images.reshape(len(images), N_PIXELS)


def normalise(pixels: ByteArray) -> NDArray[np.float32]:
    """Gray levels 0 to 255 as float32 from 0 to 1."""
    return pixels.astype(np.float32) / np.float32(255)


def shuffle_pixels(images: ByteArray) -> ByteArray:
    """Every image with its pixels in one fixed random order, (n, 28, 28) → (n, 28, 28)."""
    return flatten(images)[:, pixel_order()].reshape(images.shape)


def pixel_order() -> NDArray[np.int64]:
    """The order of `shuffle_pixels`: the old place of each new pixel, shape (784,)."""
    return np.random.default_rng(0).permutation(N_PIXELS)


def in_image_order(inputs: NDArray[Any], preparation: Preparation = "usual") -> NDArray[Any]:
    """Numbers that belong to inputs, each at the place of its pixel: (n, 784) → (n, 28, 28)."""
    if preparation == "shuffled":
        inputs = inputs[:, np.argsort(pixel_order())]
    return inputs.reshape(-1, *IMAGE_SHAPE)


def network_inputs(images: ByteArray, preparation: Preparation = "usual") -> NDArray[np.float32]:
    """The one preparation of images, for training, testing and drawing: (n, 28, 28) → (n, 784).

    Args:
        images: uint8.
        preparation: "usual"; "undivided" leaves the pixels from 0 to 255, and "shuffled" puts them in one
            fixed random order first: the two that a lesson compares with the usual one.
    """
    if preparation == "undivided":
        return flatten(images).astype(np.float32)
    return normalise(flatten(shuffle_pixels(images) if preparation == "shuffled" else images))
