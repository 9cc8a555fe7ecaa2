"""Maps of test images: points that lie close where the network, or the pixels, are alike.

A hidden layer of 32 neurons gives 32 numbers an image; a map has room for two. PCA chooses the two directions
in which the images differ most; t-SNE (van der Maaten and Hinton, 2008) places every image anew so that near
neighbours stay near, and gives up all larger distances for it. Both are scikit-learn's, and run as analyses
in the training process.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.analysis.inspection import layer_activations
from mnist_core.arrays import Float32Array, ReadOnlyArrays
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import flatten, normalise
from mnist_core.network.parameters import Parameters
from mnist_core.training.record import RunRecord

N_MAPPED: Final = 2_000
"""Images on a map, or all test images where there are fewer."""
MAP_SEED: Final = 0
"""Of which images are drawn, and of t-SNE."""
PERPLEXITY: Final = 30
"""Roughly how many near neighbours of an image t-SNE heeds."""
MIN_IMAGES: Final = 100
"""Of fewer, t-SNE makes no map worth looking at."""
_ITERATIONS: Final = 500  # 1,000 take twice as long, and the map looks the same
_N_COMPONENTS: Final = 50  # pixels are brought to these before t-SNE, as van der Maaten and Hinton do


@dataclass(frozen=True, eq=False)
class Plane(ReadOnlyArrays):
    """The two directions in which some rows of numbers differ most; arrays are read-only.

    Attributes:
        mean: Shape (n_features,), float64.
        directions: Shape (2, n_features), float64, orthonormal; zeros for a direction there is not.
        shares: Shape (2,), the share of the variance along each, from 0 to 1.
    """

    mean: NDArray[np.float64]
    directions: NDArray[np.float64]
    shares: NDArray[np.float64]

    def project(self, rows: NDArray[np.floating[Any]]) -> Float32Array:
        """Where rows lie on the plane: shape (n, n_features) → (n, 2), float32."""
        points: Float32Array = ((rows - self.mean) @ self.directions.T).astype(np.float32)
        return points


@dataclass(frozen=True, eq=False)
class PcaMaps:
    """Both maps by PCA.

    Attributes:
        hidden: The plane of the last hidden layer's activations at the end of training.
        pixels: The plane of the pixels, from 0 to 1.
    """

    hidden: Plane
    pixels: Plane


@dataclass(frozen=True, eq=False)
class TsneMaps(ReadOnlyArrays):
    """Both maps by t-SNE; arrays are read-only float32 of shape (n, 2).

    Attributes:
        hidden: Of the last hidden layer's activations at the end of training.
        pixels: Of the pixels.
    """

    hidden: Float32Array
    pixels: Float32Array


def mapped_images(n_test: int) -> NDArray[np.int64]:
    """Which test images are on a map: at most 2,000, drawn at random, in ascending order."""
    drawn = np.random.default_rng(MAP_SEED).permutation(n_test)[:N_MAPPED]
    return np.sort(drawn)


def pca_maps(record: RunRecord, dataset: Dataset) -> PcaMaps:
    """Fit both planes of a run.

    One plane, fitted to the network at the end, serves every moment of the replay: an image's point then
    moves only because its activations do, and every moment is seen from the same side. A plane of each
    moment's own could turn and flip from one to the next, though nothing else had changed.

    Raises:
        ValueError: The activations are not finite numbers.
    """
    return PcaMaps(_fit(_hidden(record, dataset)), _pixel_plane(dataset))


def tsne_maps(record: RunRecord, dataset: Dataset) -> TsneMaps:
    """Place the images by t-SNE, once by their activations and once by their pixels.

    Raises:
        ValueError: There are too few images, or the activations are not finite numbers.
    """
    return TsneMaps(_embed(_hidden(record, dataset)), _pixel_embedding(dataset))


def hidden_points(plane: Plane, parameters: Parameters, dataset: Dataset, record: RunRecord) -> Float32Array:
    """Where the mapped images lie on the plane at one moment.

    Args:
        plane: Of the run's last hidden layer.
        parameters: Of that moment.
        dataset: Whose test images are mapped.
        record: Of the run.

    Returns:
        Shape (n, 2).
    """
    return plane.project(_activations(parameters, dataset, record))


def pixel_points(plane: Plane, dataset: Dataset) -> Float32Array:
    """Where the mapped images lie on the plane of their pixels: shape (n, 2)."""
    return plane.project(_pixels(dataset))


def _activations(parameters: Parameters, dataset: Dataset, record: RunRecord) -> Float32Array:
    images = dataset.test_images[mapped_images(len(dataset.test_images))]
    last = len(parameters.weights) - 2
    return layer_activations(parameters, images, last, record.config.training.preparation)


def _hidden(record: RunRecord, dataset: Dataset) -> Float32Array:
    activations = _activations(record.parameters, dataset, record)
    if not np.isfinite(activations).all():
        raise ValueError("The activations of this network are not finite numbers; there is no map of them.")
    return activations


def _pixels(dataset: Dataset) -> Float32Array:
    return normalise(flatten(dataset.test_images[mapped_images(len(dataset.test_images))]))


def _fit(rows: Float32Array) -> Plane:
    """The plane of rows of shape (n, n_features); what varies in one direction only makes a line of it."""
    from sklearn.decomposition import PCA

    directions, shares = np.zeros((2, rows.shape[1])), np.zeros(2)
    wide = rows.astype(np.float64)
    if wide.std(axis=0).any():
        fitted = PCA(min(2, *rows.shape), svd_solver="covariance_eigh").fit(wide)
        directions[: fitted.n_components_] = fitted.components_
        shares[: fitted.n_components_] = fitted.explained_variance_ratio_
    return Plane(wide.mean(axis=0), directions, shares)


def _embed(rows: Float32Array) -> Float32Array:
    """Begin with the PCA map, as scikit-learn advises, and let t-SNE move the points: shape (n, 2)."""
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    if len(rows) < MIN_IMAGES:
        raise ValueError(f"A t-SNE map needs at least {MIN_IMAGES} test images, not {len(rows)}.")
    start = _fit(rows).project(rows)
    spread = float(start[:, 0].std())
    is_flat = spread == 0  # the same on every image: nothing to begin with
    init = "random" if is_flat else start / spread * np.float32(1e-4)
    embedding = TSNE(2, perplexity=PERPLEXITY, init=init, max_iter=_ITERATIONS, random_state=MAP_SEED)
    with threadpool_limits(1):  # beside a busy dashboard, two threads take longer than one
        places: Float32Array = embedding.fit_transform(rows)
    return places.astype(np.float32)


@lru_cache(maxsize=2)
def _pixel_plane(dataset: Dataset) -> Plane:
    """The same for every run on the same images; the training process keeps each dataset once."""
    return _fit(_pixels(dataset))


@lru_cache(maxsize=2)
def _pixel_embedding(dataset: Dataset) -> Float32Array:
    """This too; and it takes a while."""
    from sklearn.decomposition import PCA

    pixels = _pixels(dataset)
    n_components = min(_N_COMPONENTS, *pixels.shape)
    return _embed(PCA(n_components, random_state=MAP_SEED).fit_transform(pixels))
