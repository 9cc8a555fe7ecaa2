"""The class's hand: half of the people who drew on a wall teach the network, and the other half test it.

Whole people are divided, not single drawings: a network that has seen somebody's 7 reads that person's other
digits better than those of people whom it has never seen, and it is these that say what a class gains.
"""

import numpy as np

from mnist_core.classroom.walls import WallView
from mnist_core.images.mixture import Mixture

MIN_WRITERS = 2
"""One to teach and one to test."""


def n_writers(view: WallView) -> tuple[int, int]:
    """How many people teach and how many test: in the order of handing in they take turns."""
    n = len(set(view.writers))
    return (n + 1) // 2, n // 2


def class_mixture(view: WallView, share: float, first_epoch: int = 1) -> Mixture:
    """The drawings of a wall, as a training has them.

    Raises:
        ValueError: Fewer than two people have drawn.
    """
    if len(set(view.writers)) < MIN_WRITERS:
        raise ValueError("Two people must have drawn: one to teach and one to test.")
    tests = np.array(view.writers) % 2 == 1
    images, labels = view.images, view.labels
    return Mixture(
        images[~tests], labels[~tests], images[tests], labels[tests], share, first_epoch, source="class"
    )
