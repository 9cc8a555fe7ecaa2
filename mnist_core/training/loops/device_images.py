"""Arrays as TensorFlow has them: the training images are copied once for each dataset."""

import threading
from typing import Any

import numpy as np
from cachetools import LRUCache, cached
from numpy.typing import NDArray

from mnist_core.bounds import MAX_DATASETS_ON_DEVICE
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import shuffle_pixels
from mnist_core.training.loops.tensorflow_import import import_tensorflow
from mnist_core.training.own_images import with_rows
from mnist_core.training.training_set import TrainingImages


@cached(
    LRUCache(MAX_DATASETS_ON_DEVICE),
    key=lambda dataset, is_shuffled=False: (dataset.fingerprint, is_shuffled),
    condition=threading.Condition(),
)
def images_on_device(dataset: Dataset, is_shuffled: bool = False) -> Any:
    """The training images as a tensor, their pixels shuffled or not; made once for each dataset."""
    images, mixture = dataset.train_images, dataset.mixture
    if mixture is not None:
        images = with_rows(images, mixture.images, mixture)
    return _to_device(shuffle_pixels(images) if is_shuffled else images)


def labels_on_device(labels: NDArray[np.uint8]) -> Any:
    """Labels as an int32 tensor."""
    return _to_device(labels.astype(np.int32))


def seen_on_device(chosen: TrainingImages, epoch: int) -> Any:
    """The images as an epoch (from 1) of a run shows them, prepared as it wants them.

    All training images of the dataset, which epochs and runs share; where they are moved, those of the run.
    """
    is_shuffled = chosen.config.training.preparation == "shuffled"
    if not chosen.config.training.shift:
        return images_on_device(chosen.dataset, is_shuffled)
    images = chosen.rows(epoch)
    return _to_device(shuffle_pixels(images) if is_shuffled else images)


def _to_device(array: NDArray[Any]) -> Any:
    """`tf.constant` would make the same tensor in eight times the time."""
    return import_tensorflow().convert_to_tensor(array)
