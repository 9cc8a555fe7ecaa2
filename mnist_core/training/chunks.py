"""The updates of an epoch in chunks of one fixed shape, with all that the compiled loop is given for them."""

import math
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import Float32Array
from mnist_core.config import LIMITS, RunConfig
from mnist_core.training.dropout import kept_neurons
from mnist_core.training.stretches import Stretch, learning_rates, timeline_of
from mnist_core.training.training_set import TrainingImages

CHUNK_SECONDS: Final = 0.05
"""About how long one chunk of updates takes: short enough to stop at once and to see the curve grow."""


class Chunk(NamedTuple):
    """A chunk of updates, a row each; rows of no images at its end are not run.

    Attributes:
        batches: Image numbers, shape (n_rows, batch_size).
        counts: How many of each row count, shape (n_rows,): the last batch of an epoch may be smaller.
        learning_rates: Shape (n_rows,); None if a run has the same for all updates of a chapter.
        kept: Which hidden neurons take part, shape (n_rows, batch_size, units); None without dropout.
    """

    batches: NDArray[np.int32]
    counts: NDArray[np.int32]
    learning_rates: Float32Array | None = None
    kept: NDArray[np.bool_] | None = None


def steps_per_chunk(config: RunConfig) -> int:
    """Updates in one call of the compiled loop: about `CHUNK_SECONDS`' worth on a laptop's core.

    The cost of a step is estimated as 15 µs and, for each parameter, 0.0008 µs for its update and
    0.0001 µs for each image of the batch (measured; a rough guess does).
    """
    batch_size = config.training.batch_size
    microseconds = 15 + config.network.n_parameters * (0.0008 + 0.0001 * batch_size)
    most = math.ceil(LIMITS["n_training_images"].highest / batch_size)
    return min(most, max(1, round(CHUNK_SECONDS * 1e6 / microseconds)))


def chunks(
    chosen: TrainingImages,
    stretch: Stretch,
    epoch: int,
    n_rows: int,
    *,
    begin: int,
    end: int | None = None,
    cuts: Sequence[int] = (),
) -> Iterator[Chunk]:
    """The updates of an epoch, or some of them.

    Args:
        chosen: The images of the run.
        stretch: The chapter of the epoch.
        epoch: From 1.
        n_rows: Updates of a chunk at most.
        begin: The updates of the epoch that are made already.
        end: The update of the epoch to end with; None: its last.
        cuts: After how many of them a chunk must end.
    """
    order, batch_size = chosen.order(epoch), stretch.config.training.batch_size
    n_steps = -(-len(order) // batch_size) if end is None else end
    while begin < n_steps:
        stop = min(begin + n_rows, n_steps, *(cut for cut in cuts if cut > begin))
        images = order[begin * batch_size : stop * batch_size]
        batches = np.zeros((n_rows, batch_size), np.int32)
        batches.ravel()[: len(images)] = images
        counts = np.clip(len(images) - batch_size * np.arange(n_rows), 0, batch_size).astype(np.int32)
        rates = _rates(chosen, stretch, epoch, begin, n_rows)
        yield Chunk(batches, counts, rates, _kept(stretch, epoch, begin, stop, n_rows))
        begin = stop


def _rates(
    chosen: TrainingImages, stretch: Stretch, epoch: int, begin: int, n_rows: int
) -> Float32Array | None:
    if stretch.config.training.schedule == "constant":
        return None
    timeline = timeline_of(chosen.config, chosen.n_training)
    steps = timeline.ends[epoch - 1] + begin + 1 + np.arange(n_rows)
    return learning_rates(stretch, timeline, steps).astype(np.float32)


def _kept(stretch: Stretch, epoch: int, begin: int, end: int, n_rows: int) -> NDArray[np.bool_] | None:
    config = stretch.config
    if not config.training.dropout:
        return None
    kept = np.zeros((n_rows, config.training.batch_size, sum(config.network.hidden_units)), np.bool_)
    kept[: end - begin] = kept_neurons(config, epoch, begin, end - begin)
    return kept
