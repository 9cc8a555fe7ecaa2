"""Collections of own digits that tests train on."""

import numpy as np

from mnist_core.images.own_digits import add


def noise(n=7, seed=0):
    """Images of noise: n that teach and n that test, each twice of a digit."""
    random = np.random.default_rng(seed)
    kept = ()
    for number in range(2 * n):
        kept = add(kept, random.integers(0, 256, (28, 28)).astype(np.uint8), number // 2 % 10)
    return kept
