"""What the network of every moment of a film does with the test images: how it confuses them, where they lie.

Computed once by the training process, and packed as one file that the browser reads beside the film. Where
the run kept a network as it was, that is used, and between those the network of the film.

The file is compressed with gzip. Unpacked it holds, for k moments and n images on the map: the confusion
matrices, uint16 of shape (k, 10, 10), true digit × prediction; how much the place of each image on the map
changed, uint16 of shape (k, 2, n), modulo 2¹⁶, in units of 1/65535 of the map's side; then a header in JSON,
and its length in four bytes.
"""

import gzip
import json
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.analysis.evaluation import predict
from mnist_core.analysis.maps import hidden_points, mapped_images, pca_maps
from mnist_core.analysis.moments import moments
from mnist_core.analysis.reports import confusion_of
from mnist_core.arrays import Float32Array
from mnist_core.images.dataset import Dataset
from mnist_core.network.parameters import Parameters
from mnist_core.training.film import read_film
from mnist_core.training.record import RunRecord

_PLACES: Final = 2**16 - 1


def film_views(record: RunRecord, dataset: Dataset) -> bytes:
    """The file for a run's film; done by the training process.

    Raises:
        ValueError: The run has no film, or its activations are not finite numbers at the end.
    """
    if not record.film:
        raise ValueError("There is no film of this run. Train the network again to have one.")
    networks = film_networks(record)
    labels, preparation = dataset.test_labels, record.config.training.preparation
    confusions = [confusion_of(labels, predict(network, dataset, preparation)) for network in networks]
    plane = pca_maps(record, dataset).hidden
    points = np.stack([hidden_points(plane, network, dataset, record) for network in networks])
    mapped = dataset.test_labels[mapped_images(len(labels))]
    header = {"images": len(labels), "labels": "".join(map(str, mapped.tolist()))}
    text = json.dumps(header).encode()
    places = _places(points)
    changes = np.diff(places, axis=0, prepend=np.zeros_like(places[:1]))
    parts = (np.stack(confusions).astype("<u2"), changes.transpose(0, 2, 1).astype("<u2"))
    packed = b"".join(np.ascontiguousarray(part).tobytes() for part in parts)
    return gzip.compress(packed + text + len(text).to_bytes(4, "little"), 6, mtime=0)


def film_networks(record: RunRecord) -> tuple[Parameters, ...]:
    """The network of each moment of a film, exact where the run kept it."""
    kept = {moment.step: moment.parameters for moment in moments(record)}
    film = read_film(record.film)
    pairs = zip(film.moments, film.parameters, strict=True)
    networks = [kept.get(moment.step, network) for moment, network in pairs]
    return (*networks[:-1], record.parameters)


def _places(points: Float32Array) -> NDArray[np.uint16]:
    """Points of shape (k, n, 2) in a square around all of them, the same unit along both axes."""
    finite = np.nan_to_num(points.astype(np.float64))
    low, high = finite.min(axis=(0, 1)), finite.max(axis=(0, 1))
    half = float((high - low).max() / 2) or 1.0
    shares = (finite - (low + high) / 2 + half) / (2 * half)
    places: NDArray[np.uint16] = np.rint(np.clip(shares, 0, 1) * _PLACES).astype(np.uint16)
    return places
